//! A frame that sled lost or changed, found by a read, and restored from the journal before the read goes on.

use throughline_domain::Position;

use crate::{
    Error, Log,
    frame::{self, Frame},
    journal::{Journal, Piece, Segment},
    record::Hash,
    store::Store,
};

/// Frames that one read restores at most; past these the log needs a repair, not a reader.
const RESTORED_MAX: usize = 1024;

impl Log {
    /// Reads; where a frame is missing or damaged, once more after it was restored from the journal. The error stays
    /// where the journal does not have the frame either, or not one that its neighbours name.
    pub(crate) fn mending<T>(&self, read: impl Fn() -> Result<T, Error>) -> Result<T, Error> {
        mending(&self.store, &self.journal, read)
    }
}

/// The same, where there is no [`Log`] at hand.
pub(crate) fn mending<T>(
    store: &Store,
    journal: &Journal,
    read: impl Fn() -> Result<T, Error>,
) -> Result<T, Error> {
    let mut answer = read();
    for _ in 0..RESTORED_MAX {
        match &answer {
            Err(Error::Damaged { position: Position(position), .. })
                if restore(store, journal, *position)? =>
            {
                answer = read();
            }
            _ => break,
        }
    }
    answer
}

/// Puts the journal's frame that holds this position into sled; whether sled had another or none.
fn restore(store: &Store, journal: &Journal, position: u64) -> Result<bool, Error> {
    let segments = journal.segments();
    let Some(of) = segments.iter().rfind(|first| **first <= position) else { return Ok(false) };
    let segment = journal.read(*of)?;
    let held = segment.pieces.iter().find_map(|piece| match piece {
        Piece::Frame { at, first, end, previous } if (*first..*end).contains(&position) => {
            Some((&segment.bytes[at.clone()], *first, *end, *previous))
        }
        _ => None,
    });
    let Some((bytes, first, end, previous)) = held else { return Ok(false) };
    if store.frame(first).is_ok_and(|kept| *kept.bytes == *bytes)
        || hash_before(store, &segment, first)? != Some(previous)
        || !is_named_after(store, end, frame::hash(bytes))?
    {
        return Ok(false);
    }
    store.put(first, bytes)?;
    let file = store.path().display();
    tracing::warn!(%file, position = first, "a frame was missing or damaged; restored from the journal");
    Ok(true)
}

/// Hash of the frame before this position, as the journal has it or, at the beginning of a segment, sled.
fn hash_before(store: &Store, segment: &Segment, first: u64) -> Result<Option<Hash>, Error> {
    let Some(before) = first.checked_sub(1) else { return Ok(Some(Hash::default())) };
    let in_journal = segment.pieces.iter().find_map(|piece| match piece {
        Piece::Frame { at, end, .. } if *end == first => Some(frame::hash(&segment.bytes[at.clone()])),
        _ => None,
    });
    if in_journal.is_some() {
        return Ok(in_journal);
    }
    let ends_here = |kept: &crate::store::Kept| {
        Frame::parse(&kept.bytes, kept.first).is_ok_and(|frame| frame.end() == first)
    };
    Ok(store.holding(before)?.filter(ends_here).map(|kept| frame::hash(&kept.bytes)))
}

/// Whether the frame after, where sled has one that can be read, names this hash.
fn is_named_after(store: &Store, end: u64, hash: Hash) -> Result<bool, Error> {
    let after = store.portion(end, end + 1, 1)?;
    let named = |kept: &crate::store::Kept| {
        Frame::parse(&kept.bytes, kept.first).map_or(true, |frame| frame.previous == hash)
    };
    Ok(after.first().is_none_or(named))
}
