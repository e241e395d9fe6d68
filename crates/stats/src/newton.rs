//! Newton's method for log-likelihoods that curve down everywhere: Cox's and the logistic one.

use crate::{
    Error,
    linear::{Cholesky, Matrix, dot},
};

/// A log-likelihood at one point.
pub(crate) struct Point {
    pub log_likelihood: f64,
    /// Its slope.
    pub score: Vec<f64>,
    /// Minus its curvature.
    pub information: Matrix,
}

/// Where it is largest.
pub(crate) struct Maximum {
    pub at: Vec<f64>,
    pub log_likelihood: f64,
    pub covariance: Matrix,
    pub iterations: usize,
}

const ITERATIONS_MAX: usize = 60;
const HALVINGS_MAX: usize = 40;
/// The gain in log-likelihood that a step promises, at which that step is the last.
const GAIN_ENOUGH: f64 = 1e-12;
/// What rounding leaves of a gain, beside the log-likelihood.
const GAIN_ROUNDING: f64 = 1e-15;
/// A standard error grown so many times from the start's has no information left behind it.
const ERROR_GROWTH_MAX: f64 = 300.0;

/// Climbs from `start` to the maximum, halving steps that lead down or out of the numbers.
///
/// Columns are expected on a scale of about 1. A column whose standard error explodes on the way up is separation.
pub(crate) fn maximise(start: Vec<f64>, at: impl Fn(&[f64]) -> Point) -> Result<Maximum, Error> {
    let mut place = start;
    let mut here = at(&place);
    let first = Cholesky::of(&here.information)?.inverse();
    for iterations in 1..=ITERATIONS_MAX {
        let cholesky = decomposed(&here, &first, &place)?;
        let step = cholesky.solve(&here.score);
        let gain = dot(&step, &here.score) / 2.0;
        let scale = here.log_likelihood.abs() + 1.0;
        let Some((next_place, next)) = climb(&place, &here, &step, &at) else {
            if gain <= 1e-9 * scale {
                return finish(place, &here, &first, iterations);
            }
            return Err(Error::NotConverged { iterations });
        };
        (place, here) = (next_place, next);
        if gain <= GAIN_ENOUGH.max(GAIN_ROUNDING * scale) {
            return finish(place, &here, &first, iterations);
        }
    }
    Err(diverging(&place).unwrap_or(Error::NotConverged { iterations: ITERATIONS_MAX }))
}

fn climb(
    place: &[f64],
    here: &Point,
    step: &[f64],
    at: &impl Fn(&[f64]) -> Point,
) -> Option<(Vec<f64>, Point)> {
    let mut share = 1.0;
    for _ in 0..HALVINGS_MAX {
        let next_place: Vec<f64> = place.iter().zip(step).map(|(value, step)| value + share * step).collect();
        let next = at(&next_place);
        // Rounding may take a last step down by a hair.
        if next.log_likelihood.is_finite()
            && next.log_likelihood >= here.log_likelihood - 1e-13 * here.log_likelihood.abs()
        {
            return Some((next_place, next));
        }
        share /= 2.0;
    }
    None
}

fn finish(at: Vec<f64>, here: &Point, first: &Matrix, iterations: usize) -> Result<Maximum, Error> {
    let covariance = decomposed(here, first, &at)?.inverse();
    for column in 0..at.len() {
        if covariance[(column, column)] > first[(column, column)] * ERROR_GROWTH_MAX * ERROR_GROWTH_MAX {
            return Err(Error::Separation { covariate: column });
        }
    }
    Ok(Maximum { at, log_likelihood: here.log_likelihood, covariance, iterations })
}

/// Information that was whole at the start and is no longer: the climb has left the data behind.
fn decomposed(here: &Point, first: &Matrix, place: &[f64]) -> Result<Cholesky, Error> {
    Cholesky::of(&here.information)
        .and_then(|cholesky| {
            let inverse = cholesky.inverse();
            let lost = (0..place.len()).find(|column| {
                let grown = inverse[(*column, *column)] / first[(*column, *column)];
                grown.is_nan() || grown > 1e12
            });
            lost.map_or(Ok(cholesky), |covariate| Err(Error::Separation { covariate }))
        })
        .map_err(|error| match error {
            Error::Singular { .. } => diverging(place).unwrap_or(error),
            other => other,
        })
}

/// The column that has gone furthest, where that is further than data lead.
fn diverging(place: &[f64]) -> Option<Error> {
    let furthest = (0..place.len()).max_by(|a, b| place[*a].abs().total_cmp(&place[*b].abs()))?;
    (place[furthest].abs() > 8.0).then_some(Error::Separation { covariate: furthest })
}
