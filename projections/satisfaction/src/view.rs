//! What is kept of one journey: dated facts with their event ids, and no conclusion that changes as time passes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use throughline_domain::{Answer, Code, EventId, Eyes, Fact, Kept, Key, Occurred};

use throughline_projection::Day;

/// The facts of one journey that satisfaction is judged from.
///
/// Facts that name one another by a key (a request and its answer) are kept together under that key, whichever
/// came first; what belongs to what is decided when a question is asked.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct View {
    pub(crate) codes: Codes,
    pub(crate) ratings: Vec<Rating>,
    pub(crate) surveys: BTreeMap<Key, Survey>,
    pub(crate) requests: BTreeMap<Key, Request>,
    pub(crate) concerns: BTreeMap<Key, Concern>,
    pub(crate) expectations: BTreeMap<Key, Expectation>,
    pub(crate) gifts: BTreeMap<Key, Gift>,
    /// Thanks that name no gift: they cover all gifts and shifts until then.
    pub(crate) thanks: Vec<Dated>,
    /// Impact shown that names no gift, likewise.
    pub(crate) impact: Vec<Dated>,
    pub(crate) died: Option<Dated>,
}

/// A fact by its day and event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Dated {
    pub day: Day,
    /// Seconds since 1970 where the instant is known.
    pub second: Option<i64>,
    pub event: EventId,
    pub eyes: Eyes,
}

impl Dated {
    pub(crate) fn of(fact: &Fact) -> Self {
        let second = match fact.occurred {
            Occurred::On(_) => None,
            Occurred::At(instant, _) => Some(instant.as_second()),
        };
        Self { day: Day::of(fact.occurred.day()), second, event: fact.id, eyes: fact.eyes }
    }
}

/// A number for a code met in this journey.
pub(crate) type CodeNumber = std::num::NonZeroU16;

/// Every code this journey's ratings name, each kept once.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Codes(Vec<Code>);

impl Codes {
    /// The number of this code. A journey that names more than 65,535 codes keeps the first ones.
    pub(crate) fn number(&mut self, code: &Code) -> Option<CodeNumber> {
        let at = self.0.iter().position(|known| known == code).unwrap_or_else(|| {
            self.0.push(code.clone());
            self.0.len() - 1
        });
        u16::try_from(at + 1).ok().and_then(CodeNumber::new)
    }

    pub(crate) fn code(&self, number: CodeNumber) -> &Code {
        &self.0[usize::from(number.get()) - 1]
    }
}

/// What a rating or survey is about, by code numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct About {
    pub process: Option<CodeNumber>,
    pub service: Option<CodeNumber>,
    pub site: Option<CodeNumber>,
    pub worker: Option<CodeNumber>,
}

impl About {
    /// This subject, with what it leaves open taken from another.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            process: self.process.or(other.process),
            service: self.service.or(other.service),
            site: self.site.or(other.site),
            worker: self.worker.or(other.worker),
        }
    }
}

/// A rating: its value after reversed items are turned round, and the ends of its scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Rating {
    pub at: Dated,
    pub survey: Option<Key>,
    pub of: Option<EventId>,
    pub about: About,
    pub instrument: Option<CodeNumber>,
    /// How many answers the value adds up; 1 where it stands alone.
    pub answers: u16,
    pub value: f64,
    pub min: f64,
    pub max: f64,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Survey {
    pub sent: Vec<SurveySent>,
    pub declined: Vec<Dated>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SurveySent {
    pub at: Dated,
    pub instrument: Option<CodeNumber>,
    pub about: About,
    pub closes: Day,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Request {
    pub received: Vec<Promised>,
    pub answered: Vec<(Dated, Answer)>,
}

/// Something asked or promised, and the day named for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Promised {
    pub at: Dated,
    pub about: Code,
    pub due: Option<Day>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Concern {
    pub raised: Vec<ConcernRaised>,
    /// What followed, in the order it happened.
    pub steps: Vec<(Dated, Step)>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ConcernRaised {
    pub at: Dated,
    pub about: Code,
    pub acknowledge_days: u16,
    pub answer_days: u16,
    pub update_days: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Step {
    Acknowledged,
    Updated,
    Resolved(Kept),
    Reopened,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Expectation {
    pub set: Vec<Promised>,
    pub settled: Vec<(Dated, Kept)>,
}

/// A gift or shift, and the thanks and impact that name it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Gift {
    pub given: Vec<(Dated, GiftKind)>,
    pub thanks: Vec<Dated>,
    pub impact: Vec<Dated>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
/// What was given.
pub enum GiftKind {
    /// Money or goods.
    Gift,
    /// Time, as a volunteer.
    Shift,
}
