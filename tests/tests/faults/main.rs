//! The fault suite: a real process, killed and damaged from outside, and a checker of what it had acknowledged.
//! `docs/guides/faults.md` says what is done, how often, and how to repeat a run by its seed.

#![allow(clippy::unwrap_used, reason = "a test stops where it is surprised")]

mod alone;
mod check;
mod counts;
mod flips;
mod full;
mod history;
mod hours;
mod kills;
mod planted;
mod power;
mod process;
mod seed;
mod service;
mod tests;
mod troubles;
mod whole;
