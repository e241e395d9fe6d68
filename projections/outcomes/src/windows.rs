//! Follow-up windows: when somebody should look whether an outcome holds, who did, and what they found.

use throughline_domain::{Code, FollowUpResult, Reached};

use throughline_projection::Day;

use crate::{
    life::Life,
    spells::speaks_for_one,
    view::{Dated, Found, Look},
};

/// A window as the plan or the programme sets it, in days from its anchor.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule<'a> {
    pub(crate) window: &'a Code,
    pub(crate) first_day: u16,
    pub(crate) target_day: u16,
    pub(crate) last_day: u16,
    pub(crate) required: bool,
}

/// The windows of one spell.
pub(crate) struct Watched<'a> {
    /// The day they are counted from; unset while an exit they wait for is not known.
    pub(crate) anchor: Option<Day>,
    /// In the order they end.
    pub(crate) windows: Vec<Seen<'a>>,
    /// Looks that belong to no window.
    pub(crate) outside: Vec<Looked<'a>>,
}

/// One window and what came of it.
pub(crate) struct Seen<'a> {
    pub(crate) rule: Rule<'a>,
    /// First, target and last day.
    pub(crate) days: Option<(Day, Day, Day)>,
    pub(crate) looks: Vec<Looked<'a>>,
    pub(crate) state: WindowState,
    /// The look or loss that decided it.
    pub(crate) decided_by: Option<&'a Dated>,
}

/// A look, and whether what it found counts.
#[derive(Clone, Copy)]
pub(crate) struct Looked<'a> {
    pub(crate) fact: &'a Dated,
    pub(crate) look: &'a Look,
    /// It fell on a day of its window, and is about one outcome alone.
    pub(crate) counts: bool,
}

/// How a follow-up window stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = outcomes::WindowState)]
pub enum WindowState {
    /// It waits for an exit that is not known.
    NotOpen,
    /// Its first day is still to come.
    NotYetDue,
    /// It is open and nobody has found out yet.
    Due,
    /// Somebody looked on one of its days, and the outcome still held.
    Held,
    /// Somebody looked on one of its days, and the outcome held in part.
    Partly,
    /// The outcome was lost on one of its days.
    Lost,
    /// It ended and nobody found out, though the client was reached or nobody tried.
    Missed,
    /// It ended, and every attempt to reach the client failed.
    Unreachable,
    /// Nothing is left to find out: the outcome was lost before, or the client died.
    Cancelled,
}

impl WindowState {
    /// Whether somebody found out how it stood.
    pub(crate) fn is_known(self) -> bool {
        matches!(self, Self::Held | Self::Partly | Self::Lost)
    }
}

impl<'a> Watched<'a> {
    /// The required window that ends last: an outcome is durable when it holds there.
    pub(crate) fn last_required(&self) -> Option<&Seen<'a>> {
        self.windows.iter().rev().find(|seen| seen.rule.required)
    }

    /// The window that last held.
    pub(crate) fn last_held(&self) -> Option<&Seen<'a>> {
        self.windows.iter().rev().find(|seen| seen.state == WindowState::Held)
    }

    /// The window whose silence stands: it ended without the client being reached, no later window was decided by
    /// somebody who saw them, and nobody has been in touch about the outcome since.
    pub(crate) fn unreached(&self) -> Option<&Seen<'a>> {
        let seen_at = self.windows.iter().rposition(|seen| seen.state.is_known());
        let silent = self.windows.iter().enumerate().rev().find(|(at, seen)| {
            seen.state == WindowState::Unreachable && seen_at.is_none_or(|seen_at| *at > seen_at)
        })?;
        let ended = silent.1.days?.2;
        let since = |looked: &Looked| looked.fact.day > ended && looked.look.in_touch();
        (!self.looks().any(since)).then_some(silent.1)
    }

    fn looks(&self) -> impl Iterator<Item = &Looked<'a>> {
        self.windows.iter().flat_map(|seen| &seen.looks).chain(&self.outside)
    }
}

/// Lays out the windows of a spell and says what came of each by the day the life is seen on.
pub(crate) fn watch<'a>(
    life: &Life<'a>,
    rules: &[Rule<'a>],
    anchor: Option<Day>,
    lost: Option<&'a Dated>,
    looks: Vec<(&'a Dated, &'a Look)>,
) -> Watched<'a> {
    let mut windows: Vec<Seen<'a>> = rules
        .iter()
        .map(|rule| Seen {
            rule: *rule,
            days: anchor.map(|from| {
                (from.plus(rule.first_day), from.plus(rule.target_day), from.plus(rule.last_day))
            }),
            looks: Vec::new(),
            state: WindowState::NotOpen,
            decided_by: None,
        })
        .collect();
    let mut outside = Vec::new();
    for (fact, look) in looks {
        match window_of(life, &windows, fact, look) {
            Some(at) => {
                let counts = windows[at].holds(fact.day) && speaks_for_one(life, fact, look);
                windows[at].looks.push(Looked { fact, look, counts });
            }
            None => outside.push(Looked { fact, look, counts: false }),
        }
    }
    for seen in &mut windows {
        (seen.state, seen.decided_by) = seen.judge(life, lost);
    }
    Watched { anchor, windows, outside }
}

/// The window that a look names; where it names none, the one whose days it falls on, the nearest to its target
/// where several do. Of several with one name, the one whose days it falls on comes first.
fn window_of(life: &Life<'_>, windows: &[Seen<'_>], fact: &Dated, look: &Look) -> Option<usize> {
    let nearest = |named: &dyn Fn(&Seen<'_>) -> bool| {
        (0..windows.len())
            .filter(|at| named(&windows[*at]) && windows[*at].holds(fact.day))
            .min_by_key(|at| windows[*at].days.map(|(_, target, _)| target.since(fact.day).unsigned_abs()))
    };
    match look.window.map(|named| life.view.code(named)) {
        None => nearest(&|_| true),
        Some(name) => nearest(&|seen| seen.rule.window == name)
            .or_else(|| windows.iter().position(|seen| seen.rule.window == name)),
    }
}

impl<'a> Seen<'a> {
    /// Whether looking on this day counts.
    fn holds(&self, day: Day) -> bool {
        self.days.is_some_and(|(first, _, last)| first <= day && day <= last)
    }

    /// Failed and successful attempts beside the looks that found something out.
    pub(crate) fn attempts(&self) -> usize {
        self.looks.iter().filter(|looked| matches!(looked.look.found, Found::Tried { .. })).count()
    }

    fn judge(&self, life: &Life<'a>, lost: Option<&'a Dated>) -> (WindowState, Option<&'a Dated>) {
        let Some((first, _, last)) = self.days else {
            return (WindowState::NotOpen, None);
        };
        if let Some(lost) = lost.filter(|lost| self.holds(lost.day)) {
            return (WindowState::Lost, Some(lost));
        }
        // What is found after a loss restores nothing; only reaching the outcome again does.
        let before_loss = |fact: &Dated| lost.is_none_or(|lost| fact.day < lost.day);
        let alive = |fact: &Dated| life.died.is_none_or(|died| fact.day <= died.day);
        let counts = |looked: &&Looked| looked.counts && before_loss(looked.fact) && alive(looked.fact);
        let found = self.looks.iter().rev().filter(counts).find_map(|looked| match looked.look.found {
            Found::Held(FollowUpResult::StillHolds) => Some((WindowState::Held, Some(looked.fact))),
            Found::Held(FollowUpResult::Partly) => Some((WindowState::Partly, Some(looked.fact))),
            Found::Held(FollowUpResult::Lost | FollowUpResult::NotAssessed) | Found::Tried { .. } => None,
        });
        if let Some(found) = found {
            return found;
        }
        let over = [lost, life.died].into_iter().flatten().find(|end| end.day <= last);
        let state = if over.is_some() {
            WindowState::Cancelled
        } else if life.on < first {
            WindowState::NotYetDue
        } else if life.on <= last {
            WindowState::Due
        } else if self.only_failed_attempts() {
            WindowState::Unreachable
        } else {
            WindowState::Missed
        };
        (state, over)
    }

    /// Somebody tried on a day of the window, and nobody got through.
    fn only_failed_attempts(&self) -> bool {
        let mut tries = self.looks.iter().filter(|looked| self.holds(looked.fact.day)).peekable();
        tries.peek().is_some()
            && tries
                .all(|looked| matches!(looked.look.found, Found::Tried { reached: Reached::NotReached, .. }))
    }
}
