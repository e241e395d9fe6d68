//! What did a change that really happened do? An estimate where the record can bear one; else a refusal by name.
//!
//! [`run`] forms the groups, holds them against each other ([`comparable`]), and estimates by the spec's method. Start
//! at `survival.rs` for time to the outcome, `difference.rs` for means and shares, `over_time.rs` for before and after.

mod bounds;
pub mod comparable;
mod difference;
mod groups;
mod over_time;
pub(crate) mod page;
mod report;
mod spells;
mod survival;
mod values;

use jiff::civil::Date;
use throughline_stats::{Estimate, Level, Proportion};

use crate::{
    Cohort, Error, Guard, History, Refusal, Spec,
    spec::{Causal, Method, Unknown},
};

use comparable::Compared;
use groups::Groups;
pub use over_time::POINTS_MIN;
pub use report::*;
use spells::Spells;
use values::Measured;

/// Primary and both extremes: guard of missingness.
const EVERY_WAY: [Unknown; 3] = [Unknown::Unknown, Unknown::Worst, Unknown::Best];
/// The chance wanted of finding an effect that is there.
const POWER: f64 = 0.8;

/// What the change did.
pub fn run(spec: &Spec, history: &History, cohort: &Cohort<'_>) -> Result<CausalReport, Error> {
    let causal = spec.causal.as_ref().expect("the spec was checked: a causal one has [causal]");
    let change = groups::change_day(spec, causal, history)?;
    let groups = Groups::of(causal, cohort, change);
    let mut report = empty(spec, causal, cohort, &groups, change);
    if causal.method == Method::Survival {
        survive(spec, causal, &groups, cohort, &mut report)?;
    } else {
        let measured = Measured::of(spec, causal, cohort);
        measure(spec, causal, &groups, &measured, cohort, change, &mut report)?;
    }
    report.effects.sort_by_key(|effect| effect.unknown != spec.outcome.missing.primary);
    Ok(report)
}

fn survive(
    spec: &Spec,
    causal: &Causal,
    groups: &Groups<'_, '_>,
    cohort: &Cohort<'_>,
    report: &mut CausalReport,
) -> Result<(), Error> {
    let spells = Spells::of(spec, causal, groups, cohort);
    let known = spells.by_horizon();
    let values: Vec<Option<f64>> =
        known.iter().map(|came| came.map(|came| f64::from(u8::from(came)))).collect();
    let mut compared = comparable::compare(causal, groups)?;
    placebo(spec, causal, groups, cohort, &mut compared, report)?;
    let told = survival::tell(spec, causal, groups, &spells, &mut compared)?;
    (report.survival, report.effects, report.detectable) =
        (Some(told.survival), told.effects, told.detectable);
    arms(causal, groups, &values, report, true);
    report.attrition = attrition(&report.arms)?;
    report.guards.push(missingness(&values));
    report.bounds = bounds::tell(groups, &values, Some((0.0, 1.0)), arm_names(causal))?;
    if !spec.outcome.competing.is_empty() {
        report.notes.push(
            "Curves, tests and hazard ratios take whoever had a competing outcome as no longer looked at; the \
             shares by cause do not."
                .into(),
        );
    }
    finish(report, compared);
    Ok(())
}

fn measure(
    spec: &Spec,
    causal: &Causal,
    groups: &Groups<'_, '_>,
    measured: &Measured<'_>,
    cohort: &Cohort<'_>,
    change: Option<Date>,
    report: &mut CausalReport,
) -> Result<(), Error> {
    let values: Vec<Option<f64>> =
        groups.members.iter().map(|member| measured.value(member.entrant)).collect();
    if values.iter().flatten().next().is_none() {
        let why = "of nobody it is known what is measured".to_owned();
        let remedy = "give the outcome a `within`, or look later";
        return Err(Refusal::new(Guard::Missingness, why, remedy).into());
    }
    measured.check(&values)?;
    report.guards.push(missingness(&values));
    let mut compared;
    match (causal.method, change) {
        (Method::DifferenceInDifferences, Some(change)) => {
            compared = Compared::default();
            let told = over_time::differences(causal, groups, measured, &values, change, &mut compared)?;
            (report.effects, report.placebo, report.series) = (told.effects, told.placebo, told.series);
        }
        (Method::InterruptedSeries, Some(change)) => {
            compared = Compared::default();
            let told = over_time::interrupted(causal, groups, measured, &values, change, &mut compared)?;
            (report.effects, report.placebo, report.series) = (told.effects, told.placebo, told.series);
        }
        _ => {
            compared = comparable::compare(causal, groups)?;
            placebo(spec, causal, groups, cohort, &mut compared, report)?;
            report.effects = difference::tell(causal, groups, measured, &values, &mut compared)?;
        }
    }
    report.detectable = difference::detectable(&report.effects)?;
    arms(causal, groups, &values, report, causal.measure.is_share());
    report.attrition = attrition(&report.arms)?;
    if causal.arms.is_some() && causal.method != Method::DifferenceInDifferences {
        report.bounds = bounds::tell(groups, &values, measured.range(), arm_names(causal))?;
    }
    finish(report, compared);
    Ok(())
}

/// What is found before time zero, where the change cannot have had an effect.
fn placebo(
    spec: &Spec,
    causal: &Causal,
    groups: &Groups<'_, '_>,
    cohort: &Cohort<'_>,
    compared: &mut Compared,
    report: &mut CausalReport,
) -> Result<(), Error> {
    let Some(measure) = causal.placebo.as_ref().and_then(|placebo| placebo.measure.as_ref()) else {
        report.notes.push("The spec names no placebo: nothing was looked at where no effect can be.".into());
        return Ok(());
    };
    let measured = Measured::with(spec, measure, None, cohort);
    let values: Vec<Option<f64>> =
        groups.members.iter().map(|member| measured.value_before(member.entrant)).collect();
    let as_if = Causal { measure: measure.clone(), ..causal.clone() };
    for found in difference::estimates(&as_if, groups, &values, Unknown::Unknown)? {
        // The plain difference is shown; where weights are to make groups alike, they are what must.
        let decides = causal.method != Method::Weighting || found.name.contains("weighted");
        if decides {
            let what = format!("`{measure}` before time zero");
            over_time::nothing_there(compared, &what, found.p_value)?;
        }
        report.placebo.push(Effect { name: format!("{measure}, before time zero: {}", found.name), ..found });
    }
    Ok(())
}

fn empty(
    spec: &Spec,
    causal: &Causal,
    cohort: &Cohort<'_>,
    groups: &Groups<'_, '_>,
    change: Option<Date>,
) -> CausalReport {
    let constant = groups.constant.iter();
    CausalReport {
        outcome: spec.outcome.name.clone(),
        measure: causal.measure.clone(),
        method: causal.method,
        unit: causal.unit,
        change,
        people: People {
            entered: cohort.entrants.len() as u64,
            immature: cohort.immature,
            erased: cohort.erased,
            in_no_group: groups.outside,
        },
        arms: Vec::new(),
        attrition: None,
        balance: Vec::new(),
        overlap: None,
        weights: None,
        guards: Vec::new(),
        effects: Vec::new(),
        survival: None,
        series: Vec::new(),
        bounds: Vec::new(),
        placebo: Vec::new(),
        detectable: Vec::new(),
        notes: constant.map(|name| format!("`{name}` is the same for everybody and was left out.")).collect(),
    }
}

fn arm_names(causal: &Causal) -> (&str, &str) {
    causal.arms.as_ref().map_or(("everyone", ""), |arms| (&arms.treated, &arms.control))
}

/// Counts of each group: attrition among them.
fn arms(
    causal: &Causal,
    groups: &Groups<'_, '_>,
    values: &[Option<f64>],
    report: &mut CausalReport,
    share: bool,
) {
    let names = arm_names(causal);
    let sides = [(true, names.0), (false, names.1)];
    for (treated, name) in sides.into_iter().filter(|(_, name)| !name.is_empty()) {
        let own: Vec<_> =
            groups.members.iter().zip(values).filter(|(member, _)| member.treated == treated).collect();
        let known: Vec<f64> = own.iter().filter_map(|(_, value)| **value).collect();
        let sum: f64 = known.iter().sum();
        report.arms.push(Arm {
            name: name.to_owned(),
            treated,
            clients: own.len() as u64,
            known: known.len() as u64,
            unknown: (own.len() - known.len()) as u64,
            without_covariates: own.iter().filter(|(member, _)| member.covariates.is_none()).count() as u64,
            events: share.then(|| known.iter().filter(|value| **value > 0.5).count() as u64),
            mean: (!known.is_empty()).then(|| sum / known.len() as f64),
        });
    }
}

/// Whether more of one group than of the other are unknown.
fn attrition(arms: &[Arm]) -> Result<Option<Attrition>, Error> {
    let [treated, control] = arms else { return Ok(None) };
    let share = |arm: &Arm| Proportion::new(arm.unknown, arm.clients);
    let (difference, interval) = share(treated)?.difference(share(control)?, Level::P95);
    Ok(Some(Attrition { difference, low: interval.low, high: interval.high }))
}

/// Guard of missingness: what is not known is counted in all three ways.
fn missingness(values: &[Option<f64>]) -> Passed {
    let unknown = values.iter().filter(|value| value.is_none()).count();
    Passed {
        guard: Guard::Missingness,
        looked_at: "the share of whom it is not known; counted in all three ways".into(),
        found: unknown as f64 / values.len().max(1) as f64,
        asks: "both extremes can be told".into(),
        people: false,
    }
}

fn finish(report: &mut CausalReport, compared: Compared) {
    (report.balance, report.overlap, report.weights) = (compared.balance, compared.overlap, compared.weights);
    report.guards.extend(compared.passed);
}

/// An estimate of a difference as it is told.
fn effect(name: String, unknown: Unknown, estimate: &Estimate, clients: usize) -> Effect {
    let interval = estimate.interval(Level::P95);
    Effect {
        name,
        unknown,
        value: estimate.value,
        low: interval.low,
        high: interval.high,
        standard_error: estimate.standard_error,
        p_value: estimate.p_value(),
        none: 0.0,
        clients: clients as u64,
    }
}
