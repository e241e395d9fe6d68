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

use recorder::Recorder;
use support::source::source;
use throughline_domain::{Draft, EventId};
use throughline_exchange::{
    hmis,
    import::{Completeness, Options, Report},
};
use throughline_log::{Error, EventLog, Expected, Receipt};

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

    throughline_log::pass_on!(log: head, events, wait_beyond, read, read_journey, version, position, tree);
    throughline_log::pass_on!(log: find, events_at, scan, scan_journeys, seal, open_sealed, namespace, derive);
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
        brought: &|_, _| {},
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
