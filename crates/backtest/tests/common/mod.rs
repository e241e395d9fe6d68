//! Real histories for tests: imported by the book's mappings into a real log, read back as a backtest reads it.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::{
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
};

use jiff::{Timestamp, civil::date};
use serde_json::Value as Json;
use throughline_backtest::{Cohort, Error, History, Spec, causal};
use throughline_domain::JourneyId;
use throughline_exchange::{
    hmis,
    import::{Completeness, Options},
    journey_id,
    mapped::{self, Mapping},
};
use throughline_log::{EventLog as _, Log};

#[allow(clippy::print_stdout, reason = "a skipped test says so")]
/// Where the published test data is; none, and a word of it, where it is not there.
pub fn data(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("THROUGHLINE_TEST_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let path = root.join(name);
    if path.exists() {
        return Some(path);
    }
    println!("SKIPPED: no test data at {}; set THROUGHLINE_TEST_DATA", path.display());
    None
}

pub fn json(path: &Path) -> Json {
    serde_json::from_str(&std::fs::read_to_string(path).expect("a reference")).expect("JSON")
}

fn book(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A spec of the book.
pub fn published(name: &str) -> Spec {
    Spec::parse(&book(&format!("specs/{name}.toml"))).unwrap_or_else(|invalid| panic!("{name}: {invalid}"))
}

/// A spec of the book with a piece of it replaced.
pub fn changed(name: &str, changes: &[(&str, &str)]) -> Spec {
    let mut text = book(&format!("specs/{name}.toml"));
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    Spec::parse(&text).unwrap_or_else(|invalid| panic!("{invalid}\n{text}"))
}

/// A log in a directory of its own, gone when dropped.
pub struct Imported {
    log: Log,
    _directory: tempfile::TempDir,
}

fn today() -> Timestamp {
    "2026-06-01T08:00:00Z".parse().expect("an instant")
}

impl Imported {
    fn with(import: impl FnOnce(&Log, Options<'_>)) -> Self {
        let directory = tempfile::tempdir().expect("a directory for the test");
        let log = Log::open(directory.path(), Arc::new(today)).expect("a new log");
        let (cancel, mut progress) = (AtomicBool::new(false), |_| {});
        let options = Options {
            dry_run: false,
            completeness: Completeness::AsTheSourceSays,
            batch_events: 5_000,
            today: date(2026, 6, 1),
            cancel: &cancel,
            brought: &|_, _| {},
            progress: &mut progress,
            rejected: &mut |_| Ok(()),
        };
        import(&log, options);
        Self { log, _directory: directory }
    }

    pub fn mapped(mapping: &str, files: &Path) -> Self {
        let mapping =
            Mapping::parse(&book(&format!("mappings/{mapping}.toml"))).expect("a mapping of the book");
        Self::with(|log, options| {
            mapped::import(&mapping, files, log, options).expect("the files come in");
        })
    }

    pub fn hmis(files: &Path) -> Self {
        Self::with(|log, options| {
            hmis::import(files, log, options).expect("the export comes in");
        })
    }

    /// The journey of a person, by the key of the source.
    pub fn journey(&self, source: &str, person: &str) -> JourneyId {
        journey_id(self.log.namespace(), &format!("{source}:{person}")).expect("a key")
    }

    pub fn history(&self, spec: &Spec) -> History {
        History::read(&self.log, &spec.history, today(), &mut |_, _| true).expect("a history")
    }

    pub fn causal(&self, spec: &Spec) -> Result<causal::CausalReport, Error> {
        let history = self.history(spec);
        causal::run(spec, &history, &Cohort::of(&history, spec)?)
    }
}

/// The same to so much.
#[track_caller]
pub fn near(what: &str, found: f64, expected: &Json, tolerance: f64) {
    let expected = expected.as_f64().unwrap_or_else(|| panic!("{what}: {expected} is no number"));
    assert!((found - expected).abs() <= tolerance, "{what}: {found}, expected {expected} within {tolerance}");
}
