//! Events from files and from standard input.

use serde_json::{Value as Json, json};

use crate::{
    events::{ANNA, contact, contact_corrected, enrolled, event, id, opened},
    place::Place,
};

#[test]
fn one_event_a_list_and_one_a_line_are_taken_from_files_and_from_standard_input() {
    let place = Place::with_demo();
    let before = place.events();
    let one = place.file("one.json", &opened(1).to_string());
    let receipt = place.json(["append", ANNA, &one]);
    assert_eq!(receipt["events"][0]["position"], before);
    assert_eq!(receipt["events"][0]["version"], 1);
    assert_eq!(receipt["events"][0]["repeated"], false);

    let list = json!([enrolled(2), contact(3, "2026-03-03")]).to_string();
    let list = place.file("list.json", &list);
    assert_eq!(place.json(["append", ANNA, &list])["events"][1]["version"], 3);

    let lines = format!("{}\n\n{}\n", contact(4, "2026-03-04"), contact(5, "2026-03-05"));
    let lines = place.file("lines.ndjson", &lines);
    assert_eq!(place.json(["append", ANNA, &lines])["events"][1]["version"], 5);

    let last = contact(6, "2026-03-06").to_string();
    let told = place.run_with(["append", ANNA, "-", "--json"], &last).is(0).json();
    assert_eq!(told["events"][0]["version"], 6);

    let expected: Vec<String> = (1..=6).map(id).collect();
    assert_eq!(place.ids(ANNA), expected);
    assert_eq!(place.events(), before + 6);
    let said = place.json(["show", ANNA, "--view", "engagement", "--on", "2026-03-06"]);
    assert_eq!(said["views"]["engagement"]["silence"]["last_contact"]["on"], "2026-03-06");
}

#[test]
fn an_event_appended_again_is_not_written_again() {
    let place = Place::with_demo();
    let list = place.file("list.json", &json!([opened(1), enrolled(2)]).to_string());
    let first = place.json(["append", ANNA, &list]);
    let events = place.events();
    let mut again = place.json(["append", ANNA, &list]);
    for stored in again["events"].as_array_mut().expect("events") {
        assert_eq!(stored["repeated"].take(), true);
        stored["repeated"] = Json::Bool(false);
    }
    assert_eq!(again, first, "a repeat stands where the first stands");
    let other = place.file("other.json", &contact(2, "2026-03-03").to_string());
    place.run(["append", ANNA, &other]).refuses(3, &[&id(2), "send a new id"]);
    assert_eq!(place.events(), events);
}

#[test]
fn a_stale_writer_is_refused_and_told_the_version() {
    let place = Place::with_demo();
    let open = place.file("open.json", &opened(1).to_string());
    place.run(["append", ANNA, &open, "--expect", "1"]).refuses(3, &["version 0", "decide anew"]);
    place.run(["append", ANNA, &open, "--expect", "0"]).is(0);
    let next = place.file("next.json", &contact(2, "2026-03-03").to_string());
    place.run(["append", ANNA, &next, "--expect", "0"]).refuses(3, &["version 1", "decide anew"]);
    assert_eq!(place.ids(ANNA), [id(1)]);
    place.run(["append", ANNA, &next, "--expect", "1"]).is(0);
    place.run(["append", ANNA, &next, "--expect", "1"]).is(0);
    assert_eq!(place.ids(ANNA), [id(1), id(2)], "a repeat is never stale");
}

#[test]
fn of_a_file_all_events_are_written_or_none() {
    let place = Place::with_demo();
    let before = place.events();
    let exited = event(3, "milestone.exited", "2026-04-01", &json!({ "enrolment": "e-9" }));
    let unknown = event(3, "milestone.exhaled", "2026-04-01", &json!({}));
    let unsaid = event(3, "transaction.contact-made", "2026-04-01", &json!({ "format": "phone" }));
    let future = contact(3, "2091-01-01");
    let twice = enrolled(3).to_string().replace("\"programme\":", "\"programme\":\"work\",\"programme\":");
    let broken = "{\"specversion\": \"1.0\",";
    for (third, says) in [
        (exited.to_string(), &["e-9", "enrolment"][..]),
        (unknown.to_string(), &["event 2", "/type", "milestone.exited"]),
        (unsaid.to_string(), &["event 2", "/data/facts"]),
        (future.to_string(), &["2091-01-01", "plans as plans"]),
        (broken.to_owned(), &["line 3"]),
        (twice, &["event 2", "/data/facts/programme", "there twice"]),
    ] {
        let lines = place.file("lines.ndjson", &format!("{}\n{}\n{third}\n", opened(1), enrolled(2)));
        place.run(["append", ANNA, &lines]).refuses(3, says);
        place.run(["history", ANNA]).refuses(3, &["unknown", "journey-opened"]);
    }
    assert_eq!(place.events(), before);
}

#[test]
fn a_late_correction_changes_the_past_as_lived_but_not_as_known() {
    let place = Place::with_demo();
    let events = json!([opened(1), enrolled(2), contact(3, "2026-03-03")]).to_string();
    let events = place.file("events.json", &events);
    let receipt = place.json(["append", ANNA, &events]);
    let known = receipt["events"][2]["position"].to_string();
    let show = |as_of: &[&str]| {
        let ask = ["show", ANNA, "--on", "2026-04-01", "--view", "engagement"];
        place.json(ask.iter().chain(as_of))["views"]["engagement"].clone()
    };
    let before = show(&[]);
    assert_eq!(before["silence"]["last_contact"]["on"], "2026-03-03");
    let correction = place.file("correction.json", &contact_corrected(4, 3, "2026-03-20").to_string());
    place.run(["append", ANNA, &correction]).is(0);
    assert_eq!(show(&[])["silence"]["last_contact"]["on"], "2026-03-20");
    assert_eq!(show(&["--as-of", &known]), before);
    let amended = place.json(["history", ANNA, "--amended"]);
    let talks: Vec<&Json> = amended["events"]
        .as_array()
        .expect("events")
        .iter()
        .filter(|event| event["type"] == "throughline.transaction.contact-made.v1")
        .collect();
    assert_eq!(talks.len(), 1);
    assert_eq!(talks[0]["occurred"], "2026-03-20");
    assert_eq!(place.ids(ANNA).len(), 4, "what was written stays written");
}
