//! Where an outcome stands on a date, and whether it is durable. The rules are written out in
//! `docs/views/outcomes.md`; each has a test in `tests/statuses.rs`.

use throughline_domain::EventId;

use throughline_projection::Day;

use crate::{
    exits::{Stay, has_left, stay_of},
    life::Life,
    spells::{Spell, Traced},
    view::What,
    windows::{Seen, WindowState},
};

/// Where an outcome stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = outcomes::Status)]
pub enum Status {
    /// A plan names it, and nothing has happened since.
    Planned,
    /// A plan names it, and a service, check-in or milestone came after.
    Working,
    /// A plan names it, and the client has left without it; a later service makes it `working` again.
    NotReached,
    /// No plan in force names it any more, and it was never reached.
    Withdrawn,
    /// It was reached; no window has held yet.
    Reached,
    /// It was reached, and a follow-up window held.
    Holding,
    /// The last required window held.
    Durable,
    /// It was lost, and not reached again since.
    Slipped,
    /// It was lost and reached again; no window has held since.
    Recovered,
    /// It was reached, and at the last window that ended nobody could reach the client.
    Unreachable,
    /// The client died before it was durable.
    Died,
    /// The journey was erased: nothing can be read of it any more.
    Erased,
}

/// What is known of an outcome at its last required window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = outcomes::Durability)]
pub enum Durability {
    /// It was never reached.
    NotReached,
    /// Its windows wait for an exit that is not known.
    AwaitingExit,
    /// The last required window has not begun.
    NotYetDue,
    /// The last required window is open, and nobody has found out yet.
    Due,
    /// It held.
    Durable,
    /// It held in part: not durable.
    Partly,
    /// It is lost: not durable until it is reached again and holds.
    Slipped,
    /// Nobody looked: it cannot be known.
    Missed,
    /// Nobody could reach the client: it cannot be known.
    Unreachable,
    /// The client died first: it cannot be known.
    Died,
    /// Neither plan nor programme requires a window, so nothing can show it.
    NoWindow,
    /// The journey was erased.
    Erased,
}

/// A status with the events it rests on.
pub(crate) struct Standing<'s, 'a> {
    pub(crate) status: Status,
    /// Where it stood when the client died.
    pub(crate) before_death: Option<Status>,
    /// The window that held last, in the spell that stands.
    pub(crate) held: Option<&'s Seen<'a>>,
    pub(crate) evidence: Vec<EventId>,
}

/// Where this outcome stands.
pub(crate) fn standing<'s, 'a>(
    life: &Life<'a>,
    stays: &[Stay<'a>],
    traced: &'s Traced<'a>,
) -> Standing<'s, 'a> {
    if let Some(erased) = life.erased {
        let evidence = vec![erased.event];
        return Standing { status: Status::Erased, before_death: None, held: None, evidence };
    }
    let standing = match traced.current() {
        None => never_reached(stays, traced),
        Some(spell) => reached(traced, spell),
    };
    match life.died {
        // A death takes nothing back: what was shown to be durable stays so.
        Some(died) if standing.status != Status::Durable => Standing {
            status: Status::Died,
            before_death: Some(standing.status),
            evidence: standing.evidence.into_iter().chain([died.event]).collect(),
            ..standing
        },
        _ => standing,
    }
}

fn never_reached<'s, 'a>(stays: &[Stay<'a>], traced: &Traced<'a>) -> Standing<'s, 'a> {
    let planned = traced.planned.map(|fact| fact.event);
    let worked = traced.worked.map(|fact| fact.event);
    let left = left_without(stays, traced);
    let (status, events) = if let Some(withdrawn) = traced.withdrawn {
        (Status::Withdrawn, [planned, Some(withdrawn.event)])
    } else if let Some(left) = left {
        (Status::NotReached, [planned, Some(left)])
    } else if worked.is_some() {
        (Status::Working, [planned, worked])
    } else {
        (Status::Planned, [planned, None])
    };
    Standing { status, before_death: None, held: None, evidence: events.into_iter().flatten().collect() }
}

/// The event of the exit by which the client left without the outcome: that of its enrolment, else the last one
/// where the client has left everything. An exit before the plan says nothing of it.
fn left_without(stays: &[Stay<'_>], traced: &Traced<'_>) -> Option<EventId> {
    let planned = traced.planned?.day;
    let exit = |stay: &Stay<'_>| stay.exit().filter(|exit| *exit >= planned).and(stay.exit_event());
    match traced.enrolment {
        Some(_) => stay_of(stays, traced.enrolment).and_then(exit),
        None if has_left(stays) => {
            let last: Option<(Day, EventId)> =
                stays.iter().filter_map(|stay| Some((stay.exit()?, exit(stay)?))).max();
            last.map(|(_, event)| event)
        }
        None => None,
    }
}

fn reached<'s, 'a>(traced: &Traced<'a>, spell: &'s Spell<'a>) -> Standing<'s, 'a> {
    let first = traced.spells.first().map(|first| first.reached.event);
    let held = spell.watched.last_held();
    let looks = spell
        .watched
        .windows
        .iter()
        .filter(|seen| seen.state == WindowState::Held)
        .filter_map(|seen| seen.decided_by.map(|fact| fact.event));
    let since = [first, Some(spell.reached.event)].into_iter().flatten();
    let (status, mut evidence): (Status, Vec<EventId>) = if let Some(lost) = spell.lost {
        (Status::Slipped, since.chain([lost.event]).collect())
    } else if spell.watched.last_required().is_some_and(|last| last.state == WindowState::Held) {
        (Status::Durable, since.chain(looks).collect())
    } else if let Some(silent) = spell.watched.unreached() {
        (Status::Unreachable, since.chain(silent.looks.iter().map(|looked| looked.fact.event)).collect())
    } else if held.is_some() {
        (Status::Holding, since.chain(looks).collect())
    } else if let Some(before) = traced.spells.iter().rev().nth(1) {
        (Status::Recovered, since.chain(before.lost.map(|lost| lost.event)).collect())
    } else {
        (Status::Reached, since.collect())
    };
    let mut told = Vec::new();
    evidence.retain(|event| {
        let new = !told.contains(event);
        told.push(*event);
        new
    });
    let held = if spell.lost.is_some() { None } else { held };
    Standing { status, before_death: None, held, evidence }
}

/// What is known at the last required window.
pub(crate) fn durability(life: &Life<'_>, traced: &Traced<'_>) -> Durability {
    if life.erased.is_some() {
        return Durability::Erased;
    }
    let Some(spell) = traced.current() else {
        return Durability::NotReached;
    };
    if spell.lost.is_some() {
        return Durability::Slipped;
    }
    let Some(last) = spell.watched.last_required() else {
        return Durability::NoWindow;
    };
    match last.state {
        WindowState::NotOpen if life.died.is_some() => Durability::Died,
        WindowState::NotOpen => Durability::AwaitingExit,
        WindowState::NotYetDue => Durability::NotYetDue,
        WindowState::Due => Durability::Due,
        WindowState::Held => Durability::Durable,
        WindowState::Partly => Durability::Partly,
        WindowState::Lost => Durability::Slipped,
        WindowState::Missed => Durability::Missed,
        WindowState::Unreachable => Durability::Unreachable,
        WindowState::Cancelled => Durability::Died,
    }
}

/// Whether the last required window counted from the first time the outcome was reached has ended: only then does
/// the outcome count in a durable share, whatever came of it, so that early news does not weigh more than late.
pub(crate) fn mature(life: &Life<'_>, traced: &Traced<'_>) -> bool {
    traced
        .spells
        .first()
        .and_then(|first| first.watched.last_required())
        .and_then(|last| last.days)
        .is_some_and(|(_, _, last_day)| last_day < life.on)
}

/// The last day on which somebody found the outcome to hold, or on which it was reached.
pub(crate) fn confirmed_until(spell: &Spell<'_>) -> Day {
    let held = spell.watched.windows.iter().filter(|seen| seen.state == WindowState::Held);
    let looked = held.filter_map(|seen| seen.decided_by).map(|fact| fact.day);
    looked.max().map_or(spell.reached.day, |day| day.max(spell.reached.day))
}

/// Days from intake to the day the outcome was first reached; none where either is unknown, and negative where the
/// record has them the wrong way round.
pub(crate) fn days_from_intake(life: &Life<'_>, traced: &Traced<'_>) -> Option<i32> {
    let (intake, _) = life.intake()?;
    Some(traced.spells.first()?.reached.day.since(intake.day))
}

/// The code of the evidence that a reaching names.
pub(crate) fn evidence_code(spell: &Spell<'_>) -> Option<crate::view::CodeAt> {
    match spell.reached.what {
        What::Reached { evidence, .. } => Some(evidence),
        _ => None,
    }
}
