//! How commands end: 0 done, 1 the answer is no, 2 wrong usage, 3 could not run. Each refusal names the remedy, and
//! none leaves anything half written.

use std::{fs, net::TcpListener, path::Path};

use serde_json::Value as Json;

use crate::{
    events::{ANNA, opened},
    place::{Place, text},
    server::Server,
};

#[test]
fn wrong_usage_ends_with_2_and_says_what_is_right() {
    let place = Place::with_demo();
    let file = place.file("one.json", &opened(1).to_string());
    for (args, says) in [
        (&[][..], &["Usage", "demo", "doctor"][..]),
        (&["frobnicate"], &["frobnicate", "--help"]),
        (&["histroy", "demo:1"], &["history"]),
        (&["history"], &["<JOURNEY>"]),
        (&["history", "nonsense"], &["nonsense", "hmis:62547"]),
        (&["show", "demo:"], &["UUID"]),
        (&["history", "demo:1", "--as-of", "yesterday"], &["yesterday", "2026-03-01T00:00:00Z"]),
        (&["history", "demo:1", "--valid-at", "2026-02-30"], &["2026-02-30"]),
        (&["show", "demo:1", "--on", "soon"], &["soon"]),
        (&["show", "demo:1", "--view", "outcome"], &["outcome", "outcomes", "satisfaction"]),
        (&["rebuild", "--projection", "all"], &["all", "engagement"]),
        (&["append", ANNA, &file, "--expect", "latest"], &["latest"]),
        (&["append", ANNA], &["<FILE>"]),
        (&["access", "log", "--brought", "zz"], &["zz", "write a position, a whole number"]),
        (&["demo", "--clients", "0"], &["1..=1000000"]),
        (&["serve", "--bind", "localhost"], &["localhost"]),
        (&["import", "xls", "."], &["xls", "--help"]),
        (&["completions", "cmd"], &["cmd", "bash"]),
    ] {
        place.run(args).refuses(2, says);
    }
}

#[test]
fn what_cannot_be_done_ends_with_3_and_says_what_would_help() {
    let place = Place::with_demo();
    let before = place.events();
    let file = place.file("one.json", "no events here");
    let (empty, past) = (place.file("empty.json", "\n"), before.to_string());
    for (args, says) in [
        (&["history", "demo:99"][..], &["unknown", "journey-opened"][..]),
        (&["history", ANNA], &["unknown", ANNA]),
        (&["show", "hmis:62547"], &["unknown", "check the id"]),
        (&["history", "demo:1", "--as-of", &past], &["not recorded yet", "leave --as-of out"]),
        (&["show", "demo:1", "--as-of", "2999-01-01"], &["future", "leave --as-of out"]),
        (&["compare", "demo:1", "--from", "3013-01-01"], &["future", "an earlier moment with --from"]),
        (&["compare", "demo:1", "--from", "1", "--to", &past], &["not recorded yet", "leave --to out"]),
        (&["append", ANNA, &file], &["not JSON", "line 1 column 2"]),
        (&["append", ANNA, &empty], &["holds no event"]),
        (&["append", ANNA, "nowhere.json"], &["nowhere.json cannot be read"]),
        (&["import", "hmis", "nowhere"], &["nowhere", "name the one"]),
        (&["import", "hmis", &file], &["no directory"]),
        (&["demo", "--no-serve"], &["holds a log already", "--data"]),
    ] {
        let told = place.run(args).refuses(3, says);
        assert_eq!(told.err.matches("No such file").count().max(1), 1, "a cause is told once: {}", told.err);
    }
    assert_eq!(place.events(), before);
}

#[test]
fn a_witness_that_cannot_be_reached_makes_no_key() {
    let place = Place::with_demo();
    let (log, state) = (place.data().join("tree/log.vkey"), place.beside("witness"));
    let asked = |more: &[&str]| {
        place.run([&["witness", "--log", text(&log), "--state", text(&state)], more].concat())
    };
    let (taken, key) = (TcpListener::bind("127.0.0.1:0").expect("a port"), text(&log));
    let taken = taken.local_addr().expect("its address").to_string();
    let tls = ["--tls-cert", key, "--tls-key", key];
    asked(&["--bind", "0.0.0.0:0"]).refuses(3, &["--behind-proxy"]);
    asked(&tls).refuses(3, &["log.vkey"]);
    asked(&["--bind", &taken]).refuses(3, &["another address with --bind"]);
    let follow = ["--follow", "http://127.0.0.1:9", "--once"];
    for more in [&tls[..], &["--behind-proxy"]] {
        asked(&[&follow[..], more].concat()).refuses(2, &["--follow", more[0]]);
    }
    assert!(!state.exists());
}

#[test]
fn without_a_log_commands_say_so_and_make_none() {
    let place = Place::empty();
    let file = place.file("one.json", &opened(1).to_string());
    for args in [
        &["history", "demo:1"][..],
        &["show", "demo:1"],
        &["rebuild"],
        &["verify"],
        &["append", ANNA, &file],
        &["backup", "nowhere"],
        &["repair"],
    ] {
        place.run(args).refuses(3, &["holds no log", "--data", "throughline demo"]);
    }
    place.run(["import", "hmis", "nowhere"]).refuses(3, &["nowhere"]);
    let doctor = place.run(["doctor", "--json"]).is(1).json();
    assert_eq!(doctor["ok"], false);
    assert!(doctor["findings"].to_string().contains("throughline demo"));
    assert!(!place.data().exists());
}

#[test]
fn data_of_a_newer_program_is_left_alone() {
    let place = Place::with_demo();
    let format = place.data().join("FORMAT");
    let today = fs::read_to_string(&format).expect("the mark of the directory");
    fs::write(&format, "throughline data directory, format 9\n").expect("the mark is changed");
    let file = place.file("one.json", &opened(1).to_string());
    for args in [
        &["history", "demo:1"][..],
        &["verify"],
        &["rebuild"],
        &["append", ANNA, &file],
        &["serve", "--bind", "127.0.0.1:0"],
        &["demo", "--port", "0"],
    ] {
        place.run(args).refuses(3, &["format 9", "upgrade throughline"]);
    }
    place.run(["doctor"]).is(1);
    fs::write(&format, today).expect("the mark is put back");
    assert!(place.events() > 0);
}

#[test]
fn a_lost_key_is_named_with_what_to_do() {
    let place = Place::with_demo();
    let key = place.data().join("keys").join("master.key");
    let kept = place.beside("master.key");
    fs::rename(&key, &kept).expect("the key is taken away");
    place.run(["history", "demo:1"]).refuses(3, &["master.key is missing", "copy it back"]);
    place.run(["verify"]).refuses(3, &["master.key is missing"]);
    assert!(place.run(["doctor"]).is(1).out.contains("put the key back"));
    assert!(!key.exists(), "no other key is made in its place");
    fs::rename(&kept, &key).expect("the key is put back");
    assert!(place.events() > 0);
}

/// Changes a byte in every 2,000 of each file.
fn damage(directory: &Path) {
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            let mut bytes = fs::read(&path).expect("a file");
            bytes.iter_mut().step_by(2_000).for_each(|byte| *byte ^= 0x5a);
            fs::write(&path, bytes).expect("the file is damaged");
        }
    }
}

fn lose(directory: &Path) {
    fs::remove_dir_all(directory).expect("the directory is lost");
}

/// Fails unless `verify`, deep or not, says no and where.
fn assert_found(place: &Place) {
    for depth in [&["verify", "--json"][..], &["verify", "--deep", "--json"]] {
        let verified = place.run(depth).is(1).json();
        assert_eq!((&verified["ok"], &verified["root"]), (&Json::Bool(false), &Json::Null));
        let problem = &verified["problems"][0];
        assert!(problem["position"].is_u64() && problem["file"].is_string(), "{problem}");
        assert!(problem["what"].as_str().is_some_and(|what| !what.is_empty()), "{problem}");
    }
    let told = place.run(["verify"]).is(1).out;
    assert!(told.contains("throughline repair") && told.contains("restore from a backup"), "{told}");
}

#[test]
fn damage_to_one_copy_of_the_log_is_the_answer_no_until_the_log_puts_it_right() {
    for copy in ["journal", "sled"] {
        for harm in [damage, lose] {
            let place = Place::with_demo();
            let whole = place.json(["verify", "--deep"]);
            let history = place.json(["history", "demo:1"]);
            harm(&place.data().join(copy));
            assert_found(&place);
            assert_eq!(place.json(["history", "demo:1"]), history, "{copy}");
            let healed = place.json(["verify", "--deep"]);
            assert_eq!((&healed["events"], &healed["root"]), (&whole["events"], &whole["root"]), "{copy}");
        }
    }
}

#[test]
fn damage_to_both_copies_of_the_log_is_the_answer_no_and_asks_for_the_backup() {
    for harm in [damage, lose] {
        let place = Place::with_demo();
        harm(&place.data().join("journal"));
        harm(&place.data().join("sled"));
        assert_found(&place);
        for command in [&["history", "demo:1"][..], &["rebuild"], &["serve", "--bind", "127.0.0.1:0"]] {
            place.run(command).refuses(3, &["restore from a backup"]);
        }
        place.run(["doctor"]).is(1);
        assert_found(&place);
    }
}

#[test]
fn a_port_or_a_directory_that_is_taken_is_named_with_who_has_it() {
    let place = Place::with_demo();
    let before = place.events();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let new = Place::empty();
    for made in [&new, &place] {
        made.run(["serve", "--bind", &address]).refuses(3, &[&address, "--port or --bind"]);
    }
    let port = address.rsplit(':').next().expect("a port").to_owned();
    new.run(["demo", "--clients", "5", "--port", &port]).refuses(3, &[&address, "--port"]);
    assert!(!new.data().exists(), "nothing is made before the port is got");

    let server = Server::on(&place);
    let file = place.file("one.json", &opened(1).to_string());
    for args in [
        &["history", "demo:1"][..],
        &["show", "demo:1"],
        &["verify", "--deep"],
        &["repair"],
        &["rebuild"],
        &["append", ANNA, &file],
        &["serve", "--bind", "127.0.0.1:0"],
    ] {
        place.run(args).refuses(3, &["held by a running server", &server.url(), "stop it first"]);
    }
    let doctor = place.json(["doctor"]);
    assert!(doctor["findings"].to_string().contains(&server.url()), "{doctor}");
    server.stop();
    assert_eq!(place.events(), before);
}
