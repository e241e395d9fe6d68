//! An alert backtest over made-up journeys: in memory and from a log on disk, at several sizes, and beside the same
//! question written in pandas.

use std::{
    env, fs,
    io::{BufWriter, Write as _},
    path::Path,
    process::Command,
};

use anyhow::{Context as _, Result};
use jiff::civil::date;
use throughline_backtest::{Cohort, History, Spec, alert};
use throughline_demo::Demo;
use throughline_domain::{Position, Recorded, Version};
use throughline_log::EventLog as _;

use crate::{
    memory,
    timing::{rate, timed},
    world,
};

/// Events of one made-up client, on average.
const EVENTS_PER_CLIENT: usize = 56;

const HEAD: &str = r#"
version = 1
kind = "alert"
question = "Would this rule have warned us in time?"
[history]
[cohort]
enter = "enrolled"
"#;
/// Asked each week and whenever something becomes known.
const BY_EVENT: &str = r#"
[outcome]
name = "left"
when = "no service for 60d"
[alert]
candidate = "missed_run >= 2 || silence_days > 21"
evaluate = { every = "7d", on_event = true }
horizon = "28d"
"#;
/// The question that pandas is asked too.
const BY_WEEK: &str = r#"
[features.idle]
events = ["service"]
count = "in-a-row-without"
[outcome]
name = "left"
when = "exited"
[alert]
candidate = "idle >= 3"
evaluate = { every = "7d" }
"#;

pub fn measure(events: usize, sizes: bool) -> Result<()> {
    println!("\nAn alert backtest, on {} threads", std::thread::available_parallelism()?);
    println!("{:>10} {:>11} {:>10} {:>10} {:>12}", "events", "decisions", "cohort s", "run s", "events/s");
    let mut all = made_up(if sizes { 2 * events } else { events });
    let mut counts = if sizes { vec![2 * events, events, events / 2, events / 4] } else { vec![events] };
    counts.dedup();
    for count in counts {
        all.truncate(count);
        in_memory(&all, &spec(BY_EVENT)?)?;
    }
    drop(all);
    from_disk(events)?;
    beside_pandas(events)?;
    println!("peak memory {}", memory::peak());
    Ok(())
}

fn spec(asked: &str) -> Result<Spec> {
    Ok(Spec::parse(&format!("{HEAD}{asked}"))?)
}

/// Whole journeys until there are so many events.
fn made_up(events: usize) -> Vec<Recorded> {
    let clients = events / EVENTS_PER_CLIENT + events / EVENTS_PER_CLIENT / 4 + 10;
    let mut all = Vec::with_capacity(events);
    for portion in Demo::new(1, clients, date(2026, 5, 31), uuid::Uuid::nil()) {
        for draft in portion.drafts {
            let n = all.len() as u64;
            let (position, version) = (Position(n), Version(n));
            all.push(Recorded { position, version, recorded_at: portion.recorded_at, draft });
        }
    }
    all.truncate(events);
    all
}

fn in_memory(recorded: &[Recorded], spec: &Spec) -> Result<()> {
    let as_of = recorded.last().context("some events")?.recorded_at;
    let history = History::of(recorded.to_vec(), &spec.history, as_of);
    let (cohort, gathering) = timed(|| Cohort::of(&history, spec));
    let cohort = cohort?;
    let (report, running) = timed(|| alert::run(spec, &history, &cohort, &throughline_cli::features()));
    let report = report?;
    println!(
        "{:>10} {:>11} {:>10.2} {:>10.2} {:>12.0}",
        recorded.len(),
        report.people.decisions,
        gathering.as_secs_f64(),
        running.as_secs_f64(),
        rate(recorded.len(), gathering + running)
    );
    Ok(())
}

fn from_disk(events: usize) -> Result<()> {
    let world = world::with_clients(events / EVENTS_PER_CLIENT)?;
    let spec = spec(BY_EVENT)?;
    let now = "2026-06-01T00:00:00Z".parse()?;
    let (history, reading) = timed(|| History::read(&*world.log, &spec.history, now, &mut |_, _| true));
    let history = history?;
    let (report, running) = timed(|| {
        let cohort = Cohort::of(&history, &spec)?;
        alert::run(&spec, &history, &cohort, &throughline_cli::features())
    });
    println!(
        "from a log on disk, {} events, {} decisions: read in {:.2} s, run in {:.2} s",
        world.log.events(),
        report?.people.decisions,
        reading.as_secs_f64(),
        running.as_secs_f64()
    );
    Ok(())
}

/// The same question of the same events, in pandas; both must count the same people the same way.
fn beside_pandas(events: usize) -> Result<()> {
    let python = env::var("THROUGHLINE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has = Command::new(&python).args(["-c", "import pandas"]).output();
    if !has.is_ok_and(|has| has.status.success()) {
        println!(
            "SKIPPED: pandas. {python} has none; install it, or name another python in THROUGHLINE_PYTHON"
        );
        return Ok(());
    }
    let recorded = made_up(events);
    let spec = spec(BY_WEEK)?;
    let as_of = recorded.last().context("some events")?.recorded_at;
    let dir = tempfile::tempdir()?;
    let csv = dir.path().join("events.csv");
    write(&recorded, &csv)?;
    let (told, running) = timed(|| -> Result<_> {
        let history = History::of(recorded, &spec.history, as_of);
        let cohort = Cohort::of(&history, &spec)?;
        Ok(alert::run(&spec, &history, &cohort, &throughline_cli::features())?)
    });
    let by = told?.candidate.by_client[0];
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("pandas/alert.py");
    let pandas = Command::new(&python).arg(script).arg(&csv).arg(as_of.to_string()).output()?;
    let told = String::from_utf8_lossy(&pandas.stdout);
    anyhow::ensure!(pandas.status.success(), "{}", String::from_utf8_lossy(&pandas.stderr));
    let ours = format!("tp {} fp {} fn {} tn {}", by.tp, by.fp, by.r#fn, by.tn);
    println!("weekly, in memory: ours {:.2} s ({ours}); pandas {}", running.as_secs_f64(), told.trim());
    Ok(())
}

/// The events as a data frame would be given them: who, when it was known, on which day, what.
fn write(recorded: &[Recorded], csv: &Path) -> Result<()> {
    let mut file = BufWriter::new(fs::File::create(csv)?);
    writeln!(file, "who,known,day,what")?;
    for one in recorded {
        let (draft, known) = (&one.draft, one.recorded_at.as_microsecond());
        writeln!(file, "{},{known},{},{}", draft.journey, draft.occurred.day(), draft.event.fact_name())?;
    }
    Ok(file.flush()?)
}
