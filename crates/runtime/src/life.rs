//! One journey's life, gathered from its own stream and those it was merged with or split from.

use std::collections::BTreeSet;

use throughline_domain::{Fact, JourneyId, Position, Recorded, Version, amend, linked, merged_into};
use throughline_log::{AsOf, Closed, EventLog, History};

use crate::{Error, Runtime, row::Known};

/// A journey as known at some time.
#[derive(Debug, Clone)]
pub struct Life {
    /// The journey.
    pub journey: JourneyId,
    /// How many events its own stream had.
    pub version: Version,
    /// What happened, amended, in the order of life.
    pub facts: Vec<Fact>,
    /// What was written down in this and linked streams, in the order of positions.
    pub recorded: Vec<Recorded>,
    /// What was written down and can no longer be read.
    pub closed: Vec<Closed>,
    /// The journey this one was merged into.
    pub merged_into: Option<JourneyId>,
}

impl Runtime {
    /// A journey's life as known then. A journey opened only later is known, and empty.
    pub fn life(&self, journey: JourneyId, as_of: AsOf) -> Result<Life, Error> {
        let History { events, closed } = gather(&*self.log, journey, as_of)?;
        if events.is_empty() && closed.is_empty() && self.log.version(journey)? == Version(0) {
            return Err(Error::UnknownJourney(journey));
        }
        let version = own_version(journey, &events, &closed);
        let merged_into = merged_into(journey, &events);
        let facts = amend(journey, events.clone());
        Ok(Life { journey, version, facts, recorded: events, closed, merged_into })
    }
}

/// What a projector folds of a journey as known then.
pub(crate) fn known(log: &dyn EventLog, journey: JourneyId, as_of: AsOf) -> Result<Known, Error> {
    Ok(Known::of_history(journey, gather(log, journey, as_of)?))
}

/// Events of the journey and of every journey linked to it, in the order of positions.
pub(crate) fn gather(log: &dyn EventLog, journey: JourneyId, as_of: AsOf) -> Result<History, Error> {
    // What is recorded while linked journeys are read is left out of all of them alike.
    let as_of = match (as_of, log.events()) {
        (AsOf::Now, 1..) => AsOf::Position(Position(log.events() - 1)),
        (as_of, _) => as_of,
    };
    gather_by(journey, &|journey| Ok(log.read_journey(journey, as_of)?))
}

/// The same, where `read` gives each journey's own events.
pub(crate) fn gather_by(
    journey: JourneyId,
    read_one: &dyn Fn(JourneyId) -> Result<History, Error>,
) -> Result<History, Error> {
    let mut gathered = read_one(journey)?;
    let mut waiting = linked(&gathered.events);
    if waiting.is_empty() {
        return Ok(gathered);
    }
    let mut read = BTreeSet::from([journey]);
    while let Some(other) = waiting.pop_first() {
        if read.insert(other) {
            let more = read_one(other)?;
            waiting.extend(linked(&more.events));
            gathered.events.extend(more.events);
            gathered.closed.extend(more.closed);
        }
    }
    gathered.events.sort_by_key(|recorded| recorded.position);
    gathered.closed.sort_by_key(|closed| closed.position);
    Ok(gathered)
}

pub(crate) fn own_version(journey: JourneyId, events: &[Recorded], closed: &[Closed]) -> Version {
    let own =
        events.iter().filter(|recorded| recorded.draft.journey == journey).map(|recorded| recorded.version);
    let gone = closed.iter().filter(|closed| closed.journey == journey).map(|closed| closed.version);
    own.chain(gone).max().unwrap_or_default()
}
