//! Rows that a rebuild wrote, several in one value: putting a value into sled costs about the same whatever its size, and a
//! row by itself cost as much as folding it.
//!
//! A block holds rows whose journeys' ids end in the same byte, ascending, and reaches up to where the next block of that
//! byte begins. So a row is in the last block that begins at or before it, or in none. The log shows journeys in this order,
//! but does not promise to: a row that comes out of order is left to be written by itself. A row by itself goes before one in
//! a block, and an empty one says that there is none.
//!
//! Key: `b` · the last byte of the ids · the first id. Value: of each row its journey's id · its length (u32, big-endian) ·
//! the sealed row.

use std::sync::{Mutex, PoisonError};

use sled::{IVec, Tree};
use throughline_domain::JourneyId;

use crate::Error;

const BLOCK: u8 = b'b';

/// Bytes past which a block is full. A reader fetches a leaf of sled's, up to 16 values, for any row in it.
const BLOCK_BYTES: usize = 4 * 1024;

const ID_BYTES: usize = 16;
const PREFIX_BYTES: usize = ID_BYTES + 4;

/// Blocks being filled, by the last byte of the ids in them.
pub(crate) struct Blocks([Mutex<Begun>; 256]);

#[derive(Default)]
struct Begun {
    /// The first in this block; none while it is empty.
    first: Option<JourneyId>,
    /// The last taken, into this block or one before it.
    last: Option<JourneyId>,
    bytes: Vec<u8>,
}

/// Where a journey's row lies among those of a rebuild: whoever reads many reads them in this order.
pub(crate) fn place(journey: JourneyId) -> (u8, JourneyId) {
    let [.., last] = journey.bytes();
    (last, journey)
}

impl Blocks {
    pub fn new() -> Self {
        Self(std::array::from_fn(|_| Mutex::default()))
    }

    /// Takes a sealed row; false where it comes out of order and is left to the caller.
    pub fn take(&self, tree: &Tree, journey: JourneyId, sealed: &[u8]) -> Result<bool, Error> {
        let (last_byte, _) = place(journey);
        let mut begun = self.0[usize::from(last_byte)].lock().unwrap_or_else(PoisonError::into_inner);
        if begun.last.is_some_and(|last| journey <= last) {
            return Ok(false);
        }
        let length = u32::try_from(sealed.len())
            .map_err(|_| Error::Store(format!("the row of {journey} is past 4 GiB")))?;
        begun.last = Some(journey);
        begun.first.get_or_insert(journey);
        begun.bytes.extend_from_slice(&journey.bytes());
        begun.bytes.extend_from_slice(&length.to_be_bytes());
        begun.bytes.extend_from_slice(sealed);
        if begun.bytes.len() >= BLOCK_BYTES {
            begun.write(tree)?;
        }
        Ok(true)
    }

    /// Says that a journey has no row. Where it is shown once more and has one, that one is left to the caller, as this was.
    pub fn pass(&self, journey: JourneyId) {
        let (last_byte, _) = place(journey);
        let mut begun = self.0[usize::from(last_byte)].lock().unwrap_or_else(PoisonError::into_inner);
        begun.last = begun.last.max(Some(journey));
    }

    /// Writes those that are not full.
    pub fn finish(&self, tree: &Tree) -> Result<(), Error> {
        self.0.iter().try_for_each(|begun| begun.lock().unwrap_or_else(PoisonError::into_inner).write(tree))
    }
}

impl Begun {
    fn write(&mut self, tree: &Tree) -> Result<(), Error> {
        if let Some(first) = self.first.take() {
            tree.insert(key(first), self.bytes.as_slice())?;
            self.bytes.clear();
        }
        Ok(())
    }
}

/// The sealed row of a journey that is in a block.
pub(crate) fn find(tree: &Tree, journey: JourneyId) -> Result<Option<IVec>, Error> {
    let key = key(journey);
    let Some(entry) = tree.range(&key[..2]..=&key[..]).next_back() else { return Ok(None) };
    let (_, block) = entry?;
    let found = rows(&block)?.into_iter().find(|(of, ..)| *of == journey);
    Ok(found.map(|(_, at, length)| block.subslice(at, length)))
}

/// The journeys of every row in a block, in the order of [`place`].
pub(crate) fn journeys(tree: &Tree) -> Result<Vec<JourneyId>, Error> {
    let mut journeys = Vec::new();
    for block in tree.scan_prefix([BLOCK]).values() {
        journeys.extend(rows(&block?)?.into_iter().map(|(journey, ..)| journey));
    }
    Ok(journeys)
}

/// The rows of a block: whose, where their bytes begin, and how many there are.
fn rows(block: &[u8]) -> Result<Vec<(JourneyId, usize, usize)>, Error> {
    let damaged = || Error::Store("a block of rows ends within a row; rebuild the view".to_owned());
    let (mut rows, mut at) = (Vec::new(), 0);
    while let Some(rest) = block.get(at..).filter(|rest| !rest.is_empty()) {
        let (id, rest) = rest.split_first_chunk::<ID_BYTES>().ok_or_else(damaged)?;
        let (length, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
        let length = u32::from_be_bytes(*length) as usize;
        if rest.len() < length {
            return Err(damaged());
        }
        rows.push((JourneyId::from_bytes(*id), at + PREFIX_BYTES, length));
        at += PREFIX_BYTES + length;
    }
    Ok(rows)
}

fn key(journey: JourneyId) -> [u8; 2 + ID_BYTES] {
    let (last_byte, _) = place(journey);
    let mut key = [BLOCK; 2 + ID_BYTES];
    key[1] = last_byte;
    key[2..].copy_from_slice(&journey.bytes());
    key
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use uuid::Uuid;

    use super::*;

    fn tree() -> Tree {
        sled::Config::new().temporary(true).open().unwrap().open_tree("rows").unwrap()
    }

    /// Many of one last byte, some of others.
    fn journey(number: u32) -> JourneyId {
        let spread = u128::from(number.wrapping_mul(2_654_435_761));
        JourneyId::new(Uuid::from_u128(spread << 96 | u128::from(number % 3)))
    }

    #[test]
    fn a_row_is_found_in_its_block_and_what_came_out_of_order_is_left() {
        let (tree, blocks) = (tree(), Blocks::new());
        let row = |journey: JourneyId| journey.bytes().repeat(1 + usize::from(journey.bytes()[0]) / 3);
        let mut journeys: Vec<JourneyId> = (0..600).map(journey).collect();
        journeys.sort_by_key(|journey| place(*journey));
        // Every 20th comes after the one that follows it.
        for pair in journeys.chunks_mut(20) {
            pair.swap(0, 1);
        }
        let mut taken = BTreeMap::new();
        for journey in &journeys {
            if blocks.take(&tree, *journey, &row(*journey)).unwrap() {
                taken.insert(place(*journey), *journey);
            }
        }
        blocks.finish(&tree).unwrap();
        assert!((560..600).contains(&taken.len()), "{} of 600 were taken", taken.len());
        assert!((50..400).contains(&tree.len()), "{} blocks", tree.len());
        for journey in &journeys {
            let expected = taken.contains_key(&place(*journey)).then(|| row(*journey));
            assert_eq!(find(&tree, *journey).unwrap().map(|row| row.to_vec()), expected);
        }
        assert_eq!(super::journeys(&tree).unwrap(), taken.into_values().collect::<Vec<_>>());
        assert_eq!(find(&tree, journey(601)).unwrap(), None);
    }

    #[test]
    fn who_had_no_row_when_shown_first_has_none_in_a_block() {
        let (tree, blocks, whose) = (tree(), Blocks::new(), journey(3));
        blocks.pass(whose);
        assert!(!blocks.take(&tree, whose, b"sealed").unwrap(), "it is written over the empty one");
    }

    #[test]
    fn a_block_that_is_cut_short_is_said_to_be_damaged() {
        let (tree, blocks, whose) = (tree(), Blocks::new(), journey(1));
        blocks.take(&tree, whose, b"sealed").unwrap();
        blocks.finish(&tree).unwrap();
        let (key, block) = tree.first().unwrap().unwrap();
        for length in 1..block.len() {
            tree.insert(&key, &block[..length]).unwrap();
            assert!(find(&tree, whose).is_err(), "{length} bytes of {}", block.len());
        }
    }
}
