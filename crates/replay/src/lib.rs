//! What an auditor sees of a journey and takes away: what changed between two moments and why ([`compare`]), the record
//! step by step ([`Replay`]), and the audit pack ([`pack`]), a folder that proves itself without this service.
//!
//! It reads; it writes nothing to the log, and knows neither HTTP nor who may see what: it is told whether names are
//! shown. Start at [`pack::make`] and [`pack::verify`], two halves of one format: `docs/formats/audit-pack.md`.

pub mod compare;
mod difference;
mod html;
pub mod pack;
mod step;
mod story;
mod written;

use std::path::PathBuf;

use throughline_domain::Position;
use throughline_log::{AsOf, EventLog};

pub use compare::{Comparison, Moment};
pub use difference::Field;
pub use step::Replay;
pub use written::{Amended, Written, WrittenEvent, in_order, mark};

/// Why something cannot be shown or taken away.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The earlier of two moments is the later one.
    #[error("`from` lies after `to`; swap them")]
    Backwards,
    /// The journey is longer than a pack may be.
    #[error(
        "{events} events are past the {max} of one audit pack; ask for an earlier `as_of`, and take several"
    )]
    TooMany {
        /// How many there are.
        events: usize,
        /// How many may be.
        max: usize,
    },
    /// Somebody whose record it is has not agreed.
    #[error(transparent)]
    NoConsent(#[from] pack::NoConsent),
    /// Some events are not proved yet.
    #[error("no checkpoint covers the last events yet; ask again in a second")]
    NotCovered,
    /// What the log gave as evidence is none.
    #[error("position {position}: {what}; run `throughline verify --deep`")]
    Unreadable {
        /// Where.
        position: Position,
        /// What is wrong.
        what: String,
    },
    /// The disk said no.
    #[error("{path}: {source}")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The runtime refused or could not.
    #[error(transparent)]
    Runtime(#[from] throughline_runtime::Error),
    /// The log refused or could not.
    #[error(transparent)]
    Log(#[from] throughline_log::Error),
}

/// The fields in which two answers differ, in their order.
pub fn differences(before: &serde_json::Value, after: &serde_json::Value) -> Vec<Field> {
    difference::between(before, after).0
}

/// How many events the log had at that moment.
pub fn known_events(log: &dyn EventLog, as_of: AsOf) -> Result<u64, throughline_log::Error> {
    let events = log.events();
    Ok(match as_of {
        AsOf::Now => events,
        AsOf::Time(time) => log.events_at(time)?,
        AsOf::Position(position) => events.min(position.0.saturating_add(1)),
    })
}
