use crate::{
    Error, Interval,
    bounds::{Arm, Bounds},
    input::{at_least, finite, held},
    sample::Sample,
};

/// Lee's bounds on an effect where more of one arm than of the other have an outcome on record.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LeeBounds {
    /// The effect on those who would have an outcome on record in either arm: treated less untreated.
    pub effect: Bounds,
    /// The share trimmed from the arm with more on record; 0 where both have the same share.
    pub trimmed_share: f64,
    /// Which arm was trimmed.
    pub trimmed_arm: Trimmed,
}

/// The arm of which more have an outcome on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trimmed {
    /// The treated, or neither.
    Treated,
    /// The untreated.
    Untreated,
}

/// Trims the arm that has more on record by the surplus, from above and from below. It holds under random assignment
/// and if being treated moves nobody's record both ways: some into it and others out of it.
///
/// Source: Lee (2009), with the standard errors of its proposition 3. Where the surplus is not a whole number of
/// clients, or outcomes are tied at the cut, the outcome there counts in part.
///
/// # Errors
/// [`Error::TooFew`] where an arm has fewer than two on record or two would not be left, [`Error::NotFinite`].
pub fn lee_bounds(treated: Arm, untreated: Arm) -> Result<LeeBounds, Error> {
    for arm in [treated, untreated] {
        at_least("outcomes on record in an arm", 2, arm.observed.len())?;
        finite("outcome", arm.observed)?;
    }
    if share(treated) >= share(untreated) {
        let (trimmed_share, effect) = surplus_arm(treated, untreated)?;
        return Ok(LeeBounds { effect, trimmed_share, trimmed_arm: Trimmed::Treated });
    }
    let (trimmed_share, Bounds { identified, low_standard_error, high_standard_error }) =
        surplus_arm(untreated, treated)?;
    // Turned round: the lowest of "untreated less treated" is the highest of the effect.
    let effect = Bounds {
        identified: Interval { low: -identified.high, high: -identified.low },
        low_standard_error: high_standard_error,
        high_standard_error: low_standard_error,
    };
    Ok(LeeBounds { effect, trimmed_share, trimmed_arm: Trimmed::Untreated })
}

/// The bounds of "more less fewer", and the share trimmed from `more`.
fn surplus_arm(more: Arm, fewer: Arm) -> Result<(f64, Bounds), Error> {
    let ratio = share(fewer) / share(more);
    let trimmed = 1.0 - ratio;
    let chance = |arm: Arm| (1.0 - share(arm)) / (share(arm) * clients(arm));
    let trimmed_variance = if trimmed > 0.0 { ratio * ratio * (chance(fewer) + chance(more)) } else { 0.0 };
    let mut ordered = more.observed.to_vec();
    ordered.sort_by(f64::total_cmp);
    let (low, low_variance) = kept_mean(&ordered, ratio, trimmed_variance)?;
    let mirrored: Vec<f64> = ordered.iter().rev().map(|value| -value).collect();
    let (high, high_variance) = kept_mean(&mirrored, ratio, trimmed_variance)?;

    let other = Sample::of(fewer.observed);
    let other_variance = other.variance / other.count;
    let error = |variance: f64| held("a bound's variance", variance + other_variance).map(f64::sqrt);
    let identified =
        Interval { low: held("a bound", low - other.mean)?, high: held("a bound", -high - other.mean)? };
    let bounds = Bounds {
        identified,
        low_standard_error: error(low_variance)?,
        high_standard_error: error(high_variance)?,
    };
    Ok((trimmed, bounds))
}

/// The mean of the lowest `ratio` of the outcomes, and its variance.
fn kept_mean(ordered: &[f64], ratio: f64, trimmed_variance: f64) -> Result<(f64, f64), Error> {
    let kept = ratio * ordered.len() as f64;
    if kept < 2.0 - 1e-9 {
        return Err(Error::TooFew { what: "outcomes left after trimming", needed: 2, got: 1 });
    }
    // How much of each outcome is kept: all, a part at the cut, none.
    let parts: Vec<f64> = (0..ordered.len()).map(|before| (kept - before as f64).clamp(0.0, 1.0)).collect();
    let mean = parts.iter().zip(ordered).map(|(part, value)| part / kept * value).sum::<f64>();
    let squares: f64 = parts.iter().zip(ordered).map(|(part, value)| part * (value - mean).powi(2)).sum();
    let cut =
        parts.iter().zip(ordered).filter(|(part, _)| **part > 1e-9).map(|(_, value)| *value).next_back();
    let away = cut.unwrap_or(mean) - mean;
    let trimmed = 1.0 - ratio;
    let variance = squares / (kept - 1.0) / kept
        + away * away * trimmed / kept
        + (away / ratio).powi(2) * trimmed_variance;
    Ok((mean, variance))
}

fn clients(arm: Arm) -> f64 {
    arm.observed.len() as f64 + arm.missing as f64
}

fn share(arm: Arm) -> f64 {
    arm.observed.len() as f64 / clients(arm)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_surplus_is_trimmed_from_either_end() {
        // Four of four on record against three of four: a quarter of the treated is surplus.
        let treated = Arm { observed: &[4.0, 1.0, 3.0, 2.0], missing: 0 };
        let untreated = Arm { observed: &[1.0, 2.0, 3.0], missing: 1 };
        let found = lee_bounds(treated, untreated).unwrap();
        assert!((found.trimmed_share - 0.25).abs() < 1e-15);
        assert!((found.effect.identified.low - 0.0).abs() < 1e-15);
        assert!((found.effect.identified.high - 1.0).abs() < 1e-15);
        let turned = lee_bounds(untreated, treated).unwrap();
        assert_eq!(turned.trimmed_arm, Trimmed::Untreated);
        assert!((turned.effect.identified.low + 1.0).abs() < 1e-15);
        assert_eq!(turned.effect.low_standard_error, found.effect.high_standard_error);
    }

    #[test]
    fn without_a_surplus_the_bounds_meet() {
        let arm = Arm { observed: &[1.0, 2.0, 4.0], missing: 2 };
        let other = Arm { observed: &[0.0, 2.0, 1.0], missing: 2 };
        let found = lee_bounds(arm, other).unwrap();
        assert!((found.effect.identified.low - 4.0 / 3.0).abs() < 1e-15);
        assert!((found.effect.identified.high - 4.0 / 3.0).abs() < 1e-15);
        assert_eq!(found.trimmed_share, 0.0);
    }
}
