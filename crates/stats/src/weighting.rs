use std::ops::RangeInclusive;

use crate::{
    Error, Estimate, Matrix,
    input::{as_many, at_least, finite, open_share},
    linear::dot,
    logistic::{Logistic, logistic},
};

/// For whom the effect is to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Estimand {
    /// Those who were treated (ATT).
    Treated,
    /// Everyone (ATE).
    Everyone,
}

/// A difference of weighted means, and what it stands on.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighted {
    /// The mean outcome of the treated less that of the others, in the unit of the outcome; normal.
    pub effect: Estimate,
    /// The weight of each row; 0 for those left out.
    pub weights: Vec<f64>,
    /// How many were left out, their propensity being outside the overlap.
    pub trimmed: usize,
    /// The effective sample size of the treated.
    pub effective_treated: f64,
    /// The effective sample size of the others.
    pub effective_untreated: f64,
    /// The largest share that a single row has of its arm's weight.
    pub largest_share: f64,
}

/// Inverse-probability weighting with known propensities: Hájek's ratio of weighted sums (Hájek 1971, Rosenbaum
/// 1987), its variance from the influence function.
///
/// Rows whose propensity lies outside `overlap` are left out (Crump and others 2009 use 0.1 to 0.9): the effect then
/// holds for those who remain.
///
/// # Errors
/// [`Error::OutOfRange`] for a propensity or overlap not within 0 and 1, [`Error::TooFew`] where fewer than two of an
/// arm remain, [`Error::Lengths`], [`Error::NotFinite`], [`Error::NoVariation`].
pub fn weighted_effect(
    treated: &[bool],
    propensity: &[f64],
    outcome: &[f64],
    estimand: Estimand,
    overlap: RangeInclusive<f64>,
) -> Result<Weighted, Error> {
    let arms = Arms::new(treated, propensity, outcome, estimand, overlap)?;
    let influence = arms.influence();
    arms.finish(&influence)
}

/// The same with propensities from a logistic regression on `covariates`, and the variance that takes account of
/// their having been estimated (Lunceford and Davidian 2004). It returns the regression too.
///
/// # Errors
/// Those of [`weighted_effect`] and of [`logistic`].
pub fn propensity_weighted_effect(
    covariates: &Matrix,
    treated: &[bool],
    outcome: &[f64],
    estimand: Estimand,
    overlap: RangeInclusive<f64>,
) -> Result<(Weighted, Logistic), Error> {
    let model = logistic(covariates, treated)?;
    let arms = Arms::new(treated, &model.probabilities, outcome, estimand, overlap)?;
    let design = covariates.with_intercept();
    // How the effect moves with the model's coefficients, and how each row moved those.
    let pull = model.covariance.times(&arms.slope(&design));
    let mut influence = arms.influence();
    for (row, own) in influence.iter_mut().enumerate() {
        let left = f64::from(u8::from(treated[row])) - model.probabilities[row];
        *own += left * dot(design.row(row), &pull);
    }
    Ok((arms.finish(&influence)?, model))
}

/// Kish's effective sample size (1965): as many rows of equal weight would tell as much.
///
/// # Errors
/// [`Error::OutOfRange`] for a weight below 0, [`Error::TooFew`] where no weight is above 0, [`Error::NotFinite`].
pub fn effective_sample_size(weights: &[f64]) -> Result<f64, Error> {
    finite("weight", weights)?;
    if let Some(value) = weights.iter().copied().find(|weight| *weight < 0.0) {
        return Err(Error::OutOfRange { what: "a weight", value, range: "0 or more" });
    }
    let largest = weights.iter().copied().fold(0.0, f64::max);
    at_least("weights above 0", 1, usize::from(largest > 0.0))?;
    let shares = || weights.iter().map(|weight| weight / largest);
    Ok(shares().sum::<f64>().powi(2) / shares().map(|share| share * share).sum::<f64>())
}

struct Arms<'a> {
    treated: &'a [bool],
    propensity: &'a [f64],
    outcome: &'a [f64],
    estimand: Estimand,
    weights: Vec<f64>,
    trimmed: usize,
    /// Of the untreated, then of the treated.
    totals: [f64; 2],
    means: [f64; 2],
}

impl<'a> Arms<'a> {
    fn new(
        treated: &'a [bool],
        propensity: &'a [f64],
        outcome: &'a [f64],
        estimand: Estimand,
        overlap: RangeInclusive<f64>,
    ) -> Result<Self, Error> {
        as_many("propensities", treated.len(), propensity.len())?;
        as_many("outcomes", treated.len(), outcome.len())?;
        finite("outcome", outcome)?;
        propensity.iter().try_for_each(|chance| open_share("a propensity", *chance))?;
        for value in [*overlap.start(), *overlap.end()] {
            if !(0.0..=1.0).contains(&value) {
                return Err(Error::OutOfRange { what: "the overlap", value, range: "from 0 to 1" });
            }
        }
        let weights: Vec<f64> = (0..treated.len())
            .map(|row| {
                let kept = overlap.contains(&propensity[row]);
                if kept { weight(estimand, treated[row], propensity[row]) } else { 0.0 }
            })
            .collect();
        let (mut totals, mut sums, mut counts) = ([0.0; 2], [0.0; 2], [0; 2]);
        for row in (0..treated.len()).filter(|row| weights[*row] > 0.0) {
            let arm = usize::from(treated[row]);
            totals[arm] += weights[row];
            sums[arm] += weights[row] * outcome[row];
            counts[arm] += 1;
        }
        at_least("treated within the overlap", 2, counts[1])?;
        at_least("untreated within the overlap", 2, counts[0])?;
        let means = [sums[0] / totals[0], sums[1] / totals[1]];
        let trimmed = treated.len() - counts[0] - counts[1];
        Ok(Self { treated, propensity, outcome, estimand, weights, trimmed, totals, means })
    }

    /// How much each row moves the effect.
    fn influence(&self) -> Vec<f64> {
        (0..self.treated.len()).map(|row| self.weights[row] * self.pull(row)).collect()
    }

    /// How much a unit of weight on this row moves the effect.
    fn pull(&self, row: usize) -> f64 {
        let arm = usize::from(self.treated[row]);
        let away = (self.outcome[row] - self.means[arm]) / self.totals[arm];
        if self.treated[row] { away } else { -away }
    }

    /// How the effect moves with each coefficient of the propensity's log odds.
    fn slope(&self, design: &Matrix) -> Vec<f64> {
        let mut slope = vec![0.0; design.columns()];
        for row in (0..self.treated.len()).filter(|row| self.weights[*row] > 0.0) {
            let odds = self.propensity[row] / (1.0 - self.propensity[row]);
            let weight_slope = match (self.estimand, self.treated[row]) {
                (Estimand::Treated, true) => 0.0,
                (Estimand::Everyone, true) => -odds.recip(),
                (_, false) => odds,
            };
            let moved = weight_slope * self.pull(row);
            slope.iter_mut().zip(design.row(row)).for_each(|(sum, value)| *sum += moved * value);
        }
        slope
    }

    fn finish(self, influence: &[f64]) -> Result<Weighted, Error> {
        let variance = influence.iter().map(|own| own * own).sum();
        let effect = Estimate::normal("the outcome", self.means[1] - self.means[0], variance)?;
        let of_arm = |arm: bool| -> Vec<f64> {
            (0..self.treated.len())
                .filter(|row| self.treated[*row] == arm)
                .map(|row| self.weights[row])
                .collect()
        };
        let (treated, untreated) = (of_arm(true), of_arm(false));
        let largest = |weights: &[f64], total: f64| weights.iter().copied().fold(0.0, f64::max) / total;
        Ok(Weighted {
            effect,
            trimmed: self.trimmed,
            effective_treated: effective_sample_size(&treated)?,
            effective_untreated: effective_sample_size(&untreated)?,
            largest_share: largest(&untreated, self.totals[0]).max(largest(&treated, self.totals[1])),
            weights: self.weights,
        })
    }
}

fn weight(estimand: Estimand, treated: bool, propensity: f64) -> f64 {
    match (estimand, treated) {
        (Estimand::Treated, true) => 1.0,
        (Estimand::Treated, false) => propensity / (1.0 - propensity),
        (Estimand::Everyone, true) => propensity.recip(),
        (Estimand::Everyone, false) => (1.0 - propensity).recip(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_propensities_give_the_difference_of_means() {
        let treated = [true, true, true, false, false];
        let outcome = [1.0, 2.0, 6.0, 1.0, 4.0];
        for estimand in [Estimand::Treated, Estimand::Everyone] {
            let found = weighted_effect(&treated, &[0.5; 5], &outcome, estimand, 0.1..=0.9).unwrap();
            assert!((found.effect.value - 0.5).abs() < 1e-15);
            let variance: f64 = (4.0 + 1.0 + 9.0) / 9.0 + (2.25 + 2.25) / 4.0;
            assert!((found.effect.standard_error - variance.sqrt()).abs() < 1e-14);
            assert_eq!((found.effective_treated, found.effective_untreated), (3.0, 2.0));
            assert_eq!(found.largest_share, 0.5);
        }
    }

    #[test]
    fn rows_without_a_like_in_the_other_arm_are_left_out() {
        let treated = [true, true, true, false, false];
        let outcome = [1.0, 2.0, 60.0, 1.0, 4.0];
        let propensity = [0.5, 0.5, 0.95, 0.5, 0.5];
        let found = weighted_effect(&treated, &propensity, &outcome, Estimand::Everyone, 0.1..=0.9).unwrap();
        assert_eq!((found.trimmed, found.weights[2]), (1, 0.0));
        assert!((found.effect.value + 1.0).abs() < 1e-15);
        let certain = weighted_effect(&treated, &[1.0; 5], &outcome, Estimand::Everyone, 0.0..=1.0);
        assert!(matches!(certain, Err(Error::OutOfRange { what: "a propensity", .. })));
    }

    #[test]
    fn a_propensity_from_one_yes_or_no_is_standardisation() {
        // Without and with the covariate: who was treated, and the outcome.
        let rows = [
            (0.0, true, 3.0),
            (0.0, true, 5.0),
            (0.0, false, 1.0),
            (0.0, false, 2.0),
            (0.0, false, 6.0),
            (1.0, true, 9.0),
            (1.0, true, 4.0),
            (1.0, true, 5.0),
            (1.0, false, 1.0),
            (1.0, false, 3.0),
            (1.0, false, 3.5),
        ];
        let (treated, outcome) = (rows.map(|row| row.1), rows.map(|row| row.2));
        let covariate = Matrix::from_rows(&rows.map(|row| [row.0])).unwrap();
        for (estimand, counted) in [(Estimand::Everyone, 11.0), (Estimand::Treated, 5.0)] {
            let (mut effect, mut strata) = (0.0, Vec::new());
            for with in [0.0, 1.0] {
                let of = |arm: bool| -> Vec<f64> {
                    rows.iter().filter(|row| row.0 == with && row.1 == arm).map(|row| row.2).collect()
                };
                let cell = |values: &[f64]| {
                    let (count, mean) =
                        (values.len() as f64, values.iter().sum::<f64>() / values.len() as f64);
                    (count, mean, values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count)
                };
                let ((n1, m1, v1), (n0, m0, v0)) = (cell(&of(true)), cell(&of(false)));
                let share = if estimand == Estimand::Treated { n1 } else { n1 + n0 } / counted;
                effect += share * (m1 - m0);
                strata.push((share, m1 - m0, v1 / n1 + v0 / n0));
            }
            let variance: f64 = strata
                .iter()
                .map(|(share, own, within)| share * share * within + share * (own - effect).powi(2) / counted)
                .sum();
            let (found, _) =
                propensity_weighted_effect(&covariate, &treated, &outcome, estimand, 0.0..=1.0).unwrap();
            assert!((found.effect.value - effect).abs() < 1e-9);
            assert!((found.effect.standard_error - variance.sqrt()).abs() < 1e-9);
        }
    }
}
