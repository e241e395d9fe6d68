//! The append-only log. What it promises: an acknowledged event is durable, in order, once; and any change to what
//! was written is found and named.
//!
//! It knows frames, keys and positions; it does not know what facts mean. Start at [`EventLog`] (the seam that
//! everything above uses) and [`Log`] (the embedded log on disk); `docs/formats/log.md` has its bytes.

pub mod codec;
mod directory;
mod event_log;
mod frame;
#[cfg(test)]
mod frame_tests;
mod group;
mod index;
mod log;
mod merkle;
mod opening;
mod overlay;
mod queue;
mod record;
mod store;
mod stored;
mod verify;
mod writer;

pub use event_log::{AsOf, Closed, Error, EventLog, Expected, History, LIMITS, Limits, Receipt, Stored};
pub use log::{Clock, Log};
pub use verify::{Problem, Verified, verify};
