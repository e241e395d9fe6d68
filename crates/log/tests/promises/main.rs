//! What the log promises, through its public seam.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod appending;
mod damage;
mod data;
