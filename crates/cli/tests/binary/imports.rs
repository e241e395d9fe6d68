//! Real exports through the command line: totals, again, interrupted, rehearsed, rejected.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, Stdio},
    thread,
    time::Duration,
};

use serde_json::{Value as Json, json};

use crate::{
    commands::{blot_out, without_ids},
    events::opened,
    exports::{clients, cut, export, rows},
    place::{Place, Told, text},
    server::signal,
};

/// Clients of a real export that are enough to be interrupted among: the first where the machine is slow.
const SOME: [usize; 4] = [450, 900, 1_800, 3_600];
/// Bytes by which the journal has grown when an import has begun to write.
const BEGUN_BYTES: u64 = 10_000;

/// Rows, events, rows with a warning, rows rejected.
fn totals(report: &Json) -> [&Json; 4] {
    ["rows", "events", "warnings", "rejected"].map(|name| &report[name])
}

#[test]
fn five_years_of_stays_come_in_once() {
    let Some(set) = export("longitudinal_2014_2019") else { return };
    let place = Place::empty();
    let report = place.json(["import", "hmis", text(&set)]);
    assert_eq!(totals(&report), [&json!(4_005), &json!(9_710), &json!(204), &json!(0)]);
    assert_eq!(report["rows"], rows(&set), "every row is accounted for");
    for (name, none) in [("corrections", 0), ("retractions", 0), ("repeated", 0)] {
        assert_eq!(report[name], none, "{name}");
    }
    assert!(report["seconds"].is_f64() && report["interrupted"] == false && report["dry_run"] == false);
    assert_eq!(place.events(), 9_710 + 1, "the events of the rows, and the report of the import");
    let kept = place.json(["history", "throughline-import:reports"]);
    let kept = &kept["events"][0];
    assert_eq!((&kept["id"], &kept["data"]["facts"]["rows"]), (&report["recorded"], &json!(4_005)));
    assert_eq!(
        kept["data"]["personal"]["files"].as_array().map(Vec::len),
        report["files"].as_array().map(Vec::len)
    );
    let show = || place.json(["show", "hmis:62547", "--on", "2019-09-30"]);
    let said = show();
    assert_eq!(said["views"]["outcomes"]["stays"].as_array().map(Vec::len), Some(6), "{said}");

    let again = place.json(["import", "hmis", text(&set)]);
    assert_eq!((&again["events"], &again["repeated"]), (&json!(0), &json!(9_710)));
    assert_eq!(place.events(), 9_711, "a second run adds nothing");
    assert_eq!(show(), said);
    let rehearsed = place.json(["import", "hmis", text(&set), "--dry-run"]);
    assert_eq!((&rehearsed["events"], &rehearsed["repeated"]), (&json!(0), &json!(9_710)));
    place.json(["rebuild"]);
    assert_eq!(show(), said);
}

#[test]
fn a_rehearsal_says_what_would_come_in_and_writes_nothing() {
    let Some(set) = export("demo_2026") else { return };
    let place = Place::with_demo();
    let before = place.events();
    let report = place.json(["import", "hmis", text(&set), "--dry-run"]);
    assert_eq!(totals(&report), [&json!(77_694), &json!(145_858), &json!(16_021), &json!(0)]);
    assert_eq!(report["rows"], rows(&set));
    assert_eq!((&report["format"], &report["dry_run"]), (&json!("2026 v1"), &json!(true)));
    assert_eq!(place.events(), before);
    place.run(["history", "hmis:602428"]).refuses(3, &["unknown"]);

    let nowhere = Place::empty();
    let Some(small) = export("dirty_2026/bom_test") else { return };
    nowhere.json(["import", "hmis", text(&small), "--dry-run"]);
    assert!(!nowhere.data().exists(), "a rehearsal makes no log");
}

/// Starts an import and gives it to `stop` once it has begun to write, unless it is at its end by then.
fn begun(place: &Place, set: &Path, stop: impl FnOnce(&mut Child)) -> Told {
    let before = place.written();
    let mut child = place
        .command(["import", "hmis", text(set), "--json"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut is_running = || child.try_wait().expect("it is ours").is_none();
    while is_running() && place.written() < before + BEGUN_BYTES {
        thread::sleep(Duration::from_millis(1));
    }
    if is_running() {
        stop(&mut child);
    }
    Told::by(child.wait_with_output().expect("it ends"))
}

/// A log whose import was asked to stop, then run again and killed; none where one of the two was at its end first.
fn stopped_and_killed(part: &Path, whole: u64) -> Option<Place> {
    let place = Place::empty();
    let told = begun(&place, part, |child| assert!(signal("INT", child.id())));
    if told.status == Some(0) {
        return None;
    }
    let told = told.is(1);
    assert_eq!(told.json()["interrupted"], true);
    assert!(told.err.contains("goes on from there"), "{}", told.err);
    let half = place.events();
    assert!(half < whole, "it was stopped before the end");

    let killed = begun(&place, part, |child| child.kill().expect("it is there to be killed"));
    if killed.status == Some(0) {
        return None;
    }
    assert_eq!((killed.status, killed.out.as_str()), (None, ""));
    // The kill can have cut a frame short, which verifying tells of until the log is opened again.
    let told = place.run(["verify", "--deep", "--json"]).json();
    assert!(told["events"].as_u64() >= Some(half), "what was written stays written: {told}");
    Some(place)
}

/// What the log says of a few clients, apart from ids.
fn said(place: &Place, clients: &[String]) -> Vec<Json> {
    let shown = clients.iter().step_by(clients.len() / 6).map(|client| {
        let journey = format!("hmis:{client}");
        let mut said = place.json(["show", &journey, "--on", "2022-09-30"]);
        let mut facts: Vec<Json> =
            place.json(["history", &journey, "--amended"])["events"].as_array().expect("facts").clone();
        for fact in &mut facts {
            without_ids(fact);
            without_keys(fact);
        }
        facts.sort_by_key(ToString::to_string);
        said["facts"] = Json::Array(facts);
        without_ids(&mut said);
        without_keys(&mut said);
        said
    });
    shown.collect()
}

/// Blots out keys such as `e-1f0c2d3e4f5a`, which rest on the log's own secret as ids do.
fn without_keys(value: &mut Json) {
    let key = |text: &str| {
        let of_worker = text.strip_prefix("worker:").unwrap_or(text);
        of_worker.split_once('-').is_some_and(|(prefix, digits)| {
            prefix.len() == 1 && digits.len() == 12 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
        })
    };
    blot_out(value, "a key", &key);
}

#[test]
fn an_import_interrupted_and_run_again_is_an_import() {
    let Some(set) = export("demo_2026") else { return };
    // A fast machine can be at the end before it is asked to stop: then more come in.
    let stopped = SOME.into_iter().find_map(|some| {
        let straight = Place::empty();
        let part = straight.beside("part");
        let some: Vec<String> = clients(&set).into_iter().take(some).collect();
        cut(&set, &part, &some.iter().cloned().collect::<BTreeSet<_>>());
        let whole = straight.json(["import", "hmis", text(&part)])["events"].as_u64().expect("a count");
        assert!(whole > 10_000, "{whole}");
        Some((stopped_and_killed(&part, whole)?, straight, part, some, whole))
    });
    let (stopped, straight, part, some, whole) = stopped.expect("an import that is stopped before its end");

    let rest = stopped.json(["import", "hmis", text(&part)]);
    let counted = rest["events"].as_u64().zip(rest["repeated"].as_u64());
    assert_eq!(counted.map(|(new, old)| new + old), Some(whole));
    assert_eq!(stopped.events(), straight.events());
    assert_eq!(said(&stopped, &some), said(&straight, &some));
}

/// A log and an import that waits for more lines, after it wrote some.
fn waiting() -> (Place, Child) {
    let place = Place::empty();
    let mut child = place
        .command(["import", "events", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let lines = (1..=6_000).map(|n| {
        let mut event = opened(n);
        event["subject"] = json!(format!("00000000-0000-4000-9000-{n:012x}"));
        format!("{event}\n")
    });
    let input = child.stdin.as_mut().expect("standard input");
    input.write_all(lines.collect::<String>().as_bytes()).expect("it reads");
    while place.written() < BEGUN_BYTES {
        assert!(child.try_wait().expect("it is ours").is_none(), "it waits for more");
        thread::sleep(Duration::from_millis(1));
    }
    (place, child)
}

/// Asks it to stop and waits until it says that it was asked.
fn asked_to_stop(child: &mut Child) {
    assert!(signal("TERM", child.id()));
    let mut err = BufReader::new(child.stderr.as_mut().expect("standard error"));
    let mut said = String::new();
    while !said.contains("once more stops at once") {
        assert!(err.read_line(&mut said).expect("text") > 0, "it ended: {said}");
    }
    assert!(child.try_wait().expect("it is ours").is_none(), "it waits for more");
}

#[test]
fn an_import_that_waits_for_more_stops_with_the_next_row_or_when_asked_twice() {
    let (place, mut child) = waiting();
    asked_to_stop(&mut child);
    let mut input = child.stdin.take().expect("standard input");
    // It comes in neither way: nobody is named whose it is.
    writeln!(input, "{}", opened(7_000)).expect("it reads");
    drop(input);
    let told = Told::by(child.wait_with_output().expect("it ends")).is(1);
    assert!(told.err.contains("goes on from there"), "{}", told.err);
    assert!((5_000..=6_000).contains(&place.events()), "what was read is written");

    let (_place, mut child) = waiting();
    asked_to_stop(&mut child);
    assert!(signal("TERM", child.id()));
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
}

#[test]
fn rejected_rows_come_back_with_reasons_and_strict_says_no() {
    let Some(set) = export("dirty_2026/bad_data") else { return };
    let place = Place::empty();
    let file = place.beside("rejected.csv");
    let args = ["import", "hmis", text(&set), "--json", "--rejected", text(&file)];
    let report = place.run(args).is(0).json();
    assert_eq!(totals(&report), [&json!(180), &json!(144), &json!(134), &json!(34)]);
    let mut rejected = csv::ReaderBuilder::new().flexible(true).from_path(&file).expect("the rejected rows");
    let head = rejected.headers().expect("a header").clone();
    for column in ["file", "row", "column", "code", "hint"] {
        assert!(head.iter().any(|name| name == column), "no `{column}` in {head:?}");
    }
    assert_eq!(rejected.records().flatten().count(), 34);
    let strict = place.run(["import", "hmis", text(&set), "--json", "--strict"]).is(1).json();
    assert_eq!((&strict["rejected"], &strict["events"]), (&json!(34), &json!(0)));
    assert_eq!(place.events(), 144 + 1);
    let text_told = place.run(["import", "hmis", text(&set)]).is(0).out;
    assert!(text_told.contains("34 rejected"), "{text_told}");
    assert!(fs::read_to_string(&file).expect("the file stays").lines().count() >= 35);
}

/// Copies an export, each line as `keep` has it; none where it is left out.
fn copied(set: &Path, to: &Path, keep: impl Fn(&str, &str) -> Option<String>) {
    fs::create_dir_all(to).expect("a directory beside the data");
    for file in fs::read_dir(set).expect("the set").flatten() {
        let name = file.file_name().to_string_lossy().into_owned();
        if file.path().extension().is_none_or(|extension| extension != "csv") {
            continue;
        }
        let text = fs::read_to_string(file.path()).expect("a file of the set");
        let lines: Vec<String> = text.lines().filter_map(|line| keep(&name, line)).collect();
        fs::write(to.join(name), lines.join("\n") + "\n").expect("a file beside the data");
    }
}

#[test]
fn a_later_full_export_takes_back_what_it_no_longer_has_and_explain_shows_it() {
    let Some(set) = export("longitudinal_2014_2019") else { return };
    let place = Place::empty();
    place.json(["import", "hmis", text(&set)]);
    let rows = fs::read_to_string(set.join("HealthAndDV.csv")).expect("answers");
    let gone = rows.lines().find(|line| line.contains(",62547,")).expect("an answer of this client");
    let key = gone.split(',').next().expect("a key").to_owned();

    let later = place.beside("later");
    copied(&set, &later, |name, line| match name {
        "HealthAndDV.csv" if line == gone => None,
        "Export.csv" => Some(line.replace("2020-05-14", "2020-06-14")),
        _ => Some(line.to_owned()),
    });
    let report = place.json(["import", "hmis", text(&later)]);
    assert_eq!(
        (&report["full"], &report["retractions"], &report["corrections"]),
        (&json!(true), &json!(1), &json!(0))
    );

    let explained = place.json(["import", "explain", "hmis:62547"]);
    let facts = explained["facts"].as_array().expect("facts");
    let answer = facts.iter().find(|fact| fact["table"] == "health-and-dv" && fact["row"] == json!(key));
    let answer = answer.expect("the answer that is gone");
    assert_eq!((&answer["stands"], &answer["amended"][0]["why"]), (&json!(false), &json!("source-missing")));
    let days: Vec<&str> = facts.iter().filter_map(|fact| fact["occurred"].as_str()).collect();
    assert!(days.is_sorted() && days.len() > 20, "in the order of life");
    let shown = place.run(["import", "explain", "hmis:62547"]).is(0).out;
    for told in [key.clone(), "source-missing".into(), "does not stand".into()] {
        assert!(shown.contains(&told), "{told}: {shown}");
    }
    place.run(["import", "explain", "hmis:nobody"]).refuses(3, &["unknown"]);
}
