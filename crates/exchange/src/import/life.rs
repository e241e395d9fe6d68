//! One journey as an import finds it: what stands, what was taken back and by whom, what was ever told.

use std::collections::HashMap;

use jiff::Timestamp;
use throughline_domain::{
    Actor, Amendment, Draft, Event, EventId, Fact, JourneyId, Occurred, Position, Recorded, amend,
};
use throughline_log::{AsOf, EventLog};

use super::Error;

/// A journey's own events, with what they come to.
pub(super) struct Life {
    recorded: Vec<Recorded>,
    standing: HashMap<EventId, Fact>,
    /// Retractions in force, by what they take back.
    taken_back: HashMap<EventId, Vec<usize>>,
    by_id: HashMap<EventId, usize>,
    /// Corrections, in force or not, by the event they reach in the end.
    corrections: HashMap<EventId, Vec<usize>>,
}

/// How a fact stands.
pub(super) enum Standing<'a> {
    /// It was never told here.
    Untold,
    /// It stands, as it now reads.
    Stands,
    /// It was taken back; these retractions are in force.
    TakenBack(Vec<&'a Recorded>),
    /// It reads as part of another journey.
    Elsewhere,
}

/// A fact as it was last told, whether it stands or not.
pub(super) struct Told<'a> {
    pub event: &'a Event,
    pub occurred: Occurred,
    /// What told it: the event itself, or its last correction.
    pub by: &'a Recorded,
}

impl Life {
    pub fn read(log: &dyn EventLog, journey: JourneyId) -> Result<Self, Error> {
        let recorded = log.read_journey(journey, AsOf::Now)?.events;
        let standing = amend(journey, recorded.clone()).into_iter().map(|fact| (fact.id, fact)).collect();
        let mut life = Self {
            standing,
            taken_back: HashMap::new(),
            by_id: recorded.iter().enumerate().map(|(at, known)| (known.draft.event_id, at)).collect(),
            corrections: HashMap::new(),
            recorded,
        };
        // Whether a retraction is in force, only later ones decide.
        for (at, known) in life.recorded.iter().enumerate().rev() {
            if let Event::Amendment(Amendment::Retracted(retracted)) = &known.draft.event
                && !life.taken_back.contains_key(&known.draft.event_id)
            {
                life.taken_back.entry(retracted.event).or_default().push(at);
            }
        }
        let mut originals: HashMap<EventId, EventId> = HashMap::new();
        for (at, known) in life.recorded.iter().enumerate() {
            if let Event::Amendment(Amendment::Corrected(corrected)) = &known.draft.event {
                let original = originals.get(&corrected.event).copied().unwrap_or(corrected.event);
                originals.insert(known.draft.event_id, original);
                life.corrections.entry(original).or_default().push(at);
            }
        }
        Ok(life)
    }

    pub fn standing(&self, event: EventId) -> Standing<'_> {
        if self.standing.contains_key(&event) {
            return Standing::Stands;
        }
        match (self.taken_back.get(&event), self.by_id.get(&event)) {
            (Some(by), _) => Standing::TakenBack(by.iter().map(|at| &self.recorded[*at]).collect()),
            (None, Some(_)) => Standing::Elsewhere,
            (None, None) => Standing::Untold,
        }
    }

    /// The fact as last told, its retractions set aside; none where this journey never told it.
    pub fn told(&self, event: EventId) -> Option<Told<'_>> {
        let own = &self.recorded[*self.by_id.get(&event)?];
        let mut told = Told { event: &own.draft.event, occurred: own.draft.occurred, by: own };
        for at in self.corrections.get(&event).into_iter().flatten() {
            let by = &self.recorded[*at];
            if let Event::Amendment(Amendment::Corrected(corrected)) = &by.draft.event
                && !self.taken_back.contains_key(&by.draft.event_id)
            {
                told = Told {
                    event: &corrected.fact,
                    occurred: corrected.occurred.unwrap_or(told.occurred),
                    by,
                };
            }
        }
        Some(told)
    }

    /// Whether the journey was told just this of this fact before, even if something else was said since.
    pub fn said_before(&self, draft: &Draft) -> bool {
        let same = |event: &Event, occurred| *event == draft.event && occurred == draft.occurred;
        let own = self.by_id.get(&draft.event_id).map(|at| &self.recorded[*at].draft);
        own.is_some_and(|own| same(&own.event, own.occurred))
            || self.corrections.get(&draft.event_id).into_iter().flatten().any(|at| {
                match &self.recorded[*at].draft.event {
                    Event::Amendment(Amendment::Corrected(corrected)) => {
                        same(&corrected.fact, corrected.occurred.unwrap_or(draft.occurred))
                    }
                    _ => false,
                }
            })
    }

    /// What took retractions of this fact back. Each of them is itself a retraction.
    pub fn restorations(&self, event: EventId) -> impl Iterator<Item = &Recorded> {
        let taken_back = move |known: &&Recorded| {
            let retracted = retracts(known).and_then(|id| self.by_id.get(&id));
            retracted.is_some_and(|at| retracts(&self.recorded[*at]) == Some(event))
        };
        self.recorded.iter().filter(taken_back)
    }

    /// Every fact this journey was ever told, as recorded.
    pub fn facts(&self) -> impl Iterator<Item = &Recorded> {
        self.recorded.iter().filter(|known| !matches!(known.draft.event, Event::Amendment(_)))
    }

    /// The facts that stand.
    pub fn standing_facts(&self) -> impl Iterator<Item = &Fact> {
        self.standing.values()
    }

    /// How often a fact was corrected or taken back so far, whether that is in force or not. A correction or
    /// retraction to come takes the next number, so that its id is the same however often it is arrived at.
    pub fn amended_times(&self, event: EventId) -> usize {
        let retractions = self.recorded.iter().filter(|known| {
            matches!(&known.draft.event, Event::Amendment(Amendment::Retracted(retracted)) if retracted.event == event)
        });
        retractions.count() + self.corrections.get(&event).map_or(0, Vec::len)
    }
}

fn retracts(known: &Recorded) -> Option<EventId> {
    match &known.draft.event {
        Event::Amendment(Amendment::Retracted(retracted)) => Some(retracted.event),
        _ => None,
    }
}

/// When the source says it recorded what a draft tells.
pub(super) fn updated(draft: &Draft) -> Option<Timestamp> {
    draft.source.as_ref().and_then(|source| source.recorded_at)
}

/// Whether all of these retractions were made by an import: what somebody took back by hand stays so.
pub(super) fn all_by(actor: &Actor, retractions: &[&Recorded]) -> bool {
    retractions.iter().all(|by| by.draft.actor == *actor && by.draft.source.is_some())
}

/// The latest of these places in the log.
pub(super) fn last_of(retractions: &[&Recorded]) -> Option<Position> {
    retractions.iter().map(|by| by.position).max()
}
