//! Which subtrees a proof is made of, and their hashes from tiles.

use crate::{Error, Hash, Level, TILE_WIDTH, Tile, hash::empty, node_hash, root_of};

/// Levels of the tree in one tile.
const TILE_HEIGHT: u32 = 8;

/// Hashes of subtrees in a tree of `size` leaves, out of tiles that `read` gives. Each tile is asked for once.
pub(crate) struct Hashes<'a, E> {
    size: u64,
    read: &'a mut dyn FnMut(Tile) -> Result<Vec<Hash>, E>,
    tiles: Vec<(Tile, Vec<Hash>)>,
}

impl<'a, E: From<Error>> Hashes<'a, E> {
    pub(crate) fn new(size: u64, read: &'a mut dyn FnMut(Tile) -> Result<Vec<Hash>, E>) -> Self {
        Self { size, read, tiles: Vec::new() }
    }

    /// The root over the leaves from `first` to before `end`. `first` is a multiple of the largest power of two below
    /// the number of leaves, as it is wherever RFC 6962 splits a tree.
    pub(crate) fn root(&mut self, first: u64, end: u64) -> Result<Hash, E> {
        let mut peaks = self.peaks(first, end)?.into_iter().rev();
        let Some(last) = peaks.next() else { return Ok(empty()) };
        Ok(peaks.fold(last, |right, left| node_hash(&left, &right)))
    }

    /// The roots of the full subtrees of which those leaves consist, from the left.
    pub(crate) fn peaks(&mut self, mut first: u64, end: u64) -> Result<Vec<Hash>, E> {
        let mut peaks = Vec::new();
        while first < end {
            let height = (end - first).ilog2();
            peaks.push(self.subtree(height, first >> height)?);
            first += 1 << height;
        }
        Ok(peaks)
    }

    /// The root of the full subtree of this height with this number among those of its height.
    fn subtree(&mut self, height: u32, number: u64) -> Result<Hash, E> {
        let (level, above) = (height / TILE_HEIGHT, height % TILE_HEIGHT);
        let first = number << above;
        let index = first / TILE_WIDTH;
        let level = u8::try_from(level).expect("a height is below 64");
        let tile = Tile::within(Level::Hashes(level), index, self.size)
            .expect("a full subtree of the tree lies in one of its tiles");
        let hashes = self.tile(tile)?;
        let from = usize::try_from(first % TILE_WIDTH).expect("a place in a tile is small");
        let part = hashes.get(from..from + (1 << above));
        Ok(root_of(part.ok_or_else(|| Error::malformed("tile", "it has fewer hashes than its width"))?))
    }

    fn tile(&mut self, tile: Tile) -> Result<&[Hash], E> {
        let at = if let Some(at) = self.tiles.iter().position(|(known, _)| *known == tile) {
            at
        } else {
            let hashes = (self.read)(tile)?;
            if hashes.len() < usize::from(tile.width) {
                return Err(
                    Error::malformed("tile", format!("{} of {} hashes", hashes.len(), tile.width)).into()
                );
            }
            self.tiles.push((tile, hashes));
            self.tiles.len() - 1
        };
        Ok(&self.tiles[at].1)
    }
}

/// The largest power of two that is smaller than this number, which is at least 2.
pub(crate) fn split(leaves: u64) -> u64 {
    1 << (leaves - 1).ilog2()
}
