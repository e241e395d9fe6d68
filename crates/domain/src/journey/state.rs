//! The parts of a journey's state.

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::{Code, EventId, Fact};

/// A day that is written in 4 bytes: `20260301`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Day(pub Date);

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (year, month, day) = (self.0.year(), self.0.month(), self.0.day());
        // The year in front keeps its sign; month and day never need one.
        (i32::from(year) * 10_000 + i32::from(month) * 100 + i32::from(day)).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let packed = i32::deserialize(deserializer)?;
        let (year, month, day) =
            (packed.div_euclid(10_000), packed.rem_euclid(10_000) / 100, packed.rem_euclid(100));
        let part = |number: i32| i8::try_from(number).map_err(Error::custom);
        let year = i16::try_from(year).map_err(Error::custom)?;
        Date::new(year, part(month)?, part(day)?).map(Self).map_err(Error::custom)
    }
}

/// On which day, and by which event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Mark {
    pub day: Day,
    pub event: EventId,
}

impl Mark {
    pub(crate) fn of(fact: &Fact) -> Self {
        Self { day: Day(fact.occurred.day()), event: fact.id }
    }

    /// Whether another event than `fact` made it, on its day or before.
    pub(crate) fn precedes(self, fact: &Fact) -> bool {
        self.event != fact.id && self.day.0 <= fact.occurred.day()
    }
}

/// What a journey's keys name. Gifts and shifts share theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Kind {
    Plan,
    Goal,
    Request,
    Referral,
    Expectation,
    Concern,
    Survey,
    Difficulty,
    Gift,
}

/// Something that begins and can come to an end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Thread {
    pub begun: Mark,
    pub turns: Turns,
}

/// Ends and beginnings anew, by day: `true` for open, given or reached, `false` for closed, withdrawn or lost.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Turns(Vec<(Mark, bool)>);

impl Turns {
    pub(crate) fn note(&mut self, mark: Mark, open: bool) {
        let place = self.0.partition_point(|(earlier, _)| earlier.day <= mark.day);
        self.0.insert(place, (mark, open));
    }

    /// The last turn before this fact that is not its own.
    pub(crate) fn last_before(&self, fact: &Fact) -> Option<(Mark, bool)> {
        self.0.iter().rev().find(|(mark, _)| mark.precedes(fact)).copied()
    }

    /// Whether another event than this fact turned it so, on its day or before.
    pub(crate) fn any_before(&self, fact: &Fact, open: bool) -> bool {
        self.0.iter().any(|(mark, turn)| *turn == open && mark.precedes(fact))
    }

    /// The first turn of this kind by another event than this fact, whenever it was.
    pub(crate) fn first_other(&self, fact: &Fact, open: bool) -> Option<Mark> {
        self.0.iter().find(|(mark, turn)| *turn == open && mark.event != fact.id).map(|(mark, _)| *mark)
    }
}

/// One enrolment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Enrolment {
    pub programme: Code,
    pub begun: Mark,
    pub completed: Option<Mark>,
    pub exited: Option<Mark>,
}

/// One outcome, planned or reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub what: Code,
    /// Who first said what it is.
    pub named: Mark,
    pub planned: Option<Mark>,
    pub turns: Turns,
}

/// How one of the journey's events stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Standing {
    /// A fact that happened on this day.
    Fact(Day),
    /// A correction that reaches this event in the end.
    Correction(EventId),
    /// A retraction of this event.
    Retraction(EventId),
    /// A merge or split.
    Move,
    /// A destroyed key.
    Erasure,
    /// Taken back by a retraction.
    TakenBack,
}
