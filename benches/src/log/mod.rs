//! The log beside its bare limits and its peers, in one table.

mod append;
pub mod bare;
mod costs;
pub mod drive;
mod event;
mod growth;
pub mod journal;
mod over_http;
mod peers;
mod read;
mod service;
pub mod table;

use std::{fmt::Arguments, path::PathBuf, thread, time::Duration};

use anyhow::{Result, ensure};
use clap::{Args, ValueEnum};

pub use growth::{open, open_tephra};

use self::{drive::Slices, growth::Growth, table::Row};

/// The log is read at this size, or where it ends if it does not grow so far.
const READ_AT: u64 = 1_000_000;

/// What to measure of the log, and how long.
#[derive(Args)]
pub struct Options {
    /// How often each rate is taken; the table has the median.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    rounds: u64,
    /// How long it is taken each time.
    #[arg(long, default_value_t = 500, value_name = "MILLISECONDS",
        value_parser = clap::value_parser!(u64).range(20..=60_000))]
    slice: u64,
    /// How far the log grows, tenfold each time from 10,000 events on.
    #[arg(long, default_value_t = 1_000_000, value_name = "EVENTS",
        value_parser = clap::value_parser!(u64).range(10_000..=100_000_000))]
    to: u64,
    /// Only these.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Part>,
    /// Where the logs are made, and removed afterwards: on the disk that is to be measured.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Print one JSON document; the table goes to standard error.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    Append,
    Http,
    Read,
    Open,
    Costs,
    Tree,
}

impl Options {
    /// As much as fits a measurement of everything.
    pub fn small() -> Self {
        Self { rounds: 5, slice: 250, to: 100_000, only: Vec::new(), dir: None, json: false }
    }

    fn wants(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}

/// Measures, and prints the table.
pub fn measure(options: &Options) -> Result<()> {
    let directory = options.dir.clone().unwrap_or_else(std::env::temp_dir);
    ensure!(directory.is_dir(), "{} is no directory; name one with --dir", directory.display());
    let directory = tempfile::tempdir_in(directory)?;
    let slices = Slices {
        rounds: options.rounds as usize,
        each: Duration::from_millis(options.slice),
        pause: Duration::from_millis(options.slice / 4),
    };
    let cores = thread::available_parallelism()?.get();
    let mut rows = Vec::new();
    if options.wants(Part::Append) {
        rows.extend(append::rows(directory.path(), slices)?);
    }
    if options.wants(Part::Http) {
        rows.extend(over_http::rows(directory.path(), slices)?);
    }
    if options.wants(Part::Read) || options.wants(Part::Open) {
        rows.extend(growing(options, &directory.path().join("growth"), cores)?);
    }
    if options.wants(Part::Costs) {
        rows.extend(costs::rows(directory.path(), slices)?);
    }
    if options.wants(Part::Tree) {
        rows.extend(append::tree_rows(directory.path(), slices)?);
    }
    let table = format!(
        "\nThe log, {cores} cores: median (least–most) of {} slices of {} ms\n\n{}",
        options.rounds,
        options.slice,
        table::markdown(&rows)
    );
    if options.json {
        eprint!("{table}");
        println!("{}", serde_json::to_string_pretty(&serde_json::json!({ "cores": cores, "rows": rows }))?);
    } else {
        print!("{table}");
    }
    Ok(())
}

/// Lets a log grow, and looks at it at each size.
fn growing(options: &Options, directory: &std::path::Path, cores: usize) -> Result<Vec<Row>> {
    let sizes: Vec<u64> =
        (4..=8).map(|power| 10_u64.pow(power)).take_while(|size| *size <= options.to).collect();
    let read_at = options.to.min(READ_AT);
    let mut growth = Growth::new(directory);
    let (mut read, mut opened) = (Vec::new(), Vec::new());
    for size in sizes {
        growth.to(size)?;
        if options.wants(Part::Open) {
            opened.extend(growth.rows()?);
        }
        if options.wants(Part::Read) && size <= read_at && size * 10 > read_at {
            read = read::rows(&growth.ours(), &growth.peer(), options.rounds.min(5) as usize, cores)?;
        }
    }
    Ok(read.into_iter().chain(opened).collect())
}

/// Says on standard error how far it is.
fn progress(what: Arguments<'_>) {
    eprintln!("{what}");
}
