//! Mappings and files for tests, and how they are imported.
#![allow(dead_code, reason = "each test file uses its own part")]

#[path = "../options/mod.rs"]
mod options;
#[path = "../real/mod.rs"]
mod real;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use throughline_domain::{Code, Fact, JourneyId};
use throughline_exchange::{
    import::{Finding, Ids, Options, Rejected, Report},
    mapped::{self, Mapping},
};
use throughline_log::EventLog;

pub use options::options;

use crate::recorder::{NAMESPACE, Recorder};

/// A set of the published test data; none where it is not there.
pub fn data(name: &str) -> Option<PathBuf> {
    real::data(name)
}

/// A mapping of the book.
pub fn published(name: &str) -> Mapping {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/mappings").join(format!("{name}.toml"));
    mapping(&std::fs::read_to_string(path).expect("a mapping of the book"))
}

pub fn mapping(text: &str) -> Mapping {
    Mapping::parse(text).unwrap_or_else(|invalid| panic!("{invalid}"))
}

/// What is wrong with a mapping, a line each.
pub fn faults(text: &str) -> Vec<String> {
    let invalid = Mapping::parse(text).expect_err("an invalid mapping");
    invalid.faults.iter().map(ToString::to_string).collect()
}

pub fn try_import(
    log: &dyn EventLog,
    mapping: &Mapping,
    directory: &Path,
) -> Result<(Report, Vec<Rejected>), mapped::Error> {
    let cancel = AtomicBool::new(false);
    let mut rows = Vec::new();
    let mut rejected = |row: &Rejected| {
        rows.push(row.clone());
        Ok(())
    };
    let report = mapped::import(mapping, directory, log, options(&cancel, &mut |_| {}, &mut rejected))?;
    Ok((report, rows))
}

/// How an import is cut short.
#[derive(Debug, Clone, Copy)]
pub enum Cut {
    /// Asked to stop after so many batches.
    Stopped(usize),
    /// The log fails after so many.
    Failed(usize),
}

/// Runs an import that is cut short, and then again until it comes to its end. Whether it was cut is given back: there
/// may be fewer batches than that.
pub fn cut_and_again(
    log: &Recorder,
    cut: Cut,
    batch_events: usize,
    run: impl Fn(Options<'_>) -> Option<Report>,
) -> bool {
    let cancel = AtomicBool::new(false);
    let mut batches = 0;
    let mut count = |_| {
        batches += 1;
        if matches!(cut, Cut::Stopped(after) if after == batches) {
            cancel.store(true, Ordering::Relaxed);
        }
    };
    log.fail_after(if let Cut::Failed(after) = cut { Some(after) } else { None });
    let mut ignore = |_: &Rejected| Ok(());
    let tried = run(Options { batch_events, ..options(&cancel, &mut count, &mut ignore) });
    log.fail_after(None);
    let was_cut = tried.is_none_or(|report| report.interrupted);
    if was_cut {
        let (cancel, mut quiet) = (AtomicBool::new(false), |_| {});
        // Other batches than before, so that some of what is known stands in one with what is not.
        let batch_events = batch_events + 7;
        let whole = run(Options { batch_events, ..options(&cancel, &mut quiet, &mut ignore) });
        assert!(whole.is_some_and(|report| !report.interrupted), "nothing is in the way any more");
    }
    was_cut
}

/// Copies the tables of a set with the rows of these persons, and every row of tables that are not about persons.
pub fn rows_of(directory: &Path, persons: &BTreeSet<String>) -> tempfile::TempDir {
    let part = tempfile::tempdir().expect("a directory for the test");
    for entry in std::fs::read_dir(directory).expect("a set").filter_map(Result::ok) {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "csv") {
            continue;
        }
        let mut rows = csv::Reader::from_path(&path).expect("a table");
        let head = rows.headers().expect("a header").clone();
        let who = head.iter().position(|column| column == "who");
        let mut kept = csv::Writer::from_path(part.path().join(entry.file_name())).expect("a table");
        kept.write_record(&head).expect("a header");
        for row in rows.records().map(|row| row.expect("a row")) {
            if who.is_none_or(|column| persons.contains(&row[column])) {
                kept.write_record(&row).expect("a row");
            }
        }
        kept.flush().expect("a table");
    }
    part
}

pub fn import(log: &dyn EventLog, mapping: &Mapping, directory: &Path) -> (Report, Vec<Rejected>) {
    let (report, rejected) = try_import(log, mapping, directory).unwrap_or_else(|error| panic!("{error}"));
    for file in &report.files {
        assert_eq!(file.rows, file.clean + file.warnings + file.rejected, "{file:?}");
    }
    assert_eq!(report.rejected, rejected.len() as u64, "every rejected row comes back");
    (report, rejected)
}

/// Files written where nothing else is.
pub fn files(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory for the test");
    for (name, text) in files {
        std::fs::write(directory.path().join(name), text).expect("a file for the test");
    }
    directory
}

pub fn journey(source: &str, person: &str) -> JourneyId {
    Ids::new(NAMESPACE, Code::new(source).expect("a code")).person(person)
}

/// How many rows have a finding, in one file.
pub fn found(report: &Report, file: &str, finding: Finding) -> u64 {
    let counts = report.findings.iter().filter(|count| count.file == file && count.code == finding);
    counts.map(|count| count.rows).sum()
}

/// A fact in a line: day, name, and all that is coded.
pub fn told(fact: &Fact) -> String {
    let facts = fact.event.facts_json().to_string().replace('"', "").replace("attributes:{},", "");
    format!("{} {} {facts}", fact.occurred, fact.event.fact_name())
}
