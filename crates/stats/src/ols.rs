use crate::{
    Error, Estimate, Matrix,
    covariates::{standardised, without_intercept},
    input::{as_many, at_least, finite},
    linear::Qr,
};

/// Which standard errors a regression gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errors {
    /// All rows spread alike, and none tells of another.
    Classical,
    /// Rows may spread differently: HC2 (MacKinnon and White 1985), which for two groups is Welch's.
    Hc2,
    /// Rows are in the order of time and tell of those up to so many before: Newey and West (1987), Bartlett's
    /// weights, times n / (n - k) for short series.
    NeweyWest {
        /// How many rows before.
        lags: usize,
    },
}

/// A fitted linear regression.
#[derive(Debug, Clone, PartialEq)]
pub struct LeastSquares {
    /// The intercept, then one for each covariate: what one unit more adds to the outcome. Student's t with n - k
    /// degrees of freedom.
    pub coefficients: Vec<Estimate>,
    /// Their covariances.
    pub covariance: Matrix,
    /// What the model leaves of each outcome.
    pub residuals: Vec<f64>,
}

/// Ordinary least squares with an intercept, by QR: one row of covariates for each outcome.
///
/// # Errors
/// [`Error::TooFew`] where there are no more rows than coefficients, or under HC2 where one row alone carries a
/// coefficient; [`Error::Constant`], [`Error::Singular`], [`Error::NotFinite`], [`Error::Lengths`];
/// [`Error::NoVariation`] where the model leaves nothing.
pub fn least_squares(covariates: &Matrix, outcome: &[f64], errors: Errors) -> Result<LeastSquares, Error> {
    as_many("outcomes", covariates.rows(), outcome.len())?;
    finite("outcome", outcome)?;
    let (rows, size) = (outcome.len(), covariates.columns() + 1);
    at_least("rows", size + 1, rows)?;
    let standard = standardised(covariates)?;
    let design = standard.values.with_intercept();
    let qr = Qr::of(&design).map_err(without_intercept)?;
    let coefficients = qr.least_squares(outcome);
    let residuals: Vec<f64> =
        design.times(&coefficients).iter().zip(outcome).map(|(fitted, value)| value - fitted).collect();

    let free = (rows - size) as f64;
    let gram = qr.inverse_gram();
    let meat = match errors {
        Errors::Classical => {
            let spread = residuals.iter().map(|left| left * left).sum::<f64>() / free;
            weighted_gram(&design, &vec![spread; rows])
        }
        Errors::Hc2 => weighted_gram(&design, &hc2_weights(&residuals, &qr.leverages())?),
        Errors::NeweyWest { lags } => newey_west(&design, &residuals, lags, rows as f64 / free),
    };
    let covariance = gram.multiply(&meat).multiply(&gram);
    let (coefficients, covariance) = standard.unscaled(&coefficients, &covariance);
    let coefficients = coefficients
        .iter()
        .enumerate()
        .map(|(j, value)| Estimate::student("what the regression leaves", *value, covariance[(j, j)], free))
        .collect::<Result<_, _>>()?;
    Ok(LeastSquares { coefficients, covariance, residuals })
}

fn hc2_weights(residuals: &[f64], leverages: &[f64]) -> Result<Vec<f64>, Error> {
    residuals
        .iter()
        .zip(leverages)
        .map(|(left, leverage)| {
            if 1.0 - leverage < 1e-10 {
                return Err(Error::TooFew { what: "row behind a coefficient of its own", needed: 2, got: 1 });
            }
            Ok(left * left / (1.0 - leverage))
        })
        .collect()
}

fn weighted_gram(design: &Matrix, weights: &[f64]) -> Matrix {
    let mut sum = Matrix::zero(design.columns(), design.columns());
    for (row, weight) in weights.iter().enumerate() {
        sum.add_outer(*weight, design.row(row), design.row(row));
    }
    sum
}

fn newey_west(design: &Matrix, residuals: &[f64], lags: usize, correction: f64) -> Matrix {
    let squares: Vec<f64> = residuals.iter().map(|left| correction * left * left).collect();
    let mut sum = weighted_gram(design, &squares);
    for lag in 1..=lags.min(residuals.len() - 1) {
        let weight = correction * (1.0 - lag as f64 / (lags as f64 + 1.0));
        for row in lag..residuals.len() {
            let shared = weight * residuals[row] * residuals[row - lag];
            sum.add_outer(shared, design.row(row), design.row(row - lag));
            sum.add_outer(shared, design.row(row - lag), design.row(row));
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::welch;

    #[test]
    fn two_groups_with_hc2_are_welch() {
        let (first, second) = ([3.0, 4.0, 8.0, 1.0], [2.0, 0.0, 1.0]);
        let rows: Vec<[f64; 1]> = first.iter().map(|_| [1.0]).chain(second.iter().map(|_| [0.0])).collect();
        let outcome: Vec<f64> = first.iter().chain(&second).copied().collect();
        let fit = least_squares(&Matrix::from_rows(&rows).unwrap(), &outcome, Errors::Hc2).unwrap();
        let by_welch = welch(&first, &second).unwrap();
        assert!((fit.coefficients[1].value - by_welch.value).abs() < 1e-14);
        assert!((fit.coefficients[1].standard_error - by_welch.standard_error).abs() < 1e-14);
    }

    #[test]
    fn what_cannot_be_told_apart_is_named() {
        let rows = [[1.0, 2.0], [2.0, 4.0], [3.0, 6.0], [4.0, 8.0], [5.0, 10.0]];
        let outcome = [1.0, 2.0, 2.0, 3.0, 5.0];
        let twice = Matrix::from_rows(&rows).unwrap();
        assert_eq!(least_squares(&twice, &outcome, Errors::Hc2), Err(Error::Singular { covariate: 1 }));
        let constant = Matrix::from_rows(&[[7.0]; 5]).unwrap();
        assert_eq!(least_squares(&constant, &outcome, Errors::Hc2), Err(Error::Constant { covariate: 0 }));
        let alone = Matrix::from_rows(&[[0.0], [0.0], [0.0], [0.0], [1.0]]).unwrap();
        assert!(matches!(least_squares(&alone, &outcome, Errors::Hc2), Err(Error::TooFew { got: 1, .. })));
    }

    #[test]
    fn neighbours_count_by_bartletts_weights() {
        // An intercept alone: residuals 1, 1, -1, -1; squares 4, neighbours 1 - 1 + 1 = 1, by one half and twice.
        let outcome = [3.0, 3.0, 1.0, 1.0];
        let fit = least_squares(&Matrix::no_columns(4), &outcome, Errors::NeweyWest { lags: 1 }).unwrap();
        let variance: f64 = (4.0 + 2.0 * 0.5 * 1.0) / 16.0 * (4.0 / 3.0);
        assert!((fit.coefficients[0].standard_error - variance.sqrt()).abs() < 1e-15);
    }
}
