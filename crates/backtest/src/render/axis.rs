//! Where numbers stand along a line.

use super::number;

/// A line of numbers laid over a line of points.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Axis {
    /// From the least to the greatest of these, widened to round numbers. `from` and `to` are where it is drawn.
    pub fn over(values: impl IntoIterator<Item = f64>, from: f64, to: f64) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values {
            (low, high) = (low.min(value), high.max(value));
        }
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        if high - low < 1e-9 * high.abs().max(1.0) {
            (low, high) =
                if low == 0.0 { (0.0, 1.0) } else { (low - low.abs() / 2.0, high + high.abs() / 2.0) };
        }
        let step = step(high - low);
        Self { low: (low / step).floor() * step, high: (high / step).ceil() * step, from, to }
    }

    /// Where a number stands.
    pub fn at(self, value: f64) -> f64 {
        self.from + (value - self.low) / (self.high - self.low) * (self.to - self.from)
    }

    /// Round numbers along it, with their texts.
    pub fn ticks(self) -> Vec<(f64, String)> {
        let step = step(self.high - self.low);
        let count = ((self.high - self.low) / step).round();
        let mut ticks = Vec::new();
        let mut at = 0.0;
        while at <= count {
            // Back to the nearest round number: sums of tenths are not tenths.
            let value = ((self.low / step).round() + at) * step;
            ticks.push((self.at(value), number((value * 1e9).round() / 1e9)));
            at += 1.0;
        }
        ticks
    }
}

/// A round step that goes about five times into a length.
fn step(length: f64) -> f64 {
    let rough = length / 5.0;
    let ten = 10_f64.powf(rough.log10().floor());
    let times = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|times| times * ten >= rough * 0.999);
    times.unwrap_or(10.0) * ten
}
