//! Backups verified where they lie: whole ones, and each part of one lost or changed.

use std::{fs, path::Path};

use serde_json::json;

use crate::{
    copies::{files, flip, json_of, root, run},
    place::{Place, copy, text},
};

#[test]
fn a_backup_is_verified_where_it_lies_and_stays_as_it_was_taken() {
    let place = Place::with_demo();
    let (whole, backup) = (root(&place.data()), place.beside("backup"));
    place.json(["account", "list"]);
    let told = place.json(["backup", text(&backup)]);
    let taken = files(&backup);
    let verified = json_of(&place.data(), &["verify", text(&backup)]);
    assert_eq!(
        (&verified["events"], &verified["root"], &verified["backup"]),
        (&told["events"], &whole, &json!(true))
    );
    assert!(verified["access"]["events"].as_u64() > Some(0), "{verified}");
    assert!(run(&place.data(), &["verify", text(&backup)]).is(0).out.contains("nothing is wrong"));
    assert!(files(&backup) == taken, "verifying wrote into the backup");

    let segment = backup.join("journal").join("0000000000000000.seg");
    let bytes = fs::read(&segment).expect("a segment");
    let cut = |bytes: &[u8]| bytes[..bytes.len() / 2].to_vec();
    let flipped = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        *bytes.last_mut().expect("a byte") ^= 1;
        bytes
    };
    for harm in [cut as fn(&[u8]) -> Vec<u8>, flipped, |_| Vec::new()] {
        fs::write(&segment, harm(&bytes)).expect("the segment is damaged");
        let told = run(&place.data(), &["verify", text(&backup)]).is(1).out;
        assert!(
            told.contains("take another from the log") && !told.contains("`throughline repair`"),
            "{told}"
        );
    }
    fs::write(&segment, &bytes).expect("the segment is put back");
    assert!(files(&backup) == taken, "verifying wrote into the backup");
    fs::remove_dir_all(backup.join("access")).expect("the access log is lost");
    let verified = run(&place.data(), &["verify", text(&backup), "--json"]).is(1).json();
    assert!(verified["problems"].to_string().contains("access"), "{verified}");
}

/// A part of a backup, what becomes of it, and how.
type Harm<'a> = (&'a str, &'a str, &'a dyn Fn(&Path));

/// Changes bytes of a file, from `at` on.
fn overwrite(file: &Path, at: usize, with: &[u8]) {
    let mut bytes = fs::read(file).expect("a file");
    bytes[at..at + with.len()].copy_from_slice(with);
    fs::write(file, bytes).expect("the file is changed");
}

#[test]
fn whatever_a_backup_lost_is_named_and_nothing_is_written_into_it() {
    let place = Place::with_demo();
    let erase =
        ["erase", "demo:1", "--level", "all", "--reason", "asked", "--requested-by", "client", "--yes"];
    place.json(erase);
    place.json(["account", "list"]);
    let (backup, harmed) = (place.beside("backup"), place.beside("harmed"));
    place.json(["backup", text(&backup)]);
    json_of(&place.data(), &["verify", text(&backup)]);
    let erasure = files(&backup.join("erasures")).into_keys().next().expect("a certificate");
    let erasure = format!("erasures/{}", erasure.file_name().and_then(|name| name.to_str()).expect("a name"));
    let keys = "keys/journeys.keys";
    let half = |file: &Path| {
        let bytes = fs::read(file).expect("a file");
        fs::write(file, &bytes[..bytes.len() / 2]).expect("the file is cut");
    };
    let garbage = |file: &Path| fs::write(file, [0xFF; 64]).expect("garbage");
    let empty = |file: &Path| fs::write(file, []).expect("nothing");
    let lost = |file: &Path| {
        let gone = if file.is_dir() { fs::remove_dir_all(file) } else { fs::remove_file(file) };
        gone.expect("it is lost");
    };
    // A header of 128 bytes, then slots of 172, the journey's id in their first 16.
    let harms: [Harm; 18] = [
        (keys, "cut", &half),
        (keys, "within its header", &|file| fs::write(file, [0; 100]).expect("the file is cut")),
        (keys, "another slot", &|file| overwrite(file, 128 + 3 * 172, &[0xAA; 172])),
        (keys, "a damaged key", &|file| overwrite(file, 128 + 3 * 172 + 30, &[0xAA; 8])),
        (&erasure, "changed", &|file| overwrite(file, 60, b"!")),
        (&erasure, "garbage", &garbage),
        ("tree/checkpoint", "lost", &lost),
        ("tree", "lost", &lost),
        ("access/tree", "lost", &lost),
        ("BACKUP", "empty", &empty),
        ("BACKUP", "garbage", &garbage),
        ("BACKUP", "lost", &lost),
        ("access/BACKUP", "empty", &empty),
        ("access/BACKUP", "lost", &lost),
        ("journal", "lost", &lost),
        ("access/journal", "lost", &lost),
        ("access/keys/journeys.keys", "cut", &half),
        ("access", "lost", &lost),
    ];
    let mut wrong = Vec::new();
    for (file, what, harm) in harms {
        copy(&backup, &harmed);
        harm(&harmed.join(file));
        let left = files(&harmed);
        let told = run(&place.data(), &["verify", text(&harmed), "--json"]);
        let said = run(&place.data(), &["verify", text(&harmed)]);
        let named = format!("{}", harmed.join(file).display());
        let mends =
            ["`throughline repair`", "opening the log", "--to"].iter().any(|word| said.out.contains(word));
        if (told.status, said.status) != (Some(1), Some(1))
            || !told.out.contains(&named)
            || !said.out.contains("this backup")
            || mends
            || files(&harmed) != left
        {
            wrong.push(format!("{file}, {what}: {} {}{}", said.status.unwrap_or(-1), said.out, said.err));
        }
        fs::remove_dir_all(&harmed).expect("the copy goes");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn what_lies_before_the_damage_of_a_backup_is_restored_as_the_advice_says() {
    let place = Place::with_demo();
    let (backup, restored) = (place.beside("backup"), place.beside("restored"));
    place.json(["backup", text(&backup)]);
    flip(&backup);
    let verified = run(&place.data(), &["verify", text(&backup), "--json"]).is(1).json();
    let position = verified["problems"][0]["position"].as_u64().expect("a position");
    let to = (position.checked_sub(1).expect("frames before the damage")).to_string();
    let told = run(&place.data(), &["verify", text(&backup)]).is(1).out;
    assert!(told.contains(&format!("--to {to}`")), "{told}");
    assert_eq!(json_of(&restored, &["restore", text(&backup), "--to", &to])["events"], position);
    overwrite(&backup.join("journal").join("0000000000000000.seg"), 0, &[0; 8]);
    let told = run(&place.data(), &["verify", text(&backup)]).is(1).out;
    assert!(told.contains("take another") && !told.contains("--to"), "{told}");
}

#[test]
fn a_data_directory_that_lost_its_mark_and_a_copy_is_taken_for_no_backup() {
    let place = Place::with_demo();
    fs::remove_file(place.data().join("FORMAT")).expect("the mark is lost");
    fs::remove_dir_all(place.data().join("sled")).expect("sled is lost");
    let told = place.run(["verify"]).is(1).out;
    assert!(told.contains("`throughline repair`") && !told.contains("a backup is not mended"), "{told}");
}

#[test]
fn a_backup_that_ends_in_another_frame_is_restored_before_it() {
    let place = Place::with_demo();
    let (backup, restored) = (place.beside("backup"), place.beside("restored"));
    let events = place.json(["backup", text(&backup)])["events"].as_u64().expect("a count");
    let file = backup.join("BACKUP");
    let words = fs::read_to_string(&file).expect("what it is");
    let last = words.lines().find(|line| line.starts_with("last frame ")).expect("its last frame");
    fs::write(&file, words.replace(last, &format!("last frame {}", "0".repeat(64)))).expect("it is changed");
    let verified = run(&place.data(), &["verify", text(&backup), "--json"]).is(1).json();
    let position = verified["problems"][0]["position"].as_u64().expect("a position");
    assert!(position < events, "{verified}");
    let to = (position - 1).to_string();
    let told = run(&place.data(), &["verify", text(&backup)]).is(1).out;
    assert!(told.contains(&format!("--to {to}`")), "{told}");
    assert_eq!(json_of(&restored, &["restore", text(&backup), "--to", &to])["events"], position);
}
