//! The process that is killed while it erases, rotates keys, or copies.
//!
//! Orders are words `name=value`: `dir`; `erase` (a journey) and `level`, or `rotate` (`here`, or the file of a new master
//! key), or `backup` (where to), or `restore` (where from); `master` (a file, where the key is kept elsewhere); `point`, where it stops, and `nth`, which time it comes there.

#![allow(clippy::print_stdout, reason = "it speaks to the test through standard output")]

use std::{
    collections::HashMap,
    io::Write as _,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Duration,
};

use throughline_cli::{args::LOGS_WITHIN, clock, data::Data, master::Outside};
use throughline_domain::{Actor, Code, ErasureLevel};
use throughline_log::{
    Erasure, MasterKey, Restoring,
    faults::{Point, on_point},
};

/// Longer than any test runs.
const UNTIL_KILLED: Duration = Duration::from_hours(1);

fn main() {
    let words = std::env::args().skip(1);
    let split = |word: String| word.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    let orders: HashMap<String, String> = words.filter_map(split).collect();
    let text = |name: &str| orders.get(name).map(String::as_str);
    let dir = PathBuf::from(text("dir").expect("a directory is named"));
    let nth = AtomicU64::new(text("nth").map_or(1, |nth| nth.parse().expect("a number")));
    if let Some(point) = text("point") {
        let point: Point = point.parse().expect("the name of a point");
        on_point(move |reached| {
            if reached == point && nth.fetch_sub(1, Ordering::SeqCst) == 1 {
                say(&format!("at {point}"));
                thread::sleep(UNTIL_KILLED);
            }
        });
    }
    let read = |file: &str| MasterKey::read(Path::new(file)).expect("a master key");
    let master = text("master").map(|file| Outside { key: read(file), from: file.to_owned() });
    if let Some(journey) = text("erase") {
        let opened = Data::named(&dir, master.clone()).open(clock::system()).expect("the log opens");
        let level = match text("level") {
            Some("identity") => ErasureLevel::Identity,
            _ => ErasureLevel::All,
        };
        let order = Erasure {
            requested_by: Code::new("client").expect("a code"),
            reason: Code::new("asked").expect("a code"),
            actor: Actor::new("worker:w1").expect("an actor"),
        };
        let journey = journey.parse().expect("a journey");
        opened.runtime.catch_up().expect("views follow");
        opened.runtime.erase(journey, level, &order, clock::system()()).expect("it is erased");
    }
    if let Some(to) = text("rotate") {
        let new = (to != "here").then(|| read(to));
        let old = master.as_ref().map(|outside| &outside.key);
        throughline_log::rotate(&dir, LOGS_WITHIN, old, new.as_ref()).expect("it is rotated");
    }
    if let Some(to) = text("backup") {
        throughline_log::backup_with(&dir, Path::new(to), LOGS_WITHIN, &|_, _| {}).expect("it is backed up");
    }
    if let Some(from) = text("restore") {
        let how = Restoring { within: LOGS_WITHIN, ..Restoring::default() };
        throughline_log::restore_with(Path::new(from), &dir, how, &|_, _| {}).expect("it is restored");
    }
    say("done");
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // Whoever listens may be gone; what is said then is of no use to anybody.
    let _ = out.write_all(format!("{line}\n").as_bytes()).and_then(|()| out.flush());
}
