//! Mappings and files for tests, and how they are imported.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::{
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
};

use jiff::civil::date;
use throughline_domain::{Code, Fact, JourneyId};
use throughline_exchange::{
    import::{Completeness, Finding, Ids, Options, Rejected, Report},
    mapped::{self, Mapping},
};
use throughline_log::EventLog;

use crate::recorder::NAMESPACE;

/// Where the published test data is; none where it is not there.
#[allow(clippy::print_stdout, reason = "a skipped test says so")]
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

pub fn options<'a>(
    cancel: &'a AtomicBool,
    progress: &'a mut dyn FnMut(throughline_exchange::import::Progress),
    rejected: &'a mut dyn FnMut(&Rejected) -> std::io::Result<()>,
) -> Options<'a> {
    let (completeness, today) = (Completeness::default(), date(2026, 11, 21));
    Options { dry_run: false, completeness, batch_events: 2_000, today, cancel, progress, rejected }
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
