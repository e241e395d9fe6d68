//! Bugs planted in the process: each must be found by the checks that find nothing without one, or those checks would
//! promise nothing.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;
use throughline_log::{faults::Seeded, verify};

use crate::{
    counts::Counts,
    kills::Place,
    power::Sled,
    process::{copy, files},
    troubles,
};

type Trial = fn(u64, Option<Seeded>) -> Vec<String>;

/// Every trial by its name.
const TRIALS: [(&str, Trial); 8] = [
    ("a clean end, verified before it is opened again", clean_end),
    ("a power cut that takes sled", power_cut),
    ("a power cut within a new segment", power_cut_in_segments),
    ("a failed sync and a power cut", failed_sync),
    ("short writes and a lost sled", short_writes),
    ("a bit flipped in the journal alone", flipped_bit),
    ("an older copy put back under the newer checkpoint", taken_back),
    ("another history under a checkpoint that was signed", rewritten),
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

/// The log is as it was, and its checkpoint says that it was more: no life begins.
fn taken_back(seed: u64, bug: Option<Seeded>) -> Vec<String> {
    let mut lives = Lives::new(seed);
    let earlier = lives.kept_aside("earlier", 5);
    let later = lives.kept_aside("later", 5);
    lives.put_back(&earlier, &later);
    lives.begin(bug, "a log that was taken back")
}

/// The log went on otherwise than it was signed, with the same keys and as far: no life begins.
fn rewritten(seed: u64, bug: Option<Seeded>) -> Vec<String> {
    let mut lives = Lives::new(seed);
    let earlier = lives.kept_aside("earlier", 5);
    let signed = lives.kept_aside("signed", 5);
    lives.put_back(&earlier, &earlier);
    let rewritten = lives.kept_aside("rewritten", 40);
    lives.put_back(&rewritten, &signed);
    lives.begin(bug, "a log with another history")
}

/// Lives that come to their end, and what each left behind.
struct Lives {
    place: Place,
    kept: TempDir,
}

impl Lives {
    fn new(seed: u64) -> Self {
        Self { place: Place::new(seed), kept: TempDir::new().expect("a temporary directory") }
    }

    /// A life of so many appends of each writer, and a copy of what is there then.
    fn kept_aside(&mut self, name: &str, attempts: u64) -> PathBuf {
        let mut orders = self.place.orders();
        orders.attempts = attempts;
        self.place.begin(&orders).wait();
        let kept = self.kept.path().join(name);
        copy(&self.place.data(), &kept);
        kept
    }

    /// Puts a copy in place of what is there, with the signed checkpoint of another.
    fn put_back(&self, copied: &Path, signed: &Path) {
        let data = self.place.data();
        fs::remove_dir_all(&data).expect("a data directory");
        copy(copied, &data);
        fs::copy(signed.join("tree/checkpoint"), data.join("tree/checkpoint")).expect("a checkpoint");
    }

    /// One more life, which should be refused.
    fn begin(&mut self, bug: Option<Seeded>, what: &str) -> Vec<String> {
        let mut orders = self.place.orders();
        (orders.bug, orders.attempts) = (bug, 1);
        let ended = self.place.begin(&orders).wait();
        let refused = ended.lines.iter().any(|line| line.starts_with("refused "));
        if refused { Vec::new() } else { vec![format!("{what} is taken for whole")] }
    }
}
