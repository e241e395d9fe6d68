use std::{path::Path, sync::Arc};

use throughline_domain::{Code, Draft, Event, EventId, JourneyId};
use throughline_log::Log;
use uuid::Uuid;

use super::*;
use crate::{
    Guard, Page,
    page::{Cell, Section, Table},
    register::Standing,
};

const NOW: &str = "2026-03-01T09:00:00Z";

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

struct Data {
    _dir: tempfile::TempDir,
    log: Log,
}

/// A log of this many people who enrolled, written down on the first of January 2025.
fn data(people: u128) -> Data {
    let dir = tempfile::tempdir().expect("a directory");
    let log = Log::open(Path::new(dir.path()), Arc::new(|| time("2025-01-01T00:00:00Z"))).expect("a log");
    let data = Data { _dir: dir, log };
    for person in 0..people {
        data.enrols(person);
    }
    data
}

impl Data {
    fn enrols(&self, person: u128) {
        let facts = [
            (
                "throughline.intake.journey-opened.v1",
                serde_json::json!({"role": "participant", "language": "en"}),
            ),
            ("throughline.intake.enrolled.v1", serde_json::json!({"enrolment": "e1", "programme": "homes"})),
        ];
        let batch = facts.into_iter().enumerate().map(|(at, (name, facts))| Draft {
            event_id: EventId::new(Uuid::from_u128(person * 10 + at as u128 + 1)),
            journey: JourneyId::new(Uuid::from_u128(1_000_000 + person)),
            actor: throughline_domain::Actor::new("worker:w1").expect("an actor"),
            on_behalf_of: None,
            eyes: throughline_domain::Eyes::Staff,
            occurred: throughline_domain::Occurred::On("2024-12-01".parse().expect("a day")),
            cause: None,
            source: None,
            event: Event::from_json(name, facts, serde_json::Value::Null).expect("a fact"),
        });
        self.log.append(batch.collect(), &[]).expect("written");
    }

    fn run(&self, text: &str, judge: Judge<'_>) -> Result<Finished, Error> {
        with(&self.log, text, &program(), time(NOW), judge, &mut |_| true)
    }

    fn tries(&self) -> Tries {
        Tries::read(&self.log).expect("tries")
    }
}

fn program() -> Program {
    Program { version: "0.1.0".into(), sha256: None }
}

fn spec(family: &str, question: &str, history: &str) -> String {
    format!(
        "version = 1\nkind = \"alert\"\nquestion = \"{question}\"\n[history]\n{history}\n[cohort]\nenter = \"enrolled\"\n\
         [outcome]\nname = \"left\"\nwhen = \"exited\"\n[alert]\ncandidate = \"true\"\n[report]\nfamily = \"{family}\"\n"
    )
}

/// Counts the cohort.
#[allow(clippy::unnecessary_wraps, reason = "as every kind is called")]
fn counted(_: &Spec, _: &History, cohort: &Cohort<'_>) -> Result<Found, Error> {
    let rows = vec![vec![Cell::Text("entered".into()), Cell::Count(cohort.entrants.len() as u64)]];
    let columns = vec![String::new(), "clients".into()];
    let table = Table { name: "cohort".into(), caption: "Cohort".into(), columns, rows };
    let section = Section { heading: "Cohort".into(), tables: vec![table], ..Section::default() };
    Ok(Found { page: Page { title: String::new(), sections: vec![section] }, p_value: Some(0.03) })
}

fn refused(_: &Spec, _: &History, _: &Cohort<'_>) -> Result<Found, Error> {
    Err(Refusal::new(Guard::Comparable, "the groups do not overlap", "choose others").into())
}

#[test]
fn a_spec_is_registered_before_its_history_is_read() {
    let data = data(12);
    let judge = |spec: &Spec, history: &History, cohort: &Cohort<'_>| {
        assert_eq!(
            data.tries()
                .registration(&register::hash_of(&spec_text()), history.as_of, u64::MAX)
                .map(|it| it.tries),
            Some(1)
        );
        assert!(
            history
                .programmes
                .iter()
                .any(|known| known.recorded.draft.event.fact_name() == "backtest-registered")
        );
        counted(spec, history, cohort)
    };
    let finished = data.run(&spec_text(), &judge).expect("finished");
    assert_eq!(finished.report.registration.standing, Standing::BeforeTheResults);
    assert_eq!(finished.report.registration.position, 24);
    assert_eq!(register::text_of(&data.log, finished.id).expect("read"), Some(spec_text()));
}

fn spec_text() -> String {
    spec("f", "one", "")
}

#[test]
fn a_spec_run_again_gives_the_same_bytes_whatever_came_meanwhile() {
    let data = data(12);
    let first = data.run(&spec_text(), &counted).expect("finished");
    let events = data.log.events();
    for person in 100..120 {
        data.enrols(person);
    }
    data.run(&spec("f", "another", ""), &counted).expect("finished");
    let again = data.run(&spec_text(), &counted).expect("finished");
    assert_eq!(first.json, again.json);
    assert_eq!((first.sha256, again.differs_from), (again.sha256, None));
    assert_eq!(data.log.events(), events + 40 + 2, "the second run of a spec writes nothing");
}

#[test]
fn a_report_that_is_no_longer_the_one_noted_says_so() {
    let data = data(12);
    let first = data.run(&spec_text(), &counted).expect("finished");
    let again = data.run(&spec_text(), &refused).expect("finished");
    assert_eq!(again.differs_from, Some(first.sha256));
}

#[test]
fn what_is_registered_after_its_family_was_read_is_exploratory_and_nothing_else_is() {
    let data = data(12);
    register::register(&data.log, &spec("f", "registered in time", ""), time(NOW)).expect("registered");
    data.run(&spec("f", "one", ""), &counted).expect("finished");
    let standing = |text: &str| data.run(text, &counted).expect("finished").report.registration;
    let early = standing(&spec("f", "registered in time", ""));
    assert_eq!((early.standing, early.tries), (Standing::BeforeTheResults, 2));
    let late = standing(&spec("f", "late", ""));
    assert_eq!((late.standing, late.tries, late.tries_in_all), (Standing::Exploratory, 3, 3));
    let other = standing(&spec("g", "another family", ""));
    assert_eq!((other.standing, other.tries, other.tries_in_all), (Standing::BeforeTheResults, 1, 4));
    let ahead = standing(&spec("h", "what is to come", "as_of = \"2027-01-01T00:00:00Z\""));
    assert_eq!(ahead.standing, Standing::BeforeTheFacts);
}

#[test]
fn p_values_are_adjusted_for_every_try_of_the_family_the_unread_too() {
    let data = data(12);
    register::register(&data.log, &spec("f", "never run", ""), time(NOW)).expect("registered");
    let first = data.run(&spec("f", "one", ""), &counted).expect("finished").report.family;
    assert_eq!(first.len(), 1);
    assert!((first[0].adjusted - 0.06).abs() < 1e-12, "{first:?}");
    let second = data.run(&spec("f", "two", ""), &counted).expect("finished").report.family;
    assert_eq!(second.len(), 2);
    assert!(second.iter().all(|tried| (tried.adjusted - 0.09).abs() < 1e-12), "{second:?}");
    assert_eq!(second.iter().filter(|tried| tried.this).count(), 1);
}

#[test]
fn a_guard_that_refuses_gives_a_report_and_is_noted() {
    let data = data(12);
    let finished = data.run(&spec_text(), &refused).expect("finished");
    assert_eq!(finished.report.answer, crate::Answer::Refused);
    let tries = data.tries();
    let noted = tries.finished(&register::hash_of(&spec_text())).expect("noted");
    assert_eq!(
        (noted.answer.as_str(), noted.guard.as_ref().map(Code::as_str)),
        ("refused", Some("comparable"))
    );
    assert_eq!(noted.report.as_str(), finished.sha256);
}

#[test]
fn a_cancelled_backtest_leaves_its_registration_and_no_end() {
    let data = data(12);
    for stop_at in 0..3 {
        let mut calls = 0;
        let watch: Watch<'_> = &mut |_| {
            calls += 1;
            calls <= stop_at
        };
        let stopped = with(&data.log, &spec_text(), &program(), time(NOW), &counted, watch);
        assert!(matches!(stopped, Err(Error::Cancelled)), "{stopped:?}");
    }
    assert_eq!(data.log.events(), 25);
    assert!(data.tries().finished(&register::hash_of(&spec_text())).is_none());
}

#[test]
fn the_json_of_a_report_withholds_what_the_page_withholds() {
    let data = data(7);
    let finished = data.run(&spec_text(), &counted).expect("finished");
    let json: serde_json::Value = serde_json::from_slice(&finished.json).expect("json");
    assert_eq!(json.pointer("/page/sections/0/tables/0/rows/0/1"), Some(&"withheld".into()));
    let enough = self::data(11).run(&spec_text(), &counted).expect("finished");
    let json: serde_json::Value = serde_json::from_slice(&enough.json).expect("json");
    assert_eq!(json.pointer("/page/sections/0/tables/0/rows/0/1"), Some(&11.into()));
}
