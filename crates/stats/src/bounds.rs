use crate::{
    Error, Interval, Level,
    distribution::normal_cdf,
    input::{finite, held},
    sample::Sample,
};

/// Outcomes of one arm, and how many of its clients have none on record.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arm<'a> {
    /// The outcomes on record.
    pub observed: &'a [f64],
    /// How many were lost.
    pub missing: usize,
}

/// What the record can bear, whatever happened to those lost: the truth lies somewhere between.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// The lower and the upper bound, in the unit of the outcome.
    pub identified: Interval,
    /// The standard error of the lower bound.
    pub low_standard_error: f64,
    /// The standard error of the upper bound.
    pub high_standard_error: f64,
}

impl Bounds {
    /// An interval for the truth itself, that allows for chance as well as for those lost (Imbens and Manski 2004).
    pub fn interval(&self, level: Level) -> Interval {
        let Interval { low, high } = self.identified;
        let error = self.low_standard_error.max(self.high_standard_error);
        let quantile = if error > 0.0 { imbens_manski((high - low) / error, level) } else { 0.0 };
        Interval {
            low: low - quantile * self.low_standard_error,
            high: high + quantile * self.high_standard_error,
        }
    }
}

/// The mean outcome of an arm, were all those lost at one end of the `range` or at the other.
///
/// Source: Manski (1990).
///
/// # Errors
/// [`Error::TooFew`] for an arm of fewer than two, [`Error::OutOfRange`] for an outcome outside the range or a range
/// that is none, [`Error::NotFinite`].
pub fn manski_mean(arm: Arm, range: Interval) -> Result<Bounds, Error> {
    crate::input::at_least("clients in an arm", 2, arm.observed.len().saturating_add(arm.missing))?;
    finite("outcome", arm.observed)?;
    finite("end of the range", &[range.low, range.high])?;
    if range.low >= range.high {
        return Err(Error::OutOfRange {
            what: "the range's upper end",
            value: range.high,
            range: "above the lower",
        });
    }
    if let Some(value) = arm.observed.iter().copied().find(|value| *value < range.low || *value > range.high)
    {
        return Err(Error::OutOfRange { what: "an outcome", value, range: "within the range given" });
    }
    let (low, low_standard_error) = filled(arm, range.low)?;
    let (high, high_standard_error) = filled(arm, range.high)?;
    Ok(Bounds { identified: Interval { low, high }, low_standard_error, high_standard_error })
}

/// The mean of the first arm less that of the second, were those lost at whichever ends of the `range` make it
/// smallest or largest (Manski 1990).
///
/// # Errors
/// Those of [`manski_mean`].
pub fn manski_difference(first: Arm, second: Arm, range: Interval) -> Result<Bounds, Error> {
    let (first, second) = (manski_mean(first, range)?, manski_mean(second, range)?);
    Ok(Bounds {
        identified: Interval {
            low: first.identified.low - second.identified.high,
            high: first.identified.high - second.identified.low,
        },
        low_standard_error: first.low_standard_error.hypot(second.high_standard_error),
        high_standard_error: first.high_standard_error.hypot(second.low_standard_error),
    })
}

/// The mean and its standard error, with one value for all who were lost; without a list of so many.
fn filled(arm: Arm, value: f64) -> Result<(f64, f64), Error> {
    let (seen, lost) = (arm.observed.len() as f64, arm.missing as f64);
    let count = seen + lost;
    let sample = Sample::of(arm.observed);
    let own_mean = if arm.observed.is_empty() { value } else { sample.mean };
    let own_squares = if arm.observed.len() > 1 { sample.variance * (seen - 1.0) } else { 0.0 };
    let mean = held("a bound", own_mean * (seen / count) + value * (lost / count))?;
    let squares = own_squares + (own_mean - value).powi(2) * (seen * lost / count);
    Ok((mean, held("a bound's variance", squares / (count - 1.0) / count)?.sqrt()))
}

/// The quantile c with Φ(c + width) - Φ(-c) = level, by halving: between the one-sided and the two-sided quantile.
fn imbens_manski(width: f64, level: Level) -> f64 {
    let (mut low, mut high) = (0.0, level.normal());
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if normal_cdf(middle + width) - normal_cdf(-middle) < level.share() {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARE: Interval = Interval { low: 0.0, high: 1.0 };

    #[test]
    fn those_lost_widen_the_bounds_by_their_share() {
        let arm = Arm { observed: &[1.0, 1.0, 0.0], missing: 1 };
        let bounds = manski_mean(arm, SHARE).unwrap();
        assert_eq!(bounds.identified, Interval { low: 0.5, high: 0.75 });
        let by_hand = Sample::of(&[1.0, 1.0, 0.0, 0.0]).variance / 4.0;
        assert!((bounds.low_standard_error.powi(2) - by_hand).abs() < 1e-15);
        let other = Arm { observed: &[0.0, 1.0], missing: 0 };
        let difference = manski_difference(arm, other, SHARE).unwrap();
        assert_eq!(difference.identified, Interval { low: 0.0, high: 0.25 });
        assert!(matches!(
            manski_mean(Arm { observed: &[2.0, 1.0], missing: 0 }, SHARE),
            Err(Error::OutOfRange { what: "an outcome", .. })
        ));
    }

    #[test]
    fn the_interval_is_two_sided_without_loss_and_one_sided_with_much() {
        let none = Bounds {
            identified: Interval { low: 0.5, high: 0.5 },
            low_standard_error: 0.1,
            high_standard_error: 0.1,
        };
        assert!((none.interval(Level::P95).high - (0.5 + 0.1 * 1.959_963_985)).abs() < 1e-9);
        let much = Bounds { identified: Interval { low: 0.0, high: 1.0 }, ..none };
        assert!((much.interval(Level::P95).high - (1.0 + 0.1 * 1.644_853_627)).abs() < 1e-9);
    }
}
