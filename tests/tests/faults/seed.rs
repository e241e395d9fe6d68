//! From which seed everything here is drawn.

use throughline_cli::clock::Stopwatch;

/// The seed of this run: the same seed does the same things, as far as threads and disks let it.
pub fn seed() -> u64 {
    std::env::var("THROUGHLINE_FAULTS_SEED").map_or(1, |seed| seed.parse().expect("a seed is a number"))
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
