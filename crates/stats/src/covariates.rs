//! Covariates centred and on a scale of 1, so that units and offsets cost no digits; and the way back.

use crate::{Error, linear::Matrix};

pub(crate) struct Standardised {
    pub values: Matrix,
    pub means: Vec<f64>,
    pub scales: Vec<f64>,
}

/// Centres and scales every column.
///
/// # Errors
/// [`Error::Constant`] for a column with one value, [`Error::Overflow`] for values too large to square.
pub(crate) fn standardised(covariates: &Matrix) -> Result<Standardised, Error> {
    let mut values = covariates.clone();
    let (mut means, mut scales) = (Vec::new(), Vec::new());
    for column in 0..covariates.columns() {
        let count = covariates.rows() as f64;
        let (low, high) = covariates
            .column(column)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (value.min(low), value.max(high)));
        if low >= high {
            return Err(Error::Constant { covariate: column });
        }
        let mean = covariates.column(column).map(|value| value / count).sum::<f64>();
        let scale =
            (covariates.column(column).map(|value| (value - mean).powi(2) / count).sum::<f64>()).sqrt();
        if !(scale.is_finite() && scale > 0.0) {
            return Err(Error::Overflow { what: "the spread of a covariate" });
        }
        for row in 0..covariates.rows() {
            values[(row, column)] = (covariates[(row, column)] - mean) / scale;
        }
        means.push(mean);
        scales.push(scale);
    }
    Ok(Standardised { values, means, scales })
}

impl Standardised {
    /// Coefficients of an intercept and of the standardised covariates, as those of the covariates themselves, with
    /// their covariances.
    pub(crate) fn unscaled(&self, coefficients: &[f64], covariance: &Matrix) -> (Vec<f64>, Matrix) {
        let size = coefficients.len();
        let mut back = Matrix::zero(size, size);
        back[(0, 0)] = 1.0;
        for (column, (mean, scale)) in self.means.iter().zip(&self.scales).enumerate() {
            back[(0, column + 1)] = -mean / scale;
            back[(column + 1, column + 1)] = scale.recip();
        }
        let mut unscaled = Matrix::zero(size, size);
        let half = back.multiply(covariance);
        for row in 0..size {
            for column in 0..size {
                unscaled[(row, column)] = crate::linear::dot(half.row(row), back.row(column));
            }
        }
        (back.times(coefficients), unscaled)
    }
}

/// An error's covariate counted without the intercept, which comes first and never fails alone.
pub(crate) fn without_intercept(error: Error) -> Error {
    match error {
        Error::Singular { covariate } => Error::Singular { covariate: covariate.saturating_sub(1) },
        Error::Separation { covariate } => Error::Separation { covariate: covariate.saturating_sub(1) },
        other => other,
    }
}
