//! Bugs planted in the process: each must be found by the checks that find nothing without one, or those checks would
//! promise nothing.

use std::fs;

use throughline_log::{faults::Seeded, verify};

use crate::{counts::Counts, kills::Place, power::Sled, process::files, troubles};

type Trial = fn(u64, Option<Seeded>) -> Vec<String>;

/// Every trial by its name.
const TRIALS: [(&str, Trial); 6] = [
    ("a clean end, verified before it is opened again", clean_end),
    ("a power cut that takes sled", power_cut),
    ("a power cut within a new segment", power_cut_in_segments),
    ("a failed sync and a power cut", failed_sync),
    ("short writes and a lost sled", short_writes),
    ("a bit flipped in the journal alone", flipped_bit),
];

/// The trials that found something with this bug, and what.
pub fn found(seed: u64, bug: Option<Seeded>, counts: &mut Counts) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    for (name, trial) in TRIALS {
        let broken = trial(seed, bug);
        if let Some(first) = broken.first() {
            found.push((name, first.clone()));
        }
    }
    let by = found.first().map_or("nothing", |(name, _)| *name);
    counts.one(bug.map_or_else(
        || format!("without a bug: caught by {by}"),
        |bug| format!("planted {bug}: caught by {by}"),
    ));
    found
}

/// A life that comes to its end: the bytes it leaves are what they should be, before anybody heals them.
fn clean_end(seed: u64, bug: Option<Seeded>) -> Vec<String> {
    let mut place = Place::new(seed);
    let mut orders = place.orders();
    (orders.bug, orders.attempts) = (bug, 10);
    let ended = place.begin(&orders).wait();
    let found = match verify(&place.data(), true, &|_, _| {}) {
        Ok(found) => found.problems.into_iter().map(|problem| format!("verify finds {problem:?}")).collect(),
        Err(error) => vec![format!("verify: {error}")],
    };
    if found.is_empty() { place.settle(&ended, None) } else { found }
}

/// A life of some appends, and the power goes.
fn power_cut(seed: u64, bug: Option<Seeded>) -> Vec<String> {
    let mut place = Place::new(seed);
    let mut orders = place.orders();
    (orders.bug, orders.segment_bytes) = (bug, 64 << 20);
    let mut appender = place.begin(&orders);
    appender.wait_for("ack", 30);
    let ended = appender.kill();
    place.settle(&ended, Some(Sled::Gone))
}

/// The same, where segments are so small that one was just begun.
fn power_cut_in_segments(seed: u64, bug: Option<Seeded>) -> Vec<String> {
    let mut place = Place::new(seed);
    let mut orders = place.orders();
    (orders.bug, orders.segment_bytes) = (bug, 2048);
    let mut appender = place.begin(&orders);
    appender.wait_for("ack", 30);
    let ended = appender.kill();
    place.settle(&ended, Some(Sled::Gone))
}

fn failed_sync(seed: u64, bug: Option<Seeded>) -> Vec<String> {
    on_trouble(seed, bug, [0, 0, 500, 0, 0])
}

fn short_writes(seed: u64, bug: Option<Seeded>) -> Vec<String> {
    on_trouble(seed, bug, [0, 0, 0, 0, 97])
}

fn on_trouble(seed: u64, bug: Option<Seeded>, trouble: [u64; 5]) -> Vec<String> {
    let mut place = Place::new(seed);
    let mut orders = place.orders();
    orders.bug = bug;
    troubles::one(&mut place, &mut orders, trouble, Sled::Gone)
}

/// One bit of the journal, in a log that is otherwise whole: the next life heals it and goes on.
fn flipped_bit(seed: u64, bug: Option<Seeded>) -> Vec<String> {
    let mut place = Place::new(seed);
    let mut orders = place.orders();
    (orders.attempts, orders.segment_bytes) = (10, 64 << 20);
    let ended = place.begin(&orders).wait();
    let broken = place.settle(&ended, None);
    if !broken.is_empty() {
        return broken;
    }
    let (_, path) = files(&place.data().join("journal")).remove(0);
    let mut bytes = fs::read(&path).expect("a segment");
    // Not in a header's length, by which the end of the frame is told.
    bytes[200] ^= 1;
    fs::write(&path, bytes).expect("a segment");
    let mut orders = place.orders();
    (orders.bug, orders.attempts) = (bug, 5);
    let ended = place.begin(&orders).wait();
    let mut broken = place.settle(&ended, None);
    broken.extend(
        place.history.refused_open.drain(..).map(|why| format!("the next life does not open: {why}")),
    );
    broken
}
