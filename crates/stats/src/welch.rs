use crate::{
    Error, Estimate,
    input::{at_least, finite},
    sample::Sample,
};

/// The mean of the first sample less that of the second, without assuming that they spread alike.
///
/// Source: Welch (1947), with the degrees of freedom of Satterthwaite (1946).
///
/// # Errors
/// [`Error::TooFew`] for a sample of fewer than two, [`Error::NotFinite`], [`Error::NoVariation`] where both samples
/// are constant.
pub fn welch(first: &[f64], second: &[f64]) -> Result<Estimate, Error> {
    satterthwaite("the outcome", &[(1.0, first), (-1.0, second)])
}

/// A signed sum of the means of samples that have nothing in common.
pub(crate) fn satterthwaite(what: &'static str, samples: &[(f64, &[f64])]) -> Result<Estimate, Error> {
    let (mut value, mut variance) = (0.0, 0.0);
    let mut parts = Vec::new();
    for (sign, values) in samples {
        at_least("observations in a sample", 2, values.len())?;
        finite("observation", values)?;
        let sample = Sample::of(values);
        value += sign * sample.mean;
        let part = sample.variance / sample.count;
        variance += part;
        parts.push((part, sample.count - 1.0));
    }
    // Shares of the variance, for squares of it may leave the range of numbers.
    let spread: f64 = parts.iter().map(|(part, df)| (part / variance).powi(2) / df).sum();
    Estimate::student(what, value, variance, spread.recip())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Level;

    #[test]
    fn means_that_differ_by_two_errors() {
        let found = welch(&[1.0, 2.0, 3.0], &[0.0, 0.0, 3.0]).unwrap();
        assert!((found.value - 1.0).abs() < 1e-15);
        assert!((found.standard_error.powi(2) - (1.0 / 3.0 + 1.0)).abs() < 1e-15);
        let df = (4.0_f64 / 3.0).powi(2) / (1.0 / 9.0 / 2.0 + 1.0 / 2.0);
        assert!((found.degrees_of_freedom.unwrap() - df).abs() < 1e-13);
        let interval = found.interval(Level::P95);
        assert!(interval.low < 0.0 && interval.high > 2.0 && found.p_value() > 0.4);
        assert_eq!(welch(&[1.0, 1.0], &[2.0, 2.0]), Err(Error::NoVariation { what: "the outcome" }));
    }
}
