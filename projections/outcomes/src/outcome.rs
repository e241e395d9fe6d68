//! What is said of one outcome on a date.

use jiff::civil::Date;
use serde::Serialize;
use throughline_domain::{Actor, Code, EventId, Eyes, FollowUpResult, Format, Key, Reached, WindowAnchor};

use crate::{
    exits::{Stay, stay_of},
    life::Life,
    spells::{Spell, Traced},
    status::{
        Durability, Status, confirmed_until, days_from_intake, durability, evidence_code, mature, standing,
    },
    success::{Difficulty, later_enrolments, on_the_way},
    view::{Dated, Found, What},
    windows::{Looked, Seen, WindowState},
};

/// A day and the event that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = outcomes::Mark)]
pub struct Mark {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// The event.
    pub event: EventId,
}

impl Mark {
    pub(crate) fn of(fact: &Dated) -> Self {
        Self { date: fact.day.date(), event: fact.event }
    }
}

/// One outcome on a date.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = outcomes::Outcome)]
pub struct Outcome {
    /// Its name in this journey.
    pub outcome: Key,
    /// What it is: `stable-housing`.
    pub what: Code,
    /// The area of life.
    pub life_area: Code,
    /// Where it stands.
    pub status: Status,
    /// The window that last held, since the outcome was last reached.
    pub holding: Option<Holding>,
    /// The events that the status rests on.
    pub evidence: Vec<EventId>,
    /// Where it stood when the client died.
    pub before_death: Option<Status>,
    /// What is known at its last required window.
    pub durability: Durability,
    /// Whether its last required window, counted from the first time it was reached, has ended.
    pub mature: bool,
    /// When a plan first named it.
    pub planned: Option<Mark>,
    /// The first service, check-in or milestone after that.
    pub worked: Option<Mark>,
    /// When it was first reached.
    pub reached: Option<Mark>,
    /// The last day on which it was reached or found to hold, where it stands.
    #[schema(value_type = Option<String>, format = Date)]
    pub confirmed_until: Option<Date>,
    /// Days from intake to the day it was first reached.
    pub days_from_intake: Option<i32>,
    /// Days from the beginning of its enrolment to the day it was first reached.
    pub days_from_enrolment: Option<i32>,
    /// Difficulties met on the way: until it was reached, or until now.
    pub difficulties_met: u32,
    /// Of those, how many were overcome by then.
    pub difficulties_overcome: u32,
    /// How often it was lost.
    pub slips: u32,
    /// From when its windows are counted.
    pub windows_from: WindowAnchor,
    /// Each time it was reached until it was lost, with its windows.
    pub spells: Vec<OutcomeSpell>,
    /// Enrolments after it was first reached: possible signs of return, not by themselves a loss.
    pub later_enrolments: Vec<LaterEnrolment>,
}

/// How long an outcome was found to hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = outcomes::Holding)]
pub struct Holding {
    /// The window that held.
    pub window: Code,
    /// Its target day in whole months of 30.44 days.
    pub months: u32,
}

/// From the day an outcome was reached until it was lost.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = outcomes::Spell)]
pub struct OutcomeSpell {
    /// When it was reached.
    pub reached: Mark,
    /// On what evidence: `lease-seen`.
    pub shown_by: Option<Code>,
    /// When it was lost.
    pub lost: Option<Mark>,
    /// Why, where an event says so.
    pub lost_because: Option<Code>,
    /// The day its windows are counted from; unset while they wait for an exit.
    #[schema(value_type = Option<String>, format = Date)]
    pub counted_from: Option<Date>,
    /// Its windows, in the order they end.
    pub windows: Vec<FollowUp>,
    /// Looks and attempts on days of no window.
    pub outside_windows: Vec<LookOnRecord>,
}

/// One follow-up window.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = outcomes::FollowUp)]
pub struct FollowUp {
    /// Its name.
    pub window: Code,
    /// The first day on which looking counts.
    #[schema(value_type = Option<String>, format = Date)]
    pub first: Option<Date>,
    /// The day aimed at.
    #[schema(value_type = Option<String>, format = Date)]
    pub target: Option<Date>,
    /// The last day on which looking counts.
    #[schema(value_type = Option<String>, format = Date)]
    pub last: Option<Date>,
    /// Whether durability asks for it.
    pub required: bool,
    /// How it stands.
    pub state: WindowState,
    /// The look, loss or death that decided it.
    pub decided_by: Option<Mark>,
    /// How often somebody tried to reach the client, beside the looks that found something out.
    pub attempts: u32,
    /// Looks and attempts.
    pub looks: Vec<LookOnRecord>,
}

/// A look or an attempt.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = outcomes::Look)]
pub struct LookOnRecord {
    /// When.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// The event.
    pub event: EventId,
    /// Who recorded it, as a pseudonym.
    pub by: Actor,
    /// Through whose eyes.
    pub eyes: Eyes,
    /// How.
    pub format: Format,
    /// Whether the client was reached.
    pub reached: Reached,
    /// What was found; unset for an attempt.
    pub result: Option<FollowUpResult>,
    /// Why the client was not reached.
    pub reason: Option<Code>,
    /// Whether it lies on a day of its window and speaks of one outcome alone, so that it can decide.
    pub counts: bool,
}

/// An enrolment after an outcome was reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = outcomes::LaterEnrolment)]
pub struct LaterEnrolment {
    /// The enrolment.
    pub enrolment: Key,
    /// Its programme.
    pub programme: Code,
    /// When it began.
    pub began: Mark,
    /// Days since the outcome was first reached.
    pub days_since_outcome: i32,
    /// Days since the exit from the outcome's own enrolment, where that came before.
    pub days_since_exit: Option<i32>,
}

/// What is said of this outcome.
pub(crate) fn outcome<'a>(
    life: &Life<'a>,
    stays: &[Stay<'a>],
    difficulties: &[Difficulty<'a>],
    traced: &Traced<'a>,
) -> Outcome {
    let standing = standing(life, stays, traced);
    let first = traced.spells.first();
    let until = first.map_or(life.on, |first| first.reached.day);
    let (difficulties_met, difficulties_overcome) = on_the_way(difficulties, until);
    let began = traced.enrolment.and_then(|enrolment| life.enrolled(enrolment));
    Outcome {
        outcome: life.view.key(traced.outcome).clone(),
        what: life.code(traced.what),
        life_area: life.code(traced.life_area),
        status: standing.status,
        holding: standing.held.map(holding),
        evidence: standing.evidence,
        before_death: standing.before_death,
        durability: durability(life, traced),
        mature: mature(life, traced),
        planned: traced.planned.map(Mark::of),
        worked: traced.worked.map(Mark::of),
        reached: first.map(|first| Mark::of(first.reached)),
        confirmed_until: traced
            .current()
            .filter(|spell| spell.lost.is_none())
            .map(|spell| confirmed_until(spell).date()),
        days_from_intake: days_from_intake(life, traced).filter(|days| *days >= 0),
        days_from_enrolment: first
            .zip(began)
            .map(|(first, began)| first.reached.day.since(began.day))
            .filter(|days| *days >= 0),
        difficulties_met,
        difficulties_overcome,
        slips: u32::try_from(traced.spells.iter().filter(|spell| spell.lost.is_some()).count())
            .unwrap_or(u32::MAX),
        windows_from: traced.plan.map_or(WindowAnchor::Outcome, |plan| plan.windows_from),
        spells: traced.spells.iter().map(|spell| on_record(life, spell)).collect(),
        later_enrolments: later(life, stays, traced),
    }
}

fn holding(seen: &Seen<'_>) -> Holding {
    let months = (f64::from(seen.rule.target_day) / 30.4375).round();
    // At most 65,535 days: 2,153 months.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Holding { window: seen.rule.window.clone(), months: months as u32 }
}

fn on_record(life: &Life<'_>, spell: &Spell<'_>) -> OutcomeSpell {
    let lost_because = spell.lost.and_then(|lost| match lost.what {
        What::Lost { reason, .. } => life.view.code_if(reason),
        _ => None,
    });
    OutcomeSpell {
        reached: Mark::of(spell.reached),
        shown_by: life.view.code_if(evidence_code(spell)),
        lost: spell.lost.map(Mark::of),
        lost_because,
        counted_from: spell.watched.anchor.map(throughline_projection::Day::date),
        windows: spell.watched.windows.iter().map(|seen| follow_up(life, seen)).collect(),
        outside_windows: spell.watched.outside.iter().map(|looked| look(life, looked)).collect(),
    }
}

fn follow_up(life: &Life<'_>, seen: &Seen<'_>) -> FollowUp {
    FollowUp {
        window: seen.rule.window.clone(),
        first: seen.days.map(|(first, _, _)| first.date()),
        target: seen.days.map(|(_, target, _)| target.date()),
        last: seen.days.map(|(_, _, last)| last.date()),
        required: seen.rule.required,
        state: seen.state,
        decided_by: seen.decided_by.map(Mark::of),
        attempts: u32::try_from(seen.attempts()).unwrap_or(u32::MAX),
        looks: seen.looks.iter().map(|looked| look(life, looked)).collect(),
    }
}

fn look(life: &Life<'_>, looked: &Looked<'_>) -> LookOnRecord {
    let (reached, result, reason) = match looked.look.found {
        Found::Held(result) => (Reached::Reached, Some(result), None),
        Found::Tried { reached, reason } => (reached, None, life.view.code_if(reason)),
    };
    LookOnRecord {
        date: looked.fact.day.date(),
        event: looked.fact.event,
        by: life.view.actor(looked.look.by).clone(),
        eyes: looked.look.eyes,
        format: looked.look.format,
        reached,
        result,
        reason,
        counts: looked.counts,
    }
}

fn later<'a>(life: &Life<'a>, stays: &[Stay<'a>], traced: &Traced<'a>) -> Vec<LaterEnrolment> {
    let Some(first) = traced.spells.first() else {
        return Vec::new();
    };
    let exit = stay_of(stays, traced.enrolment).and_then(Stay::exit);
    later_enrolments(life, traced)
        .into_iter()
        .map(|later| LaterEnrolment {
            enrolment: life.view.key(later.enrolment).clone(),
            programme: life.code(later.programme),
            began: Mark::of(later.begun),
            days_since_outcome: later.begun.day.since(first.reached.day),
            days_since_exit: exit.map(|exit| later.begun.day.since(exit)).filter(|days| *days >= 0),
        })
        .collect()
}
