//! The mean and the variance of a sample, in two passes so that large offsets cost no digits.

pub(crate) struct Sample {
    pub count: f64,
    pub mean: f64,
    /// With n - 1 below; not a number for fewer than two.
    pub variance: f64,
}

impl Sample {
    pub(crate) fn of(values: &[f64]) -> Self {
        let count = values.len() as f64;
        let first = values.iter().sum::<f64>() / count;
        let mean = first + values.iter().map(|value| value - first).sum::<f64>() / count;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
        // A constant sample is constant, whatever its mean was rounded to.
        let constant = values.windows(2).all(|pair| pair[0].total_cmp(&pair[1]).is_eq());
        Self { count, mean, variance: if constant && count > 1.0 { 0.0 } else { variance } }
    }
}
