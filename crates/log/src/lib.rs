//! The append-only log. What it promises: an acknowledged event is durable, in order, once; and any change to what
//! was written is found and named.
//!
//! It knows frames, keys and positions; it does not know what facts mean. Start at [`EventLog`] (the seam that
//! everything above uses) and [`Log`] (the embedded log on disk).

mod event_log;

pub use event_log::{AsOf, Closed, Error, EventLog, Expected, History, LIMITS, Limits, Receipt, Stored};
