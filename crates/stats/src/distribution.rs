//! The four distributions that tests and intervals need, from `statrs`. Each function is total: its arguments are
//! made by this crate, and where a distribution has no answer it is not a number.

use statrs::distribution::{ChiSquared, ContinuousCDF, Normal, StudentsT};

/// The normal quantile of a probability.
pub(crate) fn normal_quantile(probability: f64) -> f64 {
    Normal::standard().inverse_cdf(probability)
}

/// The probability that a standard normal is at most this.
pub(crate) fn normal_cdf(value: f64) -> f64 {
    Normal::standard().cdf(value)
}

/// The probability of a standard normal at least this far from 0.
pub(crate) fn normal_two_sided(value: f64) -> f64 {
    2.0 * Normal::standard().sf(value.abs())
}

/// Student's t quantile of a probability.
pub(crate) fn student_quantile(probability: f64, degrees_of_freedom: f64) -> f64 {
    StudentsT::new(0.0, 1.0, degrees_of_freedom).map_or(f64::NAN, |t| t.inverse_cdf(probability))
}

/// The probability of a Student's t at least this far from 0.
pub(crate) fn student_two_sided(value: f64, degrees_of_freedom: f64) -> f64 {
    StudentsT::new(0.0, 1.0, degrees_of_freedom).map_or(f64::NAN, |t| 2.0 * t.sf(value.abs()))
}

/// The probability of a chi-squared at least this large.
pub(crate) fn chi_squared_upper(value: f64, degrees_of_freedom: usize) -> f64 {
    ChiSquared::new(degrees_of_freedom as f64).map_or(f64::NAN, |chi| chi.sf(value))
}
