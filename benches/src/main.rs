//! Measurements, each beside the bare limit of the same machine in the same run. Figures are ratios first: machines
//! differ and are shared.
//!
//! `cargo run --release -p throughline-benches -- all` makes the tables of docs/benchmarks.md.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a measuring program reads the clock, prints, and counts small numbers"
)]

mod access;
mod backtest;
mod import;
mod log;
mod memory;
mod query;
mod rebuild;
mod timing;
mod world;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};
use throughline_cli::args;

/// Measures the product beside the bare limits of this machine.
#[derive(Parser)]
struct Benches {
    /// What to measure.
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The log: appends, over HTTP too, reading, opening, disk and the costs of parts, beside bare limits and peers.
    Log(log::Options),
    /// An HMIS export, several times as large, to durable events, beside reading its rows and writing as many bytes.
    Import(import::Options),
    /// All views from zero, beside each stage of it alone.
    Rebuild(rebuild::Options),
    /// One client's views over HTTP, beside the barest answer of the same server.
    Query {
        /// Clients made up.
        #[arg(long, default_value_t = 100_000)]
        clients: usize,
        /// Requests for each view.
        #[arg(long, default_value_t = 5_000)]
        requests: usize,
    },
    /// What access control costs over HTTP: reads with an entry of the access log, beside the same without, `/healthz`, and
    /// the bare write and sync of the entries' frames.
    Access(access::Options),
    /// An alert backtest, in memory and from a log, beside the same question in pandas.
    Backtest {
        /// Events made up.
        #[arg(long, default_value_t = 1_000_000)]
        events: usize,
        /// Twice, half and a quarter as many too.
        #[arg(long)]
        sizes: bool,
    },
    /// Everything, smaller.
    All,
    /// Opens a log, and says how long that took.
    #[command(hide = true)]
    Open {
        /// The log.
        path: PathBuf,
    },
    /// The same of a peer's.
    #[command(hide = true)]
    OpenTephra {
        /// The directory.
        path: PathBuf,
    },
    /// Imports an export, and says what that took.
    #[command(hide = true)]
    ImportOnce {
        /// The export.
        export: PathBuf,
        /// The data directory.
        data: PathBuf,
    },
    /// Serves a data directory until killed.
    #[command(hide = true)]
    Service {
        /// The data directory.
        path: PathBuf,
    },
}

fn main() -> Result<()> {
    match Benches::parse().what {
        What::Log(options) => log::measure(&options),
        What::Import(options) => import::measure(&options),
        What::Rebuild(options) => rebuild::measure(&options),
        What::Query { clients, requests } => query::measure(clients, requests),
        What::Access(options) => access::measure(&options),
        What::Backtest { events, sizes } => backtest::measure(events, sizes),
        What::All => {
            log::measure(&log::Options::small())?;
            import::measure(&import::Options::small())?;
            rebuild::measure(&rebuild::Options::small())?;
            query::measure(5_000, 2_000)?;
            access::measure(&access::Options::small())?;
            backtest::measure(100_000, true)
        }
        What::ImportOnce { export, data } => import::once(&export, &data),
        What::Open { path } => log::open(&path),
        What::OpenTephra { path } => log::open_tephra(&path),
        What::Service { path } => serve(path),
    }
}

/// The product's own `serve`, on a port the system chooses.
fn serve(data: PathBuf) -> Result<()> {
    let command = args::Command::Serve(args::Serve {
        bind: "127.0.0.1:0".parse()?,
        encrypted: args::Encrypted { tls_cert: None, tls_key: None, behind_proxy: false },
        hosts: Vec::new(),
        // What is measured is how much it can do, not how much it lets one address ask.
        rate_limit: 0,
        witnesses: Vec::new(),
        ca_cert: None,
    });
    throughline_cli::run(args::Throughline { data, master_key_file: None, json: true, command }).map(drop)
}
