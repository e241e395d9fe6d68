//! Concerns: acknowledged, answered and kept informed on their clocks, put right or not, and raised again.

use jiff::civil::Date;
use serde::Serialize;
use throughline_domain::{Code, Eyes, Kept, Key};

use throughline_projection::Day;

use crate::{
    clock::{Clock, Owed, What},
    view::{Concern, ConcernRaised, Dated, Step, View},
};

/// The client's concerns.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Concerns {
    /// How many were raised.
    pub raised: u64,
    /// How many wait for an answer, first or after they were raised again.
    pub still_open: u64,
    /// How many stand answered and were put right.
    pub put_right: u64,
    /// How many stand answered and were put right in part.
    pub partly_put_right: u64,
    /// How many stand answered and were not put right.
    pub not_put_right: u64,
    /// How many were raised again after an answer.
    pub reopened: u64,
    /// Each concern, oldest first.
    pub each: Vec<ConcernAnswer>,
}

/// One concern.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ConcernAnswer {
    /// Its name in the journey.
    pub concern: Key,
    /// What about.
    pub about: Code,
    /// To whom the answer is owed.
    pub to: Eyes,
    /// The day it was raised.
    #[schema(value_type = String, format = Date)]
    pub raised: Date,
    /// Each time it was raised: first, and again after an answer that did not end it.
    pub rounds: Vec<Round>,
    /// How often it was raised again.
    pub reopened: u64,
    /// Whether it was put right, by the answer that stands; unset while it is open.
    pub put_right: Option<Kept>,
}

/// One time a concern was raised, with its clocks.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Round {
    /// The clock of its acknowledgement; an update or the answer itself says as much.
    pub acknowledged: Clock,
    /// The clock of its answer.
    pub answered: Clock,
    /// The clocks of updates, owed from the day the answer was due and is not there.
    pub updated: Vec<Clock>,
    /// What the answer did.
    pub put_right: Option<Kept>,
}

/// One round as things owed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OwedRound {
    pub acknowledge: Owed,
    pub answer: Owed,
    pub updates: Vec<Owed>,
    put_right: Option<Kept>,
}

/// A round as its events are gathered.
struct Gathered {
    opened: Dated,
    heard: Option<Dated>,
    updates: Vec<Dated>,
    resolved: Option<(Dated, Kept)>,
}

/// Every round of a concern, and the steps that belong to none with the reason.
pub(crate) fn rounds<'a>(
    view: &View,
    concern: &'a Concern,
) -> Option<(&'a ConcernRaised, Vec<OwedRound>, Vec<Dated>)> {
    let raised = concern.raised.first()?;
    let mut rounds = vec![Gathered::opened(raised.at)];
    let mut loose = Vec::new();
    for (at, step) in &concern.steps {
        let round = rounds.last_mut().expect("a concern that was raised has a round");
        if at.day < raised.at.day {
            loose.push(*at);
            continue;
        }
        match (step, round.resolved) {
            (Step::Reopened, Some(_)) => rounds.push(Gathered::opened(*at)),
            (Step::Resolved(put_right), None) => {
                round.heard.get_or_insert(*at);
                round.resolved = Some((*at, *put_right));
            }
            (Step::Updated, None) => {
                round.heard.get_or_insert(*at);
                round.updates.push(*at);
            }
            (Step::Acknowledged, None) if round.heard.is_none() => round.heard = Some(*at),
            (Step::Reopened | Step::Acknowledged, None)
            | (Step::Resolved(_) | Step::Updated | Step::Acknowledged, Some(_)) => loose.push(*at),
        }
    }
    let rounds = rounds.into_iter().map(|round| round.owed(view, raised)).collect();
    Some((raised, rounds, loose))
}

impl Gathered {
    fn opened(at: Dated) -> Self {
        Self { opened: at, heard: None, updates: Vec::new(), resolved: None }
    }

    fn owed(self, view: &View, raised: &ConcernRaised) -> OwedRound {
        let owed = |what, days, settled| {
            let due = self.opened.day.plus_working(days);
            Owed { settled, ..Owed::new(what, &self.opened, Some(due)).while_alive(view) }
        };
        let resolved = self.resolved.map(|(at, _)| at);
        let answer = owed(What::AnswerConcern, raised.answer_days, resolved);
        OwedRound {
            acknowledge: owed(What::AcknowledgeConcern, raised.acknowledge_days, self.heard),
            updates: self.updates_owed(view, &answer, raised.update_days),
            answer,
            put_right: self.resolved.map(|(_, put_right)| put_right),
        }
    }

    /// From the day a late answer was due, one update is owed after another until the answer comes.
    fn updates_owed(&self, view: &View, answer: &Owed, update_days: u16) -> Vec<Owed> {
        let resolved = self.resolved.map(|(at, _)| at.day);
        let mut owed = Vec::new();
        let mut from = answer.due.expect("an answer to a concern always has its day");
        let mut updates = self.updates.iter();
        while resolved.is_none_or(|resolved| resolved > from) {
            let next = updates.by_ref().find(|update| update.day > from).copied();
            let due = Some(from.plus_working(update_days));
            let update = Owed { from, settled: next, ..Owed::new(What::UpdateConcern, &self.opened, due) };
            let stopped = if next.is_some() { None } else { resolved };
            owed.push(Owed { stopped, ..update }.while_alive(view));
            match next {
                Some(update) => from = update.day,
                None => break,
            }
        }
        // Nothing begins to be owed to a client who has died since they raised it.
        let died = view.died.filter(|died| answer.to == Eyes::Client && died.day >= self.opened.day);
        owed.retain(|owed| died.is_none_or(|died| owed.from < died.day));
        owed
    }
}

impl OwedRound {
    pub(crate) fn put_right(&self, on: Day) -> Option<Kept> {
        self.answer.settled(on).and(self.put_right)
    }

    /// All that is owed in this round.
    pub(crate) fn owed(self) -> impl Iterator<Item = Owed> {
        [self.acknowledge, self.answer].into_iter().chain(self.updates)
    }

    fn on(&self, on: Day) -> Round {
        Round {
            acknowledged: self.acknowledge.clock(on),
            answered: self.answer.clock(on),
            updated: self
                .updates
                .iter()
                .filter(|update| update.from <= on)
                .map(|update| update.clock(on))
                .collect(),
            put_right: self.put_right(on),
        }
    }
}

/// The rounds of a concern that had begun on this day.
pub(crate) fn rounds_on(view: &View, concern: &Concern, on: Day) -> Vec<OwedRound> {
    let rounds = rounds(view, concern).map(|(_, rounds, _)| rounds).unwrap_or_default();
    rounds.into_iter().filter(|round| round.answer.from <= on).collect()
}

/// How many concerns wait for an answer on this day.
pub(crate) fn still_open(view: &View, on: Day) -> u64 {
    let waits =
        |concern: &Concern| rounds_on(view, concern, on).last().is_some_and(|last| last.answer.is_open(on));
    view.concerns.values().map(|concern| u64::from(waits(concern))).sum()
}

pub(crate) fn concerns(view: &View, on: Day) -> Concerns {
    let mut concerns = Concerns {
        raised: 0,
        still_open: 0,
        put_right: 0,
        partly_put_right: 0,
        not_put_right: 0,
        reopened: 0,
        each: Vec::new(),
    };
    for (key, concern) in &view.concerns {
        let rounds = rounds_on(view, concern, on);
        let Some(last) = rounds.last() else { continue };
        let put_right = last.put_right(on);
        concerns.raised += 1;
        concerns.still_open += u64::from(last.answer.is_open(on));
        concerns.reopened += u64::from(rounds.len() > 1);
        concerns.put_right += u64::from(put_right == Some(Kept::Yes));
        concerns.partly_put_right += u64::from(put_right == Some(Kept::Partly));
        concerns.not_put_right += u64::from(put_right == Some(Kept::No));
        concerns.each.push(ConcernAnswer {
            concern: key.clone(),
            about: concern.raised[0].about.clone(),
            to: last.answer.to,
            raised: rounds[0].answer.from.date(),
            reopened: rounds.len() as u64 - 1,
            put_right,
            rounds: rounds.iter().map(|round| round.on(on)).collect(),
        });
    }
    concerns.each.sort_by(|a, b| (a.raised, &a.concern).cmp(&(b.raised, &b.concern)));
    concerns
}
