//! Import: an HMIS export, several times as large, from its rows to durable, sealed events; beside reading its rows and
//! doing nothing with them, and beside writing as many bytes.

mod multiplied;
mod once;

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Result, ensure};
use clap::Args;
use throughline_exchange::import::BATCH_EVENTS;

use self::once::Once;
pub use self::once::run as once;
use crate::{
    log::table::{self, Goal, Row, Spread},
    timing::timed,
};

/// Rows per second to durable events.
const ROWS_PER_SECOND: f64 = 200_000.0;

/// What two cores can give each row at that rate.
const PROCESSOR_US_MAX: f64 = 10.0;

/// Memory that does not grow with the rows: at ten times the rows at most a tenth more.
const MEMORY_GROWTH_MAX: f64 = 1.1;

/// An export this many times as large is imported once only.
const ONCE_FROM: u64 = 50;

/// What to import, and how often.
#[derive(Args)]
pub struct Options {
    /// The export: the directory that Export.csv is in.
    #[arg(long, default_value = "../shared/data/hmis/demo_2026", value_name = "DIR")]
    export: PathBuf,
    /// How many times as large it is made. A hundred times the demonstration data takes 20 GB of disk.
    #[arg(long, value_delimiter = ',', default_value = "1,10",
        value_parser = clap::value_parser!(u64).range(1..=1_000))]
    times: Vec<u64>,
    /// How often each is imported; the table has the median.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=100))]
    rounds: u64,
    /// Where the logs are made, and removed afterwards: on the disk that is to be measured.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Print one JSON document; the table goes to standard error.
    #[arg(long)]
    json: bool,
}

/// One round: ours and the bare limits.
struct Round {
    ours: Once,
    read_seconds: f64,
    write_seconds: f64,
    journal_bytes: u64,
}

impl Options {
    /// As much as fits a measurement of everything.
    pub fn small() -> Self {
        let export = PathBuf::from("../shared/data/hmis/demo_2026");
        Self { export, times: vec![1], rounds: 1, dir: None, json: false }
    }
}

/// Measures, and prints the table.
pub fn measure(options: &Options) -> Result<()> {
    let export = &options.export;
    ensure!(export.is_dir(), "{} is no directory; name an export with --export", export.display());
    let directory = options.dir.clone().unwrap_or_else(std::env::temp_dir);
    ensure!(directory.is_dir(), "{} is no directory; name one with --dir", directory.display());
    let directory = tempfile::tempdir_in(directory)?;
    let cores = std::thread::available_parallelism()?.get();
    let (mut rows, mut first) = (Vec::new(), None);
    for &times in &options.times {
        let source = directory.path().join("export");
        multiplied::write(export, times, &source)?;
        let rounds = if times >= ONCE_FROM { 1 } else { options.rounds };
        let mut taken = Vec::new();
        for round in 1..=rounds {
            eprintln!("{times} × {}, round {round} of {rounds}", export.display());
            taken.push(one_round(&source, directory.path())?);
        }
        fs::remove_dir_all(&source)?;
        rows.extend(of_size(times, &taken, *first.get_or_insert(peak_of(&taken))));
    }
    let table = format!("\nImport, {cores} cores: median (least–most)\n\n{}", table::markdown(&rows));
    if options.json {
        eprint!("{table}");
        println!("{}", serde_json::to_string_pretty(&serde_json::json!({ "cores": cores, "rows": rows }))?);
    } else {
        print!("{table}");
    }
    Ok(())
}

fn one_round(export: &Path, directory: &Path) -> Result<Round> {
    let data = directory.join("data");
    let ours = once::in_a_process(export, &data)?;
    let journal_bytes = bytes_in(&data.join("journal"))?;
    fs::remove_dir_all(&data)?;
    let (read, reading) = timed(|| multiplied::read_alone(export));
    read?;
    let appends = ours.events.div_ceil(BATCH_EVENTS as u64);
    let bare = directory.join("bare");
    let (written, writing) = timed(|| write_alone(&bare, journal_bytes, appends));
    written?;
    fs::remove_file(&bare)?;
    let (read_seconds, write_seconds) = (reading.as_secs_f64(), writing.as_secs_f64());
    Ok(Round { ours, read_seconds, write_seconds, journal_bytes })
}

/// So many bytes in so many writes, each of them synced.
fn write_alone(path: &Path, bytes: u64, writes: u64) -> Result<()> {
    let mut file = File::create(path)?;
    let piece = vec![7; usize::try_from(bytes.div_ceil(writes))?];
    for _ in 0..writes {
        file.write_all(&piece)?;
        file.sync_data()?;
    }
    Ok(())
}

fn bytes_in(directory: &Path) -> Result<u64> {
    fs::read_dir(directory)?.try_fold(0, |sum, entry| Ok(sum + entry?.metadata()?.len()))
}

fn peak_of(rounds: &[Round]) -> f64 {
    Spread::of(rounds.iter().map(|round| round.ours.peak_mib).collect()).median
}

/// The figures of one size, beside the memory that the first size took.
fn of_size(times: u64, rounds: &[Round], first_peak: f64) -> Vec<Row> {
    let each = |figure: &dyn Fn(&Round) -> f64| rounds.iter().map(figure).collect::<Vec<_>>();
    let spread = |figure: &dyn Fn(&Round) -> f64| Spread::of(each(figure));
    let rows = rounds.first().map_or(0, |round| round.ours.rows);
    let per_second = each(&|round| round.ours.rows as f64 / round.ours.seconds);
    let read = each(&|round| round.ours.rows as f64 / round.read_seconds);
    let written = each(&|round| round.ours.rows as f64 / round.write_seconds);
    let peaks = each(&|round| round.ours.peak_mib);
    let memory = Row::new("peak memory until they are durable", "MiB", Spread::of(peaks.clone()));
    vec![
        Row::new(
            format!("{times} × the export, {rows} rows to durable events"),
            "rows/s",
            Spread::of(per_second.clone()),
        )
        .goal(Goal::AtLeast(ROWS_PER_SECOND))
        .beside("its rows read by the csv crate alone", &per_second, &read, None)
        .beside("the journal's bytes written and synced alone", &per_second, &written, None),
        Row::new("the same", "events/s", spread(&|round| round.ours.events as f64 / round.ours.seconds)),
        Row::new(
            "processor time for a row",
            "µs",
            spread(&|round| round.ours.processor_seconds * 1e6 / round.ours.rows as f64),
        )
        .goal(Goal::AtMost(PROCESSOR_US_MAX)),
        if times == 1 {
            memory
        } else {
            let first = vec![first_peak; peaks.len()];
            memory.beside("the first size", &peaks, &first, Some(Goal::AtMost(MEMORY_GROWTH_MAX)))
        },
        Row::new(
            "the journal's bytes for each event",
            "bytes",
            spread(&|round| round.journal_bytes as f64 / round.ours.events as f64),
        ),
        Row::new("the views brought up to date after that", "s", spread(&|round| round.ours.views_seconds)),
        Row::new("peak memory by then", "MiB", spread(&|round| round.ours.views_peak_mib)),
    ]
}
