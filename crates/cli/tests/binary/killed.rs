//! Imports killed at moments nobody chose, and run again: the log is as if nothing had happened.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    path::Path,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use throughline_log::{EventLog as _, Log, Position};

use crate::{
    events::{contact, id, opened},
    exports::{data, rows_of},
    place::{Place, copy, text},
};

/// An import is killed this often; one that came to its end before it was reached does not count.
const KILLS: usize = 4;
const TRIES_MAX: usize = 14;

/// What a log says: id, journey and content of each event, sorted.
fn said(place: &Place) -> Vec<String> {
    let clock = || "2026-11-22T12:00:00Z".parse().expect("an instant");
    let log = Log::open(&place.data(), std::sync::Arc::new(clock)).expect("a log");
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

/// Fails unless an import that is killed several times and run again is the import.
fn survives_being_killed(args: &[&str]) {
    // Both logs have the same secret, so that the same facts have the same ids.
    let straight = Place::empty();
    let first = straight.file("first.ndjson", &with_journey(&opened(1), 0));
    straight.run(["import", "events", &first]).is(0);
    let killed = Place::empty();
    copy(&straight.data(), &killed.data());

    let began = Instant::now();
    let whole = straight.json(args);
    let lasts = began.elapsed();
    let said_straight = said(&straight);

    let (mut kills, mut chance) = (0, chance());
    for _ in 0..TRIES_MAX {
        let mut child = killed
            .command(args)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let share = 50 + chance.next().expect("more") * 7 / 10;
        thread::sleep(lasts * u32::try_from(share).expect("small") / 1_000);
        child.kill().expect("it is there, or was");
        let ended = child.wait().expect("it is gone");
        kills += usize::from(!ended.success());
        if kills == KILLS {
            break;
        }
    }
    assert!(kills > 0, "no import was killed under way");
    let rest = killed.json(args);
    assert_eq!(
        rest["events"].as_u64().zip(rest["repeated"].as_u64()).map(|(new, old)| new + old),
        whole["events"].as_u64(),
        "what the killed ones wrote is known again"
    );
    let said_killed = said(&killed);
    assert_eq!(said_killed.len(), said_straight.len(), "nothing twice, nothing lost");
    assert!(said_killed == said_straight, "the same events, after {kills} kills");
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
    let some: BTreeSet<String> = persons.step_by(30).map(str::to_owned).collect();
    rows_of(&set, &part, "who", &some);
    let mapping = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/mappings/ctn0094.toml");
    survives_being_killed(&["import", "csv", "--mapping", text(&mapping), text(&part)]);
}

#[test]
fn an_import_of_events_killed_at_any_moment_goes_on() {
    let place = Place::empty();
    let mut lines = String::new();
    for journey in 1..=600_u64 {
        for n in 0..25 {
            let nth = journey * 100 + n;
            let event = if n == 0 { opened(nth) } else { contact(nth, &format!("2026-03-{:02}", n + 1)) };
            writeln!(lines, "{}", with_journey(&event, journey)).expect("memory");
        }
    }
    assert!(lines.contains(&id(60_024)));
    let file = place.file("events.ndjson", &lines);
    survives_being_killed(&["import", "events", &file]);
}
