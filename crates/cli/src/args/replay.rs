//! What can be typed to replay a record: its history, its views, two moments of it compared, a pack of it.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;
use throughline_domain::{Actor, Code};
use throughline_log::AsOf;
use throughline_replay::pack::usual_purpose;

use super::{as_of, journey, views};

/// Which history.
#[derive(Debug, Args)]
pub struct History {
    /// The journey: an id, or `source:key` such as `hmis:62547`.
    #[arg(value_parser = journey)]
    pub journey: String,
    /// What was known then: a time (2026-03-01T00:00:00Z), a date (its end, UTC), or a position.
    #[arg(long, value_name = "T", value_parser = as_of)]
    pub as_of: Option<AsOf>,
    /// What was lived until this day.
    #[arg(long, value_name = "DATE")]
    pub valid_at: Option<Date>,
    /// Show the life as amended rather than the records as written.
    #[arg(long)]
    pub amended: bool,
}

/// What to show.
#[derive(Debug, Args)]
pub struct Show {
    /// The journey: an id, or `source:key` such as `hmis:62547`.
    #[arg(value_parser = journey)]
    pub journey: String,
    /// The day to answer for; today (UTC) unless given.
    #[arg(long, value_name = "DATE")]
    pub on: Option<Date>,
    /// What was known then: a time, a date (its end, UTC), or a position.
    #[arg(long, value_name = "T", value_parser = as_of)]
    pub as_of: Option<AsOf>,
    /// One view only.
    #[arg(long, value_name = "NAME", value_parser = views())]
    pub view: Option<String>,
}

/// Which pack.
#[derive(Debug, Args)]
#[command(
    after_help = "The folder proves itself: `throughline verify DIR --key VKEY`, anywhere, offline. It shows what it \
                        shows to whoever has it; with --withhold-names nothing in it opens names, contacts and words."
)]
pub struct AuditPack {
    /// The journey: an id, or `source:key` such as `hmis:62547`.
    #[arg(value_parser = journey)]
    pub journey: String,
    /// The folder to make; not there yet, or empty.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// What was known then: a time (2026-03-01T00:00:00Z), a date (its end, UTC), or a position.
    #[arg(long, value_name = "T", value_parser = as_of)]
    pub as_of: Option<AsOf>,
    /// Only what was lived until this day; amendments are always in.
    #[arg(long, value_name = "DATE")]
    pub valid_at: Option<Date>,
    /// Only facts of this family; amendments are always in.
    #[arg(long, value_name = "FAMILY")]
    pub family: Option<String>,
    /// Only this fact, by its short or whole name; amendments are always in.
    #[arg(long, value_name = "FACT")]
    pub fact: Option<String>,
    /// Only what this actor recorded; amendments are always in.
    #[arg(long, value_name = "ACTOR")]
    pub actor: Option<Actor>,
    /// For what it is taken out: a scope of consent, which everybody in it must agree to today.
    #[arg(long, value_name = "SCOPE", default_value_t = usual_purpose())]
    pub purpose: Code,
    /// Leave out names, contacts and words, and what opens them.
    #[arg(long)]
    pub withhold_names: bool,
}

/// Which moments.
#[derive(Debug, Args)]
pub struct Compare {
    /// The journey: an id, or `source:key` such as `hmis:62547`.
    #[arg(value_parser = journey)]
    pub journey: String,
    /// The earlier moment: a time, a date (its end, UTC), or a position.
    #[arg(long, value_name = "T", value_parser = as_of)]
    pub from: AsOf,
    /// The later moment; now unless given.
    #[arg(long, value_name = "T", value_parser = as_of)]
    pub to: Option<AsOf>,
    /// The day on which the views are asked at both; today (UTC) unless given.
    #[arg(long, value_name = "DATE")]
    pub on: Option<Date>,
}
