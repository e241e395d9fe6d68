//! Audit packs and comparisons on the command line: made, checked alone, changed and found.

use std::{fs, process::Command};

use serde_json::Value as Json;

use crate::place::{CLIENTS, Place, text};

/// A journey of the made-up data that has a correction in it.
fn corrected(place: &Place) -> String {
    let has = |journey: &String| {
        let history = place.run(["history", journey, "--json"]).is(0).json();
        let events = history["events"].as_array().expect("events");
        events.iter().any(|event| event["type"] == "throughline.amendment.corrected.v1")
    };
    (1..=CLIENTS).map(|n| format!("demo:{n}")).find(has).expect("somebody's record was put right")
}

#[test]
fn a_pack_is_made_read_and_checked_without_the_log() {
    let place = Place::with_demo();
    let journey = corrected(&place);
    let (out, alone) = (place.beside("pack"), Place::empty());
    let (out, outside) = (text(&out), alone.data());
    let made = place.run(["audit-pack", &journey, "--out", out, "--json"]).is(0).json();
    let key = made["key"].as_str().expect("a key").to_owned();
    assert!(!outside.exists(), "verifying needs no data directory");
    let verified = alone.run(["verify", out, "--key", &key, "--json"]).is(0).json();
    assert_eq!(verified["ok"], true);
    assert_eq!((&verified["key_given"], &verified["page_compared"]), (&Json::Bool(true), &Json::Bool(true)));
    assert_eq!(verified["tally"]["shown"], made["shown"]);
    let told = alone.run(["verify", out]).is(0);
    assert!(told.out.contains("by the key that lies in the pack itself"), "{}", told.out);
    let page = fs::read_to_string(place.beside("pack/index.html")).expect("a page");
    assert!(page.contains("<th>it said</th><th>it says</th>") && page.contains(". Why: "));
    // Somebody else's key is not this log's.
    let other = "throughline/0a7fa65ce99a9978+2f1af0fd+ASKzR+PVu9dbxkVk+JUo++r1F5/8cN/LaD3R4PI6SWw5";
    let refused = alone.run(["verify", out, "--key", other, "--json"]).is(1).json();
    assert_eq!(refused["problems"][0]["file"], "log.vkey");
    // A stranger's checker says the same.
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/verify_pack.py");
    let python = Command::new("python3").args([script, out, "--key", &key]).output();
    if let Ok(python) = python.inspect_err(|_| println!("no python3 here")) {
        let needs = String::from_utf8_lossy(&python.stderr).contains("ModuleNotFoundError");
        assert!(python.status.success() || needs, "{python:?}");
    }
    let events = place.beside("pack/events.ndjson");
    let changed =
        fs::read_to_string(&events).expect("events").replacen("\"eyes\":\"staff\"", "\"eyes\":\"client\"", 1);
    fs::write(&events, changed).expect("a changed file");
    let found = alone.run(["verify", out, "--json"]).is(1).json();
    assert_eq!(
        (&found["ok"], &found["problems"][0]["file"]),
        (&Json::Bool(false), &Json::from("events.ndjson"))
    );
    assert!(
        found["problems"][0]["what"].as_str().expect("text").contains("/data/eyes is \"client\""),
        "{found}"
    );
}

#[test]
fn a_pack_and_a_comparison_are_written_down_in_the_access_log() {
    let place = Place::with_demo();
    let out = place.beside("pack");
    let out = text(&out);
    place.run(["audit-pack", "demo:1", "--out", out, "--withhold-names", "--valid-at", "2024-01-01"]).is(0);
    place.run(["compare", "demo:1", "--from", "2024-01-01", "--json"]).is(0);
    let log = place.run(["access", "log", "--client", "demo:1", "--json"]).is(0).json().to_string();
    assert!(log.contains("audit-pack") && log.contains("exported"), "{log}");
    assert!(log.contains("compare"), "{log}");
    place.run(["audit-pack", "demo:1", "--out", out]).refuses(3, &["not empty"]);
    let told = place.run(["verify", out]).is(0);
    let told = told.out;
    assert!(told.contains("names withheld") && told.contains("is not proved"), "{told}");
}

#[test]
fn two_moments_are_compared_with_the_reason_of_each_difference() {
    let place = Place::with_demo();
    let journey = corrected(&place);
    let history = place.run(["history", &journey, "--json"]).is(0).json();
    let events = history["events"].as_array().expect("events");
    let amendment = events
        .iter()
        .find(|event| event["type"] == "throughline.amendment.corrected.v1")
        .expect("a correction");
    let position = amendment["position"].as_u64().expect("a position");
    let (from, to) = ((position - 1).to_string(), position.to_string());
    let args = ["compare", &journey, "--from", &from, "--to", &to];
    let compared = place.run([&args[..], &["--json"]].concat()).is(0).json();
    assert_eq!(compared["corrected"][0]["by"]["event_id"], amendment["id"]);
    assert_eq!(compared["corrected"][0]["by"]["why"], amendment["data"]["facts"]["why"]);
    let told = place.run(args).is(0);
    let told = told.out;
    let why = amendment["data"]["facts"]["why"].as_str().expect("a reason");
    assert!(told.contains("CORRECTED") && told.contains(why) && told.contains(" → "), "{told}");
    place.run(["compare", &journey, "--from", &to, "--to", &from]).refuses(3, &["swap them"]);
}
