//! Later exports: rows that are gone, facts that are told no more, deletions taken back, older exports.

mod recorder;
mod support;

use std::collections::BTreeMap;

use recorder::{NAMESPACE, Recorder};
use support::{data, import, import_as, source::*, told};
use throughline_domain::{Actor, Amendment, Code, Draft, Event, EventId, Eyes, Note, Occurred, Retracted};
use throughline_exchange::import::{Completeness, Finding, Ids};
use throughline_log::EventLog;

fn reasons(log: &Recorder) -> BTreeMap<String, usize> {
    let mut reasons = BTreeMap::new();
    for recorded in log.all() {
        if let Event::Amendment(Amendment::Retracted(retracted)) = &recorded.draft.event {
            *reasons.entry(retracted.why.to_string()).or_default() += 1;
        }
    }
    reasons
}

fn changes_nothing(log: &Recorder, source: &Source) {
    let before = log.all();
    let report = source.comes_into(log);
    assert_eq!((report.events, report.recorded), (0, None), "{:?}", report.findings);
    assert_eq!(log.all(), before);
}

#[test]
fn a_row_that_is_gone_from_a_full_export_is_taken_back_and_comes_back_with_it() {
    let log = Recorder::default();
    let first = source();
    assert!(first.comes_into(&log).full);
    let whole = lives(&log);

    let without = Source { services: vec![S1], ..first.later() };
    let report = without.comes_into(&log);
    assert_eq!((written(&report), found(&report, Finding::MissingInSource)), ([1, 0, 1, 0], 1));
    assert_eq!(reasons(&log), BTreeMap::from([("source-missing".to_owned(), 1)]));
    assert_eq!(lives(&log).len(), whole.len() - 1);
    changes_nothing(&log, &without);
    changes_nothing(&log, &first);

    // The row is back as it was, with the day it was last changed before all this.
    let back = Source { made: "2025-12-01", ..first };
    let report = back.comes_into(&log);
    assert_eq!((written(&report), found(&report, Finding::RestoredInSource)), ([1, 0, 0, 1], 1));
    assert_eq!(lives(&log), whole);
    changes_nothing(&log, &back);

    let gone_again = Source { made: "2026-01-01", ..without };
    assert_eq!(written(&gone_again.comes_into(&log)), [1, 0, 1, 0]);
    assert_eq!(lives(&log).len(), whole.len() - 1);
    changes_nothing(&log, &gone_again);
}

#[test]
fn nothing_is_missed_in_a_partial_export() {
    let log = Recorder::default();
    source().comes_into(&log);
    let (before, whole) = (log.all().len(), lives(&log));
    let little = Source {
        clients: vec![P1],
        enrolments: vec![E2],
        exits: vec![],
        services: vec![],
        incomes: vec![],
        ..source().later()
    };
    for kind in [("3", "1"), ("1", "2"), ("4", "3"), ("", "")] {
        let report = Source { kind, ..little.clone() }.comes_into(&log);
        assert_eq!((written(&report), report.full), ([0; 4], false), "{kind:?}");
    }
    let report = import_as(&log, little.write().path(), Completeness::Partial);
    assert_eq!((written(&report), report.full), ([0; 4], false), "what is asked goes before what it says");
    assert_eq!(lives(&log), whole);
    assert!(log.all()[before..].iter().all(|recorded| recorded.draft.event.fact_name() == "import-finished"));

    let partial = Source { kind: ("4", "3"), ..little };
    let report = import_as(&log, partial.write().path(), Completeness::Full);
    assert!(report.full && report.retractions > 5, "{:?}", written(&report));
    assert!(lives(&log).iter().all(|line| !line.contains("bed-night")), "{:?}", lives(&log));
}

#[test]
fn a_full_export_of_a_later_period_says_nothing_of_stays_that_ended_before() {
    let log = Recorder::default();
    source().comes_into(&log);
    let whole = lives(&log);
    let of_2025 = Source {
        period: ("2025-01-01", "2025-10-31"),
        enrolments: vec![E2, E3],
        exits: vec![],
        ..source().later()
    };
    let report = of_2025.comes_into(&log);
    assert_eq!((written(&report), report.full), ([0; 4], true));
    assert_eq!(lives(&log), whole, "the stay of 2024 stays, and the journey still opens with it");

    // A stay of that year that is not there is missed; a service after its end is not yet told.
    let report =
        Source { made: "2025-12-01", enrolments: vec![E2], clients: vec![P1], ..of_2025 }.comes_into(&log);
    assert_eq!(report.retractions, 2, "the stay of p2 and their opening: {:?}", lives(&log));
    assert!(log.life(journey("p2")).is_empty());
}

#[test]
fn a_file_that_is_not_there_or_not_readable_says_nothing_of_its_rows() {
    let log = Recorder::default();
    source().comes_into(&log);
    let whole = lives(&log);
    let without = Source { services: vec![], ..source().later() }.write();
    std::fs::remove_file(without.path().join("Services.csv")).expect("a file of the test");
    assert_eq!(written(&import(&log, without.path(), false).0), [0; 4]);

    let broken =
        Source { made: "2025-12-01", services: vec![S1, ",e2,p1,2025-03-03,200,200,,,"], ..source() };
    let report = broken.comes_into(&log);
    assert_eq!((written(&report), report.rejected), ([0; 4], 1), "the row without a key may be any");
    let refused = Source {
        made: "2025-12-02",
        services: vec![S1, "s2,e2,p1,soon,200,200,2025-03-03,2025-12-01,"],
        ..source()
    };
    let report = refused.comes_into(&log);
    assert_eq!(
        (written(&report), report.rejected),
        ([0; 4], 1),
        "a row that cannot be read keeps what it told"
    );
    assert_eq!(lives(&log), whole);
}

#[test]
fn what_a_changed_row_no_longer_tells_is_taken_back_whatever_the_export() {
    let log = Recorder::default();
    source().comes_into(&log);
    let whole = lives(&log);
    let earned = |lives: &[String]| lives.iter().filter(|line| line.contains("earned")).count();
    assert_eq!(earned(&whole), 1);
    let no_longer = "i1,e2,p1,2025-03-01,1,1,500,99,,2025-03-01,2025-10-20,";
    let changed = Source {
        kind: ("1", "1"),
        incomes: vec![no_longer],
        services: vec![],
        exits: vec![],
        ..source().later()
    };
    let report = changed.comes_into(&log);
    assert_eq!((written(&report), found(&report, Finding::ChangedInSource)), ([1, 0, 1, 0], 1));
    assert_eq!(earned(&lives(&log)), 0);
    assert_eq!(reasons(&log), BTreeMap::from([("source-changed".to_owned(), 1)]));
    changes_nothing(&log, &changed);
    changes_nothing(&log, &source());

    let unreadable = "i1,e2,p1,2025-03-01,1,1,some,99,,2025-03-01,2025-10-21,";
    let total = |lives: &[String]| lives.iter().filter(|line| line.contains("monthly-income")).count();
    let before = total(&lives(&log));
    let report = Source { made: "2025-11-02", incomes: vec![unreadable], ..changed.clone() }.comes_into(&log);
    assert_eq!((report.retractions, total(&lives(&log))), (0, before), "a cell nobody can read says nothing");

    let again = Source {
        made: "2025-12-01",
        incomes: vec!["i1,e2,p1,2025-03-01,1,1,500,1,250,2025-03-01,2025-11-20,"],
        ..changed
    };
    assert_eq!(written(&again.comes_into(&log))[3], 1);
    assert_eq!(lives(&log), whole);
}

#[test]
fn a_deletion_taken_back_restores_and_what_changed_meanwhile_is_corrected() {
    let log = Recorder::default();
    source().comes_into(&log);
    let whole = lives(&log);
    let deleted = |row: &'static str, made| Source { made, services: vec![S1, row], ..source() };
    let first = deleted("s2,e2,p1,2025-03-03,200,200,2025-03-03,2025-10-20,2025-10-20", "2025-11-01");
    let report = first.comes_into(&log);
    assert_eq!(written(&report), [1, 0, 1, 0]);
    changes_nothing(&log, &first);
    let back = deleted("s2,e2,p1,2025-03-04,200,200,2025-03-03,2025-11-20,", "2025-12-01");
    assert_eq!(
        written(&back.comes_into(&log)),
        [2, 1, 0, 1],
        "restored, and corrected to the day it now says"
    );
    assert!(lives(&log).iter().any(|line| line.starts_with("2025-03-04 service-delivered")));
    changes_nothing(&log, &back);
    changes_nothing(&log, &first);
    changes_nothing(&log, &source());

    let as_at_first = deleted("s2,e2,p1,2025-03-03,200,200,2025-03-03,2025-12-20,", "2026-01-01");
    assert_eq!(written(&as_at_first.comes_into(&log)), [1, 1, 0, 0]);
    assert_eq!(lives(&log), whole);
}

#[test]
fn a_first_stay_that_comes_back_moves_the_opening_back_to_its_day() {
    let log = Recorder::default();
    source().comes_into(&log);
    let whole = lives(&log);
    let gone = "e1,p1,7,2024-01-10,2024-01-10,2025-10-20,2025-10-20";
    let without = Source { enrolments: vec![gone, E2, E3], exits: vec![], ..source().later() };
    without.comes_into(&log);
    assert!(
        lives(&log).iter().any(|line| line.starts_with("2025-03-01 journey-opened")),
        "{:?}",
        lives(&log)
    );

    // The row is as it was before it was deleted, with the day it was last changed then.
    let back = Source { made: "2025-12-01", ..source() };
    back.comes_into(&log);
    assert_eq!(lives(&log), whole);
    changes_nothing(&log, &back);
}

#[test]
fn what_was_taken_back_by_hand_stays_so() {
    let log = Recorder::default();
    source().comes_into(&log);
    let service =
        Ids::new(NAMESPACE, Code::new("hmis").expect("a code")).event("services", "s2", "service-delivered");
    let by_hand = Draft {
        event_id: EventId::new(uuid::Uuid::from_u128(7)),
        journey: journey("p1"),
        actor: Actor::new("worker:w17").expect("an actor"),
        on_behalf_of: None,
        eyes: Eyes::Staff,
        occurred: Occurred::On(jiff::civil::date(2025, 10, 5)),
        cause: None,
        source: None,
        event: Event::Amendment(Amendment::Retracted(Retracted {
            event: service,
            why: Code::new("entered-twice").expect("a code"),
            personal: Note::default(),
        })),
    };
    log.append(vec![by_hand], &[]).expect("memory");
    let before = lives(&log);
    changes_nothing(&log, &source());
    let changed = "s2,e2,p1,2025-03-05,200,200,2025-03-03,2025-10-20,";
    let report = Source { services: vec![S1, changed], ..source().later() }.comes_into(&log);
    assert_eq!(written(&report), [0; 4]);
    assert_eq!(lives(&log), before);
}

#[test]
fn a_row_goes_to_another_client_and_back_and_changes_there() {
    let log = Recorder::default();
    source().comes_into(&log);
    let whole = lives(&log);
    let nights =
        |person| log.life(journey(person)).iter().map(told).filter(|line| line.contains("bed-night")).count();
    let to_p2 = Source {
        services: vec![S1, "s2,e3,p2,2025-04-03,200,200,2025-03-03,2025-10-20,"],
        ..source().later()
    };
    to_p2.comes_into(&log);
    assert_eq!((nights("p1"), nights("p2")), (1, 1));
    changes_nothing(&log, &to_p2);
    let changed = Source {
        made: "2025-11-15",
        services: vec![S1, "s2,e3,p2,2025-04-04,200,200,2025-03-03,2025-11-10,"],
        ..source()
    };
    assert_eq!(
        written(&changed.comes_into(&log)),
        [1, 1, 0, 0],
        "a fact that moved is corrected where it is"
    );
    // A partial export that does not speak of p2 at all brings it back.
    let back = Source {
        made: "2025-12-01",
        kind: ("1", "1"),
        clients: vec![P1],
        enrolments: vec![E1, E2],
        services: vec!["s2,e2,p1,2025-03-03,200,200,2025-03-03,2025-11-20,"],
        ..source()
    };
    back.comes_into(&log);
    assert_eq!((nights("p1"), nights("p2")), (2, 0));
    assert_eq!(lives(&log), whole);
    changes_nothing(&log, &back);
}

#[test]
fn an_older_export_after_a_newer_one_changes_nothing() {
    let log = Recorder::default();
    let old = source();
    old.comes_into(&log);
    let new = Source {
        services: vec![
            S1,
            "s3,e2,p1,2025-03-05,200,200,2025-03-05,2025-10-10,",
            // Recorded before the older export was made, and not in it all the same.
            "s4,e2,p1,2025-03-06,200,200,2025-03-06,2025-03-06,",
        ],
        incomes: vec!["i1,e2,p1,2025-03-01,1,1,700,99,,2025-03-01,2025-10-20,"],
        enrolments: vec![E1, E2],
        clients: vec![P1],
        ..source().later()
    };
    assert!(new.comes_into(&log).retractions >= 3);
    let (after, events) = (lives(&log), log.all().len());
    for _ in 0..2 {
        let report = old.comes_into(&log);
        assert_eq!(written(&report), [0; 4], "{:?}", report.findings);
    }
    assert_eq!((lives(&log), log.all().len()), (after, events));
}

#[test]
fn two_full_exports_of_different_programmes_stand_side_by_side() {
    let (Some(first), Some(second)) = (data("longitudinal_2014_2019"), data("demo_2026")) else { return };
    let log = Recorder::default();
    import(&log, &first, false);
    let (report, _) = import(&log, &second, false);
    assert_eq!((report.full, report.retractions, report.corrections), (true, 0, 0));
    let (again, _) = import(&log, &first, false);
    assert_eq!(again.events, 0);
}
