//! That a leaf is in a tree, and that a tree begins with an earlier one: RFC 6962 section 2.1, checked as RFC 9162 says.

use crate::{
    Error, Hash, Tile, Tree,
    hash::empty,
    node_hash,
    path::{Hashes, split},
};

/// No proof in a tree of 2^64 leaves is longer; one of consistency has one hash more.
const HASHES_MAX: usize = 65;

/// The hashes that lead from a leaf to the root, from the leaf's sibling up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InclusionProof(Vec<Hash>);

/// The hashes that lead from the root of a tree to the root of a later one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConsistencyProof(Vec<Hash>);

impl InclusionProof {
    /// A proof of these hashes; what they show is found out by [`InclusionProof::check`].
    pub fn new(hashes: Vec<Hash>) -> Result<Self, Error> {
        bounded(hashes, "inclusion proof").map(Self)
    }

    /// The proof that the leaf at `index` is in the tree of `size` leaves, out of tiles that `read` gives. A tile may
    /// hold more hashes than were asked for.
    pub fn make<E: From<Error>>(
        index: u64,
        size: u64,
        read: &mut dyn FnMut(Tile) -> Result<Vec<Hash>, E>,
    ) -> Result<Self, E> {
        if index >= size {
            return Err(Error::Beyond { index, size }.into());
        }
        let mut hashes = Hashes::new(size, read);
        let (mut first, mut end, mut path) = (0, size, Vec::new());
        while end - first > 1 {
            let middle = first + split(end - first);
            if index < middle {
                path.push(hashes.root(middle, end)?);
                end = middle;
            } else {
                path.push(hashes.root(first, middle)?);
                first = middle;
            }
        }
        path.reverse();
        Ok(Self(path))
    }

    /// The hashes, from the leaf's sibling up.
    pub fn hashes(&self) -> &[Hash] {
        &self.0
    }

    /// Whether the leaf is at `index` in the tree with this size and root.
    pub fn check(&self, index: u64, leaf: &Hash, size: u64, root: &Hash) -> Result<(), Error> {
        let not_included = Error::NotIncluded { index, size };
        if index >= size {
            return Err(not_included);
        }
        let (mut node, mut last, mut hash) = (index, size - 1, *leaf);
        for sibling in &self.0 {
            if last == 0 {
                return Err(not_included);
            }
            if node & 1 == 1 || node == last {
                hash = node_hash(sibling, &hash);
                while node & 1 == 0 && node != 0 {
                    (node, last) = (node >> 1, last >> 1);
                }
            } else {
                hash = node_hash(&hash, sibling);
            }
            (node, last) = (node >> 1, last >> 1);
        }
        if last == 0 && hash == *root { Ok(()) } else { Err(not_included) }
    }
}

impl ConsistencyProof {
    /// A proof of these hashes; what they show is found out by [`ConsistencyProof::check`].
    pub fn new(hashes: Vec<Hash>) -> Result<Self, Error> {
        bounded(hashes, "consistency proof").map(Self)
    }

    /// The proof that the tree of `newer` leaves begins with the tree of `older`, out of tiles that `read` gives.
    pub fn make<E: From<Error>>(
        older: u64,
        newer: u64,
        read: &mut dyn FnMut(Tile) -> Result<Vec<Hash>, E>,
    ) -> Result<Self, E> {
        if older > newer {
            return Err(Error::Beyond { index: older, size: newer }.into());
        }
        if older == 0 {
            return Ok(Self::default());
        }
        let mut hashes = Hashes::new(newer, read);
        let (mut first, mut end, mut path, mut begins) = (0, newer, Vec::new(), true);
        while older < end {
            let middle = first + split(end - first);
            if older <= middle {
                path.push(hashes.root(middle, end)?);
                end = middle;
            } else {
                path.push(hashes.root(first, middle)?);
                (first, begins) = (middle, false);
            }
        }
        if !begins {
            path.push(hashes.root(first, end)?);
        }
        path.reverse();
        Ok(Self(path))
    }

    /// The hashes, in the order of RFC 6962.
    pub fn hashes(&self) -> &[Hash] {
        &self.0
    }

    /// Whether the newer tree, by size and root, begins with the older one.
    pub fn check(
        &self,
        (older, old_root): (u64, &Hash),
        (newer, new_root): (u64, &Hash),
    ) -> Result<(), Error> {
        let holds = match (older, newer) {
            (0, _) => self.0.is_empty() && *old_root == empty() && (newer != 0 || *new_root == empty()),
            (older, newer) if older > newer => false,
            (older, newer) if older == newer => self.0.is_empty() && old_root == new_root,
            _ => self.roots(older, newer, old_root) == Some((*old_root, *new_root)),
        };
        if holds { Ok(()) } else { Err(Error::NotConsistent { older, newer }) }
    }

    /// The roots of both trees as the proof has them; RFC 9162 section 2.1.4.2, for `0 < older < newer`.
    fn roots(&self, older: u64, newer: u64, old_root: &Hash) -> Option<(Hash, Hash)> {
        let (mut node, mut last) = (older - 1, newer - 1);
        while node & 1 == 1 {
            (node, last) = (node >> 1, last >> 1);
        }
        let mut hashes = self.0.iter();
        // A tree of a power of two leaves is a node of the later one, and so not in the proof.
        let first = if older.is_power_of_two() { *old_root } else { *hashes.next()? };
        let (mut old, mut new) = (first, first);
        for hash in hashes {
            if last == 0 {
                return None;
            }
            if node & 1 == 1 || node == last {
                old = node_hash(hash, &old);
                new = node_hash(hash, &new);
                while node & 1 == 0 && node != 0 {
                    (node, last) = (node >> 1, last >> 1);
                }
            } else {
                new = node_hash(&new, hash);
            }
            (node, last) = (node >> 1, last >> 1);
        }
        (last == 0).then_some((old, new))
    }
}

fn bounded(hashes: Vec<Hash>, what: &'static str) -> Result<Vec<Hash>, Error> {
    if hashes.len() > HASHES_MAX {
        return Err(Error::malformed(what, format!("{} hashes, past {HASHES_MAX}", hashes.len())));
    }
    Ok(hashes)
}

impl Tree {
    /// The tree of the first `size` leaves, out of tiles that `read` gives.
    pub fn read<E: From<Error>>(
        size: u64,
        read: &mut dyn FnMut(Tile) -> Result<Vec<Hash>, E>,
    ) -> Result<Self, E> {
        let peaks = Hashes::new(size, read).peaks(0, size)?;
        Ok(Self::of_peaks(size, &peaks).expect("one peak for each bit of the size"))
    }
}
