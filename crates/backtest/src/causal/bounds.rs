//! What the record can bear, whatever happened to those of whom it is not known.

use throughline_stats::{Arm, Interval, Level, lee_bounds, manski_difference, manski_mean};

use crate::Error;

use super::{groups::Groups, report::Bounded};

/// Manski's bounds of each group and of the difference, and Lee's of the difference. `range` is the least and the most
/// the measure can be.
pub(crate) fn tell(
    groups: &Groups<'_, '_>,
    values: &[Option<f64>],
    range: Option<(f64, f64)>,
    names: (&str, &str),
) -> Result<Vec<Bounded>, Error> {
    let of = |treated: bool| -> (Vec<f64>, usize) {
        let own = groups.members.iter().zip(values).filter(|(member, _)| member.treated == treated);
        let (known, unknown): (Vec<_>, Vec<_>) = own.map(|(_, value)| *value).partition(Option::is_some);
        (known.into_iter().flatten().collect(), unknown.len())
    };
    let ((treated, lost), (control, others_lost)) = (of(true), of(false));
    let treated = Arm { observed: &treated, missing: lost };
    let control = Arm { observed: &control, missing: others_lost };
    let mut bounds = Vec::new();
    if let Some((low, high)) = range {
        let range = Interval { low, high };
        let of = |name: &str| format!("{name}, Manski");
        bounds.push(bounded(of(names.0), &manski_mean(treated, range)?));
        bounds.push(bounded(of(names.1), &manski_mean(control, range)?));
        bounds.push(bounded(of("difference"), &manski_difference(treated, control, range)?));
    }
    let lee = lee_bounds(treated, control)?;
    bounds.push(bounded("difference, Lee".to_owned(), &lee.effect));
    Ok(bounds)
}

fn bounded(name: String, bounds: &throughline_stats::Bounds) -> Bounded {
    let interval = bounds.interval(Level::P95);
    Bounded {
        name,
        low: bounds.identified.low,
        high: bounds.identified.high,
        interval_low: interval.low,
        interval_high: interval.high,
    }
}
