use crate::{
    Error,
    input::{as_many, at_least, finite, held},
    sample::Sample,
    weighting::effective_sample_size,
};

/// How far two groups differ in a covariate: the first's mean less the second's, in pooled standard deviations.
/// Beyond 0.1 either way the groups are not alike. A yes counts as 1.
///
/// Source: Cohen (1988), Austin (2009); the pooled variance is the mean of the two variances.
///
/// # Errors
/// [`Error::TooFew`] for a group of fewer than two, [`Error::NotFinite`], [`Error::NoVariation`] where the covariate
/// is constant in both groups.
pub fn standardised_difference(first: &[f64], second: &[f64]) -> Result<f64, Error> {
    weighted_standardised_difference(first, &vec![1.0; first.len()], second, &vec![1.0; second.len()])
}

/// The same between weighted means, still in standard deviations of the groups as they were: so weighting can be
/// seen to help (Stuart 2010).
///
/// # Errors
/// Those of [`standardised_difference`]; [`Error::OutOfRange`] for a weight below 0, [`Error::Lengths`].
pub fn weighted_standardised_difference(
    first: &[f64],
    first_weights: &[f64],
    second: &[f64],
    second_weights: &[f64],
) -> Result<f64, Error> {
    let (first_mean, first_variance) = group(first, first_weights)?;
    let (second_mean, second_variance) = group(second, second_weights)?;
    let pooled = held("the spread of a covariate", f64::midpoint(first_variance, second_variance))?;
    if pooled <= 0.0 {
        return Err(Error::NoVariation { what: "the covariate" });
    }
    held("the standardised difference", (first_mean - second_mean) / pooled.sqrt())
}

fn group(values: &[f64], weights: &[f64]) -> Result<(f64, f64), Error> {
    at_least("clients in a group", 2, values.len())?;
    as_many("weights", values.len(), weights.len())?;
    finite("covariate", values)?;
    effective_sample_size(weights)?;
    let largest = weights.iter().copied().fold(0.0, f64::max);
    let total: f64 = weights.iter().map(|weight| weight / largest).sum();
    let sum: f64 = weights.iter().zip(values).map(|(weight, value)| weight / largest * value).sum();
    Ok((sum / total, Sample::of(values).variance))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_of_one_deviation_is_one() {
        assert!((standardised_difference(&[2.0, 4.0, 6.0], &[0.0, 2.0, 4.0]).unwrap() - 1.0).abs() < 1e-15);
        let weighted =
            weighted_standardised_difference(&[1.0, 2.0, 3.0], &[0.0, 1.0, 0.0], &[0.0, 1.0, 2.0], &[1.0; 3]);
        assert!((weighted.unwrap() - 1.0).abs() < 1e-15);
        assert_eq!(
            standardised_difference(&[1.0; 2], &[1.0; 2]),
            Err(Error::NoVariation { what: "the covariate" })
        );
    }
}
