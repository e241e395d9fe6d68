//! A log with made-up clients, for measuring on.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use anyhow::Result;
use jiff::{Timestamp, civil::date};
use tempfile::TempDir;
use throughline_demo::Demo;
use throughline_domain::JourneyId;
use throughline_log::{EventLog, Log};
use throughline_runtime::Runtime;
use uuid::Uuid;

/// A log with its views; the directory goes when dropped.
pub struct World {
    /// The views.
    pub runtime: Arc<Runtime>,
    /// The log.
    pub log: Arc<Log>,
    /// Some clients, spread over all.
    pub sample: Vec<JourneyId>,
    dir: TempDir,
}

impl World {
    /// The directory.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }
}

/// Makes up clients, appends their lives, and leaves the views to be built.
pub fn with_clients(clients: usize) -> Result<World> {
    let dir = tempfile::tempdir()?;
    let log = log_with_clients(dir.path(), clients)?;
    let seam: Arc<dyn EventLog> = log.clone();
    let runtime = Runtime::open(seam, &dir.path().join("views"), throughline_cli::projectors())?;
    let step = (clients / 1000).max(1);
    let namespace = log.namespace();
    let id =
        |number: usize| JourneyId::new(Uuid::new_v5(&namespace, format!("journey/demo:{number}").as_bytes()));
    let sample = (1..=clients).step_by(step).map(id).collect();
    Ok(World { runtime, log, sample, dir })
}

/// Opens the log in this directory; where it has no events yet, makes up clients and appends their lives.
pub fn log_with_clients(dir: &Path, clients: usize) -> Result<Arc<Log>> {
    let time = Arc::new(AtomicI64::new(0));
    let hands = Arc::clone(&time);
    let clock =
        move || Timestamp::from_microsecond(hands.load(Ordering::SeqCst)).unwrap_or(Timestamp::UNIX_EPOCH);
    let log = Arc::new(Log::open(dir, Arc::new(clock))?);
    if log.events() > 0 {
        return Ok(log);
    }
    let namespace = log.namespace();
    let mut waiting = Vec::new();
    for portion in Demo::new(1, clients, date(2026, 5, 31), namespace) {
        time.store(portion.recorded_at.as_microsecond(), Ordering::SeqCst);
        waiting.extend(portion.drafts);
        if waiting.len() >= 4_000 {
            log.append(std::mem::take(&mut waiting), &[])?;
        }
    }
    log.append(waiting, &[])?;
    Ok(log)
}
