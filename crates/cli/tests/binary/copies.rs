//! Backups taken while events come in, logs restored from them, and repairs: from the other copy and from a backup.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::Duration,
};

use serde_json::{Value as Json, json};

use crate::{
    events::opened,
    exports::export,
    place::{Place, Told, command, copy, text},
    server::Server,
};

pub fn run(data: &Path, args: &[&str]) -> Told {
    Told::by(command(data, args).output().expect("the binary starts"))
}

pub fn json_of(data: &Path, args: &[&str]) -> Json {
    run(data, &[args, &["--json"]].concat()).is(0).json()
}

/// The journal's bytes, all files one after another.
fn journal(dir: &Path) -> Vec<u8> {
    let entries = fs::read_dir(dir.join("journal")).expect("a journal");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files.iter().flat_map(|file| fs::read(file).expect("a segment")).collect()
}

/// The root over all events, nothing wrong.
pub fn root(data: &Path) -> Json {
    let verified = json_of(data, &["verify", "--deep"]);
    assert_eq!((&verified["ok"], verified["root"].is_string()), (&json!(true), true), "{verified}");
    verified["root"].clone()
}

/// Tells a thread to stop, also where the test fails before its end.
struct Stops<'a>(&'a AtomicBool);

impl Drop for Stops<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Backs up, again and again, while events are posted; each restored log is the log as it was.
fn taken_while_served(place: &Place, life: &str) {
    let said = |data: &Path| {
        [&["history", life][..], &["show", life, "--on", "2026-06-01"]].map(|args| json_of(data, args))
    };
    let before = said(&place.data());
    let server = Server::on(place);
    let (stop, acknowledged) = (AtomicBool::new(false), AtomicU64::new(0));
    let mut taken: Vec<Json> = Vec::new();
    thread::scope(|scope| {
        let _stops = Stops(&stop);
        scope.spawn(|| {
            for n in 1_000_000.. {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                server.append(&format!("copied:{n}"), &opened(n)).is(201);
                acknowledged.fetch_add(1, Ordering::SeqCst);
            }
        });
        for nth in 0..4 {
            let known = acknowledged.load(Ordering::SeqCst);
            while acknowledged.load(Ordering::SeqCst) < known + 20 {
                thread::sleep(Duration::from_millis(5));
            }
            let known = acknowledged.load(Ordering::SeqCst);
            let told = json_of(&place.data(), &["backup", text(&place.beside(&format!("backup-{nth}")))]);
            let events = told["events"].as_u64().expect("a count");
            let first = taken.first().map_or(events, |first| first["events"].as_u64().expect("a count"));
            assert!(taken.is_empty() || events - first > 0, "events came in meanwhile");
            assert!(events >= known, "what was acknowledged before is in it");
            taken.push(told);
        }
    });
    server.stop();
    let last = place.beside("last");
    json_of(&place.data(), &["backup", text(&last)]);
    for (nth, told) in taken.iter().enumerate() {
        let (backup, restored) =
            (place.beside(&format!("backup-{nth}")), place.beside(&format!("restored-{nth}")));
        let back = json_of(&restored, &["restore", text(&backup)]);
        for field in ["events", "bytes", "last_frame"] {
            assert_eq!(back[field], told[field], "{field}");
        }
        assert_eq!(journal(&restored), journal(&backup));
        assert!(journal(&place.data()).starts_with(&journal(&restored)), "a prefix, byte for byte");
        // What is said of one life rests on what is known of others, so all views come first.
        json_of(&restored, &["rebuild"]);
        for (now, then) in said(&restored).iter().zip(&before) {
            assert!(now == then, "{life} is told otherwise than before the backup");
        }
        // The log that went on, cut where the backup ended, has the same root.
        let (cut, to) = (place.beside(&format!("cut-{nth}")), told["events"].as_u64().expect("a count") - 1);
        let cut_back = json_of(&cut, &["restore", text(&last), "--to", &to.to_string()]);
        assert_eq!(cut_back["last_frame"], told["last_frame"]);
        assert_eq!(root(&cut), root(&restored));
    }
    assert_ne!(root(&place.data()), root(&place.beside("restored-0")));
}

#[test]
fn a_backup_of_made_up_lives_taken_while_served_is_the_log_as_it_was() {
    taken_while_served(&Place::with_demo(), "demo:1");
}

#[test]
fn a_backup_of_a_real_export_taken_while_served_is_the_log_as_it_was() {
    let Some(set) = export("longitudinal_2014_2019") else { return };
    let place = Place::empty();
    place.json(["import", "hmis", text(&set)]);
    taken_while_served(&place, "hmis:62547");
}

#[test]
fn people_are_told_what_was_copied_where_the_keys_are_and_what_is_left_to_do() {
    let place = Place::with_demo();
    let (backup, restored) = (place.beside("backup"), place.beside("restored"));
    let told = place.run(["backup", text(&backup)]).is(0).out;
    for words in ["events", "last frame", "the keys are in it", text(&backup.join("keys"))] {
        assert!(told.contains(words), "`{words}` is not in: {told}");
    }
    place.run(["backup", text(&backup)]).refuses(3, &["not empty", "new directory"]);
    place.run(["backup", text(&place.data().join("backup"))]).refuses(3, &["apart"]);
    let told = run(&restored, &["restore", text(&backup)]).is(0).out;
    assert!(told.contains("throughline rebuild"), "{told}");
    run(&restored, &["restore", text(&backup)]).refuses(3, &["not empty"]);
    run(&place.beside("other"), &["restore", text(&place.data())]).refuses(3, &["no backup"]);
    fs::rename(backup.join("keys"), place.beside("keys")).expect("the keys are kept apart");
    run(&place.beside("other"), &["restore", text(&backup)]).refuses(3, &["put the keys back"]);
    assert!(!place.beside("other").exists());
}

/// All files below, with their bytes.
pub fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(dir).expect("a directory").map(|entry| entry.expect("an entry").path());
    let below = |path: PathBuf| {
        if path.is_dir() {
            files(&path)
        } else {
            BTreeMap::from([(path.clone(), fs::read(&path).expect("a file"))])
        }
    };
    entries.flat_map(below).collect()
}

#[test]
fn a_backup_is_no_log_to_work_on_and_stays_as_it_was_taken() {
    let place = Place::with_demo();
    let (backup, other) = (place.beside("backup"), place.beside("other"));
    place.json(["backup", text(&backup)]);
    let taken = files(&backup);
    for args in [
        &["repair"][..],
        &["keys", "rotate"],
        &["account", "list"],
        &["backup", text(&other)],
        &["tree", "export", text(&other)],
    ] {
        run(&backup, args).refuses(3, &["is a backup", "restore"]);
        assert!(files(&backup) == taken, "{args:?} changed the backup");
    }
    assert!(!other.exists());
}

#[test]
fn a_restore_that_was_cut_short_is_taken_for_no_log() {
    let place = Place::with_demo();
    let (backup, restored) = (place.beside("backup"), place.beside("restored"));
    place.json(["backup", text(&backup)]);
    let segment = backup.join("journal").join("0000000000000000.seg");
    let whole = fs::read(&segment).expect("a segment");
    fs::write(&segment, &whole[..whole.len() / 2]).expect("the segment is cut");
    run(&restored, &["restore", text(&backup)]).refuses(3, &["position", "another backup", "--to"]);
    for args in [&["history", "demo:1"][..], &["verify"], &["repair"], &["serve", "--bind", "127.0.0.1:0"]] {
        run(&restored, args).refuses(3, &["cut short", "restore into it again"]);
    }
    fs::write(&segment, &whole).expect("the segment is put back");
    json_of(&restored, &["restore", text(&backup)]);
    assert_eq!(root(&restored), root(&place.data()));
}

/// Flips a bit in the middle of the journal's first file.
pub fn flip(data: &Path) {
    let segment = data.join("journal").join("0000000000000000.seg");
    let mut bytes = fs::read(&segment).expect("a segment");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(segment, bytes).expect("the segment is damaged");
}

#[test]
fn what_one_copy_lost_a_repair_mends_and_says_where() {
    for harm in [flip as fn(&Path), |data| fs::remove_dir_all(data.join("sled")).expect("sled is lost")] {
        let place = Place::with_demo();
        let before = root(&place.data());
        harm(&place.data());
        assert!(place.run(["verify", "--deep"]).is(1).out.contains("throughline repair"));
        let repaired = place.json(["repair"]);
        assert_eq!((&repaired["ok"], &repaired["gaps"]), (&json!(true), &json!([])));
        let mend = &repaired["mended"][0];
        assert!(mend["position"].is_u64() && mend["file"].is_string() && mend["what"].is_string(), "{mend}");
        assert_eq!(root(&place.data()), before);
        assert_eq!(place.json(["repair"])["mended"], json!([]));
        assert!(place.run(["repair"]).is(0).out.contains("the log is whole"));
    }
}

#[test]
fn what_both_copies_lost_is_named_and_a_backup_gives_it_back() {
    let place = Place::with_demo();
    let (before, backup, other) = (root(&place.data()), place.beside("backup"), place.beside("other"));
    place.json(["backup", text(&backup)]);
    let whole = place.events();
    flip(&place.data());
    fs::remove_dir_all(place.data().join("sled")).expect("sled is lost");
    let told = place.run(["repair", "--json"]).is(1).json();
    assert_eq!((&told["ok"], told["gaps"].as_array().map(Vec::len)), (&json!(false), Some(1)), "{told}");
    let gap = &told["gaps"][0];
    let (from, to) = (gap["from"].as_u64().expect("a position"), gap["to"].as_u64().expect("a position"));
    assert_eq!(told["events"], from);
    assert_eq!(told["events_beyond"], whole - to - 1);
    let verified = place.run(["verify", "--deep", "--json"]).is(1).json();
    assert_eq!(verified["root"], Json::Null);
    assert!(verified["problems"].as_array().expect("problems").iter().any(|one| one["position"] == from));
    let words = place.run(["repair"]).is(1).out;
    for word in [&from.to_string(), &to.to_string(), "--from BACKUP", "restore"] {
        assert!(words.contains(word), "`{word}` is not in: {words}");
    }

    // A backup of another log has nothing that fits, and none of it is taken.
    let stranger = Place::empty();
    stranger.json(["demo", "--no-serve", "--clients", "30"]);
    stranger.json(["backup", text(&other)]);
    let refused = place.run(["repair", "--from", text(&other), "--json"]).is(1).json();
    assert_eq!(refused["gaps"], told["gaps"]);
    place.run(["repair", "--from", text(&place.beside("nowhere"))]).refuses(3, &["no backup"]);

    let both = place.beside("both");
    copy(&place.data(), &both);
    let repaired = place.json(["repair", "--from", text(&backup)]);
    assert_eq!((&repaired["ok"], &repaired["events"]), (&json!(true), &json!(whole)));
    assert!(repaired["mended"].to_string().contains("restored from the backup"), "{repaired}");
    assert_eq!(root(&place.data()), before);
    assert_eq!(journal(&place.data()), journal(&backup));
    // And where nothing at all is left.
    for part in ["journal", "sled", "index"] {
        fs::remove_dir_all(both.join(part)).expect("a part is lost");
    }
    run(&both, &["repair"]).is(1);
    json_of(&both, &["repair", "--from", text(&backup)]);
    assert_eq!(root(&both), before);
}

#[test]
fn a_damaged_mark_of_the_directory_is_named_and_repaired() {
    let place = Place::with_demo();
    let before = root(&place.data());
    let format = place.data().join("FORMAT");
    fs::write(&format, "throughline data directory, f0rmat 1\n").expect("the mark is damaged");
    let verified = place.run(["verify", "--json"]).is(1).json();
    assert!(verified["problems"][0]["file"].to_string().contains("FORMAT"), "{verified}");
    place.run(["history", "demo:1"]).refuses(3, &["FORMAT", "throughline repair"]);
    place.json(["repair"]);
    assert_eq!(root(&place.data()), before);
}
