//! The appends that one writer makes, one after another: mostly new events, and now and then what a log must refuse or
//! must not write twice.

use std::ops::Range;

use throughline_domain::{Draft, JourneyId, Version};
use throughline_log::Expected;

use super::{
    Dice, draft,
    drafts::{journey_of, own},
};

/// Events of one append.
const FEW: u64 = 10;
const MANY: u64 = 250;

/// One append of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// What is special about it.
    pub kind: Kind,
    /// The numbers of its events, in their order.
    pub numbers: Vec<u64>,
}

/// What is special about an append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Its events were not sent before, or the last of them were and must not be written again.
    Plain,
    /// The writer believes in a version that its journey never had.
    Stale,
    /// An event has the id of one that was sent before, and other content.
    Taken,
}

/// The appends of one writer in one life of its process.
pub struct Plan {
    dice: Dice,
    writer: u64,
    next: u64,
    /// The numbers sent last, and one that was acknowledged.
    last: Range<u64>,
    there: Option<u64>,
}

impl Plan {
    /// The plan of this writer. No two of a round share a number, nor do two rounds.
    pub fn new(seed: u64, round: u64, writer: u64) -> Self {
        let first = round << 40 | writer << 32;
        Self { dice: Dice::of(&[seed, round, writer]), writer, next: first, last: first..first, there: None }
    }

    /// The next append.
    pub fn attempt(&mut self) -> Attempt {
        let before = self.last.clone();
        match (self.dice.below(24), self.there) {
            (0, Some(there)) => Attempt { kind: Kind::Taken, numbers: vec![there] },
            (1, _) => Attempt { kind: Kind::Stale, numbers: self.fresh(1).collect() },
            (2 | 3, _) if !before.is_empty() => Attempt { kind: Kind::Plain, numbers: before.collect() },
            (4, _) => {
                let few = 1 + self.dice.below(FEW);
                self.last = self.fresh(few);
                Attempt { kind: Kind::Plain, numbers: before.chain(self.last.clone()).collect() }
            }
            (5 | 6, _) => self.plain(MANY),
            (7..14, _) => self.plain(FEW),
            _ => self.plain(1),
        }
    }

    /// Takes note that an append was acknowledged.
    pub fn acknowledged(&mut self, attempt: &Attempt) {
        self.there = attempt.numbers.last().copied();
    }

    fn plain(&mut self, most: u64) -> Attempt {
        let count = 1 + self.dice.below(most);
        self.last = self.fresh(count);
        Attempt { kind: Kind::Plain, numbers: self.last.clone().collect() }
    }

    fn fresh(&mut self, count: u64) -> Range<u64> {
        self.next += count;
        self.next - count..self.next
    }

    /// What is sent, and what the writer believes in.
    pub fn drafts(&self, attempt: &Attempt) -> (Vec<Draft>, Vec<Expected>) {
        match attempt.kind {
            Kind::Plain => (attempt.numbers.iter().map(|number| draft(*number)).collect(), Vec::new()),
            Kind::Taken => {
                (attempt.numbers.iter().map(|number| super::twisted(*number)).collect(), Vec::new())
            }
            Kind::Stale => {
                let stale = Expected { journey: writers_journey(self.writer), version: Version(1_000_000) };
                (attempt.numbers.iter().map(|number| draft(*number)).collect(), vec![stale])
            }
        }
    }
}

/// A journey that only this writer appends to.
pub fn writers_journey(writer: u64) -> JourneyId {
    journey_of(own(writer, 0))
}
