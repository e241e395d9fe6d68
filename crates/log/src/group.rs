//! What goes into the next frame: appends planned one after another, so that one that is refused leaves the others.

use throughline_domain::{EventId, JourneyId, Position, Version};
use throughline_vault::Standing;

use crate::{
    Error, LIMITS, Stored,
    by_id::{ById, Keyed},
    opening::{Opened, Opener},
    queue::{Prepared, Request},
    writer::Writer,
};

/// Events with their places, none of them written yet.
pub(crate) struct Group {
    first: u64,
    /// In the order of their positions.
    pub events: Vec<Planned>,
    /// Journeys that get their first event.
    pub new_journeys: Vec<JourneyId>,
    ids: ById<EventId, usize>,
    versions: ById<JourneyId, u64>,
}

/// An event with its place.
pub(crate) struct Planned {
    pub prepared: Prepared,
    pub position: u64,
    pub version: u64,
}

/// What an append is told of one of its events.
pub(crate) enum Answer {
    /// It was in the log before.
    There(Stored),
    /// It is in this group.
    Planned { nth: usize, repeated: bool },
}

/// One event of an append, before anything of the append is planned.
enum Seen {
    There(Stored),
    Planned(usize),
    New,
    RepeatsNew(EventId),
}

impl Group {
    /// A group whose first event gets this position.
    pub(crate) fn new(first: u64) -> Self {
        Self {
            first,
            events: Vec::new(),
            new_journeys: Vec::new(),
            ids: ById::default(),
            versions: ById::default(),
        }
    }

    /// Plans all events of an append, or none and why.
    pub(crate) fn plan(&mut self, writer: &Writer, request: &mut Request) -> Result<Vec<Answer>, Error> {
        let seen = self.look(writer, &request.batch)?;
        let fresh = || {
            request.batch.iter().zip(&seen).filter(|(_, seen)| matches!(seen, Seen::New)).map(|(new, _)| new)
        };
        let mut versions = ById::default();
        if fresh().next().is_some() {
            for expected in &request.expected {
                let current = self.version(writer, expected.journey)?;
                if current != expected.version.0 {
                    return Err(Error::Conflict {
                        journey: expected.journey,
                        expected: expected.version,
                        current: Version(current),
                    });
                }
            }
            let mut coming: ById<JourneyId, u64> = ById::default();
            for prepared in fresh() {
                let version = match versions.get(&prepared.journey) {
                    Some(version) => *version,
                    None => self.version(writer, prepared.journey)?,
                };
                versions.insert(prepared.journey, version);
                let coming = coming.entry(prepared.journey).or_default();
                *coming += 1;
                if version + *coming > LIMITS.journey_events_max && prepared.sealed_by == 0 {
                    let (journey, max) = (prepared.journey, LIMITS.journey_events_max);
                    return Err(Error::JourneyTooLong { journey, max });
                }
                // A journey that this group begins gets its keys only when all is planned.
                let begun = !self.versions.contains_key(&prepared.journey) && version > 0;
                check_keys(writer, prepared, begun)?;
            }
        }
        // An erased journey gets no keys again; what the log itself tells of it needs none.
        let erased = |new: &JourneyId| writer.vault.standing(*new) == Standing::Erased;
        let new = versions.iter().filter(|(_, version)| **version == 0).map(|(new, _)| *new);
        self.new_journeys.extend(new.filter(|new| !erased(new)));
        self.versions.extend(versions);
        let answers =
            std::mem::take(&mut request.batch).into_iter().zip(seen).map(|(prepared, seen)| match seen {
                Seen::There(stored) => Answer::There(stored),
                Seen::Planned(nth) => Answer::Planned { nth, repeated: true },
                Seen::RepeatsNew(id) => Answer::Planned { nth: self.ids[&id], repeated: true },
                Seen::New => Answer::Planned { nth: self.add(prepared), repeated: false },
            });
        Ok(answers.collect())
    }

    fn add(&mut self, prepared: Prepared) -> usize {
        let nth = self.events.len();
        let version =
            self.versions.get_mut(&prepared.journey).expect("every journey of a new event was looked up");
        *version += 1;
        let version = *version;
        self.ids.insert(prepared.event_id, nth);
        self.events.push(Planned { prepared, position: self.first + nth as u64, version });
        nth
    }

    /// Which events of a batch are new, and which were there. An id used for other content is refused.
    fn look(&self, writer: &Writer, batch: &[Prepared]) -> Result<Vec<Seen>, Error> {
        let mut new: ById<EventId, (&Prepared, u64)> =
            ById::with_capacity_and_hasher(batch.len(), Keyed::default());
        batch
            .iter()
            .map(|prepared| {
                let event_id = prepared.event_id;
                let taken = |position| Error::EventIdTaken { event_id, position: Position(position) };
                if let Some((first, position)) = new.get(&event_id) {
                    return if *first == prepared {
                        Ok(Seen::RepeatsNew(event_id))
                    } else {
                        Err(taken(*position))
                    };
                }
                if let Some(nth) = self.ids.get(&event_id) {
                    let planned = &self.events[*nth];
                    return if planned.prepared == *prepared {
                        Ok(Seen::Planned(*nth))
                    } else {
                        Err(taken(planned.position))
                    };
                }
                if let Some(found) = writer.index.find(event_id)? {
                    let there = there(writer, prepared, found)?;
                    return there.map(Seen::There).ok_or_else(|| taken(found.position));
                }
                let position = self.first + (self.events.len() + new.len()) as u64;
                new.insert(event_id, (prepared, position));
                Ok(Seen::New)
            })
            .collect()
    }

    fn version(&self, writer: &Writer, journey: JourneyId) -> Result<u64, Error> {
        match self.versions.get(&journey) {
            Some(version) => Ok(*version),
            None => Ok(writer.index.head(journey)?.map_or(0, |head| head.version)),
        }
    }
}

/// Refuses what can no longer be sealed. `begun` says that the log has events of the journey, and so must have keys.
fn check_keys(writer: &Writer, prepared: &Prepared, begun: bool) -> Result<(), Error> {
    let of_the_log = prepared.sealed_by == 1;
    match writer.vault.standing(prepared.journey) {
        Standing::Unknown if begun && !of_the_log => {
            Err(throughline_vault::Error::NoKey(prepared.journey).into())
        }
        Standing::Erased if !of_the_log => Err(Error::Erased(prepared.journey)),
        Standing::Deidentified if !of_the_log && !prepared.plain.personal.is_empty() => {
            Err(Error::Deidentified(prepared.journey))
        }
        _ => Ok(()),
    }
}

/// What the log has under the event's id, if it has the same content. Of an erased event only what is public can be
/// compared, and of a de-identified one only the coded part.
fn there(
    writer: &Writer,
    prepared: &Prepared,
    found: crate::overlay::Found,
) -> Result<Option<Stored>, Error> {
    let kept = writer.store.verified(found.place.frame)?;
    let frame = kept.frame();
    let record =
        frame.record_at(found.place.offset).map_err(|error| writer.store.damaged(found.position, error))?;
    let opener = Opener { store: &writer.store, vault: &writer.vault };
    let (same, version, recorded_at) = match opener.open(found.position, &record)? {
        Opened::Event(recorded) => {
            let mut known = Prepared::of(&recorded.draft);
            if writer.vault.standing(prepared.journey) == Standing::Deidentified {
                known.plain.personal.clone_from(&prepared.plain.personal);
            }
            (known == *prepared, recorded.version, recorded.recorded_at)
        }
        Opened::Closed(closed) => {
            let same = closed.journey == prepared.journey
                && closed.actor == prepared.actor
                && record.tag == prepared.plain.tag;
            (same, closed.version, closed.recorded_at)
        }
    };
    Ok(same.then_some(Stored {
        event_id: prepared.event_id,
        journey: prepared.journey,
        position: Position(found.position),
        version,
        recorded_at,
        repeated: true,
    }))
}
