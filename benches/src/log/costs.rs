//! What the parts of an append cost for one event, as far as they can be had from outside the log.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use throughline_exchange::cloud_event;
use throughline_log::EventLog;

use super::{
    append::Ours,
    drive::Slices,
    event::{self, FRAME_BYTES, SEALED_BYTES},
    progress,
    service::event_text,
    table::{Row, Spread},
};
use crate::timing::timed;

/// The header of the event in the transparency tree, before the hashes of its parts.
const HEADER_BYTES: usize = 127;

/// What a frame has besides its events.
const FRAME_HEADER_BYTES: usize = 64;

pub fn rows(directory: &Path, slices: Slices) -> Result<Vec<Row>> {
    progress(format_args!("costs of parts"));
    let directory = tempfile::tempdir_in(directory)?;
    let ours = Ours::new(directory.path())?;
    let log = ours.log();
    let parts = SEALED_BYTES.map(|sealed| vec![7; sealed - 16]);
    let seal = |plain: &[u8]| log.seal(event::journey(0), "bench", plain)?.context("the journey has its key");
    let sealed = [seal(&parts[0])?, seal(&parts[1])?];
    let (before, after) = event_text();
    let text = format!("{before}00000000-0000-4000-8000-000000000000{after}");
    let frame = |events: usize| vec![7; FRAME_HEADER_BYTES + events * (FRAME_BYTES - FRAME_HEADER_BYTES)];
    let (one, many) = (frame(1), frame(1_000));
    let header = [7; HEADER_BYTES];
    let leaf = || {
        let [facts, personal] = SEALED_BYTES.map(|bytes| Sha256::digest(&many[..bytes]));
        Sha256::new()
            .chain_update([0])
            .chain_update(header)
            .chain_update(facts)
            .chain_update(personal)
            .finalize()
    };
    let check = |frame: &[u8]| (crc32c::crc32c(frame), Sha256::digest(frame));
    Ok(vec![
        row("cost: one event's JSON to a draft", slices, 1, || {
            let json = serde_json::from_str(&text)?;
            Ok(cloud_event::from_json(json, Some(event::journey(0)), None)?)
        })?,
        row("cost: seal both parts", slices, 1, || Ok([seal(&parts[0])?, seal(&parts[1])?]))?,
        row("cost: open both parts", slices, 1, || {
            Ok(sealed
                .each_ref()
                .map(|sealed| log.open_sealed(event::journey(0), "bench", sealed))
                .map(|one| one.is_ok()))
        })?,
        row("cost: leaf hash (three SHA-256)", slices, 1, || Ok(leaf()))?,
        row("cost: CRC-32C and SHA-256 of a frame of one event", slices, 1, || Ok(check(&one)))?,
        row("cost: the same of a frame of 1,000, for each", slices, 1_000, || Ok(check(&many)))?,
    ])
}

/// Nanoseconds of a thing done over and over, for each of `events`.
fn row<T>(what: &str, slices: Slices, events: u32, mut run: impl FnMut() -> Result<T>) -> Result<Row> {
    let each = slices.each / 20;
    let mut figures = Vec::new();
    for _ in 0..=slices.rounds {
        let (mut times, mut taken) = (0, Duration::ZERO);
        while taken < each {
            let (ran, took) = timed(|| -> Result<()> {
                for _ in 0..64 {
                    std::hint::black_box(run()?);
                }
                Ok(())
            });
            ran?;
            times += 64;
            taken += took;
        }
        figures.push(taken.as_secs_f64() * 1e9 / f64::from(times) / f64::from(events));
    }
    // The first warms up.
    figures.remove(0);
    Ok(Row::new(what, "ns", Spread::of(figures)))
}
