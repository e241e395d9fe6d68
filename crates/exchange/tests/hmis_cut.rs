//! An import cut short at any point and run again.

mod recorder;
mod support;

use proptest::prelude::*;
use recorder::Recorder;
use support::source::*;
use throughline_exchange::import::Completeness;

/// The sources in their order, each begun anew until it comes to its end; `cuts` says after how many appends a log
/// fails.
fn with_cuts(sources: &[&Source], cuts: &[usize], batch_events: usize) -> Recorder {
    let log = Recorder::default();
    let mut cuts = cuts.iter().copied();
    for source in sources {
        let directory = source.write();
        loop {
            log.fail_after(cuts.next());
            let tried =
                support::try_import(&log, directory.path(), Completeness::AsTheSourceSays, batch_events);
            log.fail_after(None);
            if tried.is_ok() {
                break;
            }
        }
    }
    log
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_import_cut_short_anywhere_and_run_again_leaves_the_log_as_if_it_had_not_been(
        cuts in proptest::collection::vec(0usize..12, 0..8),
        batch_events in 1usize..6,
    ) {
        let first = source();
        let second = Source {
            services: vec![S1, "s3,e2,p1,2025-03-05,200,200,2025-03-05,2025-10-10,"],
            incomes: vec!["i1,e2,p1,2025-03-01,1,1,700,99,,2025-03-01,2025-10-20,"],
            enrolments: vec![E1, E2],
            clients: vec![P1],
            ..source().later()
        };
        let third = Source { made: "2025-12-01", ..source() };
        let sources = [&first, &second, &third];
        let straight = with_cuts(&sources, &[], 2_000);
        let cut = with_cuts(&sources, &cuts, batch_events);
        prop_assert_eq!(lives(&cut), lives(&straight));
        prop_assert_eq!(cut.held(), straight.held());
    }
}

/// A life of an export: rows go and come back, are deleted and restored, go to another person and back.
fn a_life() -> Vec<Source> {
    let services = |made, row| Source { made, services: vec![S1, row], ..source() };
    vec![
        source(),
        Source { services: vec![S1], exits: vec![], ..source().later() },
        Source { made: "2025-11-15", ..source() },
        services("2025-11-20", "s2,e2,p1,2025-03-03,200,200,2025-03-03,2025-11-18,2025-11-18"),
        services("2025-12-01", "s2,e2,p1,2025-03-04,200,200,2025-03-03,2025-11-25,"),
        services("2025-12-10", "s2,e3,p2,2025-04-03,200,200,2025-03-03,2025-12-05,"),
        services("2025-12-20", "s2,e2,p1,2025-03-04,200,200,2025-03-03,2025-12-15,"),
    ]
}

/// Every cut, each alone: what a run wrote of which it could not say any more who brought it in, the next run names.
#[test]
fn what_a_killed_run_wrote_is_named_by_the_next_whatever_it_was() {
    for nth in 0..a_life().len() {
        for cut in 1.. {
            let log = Recorder::default();
            let mut sources = a_life();
            sources.truncate(nth + 1);
            let last = sources.pop().expect("one more");
            for source in &sources {
                source.comes_into(&log);
            }
            let (before, directory) = (log.all().len(), last.write());
            let import = || support::try_telling(&log, directory.path(), Completeness::AsTheSourceSays, 1);
            log.fail_after(Some(cut));
            let came_through = import().is_ok();
            log.fail_after(None);
            if came_through {
                break;
            }
            let written = log.all().len();
            let (named, _) = import().expect("the log takes all");
            let unnamed: Vec<_> = log.all()[before..written]
                .iter()
                .filter(|one| !named.contains(&one.position.0))
                .map(|one| (one.position, one.draft.event.facts_json().to_string()))
                .collect();
            assert!(unnamed.is_empty(), "export {nth}, killed after {cut}: {unnamed:?}");
        }
    }
}

#[test]
fn an_export_that_was_not_read_to_its_end_misses_nothing() {
    let log = Recorder::default();
    source().comes_into(&log);
    let whole = lives(&log);
    let without = Source { services: vec![], incomes: vec![], ..source().later() };
    let report = support::stopped(&log, without.write().path());
    assert!(report.interrupted && report.recorded.is_none());
    assert_eq!((report.retractions, lives(&log)), (0, whole));
    assert!(without.comes_into(&log).retractions >= 4);
}
