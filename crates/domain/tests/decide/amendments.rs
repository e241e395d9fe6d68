//! Rules about amendments: what can be put right, and what stays.

use serde_json::{Value as Json, json};
use throughline_domain::{
    Amendment, Draft, Event, Journey, JourneyId, decide,
    testing::{draft, event, event_id, journey_id, recorded},
};

use crate::{given_enrolled, now};

fn corrected(of: u128, name: &str, facts: &Json) -> Json {
    json!({"event": event_id(of), "why": "typing-error", "type": format!("throughline.{name}.v1"), "facts": facts})
}

fn retracted(of: u128) -> Json {
    json!({"event": event_id(of), "why": "wrong-person"})
}

const EXIT: (&str, &str) = ("2026-02-01", "milestone.exited");

fn exit(enrolment: &str) -> Json {
    json!({"enrolment": enrolment})
}

#[test]
fn a_corrected_fact_is_held_to_the_rules_in_the_place_of_the_one_it_replaces() {
    // Event 3 is the exit; it does not stand in the way of its own correction.
    let journey = given_enrolled(&[(EXIT.0, EXIT.1, exit("e-1"))]);
    let again = json!({"enrolment": "e-1", "reason": "completed"});
    journey.when("2026-03-01", "amendment.corrected", corrected(3, EXIT.1, &again)).taken();
    journey
        .when("2026-03-01", "amendment.corrected", corrected(3, EXIT.1, &exit("e-2")))
        .refused("enrolment-unknown", "/facts/facts/enrolment");
    // In another's place it does.
    let enrolled = json!({"enrolment": "e-1", "programme": "p"});
    journey
        .when("2026-03-01", "amendment.corrected", corrected(3, "intake.enrolled", &enrolled))
        .refused("key-reused", "/facts/facts/enrolment");
    journey.when("2026-03-01", "amendment.corrected", corrected(2, "intake.enrolled", &enrolled)).taken();
}

#[test]
fn a_correction_is_judged_on_the_day_it_corrects_to() {
    let journey = given_enrolled(&[(EXIT.0, EXIT.1, exit("e-1"))]);
    let moved = |to: &str| {
        let mut facts = corrected(3, EXIT.1, &exit("e-1"));
        facts["occurred"] = json!(to);
        journey.when("2026-03-01", "amendment.corrected", facts)
    };
    moved("2026-01-02").taken();
    moved("2026-01-01").refused("enrolment-unknown", "/facts/facts/enrolment");
    moved("2025-12-31").refused("not-opened", "/facts/occurred");
    moved("2027-01-01").refused("future", "/facts/occurred");
}

#[test]
fn only_what_the_journey_has_and_is_no_amendment_can_be_corrected() {
    let facts = |of: u128| corrected(of, "check-in.check-in-missed", &json!({"reason": "illness"}));
    let journey = given_enrolled(&[
        ("2026-02-01", "check-in.check-in-missed", json!({"reason": "forgot"})),
        ("2026-02-02", "amendment.corrected", facts(3)),
        ("2026-02-03", "amendment.retracted", retracted(2)),
    ]);
    journey.when("2026-03-01", "amendment.corrected", facts(3)).taken();
    journey.when("2026-03-01", "amendment.corrected", facts(4)).taken();
    journey
        .when("2026-03-01", "amendment.corrected", facts(5))
        .refused("amendment-not-correctable", "/facts/event");
    journey.when("2026-03-01", "amendment.corrected", facts(2)).refused("event-taken-back", "/facts/event");
    journey.when("2026-03-01", "amendment.corrected", facts(77)).refused("event-unknown", "/facts/event");
}

#[test]
fn an_event_is_taken_back_once_until_the_retraction_is() {
    let twice = given_enrolled(&[("2026-02-01", "amendment.retracted", retracted(2))]);
    twice.when("2026-03-01", "amendment.retracted", retracted(2)).refused("event-taken-back", "/facts/event");
    twice.when("2026-03-01", "amendment.retracted", retracted(77)).refused("event-unknown", "/facts/event");
    twice.when("2026-03-01", "amendment.retracted", retracted(3)).taken();
    let restored = given_enrolled(&[
        ("2026-02-01", "amendment.retracted", retracted(2)),
        ("2026-02-02", "amendment.retracted", retracted(3)),
    ]);
    restored.when("2026-03-01", "amendment.retracted", retracted(2)).taken();
    restored.when("2026-03-01", "milestone.exited", exit("e-1")).taken();
    twice
        .when("2026-03-01", "milestone.exited", exit("e-1"))
        .refused("enrolment-unknown", "/facts/enrolment");
}

#[test]
fn a_destroyed_key_stays_destroyed() {
    let destroyed = json!({"level": "identity", "requested_by": "client", "reason": "asked-to-be-forgotten"});
    let journey = given_enrolled(&[("2026-02-01", "amendment.key-destroyed", destroyed)]);
    journey.when("2026-03-01", "amendment.retracted", retracted(3)).refused("erasure-final", "/facts/event");
}

fn merge(kept: JourneyId, absorbed: JourneyId) -> Json {
    json!({"kept": kept, "absorbed": absorbed})
}

fn split(from: JourneyId, into: JourneyId, events: &[u128]) -> Json {
    let events: Vec<_> = events.iter().map(|n| event_id(*n)).collect();
    json!({"from": from, "into": into, "events": events})
}

#[test]
fn a_merge_is_written_in_both_journeys_and_the_twin_is_always_the_same() {
    let (here, other) = (journey_id(1), journey_id(2));
    let journey = given_enrolled(&[]);
    let drafts = journey.when("2026-03-01", "amendment.journeys-merged", merge(here, other)).taken();
    let [first, twin]: [Draft; 2] = drafts.try_into().expect("the merge and its twin");
    assert_eq!((first.journey, twin.journey), (here, other));
    assert_eq!(twin.event, first.event);
    assert_eq!(twin.cause, Some(first.event_id));
    assert_ne!(twin.event_id, first.event_id);
    assert_eq!(journey.when_draft(first).taken()[1], twin);
}

#[test]
fn a_merge_names_this_journey_and_another_that_is_not_part_of_it_yet() {
    let (here, other, third) = (journey_id(1), journey_id(2), journey_id(3));
    let name = "amendment.journeys-merged";
    let journey = given_enrolled(&[]);
    journey.when("2026-03-01", name, merge(here, here)).refused("same-journey", "/facts/absorbed");
    journey.when("2026-03-01", name, merge(other, third)).refused("not-this-journey", "/facts/kept");
    let merged = given_enrolled(&[("2026-02-01", name, merge(here, other))]);
    merged.when("2026-03-01", name, merge(here, other)).refused("merged-already", "/facts/absorbed");
    merged.when("2026-03-01", name, merge(here, third)).taken();
}

#[test]
fn a_journey_merged_away_takes_nothing_more_and_names_the_one_that_goes_on() {
    let (here, kept) = (journey_id(1), journey_id(2));
    let merged = given_enrolled(&[("2026-02-01", "amendment.journeys-merged", merge(kept, here))]);
    let message = merged.when("2026-03-01", EXIT.1, exit("e-1")).refused("merged", "");
    assert!(message.contains(&kept.to_string()), "{message}");
}

#[test]
fn the_kept_journey_knows_the_absorbed_one_s_keys_until_the_merge_is_taken_back() {
    let (kept, absorbed) = (journey_id(2), journey_id(1));
    let merge: Event = event("amendment.journeys-merged", merge(kept, absorbed));
    let mut drafts = given_enrolled(&[]).0;
    drafts.push(draft(
        kept,
        10,
        "2026-01-05",
        event("intake.journey-opened", json!({"role": "participant", "language": "en"})),
    ));
    drafts.push(draft(kept, 11, "2026-02-01", merge.clone()));
    drafts.push(draft(absorbed, 12, "2026-02-01", merge));
    let leave = draft(kept, 900, "2026-03-01", event(EXIT.1, exit("e-1")));
    let state = Journey::of_recorded(kept, &recorded(drafts.clone()));
    assert_eq!(state.absorbed().collect::<Vec<_>>(), [absorbed]);
    assert!(decide(&state, leave.clone(), now()).is_ok());
    drafts.push(draft(kept, 13, "2026-02-02", event("amendment.retracted", retracted(11))));
    let undone = Journey::of_recorded(kept, &recorded(drafts.clone()));
    assert_eq!(undone.absorbed().count(), 0);
    assert_eq!(decide(&undone, leave, now()).expect_err("not its own").rule, "enrolment-unknown");
    let freed = Journey::of_recorded(absorbed, &recorded(drafts));
    assert_eq!(freed.merged_into(), None);
    let own = draft(absorbed, 901, "2026-03-01", event(EXIT.1, exit("e-1")));
    assert!(decide(&freed, own, now()).is_ok());
}

#[test]
fn a_split_moves_events_that_this_journey_has_to_another() {
    let (here, other, third) = (journey_id(1), journey_id(2), journey_id(3));
    let name = "amendment.journeys-split";
    let journey = given_enrolled(&[("2026-02-01", "amendment.retracted", retracted(2))]);
    let drafts = journey.when("2026-03-01", name, split(here, other, &[1])).taken();
    assert_eq!(drafts.iter().map(|draft| draft.journey).collect::<Vec<_>>(), [here, other]);
    assert!(drafts.iter().all(|draft| matches!(draft.event, Event::Amendment(Amendment::JourneysSplit(_)))));
    journey.when("2026-03-01", name, split(here, here, &[1])).refused("same-journey", "/facts/into");
    journey.when("2026-03-01", name, split(here, other, &[])).refused("split-empty", "/facts/events");
    journey.when("2026-03-01", name, split(other, third, &[1])).refused("not-this-journey", "/facts/from");
    journey
        .when("2026-03-01", name, split(here, other, &[1, 2]))
        .refused("event-taken-back", "/facts/events/1");
    journey
        .when("2026-03-01", name, split(here, other, &[1, 77]))
        .refused("event-unknown", "/facts/events/1");
}
