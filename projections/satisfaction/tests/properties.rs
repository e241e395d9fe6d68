//! What holds for any life, however disorderly.

use jiff::{ToSpan, civil::date};
use proptest::{collection::vec, prelude::*};
use serde_json::{Value, json};
use throughline_domain::{EventId, Eyes, Fact};
use throughline_projection::{
    Answers, FeatureValue, Features, Figure, Programmes, Projection,
    testing::{Given, fact, fact_of, given, nth},
};
use throughline_satisfaction::{Satisfaction, Tally, View};

const DAYS: u32 = 120;

/// A fact of some kind about one of two keys, whether or not it makes sense after the others.
fn event(kind: u8, key: u8, value: u8) -> (&'static str, Value) {
    let key = ["a", "b"][usize::from(key)];
    let due = date(2026, 1, 1) + i32::from(value).days();
    let codes = ["full", "partial", "referred", "declined"];
    let kept = ["yes", "partly", "no"][usize::from(value % 3)];
    let about = json!({"process": codes[usize::from(value % 4)], "worker": key});
    let instrument = ["csat", "nps", "own"][usize::from(value % 3)];
    let for_gift = (!value.is_multiple_of(3)).then_some(key);
    let survey = (!value.is_multiple_of(4)).then_some(key);
    match kind {
        0 => (
            "request-received",
            json!({"request": key, "about": "x", "format": "phone", "due": (value > 60).then_some(due)}),
        ),
        1 => ("request-answered", json!({"request": key, "answer": codes[usize::from(value % 4)]})),
        2 => {
            ("expectation-set", json!({"expectation": key, "about": "x", "due": (value > 60).then_some(due)}))
        }
        3 => ("expectation-settled", json!({"expectation": key, "kept": kept})),
        4 => (
            "concern-raised",
            json!({"concern": key, "about": "x", "answer_days": value / 8, "update_days": value / 30}),
        ),
        5 => ("concern-acknowledged", json!({"concern": key})),
        6 => ("concern-updated", json!({"concern": key})),
        7 => ("concern-resolved", json!({"concern": key, "put_right": kept})),
        8 => ("concern-reopened", json!({"concern": key})),
        9 => ("gift-received", json!({"gift": key, "kind": "money"})),
        10 => ("shift-worked", json!({"shift": key, "task": "x", "minutes": value})),
        11 => ("thanks-sent", json!({"for_gift": for_gift, "format": "phone"})),
        12 => ("impact-shared", json!({"for_gift": for_gift, "format": "phone"})),
        13 => (
            "survey-sent",
            json!({"survey": key, "instrument": instrument, "about": about, "format": "written",
            "closes": (value > 90).then_some(due)}),
        ),
        14 => ("survey-declined", json!({"survey": key})),
        15 => ("died", json!({})),
        _ => (
            "satisfaction-rated",
            json!({"survey": survey, "about": about, "instrument": instrument, "value": value % 13,
            "scale": {"min": 0, "max": 10}}),
        ),
    }
}

prop_compose! {
    fn some_fact()(
        kind in 0_u8..22, key in 0_u8..2, value in 0_u8..120, day in 0..DAYS, hour in proptest::option::of(0_u8..24), eyes in 0_usize..5,
        nr in any::<u32>(),
    ) -> Fact {
        // Death is rarer than the rest.
        let kind = if kind == 15 && nr % 4 > 0 { 16 } else { kind };
        let (name, facts) = event(kind, key, value);
        let day = date(2026, 1, 1) + i64::from(day).days();
        let when = hour.map_or_else(|| day.to_string(), |hour| format!("{day}T{hour:02}:30:00+02:00"));
        numbered(nth(nr, fact(&when, Eyes::ALL[eyes], name, facts)), 0)
    }
}

/// The fact with an id in the lower or upper half, so that copies come after originals.
fn numbered(fact: Fact, half: u8) -> Fact {
    let mut bytes = fact.id.bytes();
    bytes[0] = bytes[0] & 0x7f | half << 7;
    Fact { id: EventId::from_bytes(bytes), ..fact }
}

fn life() -> impl Strategy<Value = Vec<Fact>> {
    vec(some_fact(), 0..40)
}

fn day() -> impl Strategy<Value = String> {
    (0..DAYS + 60).prop_map(|day| (date(2026, 1, 1) + i64::from(day).days()).to_string())
}

fn figures(views: &[&View], on: &str) -> Vec<Figure> {
    let mut tally = Tally::default();
    let on = on.parse().expect("a date");
    for view in views {
        Satisfaction::tally(&mut tally, view, on, &Programmes::default());
    }
    Satisfaction::figures(tally)
}

fn holds(figure: &Figure) -> Result<(), TestCaseError> {
    if let Some(value) = figure.value {
        let (low, high) = (figure.low.unwrap_or(value), figure.high.unwrap_or(value));
        prop_assert!(low <= value && value <= high, "{figure:?}");
        prop_assert!(figure.unit != "share" || (0.0 <= low && high <= 1.0), "{figure:?}");
        prop_assert!(figure.unit != "points" || (-100.0 <= low && high <= 100.0), "{figure:?}");
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_feature_is_what_the_answer_says(life in life(), on in day()) {
        let life = given::<Satisfaction>(life);
        let answer = life.on(&on);
        let asked = |place| Satisfaction::feature(&life.view, place, on.parse().unwrap(), &life.programmes);
        prop_assert_eq!(asked(0), answer.ratings.csat.share.map(FeatureValue::Number));
        let open = i64::try_from(answer.concerns.still_open).unwrap();
        prop_assert_eq!(asked(1), Some(FeatureValue::Whole(open)));
    }

    #[test]
    fn nothing_but_the_facts_it_names_changes_a_feature(life in life(), on in day()) {
        let whole = given::<Satisfaction>(life.clone());
        for (place, feature) in Satisfaction::FEATURES.iter().enumerate() {
            let named = life.iter().filter(|fact| feature.from.contains(&fact.event.fact_name())).cloned();
            let alone = given::<Satisfaction>(named);
            let asked = |given: &Given<Satisfaction>| {
                Satisfaction::feature(&given.view, place, on.parse().unwrap(), &given.programmes)
            };
            prop_assert_eq!(asked(&whole), asked(&alone), "{}", feature.name);
        }
    }

    #[test]
    fn any_order_of_recording_gives_the_same_view((facts, shuffled) in life().prop_flat_map(|facts| {
        (Just(facts.clone()), Just(facts).prop_shuffle())
    })) {
        prop_assert_eq!(given::<Satisfaction>(facts).view, given::<Satisfaction>(shuffled).view);
    }

    #[test]
    fn an_answer_ignores_what_comes_after_its_date(facts in life(), on in day()) {
        let life = given::<Satisfaction>(facts);
        prop_assert_eq!(life.on(&on), life.cut_on(&on));
        let cut = given::<Satisfaction>(life.facts.iter().filter(|fact| fact.occurred.day().to_string() <= on).cloned());
        prop_assert_eq!(life.work("promises", &on), cut.work("promises", &on));
        prop_assert_eq!(figures(&[&life.view], &on), figures(&[&cut.view], &on));
    }

    #[test]
    fn the_work_list_and_the_answer_name_the_same_promises(facts in life(), on in day()) {
        let life = given::<Satisfaction>(facts);
        let listed: Vec<_> = life.work("promises", &on).into_iter().map(|item| (item.what, item.due, item.days, item.evidence)).collect();
        let said: Vec<_> = life.on(&on).promises.into_iter()
            .map(|promise| (promise.what.code().to_owned(), promise.due, promise.days, vec![promise.event])).collect();
        prop_assert_eq!(listed, said);
    }

    #[test]
    fn nothing_written_twice_is_counted_twice(facts in life(), on in day()) {
        let copied = facts.iter().filter(|fact| !fact.event.facts_json().get("instrument").is_some_and(|_| {
            fact.event.fact_name() == "satisfaction-rated" && fact.event.facts_json().get("survey").is_none()
        }));
        let copies: Vec<Fact> = copied.map(|fact| numbered(nth(2, fact.clone()), 1)).collect();
        let once = given::<Satisfaction>(facts.clone());
        let twice = given::<Satisfaction>(facts.into_iter().chain(copies));
        prop_assert_eq!(figures(&[&once.view], &on), figures(&[&twice.view], &on));
        prop_assert_eq!(once.on(&on).promises, twice.on(&on).promises);
    }

    #[test]
    fn bounds_contain_every_figure_and_shares_stay_within_one(lives in vec(life(), 1..4), on in day()) {
        let lives: Vec<Given<Satisfaction>> = lives.into_iter().map(given).collect();
        let views: Vec<&View> = lives.iter().map(|life| &life.view).collect();
        figures(&views, &on).iter().try_for_each(holds)?;
    }

    #[test]
    fn clients_may_be_added_up_in_any_order(lives in vec(life(), 3), on in day()) {
        let on = on.parse().expect("a date");
        let tallies = |order: [usize; 3]| {
            let mut sum = Tally::default();
            for client in order {
                let mut one = Tally::default();
                Satisfaction::tally(&mut one, &given::<Satisfaction>(lives[client].clone()).view, on, &Programmes::default());
                Satisfaction::merge(&mut sum, one);
            }
            Satisfaction::figures(sum)
        };
        prop_assert_eq!(tallies([0, 1, 2]), tallies([2, 0, 1]));
        let views: Vec<View> = lives.iter().map(|facts| given::<Satisfaction>(facts.clone()).view).collect();
        prop_assert_eq!(tallies([0, 1, 2]), figures(&views.iter().collect::<Vec<_>>(), &on.to_string()));
    }

    #[test]
    fn a_stored_view_comes_back_as_it_was(facts in life()) {
        let mut view = View::default();
        let facts = given::<Satisfaction>(facts).facts;
        let (before, after) = facts.split_at(facts.len() / 2);
        for fact in before {
            Satisfaction::fold(&mut view, fact);
        }
        let bytes = bincode::serde::encode_to_vec(&view, bincode::config::standard()).expect("a view can be stored");
        let (mut stored, _): (View, usize) = bincode::serde::decode_from_slice(&bytes, bincode::config::standard()).expect("and read");
        for fact in after {
            Satisfaction::fold(&mut stored, fact);
            Satisfaction::fold(&mut view, fact);
        }
        prop_assert_eq!(stored, view);
    }
}

#[test]
fn every_fact_there_is_can_be_folded() {
    let facts = throughline_domain::testing::examples()
        .into_iter()
        .map(|event| fact_of("2026-03-01", Eyes::Staff, event));
    let life = given::<Satisfaction>(facts);
    assert_eq!(life.on("2027-03-01"), life.cut_on("2027-03-01"));
}
