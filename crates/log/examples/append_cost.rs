//! What an append costs beside the sync it waits for: one writer, events of about 256 bytes.
//!
//! `cargo run --release -p throughline-log --example append_cost -- [DIRECTORY] [APPENDS]`

#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a measurement says what it measured, and stops where it cannot"
)]

use std::{fs::File, os::unix::fs::FileExt, path::PathBuf, sync::Arc, time::Instant};

use throughline_domain::{Actor, Draft, Event, EventId, Eyes, JourneyId};
use throughline_log::{EventLog, Log};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let parent = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let appends: u64 = arguments.next().map_or(2000, |appends| appends.parse().unwrap());
    let directory = tempfile::tempdir_in(parent).unwrap();
    let log = Log::open(&directory.path().join("log"), Arc::new(|| jiff::Timestamp::UNIX_EPOCH)).unwrap();
    let facts = serde_json::json!({ "reason": "illness" });
    let draft = |id: u64| Draft {
        event_id: EventId::from_bytes((0x77_0000_0000_u128 + u128::from(id)).to_be_bytes()),
        journey: JourneyId::from_bytes([1; 16]),
        actor: Actor::new("worker:w17").unwrap(),
        on_behalf_of: None,
        eyes: Eyes::Staff,
        occurred: "1969-12-31".parse().unwrap(),
        cause: None,
        source: None,
        event: Event::from_json(
            "throughline.check-in.check-in-missed.v1",
            facts.clone(),
            serde_json::json!({ "note": "x".repeat(40) }),
        )
        .unwrap(),
    };
    for id in 0..200 {
        log.append(vec![draft(id)], &[]).unwrap();
    }
    let journal = directory.path().join("log").join("journal").join("0000000000000000.seg");
    let before = journal.metadata().unwrap().len();
    let file = File::create(directory.path().join("bare")).unwrap();
    let (mut bare, mut whole, mut at) = (Vec::new(), Vec::new(), 0);
    let bytes = vec![7_u8; usize::try_from(before / 200).unwrap()];
    // Taken in turns, so that both see the same disk.
    for id in 200..200 + appends {
        let started = Instant::now();
        file.write_all_at(&bytes, at).unwrap();
        file.sync_data().unwrap();
        bare.push(started.elapsed());
        at += bytes.len() as u64;
        let event = draft(id);
        let started = Instant::now();
        log.append(vec![event], &[]).unwrap();
        whole.push(started.elapsed());
    }
    let frame = (journal.metadata().unwrap().len() - before) / appends;
    println!("{frame} bytes per frame, {appends} of each, in turns");
    for (name, mut taken) in [("bare write + fdatasync", bare), ("append", whole)] {
        let mean = taken.iter().sum::<std::time::Duration>() / u32::try_from(taken.len()).unwrap();
        taken.sort();
        let at = |share: usize| taken[taken.len() * share / 100];
        println!("{name}: mean {mean:?}, median {:?}, p95 {:?}", at(50), at(95));
    }
}
