//! Frames in a tree of sled, cut into pieces. sled writes a value again whenever its neighbours in the tree change, and
//! puts values past 128 KiB into files of their own that it is slow to remove: whole frames took three times their bytes
//! on the disk, frames in pieces half as many more.
//!
//! The first piece stands under the frame's first position (u64, big-endian), every other under that and its number
//! (u16, big-endian, from 1 on). What a frame's header says of its length is not asked here: all pieces there are, joined
//! in their order, are the frame's bytes.

use sled::{Batch, IVec, Tree};

/// Bytes of a piece; the last of a frame has fewer.
pub(crate) const PIECE_BYTES: usize = 96 * 1024;

const POSITION_BYTES: usize = 8;

/// The frames of one tree.
pub(crate) struct Pieces(pub Tree);

/// What stands under one position.
pub(crate) struct Whole {
    /// None where a key is too short to hold one.
    pub first: Option<u64>,
    pub bytes: IVec,
}

impl Pieces {
    /// Puts a frame in, all of its pieces or none; what stood there before is gone.
    pub(crate) fn put(&self, first: u64, frame: &[u8]) -> sled::Result<()> {
        let before = self.0.range(rest(first)).keys().collect::<sled::Result<Vec<_>>>()?;
        if frame.len() <= PIECE_BYTES && before.is_empty() {
            return self.0.insert(first.to_be_bytes(), frame).map(drop);
        }
        let mut batch = Batch::default();
        for key in before {
            batch.remove(key);
        }
        for (number, piece) in (0_u16..).zip(frame.chunks(PIECE_BYTES)) {
            batch.insert(key(first, number), piece);
        }
        self.0.apply_batch(batch)
    }

    /// Takes out whatever stands under a position.
    pub(crate) fn remove(&self, first: u64) -> sled::Result<()> {
        let mut batch = Batch::default();
        batch.remove(&first.to_be_bytes());
        for key in self.0.range(rest(first)).keys() {
            batch.remove(key?);
        }
        self.0.apply_batch(batch)
    }

    /// What stands under this position.
    pub(crate) fn get(&self, first: u64) -> sled::Result<Option<IVec>> {
        let Some(head) = self.0.get(first.to_be_bytes())? else { return Ok(None) };
        // A piece that is not full is the last.
        if head.len() < PIECE_BYTES {
            return Ok(Some(head));
        }
        let rest = self.0.range(rest(first)).values().collect::<sled::Result<Vec<_>>>()?;
        Ok(Some(joined(head, &rest)))
    }

    /// What stands last.
    pub(crate) fn last(&self) -> sled::Result<Option<Whole>> {
        self.0.last()?.map(|(key, _)| self.whole(&key)).transpose()
    }

    /// What stands at this position, or last before it.
    pub(crate) fn at_or_before(&self, position: u64) -> sled::Result<Option<Whole>> {
        let end = key(position, u16::MAX);
        let found = self.0.range(..=end).next_back().transpose()?;
        found.map(|(key, _)| self.whole(&key)).transpose()
    }

    /// Whether anything stands at this position or later.
    pub(crate) fn reaches(&self, position: u64) -> sled::Result<bool> {
        self.0.range(position.to_be_bytes()..).next().transpose().map(|next| next.is_some())
    }

    /// What stands at `from` or later and before `end`, in order, until it takes `bytes`.
    pub(crate) fn range(&self, from: u64, end: u64, bytes: usize) -> sled::Result<Vec<Whole>> {
        let (mut taken, mut found) = (0, Vec::new());
        let mut entries = self.0.range(from.to_be_bytes()..end.max(from).to_be_bytes()).peekable();
        while let Some(entry) = entries.next() {
            let (key, head) = entry?;
            let mut rest = Vec::new();
            while let Some(Ok((next, _))) = entries.peek()
                && key.len() >= POSITION_BYTES
                && next.starts_with(&key[..POSITION_BYTES])
            {
                rest.extend(entries.next().transpose()?.map(|(_, piece)| piece));
            }
            let bytes_here = joined(head, &rest);
            taken += bytes_here.len();
            found.push(Whole { first: position(&key), bytes: bytes_here });
            if taken >= bytes {
                break;
            }
        }
        Ok(found)
    }

    /// All that stands under the position of this key.
    fn whole(&self, key: &[u8]) -> sled::Result<Whole> {
        let Some(first) = position(key) else { return Ok(Whole { first: None, bytes: IVec::default() }) };
        Ok(Whole { first: Some(first), bytes: self.get(first)?.unwrap_or_default() })
    }
}

fn joined(head: IVec, rest: &[IVec]) -> IVec {
    if rest.is_empty() {
        return head;
    }
    let mut bytes = Vec::with_capacity(head.len() + rest.iter().map(|piece| piece.len()).sum::<usize>());
    bytes.extend_from_slice(&head);
    for piece in rest {
        bytes.extend_from_slice(piece);
    }
    bytes.into()
}

fn position(key: &[u8]) -> Option<u64> {
    key.first_chunk().map(|first| u64::from_be_bytes(*first))
}

fn key(first: u64, number: u16) -> Vec<u8> {
    let mut key = first.to_be_bytes().to_vec();
    if number > 0 {
        key.extend_from_slice(&number.to_be_bytes());
    }
    key
}

/// Keys of all pieces of a frame but the first.
fn rest(first: u64) -> std::ops::RangeInclusive<Vec<u8>> {
    key(first, 1)..=key(first, u16::MAX)
}
