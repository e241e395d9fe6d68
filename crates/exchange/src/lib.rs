//! Events in and out: CloudEvents as JSON and line by line, other systems' records, and how people name a journey.
//!
//! This crate decides nothing and stores nothing: it turns what others wrote into drafts, and says what it could not
//! turn. Start at [`cloud_event`] for the wire.

pub mod cloud_event;
pub mod events;
pub mod hmis;
pub mod import;
pub mod json;
pub mod mapped;
pub mod ndjson;
mod resolve;

pub use resolve::{InvalidJourney, journey_id};
