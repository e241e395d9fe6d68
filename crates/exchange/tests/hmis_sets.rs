//! Whole HMIS exports come in, every row accounted for once. They lie beside the project; without them these tests
//! say so and pass.

mod recorder;

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
};

use jiff::civil::date;
use recorder::Recorder;
use throughline_exchange::{
    hmis,
    import::{FileState, Options, Rejected, RejectedCsv, Report},
};

/// Where the published test data is; none where it is not there.
fn data(set: &str) -> Option<PathBuf> {
    let root = std::env::var_os("THROUGHLINE_TEST_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let set = root.join("hmis").join(set);
    if set.is_dir() {
        return Some(set);
    }
    println!("SKIPPED: no test data at {}; set THROUGHLINE_TEST_DATA", set.display());
    None
}

fn import(log: &Recorder, directory: &Path, dry_run: bool) -> (Report, Vec<Rejected>) {
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

/// Records of a CSV file, header not counted, by a reader that is not ours.
fn records(path: &Path) -> u64 {
    let file = File::open(path).expect("a file of the set");
    let reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
    reader.into_byte_records().count() as u64
}

fn assert_all_accounted(directory: &Path, report: &Report) {
    let mut rows = 0;
    for count in report.files.iter().filter(|count| count.state == FileState::Read) {
        let there = records(&directory.join(&count.file));
        assert_eq!(count.rows, there, "rows of {}", count.file);
        assert_eq!(count.clean + count.warnings + count.rejected, there, "accounts of {}", count.file);
        rows += there;
    }
    let files = std::fs::read_dir(directory).expect("a directory").filter_map(Result::ok);
    let csv = files.filter(|file| file.path().extension().is_some_and(|extension| extension == "csv"));
    let read = report.files.iter().filter(|count| count.state == FileState::Read).count();
    assert_eq!(read, csv.count(), "every file is read");
    assert_eq!(report.rows, rows);
    assert_eq!(
        report.rows,
        report.files.iter().map(|count| count.clean).sum::<u64>() + report.warnings + report.rejected
    );
}

fn show(set: &str, report: &Report) {
    println!(
        "== {set}: {} {} rows {} events {} warnings {} rejected",
        report.format, report.rows, report.events, report.warnings, report.rejected
    );
    for count in &report.files {
        println!(
            "{:28} {:?} rows {} clean {} merged {} warned {} rejected {} events {} unread {:?}",
            count.file,
            count.state,
            count.rows,
            count.clean,
            count.merged,
            count.warnings,
            count.rejected,
            count.events,
            count.unread.iter().map(|unread| (unread.column.as_str(), unread.cells)).collect::<Vec<_>>()
        );
    }
    for found in &report.findings {
        println!(
            "  {:?} {} {}.{} {} {:?}",
            found.effect,
            found.code.code(),
            found.file,
            found.column,
            found.rows,
            found.examples
        );
    }
}

fn comes_in_whole(set: &str) -> Option<(Recorder, Report, Vec<Rejected>)> {
    let directory = data(set)?;
    let rehearsal = import(&Recorder::default(), &directory, true);
    let log = Recorder::default();
    let (report, rejected) = import(&log, &directory, false);
    show(set, &report);
    assert_all_accounted(&directory, &report);
    assert_eq!(report.events, log.all().len() as u64);
    assert_eq!(report.rejected, rejected.len() as u64);
    let mut said = rehearsal.0.clone();
    said.dry_run = false;
    assert_eq!(said, report, "a rehearsal says the same");

    let (again, _) = import(&log, &directory, false);
    assert_eq!((again.events, again.repeated), (0, report.events), "a second run adds nothing");
    assert_eq!(log.all().len() as u64, report.events);
    Some((log, report, rejected))
}

#[test]
fn the_demo_of_2026_comes_in_whole() {
    let Some((_, report, _)) = comes_in_whole("demo_2026") else { return };
    assert_eq!(report.format, "2026 v1");
    assert_eq!(report.rejected, 0);
}

#[test]
fn five_years_of_fy2020_come_in_whole() {
    let Some((_, report, _)) = comes_in_whole("longitudinal_2014_2019") else { return };
    assert_eq!(report.rejected, 0);
}

#[test]
fn the_set_for_returns_to_homelessness_comes_in_whole() {
    let Some((_, report, _)) = comes_in_whole("spm/measure_two") else { return };
    assert_eq!(report.rejected, 0);
}

#[test]
fn dirty_exports_are_accounted_for_row_by_row() {
    for set in [
        "bad_data",
        "bom_test",
        "duplicate_primary_keys",
        "enrollment_change_files",
        "enrollment_with_deletes_test_files",
    ] {
        let Some((_, _, rejected)) = comes_in_whole(&format!("dirty_2026/{set}")) else { return };
        let mut csv = RejectedCsv::new(Vec::new());
        for row in &rejected {
            csv.write(row).expect("memory");
        }
        csv.finish().expect("memory");
    }
}
