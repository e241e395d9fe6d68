//! The only place where the product reads a clock or makes an id.

use std::{sync::Arc, time::Instant};

use jiff::{Timestamp, civil::Date, tz::Offset};

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// This machine's clock.
#[expect(clippy::disallowed_methods, reason = "the clock enters here")]
pub fn system() -> Clock {
    Arc::new(Timestamp::now)
}

/// Today by this clock, in UTC.
pub fn today(clock: &Clock) -> Date {
    Offset::UTC.to_datetime(clock()).date()
}

/// Seconds since a moment, for saying how long something took.
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[expect(clippy::disallowed_methods, reason = "the clock enters here")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Seconds since it was started.
    pub fn seconds(&self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}
