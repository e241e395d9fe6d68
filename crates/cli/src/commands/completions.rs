//! `completions`: what a shell needs to complete commands.

use clap::CommandFactory as _;
use clap_complete::Shell as Generator;

use super::Outcome;
use crate::args::{Shell, Throughline};

pub fn run(shell: Shell) -> Outcome {
    let generator = match shell {
        Shell::Bash => Generator::Bash,
        Shell::Elvish => Generator::Elvish,
        Shell::Fish => Generator::Fish,
        Shell::PowerShell => Generator::PowerShell,
        Shell::Zsh => Generator::Zsh,
    };
    clap_complete::generate(
        generator,
        &mut Throughline::command(),
        "throughline",
        &mut std::io::stdout().lock(),
    );
    Outcome::Done
}
