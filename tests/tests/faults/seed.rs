//! From which seed everything here is drawn.

use std::hash::{BuildHasher as _, RandomState};

use throughline_cli::clock::Stopwatch;

/// The seed that was asked for, or always the same: the same seed does the same things, as far as threads and disks
/// let it.
pub fn seed() -> u64 {
    asked().unwrap_or(1)
}

/// The seed that was asked for, or one that nobody had before.
pub fn new_seed() -> u64 {
    asked().unwrap_or_else(|| RandomState::new().hash_one(1) >> 16)
}

fn asked() -> Option<u64> {
    let seed = std::env::var("THROUGHLINE_FAULTS_SEED").ok()?;
    Some(seed.parse().expect("a seed is a number"))
}

/// How long the long run goes on.
pub fn minutes() -> f64 {
    std::env::var("THROUGHLINE_FAULTS_MINUTES")
        .map_or(1.0, |minutes| minutes.parse().expect("minutes are a number"))
}

/// A watch.
pub fn watch() -> Stopwatch {
    Stopwatch::start()
}
