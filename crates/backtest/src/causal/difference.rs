//! Differences of means and shares: plain, adjusted by regression, weighted by the inverse of the propensity.

use throughline_stats::{
    Errors, Estimate, Matrix, least_squares, propensity_weighted_effect, smallest_detectable_effect, welch,
};

use crate::{
    Error,
    spec::{Causal, Method, Unknown},
};

use super::{
    EVERY_WAY, POWER,
    comparable::{Compared, EVENTS_MIN, OVERLAP, named, whom},
    effect,
    groups::Groups,
    report::{Detectable, Effect},
    values::Measured,
};

/// The estimates, for each way to count those of whom it is not known.
pub(crate) fn tell(
    causal: &Causal,
    groups: &Groups<'_, '_>,
    measured: &Measured<'_>,
    values: &[Option<f64>],
    compared: &mut Compared,
) -> Result<Vec<Effect>, Error> {
    if causal.measure.is_share() {
        let of = |wanted: f64| values.iter().flatten().filter(|value| (**value - wanted).abs() < 0.5).count();
        let widen = "widen the cohort, or look further";
        compared.people("the number of clients with what is measured", of(1.0), EVENTS_MIN, widen)?;
        compared.people("the number of clients without it", of(0.0), EVENTS_MIN, widen)?;
    }
    let mut effects = Vec::new();
    for unknown in EVERY_WAY {
        let filled: Vec<Option<f64>> =
            values.iter().map(|value| value.or_else(|| measured.filled(unknown))).collect();
        effects.extend(estimates(causal, groups, &filled, unknown)?);
    }
    Ok(effects)
}

/// Every estimate that the method gives from these values.
pub(crate) fn estimates(
    causal: &Causal,
    groups: &Groups<'_, '_>,
    values: &[Option<f64>],
    unknown: Unknown,
) -> Result<Vec<Effect>, Error> {
    let what = if causal.measure.is_share() { "shares" } else { "means" };
    let of = |treated: bool| -> Vec<f64> {
        let own = groups.members.iter().zip(values).filter(|(member, _)| member.treated == treated);
        own.filter_map(|(_, value)| *value).collect()
    };
    let (treated, control) = (of(true), of(false));
    let plain = welch(&treated, &control)?;
    let clients = treated.len() + control.len();
    let mut effects = vec![effect(format!("difference of {what} (Welch)"), unknown, &plain, clients)];
    if groups.columns.is_empty() {
        return Ok(effects);
    }
    let Complete { matrix, treated, values } = Complete::of(groups, values)?;
    let (name, found): (String, Estimate) = if causal.method == Method::Weighting {
        let overlap = OVERLAP.0..=OVERLAP.1;
        let (weighted, _) =
            propensity_weighted_effect(&matrix, &treated, &values, whom(causal.estimand), overlap)
                .map_err(|error| named(error, &groups.columns))?;
        (format!("difference of {what}, weighted by inverse propensity (Hájek)"), weighted.effect)
    } else {
        let rows: Vec<Vec<f64>> = (0..matrix.rows())
            .map(|row| {
                let own = f64::from(u8::from(treated[row]));
                std::iter::once(own).chain(matrix.row(row).iter().copied()).collect()
            })
            .collect();
        let fitted = least_squares(&Matrix::from_rows(&rows)?, &values, Errors::Hc2).map_err(|error| {
            let arm = std::iter::once("the group".to_owned());
            named(error, &arm.chain(groups.columns.iter().cloned()).collect::<Vec<_>>())
        })?;
        (format!("difference of {what}, adjusted by regression (HC2)"), fitted.coefficients[1])
    };
    effects.push(effect(name, unknown, &found, values.len()));
    Ok(effects)
}

/// Those of whom the value and all covariates are known.
struct Complete {
    matrix: Matrix,
    treated: Vec<bool>,
    values: Vec<f64>,
}

impl Complete {
    fn of(groups: &Groups<'_, '_>, values: &[Option<f64>]) -> Result<Self, Error> {
        let all = groups.members.iter().zip(values);
        let known: Vec<(&Vec<f64>, bool, f64)> = all
            .filter_map(|(member, value)| Some((member.covariates.as_ref()?, member.treated, (*value)?)))
            .collect();
        let rows: Vec<&Vec<f64>> = known.iter().map(|(row, _, _)| *row).collect();
        Ok(Self {
            matrix: Matrix::from_rows(&rows)?,
            treated: known.iter().map(|(_, treated, _)| *treated).collect(),
            values: known.iter().map(|(_, _, value)| *value).collect(),
        })
    }
}

/// The smallest effect that each of these estimates could have found.
pub(crate) fn detectable(effects: &[Effect]) -> Result<Vec<Detectable>, Error> {
    effects
        .iter()
        .filter(|effect| effect.unknown == Unknown::Unknown)
        .map(|effect| {
            let value =
                smallest_detectable_effect(effect.standard_error, throughline_stats::Level::P95, POWER)?;
            Ok(Detectable { of: effect.name.clone(), value })
        })
        .collect()
}
