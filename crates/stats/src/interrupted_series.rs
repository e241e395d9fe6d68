use crate::{
    Error, Errors, Estimate, Matrix,
    input::at_least,
    ols::{LeastSquares, least_squares},
};

/// A series of measurements at equal intervals, some before and some from a change on, as two lines.
#[derive(Debug, Clone, PartialEq)]
pub struct InterruptedSeries {
    /// The change of level at the first measurement from the change on, beside where the old line would have been.
    pub level_change: Estimate,
    /// The change of slope, in units of the outcome per interval.
    pub slope_change: Estimate,
    /// The slope before, in units of the outcome per interval.
    pub slope_before: Estimate,
    /// The whole regression: intercept, time, level change, slope change.
    pub regression: LeastSquares,
}

/// Segmented regression of an interrupted time series (Wagner and others 2002). `first_after` counts the
/// measurements before the change. Give [`Errors::NeweyWest`] with [`newey_west_lags`]: neighbours in time are alike.
///
/// # Errors
/// [`Error::TooFew`] for fewer than three measurements on either side, and those of [`least_squares`].
pub fn interrupted_series(
    outcome: &[f64],
    first_after: usize,
    errors: Errors,
) -> Result<InterruptedSeries, Error> {
    at_least("measurements before the change", 3, first_after)?;
    at_least("measurements from the change on", 3, outcome.len().saturating_sub(first_after))?;
    let rows: Vec<[f64; 3]> = (0..outcome.len())
        .map(|time| {
            let after = time >= first_after;
            let since = time.saturating_sub(first_after) as f64;
            [time as f64, f64::from(u8::from(after)), since]
        })
        .collect();
    let regression = least_squares(&Matrix::from_rows(&rows)?, outcome, errors)?;
    let [_, slope_before, level_change, slope_change] = regression.coefficients[..] else {
        return Err(Error::Singular { covariate: 0 });
    };
    Ok(InterruptedSeries { level_change, slope_change, slope_before, regression })
}

/// So many lags as Newey and West (1994) start from: 4 (n / 100)^(2/9), rounded down.
pub fn newey_west_lags(measurements: usize) -> usize {
    let lags = 4.0 * (measurements as f64 / 100.0).powf(2.0 / 9.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to a few thousand")]
    let whole = lags as usize;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_and_a_bend_are_found() {
        // 2 + time, then 5 higher and half as steep again; with a wobble that sums to nothing.
        let outcome: Vec<f64> = (0..24)
            .map(|time| {
                let since = f64::from((time - 12).max(0));
                let wobble = [0.1, -0.1, -0.1, 0.1][usize::try_from(time % 4).unwrap()];
                2.0 + f64::from(time) + if time >= 12 { 5.0 } else { 0.0 } + 0.5 * since + wobble
            })
            .collect();
        let errors = Errors::NeweyWest { lags: newey_west_lags(24) };
        let found = interrupted_series(&outcome, 12, errors).unwrap();
        assert!((found.level_change.value - 5.0).abs() < 0.1);
        assert!((found.slope_change.value - 0.5).abs() < 0.02);
        assert_eq!(newey_west_lags(24), 2);
        assert!(matches!(interrupted_series(&outcome, 22, errors), Err(Error::TooFew { got: 2, .. })));
    }
}
