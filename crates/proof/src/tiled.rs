//! A tree that grows tile by tile.

use crate::{Error, Hash, Level, TILE_WIDTH, Tile, Tree, root_of};

/// Levels of tiles above the leaves of a tree of 2^64.
const LEVELS: usize = 8;

/// A tree on its way into tiles: its root, and of every level what is in no full tile yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TiledTree {
    tree: Tree,
    /// Hashes of the last tile of each level; fewer than 256.
    edge: [Vec<Hash>; LEVELS],
}

impl TiledTree {
    /// The tree of the first `size` leaves, out of its partial tiles, one a level, that `read` gives. A tile may hold
    /// more hashes than were asked for.
    pub fn read<E: From<Error>>(
        size: u64,
        read: &mut dyn FnMut(Tile) -> Result<Vec<Hash>, E>,
    ) -> Result<Self, E> {
        let (mut edge, mut peaks) = (<[Vec<Hash>; LEVELS]>::default(), Vec::new());
        for (level, hashes) in (0_u8..8).zip(&mut edge).rev() {
            let level = Level::Hashes(level);
            let width = level.width(size);
            let Some(tile) = Tile::within(level, width / TILE_WIDTH, size) else { continue };
            *hashes = read(tile)?;
            if hashes.len() < usize::from(tile.width) {
                let why = format!("{} of {} hashes", hashes.len(), tile.width);
                return Err(Error::malformed("tile", why).into());
            }
            hashes.truncate(tile.width.into());
            let mut rest = hashes.as_slice();
            while let Some(height) = rest.len().checked_ilog2() {
                let (peak, after) = rest.split_at(1 << height);
                peaks.push(root_of(peak));
                rest = after;
            }
        }
        let tree = Tree::of_peaks(size, &peaks).expect("the widths of the levels are the digits of the size");
        Ok(Self { tree, edge })
    }

    /// Adds a leaf by its hash; the tiles that are full by it, from below.
    pub fn push(&mut self, leaf: Hash) -> Vec<(Tile, Vec<Hash>)> {
        self.tree.push(leaf);
        let (mut full, mut hash) = (Vec::new(), leaf);
        for (level, hashes) in (0_u8..8).zip(&mut self.edge) {
            hashes.push(hash);
            if (hashes.len() as u64) < TILE_WIDTH {
                break;
            }
            let level = Level::Hashes(level);
            let index = level.width(self.tree.size()) / TILE_WIDTH - 1;
            hash = root_of(hashes);
            full.push((Tile { level, index, width: 256 }, std::mem::take(hashes)));
        }
        full
    }

    /// The partial tiles, from below.
    pub fn partial(&self) -> impl Iterator<Item = (Tile, &[Hash])> {
        let size = self.size();
        (0_u8..8).zip(&self.edge).filter_map(move |(level, hashes)| {
            let level = Level::Hashes(level);
            Some((Tile::within(level, level.width(size) / TILE_WIDTH, size)?, hashes.as_slice()))
        })
    }

    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// The root.
    pub fn root(&self) -> Hash {
        self.tree.root()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{ConsistencyProof, leaf_hash};

    #[test]
    fn tiles_are_full_once_and_the_tree_goes_on_from_them() {
        let mut tiles: BTreeMap<Tile, Vec<Hash>> = BTreeMap::new();
        let (mut grown, mut plain) = (TiledTree::default(), Tree::default());
        for n in 0..66_000_u64 {
            let leaf = leaf_hash(&n.to_be_bytes());
            plain.push(leaf);
            for (tile, hashes) in grown.push(leaf) {
                assert!(tiles.insert(tile, hashes).is_none(), "{tile} is full twice");
            }
            if n % 1777 == 0 || n > 65_500 && n < 65_600 {
                let size = n + 1;
                assert_eq!(grown.root(), plain.root());
                let mut seen = tiles.clone();
                seen.extend(grown.partial().map(|(tile, hashes)| (tile, hashes.to_vec())));
                assert_eq!(grown.partial().map(|(tile, _)| tile).collect::<Vec<_>>(), {
                    Tile::partial(size).filter(|tile| tile.level != Level::Entries).collect::<Vec<_>>()
                });
                let read = &mut |tile: Tile| {
                    let known = seen.get(&tile).or_else(|| seen.get(&tile.full()));
                    known.cloned().ok_or_else(|| Error::malformed("tile", format!("{tile} is missing")))
                };
                assert_eq!(TiledTree::read(size, read).as_ref(), Ok(&grown));
                assert!(ConsistencyProof::make(size / 3, size, read).is_ok());
            }
        }
        assert_eq!(tiles.len(), 66_000 / 256 + 1);
    }
}
