//! An import of mapped files, or of events, that is cut short after any batch and run again: the log is as if it had
//! not been, and a further run adds nothing.

mod mapping;
mod recorder;

use std::{collections::BTreeSet, path::Path, sync::atomic::AtomicBool};

use mapping::{Cut, cut_and_again, data, files, mapping, options, published, rows_of};
use recorder::Recorder;
use throughline_exchange::{
    cloud_event, events,
    import::{Options, Progress, Report},
    mapped::{self, Mapping},
};

/// Events in one batch: few, so that there are many batches to be cut after.
const BATCH_EVENTS: usize = 20;

/// Persons of the trials that are enough to be cut among: more than a hundred batches.
const PERSONS: usize = 20;

/// Cuts after one batch, after two, and then ever further, into what is some hundred batches.
fn cuts() -> impl Iterator<Item = Cut> {
    [1, 2, 3, 5, 8, 13, 21, 34, 55, 89]
        .into_iter()
        .flat_map(|after| [Cut::Stopped(after), Cut::Failed(after)])
}

/// Fails unless an import cut at any of these places and run again is the import; how many of the cuts were within.
fn is_the_same_however_cut(run: impl Fn(&Recorder, Options<'_>) -> Option<Report>) -> usize {
    let straight = Recorder::default();
    let (cancel, mut quiet, mut ignore) = (AtomicBool::new(false), |_| {}, |_: &_| Ok(()));
    let report = run(&straight, options(&cancel, &mut quiet, &mut ignore)).expect("nothing is in the way");
    let held = straight.held();
    assert_eq!(held.len() as u64, report.events + 1, "each event once, and the report");

    let mut within = 0;
    for cut in cuts() {
        let log = Recorder::default();
        within += usize::from(cut_and_again(&log, cut, BATCH_EVENTS, |options| run(&log, options)));
        assert_eq!(log.all().len(), held.len(), "{cut:?}: nothing twice");
        assert!(log.held() == held, "{cut:?}: the same events of the same journeys");
        let again = run(&log, options(&cancel, &mut quiet, &mut ignore)).expect("nothing is in the way");
        assert_eq!((again.events, again.repeated), (0, report.events), "{cut:?}: again adds nothing");
        assert_eq!(log.all().len(), held.len(), "{cut:?}: nor a second report");
    }
    within
}

fn brought(mapping: &Mapping, directory: &Path, log: &Recorder, options: Options<'_>) -> Option<Report> {
    mapped::import(mapping, directory, log, options).ok()
}

/// Twenty persons of the trials, from all parts of the list, in files of their own.
fn some_persons() -> Option<tempfile::TempDir> {
    let directory = data("ctn0094")?;
    let mut rows = csv::Reader::from_path(directory.join("everybody.csv")).expect("the persons");
    let persons = rows.records().map(|row| row.expect("a row")[0].to_owned());
    let some: BTreeSet<String> = persons.step_by(178).take(PERSONS).collect();
    assert_eq!(some.len(), PERSONS);
    Some(rows_of(&directory, &some))
}

#[test]
fn trials_cut_short_after_any_batch_and_run_again_are_the_trials() {
    let Some(part) = some_persons() else { return };
    let mapping = published("ctn0094");
    let within = is_the_same_however_cut(|log, options| brought(&mapping, part.path(), log, options));
    assert!(within >= 16, "{within} cuts were within the import");
}

#[test]
fn all_rows_to_come_are_told_from_the_first_batch_on() {
    let Some(part) = some_persons() else { return };
    let (cancel, mut totals, mut ignore) = (AtomicBool::new(false), BTreeSet::new(), |_: &_| Ok(()));
    let mut note = |progress: Progress| {
        totals.insert(progress.rows_total);
    };
    let options = Options { batch_events: BATCH_EVENTS, ..options(&cancel, &mut note, &mut ignore) };
    let report = brought(&published("ctn0094"), part.path(), &Recorder::default(), options);
    let rows = report.expect("nothing is in the way").rows;
    assert_eq!(totals, BTreeSet::from([rows]), "rows of a file that only lookups read are rows too");
}

#[test]
fn events_cut_short_after_any_batch_and_run_again_are_the_events() {
    let Some(part) = some_persons() else { return };
    let source = Recorder::default();
    mapping::import(&source, &published("ctn0094"), part.path());
    let lives = source.all().into_iter().filter(|one| one.draft.event.fact_name() != "import-finished");
    let lines: Vec<String> = lives.map(|one| cloud_event::to_json(&one).to_string()).collect();
    let text = lines.join("\n");
    let within =
        is_the_same_however_cut(|log, options| events::import(text.as_bytes(), "lives", log, options).ok());
    assert!(within >= 16, "{within} cuts were within the import");
}

const VISITS: &str = r#"version = 1
source = "desk"

[[tables]]
file = "visits.csv"
journey = "client"
key = "nr"

[[tables.facts]]
fact = "throughline.transaction.service-delivered.v1"
on = { date = "day" }
facts = { service = { column = "what" }, life_area = "wellbeing", format = "in-person" }
"#;

/// A changed file after a first one, the later run cut: corrections and retractions come once too.
#[test]
fn a_later_state_of_the_files_cut_short_and_run_again_amends_each_fact_once() {
    let visits = |changed: bool| {
        let rows = (1..=300).filter(|nr| !changed || nr % 7 != 0).map(|nr| {
            let what = if changed && nr % 3 == 0 { "budget-coaching" } else { "counselling" };
            format!("{nr},c{},2025-01-{:02},{what}\n", nr % 20, nr % 28 + 1)
        });
        files(&[("visits.csv", &format!("nr,client,day,what\n{}", rows.collect::<Vec<_>>().concat()))])
    };
    let (before, after, mapping) = (visits(false), visits(true), mapping(VISITS));
    let full = |log: &Recorder, options: Options<'_>| {
        let completeness = throughline_exchange::import::Completeness::Full;
        brought(&mapping, after.path(), log, Options { completeness, ..options })
    };
    let begun = || {
        let log = Recorder::default();
        mapping::import(&log, &mapping, before.path());
        log
    };
    let straight = begun();
    let (cancel, mut quiet, mut ignore) = (AtomicBool::new(false), |_| {}, |_: &_| Ok(()));
    let report = full(&straight, options(&cancel, &mut quiet, &mut ignore)).expect("nothing is in the way");
    assert_eq!((report.corrections, report.retractions), (86, 42));
    for after in 1..16 {
        for cut in [Cut::Stopped(after), Cut::Failed(after)] {
            let log = begun();
            cut_and_again(&log, cut, 20, |options| full(&log, options));
            assert!(log.held() == straight.held(), "{cut:?}");
            assert_eq!(log.all().len(), straight.all().len(), "{cut:?}: nothing twice");
        }
    }
}
