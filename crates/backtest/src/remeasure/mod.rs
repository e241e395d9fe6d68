//! Had we counted differently, who would change status? The same history, counted two ways, client by client.
//!
//! A reclassification is exact: it has no confidence interval, and its report has no field for one.

mod page;
mod status;

use std::collections::BTreeMap;

use serde::Serialize;
use throughline_domain::JourneyId;
use utoipa::ToSchema;

use crate::{
    Cohort, Error, Guard, History, Refusal, Spec,
    causal::Passed,
    spec::{Counting, Unknown},
};

pub use status::Status;
use status::{Way, check_in_gaps};

/// The same history, counted two ways.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RemeasureReport {
    /// What is looked for, in words.
    pub outcome: String,
    /// How it is counted.
    pub now: Counting,
    /// How it would be counted.
    pub instead: Counting,
    /// In the cohort.
    pub entered: u64,
    /// Entered too short a time before the end of what is known.
    pub immature: u64,
    /// Cannot be read any more.
    pub erased: u64,
    /// From which status to which, and how many.
    pub transitions: Vec<Transition>,
    /// The share that holds, in both ways to count, with those of whom it is not known counted in all three ways.
    pub shares: Vec<Held>,
    /// Whose status changes, in the order of their ids.
    pub changed: Vec<Changed>,
    /// The guards that let it pass, and what they saw.
    pub guards: Vec<Passed>,
}

/// From one status to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Transition {
    /// As it is counted.
    pub now: Status,
    /// As it would be counted.
    pub instead: Status,
    /// How many clients.
    pub clients: u64,
}

/// How many hold, of how many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Held {
    /// Whether it is the other way to count.
    pub instead: bool,
    /// How those are counted of whom it is not known.
    pub unknown: Unknown,
    /// How many hold.
    pub held: u64,
    /// Of how many who count.
    pub of: u64,
}

/// A client whose status changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Changed {
    /// The journey: a pseudonym.
    pub journey: JourneyId,
    /// As it is counted.
    pub now: Status,
    /// As it would be counted.
    pub instead: Status,
}

/// Counts two ways.
pub fn run(spec: &Spec, _: &History, cohort: &Cohort<'_>) -> Result<RemeasureReport, Error> {
    let remeasure = spec.remeasure.as_ref().expect("the spec was checked: a remeasure has [remeasure]");
    let (now, instead) = (remeasure.now.clone(), remeasure.instead.over(&remeasure.now));
    let guards = evaluable(&now, &instead, cohort)?;
    let ways = [Way::of(spec, remeasure, &now, cohort)?, Way::of(spec, remeasure, &instead, cohort)?];
    let (mut transitions, mut changed) = (BTreeMap::new(), Vec::new());
    let mut seen: [Vec<Status>; 2] = Default::default();
    for entrant in &cohort.entrants {
        let [now, instead] = [ways[0].status(entrant)?, ways[1].status(entrant)?];
        *transitions.entry((now, instead)).or_insert(0) += 1;
        if now != instead {
            changed.push(Changed { journey: entrant.timeline.journey, now, instead });
        }
        seen[0].push(now);
        seen[1].push(instead);
    }
    let shares = [(false, &seen[0]), (true, &seen[1])].into_iter().flat_map(|(instead, statuses)| {
        [Unknown::Unknown, Unknown::Worst, Unknown::Best]
            .map(|unknown| held(instead, unknown, statuses, spec))
    });
    Ok(RemeasureReport {
        outcome: spec.outcome.name.clone(),
        shares: shares.collect(),
        now,
        instead,
        entered: cohort.entrants.len() as u64,
        immature: cohort.immature,
        erased: cohort.erased,
        transitions: transitions
            .into_iter()
            .map(|((now, instead), clients)| Transition { now, instead, clients })
            .collect(),
        changed,
        guards,
    })
}

fn held(instead: bool, unknown: Unknown, statuses: &[Status], spec: &Spec) -> Held {
    let settled = statuses.iter().map(|status| status.settled(unknown, spec.outcome.desired));
    let counted: Vec<Status> =
        settled.filter(|status| !matches!(status, Status::NotYetKnown | Status::NotAdmitted)).collect();
    let held = counted.iter().filter(|status| **status == Status::Held).count() as u64;
    Held { instead, unknown, held, of: counted.len() as u64 }
}

/// Guards of admission and of missingness: what was never looked at cannot be counted.
fn evaluable(now: &Counting, instead: &Counting, cohort: &Cohort<'_>) -> Result<Vec<Passed>, Error> {
    if let Some(criterion) = now.waive.iter().chain(&instead.waive).next() {
        let why = format!(
            "unevaluable: without the criterion `{criterion}` others would have come in, and who was never admitted \
             has no outcome"
        );
        let remedy =
            "tighten criteria with `require`, or compare with a programme that has none as a causal backtest";
        return Err(Refusal::new(Guard::Admission, why, remedy).into());
    }
    let mut guards = Vec::new();
    if let Some(every) = instead.check_ins_every.filter(|_| instead.check_ins_every != now.check_ins_every) {
        let gaps = check_in_gaps(cohort, now);
        let Some(median) = gaps.get(gaps.len() / 2).copied() else {
            let why = "unevaluable: nobody of the cohort has two check-ins, so there is no cadence to thin";
            return Err(
                Refusal::new(Guard::Missingness, why, "choose clients who were checked in with").into()
            );
        };
        let limit = now.check_ins_every.map_or(median, |now| now.in_days().max(median));
        if every.in_days() < limit {
            let why = format!(
                "unevaluable: check-ins every {every} are denser than the record, which has {limit}d between two of \
                 them; what was never asked is not known"
            );
            let remedy = "thin the check-ins instead: write a longer `check_ins_every`";
            return Err(Refusal::new(Guard::Missingness, why, remedy).into());
        }
        guards.push(Passed {
            guard: Guard::Missingness,
            looked_at: "the days between two check-ins of the record, in the middle".into(),
            found: median as f64,
            asks: format!("no more than the {}d asked for", every.in_days()),
            people: false,
        });
    }
    if instead.require.is_some() {
        guards.push(Passed {
            guard: Guard::Admission,
            looked_at: "criteria of intake that are dropped".into(),
            found: 0.0,
            asks: "none: criteria are only tightened".into(),
            people: false,
        });
    }
    Ok(guards)
}
