//! How appends, opening, memory and disk grow with the log.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use throughline_domain::Draft;
use throughline_log::{EventLog, Log};

use super::{
    drive::rate,
    event::{Events, journey},
    journal::disk_bytes,
    peers::{self, Tephra},
    progress,
    table::{Goal, Row, Spread},
};
use crate::{memory, timing::timed};

/// Events of one journey: its beginning and contacts.
const EVENTS_PER_JOURNEY: u64 = 50;

const BATCH: u64 = 1_000;

/// How often a log is opened.
const OPENINGS: usize = 5;

/// A log that grows, and a peer's with the same events.
pub struct Growth {
    directory: PathBuf,
    events: u64,
    /// Rates while it grew to its present size, ours and the peer's.
    rates: (Vec<f64>, Vec<f64>),
}

/// What a process that opened a log says of it.
#[derive(Serialize, Deserialize)]
struct Opening {
    seconds: f64,
    resident_mib: f64,
}

impl Growth {
    pub fn new(directory: &Path) -> Self {
        Self { directory: directory.to_owned(), events: 0, rates: (Vec::new(), Vec::new()) }
    }

    pub fn ours(&self) -> PathBuf {
        self.directory.join("ours")
    }

    pub fn peer(&self) -> PathBuf {
        self.directory.join("tephra")
    }

    /// Appends until there are so many events, in ten portions, and closes.
    pub fn to(&mut self, events: u64) -> Result<()> {
        let log = Log::open(&self.ours(), Arc::new(Timestamp::now))?;
        let peer = Tephra::open(&self.peer())?;
        self.rates = (Vec::new(), Vec::new());
        let made = Events::new();
        let portion = ((events - self.events) / 10).next_multiple_of(BATCH);
        while self.events < events {
            let end = (self.events + portion).min(events);
            let (mut ours, mut peers) = (Duration::ZERO, Duration::ZERO);
            for first in (self.events..end).step_by(BATCH as usize) {
                let batch = (first..first + BATCH).map(|number| life(&made, number)).collect();
                let (appended, took) = timed(|| log.append(batch, &[]));
                appended?;
                ours += took;
            }
            if let Some(peer) = &peer {
                for first in (self.events..end).step_by(BATCH as usize) {
                    peers += peer.append(first, BATCH, events.div_ceil(EVENTS_PER_JOURNEY))?;
                }
                self.rates.1.push(rate(end - self.events, peers));
            }
            self.rates.0.push(rate(end - self.events, ours));
            self.events = end;
            progress(format_args!(
                "grown to {end} events, {:.0} events/s",
                self.rates.0[self.rates.0.len() - 1]
            ));
        }
        Ok(())
    }

    /// What can be said of the log at its present size.
    pub fn rows(&self) -> Result<Vec<Row>> {
        let at = format!("{} events", self.events);
        let (mut ours, mut peers) = (Vec::new(), Vec::new());
        let mut has_peer = false;
        for nth in 0..OPENINGS {
            ours.push(open_elsewhere("open", &self.ours())?);
            if cfg!(feature = "peers") {
                peers.push(open_elsewhere("open-tephra", &self.peer())?);
                has_peer = true;
            }
            progress(format_args!("opened {at}: {} of {OPENINGS}, {:.3} s", nth + 1, ours[nth].seconds));
        }
        let row = |what: String, unit, ours: Vec<f64>, peers: &[f64]| {
            let row = Row::new(what, unit, Spread::of(ours.clone()));
            if has_peer { row.beside(peers::TEPHRA, &ours, peers, None) } else { row }
        };
        let seconds = |openings: &[Opening]| openings.iter().map(|one| one.seconds).collect::<Vec<_>>();
        let resident = |openings: &[Opening]| openings.iter().map(|one| one.resident_mib).collect::<Vec<_>>();
        let disk = |path: &Path| Ok::<_, anyhow::Error>(disk_bytes(path)? as f64 / self.events as f64);
        let peer_disk = if has_peer { vec![disk(&self.peer())?] } else { Vec::new() };
        Ok(vec![
            row(
                format!("append up to {at}, batches of 1,000, new journeys too"),
                "events/s",
                self.rates.0.clone(),
                &self.rates.1,
            ),
            row(format!("open {at}"), "s", seconds(&ours), &seconds(&peers)).goal(Goal::AtMost(1.0)),
            row(format!("memory once {at} are open"), "MiB", resident(&ours), &resident(&peers)),
            row(format!("disk for each of {at}, all copies"), "bytes", vec![disk(&self.ours())?], &peer_disk)
                .goal(Goal::AtMost(1100.0)),
        ])
    }
}

/// Event by event, lives of the same length one after another.
fn life(events: &Events, number: u64) -> Draft {
    let of = number / EVENTS_PER_JOURNEY;
    if number.is_multiple_of(EVENTS_PER_JOURNEY) {
        events.opened(of)
    } else {
        events.contact(number, journey(of))
    }
}

/// Opens in a process of its own, so that its memory is that log's alone.
fn open_elsewhere(command: &str, path: &Path) -> Result<Opening> {
    let output = Command::new(std::env::current_exe()?).arg(command).arg(path).output()?;
    ensure!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).context("what a process that opened a log says")
}

/// Opens a log and says how long that took and how much memory the process has then.
pub fn open(path: &Path) -> Result<()> {
    let (log, took) = timed(|| Log::open(path, Arc::new(Timestamp::now)));
    let _open = log?;
    say(took)
}

/// The same of the peer's.
pub fn open_tephra(path: &Path) -> Result<()> {
    let (log, took) = timed(|| Tephra::open(path));
    let _open = log?;
    say(took)
}

fn say(took: Duration) -> Result<()> {
    let resident_mib = memory::resident_mib().context("the system says how much memory a process has")?;
    println!("{}", serde_json::to_string(&Opening { seconds: took.as_secs_f64(), resident_mib })?);
    Ok(())
}
