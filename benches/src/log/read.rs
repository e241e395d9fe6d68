//! Reading the whole log, with its bytes in the page cache.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Result, ensure};
use jiff::Timestamp;
use throughline_log::{EventLog, Log};

use super::{
    bare,
    drive::rate,
    journal::Journal,
    peers::{self, Tephra},
    progress,
    table::{Goal, Row, Spread},
};
use crate::timing::timed;

/// The rows of a log and of a peer's that hold the same events.
pub fn rows(ours: &Path, peer: &Path, rounds: usize, cores: usize) -> Result<Vec<Row>> {
    let log = Log::open(ours, Arc::new(Timestamp::now))?;
    let peer = Tephra::open(peer)?;
    let mut journal = Journal::of(ours);
    let frames = journal.new_frames()?;
    let events = log.events();
    let (mut checked, mut opened, mut peers) = (Vec::new(), Vec::new(), Vec::new());
    let (mut bytes, mut hashed) = (Vec::new(), Vec::new());
    // One round more than is counted: the first brings the bytes into the page cache.
    for round in 0..=rounds {
        let figures = [
            (scan(&log, events, false)?, &mut checked),
            (scan(&log, events, true)?, &mut opened),
            (bare::read(&journal.segments)?, &mut bytes),
            (bare::read_and_hash(&journal.segments, &frames, cores)?, &mut hashed),
        ];
        for (took, into) in figures {
            into.push(rate(events, took));
        }
        if let Some(peer) = &peer {
            let (read, took) = timed(|| peer.read());
            ensure!(read? == events, "the peer has as many events as the log");
            peers.push(rate(events, took));
        }
        if round == 0 {
            for figures in [&mut checked, &mut opened, &mut peers, &mut bytes, &mut hashed] {
                figures.clear();
            }
        }
        progress(format_args!("read {events} events: round {round} of {rounds}"));
    }
    let per_core: Vec<f64> = opened.iter().map(|rate| rate / cores as f64).collect();
    let on = format!("read and CRC-32C and SHA-256, {cores} threads");
    let rows = [
        Row::new(
            format!("read all frames, checked, {events} events, {cores} cores"),
            "events/s",
            Spread::of(checked.clone()),
        )
        .goal(Goal::AtLeast(5e6))
        .beside("`read` of the same files, 1 thread", &checked, &bytes, None)
        .beside(&on, &checked, &hashed, None),
        Row::new("the same with all parts opened and decoded", "events/s", Spread::of(opened.clone()))
            .beside(&on, &opened, &hashed, None),
    ];
    let with_peer = |row: Row, ours: &[f64]| match peer {
        Some(_) => row.beside(&format!("{}, 1 thread", peers::TEPHRA), ours, &peers, None),
        None => row.without(peers::NOT_BUILT.to_owned(), None),
    };
    let [first, second] = rows;
    let each = Row::new("the same for each core", "events/s", Spread::of(per_core)).goal(Goal::AtLeast(1e6));
    Ok(vec![with_peer(first, &checked), with_peer(second, &opened), each])
}

fn scan(log: &Log, events: u64, open: bool) -> Result<Duration> {
    let (mut passed, mut seen) = (0, 0);
    let (scanned, took) = timed(|| {
        log.scan(events, &|_| open, &mut |history, now| {
            passed = now;
            seen += history.events.len() as u64;
            Ok(())
        })
    });
    scanned?;
    ensure!(passed == events && seen == if open { events } else { 0 }, "the scan passes all events");
    Ok(took)
}
