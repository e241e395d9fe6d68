//! A transparency log's proofs in the public formats of [C2SP](https://c2sp.org): what is in the log, that nothing of
//! it was changed, and who says so. Bytes in, bytes out: it knows no disk, no network and no clock, and of Throughline
//! only what the leaf of an event says ([`Leaf`]).
//!
//! Start at [`Checkpoint`] (the signed head), [`InclusionProof`] and [`ConsistencyProof`]; [`Tile`] and [`EntryBundle`]
//! are what a log publishes, [`TlogProof`] is one event's proof as one text. Every parser is total: whatever the bytes,
//! it answers, and with bounded memory.
//!
//! ```
//! # fn main() -> Result<(), throughline_proof::Error> {
//! use throughline_proof::{Checkpoint, InclusionProof, Note, SigningKey, Tree, leaf_hash};
//!
//! let key = SigningKey::new("example.org/log", &[7; 32])?;
//! let leaves = [leaf_hash(b"first"), leaf_hash(b"second")];
//! let tree: Tree = leaves.into_iter().collect();
//! let head = Checkpoint::new(key.name(), tree.size(), tree.root())?.sign(&key)?.to_string();
//!
//! let checkpoint = Checkpoint::open(&Note::parse(&head)?, &key.verifier())?;
//! let proof = InclusionProof::new(vec![leaves[1]])?;
//! proof.check(0, &leaves[0], checkpoint.size, &checkpoint.root)?;
//! assert!(proof.check(1, &leaves[0], checkpoint.size, &checkpoint.root).is_err());
//! # Ok(())
//! # }
//! ```

mod checkpoint;
mod hash;
mod key;
mod leaf;
mod note;
mod path;
mod proof;
mod text;
mod tile;
mod tlog_proof;
mod tree;

pub use checkpoint::Checkpoint;
pub use hash::{Hash, leaf_hash, leaf_hash_of, node_hash};
pub use key::{Algorithm, KeyId, SigningKey, VerifierKey};
pub use leaf::{Header, LEAF_BYTES_MAX, Leaf};
pub use note::{Cosigned, Note, Signature};
pub use proof::{ConsistencyProof, InclusionProof};
pub use tile::{EntryBundle, Level, TILE_WIDTH, Tile, hashes_of};
pub use tlog_proof::TlogProof;
pub use tree::{Tree, root_of};

/// Why something proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is not in the form it should have.
    #[error("this is no {what}: {why}")]
    Malformed {
        /// What it should be.
        what: &'static str,
        /// What is wrong.
        why: String,
    },
    /// No key that is trusted signed the note.
    #[error("no signature is by the key {0}; ask the log's keeper for its verifier key")]
    NotSigned(String),
    /// A trusted key did not make the signature that bears its name.
    #[error("the signature of {0} does not fit the text: it, or the text, was changed")]
    BadSignature(String),
    /// The checkpoint is of another log.
    #[error("the checkpoint is of the log {found}, not of {expected}")]
    OtherLog {
        /// The log it names.
        found: String,
        /// The log it should name.
        expected: String,
    },
    /// The leaf is not at this place in the tree.
    #[error("the proof does not lead from the leaf at {index} to the root of the tree of {size}")]
    NotIncluded {
        /// Where the leaf should be.
        index: u64,
        /// Leaves of the tree.
        size: u64,
    },
    /// The later tree does not begin with the earlier one.
    #[error("the proof does not show that the tree of {newer} begins with the tree of {older}")]
    NotConsistent {
        /// Leaves of the earlier tree.
        older: u64,
        /// Leaves of the later tree.
        newer: u64,
    },
    /// A proof was asked of a place that the tree does not have.
    #[error("there is no {index} in a tree of {size}")]
    Beyond {
        /// What was asked for.
        index: u64,
        /// Leaves of the tree.
        size: u64,
    },
}

impl Error {
    pub(crate) fn malformed(what: &'static str, why: impl Into<String>) -> Self {
        Self::Malformed { what, why: why.into() }
    }
}
