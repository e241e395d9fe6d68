//! Durable appends into the embedded log, in turns with the bare writes of the same bytes and with the embedded peer.

use std::{path::Path, sync::Arc, sync::atomic::AtomicU64, thread, time::Duration};

use anyhow::{Result, ensure};
use jiff::Timestamp;
use throughline_log::{EventLog, Log};

use super::{
    bare::Bare,
    drive::{Slice, Slices, drive, rate},
    event::{Events, journey},
    journal::{Frame, Journal},
    peers::{self, Tephra},
    progress,
    table::{Goal, Row, Spread},
};
use crate::timing::timed;

/// Journeys that are open before anything is measured.
pub const JOURNEYS: u64 = 2_000;

/// The rows: writers, events in an append, and what must hold.
const LOADS: [Load; 4] = [
    Load { writers: 1, batch: 1, bare: Some(0.9), peer: None, rate: None },
    Load { writers: 16, batch: 1, bare: None, peer: Some(1.5), rate: None },
    Load { writers: 64, batch: 1, bare: None, peer: Some(1.5), rate: None },
    Load { writers: 1, batch: 1_000, bare: None, peer: None, rate: Some(500_000.0) },
];

struct Load {
    writers: usize,
    batch: u64,
    /// At least so much of the bare limit.
    bare: Option<f64>,
    /// At least so many times the peer.
    peer: Option<f64>,
    /// At least so many events a second.
    rate: Option<f64>,
}

impl Load {
    fn appends_alone(&self) -> bool {
        self.writers == 1 && self.batch == 1
    }

    fn told(&self) -> String {
        match (self.writers, self.batch) {
            (1, 1) => "durable append, 1 writer".to_owned(),
            (1, batch) => format!("durable append, 1 writer, batches of {batch}"),
            (writers, _) => format!("durable append, {writers} writers"),
        }
    }
}

/// A log to append to.
pub struct Ours {
    log: Log,
    events: Events,
    next: AtomicU64,
    journal: Journal,
}

impl Ours {
    pub fn new(directory: &Path) -> Result<Self> {
        Self::of(Log::open(directory, Arc::new(Timestamp::now))?, directory)
    }

    /// The same of a log that keeps no transparency tree.
    pub fn without_tree(directory: &Path) -> Result<Self> {
        Self::of(Log::open_without_tree(directory, Arc::new(Timestamp::now))?, directory)
    }

    fn of(log: Log, directory: &Path) -> Result<Self> {
        let events = Events::new();
        log.append((0..JOURNEYS).map(|number| events.opened(number)).collect(), &[])?;
        let mut journal = Journal::of(directory);
        journal.new_frames()?;
        Ok(Self { log, events, next: AtomicU64::new(0), journal })
    }

    /// The log itself.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// A slice, and the frames that it made.
    fn slice(&mut self, load: &Load, each: Duration) -> Result<(Slice, Vec<Frame>)> {
        let slice = drive(load.writers, load.batch, each, &self.next, |first| {
            let contact = |number| self.events.contact(number, journey(number % JOURNEYS));
            let batch = (first..first + load.batch).map(contact).collect();
            let (appended, took) = timed(|| self.log.append(batch, &[]));
            appended?;
            Ok(took)
        })?;
        let frames = self.journal.new_frames()?;
        let seen: u64 = frames.iter().map(|frame| frame.events).sum();
        ensure!(seen == slice.events, "{seen} events in the journal, {} appended", slice.events);
        Ok((slice, frames))
    }
}

/// What the transparency tree costs: appends with it and without it, in turns.
pub fn tree_rows(directory: &Path, slices: Slices) -> Result<Vec<Row>> {
    [&LOADS[0], &LOADS[2], &LOADS[3]].into_iter().map(|load| tree_row(directory, load, slices)).collect()
}

fn tree_row(directory: &Path, load: &Load, slices: Slices) -> Result<Row> {
    let directory = tempfile::tempdir_in(directory)?;
    let mut with = Ours::new(&directory.path().join("with"))?;
    let mut without = Ours::without_tree(&directory.path().join("without"))?;
    let (mut on, mut off) = (Vec::new(), Vec::new());
    for nth in 0..=slices.rounds {
        let turn = |ours: &mut Ours, rates: &mut Vec<f64>| -> Result<()> {
            thread::sleep(slices.pause);
            // The first is not counted: files are new, and nothing is in memory yet.
            let (slice, _) = ours.slice(load, slices.each)?;
            if nth > 0 {
                rates.push(slice.rate());
            }
            Ok(())
        };
        if nth % 2 == 0 {
            turn(&mut with, &mut on)?;
            turn(&mut without, &mut off)?;
        } else {
            turn(&mut without, &mut off)?;
            turn(&mut with, &mut on)?;
        }
        progress(format_args!(
            "{}, with the tree and without: round {nth} of {}",
            load.told(),
            slices.rounds
        ));
    }
    let what = format!("{}, with the signed tree", load.told());
    Ok(Row::new(what, "events/s", Spread::of(on.clone())).beside("the same log without it", &on, &off, None))
}

pub fn rows(directory: &Path, slices: Slices) -> Result<Vec<Row>> {
    LOADS.iter().map(|load| row(directory, load, slices)).collect()
}

/// What a turn of each took.
#[derive(Default)]
struct Turn {
    ours: Slice,
    /// Commits of ours.
    frames: usize,
    growing: Duration,
    kept: Duration,
    peer: Slice,
}

/// All that take turns.
struct Contest<'a> {
    load: &'a Load,
    ours: Ours,
    bare: Bare,
    peer: Option<Tephra>,
    peer_next: AtomicU64,
    slices: Slices,
    turns: usize,
}

impl Contest<'_> {
    /// A round: turns until ours has had its time. One writer takes turns append by append, so that all see the same
    /// disk; many need a while to come together.
    fn round(&mut self) -> Result<Turn> {
        let each = if self.load.appends_alone() { Duration::ZERO } else { self.slices.each };
        let mut round = Turn::default();
        while round.ours.took < self.slices.each {
            let turn = self.turn(each)?;
            round.ours += turn.ours;
            round.frames += turn.frames;
            round.growing += turn.growing;
            round.kept += turn.kept;
            round.peer += turn.peer;
        }
        Ok(round)
    }

    /// One after another; who comes first changes.
    fn turn(&mut self, each: Duration) -> Result<Turn> {
        self.turns += 1;
        let peer_first = self.turns.is_multiple_of(2);
        let mut peer = Slice::default();
        if peer_first {
            peer = self.peer_slice(each)?;
        }
        self.pause(each);
        let (ours, frames) = self.ours.slice(self.load, each)?;
        self.pause(each);
        let (growing, kept) = (self.bare.growing(&frames)?, self.bare.kept(&frames)?);
        if !peer_first {
            peer = self.peer_slice(each)?;
        }
        Ok(Turn { ours, frames: frames.len(), growing, kept, peer })
    }

    fn peer_slice(&self, each: Duration) -> Result<Slice> {
        let Some(peer) = &self.peer else { return Ok(Slice::default()) };
        self.pause(each);
        let Load { writers, batch, .. } = *self.load;
        drive(writers, batch, each, &self.peer_next, |first| peer.append(first, batch, JOURNEYS))
    }

    fn pause(&self, each: Duration) {
        if !each.is_zero() {
            thread::sleep(self.slices.pause);
        }
    }
}

fn row(directory: &Path, load: &Load, slices: Slices) -> Result<Row> {
    let directory = tempfile::tempdir_in(directory)?;
    let mut contest = Contest {
        load,
        ours: Ours::new(&directory.path().join("ours"))?,
        bare: Bare::new(directory.path())?,
        peer: Tephra::open(&directory.path().join("tephra"))?,
        peer_next: AtomicU64::new(0),
        slices,
        turns: 0,
    };
    // Not counted: files are new, and nothing is in memory yet.
    contest.turn(slices.each / 4)?;
    let mut rounds = Vec::new();
    for nth in 1..=slices.rounds {
        let round = contest.round()?;
        let (ours, bare) = (round.ours.rate(), rate(round.ours.events, round.growing));
        progress(format_args!(
            "{}: round {nth} of {}, {ours:.0} events/s, bare {bare:.0}",
            load.told(),
            slices.rounds
        ));
        rounds.push(round);
    }
    let figures = |figure: &dyn Fn(&Turn) -> f64| rounds.iter().map(figure).collect::<Vec<_>>();
    let ours = figures(&|round| round.ours.rate());
    let growing = figures(&|round| rate(round.ours.events, round.growing));
    let kept = figures(&|round| rate(round.ours.events, round.kept));
    let per_sync = Spread::of(figures(&|round| round.ours.events as f64 / round.frames as f64)).median;
    let bare = format!("bare write + fdatasync ({per_sync:.1} events each)");
    let mut row = Row::new(load.told(), "events/s", Spread::of(ours.clone()))
        .beside(&bare, &ours, &growing, load.bare.map(Goal::AtLeast))
        .beside("the same over room written before", &ours, &kept, None);
    row.goal = load.rate.map(Goal::AtLeast);
    let goal = load.peer.map(Goal::AtLeast);
    Ok(if contest.peer.is_some() {
        row.beside(peers::TEPHRA, &ours, &figures(&|round| round.peer.rate()), goal)
    } else {
        row.without(peers::NOT_BUILT.to_owned(), goal)
    })
}
