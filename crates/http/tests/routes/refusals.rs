//! Bad input of every kind: each is refused by name, with its place, and never as a fault of the service.

use axum::{body::Body, http::Request};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::world::{ANNA, World, contact, event, id, opened};

#[tokio::test]
async fn an_unknown_fact_is_refused_with_the_nearest() {
    let world = World::with_anna().await;
    let refused = world.append(ANNA, &event(3, "intake.enroled", "2026-03-01", &json!({}))).await;
    let refused = refused.refuses(422, "invalid-event");
    assert_eq!(refused.fault(), "/type");
    assert!(refused.text().contains("throughline.intake.enrolled.v1"));
}

#[tokio::test]
async fn a_field_missing_or_unknown_or_wrong_is_pointed_at() {
    let world = World::with_anna().await;
    let facts = json!({ "format": "phone", "begun_by": "client", "exchange": "both" });
    let wrong = event(3, "transaction.contact-made", "2026-03-03", &facts);
    let refused = world.append(ANNA, &json!([contact(4, "2026-03-03"), wrong])).await;
    assert_eq!(refused.refuses(422, "invalid-event").fault(), "/1/data/facts/exchange");
    let missing = event(3, "intake.enrolled", "2026-03-03", &json!({ "enrolment": "e-2" }));
    let refused = world.append(ANNA, &missing).await.refuses(422, "invalid-event");
    assert!(refused.fault().starts_with("/data/facts"), "{}", refused.json());
    assert!(refused.text().contains("programme"));
    let mut unknown = contact(3, "2026-03-03");
    unknown["data"]["mood"] = json!("good");
    assert_eq!(world.append(ANNA, &unknown).await.refuses(422, "invalid-event").fault(), "/data/mood");
    let mut elsewhere = contact(3, "2026-03-03");
    elsewhere["subject"] = json!(id(99));
    assert_eq!(world.append(ANNA, &elsewhere).await.refuses(422, "invalid-event").fault(), "/subject");
    let mut no_uuid = contact(3, "2026-03-03");
    no_uuid["id"] = json!("contact-3");
    assert_eq!(world.append(ANNA, &no_uuid).await.refuses(422, "invalid-event").fault(), "/id");
}

#[tokio::test]
async fn a_field_named_twice_is_pointed_at_wherever_it_stands() {
    let world = World::with_anna().await;
    let good = contact(3, "2026-03-03").to_string();
    for (field, pointer) in [("id", "/id"), ("occurred", "/data/occurred"), ("format", "/data/facts/format")]
    {
        let wrong = good.replace(&format!("\"{field}\":"), &format!("\"{field}\":null,\"{field}\":"));
        let refused = world.post(ANNA, "application/json", wrong.clone(), &[]).await;
        let refused = refused.refuses(422, "invalid-event");
        assert_eq!(refused.fault(), pointer);
        assert!(refused.text().contains(&format!("`{field}` is there twice")), "{}", refused.text());
        let batch = format!("[{},{wrong}]", contact(4, "2026-03-03"));
        let refused = world.post(ANNA, "application/json", batch, &[]).await.refuses(422, "invalid-event");
        assert_eq!(refused.fault(), format!("/1{pointer}"));
    }
    world.append(ANNA, &contact(3, "2026-03-03")).await.is(201);
}

#[tokio::test]
async fn what_the_journeys_rules_forbid_is_refused_with_its_rule() {
    let world = World::with_anna().await;
    let future = world.append(ANNA, &contact(3, "2027-01-01")).await.refuses(422, "rejected");
    assert_eq!(future.fault(), "/data/occurred");
    assert!(future.text().contains("rule `future`"), "{}", future.text());
    let unopened = "00000000-0000-4000-8000-00000000b001";
    world.append(unopened, &contact(4, "2026-03-03")).await.refuses(422, "rejected");
    world.append(ANNA, &opened(5)).await.refuses(422, "rejected");
}

#[tokio::test]
async fn too_much_in_one_piece_is_refused_with_the_limit() {
    let world = World::with_anna().await;
    let many: Vec<Json> = (0..10_001).map(|n| contact(10 + n, "2026-03-03")).collect();
    let refused = world.append(ANNA, &json!(many)).await.refuses(413, "too-many-events");
    assert!(refused.text().contains("10000"));
    let huge = "x".repeat(17 * 1024 * 1024 + 1);
    let refused = world.post(ANNA, "application/json", huge, &[]).await.refuses(413, "too-large");
    assert!(refused.text().contains("17825792"));
    let notes: Vec<String> = (0..5).map(|_| "y".repeat(16 * 1024)).collect();
    let mut large = event(3, "intake.analysis-made", "2026-03-03", &json!({}));
    large["data"]["personal"] = json!({ "findings": notes });
    let refused = world.append(ANNA, &json!([large])).await.refuses(422, "event-too-large");
    assert_eq!(refused.fault(), "/0");
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused_with_row_and_column() {
    let world = World::with_anna().await;
    let refused =
        world.post(ANNA, "application/json", "{\n  \"id\": ,\n}", &[]).await.refuses(400, "malformed-body");
    assert_eq!(
        (refused.json()["errors"][0]["row"].clone(), refused.json()["errors"][0]["column"].clone()),
        (json!(2), json!(9))
    );
    for body in
        [b"\"\xff\xfe\"".to_vec(), "[".repeat(100_000).into_bytes(), b"{\"a\":".repeat(5000), Vec::new()]
    {
        world.post(ANNA, "application/json", body, &[]).await.refuses(400, "malformed-body");
    }
    for body in ["null", "7", "\"event\"", "[]", "[null]", "[[]]", "{}"] {
        world.post(ANNA, "application/json", body, &[]).await.refuses(422, "invalid-event");
    }
}

#[tokio::test]
async fn the_wrong_path_method_or_media_type_is_refused() {
    let world = World::with_anna().await;
    world.get("/v1/nothing").await.refuses(404, "no-such-path");
    world.get("/v1/journeys/").await.is(404);
    let delete = Request::delete(format!("/v1/journeys/{ANNA}")).body(Body::empty()).expect("a request");
    assert_eq!(world.send(delete).await.refuses(405, "wrong-method").header("allow"), "GET,HEAD");
    for media_type in ["text/plain", "application/xml", "nonsense"] {
        let refused = world.post(ANNA, media_type, opened(1).to_string(), &[]).await;
        assert_eq!(refused.refuses(415, "wrong-media-type").fault(), "Content-Type");
    }
    let untyped =
        Request::post(format!("/v1/journeys/{ANNA}/events")).body(Body::from("{}")).expect("a request");
    world.send(untyped).await.refuses(415, "wrong-media-type");
}

#[tokio::test]
async fn an_unknown_journey_and_a_name_that_is_none_are_told_apart() {
    let world = World::with_anna().await;
    let unknown = "00000000-0000-4000-8000-00000000dead";
    for path in ["", "/history", "/engagement", "/compare?from=0"] {
        world.get(&format!("/v1/journeys/{unknown}{path}")).await.refuses(404, "unknown-journey");
        for name in ["anna", "%FF%FE", "a:", ":b", "0000"] {
            let refused = world.get(&format!("/v1/journeys/{name}{path}")).await.refuses(422, "invalid-path");
            assert_eq!(refused.fault(), "id");
        }
    }
}

#[tokio::test]
async fn parameters_that_hold_nonsense_are_refused_by_name() {
    let world = World::with_anna().await;
    for (query, code, parameter) in [
        ("limit=0", "invalid-query", "limit"),
        ("limit=1001", "invalid-query", "limit"),
        ("limit=5&limit=6", "invalid-query", "limit"),
        ("as_of=yesterday", "invalid-query", "as_of"),
        ("as_of=2026-03-01", "invalid-query", "as_of"),
        ("as_of=2", "beyond-head", "as_of"),
        ("as_of=2031-01-01T00:00:00Z", "beyond-head", "as_of"),
        ("min_position=2", "beyond-head", "min_position"),
        ("min_position=-1", "invalid-query", "min_position"),
        ("valid_at=2026-02-30", "invalid-query", "valid_at"),
        ("corrections=hidden", "invalid-query", "corrections"),
        ("family=animals", "invalid-query", "family"),
        ("fact=enroled", "invalid-query", "fact"),
        ("actor=Anna%20Example", "invalid-query", "actor"),
        ("cursor=AAAA", "invalid-cursor", "cursor"),
        ("cursor=%F0%9F%98%80", "invalid-cursor", "cursor"),
        ("colour=red", "invalid-query", "colour"),
    ] {
        let refused = world.get(&format!("/v1/journeys/{ANNA}/history?{query}")).await.refuses(422, code);
        assert_eq!(refused.fault(), parameter, "{query}");
    }
    for number in ["xx", "", "-1", "18446744073709551616"] {
        let asked = format!("/v1/journeys/{ANNA}/history?min_position={number}");
        let refused = world.get(&asked).await.refuses(422, "invalid-query").json();
        assert_eq!(refused["detail"], "`min_position`: write a whole number such as 1204", "{number}");
    }
}

#[tokio::test]
async fn a_cursor_of_one_query_is_refused_by_another() {
    let world = World::with_anna().await;
    let page = world.get(&format!("/v1/journeys/{ANNA}/history?limit=1")).await.is(200).json();
    let next = page["next"].as_str().expect("a next page");
    world.get(next).await.is(200);
    world.get(&format!("{next}&order=newest")).await.refuses(422, "invalid-cursor");
    let cursor = next.split("cursor=").nth(1).expect("a cursor");
    world.get(&format!("/v1/journeys?cursor={cursor}")).await.refuses(422, "invalid-cursor");
}

#[tokio::test]
async fn headers_that_hold_nonsense_are_refused_by_name() {
    let world = World::with_anna().await;
    for (name, value) in [
        ("if-match", "2"),
        ("if-match", "W/\"2\""),
        ("if-match", "\"two\""),
        ("if-none-match", "\"2\""),
        ("idempotency-key", ""),
        ("idempotency-key", "\u{e9}"),
    ] {
        let refused = world.append_with(ANNA, &contact(3, "2026-03-03"), &[(name, value)]).await;
        assert!(refused.refuses(422, "invalid-header").fault().eq_ignore_ascii_case(name), "{name}: {value}");
    }
    let both = [("if-match", "\"2\""), ("if-none-match", "*")];
    world.append_with(ANNA, &contact(3, "2026-03-03"), &both).await.refuses(422, "invalid-header");
}

#[test]
fn no_bytes_posted_are_ever_a_fault_of_the_service() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let world = runtime.block_on(World::with_anna());
    let shaped = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        "[\\[\\]{}\",:a-z0-9. -]{0,120}".prop_map(String::into_bytes),
        (any::<u8>(), any::<prop::sample::Index>()).prop_map(|(byte, index)| {
            let mut body = json!([contact(3, "2026-03-03")]).to_string().into_bytes();
            let at = index.index(body.len());
            body[at] = byte;
            body
        }),
    ];
    proptest!(ProptestConfig::with_cases(400), |(body in shaped, media_type in 0..3_usize)| {
        let media_types = ["application/json", "application/cloudevents+json", "application/cloudevents-batch+json"];
        let answer = runtime.block_on(world.post(ANNA, media_types[media_type], body, &[]));
        prop_assert!(answer.status.as_u16() < 500, "{}", answer.status);
    });
}

#[test]
fn no_query_asked_is_ever_a_fault_of_the_service() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let world = runtime.block_on(World::with_anna());
    let names = [
        "as_of",
        "valid_at",
        "on",
        "min_position",
        "limit",
        "cursor",
        "from",
        "to",
        "group_by",
        "after",
        "actor",
    ];
    let paths = ["/history", "/compare", "/engagement", ""].map(|path| format!("/v1/journeys/{ANNA}{path}"));
    let paths = [
        &paths[..],
        &["/v1/journeys", "/v1/events", "/v1/outcomes", "/v1/worklists/promises"].map(str::to_owned),
    ]
    .concat();
    let value = prop_oneof![
        "[ -~]{0,12}",
        "-?[0-9]{1,22}",
        "-?[0-9]{4,6}-[0-9]{2}-[0-9]{2}",
        "[0-9]{4}-0[1-9]-0[1-9]T00:00:00Z"
    ];
    proptest!(ProptestConfig::with_cases(400), |(path in prop::sample::select(paths), name in prop::sample::select(names.to_vec()), value in value)| {
        let value = value.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
        let answer = runtime.block_on(world.get(&format!("{path}?{name}={value}")));
        prop_assert!(answer.status.as_u16() < 500, "{}", answer.status);
    });
}
