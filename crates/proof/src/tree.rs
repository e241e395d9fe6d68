//! A tree that only grows, and roots of parts of it.

use crate::{
    Hash,
    hash::{empty, node_hash},
};

/// A Merkle tree over leaf hashes, as RFC 6962 section 2.1 has it, with one hash in memory per level.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    /// Roots of the full subtrees from the left, by their height; heights fall from left to right.
    peaks: Vec<(u32, Hash)>,
}

impl Tree {
    /// The tree of these full subtrees from the left: one for each bit of its size, the highest first. None where their
    /// number is another.
    pub fn of_peaks(size: u64, peaks: &[Hash]) -> Option<Self> {
        let heights = (0..u64::BITS).rev().filter(|height| size >> height & 1 == 1);
        (peaks.len() == size.count_ones() as usize)
            .then(|| Self { size, peaks: heights.zip(peaks.iter().copied()).collect() })
    }

    /// Adds a leaf by its hash.
    pub fn push(&mut self, leaf: Hash) {
        let (mut height, mut right) = (0, leaf);
        while let Some((_, left)) = self.peaks.pop_if(|(peak, _)| *peak == height) {
            right = node_hash(&left, &right);
            height += 1;
        }
        self.peaks.push((height, right));
        self.size += 1;
    }

    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root; SHA-256 of nothing for the empty tree.
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev().map(|(_, hash)| *hash);
        let Some(last) = peaks.next() else { return empty() };
        peaks.fold(last, |right, left| node_hash(&left, &right))
    }
}

impl FromIterator<Hash> for Tree {
    fn from_iter<I: IntoIterator<Item = Hash>>(leaves: I) -> Self {
        let mut tree = Self::default();
        for leaf in leaves {
            tree.push(leaf);
        }
        tree
    }
}

/// The root over these leaf hashes, or over the hashes of subtrees of one height.
pub fn root_of(hashes: &[Hash]) -> Hash {
    hashes.iter().copied().collect::<Tree>().root()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 6962 section 2.1, word for word.
    fn by_definition(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => empty(),
            [leaf] => *leaf,
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                node_hash(&by_definition(&leaves[..split]), &by_definition(&leaves[split..]))
            }
        }
    }

    proptest! {
        #[test]
        fn the_running_root_is_the_root_by_definition(leaves: Vec<[u8; 32]>) {
            let tree: Tree = leaves.iter().copied().collect();
            prop_assert_eq!(tree.root(), by_definition(&leaves));
            let peaks: Vec<Hash> = tree.peaks.iter().map(|(_, hash)| *hash).collect();
            prop_assert_eq!(Tree::of_peaks(tree.size(), &peaks), Some(tree));
        }
    }
}
