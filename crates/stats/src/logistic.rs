use crate::{
    Error, Estimate, Matrix,
    covariates::{standardised, without_intercept},
    input::{as_many, at_least, finite},
    linear::dot,
    newton::{Point, maximise},
};

/// A fitted logistic regression.
#[derive(Debug, Clone, PartialEq)]
pub struct Logistic {
    /// The intercept, then one for each covariate: what one unit more adds to the log odds. Normal.
    pub coefficients: Vec<Estimate>,
    /// Their covariances, the inverse of the observed information.
    pub covariance: Matrix,
    /// The fitted probability of each row: its propensity, where the outcome is being treated.
    pub probabilities: Vec<f64>,
    /// The log-likelihood at the estimate.
    pub log_likelihood: f64,
    /// How many Newton steps were taken.
    pub iterations: usize,
}

/// Logistic regression with an intercept, by maximum likelihood (Cox 1958): one row of covariates for each outcome.
///
/// # Errors
/// [`Error::NoVariation`] where all outcomes are the same, [`Error::Separation`], [`Error::Singular`],
/// [`Error::Constant`], [`Error::NotConverged`], [`Error::Lengths`].
pub fn logistic(covariates: &Matrix, outcome: &[bool]) -> Result<Logistic, Error> {
    as_many("outcomes", covariates.rows(), outcome.len())?;
    at_least("rows", covariates.columns() + 2, outcome.len())?;
    let share = outcome.iter().filter(|yes| **yes).count() as f64 / outcome.len() as f64;
    if share <= 0.0 || share >= 1.0 {
        return Err(Error::NoVariation { what: "the outcome" });
    }
    let standard = standardised(covariates)?;
    let design = standard.values.with_intercept();
    let mut start = vec![0.0; design.columns()];
    start[0] = (share / (1.0 - share)).ln();
    let best = maximise(start, |place| at(&design, outcome, place)).map_err(without_intercept)?;
    let probabilities = design.times(&best.at).into_iter().map(probability).collect();
    let (coefficients, covariance) = standard.unscaled(&best.at, &best.covariance);
    let coefficients = coefficients
        .iter()
        .enumerate()
        .map(|(j, value)| Estimate::normal("a coefficient", *value, covariance[(j, j)]))
        .collect::<Result<_, _>>()?;
    let (log_likelihood, iterations) = (best.log_likelihood, best.iterations);
    Ok(Logistic { coefficients, covariance, probabilities, log_likelihood, iterations })
}

impl Logistic {
    /// The fitted probability for other covariates.
    ///
    /// # Errors
    /// [`Error::Lengths`], [`Error::NotFinite`].
    pub fn probability(&self, covariates: &[f64]) -> Result<f64, Error> {
        as_many("covariates", self.coefficients.len() - 1, covariates.len())?;
        finite("covariate", covariates)?;
        let slopes: Vec<f64> = self.coefficients[1..].iter().map(|slope| slope.value).collect();
        Ok(probability(self.coefficients[0].value + dot(&slopes, covariates)))
    }
}

fn at(design: &Matrix, outcome: &[bool], coefficients: &[f64]) -> Point {
    let size = coefficients.len();
    let mut point =
        Point { log_likelihood: 0.0, score: vec![0.0; size], information: Matrix::zero(size, size) };
    for (row, predictor) in design.times(coefficients).into_iter().enumerate() {
        let (chance, values) = (probability(predictor), design.row(row));
        // The log of the probability of what happened, without computing that probability.
        let against = if outcome[row] { -predictor } else { predictor };
        point.log_likelihood -= against.max(0.0) + (-against.abs()).exp().ln_1p();
        let left = if outcome[row] { probability(-predictor) } else { -chance };
        point.score.iter_mut().zip(values).for_each(|(slope, value)| *slope += left * value);
        point.information.add_outer(chance * probability(-predictor), values, values);
    }
    point
}

/// The probability of log odds, exact at both ends.
fn probability(log_odds: f64) -> f64 {
    if log_odds >= 0.0 {
        (1.0 + (-log_odds).exp()).recip()
    } else {
        let odds = log_odds.exp();
        odds / (1.0 + odds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_binary_covariate_gives_the_log_odds_ratio() {
        let rows: Vec<[f64; 1]> = [[1.0]; 5].into_iter().chain([[0.0]; 5]).collect();
        let outcome = [true, true, true, false, false, true, false, false, false, false];
        let fit = logistic(&Matrix::from_rows(&rows).unwrap(), &outcome).unwrap();
        assert!((fit.coefficients[1].value - (1.5_f64 / 0.25).ln()).abs() < 1e-9);
        let variance: f64 = 1.0 / 3.0 + 1.0 / 2.0 + 1.0 + 1.0 / 4.0;
        assert!((fit.coefficients[1].standard_error - variance.sqrt()).abs() < 1e-9);
        assert!((fit.probability(&[1.0]).unwrap() - 0.6).abs() < 1e-12);
    }

    #[test]
    fn separation_is_an_error_and_not_a_large_number() {
        let rows = Matrix::from_rows(&[[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]]).unwrap();
        let apart = [false, false, false, true, true, true];
        assert_eq!(logistic(&rows, &apart), Err(Error::Separation { covariate: 0 }));
        // Nobody with a 1 in the second covariate had it: separated in part.
        let rows = [[0.3, 0.0], [0.9, 0.0], [0.1, 0.0], [0.5, 0.0], [0.7, 1.0], [0.2, 1.0], [0.8, 1.0]];
        let outcome = [true, false, false, true, false, false, false];
        assert_eq!(
            logistic(&Matrix::from_rows(&rows).unwrap(), &outcome),
            Err(Error::Separation { covariate: 1 })
        );
    }

    #[test]
    fn a_steep_slope_is_no_separation() {
        // 2000 clients, told apart but for a few at the middle: steep, and finite.
        let rows: Vec<[f64; 1]> = (0..2000_u32).map(|row| [f64::from(row)]).collect();
        let outcome: Vec<bool> = (0..2000_u32).map(|row| row + 5 * (row % 3) >= 1005).collect();
        let fit = logistic(&Matrix::from_rows(&rows).unwrap(), &outcome).unwrap();
        assert!(
            fit.coefficients[1].value > 0.3 && fit.coefficients[1].p_value() < 0.05,
            "{:?}",
            fit.coefficients
        );
    }
}
