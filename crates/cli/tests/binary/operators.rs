//! What is done on the directory is in the access log: by whom, whatever they say of themselves.

use std::{fs, sync::Arc, thread, time::Duration};

use serde_json::{Value as Json, json};
use throughline_exchange::cloud_event;
use throughline_log::{EventLog as _, Log};

use crate::{
    access::user,
    events::{ANNA, contact, contact_corrected, opened},
    place::{Place, command, text},
    server::Server,
};

/// Fact and what of each line by whoever runs the tests, but those of opening accounts.
fn deeds(place: &Place) -> Vec<(String, String)> {
    let log = place.json(["access", "log", "--account", &user()]);
    let entries = log["entries"].as_array().expect("entries");
    let word = |entry: &Json, name: &str| entry[name].as_str().unwrap_or_default().to_owned();
    let told = entries.iter().map(|entry| (word(entry, "fact"), word(entry, "what")));
    told.filter(|(_, what)| !what.is_empty() && what != "access-log").collect()
}

fn pairs(told: &[(&str, &str)]) -> Vec<(String, String)> {
    told.iter().map(|(fact, what)| ((*fact).to_owned(), (*what).to_owned())).collect()
}

#[test]
fn an_erasure_is_ordered_by_the_same_user_in_the_record_the_certificate_and_the_access_log() {
    let place = Place::with_demo();
    let order =
        ["erase", "demo:1", "--level", "all", "--reason", "asked", "--requested-by", "client", "--yes"];
    place.run([&order[..], &["--actor", "worker:w99"]].concat()).is(2);
    let told = place.command(order).arg("--json").env("USER", "mallory").output().expect("the binary starts");
    assert!(told.status.success(), "{told:?}");
    let erased: Json = serde_json::from_slice(&told.stdout).expect("one JSON document");
    let certificate = &erased["certificates"][0];
    assert_eq!(certificate["actor"], json!(user()), "{certificate}");
    assert!(certificate["note"].to_string().contains(&user()), "{certificate}");
    let log = place.json(["access", "log", "--account", &user()]);
    let of = log["entries"].as_array().expect("entries").iter().find(|entry| entry["what"] == "erase");
    let of = of.unwrap_or_else(|| panic!("no erasure in {log}"));
    assert_eq!((&of["fact"], &of["client"]), (&json!("operated"), &certificate["journey"]));
    let recorded = place.json(["history", "demo:1"]);
    let last = recorded["events"].as_array().and_then(|events| events.last()).expect("an event").to_string();
    assert!(last.contains("key-destroyed") && last.contains(&user()), "{last}");
}

#[test]
fn copies_repairs_and_another_master_key_are_written_down() {
    let place = Place::with_demo();
    let (backup, tree, restored) = (place.beside("backup"), place.beside("tree"), place.beside("restored"));
    place.json(["backup", text(&backup)]);
    place.json(["tree", "export", text(&tree)]);
    place.json(["repair"]);
    place.json(["keys", "rotate"]);
    let told =
        [("exported", "backup"), ("exported", "tree"), ("operated", "repair"), ("operated", "rotate-keys")];
    assert_eq!(deeds(&place), pairs(&told));
    let names = fs::read_dir(place.data().join("deeds")).expect("a directory").count();
    assert_eq!(names, 0, "what was left is taken in");
    // The backup tells of itself, and the restored log of where it comes from.
    let told = command(&restored, ["restore", text(&backup), "--json"]).output().expect("the binary starts");
    assert!(told.status.success(), "{told:?}");
    let told = command(&restored, ["access", "log", "--json"]).output().expect("the binary starts");
    let log = String::from_utf8(told.stdout).expect("UTF-8");
    assert!(log.contains("\"backup\"") && log.contains("\"restore\"") && !log.contains("\"tree\""), "{log}");
}

#[test]
fn a_backup_taken_while_served_is_written_down_by_the_server_and_once() {
    let place = Place::with_demo();
    let server = Server::on(&place);
    place.json(["backup", text(&place.beside("one"))]);
    let left = || fs::read_dir(place.data().join("deeds")).map_or(0, Iterator::count);
    for _ in 0..600 {
        if left() == 0 {
            break;
        }
        thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(left(), 0, "the server takes it in");
    place.json(["backup", text(&place.beside("two"))]);
    let kept = fs::read_dir(place.data().join("deeds")).expect("a directory").flatten().next().map(|entry| {
        let path = entry.path();
        (fs::read(&path).expect("what was left"), path)
    });
    server.stop();
    assert_eq!(deeds(&place), pairs(&[("exported", "backup"); 2]));
    // A kill after it was written down and before it was taken away leaves it a second time.
    let (bytes, path) = kept.expect("it was left for the server");
    fs::write(path, bytes).expect("it is there again");
    assert_eq!(deeds(&place), pairs(&[("exported", "backup"); 2]));
    // One that says nothing stays and is told of, and keeps no other waiting, whichever comes first.
    let strange = |nth: u8| place.data().join(format!("deeds/{nth}0000000-0000-4000-8000-000000000001.json"));
    (0..10).for_each(|nth| fs::write(strange(nth), "{}").expect("no deed"));
    place.json(["backup", text(&place.beside("three"))]);
    let told = place.run(["access", "log"]).is(0);
    assert!(told.err.contains("not in the access log yet"), "{}", told.err);
    assert_eq!(told.err.matches("no deed").count(), 10, "{}", told.err);
    assert!((0..10).all(|nth| strange(nth).exists()));
    assert_eq!(deeds(&place), pairs(&[("exported", "backup"); 3]));
}

#[test]
fn no_copy_is_given_out_that_cannot_be_written_down() {
    let place = Place::with_demo();
    fs::write(place.data().join("deeds"), "in the way").expect("something is in its place");
    for args in [
        &["backup", text(&place.beside("b"))][..],
        &["tree", "export", text(&place.beside("t"))],
        &["keys", "rotate"],
    ] {
        place.run(args).refuses(3, &["deeds", "cannot be written"]);
    }
    assert!(!place.beside("b").exists() && !place.beside("t").exists());
}

#[test]
fn events_brought_in_by_command_say_by_whom_and_where_they_stand() {
    let place = Place::with_demo();
    let before = place.events();
    let file = place.file("events.json", &json!([opened(1), contact(2, "2026-03-02")]).to_string());
    place.run(["append", ANNA, &file]).is(0);
    place.run(["append", ANNA, &file]).is(0);
    let mut line = contact(3, "2026-03-03");
    line["subject"] = ANNA.into();
    let lines = place.file("events.ndjson", &line.to_string());
    place.run(["import", "events", &lines, "--dry-run"]).is(0);
    place.run(["import", "events", &lines]).is(0);
    assert_eq!(place.events(), before + 4, "the report of the import is an event too");
    let of =
        |position: u64| place.json(["access", "log", "--brought", &position.to_string()])["entries"].clone();
    let first = of(before);
    assert_eq!(first.as_array().map(Vec::len), Some(2), "{first}");
    for (nth, events) in [(0, 2), (1, 0)] {
        let entry = &first[nth];
        assert_eq!(
            (&entry["by"], &entry["what"], &entry["client"]),
            (&json!(user()), &json!("append"), &json!(ANNA))
        );
        assert_eq!(entry["positions"], json!([{ "first": before, "last": before + 1 }]));
        assert_eq!(entry["events"], events);
    }
    let imported = of(before + 2);
    let at = json!([{ "first": before + 2, "last": before + 2 }]);
    assert_eq!((&imported[0]["what"], &imported[0]["positions"]), (&json!("import"), &at), "{imported}");
    assert_eq!((&imported[0]["events"], of(before + 3)), (&json!(1), json!([])), "its report nobody brought");
    assert_eq!(deeds(&place).iter().filter(|(fact, what)| fact == "operated" && what == "import").count(), 1);
    let told = place.run(["access", "log", "--brought", &before.to_string()]).is(0).out;
    assert!(told.contains(&format!("at {before} to {}", before + 1)) && told.contains("2 new"), "{told}");
}

#[test]
fn an_import_sent_again_after_a_kill_says_who_brought_in_what_the_killed_one_wrote() {
    let place = Place::with_demo();
    let (before, subject) = (place.events(), ANNA.parse().expect("an id"));
    let event = |n: u64| match n {
        1 => opened(n),
        3 => contact_corrected(n, 2, "2026-03-09"),
        _ => contact(n, &format!("2026-03-{:02}", n + 1)),
    };
    let line = |n: u64| {
        let mut event = event(n);
        event["subject"] = ANNA.into();
        event.to_string() + "\n"
    };
    // What a kill leaves: events are durable, and no entry says whose they are.
    let draft = |n| cloud_event::from_json(event(n), Some(subject), None).expect("an event");
    let log = Log::open(&place.data(), Arc::new(|| "2026-11-22T12:00:00Z".parse().expect("an instant")));
    log.expect("a log").append((1..4).map(draft).collect(), &[]).expect("room for three");
    let file = place.file("events.ndjson", &(1..6).map(line).collect::<String>());
    let of =
        |position: u64| place.json(["access", "log", "--brought", &position.to_string()])["entries"].clone();
    assert_eq!(of(before), json!([]), "as after a kill");
    let report = place.json(["import", "events", &file]);
    assert_eq!((&report["events"], &report["repeated"]), (&json!(2), &json!(3)));
    for position in before..before + 5 {
        let entries = of(position);
        assert_eq!((&entries[0]["by"], &entries[0]["events"]), (&json!(user()), &json!(2)), "{position}");
        assert_eq!(entries[0]["positions"], json!([{ "first": before, "last": before + 4 }]), "{position}");
    }
}
