use crate::{
    Error, Estimate,
    input::as_many,
    welch::{satterthwaite, welch},
};

/// Outcomes of one arm before and after a change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BeforeAfter<'a> {
    /// Outcomes before the change.
    pub before: &'a [f64],
    /// Outcomes after it.
    pub after: &'a [f64],
}

/// How much more the changed arm moved than the other, where different clients were seen before and after. It holds
/// if without the change both arms had moved alike.
///
/// Source: Ashenfelter and Card (1985); the variance is the sum of the four cells', which is HC2's in the saturated
/// regression, with Satterthwaite's degrees of freedom.
///
/// # Errors
/// [`Error::TooFew`] for a cell of fewer than two, [`Error::NotFinite`], [`Error::NoVariation`].
pub fn difference_in_differences(changed: BeforeAfter, other: BeforeAfter) -> Result<Estimate, Error> {
    satterthwaite(
        "the outcome",
        &[(1.0, changed.after), (-1.0, changed.before), (-1.0, other.after), (1.0, other.before)],
    )
}

/// The same where the same clients were seen before and after, in the same order: [`welch`] on each client's own
/// change, so that what a client keeps from before to after cancels out.
///
/// # Errors
/// Those of [`difference_in_differences`]; [`Error::Lengths`] where before and after differ in length.
pub fn difference_of_changes(changed: BeforeAfter, other: BeforeAfter) -> Result<Estimate, Error> {
    welch(&changes(changed)?, &changes(other)?)
}

fn changes(arm: BeforeAfter) -> Result<Vec<f64>, Error> {
    as_many("outcomes after", arm.before.len(), arm.after.len())?;
    Ok(arm.before.iter().zip(arm.after).map(|(before, after)| after - before).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_trend_cancels_out() {
        let changed = BeforeAfter { before: &[1.0, 2.0, 3.0], after: &[6.0, 7.0, 9.0] };
        let other = BeforeAfter { before: &[4.0, 6.0, 5.0], after: &[6.0, 8.0, 8.0] };
        let apart = difference_in_differences(changed, other).unwrap();
        let paired = difference_of_changes(changed, other).unwrap();
        assert!((apart.value - 3.0).abs() < 1e-14 && (paired.value - 3.0).abs() < 1e-14);
        assert!(paired.standard_error < apart.standard_error);
    }
}
