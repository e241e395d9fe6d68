//! What the invented record must be, whoever its people are.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::{Timestamp, civil::Date, tz::Offset};
use throughline_demo::{Demo, Portion};
use throughline_domain::{
    Amendment, Code, Consent, Draft, Event, JourneyId, Occurred, Position, Recorded, TYPE_NAMES, Version,
    amend,
};
use uuid::Uuid;

const NAMESPACE: Uuid = Uuid::from_u128(0x7468_7265_6164);

fn until() -> Date {
    jiff::civil::date(2026, 3, 2)
}

fn demo(seed: u64, clients: usize) -> Demo {
    Demo::new(seed, clients, until(), NAMESPACE)
}

fn drafts(seed: u64, clients: usize) -> Vec<Draft> {
    demo(seed, clients).flat_map(|portion| portion.drafts).collect()
}

fn journey(client: usize) -> JourneyId {
    JourneyId::new(Uuid::new_v5(&NAMESPACE, format!("journey/demo:{client}").as_bytes()))
}

#[test]
fn the_same_seed_tells_the_same_lives_and_another_seed_others() {
    let once: Vec<Portion> = demo(3, 60).collect();
    let again: Vec<Portion> = demo(3, 60).collect();
    assert!(once == again);
    let other: Vec<Portion> = demo(4, 60).collect();
    assert!(once != other);
}

#[test]
fn portions_come_in_the_order_of_recording_and_stay_small() {
    let mut last = None;
    for Portion { recorded_at, drafts } in demo(3, 300) {
        assert!(last < Some(recorded_at));
        assert!((1..=5_000).contains(&drafts.len()));
        last = Some(recorded_at);
    }
    let last_day = Offset::UTC.to_datetime(last.expect("a record")).date();
    assert!(last_day < until(), "{last_day} is not over yet");
}

#[test]
fn nothing_is_written_down_before_it_happened() {
    for Portion { recorded_at, drafts } in demo(3, 300) {
        for draft in drafts {
            let told = match draft.occurred {
                Occurred::At(instant, _) => instant <= recorded_at,
                Occurred::On(day) => day <= Offset::UTC.to_datetime(recorded_at).date(),
            };
            assert!(told, "{} at {} is recorded at {recorded_at}", draft.event.type_name(), draft.occurred);
        }
    }
}

#[test]
fn every_fact_of_the_catalogue_is_told() {
    let told: BTreeSet<&str> = drafts(1, 200).iter().map(|draft| draft.event.type_name()).collect();
    // The last are written by the program itself, of what it did.
    let left_out = [
        "journeys-split",
        "key-destroyed",
        "backtest-registered",
        "backtest-finished",
        "import-finished",
        "rule-adopted",
        "rule-retired",
        "alert-raised",
        "alert-cleared",
        ".access.",
    ];
    let missing: Vec<&&str> = TYPE_NAMES
        .iter()
        .filter(|name| !told.contains(**name) && !left_out.iter().any(|left| name.contains(left)))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn event_ids_are_unique_and_causes_are_told_before_their_effects() {
    let mut seen = HashSet::new();
    for draft in drafts(5, 300) {
        if let Some(cause) = draft.cause {
            assert!(seen.contains(&cause), "{} before its cause", draft.event.type_name());
        }
        if let Event::Amendment(Amendment::Corrected(corrected)) = &draft.event {
            assert!(seen.contains(&corrected.event));
        }
        assert!(seen.insert(draft.event_id));
    }
}

#[test]
fn a_client_has_about_fifty_events_and_every_journey_is_found_by_its_source_key() {
    let clients = 600;
    let mut lives: HashMap<JourneyId, usize> = HashMap::new();
    for draft in drafts(2, clients) {
        *lives.entry(draft.journey).or_default() += 1;
    }
    let counts: Vec<usize> = (1..=clients).map(|client| lives[&journey(client)]).collect();
    let mean = counts.iter().sum::<usize>() as f64 / clients as f64;
    assert!((45.0..=60.0).contains(&mean), "{mean} events per client");
}

#[test]
fn some_entries_come_days_late_and_a_few_come_months_late() {
    let mut late: BTreeMap<bool, usize> = BTreeMap::new();
    let mut all = 0;
    for Portion { recorded_at, drafts } in demo(2, 300) {
        let recorded = Offset::UTC.to_datetime(recorded_at).date();
        for draft in drafts {
            all += 1;
            let days = (recorded - draft.occurred.day()).get_days();
            if days > 7 {
                *late.entry(days > 30).or_default() += 1;
            }
        }
    }
    assert!(late[&false] * 200 > all && late[&true] * 1_000 > all, "{late:?} of {all}");
    assert!((late[&false] + late[&true]) * 12 < all, "{late:?} of {all}");
}

#[test]
fn names_and_words_never_stand_among_the_coded_facts() {
    for draft in drafts(2, 80) {
        let facts = draft.event.facts_json().to_string();
        // Codes and keys have no spaces; every saying has.
        assert!(!facts.contains(' '), "{facts}");
        let personal = draft.event.personal_json();
        if let Some(called) = personal.get("called").and_then(|called| called.as_str()) {
            assert!(!facts.contains(called));
        }
    }
}

/// So that a record can be taken out, and a refusal be seen.
#[test]
fn most_agree_to_share_their_record_and_some_never_did_or_took_it_back() {
    let clients = 300;
    let mut recorded: HashMap<JourneyId, Vec<Draft>> = HashMap::new();
    for draft in drafts(2, clients) {
        recorded.entry(draft.journey).or_default().push(draft);
    }
    let scope = Code::new("data-sharing").expect("a code");
    let stands = |client: usize| {
        let (journey, mut life) = (journey(client), Vec::new());
        life.extend(recorded[&journey].iter().cloned().map(|draft| Recorded {
            position: Position(0),
            version: Version(1),
            recorded_at: Timestamp::UNIX_EPOCH,
            draft,
        }));
        Consent::of(&amend(journey, life), &scope, until())
    };
    let all: Vec<Consent> = (1..=clients).map(stands).collect();
    let count = |is: fn(&Consent) -> bool| all.iter().filter(|stands| is(stands)).count();
    let live = count(|stands| matches!(stands, Consent::Live(_)));
    assert!((clients * 6 / 10..clients * 9 / 10).contains(&live), "{live} of {clients}");
    assert!(count(|stands| matches!(stands, Consent::NeverGiven)) > clients / 20);
    assert!(count(|stands| matches!(stands, Consent::Withdrawn { .. })) > clients / 40);
    assert!(count(|stands| matches!(stands, Consent::Ended(_))) > clients / 100);
    let star = |n: usize| &all[n - 1];
    for n in [1, 2, 4, 5, 7, 8, 9, 10] {
        assert!(matches!(star(n), Consent::Live(_)), "star {n}: {:?}", star(n));
    }
    assert!(matches!(star(3), Consent::Withdrawn { .. }), "{:?}", star(3));
    assert_eq!(*star(6), Consent::NeverGiven);
}

#[test]
fn the_stars_have_full_lives() {
    let demo = demo(1, 40);
    let stars = demo.stars();
    assert_eq!(stars.first().map(|(id, _)| *id), Some(journey(1)));
    let mut facts: HashMap<JourneyId, BTreeSet<&str>> = HashMap::new();
    for draft in demo.flat_map(|portion| portion.drafts) {
        facts.entry(draft.journey).or_default().insert(draft.event.fact_name());
    }
    let has = |star: usize, names: &[&str]| {
        let told = &facts[&stars[star - 1].0];
        for name in names {
            assert!(told.contains(name), "star {star} has no {name}: {told:?}");
        }
    };
    has(1, &["outcome-reached", "follow-up-held", "relationship-grown", "shift-worked", "concern-resolved"]);
    has(2, &["outcome-reached", "outcome-lost", "corrected"]);
    has(3, &["contact-attempted", "outcome-reached"]);
    has(4, &["journeys-merged", "consent-withdrawn"]);
    has(5, &["eligibility-decided", "relationship-grown", "gift-received"]);
    has(6, &["follow-up-attempted"]);
    assert!(!facts[&stars[5].0].contains("follow-up-held"));
    has(7, &["died", "exited"]);
    has(8, &["shift-worked", "thanks-sent", "impact-shared"]);
    has(9, &["gift-received", "thanks-sent", "impact-shared"]);
    has(10, &["service-delivered", "check-in-held", "reading-taken"]);
}
