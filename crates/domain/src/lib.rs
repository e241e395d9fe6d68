//! Facts and rules of a client's journey: what can be written down, when it happened, and what must be refused.
//!
//! This crate knows no disk, no network and no clock: time comes in as data. It does not know how facts are
//! stored (`throughline-log`) nor what is concluded from them (the projector crates).
//!
//! ```
//! use throughline_domain::{Event, Occurred};
//! let event = Event::from_json(
//!     "throughline.check-in.check-in-missed.v1",
//!     serde_json::json!({ "reason": "illness" }),
//!     serde_json::Value::Null,
//! ).unwrap();
//! assert_eq!(event.type_name(), "throughline.check-in.check-in-missed.v1");
//! assert!("2026-03-01".parse::<Occurred>().unwrap() < "2026-03-01T08:00:00+02:00".parse().unwrap());
//! ```

mod amend;
mod catalogue;
mod code;
mod consent;
mod decide;
mod facts;
mod id;
mod journey;
mod occurred;
mod part_json;
mod recorded;
mod rules;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod value;
pub mod vocabulary;

pub use amend::{Fact, amend, linked, lives, merged_into};
pub use catalogue::{
    Access, Amendment, CheckIn, Event, FactSchema, Family, Intake, InvalidEvent, Milestone, Programme,
    TYPE_NAMES, Transaction,
};
pub use code::{Actor, Code, Formula, InvalidCode, Key, Language, Text};
pub use consent::{Consent, Given};
pub use decide::{CLOCK_SKEW, Rejection, breaks, decide};
pub use facts::*;
pub use id::{EventId, InvalidId, JourneyId, Position, Version};
pub use journey::Journey;
pub use occurred::{InvalidOccurred, LifeOrder, Occurred, Precision};
pub use recorded::{Draft, Recorded, Source};
pub use rules::{RULES, Rule};
pub use value::{Amount, Attributes, InvalidValue, Scale, Score, Value};
