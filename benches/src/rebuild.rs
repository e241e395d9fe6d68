//! All views from zero, beside each stage of it alone: the bytes read, frames checked, events opened, views made.

use std::{
    ops::ControlFlow,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use anyhow::Result;
use clap::{Args, ValueEnum};
use throughline_log::{EventLog, Log};
use throughline_runtime::{Known, Runtime};

use crate::{
    log::{self, table::Spread},
    memory,
    timing::{processor_seconds, timed},
    world,
};

/// What to rebuild.
#[derive(Args)]
pub struct Options {
    /// Clients made up.
    #[arg(long, default_value_t = 20_000)]
    clients: usize,
    /// A log to use again; made there where there is none yet.
    #[arg(long, value_name = "DIR")]
    log: Option<PathBuf>,
    /// How often each stage is taken, in turns.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    rounds: u64,
    /// Only these.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Stage>,
}

impl Options {
    /// As much as fits a measurement of everything.
    pub fn small() -> Self {
        Self { clients: 5_000, log: None, rounds: 1, only: Vec::new() }
    }
}

/// Each does what those before it do, and more.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Stage {
    Read,
    Check,
    Open,
    Journeys,
    Fold,
    Rebuild,
}

impl Stage {
    const ALL: [Self; 6] = [Self::Read, Self::Check, Self::Open, Self::Journeys, Self::Fold, Self::Rebuild];

    fn what(self) -> &'static str {
        match self {
            Self::Read => "the journal's bytes read, 1 thread",
            Self::Check => "+ every frame checked",
            Self::Open => "+ parts opened and decoded",
            Self::Journeys => "the same, a journey at a time",
            Self::Fold => "+ folded into four views, their rows encoded",
            Self::Rebuild => "+ the view of placements, rows sealed and written",
        }
    }

    fn run(self, log: &Arc<Log>, journal: &[PathBuf]) -> Result<()> {
        let scan = |open: bool| log.scan(log.events(), &|_| open, &mut |_, _| Ok(()));
        match self {
            Self::Read => drop(log::read_files(journal)?),
            Self::Check => scan(false)?,
            Self::Open => scan(true)?,
            Self::Journeys => log.scan_journeys(log.events(), &|_, _| ControlFlow::Continue(()))?,
            Self::Fold => fold(log)?,
            Self::Rebuild => {
                let views = tempfile::tempdir()?;
                let seam: Arc<dyn EventLog> = log.clone();
                let runtime = Runtime::open(seam, views.path(), throughline_cli::projectors())?;
                runtime.rebuild(None, &|_, _| {})?;
            }
        }
        Ok(())
    }
}

/// Folds every journey into the views that are registered, and drops what comes of it.
fn fold(log: &Log) -> Result<()> {
    let projectors = throughline_cli::projectors();
    let fresh: Vec<_> = projectors.iter().map(|projector| projector.fresh()).collect();
    let failed = Mutex::new(None);
    log.scan_journeys(log.events(), &|journey, history| {
        let life = Known::of_history(journey, history);
        match fresh.iter().try_for_each(|fresh| fresh.fold(journey, &life).map(drop)) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                *failed.lock().expect("nobody panics with it") = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    failed.into_inner().expect("nobody panicked with it").map_or(Ok(()), |error| Err(error.into()))
}

pub fn measure(options: &Options) -> Result<()> {
    let kept = tempfile::tempdir()?;
    let dir = options.log.as_deref().unwrap_or(kept.path());
    let log = world::log_with_clients(dir, options.clients)?;
    let events = log.events() as f64;
    println!("\nAll views from zero, {events} events, {} rounds in turns", options.rounds);
    let journal = log::journal_files(&dir.join("journal"))?;
    let stages =
        Stage::ALL.into_iter().filter(|stage| options.only.is_empty() || options.only.contains(stage));
    let mut taken: Vec<(Stage, Vec<f64>, Vec<f64>)> =
        stages.map(|stage| (stage, Vec::new(), Vec::new())).collect();
    for _ in 0..options.rounds {
        for (stage, rates, costs) in &mut taken {
            let before = processor_seconds();
            let (ran, took) = timed(|| stage.run(&log, &journal));
            ran?;
            costs.push((processor_seconds() - before) * 1e9 / events);
            rates.push(events / took.as_secs_f64());
        }
    }
    println!("{:>14} {:>22} {:>8}  stage", "events/s", "processor, ns/event", "÷ read");
    let base = Spread::of(taken[0].1.clone()).median;
    for (stage, rates, costs) in taken {
        let (rate, cost) = (Spread::of(rates), Spread::of(costs));
        let spread = format!("{:.0} ({:.0}–{:.0})", cost.median, cost.min, cost.max);
        println!("{:>14.0} {spread:>22} {:>8.3}  {}", rate.median, rate.median / base, stage.what());
    }
    println!("peak memory {}", memory::peak());
    Ok(())
}
