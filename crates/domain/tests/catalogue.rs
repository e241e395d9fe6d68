//! The catalogue on the wire: every fact there and back, and what is wrong with one that is not as it should be.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use throughline_domain::{
    Event, InvalidEvent, TYPE_NAMES,
    testing::{examples, examples_json},
};
use utoipa::openapi::{RefOr, Schema};

#[test]
fn every_fact_is_the_same_after_json_and_back() {
    for (example, (type_name, facts, personal)) in examples().into_iter().zip(examples_json()) {
        assert_eq!(example.type_name(), type_name);
        assert_eq!(example.facts_json(), facts, "{type_name}");
        assert_eq!(example.personal_json(), personal, "{type_name}");
        assert_eq!(Event::from_json(&type_name, facts, personal), Ok(example));
    }
}

#[test]
fn every_fact_has_an_example_that_fills_every_field() {
    let mut filled: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (type_name, facts, personal) in examples_json() {
        let fields = filled.entry(type_name).or_default();
        for (part, json) in [("facts", facts), ("personal", personal)] {
            fields.extend(json.as_object().expect("an object").keys().map(|name| format!("/{part}/{name}")));
        }
    }
    let named: BTreeSet<&str> = filled.keys().map(String::as_str).collect();
    assert_eq!(named, TYPE_NAMES.iter().copied().collect());
    for schema in Event::schemas(&mut Vec::new()) {
        for (part, fields) in [("facts", &schema.facts), ("personal", &schema.personal)] {
            for field in properties(fields) {
                let pointer = format!("/{part}/{field}");
                assert!(filled[schema.type_name].contains(&pointer), "{}{pointer}", schema.type_name);
            }
        }
    }
}

fn properties(schema: &RefOr<Schema>) -> Vec<String> {
    match schema {
        RefOr::T(Schema::Object(object)) => object.properties.keys().cloned().collect(),
        _ => panic!("a part of a fact is an object"),
    }
}

#[test]
fn family_and_fact_are_in_the_wire_name_and_names_are_unique() {
    for event in examples() {
        let expected = format!("throughline.{}.{}", event.family().name(), event.fact_name());
        let (name, version) = event.type_name().rsplit_once(".v").expect("a version");
        assert_eq!((name, version.parse::<u8>().is_ok()), (expected.as_str(), true));
    }
    assert_eq!(TYPE_NAMES.iter().collect::<BTreeSet<_>>().len(), TYPE_NAMES.len());
}

#[test]
fn on_one_day_a_life_is_told_in_its_natural_order() {
    let order = ["journey-opened", "enrolled", "service-delivered", "exited", "outcome-reached", "died"];
    let ranks: Vec<u8> = order
        .iter()
        .map(|name| examples().iter().find(|event| event.fact_name() == *name).expect("an example").rank())
        .collect();
    assert!(ranks.is_sorted_by(|one, next| one < next), "{ranks:?}");
}

fn refused(name: &str, facts: Json, personal: Json) -> (String, String) {
    match Event::from_json(&format!("throughline.{name}.v1"), facts, personal) {
        Err(InvalidEvent::Field { pointer, problem }) => (pointer, problem),
        other => panic!("{name} was not refused for a field: {other:?}"),
    }
}

#[test]
fn a_missing_field_is_named_by_its_own_pointer() {
    let (pointer, problem) =
        refused("transaction.service-delivered", json!({"life_area": "food"}), json!({}));
    assert_eq!((pointer.as_str(), problem.as_str()), ("/facts/service", "`service` is missing"));
    let plan = json!({"plan": "p", "outcomes": [{"outcome": "o", "what": "w"}]});
    assert_eq!(refused("intake.plan-agreed", plan, json!({})).0, "/facts/outcomes/0/life_area");
    let named = json!({"contacts": [{"kind": "phone"}]});
    let opened = json!({"role": "donor", "language": "en"});
    assert_eq!(refused("intake.journey-opened", opened, named).0, "/personal/contacts/0/value");
}

#[test]
fn an_unknown_field_is_pointed_at() {
    let (pointer, problem) = refused("milestone.died", json!({"cause": "unknown"}), json!({}));
    assert_eq!(pointer, "/facts/cause");
    assert!(problem.contains("unknown field"), "{problem}");
    assert_eq!(
        refused("check-in.check-in-missed", json!({"reason": "x"}), json!({"a/b": 1})).0,
        "/personal/a~1b"
    );
}

#[test]
fn a_wrong_type_or_code_is_pointed_at() {
    let thanks = |gift: Json| json!({"for_gift": gift, "format": "phone"});
    assert_eq!(refused("transaction.thanks-sent", thanks(json!(7)), json!({})).0, "/facts/for_gift");
    assert_eq!(refused("transaction.thanks-sent", thanks(json!("a b")), json!({})).0, "/facts/for_gift");
    let (pointer, problem) = refused("milestone.relationship-grown", json!({"into": "friend"}), json!({}));
    assert_eq!(pointer, "/facts/into");
    assert!(problem.contains("`advocate`"), "{problem}");
    let reading = json!({"instrument": "i", "measure": "m", "value": 1, "scale": {"min": 5, "max": 1}});
    assert!(refused("check-in.reading-taken", reading, json!({})).1.contains("has no room"));
}

#[test]
fn a_correction_points_into_the_fact_it_carries() {
    let corrected = |facts: Json| {
        let event = "6f1c0f9a-6f0e-4a52-9a0e-3f7f5f0c0a03";
        json!({"event": event, "why": "w", "type": "throughline.milestone.exited.v1", "facts": facts})
    };
    assert_eq!(refused("amendment.corrected", corrected(json!({})), json!({})).0, "/facts/facts/enrolment");
    let remark = json!({"personal": {"note": 3}});
    let exited = json!({"enrolment": "e-1"});
    assert_eq!(refused("amendment.corrected", corrected(exited), remark).0, "/personal/personal/note");
}

#[test]
fn an_unknown_fact_is_answered_with_the_nearest() {
    let error =
        Event::from_json("throughline.intake.enroled.v1", json!({}), json!({})).expect_err("no such fact");
    let InvalidEvent::UnknownType { nearest, .. } = error else { panic!("{error}") };
    assert_eq!(nearest, "throughline.intake.enrolled.v1");
    assert!(Event::from_json("", json!(null), json!(null)).is_err());
}

proptest! {
    #[test]
    fn no_json_makes_reading_panic(nth in 0..TYPE_NAMES.len(), facts in any_json(), personal in any_json()) {
        let _ = Event::from_json(TYPE_NAMES[nth], facts, personal);
    }

    #[test]
    fn an_example_with_one_value_exchanged_is_read_the_same_again_or_refused(
        nth in 0..66_usize, field in 0..12_usize, value in any_json(),
    ) {
        let (type_name, mut facts, personal) = examples_json().swap_remove(nth);
        let fields = facts.as_object_mut().expect("an object");
        if let Some(slot) = fields.values_mut().nth(field) {
            *slot = value;
        }
        if let Ok(event) = Event::from_json(&type_name, facts, personal) {
            let again = Event::from_json(&type_name, event.facts_json(), event.personal_json());
            prop_assert_eq!(again, Ok(event));
        }
    }
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        "[a-z0-9:~/.-]{0,12}".prop_map(Json::from),
        ".{0,8}".prop_map(Json::from),
        Just(json!("2026-03-01")),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::hash_map("[a-z_~/]{1,9}", inner, 0..4)
                .prop_map(|fields| Json::Object(fields.into_iter().collect())),
        ]
    })
}
