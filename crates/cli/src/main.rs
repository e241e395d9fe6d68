//! `throughline`, the command line.
#![allow(clippy::print_stderr, reason = "the last word of a command that failed")]

use std::process::ExitCode;

use clap::Parser as _;
use throughline_cli::{Outcome, args::Throughline, run, told};

fn main() -> ExitCode {
    let throughline = Throughline::parse();
    match run(throughline) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::No) => ExitCode::from(1),
        Err(error) => {
            eprintln!("throughline: {}", told(&error));
            ExitCode::from(3)
        }
    }
}
