//! Whole HMIS exports come in, every row accounted for once. They lie beside the project; without them these tests
//! say so and pass.

mod account;
mod recorder;
mod support;

use account::{every_row_ended_in_one_place, every_row_is_counted};
use recorder::Recorder;
use support::{data, import};
use throughline_domain::vocabulary;
use throughline_exchange::import::{Rejected, Report};

fn comes_in_whole(set: &str) -> Option<(Recorder, Report, Vec<Rejected>)> {
    let directory = data(set)?;
    let rehearsal = import(&Recorder::default(), &directory, true);
    let log = Recorder::default();
    let (report, rejected) = import(&log, &directory, false);
    every_row_is_counted(&directory, &report);
    every_row_ended_in_one_place(&report, &rejected, &log);
    assert_eq!(report.events + 1, log.all().len() as u64, "its events, and the report of it");
    let mut said = rehearsal.0.clone();
    (said.dry_run, said.recorded) = (false, report.recorded);
    assert_eq!(said, report, "a rehearsal says the same");

    let (again, _) = import(&log, &directory, false);
    assert_eq!((again.events, again.repeated), (0, report.events), "a second run adds nothing");
    assert_eq!((log.all().len() as u64, again.recorded), (report.events + 1, None), "nor a second report");
    Some((log, report, rejected))
}

/// Rows, events, rows with a warning, rows rejected.
fn totals(report: &Report) -> [u64; 4] {
    [report.rows, report.events, report.warnings, report.rejected]
}

#[test]
fn the_demo_of_2026_comes_in_whole() {
    let Some((log, report, _)) = comes_in_whole("demo_2026") else { return };
    let areas = vocabulary::get("life-area").expect("a closed vocabulary");
    for recorded in log.all() {
        if let Some(area) = recorded.draft.event.facts_json()["life_area"].as_str() {
            assert!(areas.term(area).is_some(), "{area} of {:?}", recorded.draft.event);
        }
    }
    assert_eq!(report.format, "2026 v1");
    assert_eq!(totals(&report), [77_694, 145_858, 16_021, 0]);
}

#[test]
fn five_years_of_fy2020_come_in_whole() {
    let Some((_, report, _)) = comes_in_whole("longitudinal_2014_2019") else { return };
    assert_eq!(totals(&report), [4_005, 9_710, 204, 0]);
}

#[test]
fn the_set_for_returns_to_homelessness_comes_in_whole() {
    let Some((_, report, _)) = comes_in_whole("spm/measure_two") else { return };
    assert_eq!(totals(&report), [37, 42, 7, 0]);
}

#[test]
fn dirty_exports_are_accounted_for_row_by_row() {
    for (set, expected) in [
        ("bad_data", [180, 144, 134, 34]),
        ("bom_test", [49, 34, 2, 13]),
        ("duplicate_primary_keys", [55, 40, 2, 17]),
        ("enrollment_change_files", [48, 34, 2, 12]),
        ("enrollment_with_deletes_test_files", [48, 13, 23, 12]),
    ] {
        let Some((_, report, _)) = comes_in_whole(&format!("dirty_2026/{set}")) else { return };
        assert_eq!(totals(&report), expected, "{set}");
    }
}

#[test]
fn the_log_on_disk_takes_an_export_and_knows_it_again() {
    let Some(directory) = data("longitudinal_2014_2019") else { return };
    let place = tempfile::tempdir().expect("a directory for the test");
    let clock = || "2026-11-21T12:00:00Z".parse().expect("an instant");
    let log = throughline_log::Log::open(place.path(), std::sync::Arc::new(clock)).expect("a new log");
    let (report, _) = import(&log, &directory, false);
    assert_eq!(totals(&report), [4_005, 9_710, 204, 0]);
    let (again, _) = import(&log, &directory, false);
    assert_eq!((again.events, again.repeated), (0, 9_710));
}

#[test]
fn every_row_of_every_set_is_counted_once() {
    let Some(root) = data(".") else { return };
    let mut waiting = vec![root];
    let mut sets = 0;
    while let Some(directory) = waiting.pop() {
        let entries = std::fs::read_dir(&directory).expect("a directory of the sets").flatten();
        waiting.extend(entries.map(|entry| entry.path()).filter(|path| path.is_dir()));
        if directory.join("Export.csv").exists() {
            let log = Recorder::default();
            let (report, rejected) = import(&log, &directory, false);
            every_row_is_counted(&directory, &report);
            every_row_ended_in_one_place(&report, &rejected, &log);
            sets += 1;
        }
    }
    assert!(sets >= 8, "{sets} sets");
}
