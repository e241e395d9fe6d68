use crate::{Error, Estimate, Interval, KaplanMeier, Level, Spell, input::held};

/// The restricted mean survival time: the mean time without the event up to a horizon, the area under the curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RestrictedMean {
    /// The horizon, in the unit of the spells.
    pub horizon: f64,
    /// The mean time without the event, in the same unit.
    pub mean: f64,
    /// Its standard error; 0 where nobody had the event before the horizon.
    pub standard_error: f64,
}

/// The mean time without the event up to `horizon`.
///
/// Source: Irwin (1949), Royston and Parmar (2013); variance from Greenwood's terms, the sum over event times of
/// the squared area still to come times d / (n (n - d)) (Klein and Moeschberger 2003, 4.5).
///
/// # Errors
/// [`Error::BeyondFollowUp`] for a horizon past the last time anyone was seen, unless by then all had the event.
pub fn restricted_mean(spells: &[Spell], horizon: f64) -> Result<RestrictedMean, Error> {
    if !(horizon.is_finite() && horizon > 0.0) {
        return Err(Error::OutOfRange {
            what: "the horizon",
            value: horizon,
            range: "finite and more than 0",
        });
    }
    let curve = KaplanMeier::fit(spells)?;
    let last = curve.last_seen();
    if horizon > last && curve.survival_at(last) > 0.0 {
        return Err(Error::BeyondFollowUp { horizon, last });
    }
    // From the horizon backwards: the area to come is known when an event's term needs it.
    let (mut area, mut variance, mut until) = (0.0, 0.0, horizon);
    for step in curve.steps().iter().rev().filter(|step| step.time <= horizon) {
        area += step.survival * (until - step.time);
        until = step.time;
        if step.survival > 0.0 {
            let (n, d) = (step.at_risk as f64, step.events as f64);
            variance += area * area * d / (n * (n - d));
        }
    }
    let mean = held("the restricted mean", area + until)?;
    let standard_error = held("the variance of the restricted mean", variance)?.sqrt();
    Ok(RestrictedMean { horizon, mean, standard_error })
}

/// How much longer the first arm stayed without the event than the second, up to `horizon`: the difference of
/// [`restricted_mean`]s, with the normal distribution.
///
/// # Errors
/// Those of [`restricted_mean`]; [`Error::NoVariation`] where neither arm had an event before the horizon.
pub fn restricted_mean_difference(
    first: &[Spell],
    second: &[Spell],
    horizon: f64,
) -> Result<Estimate, Error> {
    let (first, second) = (restricted_mean(first, horizon)?, restricted_mean(second, horizon)?);
    let variance = first.standard_error.powi(2) + second.standard_error.powi(2);
    Estimate::normal("the time without the event", first.mean - second.mean, variance)
}

impl RestrictedMean {
    /// The normal interval at this level.
    pub fn interval(&self, level: Level) -> Interval {
        let half = level.normal() * self.standard_error;
        Interval { low: self.mean - half, high: self.mean + half }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_is_the_area_by_hand() {
        // Falls to 2/3 at 1 and to 1/3 at 2: areas 1 + 2/3 + 2 * 1/3 up to 4.
        let spells = [Spell::event(1.0), Spell::event(2.0), Spell::censored(5.0)];
        let mean = restricted_mean(&spells, 4.0).unwrap();
        assert!((mean.mean - 7.0 / 3.0).abs() < 1e-15);
        // At 1: area to come 4/3, term 1/6; at 2: area to come 2/3, term 1/2.
        let variance: f64 = (16.0 / 9.0) / 6.0 + (4.0 / 9.0) / 2.0;
        assert!((mean.standard_error - variance.sqrt()).abs() < 1e-15);
    }

    #[test]
    fn a_horizon_past_the_last_one_seen_is_refused() {
        let spells = [Spell::event(1.0), Spell::censored(5.0)];
        assert_eq!(restricted_mean(&spells, 6.0), Err(Error::BeyondFollowUp { horizon: 6.0, last: 5.0 }));
        assert_eq!(restricted_mean(&[Spell::event(1.0)], 6.0).unwrap().mean, 1.0);
        assert_eq!(restricted_mean(&spells[1..], 4.0).unwrap().standard_error, 0.0);
    }
}
