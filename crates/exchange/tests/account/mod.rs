//! Where each row of a source ended: in one place and in no other. Lines are counted by a reader that is not ours, and
//! which rows gave events is asked of the log, not of the report.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    path::Path,
};

use throughline_domain::Event;
use throughline_exchange::import::{FileCount, FileState, Finding, Rejected, Report};

use crate::recorder::Recorder;

/// Records of a CSV file, header not counted, by a reader that is not ours.
pub fn records(path: &Path) -> u64 {
    let file = File::open(path).expect("a file of the set");
    let reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
    reader.into_byte_records().count() as u64
}

/// Fails unless the report speaks of every row of every CSV file of the directory, once.
pub fn every_row_is_counted(directory: &Path, report: &Report) {
    let mut rows = 0;
    for count in read(report) {
        let there = records(&directory.join(&count.file));
        assert_eq!(count.rows, there, "rows of {}", count.file);
        assert_eq!(count.clean + count.warnings + count.rejected, there, "accounts of {}", count.file);
        rows += there;
    }
    let files = std::fs::read_dir(directory).expect("a directory").filter_map(Result::ok);
    let csv = files.filter(|file| file.path().extension().is_some_and(|extension| extension == "csv"));
    assert_eq!(read(report).count(), csv.count(), "every file is read");
    assert_eq!(report.rows, rows);
    let sum = |of: fn(&FileCount) -> u64| report.files.iter().map(of).sum::<u64>();
    assert_eq!(
        (sum(|count| count.warnings), sum(|count| count.rejected)),
        (report.warnings, report.rejected)
    );
    assert_eq!(report.rows, sum(|count| count.clean) + report.warnings + report.rejected);
}

/// Fails unless, in a log that held nothing before, each row of each file either gave events, or became part of
/// others, or was warned of and gave none, or was rejected.
pub fn every_row_ended_in_one_place(report: &Report, rejected: &[Rejected], log: &Recorder) {
    let mut told: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for recorded in log.all() {
        let is_ours = !matches!(recorded.draft.event, Event::Amendment(_));
        if let Some(source) = recorded.draft.source.filter(|_| is_ours) {
            let rows = told.entry(source.table.as_str().replace('-', "")).or_default();
            rows.insert(source.row.map(|row| row.to_string()).unwrap_or_default());
        }
    }
    for count in read(report) {
        let file = &count.file;
        let refused: Vec<u64> = rejected.iter().filter(|row| row.file == *file).map(|row| row.row).collect();
        let once: BTreeSet<u64> = refused.iter().copied().collect();
        assert_eq!(once.len(), refused.len(), "{file}: no row is rejected twice");
        assert_eq!(refused.len() as u64, count.rejected, "{file}: every rejected row comes back");
        // The header is row 1; a cell can have lines of its own, so that the last row may stand further down.
        assert!(once.first().is_none_or(|row| *row >= 2), "{file}: {once:?}");

        let table = file.to_ascii_lowercase().replace(".csv", "").replace('_', "");
        let gave = told.get(&table).map_or(0, |rows| rows.len() as u64);
        assert_eq!(
            gave + count.merged + silent(report, file) + count.rejected,
            count.rows,
            "{file}: {gave} rows gave events"
        );
    }
}

fn read(report: &Report) -> impl Iterator<Item = &FileCount> {
    report.files.iter().filter(|count| count.state == FileState::Read)
}

/// Rows of a file that were warned of and gave no events.
fn silent(report: &Report, file: &str) -> u64 {
    let rows = |finding| {
        let counts = report.findings.iter().filter(|count| count.file == file && count.code == finding);
        counts.map(|count| count.rows).sum::<u64>()
    };
    // A deleted row of a deleted parent has both findings: in these sets one of the two has all rows.
    let deleted = rows(Finding::DeletedInSource).max(rows(Finding::ParentDeleted));
    let others = [Finding::RowRepeated, Finding::NoDataCollected, Finding::NotReferred, Finding::LeftOut];
    deleted + others.into_iter().map(rows).sum::<u64>()
}
