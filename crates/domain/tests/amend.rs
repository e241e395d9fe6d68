//! From what was recorded to the life that was lived: amendments, alone and piled up.

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use throughline_domain::{
    Draft, Event, EventId, Fact, JourneyId, Recorded, amend, linked, merged_into,
    testing::{draft, event, event_id, examples, journey_id, recorded},
};

const HERE: u128 = 1;

/// In journey 1: an event id, the day, the fact and its coded part.
fn told(id: u128, day: &str, name: &str, facts: Json) -> Draft {
    draft(journey_id(HERE), id, day, event(name, facts))
}

fn missed(id: u128, day: &str, reason: &str) -> Draft {
    told(id, day, "check-in.check-in-missed", json!({"reason": reason}))
}

fn corrected(id: u128, of: u128, reason: &str, occurred: Option<&str>) -> Draft {
    let facts = json!({
        "event": event_id(of), "why": "typing-error", "occurred": occurred,
        "type": "throughline.check-in.check-in-missed.v1", "facts": {"reason": reason},
    });
    told(id, "2026-05-01", "amendment.corrected", facts)
}

fn retracted(id: u128, of: u128) -> Draft {
    told(id, "2026-05-01", "amendment.retracted", json!({"event": event_id(of), "why": "wrong-person"}))
}

fn merge(id: u128, at: u128, kept: u128, absorbed: u128) -> Draft {
    let facts = json!({"kept": journey_id(kept), "absorbed": journey_id(absorbed)});
    draft(journey_id(at), id, "2026-05-01", event("amendment.journeys-merged", facts))
}

fn split(id: u128, at: u128, from: u128, into: u128, events: &[u128]) -> Draft {
    let events: Vec<EventId> = events.iter().map(|n| event_id(*n)).collect();
    let facts = json!({"from": journey_id(from), "into": journey_id(into), "events": events});
    draft(journey_id(at), id, "2026-05-01", event("amendment.journeys-split", facts))
}

/// Day and reason of every missed check-in in this journey's life.
fn life(journey: u128, drafts: Vec<Draft>) -> Vec<(String, String)> {
    let facts = amend(journey_id(journey), recorded(drafts));
    facts
        .iter()
        .filter(|fact| fact.event.fact_name() == "check-in-missed")
        .map(|fact| {
            let reason = fact.event.facts_json()["reason"].as_str().expect("a reason").to_owned();
            (fact.occurred.to_string(), reason)
        })
        .collect()
}

fn lived(days: &[(&str, &str)]) -> Vec<(String, String)> {
    days.iter().map(|(day, reason)| ((*day).to_owned(), (*reason).to_owned())).collect()
}

#[test]
fn a_life_is_in_the_order_it_happened_not_the_order_it_was_written_down() {
    let drafts = vec![missed(1, "2026-03-02", "b"), missed(2, "2026-03-01", "a")];
    assert_eq!(life(HERE, drafts), lived(&[("2026-03-01", "a"), ("2026-03-02", "b")]));
}

#[test]
fn a_correction_replaces_what_happened_and_keeps_who_saw_it() {
    let drafts = vec![missed(1, "2026-03-01", "wrong"), corrected(2, 1, "right", None)];
    let facts = amend(journey_id(HERE), recorded(drafts.clone()));
    assert_eq!((facts.len(), facts[0].id, facts[0].eyes), (1, event_id(1), drafts[0].eyes));
    assert_eq!(life(HERE, drafts), lived(&[("2026-03-01", "right")]));
}

#[test]
fn a_corrected_day_moves_the_fact_and_a_later_correction_of_its_words_leaves_it_there() {
    let drafts = vec![
        missed(1, "2026-03-01", "wrong"),
        missed(2, "2026-03-05", "other"),
        corrected(3, 1, "right", Some("2026-03-09")),
        corrected(4, 3, "exact", None),
    ];
    assert_eq!(life(HERE, drafts), lived(&[("2026-03-05", "other"), ("2026-03-09", "exact")]));
}

#[test]
fn the_last_correction_stands_whether_it_names_the_original_or_an_earlier_one() {
    for of in [1, 2] {
        let drafts =
            vec![missed(1, "2026-03-01", "a"), corrected(2, 1, "b", None), corrected(3, of, "c", None)];
        assert_eq!(life(HERE, drafts), lived(&[("2026-03-01", "c")]));
    }
}

#[test]
fn a_correction_taken_back_restores_what_it_replaced() {
    let piled =
        [missed(1, "2026-03-01", "a"), corrected(2, 1, "b", Some("2026-03-03")), corrected(3, 2, "c", None)];
    let with = |more: Vec<Draft>| life(HERE, piled.iter().cloned().chain(more).collect());
    assert_eq!(with(vec![retracted(4, 3)]), lived(&[("2026-03-03", "b")]));
    assert_eq!(with(vec![retracted(4, 3), retracted(5, 2)]), lived(&[("2026-03-01", "a")]));
    // The later correction stands on its own feet.
    assert_eq!(with(vec![retracted(4, 2)]), lived(&[("2026-03-01", "c")]));
}

#[test]
fn a_retraction_takes_back_and_a_retraction_of_it_lets_stand_again_and_so_on() {
    let mut drafts = vec![missed(1, "2026-03-01", "a")];
    for (depth, stands) in [(1, false), (2, true), (3, false), (4, true)] {
        drafts.push(retracted(depth + 1, depth));
        assert_eq!(life(HERE, drafts.clone()).len() == 1, stands, "{depth} retractions deep");
    }
    let mut correction = vec![missed(1, "2026-03-01", "a"), corrected(2, 1, "b", None), retracted(3, 2)];
    assert_eq!(life(HERE, correction.clone()), lived(&[("2026-03-01", "a")]));
    correction.push(retracted(4, 3));
    assert_eq!(life(HERE, correction), lived(&[("2026-03-01", "b")]));
}

#[test]
fn an_event_taken_back_is_gone_with_all_its_corrections() {
    let drafts = vec![missed(1, "2026-03-01", "a"), corrected(2, 1, "b", None), retracted(3, 1)];
    assert_eq!(life(HERE, drafts), lived(&[]));
}

/// Journeys 1 and 2, a missed check-in each, merged into 1.
fn merged() -> Vec<Draft> {
    let other = Draft { journey: journey_id(2), ..missed(2, "2026-03-01", "there") };
    vec![missed(1, "2026-03-02", "here"), other, merge(3, 1, 1, 2), merge(4, 2, 1, 2)]
}

#[test]
fn merged_journeys_are_one_life_as_now_known_and_two_as_known_before() {
    assert_eq!(life(1, merged()), lived(&[("2026-03-01", "there"), ("2026-03-02", "here")]));
    assert_eq!(life(2, merged()), lived(&[]));
    assert_eq!(merged_into(journey_id(2), &recorded(merged())), Some(journey_id(1)));
    assert_eq!(linked(&recorded(merged())), [journey_id(1), journey_id(2)].into());
    let before = merged()[..2].to_vec();
    assert_eq!(life(1, before.clone()), lived(&[("2026-03-02", "here")]));
    assert_eq!(life(2, before), lived(&[("2026-03-01", "there")]));
}

#[test]
fn a_merge_taken_back_in_either_journey_parts_the_lives_and_a_new_merge_joins_them_again() {
    for (at, of) in [(1, 3), (2, 4)] {
        let mut drafts = merged();
        drafts.push(Draft { journey: journey_id(at), ..retracted(5, of) });
        assert_eq!(life(1, drafts.clone()).len(), 1);
        assert_eq!(life(2, drafts.clone()), lived(&[("2026-03-01", "there")]));
        assert_eq!(merged_into(journey_id(2), &recorded(drafts.clone())), None);
        drafts.extend([merge(6, 1, 1, 2), merge(7, 2, 1, 2)]);
        assert_eq!(life(1, drafts).len(), 2);
    }
}

#[test]
fn a_correction_reaches_an_event_that_came_with_a_merge() {
    let mut drafts = merged();
    drafts.push(corrected(5, 2, "corrected", None));
    assert_eq!(life(1, drafts)[0], ("2026-03-01".to_owned(), "corrected".to_owned()));
}

#[test]
fn merges_lead_on_to_the_last_kept_journey() {
    let drafts = vec![missed(1, "2026-03-01", "a"), merge(2, 2, 2, 1), merge(3, 3, 3, 2)];
    assert_eq!((life(1, drafts.clone()).len(), life(2, drafts.clone()).len()), (0, 0));
    assert_eq!(life(3, drafts.clone()), lived(&[("2026-03-01", "a")]));
    assert_eq!(merged_into(journey_id(1), &recorded(drafts)), Some(journey_id(3)));
}

#[test]
fn merges_in_a_circle_come_to_an_end() {
    let circle = vec![
        missed(1, "2026-03-01", "a"),
        merge(2, 2, 2, 1),
        merge(3, 3, 3, 2),
        merge(4, 1, 1, 3),
        merge(5, 1, 1, 2),
        merge(6, 1, 1, 1),
    ];
    assert_eq!(life(3, circle.clone()), lived(&[("2026-03-01", "a")]));
    assert_eq!((life(1, circle.clone()).len(), life(2, circle).len()), (0, 0));
}

#[test]
fn a_split_moves_the_events_it_names_and_taken_back_they_return() {
    let mut drafts = vec![
        missed(1, "2026-03-01", "mother"),
        missed(2, "2026-03-02", "daughter"),
        split(3, 1, 1, 2, &[2]),
        split(4, 2, 1, 2, &[2]),
    ];
    assert_eq!(life(1, drafts.clone()), lived(&[("2026-03-01", "mother")]));
    assert_eq!(life(2, drafts.clone()), lived(&[("2026-03-02", "daughter")]));
    // A second split between the two is another one, and stays.
    drafts.extend([split(5, 1, 1, 2, &[1]), split(6, 2, 1, 2, &[1]), retracted(7, 3)]);
    assert_eq!(life(1, drafts.clone()), lived(&[("2026-03-02", "daughter")]));
    assert_eq!(life(2, drafts), lived(&[("2026-03-01", "mother")]));
}

const DAYS: [&str; 5] =
    ["2026-03-01", "2026-03-02", "2026-03-02T10:00:00+02:00", "2026-03-02T09:00:00+02:00", "2026-03-04"];

/// Facts with ids 1 to 12, and amendments of them and of each other from 13 on, in three journeys.
fn any_record() -> impl Strategy<Value = (Vec<Draft>, Vec<Draft>)> {
    let fact = (0..DAYS.len(), 0..54_usize, 1..=3_u128);
    let amendment = (0..4_u8, 1..=20_u128, 1..=3_u128, 1..=3_u128, 0..DAYS.len());
    (prop::collection::vec(fact, 12), prop::collection::vec(amendment, 0..9)).prop_map(
        |(facts, amendments)| {
            let plain: Vec<Event> =
                examples().into_iter().filter(|event| !matches!(event, Event::Amendment(_))).collect();
            let facts = facts.into_iter().zip(1..);
            let facts =
                facts.map(|((day, nth, at), id)| draft(journey_id(at), id, DAYS[day], plain[nth].clone()));
            let amendments = amendments.into_iter().zip(13..);
            let amendments = amendments.map(|((kind, of, one, other, day), id)| match kind {
                0 => Draft { journey: journey_id(one), ..corrected(id, of, "corrected", Some(DAYS[day])) },
                1 => Draft { journey: journey_id(one), ..retracted(id, of) },
                2 => merge(id, one, one, other),
                _ => split(id, one, one, other, &[of % 12 + 1, (of + 5) % 12 + 1]),
            });
            (facts.collect(), amendments.collect())
        },
    )
}

fn lives(records: &[Recorded]) -> Vec<(JourneyId, Vec<Fact>)> {
    (1..=3).map(|n| (journey_id(n), amend(journey_id(n), records.to_vec()))).collect()
}

proptest! {
    #[test]
    fn the_life_is_the_same_in_whatever_order_facts_were_recorded(
        (facts, amendments) in any_record(), order in prop::collection::vec(0.0..1.0, 21),
    ) {
        let told = lives(&recorded(facts.iter().chain(&amendments).cloned().collect()));
        // Facts anywhere; amendments in their own order.
        let mut places = order[facts.len()..facts.len() + amendments.len()].to_vec();
        places.sort_by(f64::total_cmp);
        let mut shuffled: Vec<(f64, Draft)> =
            order.iter().copied().zip(facts).chain(places.into_iter().zip(amendments)).collect();
        shuffled.sort_by(|one, other| one.0.total_cmp(&other.0));
        let shuffled = recorded(shuffled.into_iter().map(|(_, draft)| draft).collect());
        prop_assert_eq!(lives(&shuffled), told);
    }

    #[test]
    fn as_known_then_is_the_life_of_a_log_cut_then((facts, amendments) in any_record(), cut in 0..21_usize) {
        let drafts: Vec<Draft> = facts.into_iter().chain(amendments).collect();
        let records = recorded(drafts.clone());
        let Some(then) = records.get(cut).map(|last| last.recorded_at) else { return Ok(()) };
        let known: Vec<Recorded> = records.into_iter().filter(|record| record.recorded_at <= then).collect();
        prop_assert_eq!(lives(&known), lives(&recorded(drafts[..=cut].to_vec())));
    }

    #[test]
    fn every_fact_not_taken_back_is_in_exactly_one_life((facts, amendments) in any_record()) {
        let taken_back = amendments.iter().any(|draft| draft.event.fact_name() == "retracted");
        let ids: Vec<EventId> = facts.iter().map(|fact| fact.event_id).collect();
        let told = lives(&recorded(facts.into_iter().chain(amendments).collect()));
        let count = |id: EventId| told.iter().flat_map(|(_, life)| life).filter(|fact| fact.id == id).count();
        for id in ids {
            prop_assert!(count(id) == 1 || (taken_back && count(id) == 0), "{id} is in {} lives", count(id));
        }
    }

    #[test]
    fn a_life_is_in_the_order_of_life((facts, amendments) in any_record()) {
        for (_, life) in lives(&recorded(facts.into_iter().chain(amendments).collect())) {
            prop_assert!(life.is_sorted_by_key(Fact::order));
        }
    }
}
