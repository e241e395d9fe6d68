//! What would follow under stated assumptions? Ranges alone, each with the assumptions it rests on.
//!
//! The history says for how many it went badly and for how many well; the assumptions say what an action would do.
//! Every corner of the assumptions is worked out. Each figure only rises, or only falls, with each of them, so it is
//! largest and smallest at corners.

mod page;
mod range;

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Cohort, Error, History, Looked, Spec,
    spec::{About, Assumption, Unknown},
};

pub use range::Range;

/// What would follow, as ranges.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SimulateReport {
    /// What is looked for, in words.
    pub outcome: String,
    /// Whether it is hoped for.
    pub desired: bool,
    /// In the cohort.
    pub entered: u64,
    /// Entered too short a time before the end of what is known.
    pub immature: u64,
    /// Cannot be read any more.
    pub erased: u64,
    /// For how many it went badly, by the record.
    pub badly: u64,
    /// For how many it went well.
    pub well: u64,
    /// Of how many it is not known: all of them well, or all of them badly.
    pub unknown: u64,
    /// What is taken for true.
    pub assumptions: Vec<Assumption>,
    /// What would follow.
    pub results: Vec<Follows>,
    /// Every corner of the assumptions.
    pub corners: Vec<Corner>,
}

/// One thing that would follow.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Follows {
    /// What.
    pub name: String,
    /// In which unit.
    pub unit: String,
    /// From where to where, and under which assumptions.
    pub range: Range,
}

/// One corner of the assumptions.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Corner {
    /// Each assumption at one of its ends, in the order of the report's.
    pub at: Vec<f64>,
    /// How those are counted of whom it is not known.
    pub unknown: Unknown,
    /// For how many more it would have gone well.
    pub changed: f64,
    /// How many the action would have reached.
    pub reached: f64,
    /// What it would have cost.
    pub cost: Option<f64>,
    /// What each of them would have cost for whom it would have gone well.
    pub cost_each: Option<f64>,
}

/// What would follow.
pub fn run(spec: &Spec, _: &History, cohort: &Cohort<'_>) -> Result<SimulateReport, Error> {
    let simulate = spec.simulate.as_ref().expect("the spec was checked: a simulation has [simulate]");
    let (badly, well, unknown) = counts(spec, cohort);
    let assumptions = &simulate.assumptions;
    let mut corners = Vec::new();
    for way in [Unknown::Best, Unknown::Worst] {
        let (badly, well) = match way {
            Unknown::Worst => (badly + unknown, well),
            Unknown::Best | Unknown::Unknown => (badly, well + unknown),
        };
        for corner in 0..1_usize << assumptions.len() {
            let ends = assumptions.iter().enumerate();
            let at = ends.map(|(nth, it)| if corner >> nth & 1 == 0 { it.low } else { it.high }).collect();
            corners.push(work_out(assumptions, at, way, badly as f64, well as f64));
        }
    }
    Ok(SimulateReport {
        outcome: spec.outcome.name.clone(),
        desired: spec.outcome.desired,
        entered: cohort.entrants.len() as u64,
        immature: cohort.immature,
        erased: cohort.erased,
        badly,
        well,
        unknown,
        results: results(spec, assumptions, &corners),
        assumptions: assumptions.clone(),
        corners,
    })
}

/// For how many it went badly, for how many well, and of how many it is not known.
fn counts(spec: &Spec, cohort: &Cohort<'_>) -> (u64, u64, u64) {
    let looked = Looked::of(spec);
    let (mut badly, mut well, mut unknown) = (0, 0, 0);
    for entrant in &cohort.entrants {
        match looked.came_true(entrant, cohort.until).map(|came| came == spec.outcome.desired) {
            Some(true) => well += 1,
            Some(false) => badly += 1,
            None => unknown += 1,
        }
    }
    (badly, well, unknown)
}

fn work_out(assumptions: &[Assumption], at: Vec<f64>, unknown: Unknown, badly: f64, well: f64) -> Corner {
    let of = |about: About| {
        let mut pairs = assumptions.iter().zip(&at);
        pairs.find(|(assumption, _)| assumption.about == about).map(|(_, value)| *value)
    };
    let reached = of(About::Reached).unwrap_or(0.0);
    let changed = badly * reached * of(About::Kept).unwrap_or(0.0);
    let reached = badly * reached + well * of(About::AlsoReached).unwrap_or(0.0);
    let cost = of(About::Cost).map(|each| reached * each);
    let cost_each = cost.filter(|_| changed > 0.0).map(|cost| cost / changed);
    Corner { at, unknown, changed, reached, cost, cost_each }
}

/// What follows: its name, its unit, what it rests on, and where it stands in a corner.
type Row<'a> = (String, &'a str, &'a [About], fn(&Corner) -> Option<f64>);

fn results(spec: &Spec, assumptions: &[Assumption], corners: &[Corner]) -> Vec<Follows> {
    let unit = assumptions.iter().find_map(|assumption| assumption.unit.clone()).unwrap_or_default();
    let name = &spec.outcome.name;
    let words = if spec.outcome.desired { "more" } else { "fewer" };
    let rows: [Row<'_>; 4] = [
        (format!("{words} with the outcome `{name}`"), "clients", &[About::Reached, About::Kept], |at| {
            Some(at.changed)
        }),
        ("reached by the action".into(), "clients", &[About::Reached, About::AlsoReached], |at| {
            Some(at.reached)
        }),
        ("what the action costs".into(), &unit, &[About::Reached, About::AlsoReached, About::Cost], |at| {
            at.cost
        }),
        (
            format!("what each costs of those {words}"),
            &unit,
            &[About::Reached, About::Kept, About::AlsoReached, About::Cost],
            |at| at.cost_each,
        ),
    ];
    rows.into_iter()
        .filter_map(|(name, unit, rests_on, value)| {
            let used = assumptions.iter().filter(|assumption| rests_on.contains(&assumption.about));
            // A figure that some corner has not is not told: nobody knows how far it goes there.
            let values: Vec<f64> = corners.iter().map(value).collect::<Option<_>>()?;
            let range = Range::over(&values, used)?;
            Some(Follows { name, unit: unit.to_owned(), range })
        })
        .collect()
}
