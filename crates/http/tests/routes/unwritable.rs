//! A log that takes no more from a moment on.

use std::{
    sync::Arc,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use jiff::Timestamp;
use throughline_domain::{Draft, EventId, JourneyId, Position, Recorded, Version};
use throughline_log::{AsOf, Error, EventLog, Expected, History, Log, Receipt, Secret};
use uuid::Uuid;

pub struct Unwritable {
    pub log: Log,
    pub is_full: Arc<AtomicBool>,
}

impl EventLog for Unwritable {
    fn append(&self, batch: Vec<Draft>, expected: &[Expected]) -> Result<Receipt, Error> {
        if self.is_full.load(Ordering::SeqCst) {
            return Err(Error::Full { path: "/somewhere".into(), room_bytes: 0 });
        }
        self.log.append(batch, expected)
    }

    fn events(&self) -> u64 {
        self.log.events()
    }

    fn wait_beyond(&self, events: u64, at_most: Duration) -> u64 {
        self.log.wait_beyond(events, at_most)
    }

    fn read(&self, from: Position, limit: usize) -> Result<History, Error> {
        self.log.read(from, limit)
    }

    fn read_journey(&self, journey: JourneyId, as_of: AsOf) -> Result<History, Error> {
        self.log.read_journey(journey, as_of)
    }

    fn version(&self, journey: JourneyId) -> Result<Version, Error> {
        self.log.version(journey)
    }

    fn position(&self, event: EventId) -> Result<Option<Position>, Error> {
        self.log.position(event)
    }

    fn tree(&self) -> &dyn throughline_log::PublishedTree {
        self.log.tree()
    }

    fn find(&self, event: EventId) -> Result<Option<Recorded>, Error> {
        self.log.find(event)
    }

    fn events_at(&self, time: Timestamp) -> Result<u64, Error> {
        self.log.events_at(time)
    }

    fn head(&self, events: u64) -> Result<[u8; 32], Error> {
        self.log.head(events)
    }

    fn scan(
        &self,
        events: u64,
        select: &(dyn Fn(JourneyId) -> bool + Sync),
        visit: &mut dyn FnMut(History, u64) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.log.scan(events, select, visit)
    }

    fn seal(&self, journey: JourneyId, purpose: &str, bytes: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        self.log.seal(journey, purpose, bytes)
    }

    fn open_sealed(
        &self,
        journey: JourneyId,
        purpose: &str,
        sealed: &[u8],
    ) -> Result<Option<Vec<u8>>, Error> {
        self.log.open_sealed(journey, purpose, sealed)
    }

    fn namespace(&self) -> Uuid {
        self.log.namespace()
    }

    fn derive(&self, purpose: &str) -> Secret {
        self.log.derive(purpose)
    }
}
