//! Frames whose checksum was verified, kept for the next read. A journey's events lie in many frames, a frame holds many
//! journeys, and reading one event would otherwise fetch and verify hundreds of kilobytes again.

use std::sync::{Mutex, PoisonError};

use lru::LruCache;

use crate::{codec::Malformed, frame::Frame, store::Kept};

/// Bytes of frames kept by default.
const BYTES_MAX: usize = 64 * 1024 * 1024;

/// The bytes of a frame that were verified.
#[derive(Clone)]
pub(crate) struct VerifiedFrame(Kept);

/// The frames read last, up to so many bytes.
pub(crate) struct FrameCache {
    bytes_max: usize,
    held: Mutex<Held>,
}

struct Held {
    frames: LruCache<u64, VerifiedFrame>,
    bytes: usize,
}

impl VerifiedFrame {
    /// Verifies the frame's checksum.
    pub(crate) fn of(kept: Kept) -> Result<Self, Malformed> {
        Frame::parse(&kept.bytes, kept.first)?;
        Ok(Self(kept))
    }

    /// The frame.
    pub(crate) fn frame(&self) -> Frame<'_> {
        Frame::of_verified(&self.0.bytes)
    }
}

impl Default for FrameCache {
    fn default() -> Self {
        Self::with_room(BYTES_MAX)
    }
}

impl FrameCache {
    fn with_room(bytes_max: usize) -> Self {
        Self { bytes_max, held: Mutex::new(Held { frames: LruCache::unbounded(), bytes: 0 }) }
    }

    /// The frame that begins at `first`; fetched where it is not kept.
    pub(crate) fn get<E>(
        &self,
        first: u64,
        fetch: impl FnOnce() -> Result<VerifiedFrame, E>,
    ) -> Result<VerifiedFrame, E> {
        if let Some(frame) = self.held.lock().unwrap_or_else(PoisonError::into_inner).frames.get(&first) {
            return Ok(frame.clone());
        }
        let frame = fetch()?;
        let bytes = frame.0.bytes.len();
        if bytes <= self.bytes_max {
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            held.bytes += bytes;
            if let Some(same) = held.frames.put(first, frame.clone()) {
                held.bytes -= same.0.bytes.len();
            }
            while held.bytes > self.bytes_max {
                let Some((_, oldest)) = held.frames.pop_lru() else { break };
                held.bytes -= oldest.0.bytes.len();
            }
        }
        Ok(frame)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::frame;

    fn fetched(first: u64, body_bytes: usize) -> Result<VerifiedFrame, Malformed> {
        let bytes = frame::build(first, 1, &[0; 32], &vec![1; body_bytes]);
        VerifiedFrame::of(Kept { first, bytes: bytes.into() })
    }

    proptest! {
        #[test]
        fn the_cache_stays_within_its_bytes_and_gives_the_frame_asked_for(
            asked in prop::collection::vec((0..20_u64, 100..900_usize), 1..100),
        ) {
            let cache = FrameCache::with_room(2_000);
            for (first, bytes) in asked {
                let frame = cache.get(first, || fetched(first, bytes)).unwrap();
                prop_assert_eq!(frame.frame().first, first);
                let held = cache.held.lock().unwrap();
                let kept: usize = held.frames.iter().map(|(_, frame)| frame.0.bytes.len()).sum();
                prop_assert_eq!(kept, held.bytes);
                prop_assert!(kept <= 2_000);
            }
        }
    }

    #[test]
    fn a_frame_kept_is_not_fetched_again_and_a_damaged_one_is_not_kept() {
        let cache = FrameCache::default();
        let damaged = || {
            let mut bytes = frame::build(3, 1, &[0; 32], &[1; 200]);
            bytes[100] ^= 1;
            VerifiedFrame::of(Kept { first: 3, bytes: bytes.into() })
        };
        assert!(cache.get(3, damaged).is_err());
        assert!(cache.get(3, || fetched(3, 200)).is_ok());
        assert!(cache.get(3, damaged).is_ok());
    }
}
