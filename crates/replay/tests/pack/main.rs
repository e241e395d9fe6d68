//! Audit packs: what they tell, what they prove, and that nothing in them can be changed unseen.
#![allow(clippy::unwrap_used, reason = "a test stops where it is surprised")]

mod changed;
mod consent;
mod proving;
mod telling;
mod world;
