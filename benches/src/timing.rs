//! Timings: how long, how fast, and their spread.

use std::time::{Duration, Instant};

/// Runs something once and says how long it took.
pub fn timed<T>(run: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    let result = run();
    (result, begun.elapsed())
}

/// The q-th quantile of durations (nearest rank), in milliseconds.
pub fn quantile_ms(sorted: &[Duration], q: f64) -> f64 {
    let rank = ((sorted.len() as f64 * q).ceil() as usize).clamp(1, sorted.len());
    sorted[rank - 1].as_secs_f64() * 1000.0
}

/// Per second.
pub fn rate(count: usize, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64().max(1e-9)
}

/// Processor time of this process so far, all threads together, in seconds; 0 where the system does not say.
pub fn processor_seconds() -> f64 {
    // Linux counts in hundredths of a second, whatever its clock does inside.
    const TICKS_PER_SECOND: f64 = 100.0;
    let status = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = status.rsplit(')').next().unwrap_or_default().split_whitespace();
    // The 14th and 15th field of all: the first two stand before the bracket.
    let ticks: f64 = fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    ticks / TICKS_PER_SECOND
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_takes_processor_time() {
        let before = processor_seconds();
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_millis(300) {
            std::hint::black_box(quantile_ms(&[Duration::from_millis(1)], 0.5));
        }
        let took = processor_seconds() - before;
        assert!(took > 0.01 && took < 30.0, "{took} s");
    }
}
