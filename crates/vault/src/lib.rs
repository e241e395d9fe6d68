//! Keys of journeys: made at a journey's first event, wrapped by a master key, used to seal and open, destroyed for
//! ever. It does not know what it seals; events and views are bytes here.
//!
//! Start at [`Vault`]; `slots.rs` holds the one file with every wrapped key, byte by byte.

use std::path::PathBuf;

use throughline_domain::JourneyId;

mod aead;
mod files;
mod master;
mod opening;
mod rotation;
#[cfg(test)]
mod rotation_tests;
mod slots;
#[cfg(test)]
mod tests;
mod vault;

pub use aead::{NONCE_BYTES, Nonce, TAG_BYTES, Tag};
pub use files::wipe_directory;
pub use master::{MasterId, MasterKey};
pub use opening::{OPENING_BYTES, Opening, open_with};
pub use rotation::{NewMaster, Step, is_rotating, rotate, settle};
pub use slots::wrapped_by;
pub use vault::{MASTER_FILE, Owner, Part, SLOTS_FILE, Standing, Standings, Vault};

/// Why keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk said no.
    #[error("{path}: {source}")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There are wrapped keys and nothing to unwrap them with.
    #[error(
        "{0} is missing, and without it nothing sealed can be read; copy it back from the backup of the keys, or name \
         the master key from where it is kept"
    )]
    MasterMissing(PathBuf),
    /// The master key is not the one that wrapped these keys.
    #[error(
        "{} is wrapped by {}, and {given} is master key {is}; name the master key that belongs to it",
        path.display(),
        needs.map_or_else(|| "another master key".to_owned(), |needs| format!("master key {needs}"))
    )]
    MasterWrong {
        /// The wrapped keys.
        path: PathBuf,
        /// Where the master key came from.
        given: String,
        /// Which one that is.
        is: MasterId,
        /// Which one they need, where they say so.
        needs: Option<MasterId>,
    },
    /// A rotation to the key that is in use.
    #[error("the new master key is the one in use; make another one")]
    SameMaster,
    /// Something that was to be a master key is none. What it was is not said.
    #[error(
        "{from} holds no master key: a master key is 32 bytes or 64 hexadecimal digits, and this is {bytes} bytes; \
         copy the key again from where it is kept"
    )]
    MasterMalformed {
        /// Where it was found.
        from: String,
        /// How long it is.
        bytes: usize,
    },
    /// There is a log, and its keys are gone.
    #[error("{0} is missing; copy it back from the backup of the keys")]
    KeysMissing(PathBuf),
    /// Written by a newer program.
    #[error("{path} has format {found}, newer than this program's {known}; upgrade throughline to read it")]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// The format found.
        found: u32,
        /// The newest this program knows.
        known: u32,
    },
    /// A file of keys is not what was written.
    #[error("{path} is damaged: {what}; copy it back from the backup of the keys")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: &'static str,
    },
    /// The key of a journey is not what was written.
    #[error("the key of journey {0} is damaged; copy the keys back from their backup")]
    KeyDamaged(JourneyId),
    /// The vault never had a key for the journey, or lost it.
    #[error("there is no key for journey {0}; copy the keys back from their backup")]
    NoKey(JourneyId),
    /// The journey's keys were destroyed; there will be no new ones.
    #[error("the keys of journey {0} were destroyed; open a new journey instead")]
    Destroyed(JourneyId),
    /// The sealed bytes, or what they are bound to, were changed.
    #[error("the sealed bytes do not open: they or what they are bound to were changed")]
    DoesNotOpen,
    /// No new keys after a failed sync: what is on the disk is not known.
    #[error("no new keys since writing them failed; restart the service once the disk is well")]
    Stopped,
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes: {0}")]
    Random(getrandom::Error),
}
