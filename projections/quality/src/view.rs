//! What is kept of one journey: the state its rules need, and every problem with the days on which it stands.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use throughline_domain::{Actor, Code, EventId, Fact, Journey, Key};

use throughline_projection::Day;

use crate::hud::Hud;

/// One journey's problems, and what later facts are held against.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct View {
    /// The state that decisions rest on, for the rules that refuse new facts.
    pub(crate) journey: Journey,
    /// The first day of the client's life that is told of.
    pub(crate) first: Option<Day>,
    /// The last day folded.
    pub(crate) day: Option<Day>,
    pub(crate) died: Option<Day>,
    pub(crate) stays: BTreeMap<Key, Stay>,
    /// Problems that end, or turn into another, once what they miss is there.
    pub(crate) waiting: Vec<Waiting>,
    /// What was written down on the last day folded, to tell duplicates.
    pub(crate) today: Vec<Written>,
    pub(crate) problems: Vec<Problem>,
    /// Who entered facts of this journey, in the order they first did.
    pub(crate) enterers: Vec<Actor>,
    /// What HMIS asks for.
    pub(crate) hud: Hud,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Dated {
    pub day: Day,
    pub event: EventId,
    /// Who entered it: a place among the view's enterers.
    pub by: u16,
}

impl Dated {
    pub(crate) fn of(fact: &Fact, enterers: &mut Vec<Actor>) -> Self {
        let by = fact.entered_by();
        let place = enterers.iter().position(|known| known == by).unwrap_or_else(|| {
            enterers.push(by.clone());
            enterers.len() - 1
        });
        let by = u16::try_from(place).expect("fewer than 2^16 people enter facts of one journey");
        Self { day: Day::of(fact.occurred.day()), event: fact.id, by }
    }
}

/// One enrolment, and the days that tell whether it is forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stay {
    pub programme: Code,
    pub entry: Dated,
    pub exit: Option<Dated>,
    /// The last service, or the entry.
    pub last: Dated,
    pub site: Option<Code>,
    /// Workers, each from a day on.
    pub workers: Vec<(Day, Code)>,
}

impl Stay {
    /// The worker on this day.
    pub(crate) fn worker(&self, on: Day) -> Option<&Code> {
        self.workers.iter().rev().find(|(from, _)| *from <= on).map(|(_, worker)| worker)
    }
}

/// Something a problem misses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Thing {
    Opening,
    Enrolment(Key),
    Outcome(Key),
    /// Begun under a key by another fact: a request, a concern. What begins later on the same day heals it.
    Begun(Begun, Key),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Begun {
    Plan,
    Request,
    Referral,
    Expectation,
    Concern,
    Survey,
    Difficulty,
    Gift,
}

/// A problem that waits for a thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Waiting {
    pub thing: Thing,
    /// Its place among the problems.
    pub problem: u32,
    /// What the problem is once the thing turns up on a later day.
    pub becomes: Option<Turn>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Turn {
    ExitBeforeEntry,
    BeforeEnrolment,
    FollowUpBeforeOutcome,
    BeforeOpening,
}

/// A fact of the day at hand, by what makes two of them the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Written {
    pub likeness: u64,
    /// Seconds since 1970, where the instant is known.
    pub second: Option<i64>,
    pub at: Dated,
}

/// Something wrong, and the days on which it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Problem {
    pub rule: Code,
    pub event: EventId,
    /// Who entered it: a place among the view's enterers.
    pub by: u16,
    /// The event it is at odds with.
    pub other: Option<EventId>,
    /// The enrolment it belongs to.
    pub enrolment: Option<Key>,
    /// The first day on which the record shows it.
    pub from: Day,
    /// The first day on which it no longer stands.
    pub until: Option<Day>,
}

impl Problem {
    /// Whether there was a day on which it stood.
    pub(crate) fn ever_stood(&self) -> bool {
        self.until.is_none_or(|until| self.from < until)
    }

    pub(crate) fn stands(&self, on: Day) -> bool {
        self.from <= on && self.until.is_none_or(|until| until > on)
    }
}

pub(crate) fn code(rule: &str) -> Code {
    Code::new(rule).expect("a rule's code is a code")
}
