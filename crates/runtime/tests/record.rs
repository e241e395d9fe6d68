//! Recording: what is decided rests on the journey as it stands when it is appended.

mod common;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use common::{World, at, contacted, enrolled, exited, opened, retracted, split};
use throughline_domain::{Draft, EventId, JourneyId, Position, Recorded, Version, testing::journey_id};
use throughline_log::{AsOf, Error as LogError, EventLog, Expected, History, Log, Receipt};
use throughline_runtime::Error;
use uuid::Uuid;

const NOW: &str = "2026-06-01T08:00:00Z";

fn rule(result: Result<Receipt, Error>) -> &'static str {
    match result {
        Err(Error::Rejected { rejection, .. }) => rejection.rule,
        other => panic!("not refused by a rule: {other:?}"),
    }
}

#[test]
fn facts_reported_again_with_new_ones_are_not_decided_again() {
    let world = World::new();
    let begun = [opened(1, 1, "2026-01-01"), enrolled(1, 2, "2026-01-01", "homes")];
    world.record(&begun).expect("recorded");
    let more = [begun[0].clone(), begun[1].clone(), contacted(1, 3, "2026-02-01")];
    let receipt = world.record(&more).expect("recorded");
    assert_eq!(receipt.events.iter().map(|stored| stored.repeated).collect::<Vec<_>>(), [true, true, false]);
    let again = world.runtime.record(&more, Some(Version(2)), at(NOW)).expect("a repeat is never stale");
    assert!(again.events.iter().all(|stored| stored.repeated));
    let stale = [begun[0].clone(), contacted(1, 4, "2026-02-02")];
    let refused = world.runtime.record(&stale, Some(Version(2)), at(NOW));
    assert!(matches!(refused, Err(Error::Log(LogError::Conflict { current: Version(3), .. }))));
}

#[test]
fn one_event_twice_in_a_batch_counts_once() {
    let world = World::new();
    let twice = [opened(1, 1, "2026-01-01"), contacted(1, 2, "2026-02-01"), contacted(1, 2, "2026-02-01")];
    let receipt = world.record(&twice).expect("recorded");
    assert_eq!(receipt.events.iter().filter(|stored| stored.repeated).count(), 1);
    // Written past the rules, at the version that a wrong count would have given the kept decision.
    world.told([exited(1, 3, "2026-03-01", "e-9"), enrolled(1, 9, "2026-01-01", "homes")]);
    assert_eq!(rule(world.record(&[exited(1, 4, "2026-04-01", "e-9")])), "already-exited");
}

#[test]
fn a_decision_knows_what_changed_in_a_journey_it_was_split_from() {
    let world = World::new();
    world.record(&[opened(1, 1, "2026-01-01"), enrolled(1, 2, "2026-01-02", "homes")]).expect("recorded");
    world.record(&[split(1, 3, 1, 2, &[2])]).expect("split, and its twin written");
    assert_eq!(rule(world.record(&[exited(1, 4, "2026-02-01", "e-2")])), "enrolment-unknown");
    world.record(&[contacted(1, 5, "2026-02-01")]).expect("recorded");
    let twin = world.log.read_journey(journey_id(2), AsOf::Now).expect("a journey").events.remove(0);
    let mut back = retracted(2, 6, 0);
    if let throughline_domain::Event::Amendment(throughline_domain::Amendment::Retracted(retracted)) =
        &mut back.event
    {
        retracted.event = twin.draft.event_id;
    }
    world.told([back]);
    world.record(&[exited(1, 7, "2026-02-01", "e-2")]).expect("the enrolment is this journey's again");
}

/// A log that already counts the last event of a journey while it cannot be read yet, as between a commit and the
/// moment it becomes visible.
struct Behind {
    log: Arc<Log>,
    unread: AtomicU64,
}

impl EventLog for Behind {
    fn append(&self, batch: Vec<Draft>, expected: &[Expected]) -> Result<Receipt, LogError> {
        self.log.append(batch, expected)
    }
    fn events(&self) -> u64 {
        let unread = self.unread.load(Ordering::SeqCst);
        self.unread.store(unread.saturating_sub(1), Ordering::SeqCst);
        self.log.events() - u64::from(unread > 0)
    }
    fn wait_beyond(&self, events: u64, at_most: Duration) -> u64 {
        self.log.wait_beyond(events, at_most)
    }
    fn read(&self, from: Position, limit: usize) -> Result<History, LogError> {
        self.log.read(from, limit)
    }
    fn read_journey(&self, journey: JourneyId, as_of: AsOf) -> Result<History, LogError> {
        self.log.read_journey(journey, as_of)
    }
    fn version(&self, journey: JourneyId) -> Result<Version, LogError> {
        self.log.version(journey)
    }
    fn find(&self, event: EventId) -> Result<Option<Recorded>, LogError> {
        self.log.find(event)
    }
    fn events_at(&self, time: jiff::Timestamp) -> Result<u64, LogError> {
        self.log.events_at(time)
    }
    fn scan(
        &self,
        events: u64,
        select: &(dyn Fn(JourneyId) -> bool + Sync),
        visit: &mut dyn FnMut(History, u64) -> Result<(), LogError>,
    ) -> Result<(), LogError> {
        self.log.scan(events, select, visit)
    }
    fn seal(&self, journey: JourneyId, purpose: &str, bytes: &[u8]) -> Result<Option<Vec<u8>>, LogError> {
        self.log.seal(journey, purpose, bytes)
    }
    fn open_sealed(
        &self,
        journey: JourneyId,
        purpose: &str,
        sealed: &[u8],
    ) -> Result<Option<Vec<u8>>, LogError> {
        self.log.open_sealed(journey, purpose, sealed)
    }
    fn namespace(&self) -> Uuid {
        self.log.namespace()
    }
}

#[test]
fn nothing_is_appended_after_an_event_that_the_decision_did_not_see() {
    let mut behind = None;
    let world = World::over(|log| {
        let seam = Arc::new(Behind { log, unread: AtomicU64::new(0) });
        behind = Some(Arc::clone(&seam));
        seam
    });
    let behind = behind.expect("the views see the log through it");
    world.told([opened(1, 1, "2026-01-01"), enrolled(1, 2, "2026-01-01", "homes")]);
    world.told([exited(1, 3, "2026-02-01", "e-2")]);
    behind.unread.store(3, Ordering::SeqCst);
    assert_eq!(rule(world.record(&[exited(1, 4, "2026-03-01", "e-2")])), "already-exited");
    behind.unread.store(3, Ordering::SeqCst);
    let at_version = world.runtime.record(&[contacted(1, 5, "2026-03-01")], Some(Version(3)), at(NOW));
    at_version.expect("the writer knew the version");
}
