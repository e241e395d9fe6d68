//! The transparency tree: a signed head over all events, and the tiles that lead to it, in files that any web server
//! could serve.
//!
//! ```text
//! tree/
//!   checkpoint   how many events, the root over them, signed
//!   log.vkey     the key by which the signature is checked
//!   witnessed/…  what each witness cosigned last; in `former/` what those did who are none any more
//!   tile/…       hashes of leaves and of subtrees, 256 to a file
//! ```
//!
//! [`publish`] writes it behind the commits, [`opening`] compares it with the frames, [`checking`] verifies all of it,
//! [`answers`] proves what is asked, [`export`] takes a copy that can be verified alone. `docs/formats/log.md` has the
//! bytes. It knows no fact: leaves are what the public headers say.

use std::path::{Path, PathBuf};

use throughline_domain::Position;
use throughline_proof::{Checkpoint, Note, SigningKey};
use throughline_vault::Vault;

use crate::{Error, verify::hexadecimal};

/// Whether a test planted this bug; never in a build without the fault suite's seams.
macro_rules! planted {
    ($files:expr, $bug:ident) => {{
        #[cfg(any(test, feature = "faults"))]
        let planted = $files.planted == Some(crate::faults::Seeded::$bug);
        #[cfg(not(any(test, feature = "faults")))]
        let planted = false;
        planted
    }};
}

mod answers;
mod checking;
mod export;
mod exported;
mod files;
mod leaves;
mod offered;
mod opening;
mod publish;
mod repairing;
mod witnessed;

pub(crate) use answers::Unmade;
pub use answers::{Covered, PublishedTree, Under};
pub use checking::Signed;
pub(crate) use checking::{TreeCheck, look_at_edge};
pub use export::{Exported, export};
pub use exported::{VerifiedExport, is_export, verify_export};
pub(crate) use files::Files;
pub(crate) use opening::{make, open};
pub(crate) use publish::Published;
pub(crate) use repairing::repair;
pub(crate) use witnessed::SignedCheckpoint;

/// Where the tree is in a data directory.
pub(crate) const TREE: &str = "tree";

/// By what a log derives the secret it signs with.
const SIGNING_PURPOSE: &str = "throughline checkpoint signing key v1";

/// Whether a log keeps its tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Upkeep {
    #[default]
    Kept,
    /// Measurements and tests alone do without.
    Off,
}

/// The key that signs a log's checkpoints. Its name is the log's origin: `throughline/` and the first 16 hexadecimal
/// digits of the SHA-256 of the public key.
pub(crate) fn signing_key(vault: &Vault) -> SigningKey {
    let seed = vault.derive(SIGNING_PURPOSE);
    let name = |fingerprint: &[u8]| format!("throughline/{}", hexadecimal(&fingerprint[..8]));
    let unnamed = SigningKey::new("throughline", &seed).expect("the name can be one");
    SigningKey::new(&name(&unnamed.verifier().fingerprint()), &seed).expect("the name can be one")
}

/// What lies where the signed head should be.
pub(crate) enum Head {
    Missing,
    /// No checkpoint that this log signed, and why.
    Bad(String),
    Signed(Checkpoint, Note),
}

/// Reads the signed head of a tree.
pub(crate) fn head(files: &Files, key: &SigningKey) -> Result<Head, Error> {
    let Some(bytes) = files::read(&files.checkpoint())? else { return Ok(Head::Missing) };
    let open = || {
        let text = str::from_utf8(&bytes).map_err(|_| "it is no text".to_owned())?;
        let note = Note::parse(text).map_err(|error| error.to_string())?;
        let checkpoint = Checkpoint::open(&note, &key.verifier()).map_err(|error| error.to_string())?;
        Ok((checkpoint, note))
    };
    Ok(open().map_or_else(Head::Bad, |(checkpoint, note)| Head::Signed(checkpoint, note)))
}

/// Where the tree of this data directory is.
pub(crate) fn path(data: &Path) -> PathBuf {
    data.join(TREE)
}

/// The checkpoint of this data directory or backup as it is; none where there is none.
pub(crate) fn read_checkpoint(data: &Path) -> Result<Option<Vec<u8>>, Error> {
    let files = Files::new(path(data));
    files::read(&files.checkpoint())
}

fn damaged(file: &Path, position: u64, what: impl Into<String>) -> Error {
    Error::Damaged { file: file.display().to_string(), position: Position(position), what: what.into() }
}

/// What a checkpoint says that the frames deny.
fn beyond(covered: u64, events: u64) -> String {
    format!(
        "the log signed a checkpoint over {covered} events, and has {events}; those from here on are missing"
    )
}

const OTHER_ROOT: &str = "the events up to the signed checkpoint are not those that the log signed";
