use crate::Error;

/// The p-values of a family of tests, adjusted so that the chance of any false finding among them stays at the level
/// that they are compared with. In the order given.
///
/// Source: Holm (1979).
///
/// # Errors
/// [`Error::OutOfRange`] for a p-value not from 0 to 1.
pub fn holm(p_values: &[f64]) -> Result<Vec<f64>, Error> {
    if let Some(value) = p_values.iter().copied().find(|p| !(0.0..=1.0).contains(p)) {
        return Err(Error::OutOfRange { what: "a p-value", value, range: "from 0 to 1" });
    }
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut adjusted = vec![0.0; p_values.len()];
    let mut largest = 0.0_f64;
    for (before, place) in order.into_iter().enumerate() {
        let remaining = (p_values.len() - before) as f64;
        largest = largest.max(p_values[place] * remaining).min(1.0);
        adjusted[place] = largest;
    }
    Ok(adjusted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_pays_for_all_and_none_pays_less_than_one_before() {
        let adjusted = holm(&[0.04, 0.01, 0.03, 0.9]).unwrap();
        for (ours, expected) in adjusted.iter().zip([0.09, 0.04, 0.09, 0.9]) {
            assert!((ours - expected).abs() < 1e-15, "{adjusted:?}");
        }
        assert_eq!(holm(&[]).unwrap(), [0.0; 0]);
        assert!(holm(&[f64::NAN]).is_err());
    }
}
