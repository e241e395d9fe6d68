//! A process that is killed while it appends: all that it was told is durable is there, in order, once.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use throughline_domain::Position;
use throughline_log::{EventLog, Log, verify};

use crate::data::*;

/// The directory that the child appends to, and the number of its first event.
const DIRECTORY: &str = "THROUGHLINE_KILLED_DIRECTORY";
const FIRST: &str = "THROUGHLINE_KILLED_FIRST";

/// Not a test by itself: what the killed process runs. It says the number of every event once it is acknowledged.
#[test]
#[ignore = "run by the test that kills it"]
fn child() {
    let Some(directory) = std::env::var_os(DIRECTORY) else { return };
    let first: u64 = std::env::var(FIRST).unwrap().parse().unwrap();
    let log = Log::open(Path::new(&directory), Data::new().clock()).unwrap();
    let mut out = std::io::stdout().lock();
    for id in first.. {
        log.append(vec![served(journey(id % 5), id)], &[]).unwrap();
        writeln!(out, "\nacknowledged {id}").unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn what_a_killed_process_was_told_is_durable_is_there() {
    let data = Data::new();
    let rounds: u64 = std::env::var("THROUGHLINE_KILLS").map_or(6, |kills| kills.parse().unwrap());
    let mut next = 0;
    for round in 0..rounds {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "killed::child", "--ignored", "--nocapture"])
            .env(DIRECTORY, data.path())
            .env(FIRST, next.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // Not at the same place twice: after some acknowledgements, and a moment that differs.
        let wanted = 1 + (round * 7919) % 60;
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut seen =
            || lines.find_map(|line| line.unwrap().strip_prefix("acknowledged ")?.parse::<u64>().ok());
        let mut acknowledged = (0..wanted).filter_map(|_| seen()).last();
        std::thread::sleep(Duration::from_micros(round * 3571 % 4000));
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged = std::iter::from_fn(seen).last().or(acknowledged);
        let acknowledged = acknowledged.expect("the child says what it appended");
        if round % 3 == 2 {
            fs::remove_dir_all(data.path().join("sled")).unwrap();
        }
        let log = data.open();
        let history = log.read(Position(0), 1_000_000).unwrap();
        let count = history.events.len() as u64;
        assert!((acknowledged + 1..=acknowledged + 2).contains(&count), "{count} after {acknowledged}");
        for (id, recorded) in (0..).zip(&history.events) {
            assert_eq!(recorded.draft, served(journey(id % 5), id));
        }
        drop(log);
        assert_eq!(verify(data.path(), true, &|_, _| {}).unwrap().problems, []);
        next = count;
    }
}
