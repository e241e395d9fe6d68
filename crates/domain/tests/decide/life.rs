//! Rules about the journey as a whole and about the clock.

use serde_json::json;
use throughline_domain::{
    Event, Role,
    testing::{draft, event_id, examples, journey_id},
};

use crate::{given, given_enrolled};

#[test]
fn a_journey_is_opened_before_anything_else_is_recorded() {
    let nothing = given(&[]);
    let contact = json!({"format": "phone", "begun_by": "client", "exchange": "two-way"});
    for event in examples() {
        let name = event.fact_name();
        // What was never opened, as in history that came in part, can be erased all the same.
        let opens =
            ["journey-opened", "key-destroyed"].contains(&name) || matches!(event, Event::Programme(_));
        let decided = nothing.when_draft(draft(journey_id(1), 900, "2026-06-01", event.clone())).decided;
        assert_eq!(decided.is_ok(), opens, "{name}");
        let rule = if matches!(event, Event::Access(_)) { "access-log" } else { "not-opened" };
        assert!(opens || decided.expect_err("refused").rule == rule, "{name}");
    }
    let message = nothing.when("2026-06-01", "transaction.contact-made", contact).refused("not-opened", "");
    assert!(message.contains("contact-made"), "{message}");
}

#[test]
fn what_the_organisation_does_comes_after_the_opening_what_befalls_the_client_need_not() {
    let opened = given_enrolled(&[]);
    let service = json!({"service": "meal", "life_area": "food", "format": "in-person"});
    opened.when("2025-12-31", "transaction.service-delivered", service).refused("not-opened", "/occurred");
    opened.when("2025-06-01", "check-in.life-event-noted", json!({"kind": "bereavement"})).taken();
}

#[test]
fn a_journey_is_opened_once_and_the_same_report_again_is_no_second_opening() {
    let opened = given_enrolled(&[]);
    let again = json!({"role": "donor", "language": "af"});
    let message = opened.when("2026-02-01", "intake.journey-opened", again).refused("opened-twice", "");
    assert!(message.contains("2026-01-01"), "{message}");
    opened.when_draft(opened.0[0].clone()).taken();
}

#[test]
fn a_programme_and_a_client_have_streams_of_their_own() {
    let described = ("2026-01-01", "programme.programme-described", json!({"programme": "p"}));
    let stream = given(std::slice::from_ref(&described));
    stream.when("2026-02-01", "programme.programme-described", json!({"programme": "p"})).taken();
    stream.when("2026-02-01", "milestone.died", json!({})).refused("programme-stream", "");
    given_enrolled(&[]).when("2026-02-01", described.1, described.2).refused("programme-stream", "");
}

#[test]
fn no_stream_takes_a_fact_of_the_access_log_nor_a_correction_that_holds_one() {
    let programme = ("2026-01-01", "programme.programme-described", json!({"programme": "p"}));
    let client = given_enrolled(&[]);
    for event in examples().into_iter().filter(|event| matches!(event, Event::Access(_))) {
        for stream in [given(&[]), given(std::slice::from_ref(&programme)), given_enrolled(&[])] {
            let draft = draft(journey_id(1), 900, "2026-06-01", event.clone());
            assert_eq!(stream.when_draft(draft).decided.expect_err("refused").rule, "access-log");
        }
        let inside = json!({
            "event": client.0[0].event_id, "type": event.type_name(), "facts": event.facts_json(), "why": "misheard"
        });
        client.when("2026-06-01", "amendment.corrected", inside).refused("access-log", "");
    }
}

#[test]
fn nothing_is_recorded_before_it_happens_give_or_take_a_day_of_clocks() {
    // It is 2026-06-15T12:00:00Z.
    let journey = given_enrolled(&[]);
    let missed = || json!({"reason": "illness"});
    for occurred in ["2026-06-15", "2026-06-16", "2026-06-16T12:00:00Z", "2026-06-17T02:00:00+14:00"] {
        journey.when(occurred, "check-in.check-in-missed", missed()).taken();
    }
    for occurred in ["2026-06-17", "2026-06-16T12:00:00.000001Z", "2026-06-17T02:00:01+14:00", "9999-12-31"] {
        let message =
            journey.when(occurred, "check-in.check-in-missed", missed()).refused("future", "/occurred");
        assert!(message.contains(&occurred[..10]), "{message}");
    }
}

#[test]
fn after_death_others_act_and_the_client_does_not() {
    let died = given_enrolled(&[("2026-03-01", "milestone.died", json!({}))]);
    let attempted = json!({"format": "phone", "reached": "not-reached"});
    died.when("2026-03-02", "milestone.follow-up-attempted", attempted).taken();
    died.when("2026-03-02", "transaction.thanks-sent", json!({"format": "written"})).taken();
    died.when("2026-03-02", "intake.consent-given", json!({"scope": "research"})).taken();
    died.when("2026-03-02", "milestone.exited", json!({"enrolment": "e-1"})).taken();
    died.when("2026-03-01", "check-in.check-in-missed", json!({"reason": "illness"})).taken();
    died.when("2026-03-02", "check-in.check-in-missed", json!({"reason": "illness"}))
        .refused("after-death", "/occurred");
    died.when("2026-03-02", "milestone.died", json!({})).refused("died-twice", "");
}

#[test]
fn an_erased_journey_takes_nothing_and_one_without_its_names_takes_no_names() {
    let erased = |level: &str| {
        let facts = json!({"level": level, "requested_by": "client", "reason": "asked-to-be-forgotten"});
        given_enrolled(&[("2026-03-01", "amendment.key-destroyed", facts)])
    };
    let missed = json!({"reason": "illness"});
    erased("all").when("2026-03-02", "check-in.check-in-missed", missed.clone()).refused("erased", "");
    erased("identity").when("2026-03-02", "check-in.check-in-missed", missed.clone()).taken();
    let named =
        Event::from_json("throughline.check-in.check-in-missed.v1", missed, json!({"note": "He fell."}));
    let named = draft(journey_id(1), 900, "2026-03-02", named.expect("a fact"));
    erased("identity").when_draft(named).refused("erased-identity", "/personal");
}

#[test]
fn the_first_opening_says_what_the_person_is() {
    let journey = given_enrolled(&[]).journey();
    assert_eq!((journey.is_open(), journey.role()), (true, Some(Role::Participant)));
    assert!(journey.has(event_id(1)) && !journey.has(event_id(99)));
}
