//! Rows are read while a batch is on its way into the log; nobody can tell from what was written.

mod recorder;
mod support;

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use recorder::Recorder;
use support::source::source;
use throughline_domain::{Draft, EventId, JourneyId, Position, Recorded, Version};
use throughline_exchange::{
    hmis,
    import::{Completeness, Options, Report},
};
use throughline_log::{AsOf, Error, EventLog, Expected, History, Receipt};
use uuid::Uuid;

/// A slow log that is busy now and then, and sees how it is appended to.
#[derive(Default)]
struct Watched {
    log: Recorder,
    /// Every so many appends of rows it is busy; never where 0.
    busy_every: usize,
    calls: AtomicUsize,
    under_way: AtomicUsize,
    under_way_most: AtomicUsize,
    appended: Mutex<Vec<EventId>>,
}

impl Watched {
    fn appended(&self) -> Vec<EventId> {
        self.appended.lock().expect("no test panics while it holds the lock").clone()
    }
}

impl EventLog for Watched {
    fn append(&self, batch: Vec<Draft>, expected: &[Expected]) -> Result<Receipt, Error> {
        let now = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.under_way_most.fetch_max(now, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(2));
        let call = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        let is_report = batch.iter().any(|draft| draft.event.fact_name() == "import-finished");
        let result = if self.busy_every > 0 && call.is_multiple_of(self.busy_every) && !is_report {
            Err(Error::Busy)
        } else {
            let ids: Vec<EventId> = batch.iter().map(|draft| draft.event_id).collect();
            let mut appended = self.appended.lock().expect("no test panics while it holds the lock");
            appended.extend(ids);
            self.log.append(batch, expected)
        };
        self.under_way.fetch_sub(1, Ordering::SeqCst);
        result
    }

    fn head(&self, events: u64) -> Result<[u8; 32], Error> {
        self.log.head(events)
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

    fn derive(&self, purpose: &str) -> throughline_log::Secret {
        self.log.derive(purpose)
    }
}

/// Imports the small source in batches of two events; asked to stop once that many were told.
fn imported(log: &dyn EventLog, stop_after_rows: u64) -> Report {
    let cancel = AtomicBool::new(false);
    let directory = source().write();
    let options = Options {
        dry_run: false,
        completeness: Completeness::AsTheSourceSays,
        batch_events: 2,
        today: jiff::civil::date(2026, 11, 21),
        cancel: &cancel,
        progress: &mut |progress| cancel.store(progress.rows >= stop_after_rows, Ordering::SeqCst),
        rejected: &mut |_| Ok(()),
    };
    hmis::import(directory.path(), log, options).expect("a busy log is asked again")
}

#[test]
fn a_batch_that_the_log_refuses_at_first_is_written_before_the_next() {
    let (straight, busy) = (Watched::default(), Watched { busy_every: 2, ..Watched::default() });
    let (expected, report) = (imported(&straight, u64::MAX), imported(&busy, u64::MAX));
    assert!(busy.calls.load(Ordering::SeqCst) > straight.calls.load(Ordering::SeqCst) + 3);
    assert_eq!(busy.appended(), straight.appended());
    assert_eq!(busy.under_way_most.load(Ordering::SeqCst), 1, "appends under way at once");
    assert_eq!(report, expected);
}

#[test]
fn what_is_under_way_when_an_import_is_stopped_is_written_and_counted() {
    let (whole, log) = (Watched::default(), Watched::default());
    imported(&whole, u64::MAX);
    let report = imported(&log, 5);
    assert!(report.interrupted && report.events >= 2);
    assert_eq!(report.events, log.events());
    assert!(log.events() < whole.events());
    assert_eq!(log.appended(), whole.appended()[..log.appended().len()]);
}
