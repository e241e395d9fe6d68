//! From what was recorded to the life that was lived: corrections and retractions applied, journeys merged and
//! split, facts in the order they happened.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::{
    Actor, Amendment, Corrected, Event, EventId, Eyes, JourneyId, JourneysMerged, JourneysSplit, LifeOrder,
    Occurred, Recorded,
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
    /// For whom they recorded it, where that was somebody else.
    pub on_behalf_of: Option<Actor>,
    /// What happened.
    pub event: Event,
}

impl Fact {
    /// Who entered it: the one it was recorded for, else the one who recorded it.
    pub fn entered_by(&self) -> &Actor {
        self.on_behalf_of.as_ref().unwrap_or(&self.actor)
    }

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
            on_behalf_of: draft.on_behalf_of,
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

/// Whose lives these events tell of, by the merges and splits among all that is `known`. A programme's stream tells of nobody's.
pub fn lives<'a>(events: impl IntoIterator<Item = &'a Recorded>, known: &[Recorded]) -> BTreeSet<JourneyId> {
    let owners = Owners::gather(known, &Amendments::gather(known));
    let told = events.into_iter().map(|recorded| &recorded.draft);
    told.filter(|draft| tells_of_a_life(&draft.event))
        .map(|draft| owners.of(draft.journey, draft.event_id))
        .collect()
}

fn tells_of_a_life(event: &Event) -> bool {
    match event {
        Event::Amendment(Amendment::Corrected(corrected)) => tells_of_a_life(&corrected.fact),
        // What is taken back stands in the same stream and speaks for itself; that keys were destroyed is the log's own word.
        Event::Amendment(Amendment::Retracted(_) | Amendment::KeyDestroyed(_))
        | Event::Programme(_)
        | Event::Access(_) => false,
        Event::Amendment(Amendment::JourneysMerged(_) | Amendment::JourneysSplit(_))
        | Event::Intake(_)
        | Event::Transaction(_)
        | Event::CheckIn(_)
        | Event::Milestone(_) => true,
    }
}

fn owned(journey: JourneyId, recorded: Recorded, amendments: &Amendments, owners: &Owners) -> Option<Fact> {
    let home = recorded.draft.journey;
    let id = recorded.draft.event_id;
    // That keys were destroyed is true of the stream whose keys they were, wherever its facts belong.
    let erased = matches!(recorded.draft.event, Event::Amendment(Amendment::KeyDestroyed(_)));
    let owner = if erased { home } else { owners.of(home, id) };
    if owner != journey || amendments.taken_back.contains(&id) {
        return None;
    }
    if let Event::Amendment(Amendment::Corrected(_) | Amendment::Retracted(_)) = recorded.draft.event {
        return None;
    }
    if Move::of(&recorded.draft.event).is_some_and(|moved| !owners.standing.contains(&moved)) {
        return None;
    }
    let mut fact = Fact::unamended(recorded);
    for correction in amendments.corrections.get(&id).into_iter().flatten() {
        fact.event = (*correction.fact).clone();
        fact.occurred = correction.occurred.unwrap_or(fact.occurred);
    }
    Some(fact)
}

/// Every event that a retraction in force takes back: facts, corrections, merges, splits, other retractions.
///
/// Read from the last to the first: whether a retraction is in force, only later ones decide.
pub(crate) fn taken_back(events: &[Recorded]) -> HashSet<EventId> {
    let mut taken_back = HashSet::new();
    for recorded in events.iter().rev() {
        if let Event::Amendment(Amendment::Retracted(retracted)) = &recorded.draft.event
            && !taken_back.contains(&recorded.draft.event_id)
        {
            taken_back.insert(retracted.event);
        }
    }
    taken_back
}

/// What corrections and retractions in force do to the events they reach in the end.
struct Amendments {
    /// By the original event, in the order they were recorded: the later goes over the earlier.
    corrections: HashMap<EventId, Vec<Corrected>>,
    taken_back: HashSet<EventId>,
}

impl Amendments {
    fn gather(events: &[Recorded]) -> Self {
        let taken_back = taken_back(events);
        let mut corrections: HashMap<EventId, Vec<Corrected>> = HashMap::new();
        let mut originals: HashMap<EventId, EventId> = HashMap::new();
        for recorded in events {
            let id = recorded.draft.event_id;
            if let Event::Amendment(Amendment::Corrected(corrected)) = &recorded.draft.event {
                let original = originals.get(&corrected.event).copied().unwrap_or(corrected.event);
                originals.insert(id, original);
                if !taken_back.contains(&id) {
                    corrections.entry(original).or_default().push(corrected.clone());
                }
            }
        }
        Self { corrections, taken_back }
    }
}

/// A merge or split by what it says: written in both journeys, it is one, and taken back in one, it is in both.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Move {
    Merge { kept: JourneyId, absorbed: JourneyId },
    Split { from: JourneyId, into: JourneyId, events: Vec<EventId> },
}

impl Move {
    fn of(event: &Event) -> Option<Self> {
        match event {
            Event::Amendment(Amendment::JourneysMerged(JourneysMerged { kept, absorbed, .. })) => {
                Some(Self::Merge { kept: *kept, absorbed: *absorbed })
            }
            Event::Amendment(Amendment::JourneysSplit(JourneysSplit { from, into, events, .. })) => {
                Some(Self::Split { from: *from, into: *into, events: events.clone() })
            }
            _ => None,
        }
    }
}

/// Whose life each event belongs to, after merges and splits.
#[derive(Default)]
struct Owners {
    standing: HashSet<Move>,
    moved: HashMap<EventId, JourneyId>,
    absorbed: HashMap<JourneyId, JourneyId>,
}

impl Owners {
    fn gather(events: &[Recorded], amendments: &Amendments) -> Self {
        let mut owners = Self::default();
        for moved in moves_in_force(events, amendments) {
            match &moved {
                Move::Merge { kept, absorbed } => {
                    if owners.leads_through(*kept, *absorbed) {
                        continue;
                    }
                    owners.absorbed.insert(*absorbed, *kept);
                }
                Move::Split { into, events, .. } => {
                    owners.moved.extend(events.iter().map(|event| (*event, *into)));
                }
            }
            owners.standing.insert(moved);
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

    /// Whether the way from `journey` to where it leads in the end, both included, passes `passed`.
    fn leads_through(&self, journey: JourneyId, passed: JourneyId) -> bool {
        let mut journey = journey;
        while journey != passed {
            let Some(kept) = self.absorbed.get(&journey) else { return false };
            journey = *kept;
        }
        true
    }
}

/// Merges and splits in the order they were recorded, without those taken back before the same was recorded anew.
fn moves_in_force(events: &[Recorded], amendments: &Amendments) -> Vec<Move> {
    let mut by_id: HashMap<EventId, Move> = HashMap::new();
    let mut in_force: Vec<Move> = Vec::new();
    for recorded in events {
        let id = recorded.draft.event_id;
        if let Some(moved) = Move::of(&recorded.draft.event) {
            in_force.push(moved.clone());
            by_id.insert(id, moved);
        } else if let Event::Amendment(Amendment::Retracted(retracted)) = &recorded.draft.event
            && !amendments.taken_back.contains(&id)
            && let Some(undone) = by_id.get(&retracted.event)
        {
            in_force.retain(|moved| moved != undone);
        }
    }
    in_force
}
