//! Audit packs and comparisons on the command line: made, checked alone, changed and found.

use std::{fs, process::Command};

use serde_json::Value as Json;

use crate::{
    events::{ANNA, contact, event, opened},
    place::{CLIENTS, Place, text},
};

/// What the access log has of a client's packs: fact, purpose, why it was refused.
fn noted(place: &Place, client: &str) -> Vec<(String, Json, Json)> {
    let log = place.json(["access", "log", "--client", client]);
    let entries = log["entries"].as_array().expect("entries").iter();
    let of_packs = entries.filter(|entry| entry["what"] == "audit-pack");
    of_packs
        .map(|entry| {
            let fact = entry["fact"].as_str().expect("a fact").to_owned();
            (fact, entry["purpose"].clone(), entry["why"].clone())
        })
        .collect()
}

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
    assert!(log.contains("compare"), "{log}");
    assert_eq!(noted(&place, "demo:1"), [("exported".to_owned(), "data-sharing".into(), Json::Null)]);
    place.run(["audit-pack", "demo:1", "--out", out]).refuses(3, &["not empty"]);
    let told = place.run(["verify", out]).is(0);
    let told = told.out;
    assert!(told.contains("names withheld") && told.contains("is not proved"), "{told}");
}

/// Bongani of the made-up data was never asked whether to share his record.
#[test]
fn without_consent_there_is_no_pack_but_a_line_in_the_access_log() {
    let place = Place::with_demo();
    let out = place.beside("pack");
    let ask = |more: &[&str]| place.run([&["audit-pack", "demo:6", "--out", text(&out)], more].concat());
    let refused = ask(&["--json"]).is(1).json();
    assert_eq!(refused["refused"], "no-consent");
    let why = refused["why"].as_str().expect("what is missing");
    for word in ["`data-sharing`", "never given", "record `consent-given`", "purpose"] {
        assert!(why.contains(word), "{why}");
    }
    let told = ask(&["--withhold-names", "--as-of", "2024-03-01"]).is(1).out;
    assert!(told.starts_with("refused: ") && told.contains("never given"), "{told}");
    assert!(!out.exists(), "nothing was written");
    // There is consent for something else, and what it was taken out for is written down.
    let made = ask(&["--purpose", "services", "--json"]).is(0).json();
    assert_eq!(made["purpose"], "services");
    let refusal = ("refused".to_owned(), Json::Null, Json::from("no-consent"));
    let exported = ("exported".to_owned(), Json::from("services"), Json::Null);
    assert_eq!(noted(&place, "demo:6"), [refusal.clone(), refusal, exported]);
    let told = place.run(["access", "log", "--client", "demo:6"]).is(0).out;
    assert!(told.contains("audit-pack for services") && told.contains("(no-consent)"), "{told}");
    let told = place.run(["verify", text(&out)]).is(0).out;
    assert!(told.contains("taken out for services") && told.contains("by consent of journey"), "{told}");
    // Nomvula's was given and taken back.
    let nomvula = place.beside("nomvula");
    let told = place.run(["audit-pack", "demo:3", "--out", text(&nomvula)]).is(1).out;
    assert!(told.contains("taken back on") && !nomvula.exists(), "{told}");
}

#[test]
fn a_pack_of_what_was_known_before_consent_was_taken_back_is_refused_too() {
    let place = Place::with_demo();
    let consent = |n, fact: &str, on| event(n, fact, on, &serde_json::json!({ "scope": "data-sharing" }));
    let events = [opened(1), consent(2, "intake.consent-given", "2026-03-02"), contact(3, "2026-03-03")];
    let appended =
        place.json(["append", ANNA, &place.file("anna.json", &Json::from(events.to_vec()).to_string())]);
    let as_of = appended["events"][2]["position"].to_string();
    let pack = |name: &str| {
        let out = place.beside(name);
        (place.run(["audit-pack", ANNA, "--as-of", &as_of, "--out", text(&out), "--json"]), out)
    };
    let (made, out) = pack("before");
    assert_eq!(made.is(0).json()["shown"], 3);
    let manifest = fs::read_to_string(out.join("manifest.json")).expect("a manifest");
    assert!(manifest.contains("\"given\": \"2026-03-02\""), "{manifest}");
    let withdrawn = consent(4, "intake.consent-withdrawn", "2026-03-10").to_string();
    place.run(["append", ANNA, &place.file("withdrawn.json", &withdrawn)]).is(0);
    let (refused, out) = pack("after");
    let why = refused.is(1).json()["why"].to_string();
    assert!(why.contains("taken back on 2026-03-10") && !out.exists(), "{why}");
    let facts: Vec<String> = noted(&place, ANNA).into_iter().map(|(fact, ..)| fact).collect();
    assert_eq!(facts, ["exported", "refused"]);
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
