//! The master key from outside and another one; erasing, and restoring what was erased since.

use std::{fs, path::Path};

use serde_json::json;

use crate::{
    events::{ANNA, opened},
    place::{Place, Told, command, text},
    server::Server,
};

const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// Runs the binary with a master key in the environment.
fn with_key(place: &Place, key: &str, args: &[&str]) -> Told {
    Told::by(place.command(args).env("THROUGHLINE_MASTER_KEY", key).output().expect("the binary starts"))
}

fn one_journey(place: &Place) -> String {
    let mut event = opened(1);
    event["subject"] = json!(ANNA);
    place.file("anna.json", &event.to_string())
}

#[test]
fn a_master_key_that_is_made_is_told_of_once_and_one_from_outside_is_not_made() {
    let place = Place::empty();
    let file = one_journey(&place);
    let made = place.run(["import", "events", &file]).is(0);
    let path = place.data().join("keys/master.key");
    assert!(made.err.contains(text(&path)) && made.err.contains("keep a copy"), "{}", made.err);
    assert!(!place.run(["history", ANNA]).is(0).err.contains("master key"));

    let outside = Place::empty();
    let file = one_journey(&outside);
    let made = with_key(&outside, KEY, &["import", "events", &file]).is(0);
    assert!(!made.err.contains("master key") && !outside.data().join("keys/master.key").exists());
    with_key(&outside, KEY, &["verify", "--deep"]).is(0);
    with_key(&outside, KEY, &["doctor"]).is(0);
    outside.run(["history", ANNA]).refuses(3, &["master.key is missing", "name the master key"]);
    let other = KEY.replace("00", "99");
    for key in [&other, "", "00ff", &KEY.replace("00", "zz")] {
        let told = with_key(&outside, key, &["history", ANNA]).is(3);
        assert!(!told.err.contains(&KEY[..16]) && !told.err.contains("99112233"), "{}", told.err);
    }
    let status = with_key(&outside, KEY, &["keys", "status", "--json"]).is(0).json();
    assert_eq!(
        (&status["from"], &status["journeys"]),
        (&json!("the variable THROUGHLINE_MASTER_KEY"), &json!(2))
    );

    // A backup of it has no master key, and a restore needs it named.
    let (backup, restored) = (outside.beside("backup"), outside.beside("restored"));
    let told = with_key(&outside, KEY, &["backup", text(&backup), "--json"]).is(0).json();
    assert_eq!(told["master_key"], false);
    let file = outside.file("key.hex", KEY);
    let restore = |args: &[&str]| Told::by(command(&restored, args).output().expect("the binary starts"));
    restore(&["restore", text(&backup)]).refuses(3, &["name the master key"]);
    restore(&["restore", text(&backup), "--master-key-file", &file]).is(0);
    restore(&["verify", "--deep", "--master-key-file", &file]).is(0);
    let twice = with_key(&outside, KEY, &["history", ANNA, "--master-key-file", &file]);
    twice.refuses(3, &["given twice"]);
}

#[test]
fn a_rotation_is_refused_while_served_and_moves_the_key_out() {
    let place = Place::empty();
    let server = Server::on(&place);
    server.append(ANNA, &json!([opened(1)])).is(201);
    place.run(["keys", "rotate"]).refuses(3, &["held by a running server"]);
    place.run(["keys", "status"]).is(0);
    server.stop();
    let old = fs::read(place.data().join("keys/master.key")).expect("a key");
    let before = place.json(["keys", "status"])["master_key"].clone();
    let backup = place.beside("backup");
    place.run(["backup", text(&backup)]).is(0);
    let rotated = place.json(["keys", "rotate"]);
    assert!(rotated["rewrapped"].as_u64() >= Some(1) && rotated["master_key"] != before, "{rotated}");
    assert_ne!(fs::read(place.data().join("keys/master.key")).expect("a key"), old);
    let said = fs::read_to_string(backup.join("BACKUP")).expect("words");
    assert!(said.contains(before.as_str().expect("an id")), "a backup says which key it needs: {said}");
    assert_eq!(place.ids(ANNA).len(), 1);
    let file = place.beside("new.key");
    place.run(["keys", "rotate", "--new-master-key-file", text(&file)]).is(0);
    assert!(file.exists() && !place.data().join("keys/master.key").exists());
    place.run(["history", ANNA]).refuses(3, &["name the master key"]);
    place.run(["history", ANNA, "--master-key-file", text(&file)]).is(0);
    place.run(["keys", "rotate", "--master-key-file", text(&file)]).refuses(3, &["--new-master-key-file"]);
}

#[test]
fn erasing_asks_gives_a_certificate_and_outlives_a_restore() {
    let place = Place::with_demo();
    let backup = place.beside("backup");
    place.run(["backup", text(&backup)]).is(0);
    let erase = ["erase", "demo:1", "--level", "all", "--reason", "asked", "--requested-by", "client"];
    place.run(erase).refuses(3, &["--yes"]);
    place
        .run(["erase", ANNA, "--level", "all", "--reason", "asked", "--requested-by", "client", "--yes"])
        .refuses(3, &["unknown"]);
    let told = place.json([&erase[..], &["--yes"]].concat());
    let certificate = &told["certificates"][0];
    assert!(certificate["note"].as_str().expect("a note").contains("\n\n— "), "{certificate}");
    assert_eq!(place.json([&erase[..], &["--yes"]].concat())["certificates"], told["certificates"]);
    place.run(["show", "demo:1"]).refuses(3, &["was erased"]);
    assert_eq!(place.json(["keys", "status"])["erased"], 1);

    let restored = place.beside("restored");
    let run = |data: &Path, args: &[&str]| Told::by(command(data, args).output().expect("the binary starts"));
    let blind = place.beside("blind");
    let said = run(&blind, &["restore", text(&backup)]).is(0);
    assert!(said.err.contains("--erasures"), "{}", said.err);
    run(&blind, &["show", "demo:1"]).is(0);
    let erasures = place.data().join("erasures");
    let again =
        run(&restored, &["restore", text(&backup), "--erasures", text(&erasures), "--json"]).is(0).json();
    assert_eq!((&again["erased_again"], &again["certificates"]), (&json!(1), &json!(1)));
    run(&restored, &["show", "demo:1"]).refuses(3, &["was erased"]);
    run(&restored, &["verify", "--deep"]).is(0);
    let history = run(&restored, &["history", "demo:1", "--json"]).is(0).out;
    assert!(history.contains("key-destroyed"), "it is told again");
}
