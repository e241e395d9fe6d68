//! The follow-ups that are due: what staff should look into today, within the days on which looking counts.

use jiff::civil::Date;
use throughline_projection::{Programmes, WorkItem, WorkList};

use throughline_domain::WindowAnchor;

use crate::{
    exits::stays,
    life::Life,
    spells::{Spell, Traced, trace},
    view::{View, What},
    windows::{Seen, WindowState},
};

/// Days before its first day from which a window is shown.
pub const UPCOMING_DAYS: u16 = 14;

pub(crate) const FOLLOW_UPS_DUE: WorkList = WorkList {
    name: "follow-ups-due",
    about: "outcomes somebody should look at within the days on which looking counts: overdue past the target day, due before it, upcoming within 14 days",
};

/// What the list needs of a client who has reached an outcome: the facts about outcomes, windows and, where windows
/// wait for an exit, services.
#[derive(Debug, Clone, PartialEq)]
pub struct Card(View);

pub(crate) fn card(view: &View) -> Option<Card> {
    let reached = view.facts.iter().any(|fact| matches!(fact.what, What::Reached { .. }));
    let from_exit = crate::view::plans(&view.facts).any(|(_, plan)| plan.windows_from == WindowAnchor::Exit);
    reached.then(|| {
        Card(view.only(|what| match what {
            What::Died
            | What::Erased
            | What::Enrolled { .. }
            | What::Planned(_)
            | What::Reached { .. }
            | What::Lost { .. }
            | What::Looked(_) => true,
            What::Served { .. } | What::Exited { .. } => from_exit,
            What::Opened
            | What::Worked
            | What::Completed { .. }
            | What::DifficultyMet { .. }
            | What::DifficultyOvercome { .. }
            | What::Measured { .. }
            | What::Grown(_) => false,
        }))
    })
}

pub(crate) fn follow_ups_due(card: &Card, on: Date, programmes: &Programmes) -> Vec<WorkItem> {
    let life = Life::until(&card.0, on, programmes);
    if life.erased.is_some() {
        return Vec::new();
    }
    let stays = stays(&life);
    let outcomes = trace(&life, &stays);
    // A death or a loss has cancelled the windows still open, so that none of them is due.
    outcomes
        .iter()
        .filter_map(|traced| Some((traced, traced.current()?)))
        .flat_map(|(traced, spell)| spell.watched.windows.iter().map(move |seen| (traced, spell, seen)))
        .filter_map(|(traced, spell, seen)| item(&life, traced, spell, seen))
        .collect()
}

fn item(life: &Life<'_>, traced: &Traced<'_>, spell: &Spell<'_>, seen: &Seen<'_>) -> Option<WorkItem> {
    let (first, target, last) = seen.days?;
    let level = match seen.state {
        WindowState::Due if life.on > target => "overdue",
        WindowState::Due => "due",
        WindowState::NotYetDue if life.on.plus(UPCOMING_DAYS) >= first => "upcoming",
        WindowState::NotYetDue
        | WindowState::NotOpen
        | WindowState::Held
        | WindowState::Partly
        | WindowState::Lost
        | WindowState::Missed
        | WindowState::Unreachable
        | WindowState::Cancelled => return None,
    };
    let attempts = match (seen.attempts(), seen.looks.last()) {
        (0, _) | (_, None) => "no attempt yet".to_owned(),
        (1, Some(last)) => format!("1 attempt, on {}", last.fact.day.date()),
        (attempts, Some(last)) => format!("{attempts} attempts, last on {}", last.fact.day.date()),
    };
    let because = format!(
        "{} {}: look from {} to {}, aim at {}; {}; {attempts}",
        life.view.code(traced.what),
        seen.rule.window,
        first.date(),
        last.date(),
        target.date(),
        if seen.rule.required { "required" } else { "optional" },
    );
    let looks = seen.looks.iter().map(|looked| looked.fact.event);
    Some(WorkItem {
        what: "follow-up".to_owned(),
        level,
        due: Some(target.date()),
        since: Some(spell.reached.day.date()),
        days: life.on.since(target),
        because,
        evidence: std::iter::once(spell.reached.event).chain(looks).collect(),
        entered: None,
    })
}
