//! One import in a process of its own, so that its memory is its own.

use std::{
    path::Path,
    process::{Command, Stdio},
    sync::{Arc, atomic::AtomicBool},
};

use anyhow::{Context as _, Result, ensure};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use throughline_exchange::{
    hmis,
    import::{BATCH_EVENTS, Completeness, Options},
};
use throughline_log::{EventLog, Log};
use throughline_runtime::Runtime;

use crate::{
    memory,
    timing::{processor_seconds, timed},
};

/// What one import took.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Once {
    pub rows: u64,
    pub events: u64,
    /// Until the last event was durable.
    pub seconds: f64,
    /// Of all processors until then.
    pub processor_seconds: f64,
    /// At most until then.
    pub peak_mib: f64,
    /// What bringing the views up to date took after that.
    pub views_seconds: f64,
    /// At most by its end.
    pub views_peak_mib: f64,
}

/// Imports the export in a process of its own.
pub fn in_a_process(export: &Path, data: &Path) -> Result<Once> {
    let child = Command::new(std::env::current_exe()?)
        .arg("import-once")
        .args([export, data])
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(child.status.success(), "the import of {} did not end well", export.display());
    serde_json::from_slice(&child.stdout).context("the import did not say what it took")
}

/// What that process does: imports as `throughline import hmis` does, and says what it took.
pub fn run(export: &Path, data: &Path) -> Result<()> {
    let log = Arc::new(Log::open(data, Arc::new(Timestamp::now))?);
    let seam: Arc<dyn EventLog> = log.clone();
    let runtime = Runtime::open(seam, &data.join("views"), throughline_cli::projectors())?;
    let cancel = AtomicBool::new(false);
    let options = Options {
        dry_run: false,
        completeness: Completeness::default(),
        batch_events: BATCH_EVENTS,
        today: jiff::Zoned::now().date(),
        cancel: &cancel,
        brought: &|_, _| {},
        progress: &mut |_| {},
        rejected: &mut |_| Ok(()),
    };
    let before = processor_seconds();
    let (report, took) = timed(|| hmis::import(export, &*log, options));
    let report = report?;
    let processor = processor_seconds() - before;
    let peak = memory::peak_mib().unwrap_or_default();
    let (caught_up, views) = timed(|| runtime.catch_up());
    caught_up?;
    let once = Once {
        rows: report.rows,
        events: log.events(),
        seconds: took.as_secs_f64(),
        processor_seconds: processor,
        peak_mib: peak as f64,
        views_seconds: views.as_secs_f64(),
        views_peak_mib: memory::peak_mib().unwrap_or_default() as f64,
    };
    println!("{}", serde_json::to_string(&once)?);
    Ok(())
}
