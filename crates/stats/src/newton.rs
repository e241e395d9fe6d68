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
/// A promise that may go unkept, beside the log-likelihood.
const GAIN_STALLED: f64 = 1e-9;
/// A standard error grown so many times from the start's has no information left behind it.
const ERROR_GROWTH_MAX: f64 = 300.0;

/// Climbs from `start` to the maximum, halving steps that lead down or out of the numbers.
///
/// Columns are expected on a scale of about 1. Separation is an error, never a large number.
pub(crate) fn maximise(start: Vec<f64>, at: impl Fn(&[f64]) -> Point) -> Result<Maximum, Error> {
    let mut place = start;
    let mut here = at(&place);
    let first = Cholesky::of(&here.information)?.inverse();
    for iterations in 1..=ITERATIONS_MAX {
        let cholesky = decomposed(&here, &place)?;
        let step = cholesky.solve(&here.score);
        let gain = dot(&step, &here.score) / 2.0;
        let scale = here.log_likelihood.abs() + 1.0;
        let Some((next_place, next)) = climb(&place, &here, &step, &at) else {
            if gain <= GAIN_STALLED * scale {
                return finish(place, &here, &first, iterations);
            }
            return Err(Error::NotConverged { iterations });
        };
        // No higher, and next to nothing promised: rounding is all that is left.
        let stalled = next.log_likelihood <= here.log_likelihood && gain <= GAIN_STALLED * scale;
        (place, here) = (next_place, next);
        if stalled || gain <= GAIN_ENOUGH.max(GAIN_ROUNDING * scale) {
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
    let covariance = decomposed(here, &at)?.inverse();
    // Where all information goes, all errors explode; the column that has gone furthest is what took it.
    let gone = (0..at.len()).filter(|column| runaway(*column, &at, &covariance, first));
    if let Some(covariate) = furthest(gone, &at) {
        return Err(Error::Separation { covariate });
    }
    Ok(Maximum { at, log_likelihood: here.log_likelihood, covariance, iterations })
}

/// On the way to infinity: the error has exploded and outgrown the coefficient itself. A coefficient that is merely
/// large stays many of its errors from 0.
fn runaway(column: usize, place: &[f64], covariance: &Matrix, first: &Matrix) -> bool {
    let variance = covariance[(column, column)];
    let grown = variance > first[(column, column)] * ERROR_GROWTH_MAX * ERROR_GROWTH_MAX;
    variance.is_nan() || grown && place[column] * place[column] < variance
}

/// Information that was whole at the start and is no longer: the climb has left the data behind.
fn decomposed(here: &Point, place: &[f64]) -> Result<Cholesky, Error> {
    Cholesky::of(&here.information).map_err(|error| diverging(place).unwrap_or(error))
}

/// The column that has gone furthest, where that is further than data lead.
fn diverging(place: &[f64]) -> Option<Error> {
    let covariate = furthest(0..place.len(), place)?;
    (place[covariate].abs() > 8.0).then_some(Error::Separation { covariate })
}

fn furthest(columns: impl Iterator<Item = usize>, place: &[f64]) -> Option<usize> {
    columns.max_by(|a, b| place[*a].abs().total_cmp(&place[*b].abs()))
}
