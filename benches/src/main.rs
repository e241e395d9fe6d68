//! Measurements, each beside the bare limit of the same machine in the same run. Figures are ratios first: machines
//! differ and are shared.
//!
//! `cargo run --release -p throughline-benches -- all` makes the tables of docs/benchmarks.md.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a measuring program reads the clock, prints, and counts small numbers"
)]

mod append;
mod memory;
mod query;
mod rebuild;
mod timing;
mod world;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Measures the product beside the bare limits of this machine.
#[derive(Parser)]
struct Benches {
    /// What to measure.
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Durable appends, beside a bare loop of write and fdatasync of the same bytes.
    Append {
        /// Events in all, for each batch size.
        #[arg(long, default_value_t = 200_000)]
        events: usize,
    },
    /// All views from zero, beside reading the same log without folding it.
    Rebuild {
        /// Clients made up.
        #[arg(long, default_value_t = 20_000)]
        clients: usize,
    },
    /// One client's views over HTTP, beside the barest answer of the same server.
    Query {
        /// Clients made up.
        #[arg(long, default_value_t = 100_000)]
        clients: usize,
        /// Requests for each view.
        #[arg(long, default_value_t = 5_000)]
        requests: usize,
    },
    /// Everything, smaller.
    All,
}

fn main() -> Result<()> {
    match Benches::parse().what {
        What::Append { events } => append::measure(events),
        What::Rebuild { clients } => rebuild::measure(clients),
        What::Query { clients, requests } => query::measure(clients, requests),
        What::All => {
            append::measure(100_000)?;
            rebuild::measure(5_000)?;
            query::measure(5_000, 2_000)
        }
    }
}
