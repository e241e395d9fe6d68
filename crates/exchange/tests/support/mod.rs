//! Where exports for tests are, and how they are imported.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::{
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
};

use jiff::civil::date;
use throughline_domain::{Event, Fact};
use throughline_exchange::{
    hmis,
    import::{Options, Rejected, Report},
};
use throughline_log::EventLog;

/// Where the published test data is; none where it is not there.
#[allow(clippy::print_stdout, reason = "a skipped test says so")]
pub fn data(set: &str) -> Option<PathBuf> {
    let root = std::env::var_os("THROUGHLINE_TEST_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let set = root.join("hmis").join(set);
    if set.is_dir() {
        return Some(set);
    }
    println!("SKIPPED: no test data at {}; set THROUGHLINE_TEST_DATA", set.display());
    None
}

pub fn import(log: &dyn EventLog, directory: &Path, dry_run: bool) -> (Report, Vec<Rejected>) {
    let cancel = AtomicBool::new(false);
    let mut rejected = Vec::new();
    let report = hmis::import(
        directory,
        log,
        Options {
            dry_run,
            batch_events: 2_000,
            today: date(2026, 11, 21),
            cancel: &cancel,
            progress: &mut |_| {},
            rejected: &mut |row| {
                rejected.push(row.clone());
                Ok(())
            },
        },
    );
    (report.expect("no export stops an import"), rejected)
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
