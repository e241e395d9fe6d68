//! From when to when a problem stands, whom it is laid before, and who is not asked.

use serde_json::json;
use throughline_projection::testing::{date, entered_for};
use throughline_quality::{Level, Quality};

use crate::client::{Client, ENTRY, client, exited, intake, measured, moved_in, night, said};
use throughline_projection::Answers as _;

/// On which of these days the rule is broken.
fn days(client: &Client, rule: &str, days: &[&str]) -> Vec<bool> {
    let life = client.given();
    days.iter()
        .map(|day| {
            assert_eq!(life.on(day), life.cut_on(day), "what comes later says nothing of {day}");
            life.on(day).problems.iter().any(|problem| problem.rule.as_str() == rule)
        })
        .collect()
}

#[test]
fn an_answer_given_late_is_missing_until_it_is_given() {
    let late = client().without_intake().and(intake("2026-03-09", json!({"disability": true})));
    assert_eq!(days(&late, "disability-unknown", &[ENTRY, "2026-03-08", "2026-03-09"]), [true, true, false]);
    let income = client().unmeasured("income-any", "entry");
    let income = income.and(measured("2026-03-09", "income-any", "entry", json!(true)));
    assert_eq!(
        days(&income, "income-missing-at-entry", &[ENTRY, "2026-03-08", "2026-03-09"]),
        [true, true, false]
    );
    let conflict = "income-conflicting-at-entry";
    let told = income.and(measured("2026-03-12", "income-ssi", "entry", json!(426)));
    assert_eq!(days(&told, conflict, &["2026-03-08", "2026-03-09", "2026-03-12"]), [false, true, false]);
}

#[test]
fn an_answer_at_exit_is_due_on_the_day_of_exit() {
    let left = client().and(exited("2026-03-10", "hmis-410"));
    assert_eq!(days(&left, "income-missing-at-exit", &["2026-03-09", "2026-03-10"]), [false, true]);
    let told = left.and(measured("2026-03-11", "income-any", "exit", json!(false)));
    assert_eq!(days(&told, "income-missing-at-exit", &["2026-03-10", "2026-03-11"]), [true, false]);
}

#[test]
fn a_source_named_before_the_question_was_asked_again_counts_no_more() {
    let told = client()
        .unmeasured("income-any", "entry")
        .and(measured(ENTRY, "income-any", "entry", json!(true)))
        .and(measured(ENTRY, "income-ssi", "entry", json!(426)))
        .and(measured("2026-03-09", "income-any", "entry", json!(false)));
    assert_eq!(days(&told, "income-conflicting-at-entry", &[ENTRY, "2026-03-09"]), [false, false]);
}

#[test]
fn what_time_alone_makes_wrong_stands_until_it_is_ended() {
    let silent = Client::in_project(1).and(night(ENTRY)).and(night("2026-07-01"));
    let asked = ["2026-05-31", "2026-06-01", "2026-06-30", "2026-07-01", "2026-09-29", "2026-09-30"];
    assert_eq!(days(&silent, "night-overdue", &asked), [false, true, true, false, false, true]);
    let died = silent.and(said("2026-10-05", "died", json!({})));
    assert_eq!(days(&died, "night-overdue", &["2026-10-04", "2026-10-05"]), [true, false]);
    let waiting = Client::in_project(3).and(moved_in("2026-09-10"));
    let asked = ["2026-08-29", "2026-08-30", "2026-09-09", "2026-09-10"];
    assert_eq!(days(&waiting, "move-in-overdue", &asked), [false, true, true, false]);
    let ahead = client().opened("service-until-year", json!(2027));
    assert_eq!(days(&ahead, "service-end-ahead", &[ENTRY, "2026-12-31", "2027-01-01"]), [true, true, false]);
}

#[test]
fn only_projects_of_hmis_ask() {
    let elsewhere = client()
        .enrolled("attributes", json!({}))
        .enrolled("relationship", json!(null))
        .opened("race", json!(null))
        .without_intake();
    assert_eq!(elsewhere.rules("2026-03-20"), Vec::<String>::new());
    let hmis = elsewhere.enrolled("attributes", json!({"project-type": "hmis-2"}));
    assert!(hmis.rules("2026-03-20").contains(&"race-unknown".to_owned()));
}

#[test]
fn children_are_asked_through_their_head_and_not_about_the_forces() {
    let child = client().enrolled("relationship", json!("child")).opened("veteran", json!(null));
    let answers =
        json!({"age-band": "5-12", "disability": false, "living-situation": null, "length-of-stay": null});
    let child = child.asked(answers).unmeasured("income-any", "entry").unmeasured("benefits", "entry");
    assert_eq!(child.rules("2026-03-20"), Vec::<String>::new());
    assert_eq!(child.unmeasured("insurance", "entry").rules("2026-03-20"), ["insurance-missing-at-entry"]);
}

#[test]
fn a_problem_says_how_grave_it_is_who_entered_it_and_where() {
    let mut facts = client().enrolled("relationship", json!(null)).facts();
    facts[1] = entered_for("worker:u-17", facts[1].clone());
    let life = throughline_projection::testing::given::<Quality>(facts.clone());
    let answer = life.on("2026-03-20");
    let problem = answer.problems.iter().find(|problem| problem.rule.as_str() == "relationship-missing");
    let problem = problem.expect("the problem");
    assert_eq!((problem.level, problem.published), (Level::High, [4].as_slice()));
    assert_eq!((problem.evidence[0], problem.entered_by.as_str()), (facts[1].id, "worker:u-17"));
    let text = |code: &Option<throughline_domain::Code>| code.as_ref().map(ToString::to_string);
    assert_eq!(text(&problem.site).as_deref(), Some("xx-501"));
    assert_eq!(text(&problem.programme).as_deref(), Some("hmis-7"));
    assert_eq!(text(&problem.worker).as_deref(), Some("u-17"), "the enrolment names no worker");

    facts.push(said("2026-03-21", "worker-assigned", json!({"worker": "w5", "enrolment": "e1"})));
    let life = throughline_projection::testing::given::<Quality>(facts);
    let worker = |on: &str| {
        let line = life.work("data-quality", on).into_iter().find(|line| line.what == "relationship-missing");
        let line = line.expect("the line");
        assert_eq!(line.level, "high");
        text(&line.entered.expect("who entered it").worker)
    };
    assert_eq!(worker("2026-03-20").as_deref(), Some("u-17"));
    assert_eq!(worker("2026-03-21").as_deref(), Some("w5"));
}

#[test]
fn a_problem_of_the_person_is_laid_before_the_site_they_came_to_last() {
    let client = client().opened("race", json!(null)).left("2026-03-10", "hmis-410");
    let client = client.and(said(
        "2026-03-12",
        "enrolled",
        json!({"enrolment": "e2", "programme": "hmis-9", "site": "xx-502"}),
    ));
    let site = |on: &str| client.given().on(on).problems[0].site.clone().expect("a site").to_string();
    assert_eq!((site("2026-03-11"), site("2026-03-12")), ("xx-501".to_owned(), "xx-502".to_owned()));
}

#[test]
fn the_view_keeps_no_day_of_birth() {
    let stored = format!("{:?}", Quality::card(&client().born(Some("1925-06-05")).given().view));
    assert!(stored.contains("age-over-100"));
    let view = format!("{:?}", client().born(Some("1925-06-05")).given().view);
    let day = throughline_projection::Day::of(date("1925-06-05")).number().to_string();
    assert!(!view.contains("1925") && !view.contains(&day));
}
