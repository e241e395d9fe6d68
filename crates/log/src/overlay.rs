//! Entries of the index, and the newest of them in memory.

use std::{collections::VecDeque, sync::Arc};

use throughline_domain::{EventId, JourneyId};

use crate::{by_id::ById, codec::Malformed, frame::Frame, record::Hash};

/// Where a record is: the first position of its frame, and its place in the frame's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub frame: u64,
    pub offset: u32,
}

/// Where an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub position: u64,
    pub place: Place,
}

/// How far a journey is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub version: u64,
    pub leaf: Hash,
}

/// What the index says of one event.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub event_id: EventId,
    pub journey: JourneyId,
    pub position: u64,
    pub version: u64,
    pub place: Place,
    pub leaf: Hash,
}

/// What the index says of one frame.
#[derive(Debug)]
pub(crate) struct Indexed {
    /// The position after its last event.
    pub end: u64,
    pub hash: Hash,
    pub entries: Vec<Entry>,
}

/// Frames not yet in a run, oldest first.
#[derive(Default)]
pub(crate) struct Overlay {
    frames: VecDeque<Arc<Indexed>>,
    ids: ById<EventId, Found>,
    journeys: ById<JourneyId, Journey>,
}

struct Journey {
    head: Head,
    places: VecDeque<(u64, Place)>,
}

impl Indexed {
    /// The entries of a frame, whose hash this is.
    pub(crate) fn of(frame: &Frame<'_>, hash: Hash) -> Result<Self, Malformed> {
        let entries = frame
            .records()?
            .into_iter()
            .map(|(position, offset, record)| {
                Ok(Entry {
                    event_id: EventId::from_bytes(record.event_id),
                    journey: record.journey(),
                    position,
                    version: record.version,
                    place: Place { frame: frame.first, offset },
                    leaf: record.leaf(position)?,
                })
            })
            .collect::<Result<_, Malformed>>()?;
        Ok(Self { end: frame.end(), hash, entries })
    }
}

impl Entry {
    pub(crate) fn found(&self) -> Found {
        Found { position: self.position, place: self.place }
    }

    pub(crate) fn head(&self) -> Head {
        Head { version: self.version, leaf: self.leaf }
    }
}

impl Overlay {
    /// Adds the newest frame.
    pub(crate) fn add(&mut self, frame: Indexed) {
        for entry in &frame.entries {
            self.ids.insert(entry.event_id, entry.found());
            let journey = self
                .journeys
                .entry(entry.journey)
                .or_insert_with(|| Journey { head: entry.head(), places: VecDeque::new() });
            journey.head = entry.head();
            journey.places.push_back((entry.position, entry.place));
        }
        self.frames.push_back(Arc::new(frame));
    }

    /// The oldest frames, until they have this many events.
    pub(crate) fn oldest(&self, events: usize) -> Vec<Arc<Indexed>> {
        let mut taken = 0;
        let wanted = self.frames.iter().take_while(|frame| {
            let before = taken;
            taken += frame.entries.len();
            before < events
        });
        wanted.cloned().collect()
    }

    /// Drops that many of the oldest frames: they are in a run now.
    pub(crate) fn forget(&mut self, frames: usize) {
        for frame in self.frames.drain(..frames) {
            for entry in &frame.entries {
                self.ids.remove(&entry.event_id);
                if let Some(journey) = self.journeys.get_mut(&entry.journey) {
                    journey.places.pop_front();
                    if journey.places.is_empty() {
                        self.journeys.remove(&entry.journey);
                    }
                }
            }
        }
    }

    pub(crate) fn find(&self, event: EventId) -> Option<Found> {
        self.ids.get(&event).copied()
    }

    pub(crate) fn head(&self, journey: JourneyId) -> Option<Head> {
        self.journeys.get(&journey).map(|journey| journey.head)
    }

    pub(crate) fn places(&self, journey: JourneyId) -> Vec<(u64, Place)> {
        self.journeys
            .get(&journey)
            .map(|journey| journey.places.iter().copied().collect())
            .unwrap_or_default()
    }
}
