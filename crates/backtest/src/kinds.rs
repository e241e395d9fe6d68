//! The four kinds, by name.

use crate::{
    Cohort, Error, Features, History, Spec, alert, causal, remeasure, report::Found, simulate, spec::Kind,
};

/// What the kind of a spec finds in a cohort.
pub(crate) fn found(
    spec: &Spec,
    history: &History,
    cohort: &Cohort<'_>,
    features: &Features,
) -> Result<Found, Error> {
    Ok(match spec.kind {
        Kind::Alert => Found { page: alert::run(spec, history, cohort, features)?.page(), p_value: None },
        Kind::Causal => {
            let report = causal::run(spec, history, cohort)?;
            Found { page: report.page(), p_value: p_value(&report) }
        }
        Kind::Remeasure => Found { page: remeasure::run(spec, history, cohort)?.page(), p_value: None },
        Kind::Simulate => Found { page: simulate::run(spec, history, cohort)?.page(), p_value: None },
    })
}

/// The p-value of the effect that comes first: that of the unknown counted as the spec says.
fn p_value(report: &causal::CausalReport) -> Option<f64> {
    report.effects.first().map(|effect| effect.p_value).filter(|p_value| p_value.is_finite())
}
