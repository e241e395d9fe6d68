//! Imports killed at moments nobody chose, and run again: the log is as if nothing had happened.

use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path, process::Stdio, thread, time::Duration};

use throughline_domain::Position;
use throughline_log::{EventLog as _, Log};

use crate::{
    events::{contact, id, opened},
    exports::{data, rows_of},
    place::{Place, copy, text},
};

/// How often one import is killed before it is run to its end.
const KILLS: u64 = 2;
/// A kill can come too late, where the machine is busy; then all begins anew.
const TRIES_MAX: u64 = 16;

fn log(place: &Place) -> Log {
    let clock = || "2026-11-22T12:00:00Z".parse().expect("an instant");
    Log::open(&place.data(), std::sync::Arc::new(clock)).expect("a log")
}

/// What a log says: id, journey and content of each event, sorted.
fn said(place: &Place) -> Vec<String> {
    let log = log(place);
    let limit = usize::try_from(log.events()).expect("fits");
    let events = log.read(Position(0), limit).expect("readable").events;
    let mut said: Vec<String> = events
        .into_iter()
        .map(|one| {
            // The report of an import counts what its last run did.
            let is_report = one.draft.event.fact_name() == "import-finished";
            let content = if is_report { String::new() } else { format!("{:?}", one.draft) };
            format!("{} {} {content}", one.draft.event_id, one.draft.journey)
        })
        .collect();
    said.sort();
    said
}

/// Numbers below a thousand that look like chance, each time others.
fn chance() -> impl Iterator<Item = u64> {
    let mut state = u64::from(std::process::id());
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % 1_000
    })
}

/// Runs an import and kills it a moment after the journal has grown to this size.
fn killed_beyond(place: &Place, args: &[&str], size: u64, moment: Duration) {
    let mut command = place.command(args);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the binary starts");
    while place.written() < size && child.try_wait().expect("it is ours").is_none() {
        thread::sleep(Duration::from_millis(1));
    }
    thread::sleep(moment);
    child.kill().expect("it is there, or was");
    child.wait().expect("it is gone");
}

/// Fails unless an import that is killed several times and run again is the import.
fn survives_being_killed(args: &[&str]) {
    // Both logs have the same secret, so that the same facts have the same ids.
    let base = Place::empty();
    let first = base.file("first.ndjson", &with_journey(&opened(1), 0));
    base.run(["import", "events", &first]).is(0);
    let straight = Place::empty();
    copy(&base.data(), &straight.data());
    let whole = straight.json(args);
    let (empty, full) = (base.written(), straight.written());
    let said_straight = said(&straight);

    let mut chance = chance();
    let part_of = |place: &Place| log(place).events() - log(&base).events();
    let killed = (0..TRIES_MAX).find_map(|_| {
        let killed = Place::empty();
        copy(&base.data(), &killed.data());
        for kill in 0..KILLS {
            // Into the first half, then into the second.
            let share = (kill * 1_000 + chance.next()?) * 9 / 10 / KILLS;
            let moment = Duration::from_millis(chance.next()? % 30);
            killed_beyond(&killed, args, empty + (full - empty) * share / 1_000, moment);
        }
        let part = part_of(&killed);
        (part > 0 && part < whole["events"].as_u64()?).then_some(killed)
    });
    let killed = killed.expect("a kill that left a part of the import behind");

    let rest = killed.json(args);
    assert!(rest["repeated"].as_u64() > Some(0) && rest["events"].as_u64() > Some(0), "{rest}");
    let said_killed = said(&killed);
    assert_eq!(said_killed.len(), said_straight.len(), "nothing twice, nothing lost");
    assert!(said_killed == said_straight, "the same events of the same journeys");
    assert_eq!(
        rest["events"].as_u64().zip(rest["repeated"].as_u64()).map(|(new, old)| new + old),
        whole["events"].as_u64(),
        "what the killed ones wrote is known again"
    );
    let again = killed.json(args);
    assert_eq!((&again["events"], &again["repeated"]), (&0.into(), &whole["events"]), "again adds nothing");
    assert_eq!(killed.events(), said_straight.len() as u64, "and the log is sound");
}

fn with_journey(event: &serde_json::Value, journey: u64) -> String {
    let mut event = event.clone();
    event["subject"] = format!("00000000-0000-4000-9000-{journey:012x}").into();
    event.to_string()
}

#[test]
fn an_import_by_a_mapping_killed_at_any_moment_goes_on() {
    let Some(set) = data("ctn0094") else { return };
    let place = Place::empty();
    let part = place.beside("part");
    let everybody = fs::read_to_string(set.join("everybody.csv")).expect("the persons");
    let persons = everybody.lines().skip(1).filter_map(|line| line.split(',').next());
    let some: BTreeSet<String> = persons.step_by(24).map(str::to_owned).collect();
    rows_of(&set, &part, "who", &some);
    let mapping = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/mappings/ctn0094.toml");
    survives_being_killed(&["import", "csv", "--mapping", text(&mapping), text(&part)]);
}

#[test]
fn an_import_of_events_killed_at_any_moment_goes_on() {
    let place = Place::empty();
    let mut lines = String::new();
    for journey in 1..=900_u64 {
        for n in 0..25 {
            let nth = journey * 100 + n;
            let event = if n == 0 { opened(nth) } else { contact(nth, &format!("2026-03-{:02}", n + 1)) };
            writeln!(lines, "{}", with_journey(&event, journey)).expect("memory");
        }
    }
    assert!(lines.contains(&id(30_024)));
    let file = place.file("events.ndjson", &lines);
    survives_being_killed(&["import", "events", &file]);
}
