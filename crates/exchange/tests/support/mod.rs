//! Where exports for tests are, and how they are imported.
#![allow(dead_code, reason = "each test file uses its own part")]

#[path = "../options/mod.rs"]
mod options;
#[path = "../real/mod.rs"]
mod real;
pub mod source;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Mutex, atomic::AtomicBool},
};

use throughline_domain::{Event, Fact, Position};
use throughline_exchange::{
    hmis,
    import::{Completeness, Error, Options, Rejected, Report},
};
use throughline_log::EventLog;

use options::options;

/// An export of the published test data; none where it is not there.
pub fn data(set: &str) -> Option<PathBuf> {
    real::data(&format!("hmis/{set}"))
}

pub fn import(log: &dyn EventLog, directory: &Path, dry_run: bool) -> (Report, Vec<Rejected>) {
    let (cancel, mut rejected) = (AtomicBool::new(false), Vec::new());
    let mut push = |row: &Rejected| {
        rejected.push(row.clone());
        Ok(())
    };
    let mut quiet = |_| {};
    let options = options(&cancel, &mut quiet, &mut push);
    let report = hmis::import(directory, log, Options { dry_run, ..options });
    (report.expect("no export stops an import"), rejected)
}

/// An import of an export taken for all there is, or for a part.
pub fn import_as(log: &dyn EventLog, directory: &Path, completeness: Completeness) -> Report {
    try_import(log, directory, completeness, 2_000).expect("no export stops an import")
}

/// An import that can fail.
pub fn try_import(
    log: &dyn EventLog,
    directory: &Path,
    completeness: Completeness,
    batch_events: usize,
) -> Result<Report, Error> {
    let cancel = AtomicBool::new(false);
    let (mut quiet, mut ignore) = (|_| {}, |_: &Rejected| Ok(()));
    let options = options(&cancel, &mut quiet, &mut ignore);
    hmis::import(directory, log, Options { completeness, batch_events, ..options })
}

/// Where an import of an export taken for all there is says that what it brings stands, and how much of it is new.
pub fn stands(log: &dyn EventLog, directory: &Path) -> (BTreeSet<u64>, u64) {
    try_telling(log, directory, Completeness::Full, 2_000).expect("no export stops an import")
}

/// The same of an import that can fail.
pub fn try_telling(
    log: &dyn EventLog,
    directory: &Path,
    completeness: Completeness,
    batch_events: usize,
) -> Result<(BTreeSet<u64>, u64), Error> {
    let (cancel, told) = (AtomicBool::new(false), Mutex::new((BTreeSet::new(), 0)));
    let (mut quiet, mut ignore) = (|_| {}, |_: &Rejected| Ok(()));
    let brought = |positions: &[Position], new: u64| {
        let mut told = told.lock().expect("no test panics while it holds the lock");
        told.0.extend(positions.iter().map(|position| position.0));
        told.1 += new;
    };
    let options = options(&cancel, &mut quiet, &mut ignore);
    hmis::import(directory, log, Options { completeness, batch_events, brought: &brought, ..options })?;
    Ok(told.into_inner().expect("no test panics while it holds the lock"))
}

/// An import that is asked to stop after its first event.
pub fn stopped(log: &dyn EventLog, directory: &Path) -> Report {
    let cancel = AtomicBool::new(true);
    let (mut quiet, mut ignore) = (|_| {}, |_: &Rejected| Ok(()));
    let options = options(&cancel, &mut quiet, &mut ignore);
    hmis::import(directory, log, Options { batch_events: 1, ..options }).expect("a stop is no error")
}

/// An export of a few files, written where nothing else is. `tables` are file names without ending and their text.
pub fn export(tables: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory for the test");
    for (table, text) in tables {
        std::fs::write(directory.path().join(format!("{table}.csv")), text).expect("a file for the test");
    }
    directory
}

/// A fact in a line: day, name, and all that is coded but the keys of the journey.
pub fn told(fact: &Fact) -> String {
    let mut facts = fact.event.facts_json();
    if let Some(fields) = facts.as_object_mut() {
        fields.retain(|name, _| {
            !matches!(name.as_str(), "enrolment" | "household" | "outcome" | "referral" | "shown_by")
        });
    }
    let detail = match &fact.event {
        Event::Milestone(throughline_domain::Milestone::IndicatorMeasured(measured)) => format!(
            "{}={}{}",
            measured.indicator,
            facts["value"].to_string().replace('"', ""),
            measured.stage.as_ref().map(|stage| format!(" at {stage}")).unwrap_or_default()
        ),
        _ => facts.to_string().replace('"', ""),
    };
    format!("{} {} {detail}", fact.occurred, fact.event.fact_name())
}
