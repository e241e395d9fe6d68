//! The same source again, later: what is unchanged adds nothing, what changed is corrected, what was deleted is taken
//! back, and what was erased here stays erased.

mod recorder;
mod support;

use std::sync::atomic::{AtomicBool, Ordering};

use jiff::civil::date;
use recorder::{NAMESPACE, Recorder};
use support::{data, export, import, stands, told};
use throughline_domain::{Code, Event, JourneyId};
use throughline_exchange::{
    hmis,
    import::{Completeness, Finding, Ids, Options, Report},
};

const EXPORT: &str = "ExportID,ExportDate,CSVVersion,HashStatus\n1,2026-01-31,2026 v1,1\n";
const CLIENTS: &str = "PersonalID,FirstName,LastName,DateCreated,DateUpdated,UserID,DateDeleted\n\
    p1,Thandi,Mokoena,2025-01-02,2025-01-02,u1,\n";
const PROJECTS: &str = "ProjectID,ProjectName,OperatingStartDate,ProjectType\n7,Harbour House,2020-01-01,1\n";

fn stay(entry: &str, updated: &str, deleted: &str) -> String {
    format!(
        "EnrollmentID,PersonalID,ProjectID,EntryDate,DateCreated,DateUpdated,DateDeleted\n\
         e1,p1,7,{entry},2025-01-02,{updated},{deleted}\n"
    )
}

fn export_of(enrolment: &str) -> tempfile::TempDir {
    export(&[("Export", EXPORT), ("Client", CLIENTS), ("Project", PROJECTS), ("Enrollment", enrolment)])
}

fn journey(person: &str) -> JourneyId {
    Ids::new(NAMESPACE, Code::new("hmis").expect("a code")).person(person)
}

fn life(log: &Recorder, person: &str) -> Vec<String> {
    let day_and_name = |line: String| line.split(" {").next().unwrap_or_default().to_owned();
    log.life(journey(person)).iter().map(told).map(day_and_name).collect()
}

fn found(report: &Report, finding: Finding) -> u64 {
    report.findings.iter().filter(|count| count.code == finding).map(|count| count.rows).sum()
}

#[test]
fn a_changed_row_becomes_a_correction_and_changing_back_another() {
    let log = Recorder::default();
    let first = export_of(&stay("2025-01-02", "2025-01-02", ""));
    let later = export_of(&stay("2025-01-05", "2025-02-01", ""));
    let back = export_of(&stay("2025-01-02", "2025-03-01", ""));

    import(&log, first.path(), false);
    let (report, _) = import(&log, later.path(), false);
    assert_eq!((report.corrections, report.rejected), (2, 0), "the day of entry is also the journey's first");
    assert_eq!(found(&report, Finding::ChangedInSource), 2);
    assert_eq!(life(&log, "p1"), ["2025-01-05 journey-opened", "2025-01-05 enrolled"]);
    let (again, _) = import(&log, later.path(), false);
    assert_eq!(again.events, 0, "the same later export again");
    let (older, _) = import(&log, first.path(), false);
    assert_eq!(older.corrections, 0, "an older export does not undo a newer one");

    let (report, _) = import(&log, back.path(), false);
    assert_eq!(report.corrections, 2);
    assert!(life(&log, "p1").contains(&"2025-01-02 enrolled".to_owned()));
}

#[test]
fn a_row_deleted_in_the_source_is_taken_back_here() {
    let log = Recorder::default();
    let deleted = export_of(&stay("2025-01-02", "2025-02-01", "2025-02-01"));
    let (report, _) = import(&log, deleted.path(), false);
    assert_eq!((report.events, found(&report, Finding::DeletedInSource)), (2, 1), "client and project only");

    let log = Recorder::default();
    import(&log, export_of(&stay("2025-01-02", "2025-01-02", "")).path(), false);
    let (report, _) = import(&log, deleted.path(), false);
    assert_eq!(report.retractions, 1);
    assert!(life(&log, "p1").iter().all(|line| !line.contains("enrolled")));
    let (again, _) = import(&log, deleted.path(), false);
    assert_eq!(again.events, 0);
}

#[test]
fn a_row_given_to_another_client_moves() {
    let log = Recorder::default();
    let clients = format!("{CLIENTS}p2,Sipho,Dlamini,2025-01-02,2025-01-02,u1,\n");
    let of = |person: &str| {
        let enrolment = stay("2025-01-02", "2025-01-02", "").replace("e1,p1", &format!("e1,{person}"));
        export(&[("Export", EXPORT), ("Client", &clients), ("Project", PROJECTS), ("Enrollment", &enrolment)])
    };
    import(&log, of("p1").path(), false);
    let before = log.all().len() as u64;
    let (report, _) = import(&log, of("p2").path(), false);
    assert_eq!(found(&report, Finding::MovedInSource), 1);
    let (all, new) = stands(&log, of("p2").path());
    let moved = before..before + report.events;
    assert!(new == 0 && moved.clone().all(|position| all.contains(&position)), "{moved:?} in {all:?}");
    assert!(life(&log, "p1").iter().all(|line| !line.contains("enrolled")));
    assert!(life(&log, "p2").iter().any(|line| line.contains("enrolled")));
    let (again, _) = import(&log, of("p2").path(), false);
    assert_eq!(again.events, 0);
}

#[test]
fn nothing_is_written_about_a_person_who_was_erased() {
    let log = Recorder::default();
    log.erase(journey("p1"));
    let (report, _) = import(&log, export_of(&stay("2025-01-02", "2025-01-02", "")).path(), false);
    assert_eq!((report.events, report.warnings), (1, 2), "the project comes in; client and enrolment do not");
    assert_eq!(found(&report, Finding::Erased), 2);
    assert_eq!(
        report.rows,
        report.files.iter().map(|file| file.clean + file.warnings + file.rejected).sum::<u64>()
    );
}

#[test]
fn an_import_stopped_half_way_goes_on_when_run_again() {
    let Some(directory) = data("longitudinal_2014_2019") else { return };
    let whole = Recorder::default();
    let (complete, _) = import(&whole, &directory, false);

    let log = Recorder::default();
    let cancel = AtomicBool::new(false);
    let mut seen = Vec::new();
    let stopped = hmis::import(
        &directory,
        &log,
        Options {
            dry_run: false,
            completeness: Completeness::AsTheSourceSays,
            batch_events: 500,
            today: date(2026, 11, 21),
            cancel: &cancel,
            brought: &|_, _| {},
            progress: &mut |progress| {
                seen.push(progress);
                cancel.store(seen.len() >= 4, Ordering::Relaxed);
            },
            rejected: &mut |_| Ok(()),
        },
    )
    .expect("a stop is no error");
    assert!(stopped.interrupted && stopped.events < complete.events);
    assert!(
        seen.is_sorted_by_key(|progress| progress.rows)
            && seen.iter().all(|progress| progress.rows_total == 4005)
    );
    let (rest, _) = import(&log, &directory, false);
    assert_eq!(stopped.events + rest.events, complete.events);
    let ids = |log: &Recorder| {
        let mut ids: Vec<_> = log.all().iter().map(|recorded| recorded.draft.event_id).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&log), ids(&whole));
}

/// Read off the two sets: a client, two enrolments and the eighteen services of one of them are deleted; the third
/// enrolment says something else, but its row is older than the one known.
const CHANGES: (u64, u64) = (0, 1 + 2 + 18);

#[test]
fn two_exports_of_the_same_enrolments_differ_by_corrections_and_retractions() {
    let (Some(first), Some(second)) =
        (data("dirty_2026/enrollment_change_files"), data("dirty_2026/enrollment_with_deletes_test_files"))
    else {
        return;
    };
    let log = Recorder::default();
    import(&log, &first, false);
    let (after, _) = import(&log, &second, false);
    assert_eq!((after.corrections, after.retractions), CHANGES);
    let retracted =
        log.all().iter().filter(|recorded| matches!(recorded.draft.event, Event::Amendment(_))).count();
    assert_eq!(retracted as u64, after.retractions + after.corrections);
    assert!(!after.full, "its directive is `other`, so it is a part");
}

#[test]
fn sent_again_an_import_says_of_the_same_events_that_they_stand_there() {
    let log = Recorder::default();
    let stays = |lines: &str| stay("2025-01-02", "2025-01-02", "") + lines;
    let exports = [
        export_of(&stays(
            "e2,p1,7,2025-04-02,2025-04-02,2025-04-02,\ne3,p1,7,2025-05-02,2025-05-02,2025-05-02,\n",
        )),
        // One stay is corrected, one is deleted, and one is not there any more.
        export_of(
            &stay("2025-01-05", "2025-06-01", "")
                .replace("e1,p1", "e2,p1,7,2025-04-02,2025-04-02,2025-06-01,2025-06-01\ne1,p1"),
        ),
    ];
    for export in &exports {
        let before = log.all().len() as u64;
        let (first, new) = stands(&log, export.path());
        let report = log.all().len() as u64 - 1;
        assert!(new > 3 && (before..report).all(|position| first.contains(&position)), "{first:?}");
        assert_eq!(
            (new, first.contains(&report)),
            (report - before, false),
            "all that is new but its report"
        );
        assert_eq!(stands(&log, export.path()), (first, 0));
    }
    let amended =
        log.all().iter().filter(|recorded| matches!(recorded.draft.event, Event::Amendment(_))).count();
    assert!(amended > 3, "corrections and retractions are among it");
}
