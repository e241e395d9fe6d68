//! The append-only log. What it promises: an acknowledged event is durable, in order, once; and any change to what
//! was written is found and named.
//!
//! It knows frames, keys and positions; it does not know what facts mean. Start at [`EventLog`] (the seam that
//! everything above uses) and [`Log`] (the embedded log on disk); `docs/formats/log.md` has its bytes.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//! use throughline_domain::{Actor, Draft, Event, EventId, Eyes, JourneyId, Version};
//! use throughline_log::{AsOf, EventLog, Expected, Log};
//!
//! let directory = tempfile::tempdir()?;
//! let log = Log::open(directory.path(), Arc::new(|| jiff::Timestamp::UNIX_EPOCH))?;
//! let journey = JourneyId::from_bytes([1; 16]);
//! let facts = serde_json::json!({ "reason": "illness" });
//! let missed = Draft {
//!     event_id: EventId::from_bytes([2; 16]),
//!     journey,
//!     actor: Actor::new("worker:w17")?,
//!     on_behalf_of: None,
//!     eyes: Eyes::Staff,
//!     occurred: "1969-12-31".parse()?,
//!     cause: None,
//!     source: None,
//!     event: Event::from_json("throughline.check-in.check-in-missed.v1", facts, serde_json::Value::Null)?,
//! };
//! let first = Expected { journey, version: Version(0) };
//! assert!(!log.append(vec![missed.clone()], &[first])?.events[0].repeated);
//! assert!(log.append(vec![missed.clone()], &[first])?.events[0].repeated);
//! assert_eq!(log.read_journey(journey, AsOf::Now)?.events[0].draft, missed);
//! # Ok(())
//! # }
//! ```

/// A named point of the fault suite; nothing at all in a build without its seams.
macro_rules! point {
    ($name:ident) => {
        #[cfg(any(test, feature = "faults"))]
        crate::faults::reached(crate::faults::Point::$name);
    };
}

mod backup;
mod blocks;
mod by_id;
mod by_journey;
pub mod codec;
mod commit;
mod directory;
mod erasing;
mod event_log;
mod evidence;
#[cfg(any(test, feature = "faults"))]
pub mod faults;
mod filter;
mod frame;
mod frame_cache;
#[cfg(test)]
mod frame_tests;
#[cfg(fuzzing)]
pub mod fuzzing;
mod group;
mod healing;
mod index;
mod journal;
mod keys;
mod log;
mod mending;
mod opening;
mod overlay;
mod pass_on;
mod pending;
#[cfg(test)]
mod pending_tests;
mod pieces;
#[cfg(test)]
mod pieces_tests;
mod queue;
mod reads;
mod record;
mod repair;
mod restore;
mod run;
mod runs;
#[cfg(test)]
mod runs_tests;
mod sealing;
mod segments;
mod serving;
mod store;
mod stored;
mod tree;
mod unfinished;
mod verify;
mod writer;

pub use backup::{BackedUp, Copied, backup, backup_with};
pub use directory::{check_format, check_no_backup};
pub use erasing::{Certificate, Erasure};
pub use event_log::{
    AsOf, Closed, Error, EventLog, Expected, History, LIMITS, Limits, Receipt, Secret, Stored,
};
pub use evidence::{Evidence, Revealed, SealedEvent, SealedPart};
pub use keys::{KeyStatus, Rotated, key_status, rotate};
pub use log::{Clock, Log};
pub use repair::{Gap, Repaired, repair, repair_with_key};
pub use restore::{Restored, Restoring, restore, restore_with};
pub use throughline_vault::{MasterId, MasterKey, Standing};
pub use tree::{
    Covered, Exported, PublishedTree, Signed, Under, VerifiedExport, export, is_export, verify_export,
};
pub use verify::{Problem, Verified, hexadecimal, is_backup, verify, verify_with_key};

// The tests' own data directory is shared between those inside the crate and those outside.
#[cfg(test)]
extern crate self as throughline_log;
