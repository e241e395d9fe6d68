//! What is said of a client's plan, and how far it departs from its template.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use throughline_domain::{Code, Departure, EventId, Key};

use crate::{
    life::Life,
    outcome::Mark,
    view::{Dated, KeyAt, Plan, Said, What},
};

/// A plan as it stands, beside its template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = outcomes::Plan)]
pub struct PlanOnDate {
    /// The plan.
    pub plan: Key,
    /// Its enrolment.
    pub enrolment: Option<Key>,
    /// The version of the template that the enrolment follows.
    pub template_version: Option<Code>,
    /// When it was first said.
    pub agreed: Mark,
    /// When it was last said, and why it was revised.
    pub said: Vec<PlanSaid>,
    /// How many steps depart from the template.
    pub departures: u32,
    /// Each step that does.
    pub changes: Vec<StepChange>,
    /// How many steps depart for each reason.
    pub reasons: BTreeMap<Code, u32>,
}

/// One time a plan was agreed or revised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = outcomes::PlanSaid)]
pub struct PlanSaid {
    /// When.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// The event.
    pub event: EventId,
    /// Why it was revised; unset where it was agreed.
    pub revised_because: Option<Code>,
    /// How many steps it had depart from the template.
    pub departures: u32,
}

/// One step of a plan that departs from its template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = outcomes::StepChange)]
pub struct StepChange {
    /// The step.
    pub step: Code,
    /// What is done to it.
    pub departure: Departure,
    /// Why.
    pub reason: Code,
}

/// Every plan, in the order they were first said.
pub(crate) fn plans(life: &Life<'_>) -> Vec<PlanOnDate> {
    let mut order: Vec<KeyAt> = Vec::new();
    for (_, plan) in life.plans() {
        if !order.contains(&plan.name) {
            order.push(plan.name);
        }
    }
    order
        .into_iter()
        .filter_map(|key| {
            let versions: Vec<(&Dated, &Plan)> = life.plans().filter(|(_, plan)| plan.name == key).collect();
            plan_on_date(life, &versions)
        })
        .collect()
}

fn plan_on_date(life: &Life<'_>, versions: &[(&Dated, &Plan)]) -> Option<PlanOnDate> {
    let (first, _) = versions.first()?;
    let (_, plan) = versions.last()?;
    let template =
        plan.enrolment.and_then(|enrolment| life.enrolled(enrolment)).and_then(|fact| match fact.what {
            What::Enrolled { template, .. } => template,
            _ => None,
        });
    let mut reasons = BTreeMap::new();
    for change in &plan.changes {
        *reasons.entry(life.code(change.reason)).or_default() += 1;
    }
    let said = |(fact, plan): &(&Dated, &Plan)| PlanSaid {
        date: fact.day.date(),
        event: fact.event,
        revised_because: match plan.said {
            Said::Agreed => None,
            Said::Revised { reason } => Some(life.code(reason)),
        },
        departures: steps(plan.changes.len()),
    };
    Some(PlanOnDate {
        plan: life.view.key(plan.name).clone(),
        enrolment: plan.enrolment.map(|key| life.view.key(key).clone()),
        template_version: life.view.code_if(template),
        agreed: Mark::of(first),
        said: versions.iter().map(said).collect(),
        departures: steps(plan.changes.len()),
        changes: plan
            .changes
            .iter()
            .map(|change| StepChange {
                step: life.code(change.step),
                departure: change.departure,
                reason: life.code(change.reason),
            })
            .collect(),
        reasons,
    })
}

fn steps(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}
