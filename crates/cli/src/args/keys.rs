//! Keys and erasures, as typed.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use throughline_domain::{Code, ErasureLevel};

/// What to erase, at whose request and why.
#[derive(Debug, Args)]
#[command(
    after_help = "The keys are overwritten, the log tells that it was so, and the views forget. This cannot be taken \
                        back. A backup of keys from before still holds them: see the guide on keys. Again is no error \
                        and gives the same certificate."
)]
pub struct Erase {
    /// The journey: an id, or `source:key` such as `hmis:62547`.
    #[arg(value_parser = super::journey)]
    pub journey: String,
    /// How much.
    #[arg(long, value_enum)]
    pub level: Level,
    /// Why, as a code: `asked`, `retention-ended`. It is kept and can be read by anyone: about no person.
    #[arg(long, value_name = "CODE", value_parser = code)]
    pub reason: Code,
    /// At whose request, as a code: `client`, `guardian`, `court`. Never a name.
    #[arg(long, value_name = "CODE", value_parser = code)]
    pub requested_by: Code,
    /// The linked journeys too: they hold facts of the same person.
    #[arg(long)]
    pub linked: bool,
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
}

/// How much of a journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Level {
    /// Names, contacts, words and source rows; coded facts stay under a pseudonym.
    Identity,
    /// Everything.
    All,
}

impl From<Level> for ErasureLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::Identity => Self::Identity,
            Level::All => Self::All,
        }
    }
}

/// What to do about keys.
#[derive(Debug, Args)]
pub struct Keys {
    /// What.
    #[command(subcommand)]
    pub what: KeysWhat,
}

/// What can be done about keys.
#[derive(Debug, Subcommand)]
pub enum KeysWhat {
    /// Say where the master key comes from, which one it is, and how many journeys have keys.
    Status,
    /// Wrap every key by a new master key, and overwrite what the old one wrapped.
    #[command(
        after_help = "Stop the server first. What is sealed does not change. A backup of keys from before needs the old \
                            master key: its file BACKUP says which. Cut short, it is undone or finished by the next \
                            command that opens the log."
    )]
    Rotate {
        /// The new master key, kept elsewhere: 32 bytes, or 64 hexadecimal digits; made where there is no such file.
        /// Without it the new one is made in `keys/master.key`.
        #[arg(long, value_name = "FILE")]
        new_master_key_file: Option<PathBuf>,
    },
}

fn code(text: &str) -> Result<Code, String> {
    Code::new(text).map_err(|error| error.to_string())
}
