//! What the commands say of made-up lives.

use std::process::Command;

use serde_json::Value as Json;

use crate::place::{CLIENTS, Place};

fn array(value: &Json) -> &[Json] {
    value.as_array().expect("an array")
}

#[test]
fn a_history_is_told_in_the_order_it_was_recorded() {
    let place = Place::with_demo();
    let history = place.json(["history", "demo:1"]);
    let events = array(&history["events"]);
    assert!(events.len() > 50, "the first life is a long one");
    assert_eq!(history["version"], events.len());
    for (nth, pair) in events.windows(2).enumerate() {
        assert_eq!(pair[0]["version"], nth + 1);
        assert!(pair[0]["position"].as_u64() < pair[1]["position"].as_u64());
        assert!(pair[0]["recordedat"].as_str() <= pair[1]["recordedat"].as_str());
    }
    assert!(events.iter().all(|event| event["subject"] == history["journey"]));
    let by_id = place.json(["history", history["journey"].as_str().expect("an id")]);
    assert_eq!(by_id, history, "a journey has one history by either name");
    let text = place.run(["history", "demo:1"]).is(0).out;
    for event in events {
        let position = event["position"].to_string();
        assert!(text.lines().any(|line| line.split_whitespace().next() == Some(&position)), "{position}");
    }
}

#[test]
fn what_was_known_then_is_a_prefix_of_what_is_known() {
    let place = Place::with_demo();
    let history = place.json(["history", "demo:1"]);
    let events = array(&history["events"]);
    let middle = &events[events.len() / 2];
    let position = middle["position"].as_u64().expect("a position");
    let known = |as_of: &str| place.json(["history", "demo:1", "--as-of", as_of])["events"].clone();
    let prefix = |keep: &dyn Fn(&Json) -> bool| -> Vec<Json> {
        events.iter().filter(|event| keep(event)).cloned().collect()
    };
    let then = known(&position.to_string());
    assert_eq!(then, Json::Array(prefix(&|event| event["position"].as_u64() <= Some(position))));
    let time = middle["recordedat"].as_str().expect("a time");
    let until = prefix(&|event| event["recordedat"].as_str() <= Some(time));
    assert_eq!(known(time), Json::Array(until));
    let day = &time[..10];
    let until = prefix(&|event| event["recordedat"].as_str().is_some_and(|at| &at[..10] <= day));
    assert!(until.len() < events.len());
    assert_eq!(known(day), Json::Array(until), "a day is known at its end");
    assert_eq!(known("2000-01-01"), Json::Array(Vec::new()));
    let lived = place.json(["history", "demo:1", "--valid-at", day]);
    let lived = array(&lived["events"]);
    assert!(!lived.is_empty() && lived.len() < events.len());
    assert!(lived.iter().all(|event| event["data"]["occurred"].as_str().is_some_and(|on| &on[..10] <= day)));
}

#[test]
fn all_views_tell_of_a_journey_and_say_the_same_once_rebuilt() {
    let place = Place::with_demo();
    let show = |journey: &str| place.json(["show", journey, "--on", "2026-06-01"]);
    let journeys: Vec<String> = (1..=CLIENTS).map(|client| format!("demo:{client}")).collect();
    let before: Vec<Json> = journeys.iter().step_by(7).map(|journey| show(journey)).collect();
    let names: Vec<&str> =
        before[0]["views"].as_object().expect("views").keys().map(String::as_str).collect();
    assert_eq!(names, ["engagement", "outcomes", "quality", "satisfaction"]);
    assert_eq!(before[0]["version"], array(&place.json(["history", "demo:1"])["events"]).len());

    let events = place.events();
    let rebuilt = place.json(["rebuild"]);
    assert_eq!(rebuilt["events"], events);
    assert!(rebuilt["journeys"].as_u64() >= Some(CLIENTS), "{rebuilt}");
    assert!(rebuilt["seconds"].is_f64());
    let after: Vec<Json> = journeys.iter().step_by(7).map(|journey| show(journey)).collect();
    assert_eq!(before, after);

    let last = (events - 1).to_string();
    let folded_anew = place.json(["show", "demo:1", "--on", "2026-06-01", "--as-of", &last]);
    assert_eq!(folded_anew, before[0]);
    let one = place.json(["show", "demo:1", "--on", "2026-06-01", "--view", "outcomes"]);
    assert_eq!(one["views"].as_object().map(serde_json::Map::len), Some(1));
    assert_eq!(one["views"]["outcomes"], before[0]["views"]["outcomes"]);
    place.json(["rebuild", "--projection", "satisfaction"]);
    assert_eq!(show("demo:1"), before[0]);
}

#[test]
fn a_log_as_written_is_found_whole() {
    let place = Place::with_demo();
    let verified = place.json(["verify", "--deep"]);
    assert_eq!((&verified["ok"], &verified["problems"]), (&Json::Bool(true), &Json::Array(Vec::new())));
    assert!(verified["events"].as_u64().is_some_and(|events| events > 1_000));
    let root = verified["root"].as_str().expect("a root");
    assert!(root.len() == 64 && root.bytes().all(|digit| digit.is_ascii_hexdigit()), "{root}");
    let data = place.data();
    let named = Place::empty().json(["verify", "--deep", data.to_str().expect("a path in UTF-8")]);
    assert_eq!(named["root"], verified["root"], "a directory can be named");
    assert!(place.run(["verify"]).is(0).out.contains("nothing is wrong"));
    let doctor = place.json(["doctor"]);
    assert_eq!(doctor["ok"], true, "{doctor}");
    assert!(array(&doctor["findings"]).len() > 5);
}

#[test]
fn the_shells_can_complete() {
    let place = Place::empty();
    for shell in ["bash", "elvish", "fish", "power-shell", "zsh"] {
        let told = place.run(["completions", shell]).is(0);
        assert!(told.out.contains("throughline") && told.out.contains("rebuild"), "{shell}");
    }
    let bash = place.file("completions.bash", &place.run(["completions", "bash"]).is(0).out);
    let read = Command::new("bash").args(["-n", &bash]).status().expect("bash");
    assert!(read.success(), "bash can read its completions");
    assert!(!place.data().exists(), "completing makes no data");
}

/// What a history says apart from the ids, which rest on the log's own secret.
fn said(place: &Place, journey: &str) -> Vec<String> {
    let history = place.json(["history", journey]);
    array(&history["events"])
        .iter()
        .map(|event| {
            let mut event = event.clone();
            for id in ["id", "subject"] {
                event[id] = Json::Null;
            }
            without_ids(&mut event);
            event.to_string()
        })
        .collect()
}

/// Blots out every UUID.
pub fn without_ids(value: &mut Json) {
    let uuid = |text: &str| {
        text.len() == 36
            && text.bytes().enumerate().all(|(nth, byte)| match nth {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            })
    };
    blot_out(value, "an id", &uuid);
}

/// Puts other words in the place of every text that `is` one of these.
pub fn blot_out(value: &mut Json, words: &str, is: &dyn Fn(&str) -> bool) {
    match value {
        Json::String(text) if is(text) => words.clone_into(text),
        Json::Array(values) => values.iter_mut().for_each(|value| blot_out(value, words, is)),
        Json::Object(fields) => fields.values_mut().for_each(|value| blot_out(value, words, is)),
        _ => {}
    }
}

#[test]
fn the_same_seed_makes_the_same_lives_and_another_seed_others() {
    let made = |seed: &str| {
        let place = Place::empty();
        place.json(["demo", "--no-serve", "--clients", "8", "--seed", seed]);
        place
    };
    let (first, again, other) = (made("5"), made("5"), made("6"));
    assert_eq!(first.events(), again.events());
    let journey = |place: &Place| place.json(["history", "demo:3"])["journey"].clone();
    assert_ne!(journey(&first), journey(&again), "an id says nothing outside its log");
    for client in 1..=8 {
        let client = format!("demo:{client}");
        assert_eq!(said(&first, &client), said(&again, &client));
        assert_ne!(said(&first, &client), said(&other, &client));
    }
}
