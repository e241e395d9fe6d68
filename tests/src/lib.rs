//! What whole-system tests share: a log with its views in a directory of its own, a clock that is set by hand, and the
//! way to the real data.

pub mod faults;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use jiff::{Timestamp, civil::Date};
use tempfile::TempDir;
use throughline_domain::{Draft, JourneyId};
use throughline_log::{AsOf, EventLog, Log};
use throughline_runtime::Runtime;

/// A clock set by hand.
#[derive(Clone)]
pub struct Hands(Arc<AtomicI64>);

impl Hands {
    /// Sets the time.
    pub fn set(&self, time: Timestamp) {
        self.0.store(time.as_microsecond(), Ordering::SeqCst);
    }

    /// The time.
    pub fn time(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::SeqCst)).expect("a clock set to a real time")
    }
}

/// A log with its views, gone when dropped.
pub struct World {
    /// The views; dropped before the directory.
    pub runtime: Arc<Runtime>,
    /// The log.
    pub log: Arc<Log>,
    /// The clock that gives recording times.
    pub clock: Hands,
    /// The data directory.
    pub dir: TempDir,
}

impl World {
    /// A new, empty world.
    pub fn new() -> Self {
        let dir = TempDir::new().expect("a temporary directory");
        let clock = Hands(Arc::new(AtomicI64::new(0)));
        clock.set("2026-06-01T08:00:00Z".parse().expect("a time"));
        let (log, runtime) = open(dir.path(), &clock);
        Self { runtime, log, clock, dir }
    }

    /// The same world, closed and opened again.
    #[must_use]
    pub fn reopen(self) -> Self {
        let Self { runtime, log, clock, dir } = self;
        runtime.stop();
        drop((runtime, log));
        let (log, runtime) = open(dir.path(), &clock);
        Self { runtime, log, clock, dir }
    }

    /// Appends as it is, without asking the rules: history as it was written down.
    pub fn append(&self, drafts: &[Draft]) {
        for portion in drafts.chunks(5_000) {
            self.log.append(portion.to_vec(), &[]).expect("the log takes what the test gives");
        }
    }

    /// Brings the views up to date.
    pub fn caught_up(&self) -> &Self {
        self.runtime.catch_up().expect("the views follow");
        self
    }

    /// What every view says of these journeys on a day, as known then.
    pub fn says(
        &self,
        journeys: &[JourneyId],
        as_of: AsOf,
        on: Date,
    ) -> BTreeMap<(JourneyId, String), String> {
        let mut said = BTreeMap::new();
        for journey in journeys {
            for projector in self.runtime.projectors().iter() {
                let answer = self.runtime.answer(projector.name(), *journey, as_of, None, on);
                let answer = answer.map_or_else(|error| error.to_string(), |answer| answer.body.to_string());
                said.insert((*journey, projector.name().to_owned()), answer);
            }
        }
        said
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

fn open(dir: &Path, clock: &Hands) -> (Arc<Log>, Arc<Runtime>) {
    let hands = clock.clone();
    let log = Arc::new(Log::open(dir, Arc::new(move || hands.time())).expect("a new log opens"));
    let seam: Arc<dyn EventLog> = log.clone();
    let runtime =
        Runtime::open(seam, &dir.join("views"), throughline_cli::projectors()).expect("new views open");
    (log, runtime)
}

/// A folder of the real data, or none with a loud word on standard error.
pub fn real_data(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("THROUGHLINE_TEST_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    let path = root.join(folder);
    if path.is_dir() {
        return Some(path);
    }
    say(&format!("SKIPPED: {} is not there; set THROUGHLINE_TEST_DATA to the real data", path.display()));
    None
}

#[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
fn say(text: &str) {
    eprintln!("{text}");
}
