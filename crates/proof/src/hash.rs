//! Hashing as in RFC 6962, section 2.1.

use sha2::{Digest, Sha256};

/// SHA-256.
pub type Hash = [u8; 32];

/// SHA-256(0x00 ‖ data).
pub fn leaf_hash(data: &[u8]) -> Hash {
    leaf_hash_of(&[data])
}

/// [`leaf_hash`] of data that lie in several places.
pub fn leaf_hash_of(data: &[&[u8]]) -> Hash {
    let mut hash = Sha256::new_with_prefix([0]);
    for part in data {
        hash.update(part);
    }
    hash.finalize().into()
}

/// SHA-256(0x01 ‖ left ‖ right).
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new_with_prefix([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of a tree without leaves: SHA-256 of nothing.
pub(crate) fn empty() -> Hash {
    Sha256::digest(b"").into()
}
