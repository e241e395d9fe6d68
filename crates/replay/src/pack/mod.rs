//! The audit pack: one journey's record in a folder, for people to read and for a program to check, alone and offline.
//!
//! ```text
//! index.html            the record, fit for reading and for print
//! events.ndjson         the same events, one CloudEvent a line
//! sealed.ndjson         each of them as it was sealed, with what opens it and nothing else
//! proofs/N.tlog-proof   that the event at position N is in the log, with its leaf
//! checkpoint            the signed head that all proofs lead to
//! log.vkey              the key that signed it
//! manifest.json         what was asked, by whose consent, and the SHA-256 of every other file
//! ```
//!
//! Nothing leaves without the consent of those it is about: [`make`] asks for it.
//!
//! [`make`] writes it, [`verify`] checks it; both say the same of the same events, for both use [`page`] and [`filter`].

mod checking;
mod consent;
mod files;
mod filter;
mod making;
mod manifest;
mod page;
mod sealed;
mod selecting;

pub use checking::{Verdict, verify};
pub use consent::{Consents, NoConsent, usual_purpose};
pub use files::{Files, is_pack, read, tar, write};
pub use filter::{Filter, InvalidFilter};
pub use making::{Pack, Wanted, make};
pub use manifest::{Asked, File, Manifest, NamesAre};
pub use page::Tally;

/// Events that one pack has at most, those left out by filters among them.
pub const EVENTS_MAX: usize = 20_000;

/// The files of a pack, by name.
const INDEX: &str = "index.html";
const EVENTS: &str = "events.ndjson";
const SEALED: &str = "sealed.ndjson";
const CHECKPOINT: &str = "checkpoint";
const KEY: &str = "log.vkey";
const MANIFEST: &str = "manifest.json";

/// The proof of the event at this position.
fn proof_name(position: u64) -> String {
    format!("proofs/{position}.tlog-proof")
}

/// The position that a proof's name tells; none for any other name.
fn proved_position(name: &str) -> Option<u64> {
    let position = name.strip_prefix("proofs/")?.strip_suffix(".tlog-proof")?.parse().ok()?;
    (proof_name(position) == name).then_some(position)
}
