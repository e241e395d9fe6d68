//! What a history shows to be wrong, and what puts it right.

use serde_json::{Value, json};
use throughline_domain::{Eyes, Fact};
use throughline_projection::{
    Answers, Programmes,
    testing::{fact, fact_in_words, given, nth},
};
use throughline_quality::{Quality, Tally};

fn said(when: &str, name: &str, facts: Value) -> Fact {
    fact(when, Eyes::Staff, name, facts)
}

fn opened(when: &str) -> Fact {
    said(when, "journey-opened", json!({"role": "participant", "language": "af"}))
}

fn enrolled(when: &str, enrolment: &str) -> Fact {
    said(when, "enrolled", json!({"enrolment": enrolment, "programme": "shelter"}))
}

fn served(when: &str, enrolment: Option<&str>) -> Fact {
    let facts = json!({"enrolment": enrolment, "service": "bed-night", "life_area": "housing", "format": "in-person"});
    said(when, "service-delivered", facts)
}

fn exited(when: &str, enrolment: &str, kind: Option<&str>) -> Fact {
    let destination = kind.map(|kind| json!({"kind": kind}));
    said(when, "exited", json!({"enrolment": enrolment, "destination": destination}))
}

/// The rules broken on a day, oldest first.
fn rules(day: &str, facts: impl IntoIterator<Item = Fact>) -> Vec<String> {
    given::<Quality>(facts).on(day).problems.into_iter().map(|problem| problem.rule.to_string()).collect()
}

#[test]
fn an_orderly_history_has_no_problems() {
    let life = [
        opened("2026-03-01"),
        enrolled("2026-03-01", "e1"),
        served("2026-03-02", Some("e1")),
        served("2026-03-03", Some("e1")),
        exited("2026-03-10", "e1", Some("permanent")),
    ];
    assert_eq!(rules("2026-12-31", life), Vec::<String>::new());
}

#[test]
fn a_service_before_its_enrolment_is_unknown_first_and_early_once_the_enrolment_is_there() {
    let life = || {
        [
            opened("2026-03-01"),
            served("2026-03-02", Some("e1")),
            enrolled("2026-03-05", "e1"),
            served("2026-03-06", Some("e1")),
        ]
    };
    assert_eq!(rules("2026-03-04", life()), ["enrolment-unknown"]);
    let answer = given::<Quality>(life()).on("2026-03-05");
    assert_eq!((answer.count, answer.problems[0].rule.as_str()), (1, "before-enrolment"));
    assert_eq!(answer.problems[0].evidence, [life()[1].id, life()[2].id]);
}

#[test]
fn an_exit_before_entry_is_named_as_one() {
    let life =
        [opened("2026-03-01"), exited("2026-03-02", "e1", Some("permanent")), enrolled("2026-03-05", "e1")];
    assert_eq!(rules("2026-03-05", life), ["exit-before-entry"]);
}

#[test]
fn a_service_on_the_day_of_an_enrolment_whose_hour_is_known_is_in_order() {
    let life =
        [opened("2026-03-01"), served("2026-03-05", Some("e1")), enrolled("2026-03-05T10:00:00+02:00", "e1")];
    assert_eq!(rules("2026-03-05", life), Vec::<String>::new());
    let answered = said("2026-03-05", "request-answered", json!({"request": "r1", "answer": "full"}));
    let asked = json!({"request": "r1", "about": "x", "format": "phone"});
    let asked = |when| said(when, "request-received", asked.clone());
    let same_day = [opened("2026-03-01"), answered.clone(), asked("2026-03-05T09:00:00+02:00")];
    assert_eq!(rules("2026-03-06", same_day), Vec::<String>::new());
    assert_eq!(
        rules("2026-03-06", [opened("2026-03-01"), answered, asked("2026-03-06")]),
        ["request-unknown"]
    );
}

#[test]
fn a_service_after_exit_is_shown_with_the_exit() {
    let life = [
        opened("2026-03-01"),
        enrolled("2026-03-01", "e1"),
        exited("2026-03-10", "e1", Some("permanent")),
        served("2026-03-10", Some("e1")),
        served("2026-03-11", Some("e1")),
        served("2026-03-12", None),
    ];
    let problems = given::<Quality>(life.clone()).on("2026-03-31").problems;
    assert_eq!((problems.len(), problems[0].rule.as_str()), (1, "service-after-exit"));
    assert_eq!(problems[0].evidence, [life[4].id, life[2].id]);
    let same_evening = [
        opened("2026-03-01"),
        enrolled("2026-03-01", "e1"),
        exited("2026-03-10", "e1", Some("permanent")),
        served("2026-03-10T20:00:00+02:00", Some("e1")),
    ];
    assert_eq!(rules("2026-03-31", same_evening), Vec::<String>::new());
}

#[test]
fn a_follow_up_before_its_outcome_is_named_as_one() {
    let held = json!({"outcome": "o1", "format": "phone", "result": "still-holds"});
    let reached =
        json!({"outcome": "o1", "what": "stable-housing", "life_area": "housing", "evidence": "lease-seen"});
    let life = || {
        [
            opened("2026-03-01"),
            said("2026-03-02", "follow-up-held", held.clone()),
            said("2026-03-05", "outcome-reached", reached.clone()),
        ]
    };
    assert_eq!(rules("2026-03-04", life()), ["outcome-not-reached"]);
    assert_eq!(rules("2026-03-05", life()), ["follow-up-before-outcome"]);
}

#[test]
fn a_fact_before_the_opening_or_after_death_is_shown() {
    let life = || {
        [
            served("2026-02-01", None),
            opened("2026-03-01"),
            said("2026-03-05", "died", json!({})),
            served("2026-03-06", None),
        ]
    };
    assert_eq!(rules("2026-02-28", life()), ["not-opened"]);
    assert_eq!(rules("2026-03-06", life()), ["before-opening", "after-death"]);
}

#[test]
fn the_same_service_twice_in_a_day_is_a_duplicate_unless_the_hours_tell_them_apart() {
    let twice = |first: &str, second: &str| {
        let service = |when: &str| served(when, Some("e1"));
        rules(
            "2026-03-31",
            [opened("2026-03-01"), enrolled("2026-03-01", "e1"), service(first), nth(2, service(second))],
        )
    };
    assert_eq!(twice("2026-03-05", "2026-03-05"), ["duplicate"]);
    assert_eq!(twice("2026-03-05", "2026-03-05T10:00:00+02:00"), ["duplicate"]);
    assert_eq!(twice("2026-03-05T10:00:00+02:00", "2026-03-05T14:00:00+02:00"), Vec::<String>::new());
    assert_eq!(twice("2026-03-05", "2026-03-06"), Vec::<String>::new());
}

#[test]
fn two_enrolments_in_one_programme_overlap_unless_one_ends_the_day_the_other_begins() {
    let second = |when: &str| {
        [
            opened("2026-03-01"),
            enrolled("2026-03-01", "e1"),
            enrolled(when, "e2"),
            exited("2026-03-10", "e1", Some("temporary")),
        ]
    };
    assert_eq!(rules("2026-03-31", second("2026-03-09")), ["overlapping-enrolment"]);
    assert_eq!(rules("2026-03-31", second("2026-03-10")), Vec::<String>::new());
}

#[test]
fn a_birth_after_the_opening_is_shown_and_the_day_of_birth_is_not_kept() {
    let facts = json!({"role": "participant", "language": "en"});
    let born = |born: &str| {
        fact_in_words("2026-03-01", Eyes::Client, "journey-opened", facts.clone(), json!({"born": born}))
    };
    assert_eq!(rules("2026-03-01", [born("2026-03-02")]), ["born-after-opening"]);
    assert_eq!(rules("2026-03-01", [born("2026-03-01")]), Vec::<String>::new());
    let stored = format!("{:?}", given::<Quality>([born("1987-06-05")]).view);
    assert!(!stored.contains("1987"), "a day of birth is personal and has no place in a view");
}

#[test]
fn an_enrolment_is_forgotten_after_a_year_without_a_service_until_the_next() {
    let life = || {
        [
            opened("2024-03-01"),
            enrolled("2024-03-01", "e1"),
            served("2024-04-01", Some("e1")),
            served("2025-06-01", None),
        ]
    };
    assert_eq!(rules("2025-04-01", life()), Vec::<String>::new());
    assert_eq!(rules("2025-04-02", life()), ["no-service-for-a-year"]);
    assert_eq!(rules("2025-06-01", life()), Vec::<String>::new());
    assert_eq!(rules("2026-06-02", life()), ["no-service-for-a-year"]);
    let left = life().into_iter().chain([exited("2025-07-01", "e1", Some("permanent"))]);
    assert_eq!(rules("2026-06-02", left), Vec::<String>::new());
    let died = life().into_iter().chain([said("2025-07-01", "died", json!({}))]);
    assert_eq!(rules("2026-06-02", died), Vec::<String>::new());
}

#[test]
fn an_exit_to_nobody_knows_where_misses_its_destination() {
    let life = |kind| [opened("2026-03-01"), enrolled("2026-03-01", "e1"), exited("2026-03-10", "e1", kind)];
    assert_eq!(rules("2026-03-10", life(None)), ["destination-missing"]);
    assert_eq!(rules("2026-03-10", life(Some("unknown"))), ["destination-missing"]);
    assert_eq!(rules("2026-03-10", life(Some("other"))), Vec::<String>::new());
}

#[test]
fn every_line_of_the_work_list_says_what_puts_it_right() {
    let life = given::<Quality>([
        opened("2026-03-01"),
        enrolled("2026-03-01", "e1"),
        exited("2026-03-10", "e1", None),
    ]);
    let work = life.work("data-quality", "2026-03-15");
    assert_eq!((work[0].what.as_str(), work[0].days), ("destination-missing", 5));
    assert_eq!(
        work[0].because,
        "nobody wrote down where the client went when they left; correct the exit with its destination"
    );
    assert!(life.work("promises", "2026-03-15").is_empty());
}

#[test]
fn a_fact_breaks_one_rule_once_however_often() {
    let items = json!([{"item": "i1", "answer": 9}, {"item": "i2", "answer": 9}]);
    let reading = json!({"instrument": "own", "measure": "trust", "value": 9, "scale": {"min": 1, "max": 5},
        "items": items});
    assert_eq!(
        rules("2026-03-02", [opened("2026-03-01"), said("2026-03-02", "reading-taken", reading)]),
        ["off-scale"]
    );
}

#[test]
fn a_client_is_counted_from_their_first_day() {
    let clients = |day: &str| {
        let mut tally = Tally::default();
        let view = given::<Quality>([opened("2026-03-02")]).view;
        Quality::tally(&mut tally, &view, day.parse().expect("a date"), &Programmes::default());
        Quality::figures(tally)[0].denominator
    };
    assert_eq!((clients("2026-03-01"), clients("2026-03-02")), (Some(0), Some(1)));
}
