//! A witness of transparency logs: it remembers how large each log was and what its root was, signs only what goes on from
//! there, and so catches a log that takes events back or shows different histories to different people. The protocol is
//! [tlog-witness](https://c2sp.org/tlog-witness), what is signed is
//! [tlog-cosignature](https://c2sp.org/tlog-cosignature).
//!
//! Start at [`Witness`], which decides and touches nothing; [`Office`] keeps what it decided on disk before anything is
//! signed away, [`app`] answers logs that come by themselves, [`follow`] looks at one that does not, and [`ask`] is the
//! log's side. It knows no event and no store of Throughline: any log in these formats will do.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use throughline_proof::{Checkpoint, SigningKey, Tree, leaf_hash};
//! use throughline_witness::{AddCheckpoint, Witness};
//!
//! let log = SigningKey::new("example.org/log", &[7; 32])?;
//! let tree: Tree = [leaf_hash(b"first")].into_iter().collect();
//! let checkpoint = Checkpoint::new(log.name(), tree.size(), tree.root())?.sign(&log)?;
//!
//! let key = SigningKey::new("witness.example", &[8; 32])?;
//! let mut witness = Witness::new(key, [log.verifier()]);
//! let request = AddCheckpoint::parse(&format!("old 0\n\n{checkpoint}"))?;
//! let seen = witness.add_checkpoint(&request, 1_800_000_000)?;
//! assert_eq!(seen.note.cosigned(&witness.cosigner())?.time, 1_800_000_000);
//! witness.remember(seen);
//! assert_eq!(witness.add_checkpoint(&request, 1_800_000_001).unwrap_err().status(), 409);
//! # Ok(())
//! # }
//! ```

mod asking;
mod following;
mod office;
mod request;
mod serving;
mod witness;

use std::{io, path::PathBuf};

pub use asking::{Client, ask};
pub use following::follow;
pub use office::{Clock, Office};
pub use request::AddCheckpoint;
pub use serving::app;
pub use witness::{Misdeed, Refusal, Seen, Witness};

/// Why nothing was witnessed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The state directory cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process has the state directory.
    #[error("{0} is held by another witness; stop it first, or name another directory with --state")]
    Held(PathBuf),
    /// A file of the state is not what it was when it was written.
    #[error(
        "{path} is damaged: {why}; put it back from a copy: a witness that forgets cannot tell a rollback"
    )]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The log did what a witness is there to catch.
    #[error("{misdeed}; kept as evidence in {evidence}")]
    Caught {
        /// What it did.
        misdeed: Box<Misdeed>,
        /// Where it is kept.
        evidence: PathBuf,
    },
    /// The checkpoint was not cosigned.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What came is not in the form it should have.
    #[error(transparent)]
    Proof(#[from] throughline_proof::Error),
    /// A file that holds no authority to trust.
    #[error("{path}: {why}; name a PEM file with the certificates of the authorities to trust")]
    Roots {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// No answer, or not the one that was asked for.
    #[error("{url}: {why}")]
    Unanswered {
        /// What was asked.
        url: String,
        /// What came of it.
        why: String,
    },
}
