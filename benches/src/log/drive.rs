//! Appends for a while, by one writer or many, the same way whoever is appended to.

use std::{
    ops::AddAssign,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::Result;

/// How often and how long a figure is taken.
#[derive(Clone, Copy)]
pub struct Slices {
    pub rounds: usize,
    pub each: Duration,
    /// What a store does a little later, such as writing out what it has in memory, should not fall on the next one.
    pub pause: Duration,
}

/// How many events in how long.
#[derive(Default)]
pub struct Slice {
    pub events: u64,
    pub took: Duration,
}

impl Slice {
    pub fn rate(&self) -> f64 {
        rate(self.events, self.took)
    }
}

impl AddAssign for Slice {
    fn add_assign(&mut self, other: Self) {
        self.events += other.events;
        self.took += other.took;
    }
}

/// Events a second.
pub fn rate(events: u64, took: Duration) -> f64 {
    events as f64 / took.as_secs_f64().max(1e-9)
}

/// Lets `writers` append until the time is up, each at least once. `append` gets the number of its first event, appends `batch` events and
/// says how long that took without making them up.
///
/// Of one writer only the time within its appends counts; of many, all of it.
pub fn drive(
    writers: usize,
    batch: u64,
    each: Duration,
    next: &AtomicU64,
    append: impl Fn(u64) -> Result<Duration> + Sync,
) -> Result<Slice> {
    let begun = Instant::now();
    let write = || -> Result<(u64, Duration)> {
        let (mut events, mut within) = (0, Duration::ZERO);
        loop {
            within += append(next.fetch_add(batch, Ordering::Relaxed))?;
            events += batch;
            if begun.elapsed() >= each {
                return Ok((events, within));
            }
        }
    };
    if writers == 1 {
        let (events, took) = write()?;
        return Ok(Slice { events, took });
    }
    let events = thread::scope(|scope| {
        let threads: Vec<_> = (0..writers).map(|_| scope.spawn(write)).collect();
        threads.into_iter().try_fold(0, |events, thread| {
            Ok::<_, anyhow::Error>(events + thread.join().expect("a writer does not panic")?.0)
        })
    })?;
    Ok(Slice { events, took: begun.elapsed() })
}
