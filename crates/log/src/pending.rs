//! Frames that the journal has made durable and sled does not have yet. They can be read from here, so that an append
//! waits for the journal alone; a thread of their own takes them to sled, oldest first. What a crash leaves here, the
//! next open brings to sled from the journal.

use std::{
    collections::BTreeMap,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sled::IVec;

use crate::{Error, store::Kept};

/// Bytes that may wait; a commit waits for sled beyond that.
const BYTES_MAX: usize = 64 * 1024 * 1024;

/// Bytes that are taken to sled at once. Fewer wait a moment for more: waking a thread for every small commit would
/// take longer than the commit.
const BYTES_AT_ONCE: usize = 1024 * 1024;

/// That moment.
const LINGER: Duration = Duration::from_millis(10);

/// The frames that wait for sled.
#[derive(Default)]
pub(crate) struct Pending {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    frames: BTreeMap<u64, IVec>,
    bytes: usize,
    closing: bool,
    /// Why sled takes no more.
    failed: Option<String>,
}

/// What there is to do.
pub(crate) enum Next {
    /// These frames, oldest first.
    Take(Vec<Kept>),
    /// Nothing, for as long as was asked.
    Nothing,
    /// Nothing, and there will not be.
    Closed,
}

impl Pending {
    /// Takes in the newest frame. Waits where sled is far behind.
    pub(crate) fn add(&self, first: u64, frame: IVec) {
        let mut waiting = self.lock();
        let (before, was_empty) = (waiting.bytes, waiting.frames.is_empty());
        waiting.bytes += frame.len();
        waiting.frames.insert(first, frame);
        if was_empty || before < BYTES_AT_ONCE && waiting.bytes >= BYTES_AT_ONCE {
            self.changed.notify_all();
        }
        let behind = |waiting: &mut Waiting| waiting.bytes > BYTES_MAX && waiting.failed.is_none();
        drop(self.changed.wait_while(waiting, behind).unwrap_or_else(PoisonError::into_inner));
    }

    /// Refuses once sled took no more.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.lock().failed.as_ref().map_or(Ok(()), |reason| Err(Error::ReadOnly(reason.clone())))
    }

    /// What to take to sled next; waits for it at most so long.
    pub(crate) fn next(&self, at_most: Duration) -> Next {
        let idle = |waiting: &mut Waiting| waiting.frames.is_empty() && !waiting.closing;
        let (waiting, _) = self
            .changed
            .wait_timeout_while(self.lock(), at_most, idle)
            .unwrap_or_else(PoisonError::into_inner);
        if waiting.frames.is_empty() {
            return if waiting.closing { Next::Closed } else { Next::Nothing };
        }
        let few = |waiting: &mut Waiting| waiting.bytes < BYTES_AT_ONCE && !waiting.closing;
        let (waiting, _) =
            self.changed.wait_timeout_while(waiting, LINGER, few).unwrap_or_else(PoisonError::into_inner);
        let kept = |(first, bytes): (&u64, &IVec)| Kept { first: *first, bytes: bytes.clone() };
        Next::Take(waiting.frames.iter().map(kept).collect())
    }

    /// Drops a frame that sled has.
    pub(crate) fn settle(&self, first: u64) {
        let mut waiting = self.lock();
        if let Some(frame) = waiting.frames.remove(&first) {
            waiting.bytes -= frame.len();
        }
        self.changed.notify_all();
    }

    /// Says that sled takes no more. What waits can still be read.
    pub(crate) fn fail(&self, reason: &str) {
        self.lock().failed.get_or_insert_with(|| reason.to_owned());
        self.changed.notify_all();
    }

    /// Lets [`Pending::next`] come to its end.
    pub(crate) fn close(&self) {
        self.lock().closing = true;
        self.changed.notify_all();
    }

    /// The frame that begins here.
    pub(crate) fn get(&self, first: u64) -> Option<Kept> {
        self.lock().frames.get(&first).map(|bytes| Kept { first, bytes: bytes.clone() })
    }

    /// The last frame that begins at or before this position.
    pub(crate) fn at_or_before(&self, position: u64) -> Option<Kept> {
        let waiting = self.lock();
        let (first, bytes) = waiting.frames.range(..=position).next_back()?;
        Some(Kept { first: *first, bytes: bytes.clone() })
    }

    /// Where the oldest frame begins, and those from `from` on and before `end`.
    pub(crate) fn range(&self, from: u64, end: u64) -> (Option<u64>, Vec<Kept>) {
        let waiting = self.lock();
        let oldest = waiting.frames.first_key_value().map(|(first, _)| *first);
        let frames = if from < end {
            let kept = |(first, bytes): (&u64, &IVec)| Kept { first: *first, bytes: bytes.clone() };
            waiting.frames.range(from..end).map(kept).collect()
        } else {
            Vec::new()
        };
        (oldest, frames)
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
