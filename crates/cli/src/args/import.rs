//! What can be typed to bring history in.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::journey;

/// Which import.
#[derive(Debug, Args)]
pub struct Import {
    /// From which system.
    #[command(subcommand)]
    pub from: ImportFrom,
}

/// The systems that can be imported from.
#[derive(Debug, Subcommand)]
pub enum ImportFrom {
    /// A HUD HMIS CSV export: a directory with Export.csv and the tables beside it.
    Hmis(ImportHmis),
    /// CSV files of any system, by a mapping written in TOML; or a proposal of a mapping for them.
    Csv(ImportCsv),
    /// CloudEvents, one a line or a JSON list of them, into any number of journeys.
    Events(ImportEvents),
    /// Show the rows that were imported beside the events they gave to one journey.
    Explain {
        /// The journey: an id, or `source:key` such as `hmis:62547`.
        #[arg(value_parser = journey)]
        journey: String,
    },
}

/// How to import an HMIS export.
#[derive(Debug, Args)]
pub struct ImportHmis {
    /// The directory of the export.
    pub dir: PathBuf,
    /// It holds all there is, whatever it says of itself: what an earlier one brought and it has no more is taken back.
    #[arg(long, conflicts_with = "partial")]
    pub full: bool,
    /// It holds a part, whatever it says of itself: what it does not have stays as it is.
    #[arg(long)]
    pub partial: bool,
    /// How to import.
    #[command(flatten)]
    pub how: ImportHow,
}

/// How to import CSV files.
#[derive(Debug, Args)]
pub struct ImportCsv {
    /// The mapping: which file, whose rows, which facts.
    #[arg(long, value_name = "FILE", required_unless_present = "guess")]
    pub mapping: Option<PathBuf>,
    /// Propose a mapping and import nothing.
    #[arg(long, conflicts_with_all = ["mapping", "full", "dry_run", "strict", "rejected"])]
    pub guess: bool,
    /// The directory of the files, or one file.
    pub path: PathBuf,
    /// The files hold all there is: what an earlier import brought and they have no more is taken back.
    #[arg(long)]
    pub full: bool,
    /// How to import.
    #[command(flatten)]
    pub how: ImportHow,
}

/// How to import events.
#[derive(Debug, Args)]
pub struct ImportEvents {
    /// The file of CloudEvents; `-` for standard input.
    pub file: PathBuf,
    /// How to import.
    #[command(flatten)]
    pub how: ImportHow,
}

/// How to import.
#[derive(Debug, Args)]
pub struct ImportHow {
    /// Say what would happen and write nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// End with status 1 where any row was rejected.
    #[arg(long)]
    pub strict: bool,
    /// Write rejected rows, with the reasons, to this CSV file.
    #[arg(long, value_name = "FILE")]
    pub rejected: Option<PathBuf>,
}
