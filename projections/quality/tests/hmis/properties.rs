//! What holds for any life in HMIS, however disorderly.

use jiff::{ToSpan, civil::date};
use proptest::{collection::vec, prelude::*};
use serde_json::{Value, json};
use throughline_domain::Fact;
use throughline_projection::testing::{given, nth};
use throughline_quality::Quality;

use crate::client::said;

const DAYS: u32 = 500;

fn some_attributes() -> impl Strategy<Value = Value> {
    let living =
        prop::sample::select(vec!["hospital", "safe-haven", "hmis-777", "rental-with-subsidy", "owned"]);
    (living, any::<Option<bool>>(), any::<Option<bool>>(), 0_u8..16, any::<bool>()).prop_map(
        |(living, under, street, months, adult)| {
            let mut said = json!({"living-situation": living, "months-homeless-3y": months,
                "homeless-since": "2024-01-09", "times-homeless-3y": "once", "length-of-stay": "two-to-six-nights",
                "age-band": if adult { "25-34" } else { "5-12" }});
            let answers = said.as_object_mut().expect("an object");
            answers.extend(under.map(|under| ("stay-under-threshold".to_owned(), json!(under))));
            answers.extend(street.map(|street| ("street-or-shelter-before".to_owned(), json!(street))));
            said
        },
    )
}

fn some_event() -> impl Strategy<Value = (&'static str, Value)> {
    let enrolment = || prop::sample::select(vec!["e1", "e2", "e3"]);
    let enrolled = (enrolment(), prop::sample::select(vec![0, 1, 2, 3, 4, 13, 14]), any::<bool>(), 0..3_u8);
    let enrolled = enrolled.prop_map(|(enrolment, kind, hmis, house)| {
        let attributes = if hmis { json!({"project-type": format!("hmis-{kind}")}) } else { json!({}) };
        let facts = json!({"enrolment": enrolment, "programme": format!("p{kind}"), "household": format!("h{house}"),
            "relationship": "head", "attributes": attributes});
        ("enrolled", facts)
    });
    let intake = (enrolment(), some_attributes())
        .prop_map(|(enrolment, said)| ("intake-held", json!({"enrolment": enrolment, "attributes": said})));
    let indicators = ["income-any", "income-ssi", "insurance", "benefits", "living-situation", "region"];
    let measured = (enrolment(), prop::sample::select(indicators.to_vec()), 0..3_usize, any::<bool>());
    let measured = measured.prop_map(|(enrolment, indicator, stage, yes)| {
        let stage = ["entry", "exit", "update"][stage];
        (
            "indicator-measured",
            json!({"enrolment": enrolment, "indicator": indicator, "stage": stage, "value": yes}),
        )
    });
    let night = enrolment().prop_map(|enrolment| {
        let facts = json!({"enrolment": enrolment, "service": "bed-night", "life_area": "housing", "format": "unknown"});
        ("service-delivered", facts)
    });
    let moved = enrolment().prop_map(|enrolment| {
        ("milestone-reached", json!({"enrolment": enrolment, "milestone": "moved-in"}))
    });
    let exited = enrolment().prop_map(|enrolment| {
        ("exited", json!({"enrolment": enrolment, "destination": {"kind": "permanent", "code": "hmis-435"}}))
    });
    let opened = prop::sample::select(vec![2023, 2025, 2026]).prop_map(|year| {
        let attributes = json!({"veteran": true, "service-until-year": year, "name-quality": "full"});
        ("journey-opened", json!({"role": "participant", "language": "en", "attributes": attributes}))
    });
    let referral = prop::sample::select(vec!["r1", "r2"]);
    let referred = (enrolment(), referral.clone()).prop_map(|(enrolment, referral)| {
        ("referral-made", json!({"referral": referral, "enrolment": enrolment, "to": "rapid-rehousing"}))
    });
    let closed = referral.prop_map(|key| ("referral-closed", json!({"referral": key, "result": "accepted"})));
    prop_oneof![
        2 => opened, 4 => enrolled, 3 => intake, 4 => measured, 4 => night, 1 => moved, 3 => exited,
        1 => referred, 1 => closed, 1 => Just(("died", json!({}))),
    ]
}

fn life() -> impl Strategy<Value = Vec<Fact>> {
    let some = (some_event(), 0..DAYS, any::<bool>(), proptest::option::of(0_u8..24), any::<u32>());
    let fact = some.prop_map(|((name, facts), day, near, hour, nr)| {
        let day = date(2024, 1, 1) + i64::from(if near { day % 5 } else { day }).days();
        let when = hour.map_or_else(|| day.to_string(), |hour| format!("{day}T{hour:02}:30:00+02:00"));
        nth(nr, said(&when, name, facts))
    });
    vec(fact, 0..40)
}

fn day() -> impl Strategy<Value = String> {
    (0..DAYS + 900).prop_map(|day| (date(2024, 1, 1) + i64::from(day).days()).to_string())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn an_answer_ignores_what_comes_after_its_date(facts in life(), on in day()) {
        let life = given::<Quality>(facts);
        prop_assert_eq!(life.on(&on), life.cut_on(&on));
        let cut = life.facts.iter().filter(|fact| fact.occurred.day().to_string() <= on).cloned();
        prop_assert_eq!(life.work("data-quality", &on), given::<Quality>(cut).work("data-quality", &on));
    }

    #[test]
    fn any_order_of_recording_gives_the_same_view((facts, shuffled) in life().prop_flat_map(|facts| {
        (Just(facts.clone()), Just(facts).prop_shuffle())
    })) {
        prop_assert_eq!(given::<Quality>(facts).view, given::<Quality>(shuffled).view);
    }

    #[test]
    fn a_rule_stands_once_for_each_fact(facts in life(), on in day()) {
        let mut seen = std::collections::BTreeSet::new();
        for problem in given::<Quality>(facts).on(&on).problems {
            let key = (problem.rule.clone(), problem.evidence[0], problem.enrolment.clone(), problem.since);
            prop_assert!(seen.insert(key), "{:?}", problem);
            prop_assert!(!problem.explanation.contains("earlier version"), "{} is not explained", problem.rule);
        }
    }
}
