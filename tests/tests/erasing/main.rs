//! Erasing, looked for in every byte of every file: real and made-up lives, what they say and the keys that sealed it,
//! before, after, and where the process was killed on the way.

#![allow(clippy::unwrap_used, reason = "a test stops where it is surprised")]

mod copies;
mod files;
mod kills;
mod linked;
mod lives;
mod served;
mod unsealed;
