//! Exits: recorded, derived, undone.

use serde_json::json;
use throughline_domain::Eyes::Staff;
use throughline_outcomes::{End, Loose, StayOnDate};
use throughline_projection::testing::{Given, fact};

use crate::lives::*;

fn stay(life: &Given<throughline_outcomes::Outcomes>, on: i32) -> StayOnDate {
    life.on(&day(on)).stays.remove(0)
}

#[test]
fn an_exit_is_known_after_ninety_service_free_days_and_lies_on_the_last_service() {
    let life = life([enrolled(0, "e1"), service(10, Some("e1"))]);
    assert_eq!((stay(&life, 99).end, stay(&life, 99).exit), (End::Open, None));
    let known = stay(&life, 100);
    assert_eq!((known.end, known.exit), (End::Derived, Some(date(10))));
    assert_eq!(known.derived_from, Some(date(100)));
}

#[test]
fn a_later_service_undoes_it_and_it_stays_on_record_that_it_stood() {
    let life = life([enrolled(0, "e1"), service(10, Some("e1")), service(101, Some("e1"))]);
    assert_eq!(stay(&life, 100).end, End::Derived);
    let back = stay(&life, 101);
    assert_eq!((back.end, back.exit), (End::Open, None));
    assert_eq!((back.reopened[0].exit, back.reopened[0].by.date), (date(10), date(101)));
    assert_eq!(stay(&life, 191).exit, Some(date(101)));
}

#[test]
fn a_service_on_the_ninetieth_day_is_in_time() {
    let life = life([enrolled(0, "e1"), service(10, Some("e1")), service(100, Some("e1"))]);
    assert!(stay(&life, 150).reopened.is_empty());
    assert_eq!(stay(&life, 100).end, End::Open);
}

#[test]
fn contact_check_ins_payments_and_follow_up_neither_prevent_nor_undo_an_exit() {
    let paid = fact(
        &day(50),
        Staff,
        "support-paid",
        json!({
            "enrolment": "e1", "purpose": "deposit", "amount": { "minor": 5000, "currency": "zar" }
        }),
    );
    let base = [enrolled(0, "e1"), service(10, Some("e1")), reached(12)];
    let touched =
        [contact(40), check_in(45), paid, tried(80, "reached"), look(90, "still-holds"), contact(120)];
    let with = life(base.iter().cloned().chain(touched));
    let without = life(base);
    for on in [99, 100, 101, 130] {
        assert_eq!(stay(&with, on).exit, stay(&without, on).exit);
    }
    assert_eq!(stay(&with, 130).exit, Some(date(10)));
}

#[test]
fn enrolments_exit_apart_where_services_name_them_and_together_where_none_does() {
    let apart =
        life([enrolled(0, "e1"), enrolled(0, "e2"), service(10, Some("e1")), service(60, Some("e2"))]);
    let ends: Vec<End> = apart.on(&day(120)).stays.iter().map(|stay| stay.end).collect();
    assert_eq!(ends, [End::Derived, End::Open]);
    let together = life([enrolled(0, "e1"), service(10, None)]).on(&day(100));
    assert_eq!(together.stays.len(), 2, "the enrolment, and the services that name none");
    assert!(together.stays.iter().all(|stay| stay.exit == Some(date(10))));
}

#[test]
fn services_that_name_no_enrolment_count_in_it_from_its_beginning_to_its_recorded_exit() {
    let life = life([
        service(5, None),
        enrolled(10, "e1"),
        exited(60, "e1", "temporary"),
        enrolled(70, "e2"),
        service(80, None),
        enrolled(90, "e3"),
    ]);
    let ends: Vec<_> = life.on(&day(400)).stays.iter().map(|stay| (stay.end, stay.exit)).collect();
    assert_eq!(
        ends,
        [
            (End::Recorded, Some(date(60))),
            (End::Derived, Some(date(80))),
            (End::Open, None),
            (End::Derived, Some(date(80))),
        ]
    );
}

#[test]
fn a_recorded_exit_is_kept_beside_the_derived_one_and_the_last_of_two_counts() {
    let life = life([
        enrolled(0, "e1"),
        service(10, Some("e1")),
        exited(20, "e1", "temporary"),
        exited(30, "e1", "permanent"),
    ]);
    let first = stay(&life, 25);
    assert_eq!((first.end, first.exit), (End::Recorded, Some(date(20))));
    let answer = life.on(&day(200));
    assert_eq!(answer.stays[0].exit, Some(date(30)));
    assert_eq!(answer.stays[0].recorded.as_ref().map(|exit| exit.date), Some(date(30)));
    assert_eq!(answer.stays[0].derived_from, Some(date(100)));
    assert_eq!(answer.loose_ends[0].what, Loose::ExitedAgain);
    assert_eq!(answer.loose_ends[0].events.len(), 2);
}

#[test]
fn a_service_after_a_recorded_exit_reopens_it_too() {
    let life = life([enrolled(0, "e1"), exited(20, "e1", "permanent"), service(25, Some("e1"))]);
    assert_eq!(stay(&life, 24).end, End::Recorded);
    assert_eq!(stay(&life, 25).end, End::Open);
    assert_eq!(stay(&life, 115).exit, Some(date(25)));
    assert_eq!(life.on(&day(25)).loose_ends[0].what, Loose::ServiceAfterExit);
}

#[test]
fn a_service_on_the_day_of_the_exit_was_the_last_one_and_reopens_nothing() {
    let life = life([enrolled(0, "e1"), exited(20, "e1", "permanent"), service(20, Some("e1"))]);
    assert_eq!(stay(&life, 20).end, End::Recorded);
    assert!(life.on(&day(20)).loose_ends.is_empty());
}

#[test]
fn a_programme_sets_after_how_many_days() {
    let template = fact(
        "2020-01-01",
        Staff,
        "template-published",
        json!({
            "programme": "homeward", "version": "v2", "settings": { "exit_after_days": 30 }
        }),
    );
    let life = life([enrolled(0, "e1"), service(10, Some("e1"))]).under(&template);
    assert_eq!((stay(&life, 39).end, stay(&life, 40).end), (End::Open, End::Derived));
}

#[test]
fn an_exit_to_a_home_is_an_outcome_only_by_its_own_fact_and_a_later_enrolment_is_evidence_not_a_loss() {
    let life = life([
        enrolled(0, "e1"),
        exited(100, "e1", "permanent"),
        reached_in(100, "o-e1", Some("e1")),
        enrolled(260, "e2"),
    ]);
    let outcome = outcome(&life, 300);
    assert_eq!(outcome.status, throughline_outcomes::Status::Reached);
    assert_eq!(outcome.days_from_enrolment, Some(100));
    let later = &outcome.later_enrolments[0];
    assert_eq!(
        (later.enrolment.as_str(), later.days_since_outcome, later.days_since_exit),
        ("e2", 160, Some(160))
    );
    assert!(crate::lives::outcome(&life, 259).later_enrolments.is_empty());
    let same_day = crate::lives::life([enrolled(100, "e1"), reached_in(100, "o-e1", Some("e1"))]);
    assert!(crate::lives::outcome(&same_day, 100).later_enrolments.is_empty(), "its own is no return");
}
