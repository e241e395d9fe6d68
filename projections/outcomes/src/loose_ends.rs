//! What does not fit together on the record: shown with its events, and never in the way of an answer.

use jiff::civil::Date;
use serde::Serialize;
use throughline_domain::{EventId, FollowUpResult};

use crate::{
    exits::Stay,
    life::Life,
    spells::Traced,
    view::{Dated, Found, KeyAt, Said, What},
};

/// Facts that do not fit together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = outcomes::LooseEnd)]
pub struct LooseEnd {
    /// What does not fit.
    pub what: Loose,
    /// On which day.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// The events, in the order of life.
    pub events: Vec<EventId>,
}

/// What does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = outcomes::Loose)]
pub enum Loose {
    /// A plan was revised that was never agreed; the revision counts as the plan.
    PlanRevisedButNeverAgreed,
    /// A plan was agreed twice; the later agreement replaces the earlier.
    PlanAgreedAgain,
    /// An enrolment began twice; the first beginning counts.
    EnrolledAgain,
    /// A service names an enrolment that had not begun; it still counts there.
    ServiceWithoutEnrolment,
    /// An exit from an enrolment that had not begun; it still counts as an exit.
    ExitWithoutEnrolment,
    /// Two exits from one enrolment; the last counts.
    ExitedAgain,
    /// A service after the recorded exit; the exit stands only until the service.
    ServiceAfterExit,
    /// A programme was finished that the client had not begun.
    CompletedWithoutEnrolment,
    /// A difficulty was overcome that was not open.
    OvercomeButNotOpen,
    /// An outcome was lost that did not stand; it counts nowhere.
    LostButNotReached,
    /// A follow-up of an outcome never reached before; it counts nowhere.
    FollowUpOfNothing,
    /// A follow-up names a window that neither plan nor programme has.
    FollowUpOfNoWindow,
    /// A follow-up names a window but lies outside its days; what it found is shown and decides no window.
    FollowUpOutsideWindow,
    /// A follow-up found an outcome to hold that was lost before; record that it was reached again.
    HoldsAfterLoss,
    /// An outcome was reached before the day of intake; no time to outcome is taken from it.
    ReachedBeforeIntake,
    /// Something happened to the client after their death; it decides nothing.
    AfterDeath,
}

/// Everything that does not fit, in the order of life.
pub(crate) fn loose_ends<'a>(life: &Life<'a>, stays: &[Stay<'a>], outcomes: &[Traced<'a>]) -> Vec<LooseEnd> {
    let mut ends = Vec::new();
    plans(life, &mut ends);
    for (at, fact) in life.facts.iter().enumerate() {
        one(life, at, fact, &mut ends);
    }
    for stay in stays {
        exits(life, stay, &mut ends);
    }
    for traced in outcomes {
        follow_ups(life, traced, &mut ends);
    }
    ends.sort_by(|one, other| {
        (one.date, one.what, &one.events).cmp(&(other.date, other.what, &other.events))
    });
    ends
}

fn end(what: Loose, facts: &[&Dated]) -> LooseEnd {
    let date = facts.last().map_or(Date::ZERO, |fact| fact.day.date());
    LooseEnd { what, date, events: facts.iter().map(|fact| fact.event).collect() }
}

fn plans(life: &Life<'_>, ends: &mut Vec<LooseEnd>) {
    let mut known: Vec<(KeyAt, &Dated)> = Vec::new();
    for (fact, plan) in life.plans() {
        let before = known.iter().find(|(key, _)| *key == plan.name).map(|(_, fact)| *fact);
        match (plan.said, before) {
            (Said::Revised { .. }, None) => ends.push(end(Loose::PlanRevisedButNeverAgreed, &[fact])),
            (Said::Agreed, Some(before)) => ends.push(end(Loose::PlanAgreedAgain, &[before, fact])),
            (Said::Agreed, None) | (Said::Revised { .. }, Some(_)) => {}
        }
        known.retain(|(key, _)| *key != plan.name);
        known.push((plan.name, fact));
    }
}

/// What can be said of one fact from those before it.
fn one(life: &Life<'_>, at: usize, fact: &Dated, ends: &mut Vec<LooseEnd>) {
    let before = &life.facts[..at];
    // Facts of one day may stand in any order: an enrolment on the same day is in time.
    let begun = |enrolment: KeyAt| life.enrolled(enrolment).is_some_and(|begun| begun.day <= fact.day);
    let reached = |of: KeyAt| {
        before.iter().any(|known| matches!(known.what, What::Reached { outcome, .. } if outcome == of))
    };
    let what = match &fact.what {
        What::Served { enrolment: Some(enrolment) } if !begun(*enrolment) => Loose::ServiceWithoutEnrolment,
        What::Exited { enrolment, .. } if !begun(*enrolment) => Loose::ExitWithoutEnrolment,
        What::Completed { enrolment } if !begun(*enrolment) => Loose::CompletedWithoutEnrolment,
        What::Enrolled { enrolment, .. }
            if life.enrolled(*enrolment).is_some_and(|first| !std::ptr::eq(first, fact)) =>
        {
            Loose::EnrolledAgain
        }
        What::DifficultyOvercome { difficulty } if !is_open(before, *difficulty) => Loose::OvercomeButNotOpen,
        What::Lost { outcome, .. } if !reached(*outcome) => Loose::LostButNotReached,
        What::Looked(look) if look.outcome.is_some_and(|outcome| !reached(outcome)) => {
            Loose::FollowUpOfNothing
        }
        What::Reached { .. } if life.intake().is_some_and(|(intake, _)| fact.day < intake.day) => {
            Loose::ReachedBeforeIntake
        }
        _ => return after_death(life, fact, ends),
    };
    ends.push(end(what, &[fact]));
    after_death(life, fact, ends);
}

fn after_death(life: &Life<'_>, fact: &Dated, ends: &mut Vec<LooseEnd>) {
    let Some(died) = life.died.filter(|died| died.day < fact.day) else {
        return;
    };
    let alive = match &fact.what {
        What::Served { .. } | What::Worked | What::Planned(_) | What::Reached { .. } => true,
        What::Looked(look) => look.in_touch(),
        _ => false,
    };
    if alive {
        ends.push(end(Loose::AfterDeath, &[died, fact]));
    }
}

fn is_open(before: &[Dated], of: KeyAt) -> bool {
    let last = before.iter().rev().find_map(|fact| match fact.what {
        What::DifficultyMet { difficulty, .. } if difficulty == of => Some(true),
        What::DifficultyOvercome { difficulty } if difficulty == of => Some(false),
        _ => None,
    });
    last == Some(true)
}

fn exits(life: &Life<'_>, stay: &Stay<'_>, ends: &mut Vec<LooseEnd>) {
    let mut exits = life.facts.iter().filter(
        |fact| matches!(fact.what, What::Exited { enrolment, .. } if Some(enrolment) == stay.enrolment),
    );
    let mut before = exits.next();
    for exit in exits {
        ends.extend(before.map(|before| end(Loose::ExitedAgain, &[before, exit])));
        before = Some(exit);
    }
    if let (Some(exit), Some(service)) = (stay.recorded, stay.last_service)
        && service.day > exit.day
    {
        ends.push(end(Loose::ServiceAfterExit, &[exit, service]));
    }
}

fn follow_ups(life: &Life<'_>, traced: &Traced<'_>, ends: &mut Vec<LooseEnd>) {
    for spell in &traced.spells {
        let watched = &spell.watched;
        let inside =
            watched.windows.iter().flat_map(|seen| seen.looks.iter().map(move |look| (look, Some(seen))));
        for (looked, seen) in inside.chain(watched.outside.iter().map(|look| (look, None))) {
            let named = looked.look.window.is_some();
            let off_days = seen
                .and_then(|seen| seen.days)
                .is_some_and(|(first, _, last)| looked.fact.day < first || last < looked.fact.day);
            if named && seen.is_none() {
                ends.push(end(Loose::FollowUpOfNoWindow, &[looked.fact]));
            } else if named && off_days {
                ends.push(end(Loose::FollowUpOutsideWindow, &[looked.fact]));
            }
            let holds =
                matches!(looked.look.found, Found::Held(FollowUpResult::StillHolds | FollowUpResult::Partly));
            if let Some(lost) = spell.lost
                && holds
                && is_later(life, looked.fact, lost)
            {
                ends.push(end(Loose::HoldsAfterLoss, &[lost, looked.fact]));
            }
        }
    }
}

/// Whether `one` comes after `other` in the order of life.
fn is_later(life: &Life<'_>, one: &Dated, other: &Dated) -> bool {
    let at = |fact: &Dated| life.facts.iter().position(|known| std::ptr::eq(known, fact));
    at(one) > at(other)
}
