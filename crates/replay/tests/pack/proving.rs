//! What somebody inside could try, who also renews the manifest: each is found, with its position and file.

use serde_json::Value as Json;
use throughline_access::Names;
use throughline_domain::testing::journey_id;
use throughline_replay::pack::{self, Files, Filter};

use crate::world::{ANNA, World, agreed, contact, first, found, lines, renewed, text};

fn anna() -> (World, Files) {
    let world = World::with_anna();
    let files = world.pack(|_| ()).files;
    (world, files)
}

/// Takes an event out of every file: event, sealed line and proof.
fn without(files: &mut Files, position: u64) {
    let at = |line: &String| serde_json::from_str::<Json>(line).unwrap()["position"] == position;
    for name in ["events.ndjson", "sealed.ndjson"] {
        lines(files, name, |lines| lines.retain(|line| !at(line)));
    }
    files.remove(&format!("proofs/{position}.tlog-proof"));
}

fn change_sealed(files: &mut Files, line: usize, change: impl FnOnce(&mut Json)) {
    lines(files, "sealed.ndjson", |lines| {
        let mut sealed: Json = serde_json::from_str(&lines[line]).unwrap();
        change(&mut sealed);
        // The fields in the order of the format.
        let part = |part: &Json| match part.get("opening") {
            Some(opening) => format!("{{\"sealed\":{},\"opening\":{opening}}}", part["sealed"]),
            None => format!("{{\"sealed\":{}}}", part["sealed"]),
        };
        lines[line] = format!(
            "{{\"position\":{},\"id\":{},\"tag\":{},\"nonce\":{},\"facts\":{},\"personal\":{}}}",
            sealed["position"],
            sealed["id"],
            sealed["tag"],
            sealed["nonce"],
            part(&sealed["facts"]),
            part(&sealed["personal"]),
        );
    });
}

#[test]
fn an_event_taken_out_of_the_middle_breaks_its_journeys_chain() {
    let (_, files) = anna();
    for (taken, next) in [(3, 4), (4, 6), (9, 10), (11, 13)] {
        let mut files = files.clone();
        without(&mut files, taken);
        let (position, file, what) = first(&renewed(files));
        assert_eq!((position, file), (next, format!("proofs/{next}.tlog-proof")));
        assert!(what.contains("an event is missing"), "{what}");
    }
}

#[test]
fn an_event_told_otherwise_than_it_was_sealed_is_named_with_its_field() {
    let (_, mut files) = anna();
    lines(&mut files, "events.ndjson", |lines| {
        lines[1] = lines[1].replace("She called back.", "She never called.");
    });
    let (position, file, what) = first(&renewed(files));
    assert_eq!((position, file.as_str()), (4, "events.ndjson"));
    assert_eq!(
        what,
        "line 2: /data/personal/words is \"She never called.\", and what was sealed says \"She called back.\""
    );
}

#[test]
fn a_page_that_says_something_else_is_found() {
    let (_, files) = anna();
    for (said, instead) in [
        (". Why: wrong date", ". Why: at her wish"),
        ("She called back.", "She called."),
        ("17 events", "99 events"),
    ] {
        let mut files = files.clone();
        let page = text(&files, "index.html").replace(said, instead);
        assert_ne!(page.as_bytes(), files["index.html"]);
        files.insert("index.html".to_owned(), page.into_bytes());
        let (_, file, what) = first(&renewed(files));
        assert_eq!(
            (file.as_str(), what.as_str()),
            ("index.html", "the page does not say what the events say")
        );
    }
}

#[test]
fn what_opens_one_part_opens_no_other() {
    let (_, files) = anna();
    let sealed: Vec<Json> =
        text(&files, "sealed.ndjson").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let openings = [&sealed[1]["personal"]["opening"], &sealed[2]["facts"]["opening"]];
    for opening in openings {
        let mut files = files.clone();
        change_sealed(&mut files, 1, |line| line["facts"]["opening"] = opening.clone());
        let (position, file, what) = first(&renewed(files));
        assert_eq!((position, file.as_str()), (4, "sealed.ndjson"));
        assert!(what.contains("do not open"), "{what}");
    }
}

#[test]
fn sealed_bytes_of_another_event_are_not_those_of_the_leaf() {
    let (_, mut files) = anna();
    let other: Json = serde_json::from_str(text(&files, "sealed.ndjson").lines().nth(2).unwrap()).unwrap();
    change_sealed(&mut files, 1, |line| line["personal"] = other["personal"].clone());
    let (position, file, what) = first(&renewed(files));
    assert_eq!((position, file.as_str()), (4, "sealed.ndjson"));
    assert!(what.contains("not the one that its leaf has the hash of"), "{what}");
}

#[test]
fn an_event_that_was_asked_for_and_is_hidden_is_missed() {
    let world = World::with_anna();
    let filter = Filter::of(None, Some("contact-made"), None, None).unwrap();
    let files = world.pack(|wanted| wanted.filter = filter).files;
    for hidden in [4_u64, 7] {
        let mut files = files.clone();
        let at = |line: &String| serde_json::from_str::<Json>(line).unwrap()["position"] == hidden;
        for name in ["events.ndjson", "sealed.ndjson"] {
            lines(&mut files, name, |lines| lines.retain(|line| !at(line)));
        }
        let (position, _, what) = first(&renewed(files.clone()));
        // Its correction says otherwise of itself once what it corrects is gone, so that one may be named first.
        assert!(
            what.contains("asked for, and is not shown") || what.contains("correctedby"),
            "{position}: {what}"
        );
    }
}

#[test]
fn an_event_of_a_stranger_does_not_belong() {
    let (world, mut files) = anna();
    let stranger = world.pack(|wanted| wanted.journey = journey_id(50)).files;
    files.insert("proofs/0.tlog-proof".to_owned(), stranger["proofs/0.tlog-proof"].clone());
    for name in ["events.ndjson", "sealed.ndjson"] {
        let line = text(&stranger, name).lines().next().unwrap().to_owned();
        lines(&mut files, name, |lines| lines.insert(0, line));
    }
    let (position, _, what) = first(&renewed(files));
    assert_eq!(position, 0);
    assert!(what.contains("which nothing links to the one asked for"), "{what}");
}

#[test]
fn names_that_are_said_to_be_withheld_and_are_not_are_found() {
    let world = World::with_anna();
    let (open, mut files) =
        (world.pack(|_| ()).files, world.pack(|wanted| wanted.names = Names::Withheld).files);
    files.insert("sealed.ndjson".to_owned(), open["sealed.ndjson"].clone());
    let (position, file, what) = first(&renewed(files));
    assert_eq!((position, file.as_str()), (3, "sealed.ndjson"));
    assert!(what.contains("names are withheld"), "{what}");
}

#[test]
fn a_pack_of_another_log_is_not_taken_for_this_ones() {
    let (world, _) = anna();
    let other = World::new();
    other.write(contact(1, 1, "2026-03-05", "Invented.")).write(agreed(2, 1, "2026-03-05"));
    let forged = other.pack(|_| ()).files;
    assert!(found(&forged).ok, "a log of its own vouches for itself");
    assert!(!found(&forged).key_given);
    let verdict = pack::verify(&forged, Some(&world.key()));
    assert_eq!(verdict.problems[0].file, "log.vkey");
    assert!(verdict.problems[0].what.contains(&world.key()));
}

#[test]
fn a_moment_that_was_moved_is_found() {
    let (_, mut files) = anna();
    let manifest = text(&files, "manifest.json").replace("\"as_of\": null", "\"as_of\": \"5\"");
    files.insert("manifest.json".to_owned(), manifest.into_bytes());
    let (_, file, _) = first(&files);
    assert_eq!(file, "manifest.json");
    let manifest = text(&files, "manifest.json").replace("\"events\": 17", "\"events\": 6");
    files.insert("manifest.json".to_owned(), manifest.into_bytes());
    let (position, _, what) = first(&files);
    assert_eq!((position, what.as_str()), (6, "it was not known at the moment asked for"));
}

/// Without its last event a journey is a shorter one, whose chain is whole: only what else tells of the event misses it.
#[test]
fn a_journey_cut_at_its_end_is_found_by_what_else_tells_of_it() {
    let world = World::with_anna();
    world.write(contact(13, ANNA, "2026-06-02", "The last that was heard."));
    let mut files = world.pack(|_| ()).files;
    without(&mut files, 17);
    let (_, file, _) = first(&renewed(files));
    assert!(["index.html", "events.ndjson"].contains(&file.as_str()), "{file}");
}
