//! The root of a Merkle tree over leaf hashes, as RFC 6962 section 2.1 has it, with one hash in memory per level.

use sha2::{Digest, Sha256};

use crate::record::Hash;

/// A tree that only grows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tree {
    /// Roots of the full subtrees from the left, by their height; heights fall from left to right.
    peaks: Vec<(u32, Hash)>,
}

impl Tree {
    /// Adds a leaf by its hash.
    pub(crate) fn push(&mut self, leaf: Hash) {
        let (mut height, mut right) = (0, leaf);
        while let Some((_, left)) = self.peaks.pop_if(|(peak, _)| *peak == height) {
            right = node(&left, &right);
            height += 1;
        }
        self.peaks.push((height, right));
    }

    /// The root; SHA-256 of nothing for the empty tree.
    pub(crate) fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev().map(|(_, hash)| *hash);
        let Some(last) = peaks.next() else {
            return Sha256::digest(b"").into();
        };
        peaks.fold(last, |right, left| node(&left, &right))
    }
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 6962 section 2.1, word for word.
    fn by_definition(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest(b"").into(),
            [leaf] => *leaf,
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                node(&by_definition(&leaves[..split]), &by_definition(&leaves[split..]))
            }
        }
    }

    proptest! {
        #[test]
        fn the_running_root_is_the_root_by_definition(leaves: Vec<[u8; 32]>) {
            let mut tree = Tree::default();
            for leaf in &leaves {
                tree.push(*leaf);
            }
            prop_assert_eq!(tree.root(), by_definition(&leaves));
        }
    }
}
