//! Events on the wire: there and back, and what is refused with a pointer to it.

use std::io::Cursor;

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use throughline_domain::{
    Actor, Code, Draft, Family, Occurred, Source, Text,
    testing::{draft, event, event_id, examples, journey_id, recorded},
};
use throughline_exchange::{
    cloud_event::{Invalid, batch_from_json, batch_to_json, from_json, to_json},
    journey_id as named_journey, ndjson,
};
use uuid::Uuid;

const ID: &str = "6f1c0f9a-6f0e-4a52-9a0e-3f7f5f0c0a01";

/// What is done to an event, and the pointer it is then refused at.
type Change = (fn(&mut Json), &'static str);

/// A missed check-in as somebody would write it by hand.
fn missed() -> Json {
    json!({
        "specversion": "1.0",
        "id": ID,
        "source": "/intake-desk",
        "type": "throughline.check-in.check-in-missed.v1",
        "subject": journey_id(1),
        "data": {
            "occurred": "2026-03-01",
            "eyes": "staff",
            "actor": "worker:w17",
            "facts": {"reason": "illness"},
        },
    })
}

fn with(change: impl FnOnce(&mut Json)) -> Json {
    let mut event = missed();
    change(&mut event);
    event
}

#[track_caller]
fn read(event: Json) -> Draft {
    from_json(event, None, None).unwrap_or_else(|invalid| panic!("{invalid}"))
}

#[track_caller]
fn refused(event: Json) -> Invalid {
    let invalid = from_json(event, Some(journey_id(1)), None).expect_err("it was read");
    assert!(!invalid.hint.is_empty() && !invalid.problem.is_empty());
    invalid
}

#[test]
fn every_fact_is_the_same_after_the_wire_and_back() {
    let full = |mut draft: Draft| {
        draft.on_behalf_of = Actor::new("worker:w2").ok();
        draft.cause = Some(draft.event_id);
        draft.source = Some(Source {
            system: Code::new("hmis").expect("a code"),
            table: Code::new("exit").expect("a code"),
            row: Text::new("168742").ok(),
            recorded_at: "2020-02-29T23:59:59Z".parse().ok(),
        });
        draft
    };
    for (n, event) in (1..).zip(examples().into_iter().filter(|event| event.family() != Family::Access)) {
        let plain = draft(journey_id(1), n, "2026-03-01", event.clone());
        let instant = full(draft(journey_id(1), n, "2026-03-01T09:30:00+02:00", event));
        for record in recorded(vec![plain, instant]) {
            let wire = to_json(&record);
            assert_eq!(wire["version"], json!(record.version));
            assert_eq!(wire.get("time").is_some(), record.draft.occurred.instant().is_some());
            assert_eq!(from_json(wire, Some(journey_id(1)), None), Ok(record.draft));
        }
    }
}

#[test]
fn facts_of_the_access_log_are_not_taken_from_outside() {
    for event in examples().into_iter().filter(|event| event.family() == Family::Access) {
        let record = recorded(vec![draft(journey_id(1), 1, "2026-03-01", event.clone())]).remove(0);
        let refused = from_json(to_json(&record), Some(journey_id(1)), None).expect_err("refused");
        assert_eq!(refused.pointer, "/type", "{refused}");
        let inside = json!({
            "event": event_id(7), "type": event.type_name(), "facts": event.facts_json(), "why": "misheard"
        });
        let corrected = with(|wire| {
            wire["type"] = json!("throughline.amendment.corrected.v1");
            wire["data"]["facts"] = inside;
        });
        assert_eq!(from_json(corrected, None, None).expect_err("refused").pointer, "/data/facts/type");
    }
}

#[test]
fn what_is_written_by_hand_is_read() {
    let draft = read(missed());
    assert_eq!((draft.journey, draft.event_id.to_string().as_str()), (journey_id(1), ID));
    assert_eq!(draft.event, event("check-in.check-in-missed", json!({"reason": "illness"})));
    let lax = with(|event| {
        event["datacontenttype"] = json!("application/json; charset=utf-8");
        event["traceparent"] = json!("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        event["position"] = json!(7);
        event["time"] = Json::Null;
    });
    assert_eq!(read(lax), draft);
}

#[test]
fn the_path_names_the_journey_and_the_subject_agrees() {
    let bare = with(|event| event["subject"] = Json::Null);
    assert_eq!(from_json(bare.clone(), Some(journey_id(2)), None).expect("read").journey, journey_id(2));
    assert_eq!(from_json(bare, None, None).expect_err("no journey").pointer, "/subject");
    let other = from_json(missed(), Some(journey_id(2)), None).expect_err("another journey");
    assert_eq!(other.pointer, "/subject");
    assert!(
        other.problem.contains(&journey_id(1).to_string())
            && other.problem.contains(&journey_id(2).to_string())
    );
    assert_eq!(refused(with(|event| event["subject"] = json!("hmis:62547"))).pointer, "/subject");
}

#[test]
fn whoever_sends_it_recorded_it_where_it_does_not_say_who_did() {
    let silent = with(|event| event["data"]["actor"] = Json::Null);
    let sender = Actor::new("worker:w3").expect("an actor");
    assert_eq!(from_json(silent.clone(), None, Some(sender.clone())).expect("read").actor, sender);
    assert_eq!(from_json(missed(), None, Some(sender)).expect("read").actor.as_str(), "worker:w17");
    assert_eq!(refused(silent).pointer, "/data/actor");
}

#[test]
fn when_it_happened_is_told_once_or_the_same_twice() {
    let told = |occurred: Json, time: Json| {
        with(|event| {
            event["data"]["occurred"] = occurred;
            event["time"] = time;
        })
    };
    let instant = json!("2026-03-01T09:30:00+02:00");
    let kept: Occurred = "2026-03-01T09:30:00+02:00".parse().expect("an instant");
    assert_eq!(read(told(Json::Null, instant.clone())).occurred, kept);
    assert_eq!(read(told(instant.clone(), json!("2026-03-01T07:30:00Z"))).occurred, kept);
    assert_eq!(read(told(json!("2026-03-01"), instant.clone())).occurred.to_string(), "2026-03-01");
    // Somewhere on earth it was the second of March already.
    assert_eq!(
        read(told(json!("2026-03-02"), json!("2026-03-01T12:00:00Z"))).occurred.to_string(),
        "2026-03-02"
    );
    for (occurred, time, pointer) in [
        (Json::Null, Json::Null, "/data/occurred"),
        (instant.clone(), json!("2026-03-01T09:30:01+02:00"), "/data/occurred"),
        (json!("2026-03-03"), instant.clone(), "/data/occurred"),
        (json!("1 March"), Json::Null, "/data/occurred"),
        (Json::Null, json!("2026-03-01"), "/time"),
        (Json::Null, json!("2026-03-01T09:30:00"), "/time"),
    ] {
        assert_eq!(refused(told(occurred, time)).pointer, pointer);
    }
}

#[test]
fn what_is_wrong_is_pointed_at() {
    let cases: [Change; 20] = [
        (|event| *event = json!([1]), ""),
        (|event| *event = json!("event"), ""),
        (|event| event["specversion"] = json!("0.3"), "/specversion"),
        (|event| event["specversion"] = Json::Null, "/specversion"),
        (|event| event["specversion"] = json!(1.0), "/specversion"),
        (|event| event["id"] = json!("42"), "/id"),
        (|event| event["id"] = Json::Null, "/id"),
        (|event| event["source"] = json!(""), "/source"),
        (|event| event["source"] = json!("two words"), "/source"),
        (|event| event["type"] = json!("throughline.check-in.missed.v1"), "/type"),
        (|event| event["type"] = Json::Null, "/type"),
        (|event| event["datacontenttype"] = json!("text/plain"), "/datacontenttype"),
        (|event| event["data_base64"] = json!("AAAA"), "/data_base64"),
        (|event| event["Occurred"] = json!("2026-03-01"), "/Occurred"),
        (|event| event["a/b"] = json!(1), "/a~1b"),
        (|event| event["extension"] = json!({"a": 1}), "/extension"),
        (|event| event["data"] = json!([]), "/data"),
        (|event| event["data"]["words"] = json!("x"), "/data/words"),
        (|event| event["data"]["facts"] = json!([]), "/data/facts"),
        (|event| event["data"]["personal"] = json!("x"), "/data/personal"),
    ];
    for (change, pointer) in cases {
        assert_eq!(refused(with(change)).pointer, pointer);
    }
    let inner: [Change; 7] = [
        (|data| data["eyes"] = json!("God"), "/data/eyes"),
        (|data| data["eyes"] = Json::Null, "/data/eyes"),
        (|data| data["cause"] = json!("x"), "/data/cause"),
        (|data| data["on_behalf_of"] = json!("Anna Example"), "/data/on_behalf_of"),
        (|data| data["imported"] = json!({"system": "hmis"}), "/data/imported"),
        (|data| data["facts"] = json!({}), "/data/facts/reason"),
        (|data| data["personal"] = json!({"note": 1}), "/data/personal/note"),
    ];
    for (change, pointer) in inner {
        assert_eq!(refused(with(|event| change(&mut event["data"]))).pointer, pointer);
    }
}

#[test]
fn a_batch_is_read_whole_or_refused_for_its_first_bad_event() {
    let batch = json!([missed(), with(|event| event["id"] = json!("x"))]);
    assert_eq!(batch_from_json(batch, None, None).expect_err("a bad event").pointer, "/1/id");
    assert_eq!(batch_from_json(missed(), None, None).expect("one").len(), 1);
    let records = recorded(vec![read(missed())]);
    let wire = batch_to_json(&records);
    assert_eq!(batch_from_json(wire, None, None).expect("a batch"), vec![read(missed())]);
}

#[test]
fn a_file_is_read_line_by_line_and_a_bad_line_stands_for_itself() {
    let long =
        format!("{{\"id\":\"{}\"}}", "x".repeat(usize::try_from(ndjson::LINE_BYTES_MAX).expect("fits")));
    let text = format!("\u{feff}{}\n\n{{\n{long}\n42\r\n  {}\n{}", missed(), missed(), missed());
    let told: Vec<(u64, String)> = ndjson::Events::new(Cursor::new(text), None, None)
        .map(|(line, event)| {
            (line, event.map_or_else(|error| error.to_string(), |draft| draft.event_id.to_string()))
        })
        .collect();
    let lines: Vec<u64> = told.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [1, 3, 4, 5, 6, 7]);
    for (line, starts) in
        [(0, ID), (1, "not JSON"), (2, "the line is longer"), (3, ": found a number"), (4, ID), (5, ID)]
    {
        assert!(told[line].1.starts_with(starts), "{:?}", told[line]);
    }
}

#[test]
fn a_journey_is_named_by_its_uuid_or_by_the_key_of_another_system() {
    let namespace = Uuid::from_u128(7);
    let uuid = journey_id(1);
    assert_eq!(named_journey(namespace, &uuid.to_string()), Ok(uuid));
    let named = named_journey(namespace, "hmis:62547").expect("a name");
    assert_eq!(named.uuid(), Uuid::new_v5(&namespace, b"journey/hmis:62547"));
    assert_ne!(named_journey(Uuid::from_u128(8), "hmis:62547"), Ok(named));
    assert_ne!(named_journey(namespace, "hmis:62548"), Ok(named));
    for bad in ["", "62547", ":1", "hmis:", "HMIS:1", "a b:1", &format!("hmis:{}", "1".repeat(257))] {
        assert!(named_journey(namespace, bad).is_err(), "{bad}");
    }
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        ".{0,12}".prop_map(Json::from),
        Just(json!("1.0")),
        Just(json!("2026-03-01T09:30:00Z")),
        Just(json!(ID)),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        let name = prop_oneof![
            ".{0,8}",
            "id|type|data|time|subject|source|specversion|eyes|facts|actor".prop_map(|name| name),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::hash_map(name, inner, 0..8)
                .prop_map(|fields| Json::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_is_read_or_refused(value in any_json()) {
        let _ = batch_from_json(value, None, None);
    }

    #[test]
    fn an_event_with_one_part_exchanged_is_read_or_refused(
        name in "id|type|data|time|subject|source|specversion|dataschema", inner in "eyes|facts|actor|occurred|imported",
        value in any_json(),
    ) {
        let _ = from_json(with(|event| event[name.as_str()] = value.clone()), None, None);
        let _ = from_json(with(|event| event["data"][inner.as_str()] = value), None, None);
    }

    #[test]
    fn any_bytes_are_lines(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let lines = bytes.split(|byte| *byte == b'\n').count();
        prop_assert!(ndjson::Events::new(Cursor::new(bytes), None, None).count() <= lines);
    }
}
