//! From what was recorded to the life that was lived: corrections and retractions applied, journeys merged and
//! split, facts in the order they happened.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::{
    Actor, Amendment, Corrected, Event, EventId, Eyes, JourneyId, JourneysMerged, JourneysSplit, LifeOrder,
    Occurred, Recorded, Retracted,
};

/// What a projector sees of an event: what happened, when, through whose eyes. No position and no recording time,
/// so that a view cannot depend on when things were written down.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// The event's id; a corrected fact keeps the id of the event it replaces.
    pub id: EventId,
    /// When it happened.
    pub occurred: Occurred,
    /// Through whose eyes.
    pub eyes: Eyes,
    /// Who recorded the original.
    pub actor: Actor,
    /// What happened.
    pub event: Event,
}

impl Fact {
    /// Its place in the life.
    pub fn order(&self) -> LifeOrder {
        LifeOrder::of(self.occurred, &self.event, self.id)
    }

    /// The recorded event as it stands, before any amendment.
    pub fn unamended(recorded: Recorded) -> Self {
        let draft = recorded.draft;
        Self {
            id: draft.event_id,
            occurred: draft.occurred,
            eyes: draft.eyes,
            actor: draft.actor,
            event: draft.event,
        }
    }
}

/// The life of `journey` as these events tell it, in the order it happened.
///
/// `events` are those of the journey itself and of every journey that [`linked`] names, in the order of their
/// positions. Cut them at a recording time to know the life as it was known then.
pub fn amend(journey: JourneyId, events: Vec<Recorded>) -> Vec<Fact> {
    let plain = events.iter().all(|recorded| {
        recorded.draft.journey == journey && !matches!(recorded.draft.event, Event::Amendment(_))
    });
    let mut life: Vec<Fact> = if plain {
        events.into_iter().map(Fact::unamended).collect()
    } else {
        let amendments = Amendments::gather(&events);
        let owners = Owners::gather(&events, &amendments);
        events.into_iter().filter_map(|recorded| owned(journey, recorded, &amendments, &owners)).collect()
    };
    life.sort_by_cached_key(Fact::order);
    life
}

/// The other journeys whose events these events make part of this life, or this life part of.
pub fn linked<'a>(events: impl IntoIterator<Item = &'a Recorded>) -> BTreeSet<JourneyId> {
    let mut journeys = BTreeSet::new();
    for recorded in events {
        match &recorded.draft.event {
            Event::Amendment(Amendment::JourneysMerged(merged)) => {
                journeys.extend([merged.kept, merged.absorbed]);
            }
            Event::Amendment(Amendment::JourneysSplit(split)) => journeys.extend([split.from, split.into]),
            _ => {}
        }
    }
    journeys
}

/// The journey this one was merged into, if it was.
pub fn merged_into(journey: JourneyId, events: &[Recorded]) -> Option<JourneyId> {
    let owners = Owners::gather(events, &Amendments::gather(events));
    let owner = owners.follow(journey);
    (owner != journey).then_some(owner)
}

fn owned(journey: JourneyId, recorded: Recorded, amendments: &Amendments, owners: &Owners) -> Option<Fact> {
    let home = recorded.draft.journey;
    let id = recorded.draft.event_id;
    if owners.of(home, id) != journey || amendments.retracted.contains_key(&id) {
        return None;
    }
    if let Event::Amendment(Amendment::Corrected(_) | Amendment::Retracted(_)) = recorded.draft.event {
        return None;
    }
    let mut fact = Fact::unamended(recorded);
    if let Some(corrections) = amendments.corrections.get(&id)
        && let Some((_, correction)) = corrections.last()
    {
        fact.event = (*correction.fact).clone();
        fact.occurred = correction.occurred.unwrap_or(fact.occurred);
    }
    Some(fact)
}

/// Corrections and retractions by the original event they reach in the end.
#[derive(Default)]
struct Amendments {
    corrections: HashMap<EventId, Vec<(EventId, Corrected)>>,
    retracted: HashMap<EventId, EventId>,
}

impl Amendments {
    fn gather(events: &[Recorded]) -> Self {
        let mut amendments = Self::default();
        let mut corrects: HashMap<EventId, EventId> = HashMap::new();
        for recorded in events {
            let id = recorded.draft.event_id;
            match &recorded.draft.event {
                Event::Amendment(Amendment::Corrected(corrected)) => {
                    let original = corrects.get(&corrected.event).copied().unwrap_or(corrected.event);
                    corrects.insert(id, original);
                    amendments.corrections.entry(original).or_default().push((id, corrected.clone()));
                }
                Event::Amendment(Amendment::Retracted(Retracted { event, .. })) => {
                    if let Some(original) = corrects.get(event) {
                        if let Some(corrections) = amendments.corrections.get_mut(original) {
                            corrections.retain(|(correction, _)| correction != event);
                        }
                    } else if let Some(restored) = amendments.undone_retraction(*event) {
                        amendments.retracted.remove(&restored);
                    } else {
                        amendments.retracted.insert(*event, id);
                    }
                }
                _ => {}
            }
        }
        amendments
    }

    /// The event that this retraction took back, if `event` is a retraction in force.
    fn undone_retraction(&self, event: EventId) -> Option<EventId> {
        self.retracted.iter().find(|(_, by)| **by == event).map(|(original, _)| *original)
    }
}

/// Whose life each event belongs to, after merges and splits.
#[derive(Default)]
struct Owners {
    moved: HashMap<EventId, JourneyId>,
    absorbed: HashMap<JourneyId, JourneyId>,
}

impl Owners {
    fn gather(events: &[Recorded], amendments: &Amendments) -> Self {
        let taken_back: HashSet<(JourneyId, JourneyId)> = events
            .iter()
            .filter(|recorded| amendments.retracted.contains_key(&recorded.draft.event_id))
            .filter_map(|recorded| match &recorded.draft.event {
                Event::Amendment(Amendment::JourneysMerged(merged)) => Some((merged.kept, merged.absorbed)),
                Event::Amendment(Amendment::JourneysSplit(split)) => Some((split.into, split.from)),
                _ => None,
            })
            .collect();
        let mut owners = Self::default();
        for recorded in events {
            match &recorded.draft.event {
                Event::Amendment(Amendment::JourneysMerged(JourneysMerged { kept, absorbed, .. }))
                    if !taken_back.contains(&(*kept, *absorbed)) && owners.follow(*kept) != *absorbed =>
                {
                    owners.absorbed.insert(*absorbed, *kept);
                }
                Event::Amendment(Amendment::JourneysSplit(JourneysSplit { from, into, events, .. }))
                    if !taken_back.contains(&(*into, *from)) =>
                {
                    owners.moved.extend(events.iter().map(|event| (*event, *into)));
                }
                _ => {}
            }
        }
        owners
    }

    fn of(&self, home: JourneyId, event: EventId) -> JourneyId {
        self.follow(self.moved.get(&event).copied().unwrap_or(home))
    }

    /// Where merges lead in the end; they cannot run in a circle, for `gather` leaves out the one that closes it.
    fn follow(&self, journey: JourneyId) -> JourneyId {
        let mut journey = journey;
        while let Some(kept) = self.absorbed.get(&journey) {
            journey = *kept;
        }
        journey
    }
}
