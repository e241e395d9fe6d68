//! Bugs planted on purpose: what must be found where rows are not sealed, and what must not even then.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use throughline_domain::{Draft, EventId, JourneyId, Position, Recorded, Version};
use throughline_log::{AsOf, Error, EventLog, Expected, History, Log, PublishedTree, Receipt, Secret};
use throughline_runtime::Runtime;
use uuid::Uuid;

use crate::{
    files::all_with,
    lives::{CODED, PERSONAL, world},
};

/// A log that leaves rows as they are.
struct Unsealed(Arc<Log>);

impl EventLog for Unsealed {
    fn append(&self, batch: Vec<Draft>, expected: &[Expected]) -> Result<Receipt, Error> {
        self.0.append(batch, expected)
    }
    fn events(&self) -> u64 {
        self.0.events()
    }
    fn wait_beyond(&self, events: u64, at_most: Duration) -> u64 {
        self.0.wait_beyond(events, at_most)
    }
    fn read(&self, from: Position, limit: usize) -> Result<History, Error> {
        self.0.read(from, limit)
    }
    fn read_journey(&self, journey: JourneyId, as_of: AsOf) -> Result<History, Error> {
        self.0.read_journey(journey, as_of)
    }
    fn version(&self, journey: JourneyId) -> Result<Version, Error> {
        self.0.version(journey)
    }
    fn find(&self, event: EventId) -> Result<Option<Recorded>, Error> {
        self.0.find(event)
    }
    fn events_at(&self, time: Timestamp) -> Result<u64, Error> {
        self.0.events_at(time)
    }
    fn position(&self, event: EventId) -> Result<Option<Position>, Error> {
        self.0.position(event)
    }

    fn tree(&self) -> &dyn PublishedTree {
        self.0.tree()
    }

    fn derive(&self, purpose: &str) -> Secret {
        self.0.derive(purpose)
    }

    fn head(&self, events: u64) -> Result<[u8; 32], Error> {
        self.0.head(events)
    }
    fn scan(
        &self,
        events: u64,
        select: &(dyn Fn(JourneyId) -> bool + Sync),
        visit: &mut dyn FnMut(History, u64) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.0.scan(events, select, visit)
    }
    fn seal(&self, _: JourneyId, _: &str, bytes: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        Ok(Some(bytes.to_vec()))
    }
    fn open_sealed(&self, _: JourneyId, _: &str, sealed: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        Ok(Some(sealed.to_vec()))
    }
    fn namespace(&self) -> Uuid {
        self.0.namespace()
    }
}

#[test]
fn rows_left_unsealed_are_found_by_the_search_and_hold_nothing_personal_even_so() {
    let world = world();
    let views = world.dir.path().join("unsealed");
    let runtime =
        Runtime::open(Arc::new(Unsealed(world.log.clone())), &views, throughline_cli::projectors()).unwrap();
    runtime.catch_up().unwrap();
    runtime.stop();
    let found = |texts: &[&str]| {
        let texts: Vec<&[u8]> = texts.iter().map(|text| text.as_bytes()).collect();
        all_with(&views, &texts)
    };
    let coded = found(&CODED);
    // Views keep where a client is placed; the name of a milestone is in none of them.
    for (nth, code) in CODED.iter().take(3).enumerate() {
        assert!(
            coded.iter().any(|(_, which)| *which == nth),
            "{code} is in an unsealed row, and is not found"
        );
    }
    assert_eq!(
        found(&PERSONAL),
        [],
        "what only the personal key seals is in no row, so destroying it is enough"
    );
}
