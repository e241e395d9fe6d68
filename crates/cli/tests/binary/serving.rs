//! A server at work: what is appended over HTTP is read back, once, by its version, and as known then.

use serde_json::json;

use crate::{
    events::{ANNA, contact, contact_corrected, enrolled, id, opened},
    place::Place,
    server::Server,
};

#[test]
fn a_writer_reads_what_was_written_and_a_stale_writer_is_refused() {
    let place = Place::empty();
    let server = Server::on(&place);
    let receipt = server.append(ANNA, &json!([opened(1), enrolled(2), contact(3, "2026-03-03")])).is(201);
    assert_eq!(receipt.header("etag"), "\"3\"");
    assert_eq!(receipt.json()["position"], 2);
    let path = format!("/v1/journeys/{ANNA}/engagement?min_position=2&on=2026-04-01");
    let view = server.get(&path).is(200);
    assert!(view.json()["applied_position"].as_u64() >= Some(2));
    assert_eq!(view.json()["version"], 3);
    assert!(view.json().to_string().contains("2026-03-03"), "the view knows of the talk");

    let tag = view.header("etag").to_owned();
    assert!(tag.starts_with("\"3"), "{tag}");
    server.append_if(ANNA, &contact(4, "2026-03-10"), &[("If-Match", &tag)]).is(201);
    let stale = server.append_if(ANNA, &contact(5, "2026-03-11"), &[("If-Match", &tag)]);
    let stale = stale.refuses(412, "stale-version");
    assert_eq!(stale.json()["version"], 4);
    assert_eq!(stale.header("etag"), "\"4\"");
    let new = [("If-None-Match", "*")];
    server.append_if(ANNA, &opened(6), &new).refuses(412, "stale-version");
    server.append_if("hmis:62547", &opened(7), &new).is(201);
    server.get("/v1/journeys/hmis:62547/history").is(200);
    server.stop();
    assert_eq!(place.ids(ANNA), [id(1), id(2), id(3), id(4)]);
    assert_eq!(place.ids("hmis:62547"), [id(7)], "a key names the same journey on the command line");
}

#[test]
fn the_same_event_again_comes_back_as_it_was() {
    let place = Place::empty();
    let server = Server::on(&place);
    let mut first = server.append(ANNA, &opened(1)).is(201).json();
    let again = server.append(ANNA, &opened(1)).is(201).json();
    first["events"][0]["repeated"] = json!(true);
    assert_eq!(again, first);
    server.append(ANNA, &contact(1, "2026-03-03")).refuses(409, "event-id-taken");
    let server = restarted(server, &place);
    assert_eq!(server.append(ANNA, &opened(1)).is(201).json(), first, "for ever");
    server.stop();
    assert_eq!(place.events(), 1);
}

fn restarted(server: Server, place: &Place) -> Server {
    server.stop();
    Server::on(place)
}

#[test]
fn a_correction_changes_the_view_as_lived_and_not_as_known_before_it() {
    let place = Place::empty();
    let server = Server::on(&place);
    server.append(ANNA, &json!([opened(1), enrolled(2), contact(3, "2026-03-03")])).is(201);
    let last_contact = |also: &str| {
        let path = format!("/v1/journeys/{ANNA}/engagement?on=2026-04-01{also}");
        let answer = server.get(&path).is(200).json();
        let on =
            answer.pointer("/view/silence/last_contact/on").or(answer.pointer("/silence/last_contact/on"));
        on.cloned().unwrap_or_else(|| panic!("no last contact in {answer}"))
    };
    assert_eq!(last_contact("&min_position=2"), "2026-03-03");
    let receipt = server.append(ANNA, &contact_corrected(4, 3, "2026-03-20")).is(201).json();
    assert_eq!(receipt["position"], 3);
    assert_eq!(last_contact("&min_position=3"), "2026-03-20");
    assert_eq!(last_contact("&as_of=2"), "2026-03-03");
    assert_eq!(last_contact("&as_of=3"), "2026-03-20");
    let recorded_at = |nth: usize| {
        let history = server.get(&format!("/v1/journeys/{ANNA}/history")).is(200).json();
        history["events"][nth]["recordedat"].as_str().expect("a time").to_owned()
    };
    assert_eq!(last_contact(&format!("&as_of={}", recorded_at(2))), "2026-03-03");
    assert_eq!(last_contact(&format!("&as_of={}", recorded_at(3))), "2026-03-20");
    let compared = server.get(&format!("/v1/journeys/{ANNA}/compare?from=2&to=3")).is(200).json();
    assert_eq!(compared["corrected"].as_array().map(Vec::len), Some(1), "{compared}");
}

#[test]
fn made_up_lives_are_served_as_the_command_line_tells_them() {
    let place = Place::with_demo();
    let told = place.json(["show", "demo:1", "--on", "2026-06-01"]);
    let history = place.json(["history", "demo:1"]);
    let server = Server::on(&place);
    server.get("/readyz").is(200);
    for view in ["engagement", "satisfaction", "outcomes", "quality"] {
        let answer = server.get(&format!("/v1/journeys/demo:1/{view}?on=2026-06-01")).is(200).json();
        let said = answer.get("view").or(answer.get(view)).unwrap_or(&answer);
        for (name, value) in told["views"][view].as_object().expect("a view") {
            assert_eq!(said[name], *value, "{view}: {name}");
        }
    }
    let mut served = Vec::new();
    let mut next = Some("/v1/journeys/demo:1/history?limit=40".to_owned());
    while let Some(path) = next {
        let page = server.get(&path).is(200).json();
        served.extend(page["events"].as_array().expect("events").clone());
        next = page["next"].as_str().map(ToOwned::to_owned);
    }
    let id = |event: &serde_json::Value| event["id"].clone();
    let told = history["events"].as_array().expect("events");
    assert_eq!(served.iter().map(id).collect::<Vec<_>>(), told.iter().map(id).collect::<Vec<_>>());
    for path in
        ["/v1/outcomes?group_by=programme&compare=last_year", "/v1/worklists/going-quiet", "/", "/docs"]
    {
        server.get(path).is(200);
    }
}
