//! The process that the fault suite kills: opens a log, lets several writers append to it, and says on standard output
//! what it tries and what it was told, one line each, before and after every append.
//!
//! Orders are words `name=value`: `dir`, `seed`, `round`, `writers`, `attempts` (of each writer; 0 until killed),
//! `clock` (seconds by which it is wrong), `segment` (bytes), `point` (a name and which time it is reached,
//! `FrameSynced:7`), `bug` (a planted one), `trouble` (`seed,full,broken,sync,stuck,piece`; see `Trouble`), `pause`
//! (milliseconds between appends), `patient` (whether it waits for whoever has the directory).

#![allow(clippy::print_stdout, reason = "it speaks to the suite through standard output")]

use std::{
    collections::HashMap,
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use jiff::SignedDuration;
use throughline_cli::clock;
use throughline_log::{
    Clock, Error, EventLog, Log, Receipt,
    faults::{self, FaultyDisk, Point, Seeded, Told, Trouble, on_point},
};
use throughline_tests::faults::{Plan, wait_until_free};

/// Longer than any suite runs.
const UNTIL_KILLED: Duration = Duration::from_hours(24);

/// What the suite wants of this process.
struct Orders(HashMap<String, String>);

impl Orders {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn get<T: FromStr>(&self, name: &str, otherwise: T) -> T
    where
        T::Err: std::fmt::Debug,
    {
        self.text(name).map_or(otherwise, |text| text.parse().expect("orders are well formed"))
    }
}

fn main() -> ExitCode {
    let words = std::env::args().skip(1);
    let split = |word: String| word.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    let orders = Orders(words.filter_map(split).collect());
    let dir = PathBuf::from(orders.text("dir").expect("a directory is named"));
    if let Some(point) = orders.text("point") {
        stop_at(point);
    }
    if orders.text("patient").is_some() {
        wait_until_free(&dir);
    }
    let disk = disk(&orders, &dir);
    let log = match faults::open(&dir, wrong_clock(&orders), disk, orders.get("segment", 64 << 20)) {
        Ok(log) => log,
        Err(error) => {
            say(&format!("refused {error}"));
            return ExitCode::from(3);
        }
    };
    say(&format!("open {}", log.events()));
    let (seed, round) = (orders.get("seed", 0), orders.get("round", 0));
    let (attempts, pause) = (orders.get("attempts", 0), Duration::from_millis(orders.get("pause", 0)));
    thread::scope(|scope| {
        for writer in 0..orders.get("writers", 1) {
            let log = &log;
            scope.spawn(move || write(log, Plan::new(seed, round, writer), writer, attempts, pause));
        }
    });
    drop(log);
    say("closed");
    ExitCode::SUCCESS
}

/// Appends until it is enough or the log takes no more.
fn write(log: &Log, mut plan: Plan, writer: u64, attempts: u64, pause: Duration) {
    let mut nth = 0;
    while attempts == 0 || nth < attempts {
        let attempt = plan.attempt();
        let (drafts, expected) = plan.drafts(&attempt);
        let numbers: Vec<String> = attempt.numbers.iter().map(u64::to_string).collect();
        say(&format!("try {writer} {nth} {:?} {}", attempt.kind, numbers.join(",")));
        match log.append(drafts, &expected) {
            Ok(receipt) => {
                say(&format!("ack {writer} {nth} {}", told(&receipt)));
                plan.acknowledged(&attempt);
            }
            Err(error) => {
                say(&format!("no {writer} {nth} {} {error}", code(&error)));
                if matches!(error, Error::ReadOnly(_)) {
                    break;
                }
            }
        }
        nth += 1;
        thread::sleep(pause);
    }
}

fn told(receipt: &Receipt) -> String {
    receipt.events.iter().fold(String::new(), |mut text, stored| {
        let (position, version) = (stored.position.0, stored.version.0);
        let at = stored.recorded_at.as_microsecond();
        let comma = if text.is_empty() { "" } else { "," };
        write!(text, "{comma}{position}:{version}:{at}:{}", u8::from(stored.repeated))
            .expect("a string takes everything");
        text
    })
}

fn code(error: &Error) -> &'static str {
    match error {
        Error::Conflict { .. } => "conflict",
        Error::EventIdTaken { .. } => "taken",
        Error::Full { .. } => "full",
        Error::ReadOnly(_) => "read-only",
        Error::Busy => "busy",
        _ => "failed",
    }
}

/// Has this process stop where the orders say, and wait there for its end.
fn stop_at(order: &str) {
    let (name, nth) = order.split_once(':').expect("a point and which time it is reached");
    let point: Point = name.parse().expect("the name of a point");
    let left = AtomicU64::new(nth.parse().expect("a number"));
    on_point(move |reached| {
        if reached == point && left.fetch_sub(1, Ordering::SeqCst) == 1 {
            say(&format!("at {point}"));
            thread::sleep(UNTIL_KILLED);
        }
    });
}

fn disk(orders: &Orders, dir: &Path) -> Arc<FaultyDisk> {
    let bug = orders.text("bug").map(|name| name.parse::<Seeded>().expect("the name of a bug"));
    let numbers = orders.text("trouble").unwrap_or("0,0,0,0,0,0");
    let numbers: Vec<u64> = numbers.split(',').map(|number| number.parse().expect("a number")).collect();
    let [seed, full, broken, sync, stuck, piece] = numbers[..] else { panic!("trouble has six numbers") };
    let journal = dir.join("journal");
    FaultyDisk::troubled(bug, Trouble { seed, full, broken, sync, stuck, piece }, move |told| match told {
        Told::Durable { inode, bytes } => say(&format!("durable {inode} {bytes}")),
        Told::Named => say(&format!("named {}", names(&journal))),
        Told::Failed(fault) => say(&format!("failed {fault:?}")),
    })
}

/// The names in this directory; only this process changes them.
fn names(dir: &Path) -> String {
    let names = fs::read_dir(dir).into_iter().flatten().flatten();
    names.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect::<Vec<_>>().join(",")
}

fn wrong_clock(orders: &Orders) -> Clock {
    let (clock, by) = (clock::system(), SignedDuration::from_secs(orders.get("clock", 0)));
    Arc::new(move || clock() + by)
}

/// One whole line at once.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // Whoever listens may be gone; what is said then is of no use to anybody.
    let _ = out.write_all(format!("{line}\n").as_bytes()).and_then(|()| out.flush());
}
