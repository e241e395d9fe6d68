//! What a server refuses: always a problem document with a stable code, never a fault of its own, and nothing written.

use serde_json::json;

use crate::{
    events::{ANNA, contact, enrolled, event, id, opened},
    place::Place,
    server::Server,
};

const NOBODY: &str = "00000000-0000-4000-8000-00000000ffff";

#[test]
fn events_that_cannot_be_taken_are_refused_where_they_are_wrong() {
    let place = Place::empty();
    let server = Server::on(&place);
    server.append(ANNA, &json!([opened(1), enrolled(2)])).is(201);

    let refused = server.append(ANNA, &contact(2, "2026-03-03")).refuses(409, "event-id-taken");
    assert!(refused.json()["detail"].to_string().contains(&id(2)));
    server.append(ANNA, &contact(3, "2091-01-01")).refuses(422, "rejected").at("/data/occurred");
    let unknown = event(3, "transaction.contact-mad", "2026-03-03", &json!({}));
    let refused = server.append(ANNA, &unknown).refuses(422, "invalid-event").at("/type");
    assert!(refused.json().to_string().contains("contact-made"), "the nearest fact is named");
    let missing = event(3, "intake.enrolled", "2026-03-03", &json!({ "enrolment": "e-2" }));
    let refused = server.append(ANNA, &missing).refuses(422, "invalid-event");
    assert!(refused.json().to_string().contains("programme"), "{refused:#?}");
    let extra = event(3, "intake.enrolled", "2026-03-03", &json!({ "enrolment": "e-2", "colour": "red" }));
    let refused = server.append(ANNA, &extra).refuses(422, "invalid-event");
    assert!(refused.json().to_string().contains("colour"), "{refused:#?}");
    let stranger = event(3, "milestone.exited", "2026-03-03", &json!({ "enrolment": "e-9" }));
    server.append(ANNA, &json!([contact(4, "2026-03-03"), stranger])).refuses(422, "rejected");
    let mut elsewhere = contact(5, "2026-03-03");
    elsewhere["subject"] = json!(NOBODY);
    server.append(ANNA, &elsewhere).refuses(422, "invalid-event").at("/subject");

    let history = server.get(&format!("/v1/journeys/{ANNA}/history")).is(200).json();
    assert_eq!(history["total"], 2, "nothing refused was written");
    server.stop();
    assert_eq!(place.events(), 2);
}

#[test]
fn too_much_in_one_piece_is_refused_with_the_limit() {
    let place = Place::empty();
    let server = Server::on(&place);
    server.append(ANNA, &opened(1)).is(201);
    let many: Vec<_> = (0..10_001).map(|n| contact(100 + n, "2026-03-03")).collect();
    let refused = server.append(ANNA, &json!(many)).refuses(413, "too-many-events");
    assert!(refused.json()["detail"].to_string().contains("10000"), "{refused:#?}");

    let mut wordy = contact(2, "2026-03-03");
    wordy["data"]["personal"] = json!({ "note": "w".repeat(65 * 1024) });
    let refused = server.append(ANNA, &wordy).refuses(422, "invalid-event");
    assert!(refused.json().to_string().contains("16,384"), "{refused:#?}");

    let words = "w".repeat(15 * 1024);
    let mut large = event(3, "intake.intake-held", "2026-03-03", &json!({}));
    large["data"]["personal"] = json!({
        "challenges": words, "opportunities": words, "surroundings": words, "support": words, "history": words,
    });
    let refused = server.append(ANNA, &large).refuses(422, "event-too-large");
    assert!(refused.json()["detail"].to_string().contains("65536"), "{refused:#?}");

    server.append(ANNA, &json!(many[1..])).is(201);
    server.stop();
    assert_eq!(place.ids(ANNA).len(), 10_001, "as many as a batch may hold were taken, and nothing else");
}

#[test]
fn bodies_paths_methods_and_media_types_that_are_wrong_are_refused() {
    let place = Place::empty();
    let server = Server::on(&place);
    server.append(ANNA, &opened(1)).is(201);
    let events = format!("/v1/journeys/{ANNA}/events");
    let json = [("Content-Type", "application/json")];

    let broken = server.send("POST", &events, &json, "{\n\"specversion\": ").refuses(400, "malformed-body");
    let fault = &broken.json()["errors"][0];
    assert_eq!(fault["row"], 2, "{fault}");
    assert!(fault["hint"].as_str().is_some_and(|hint| hint.contains("CloudEvent")), "{fault}");
    server.send("POST", &events, &json, "").refuses(400, "malformed-body");
    server.send("POST", &events, &json, "7").refuses(422, "invalid-event");
    server.send("POST", &events, &json, "[]").refuses(422, "invalid-event");

    let text = [("Content-Type", "text/plain")];
    let refused = server.send("POST", &events, &text, "{}").refuses(415, "wrong-media-type");
    refused.at("Content-Type");
    server.send("POST", &events, &[], "{}").refuses(415, "wrong-media-type");
    let refused = server.send("DELETE", &events, &[], "").refuses(405, "wrong-method");
    assert_eq!(refused.header("allow"), "POST");
    server.get("/v1/worklists/nothing").refuses(404, "unknown-name");
    server.get("/v1/nothing").refuses(404, "no-such-path");
    server.get("/v1/journeys/anna/history").refuses(422, "invalid-path").at("id");
    for read in ["", "/history", "/engagement", "/satisfaction", "/outcomes", "/quality"] {
        let path = format!("/v1/journeys/{NOBODY}{read}");
        server.get(&path).refuses(404, "unknown-journey").at("id");
    }
    let path = format!("/v1/journeys/{ANNA}");
    for (query, code, parameter) in [
        ("as_of=yesterday", "invalid-query", "as_of"),
        ("valid_at=2026-02-30", "invalid-query", "valid_at"),
        ("as_of=9999", "beyond-head", "as_of"),
        ("min_position=1", "beyond-head", "min_position"),
        ("colour=red", "invalid-query", "colour"),
    ] {
        server.get(&format!("{path}/engagement?{query}")).refuses(422, code).at(parameter);
    }
    server
        .append_if(ANNA, &contact(2, "2026-03-03"), &[("If-Match", "seven")])
        .refuses(422, "invalid-header");
    server.stop();
    assert_eq!(place.events(), 1);
}
