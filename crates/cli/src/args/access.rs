//! What can be typed about accounts, tokens and the access log.

use clap::{Args, Subcommand};
use jiff::Timestamp;
use throughline_access::{Dates, Role};
use throughline_domain::{Actor, Code, Text};

use super::{journey, position};

/// What to do about accounts.
#[derive(Debug, Args)]
pub struct Account {
    /// What.
    #[command(subcommand)]
    pub what: AccountWhat,
}

/// What can be done about accounts.
#[derive(Debug, Subcommand)]
pub enum AccountWhat {
    /// Open an account, or open again one that was closed.
    Open {
        /// Its name: a pseudonym such as `worker:w17`, never a person's name.
        name: Actor,
        /// What it is for: staff, supervisor, auditor, evaluator, admin, writer. Can be given several times.
        #[arg(long = "role", required = true, value_name = "ROLE")]
        roles: Vec<Role>,
        /// The worker it belongs to, as facts name them: says whose caseload is its own.
        #[arg(long, value_name = "CODE")]
        worker: Option<Code>,
        /// How exactly an evaluator sees dates of one client: day, month, quarter or year. To the day unless given.
        #[arg(long, value_name = "PERIOD")]
        dates: Option<Dates>,
    },
    /// Close an account; its tokens and grants are dead at once.
    Close {
        /// Its name.
        name: Actor,
    },
    /// Give an account other roles.
    Roles {
        /// Its name.
        name: Actor,
        /// All its roles from now on. Can be given several times.
        #[arg(long = "role", required = true, value_name = "ROLE")]
        roles: Vec<Role>,
        /// The worker it belongs to from now on; as before unless given.
        #[arg(long, value_name = "CODE")]
        worker: Option<Code>,
        /// How exactly an evaluator sees dates of one client from now on: day, month, quarter or year; as before unless
        /// given.
        #[arg(long, value_name = "PERIOD")]
        dates: Option<Dates>,
    },
    /// Show every account.
    List,
    /// Show one account, its tokens and its grants.
    Show {
        /// Its name.
        name: Actor,
    },
}

/// What to do about tokens.
#[derive(Debug, Args)]
pub struct Token {
    /// What.
    #[command(subcommand)]
    pub what: TokenWhat,
}

/// What can be done about tokens.
#[derive(Debug, Subcommand)]
pub enum TokenWhat {
    /// Give out a token, shown this once on standard output.
    Issue {
        /// Whose it is.
        account: Actor,
        /// What it is for.
        #[arg(long, value_parser = words)]
        label: Option<Text>,
        /// Days it holds; 90 unless given, a year at most.
        #[arg(long)]
        days: Option<u16>,
    },
    /// Take a token back; it opens nothing from now on.
    Revoke {
        /// Its id.
        id: Code,
    },
    /// Show the tokens of an account. The tokens themselves are kept nowhere.
    List {
        /// Whose.
        account: Actor,
    },
}

/// What to do about the access log.
#[derive(Debug, Args)]
pub struct Access {
    /// What.
    #[command(subcommand)]
    pub what: AccessWhat,
}

/// What can be done about the access log.
#[derive(Debug, Subcommand)]
pub enum AccessWhat {
    /// Show who read what.
    Log(AccessLog),
    /// Give an account leave to see a client, or names, that its roles alone do not show it.
    Grant(AccessGrant),
    /// End a grant.
    End {
        /// Its id.
        id: Code,
    },
}

/// Which lines of the access log.
#[derive(Debug, Args)]
pub struct AccessLog {
    /// What concerns this client: an id, or `source:key` such as `hmis:62547`.
    #[arg(long, value_name = "JOURNEY", value_parser = journey)]
    pub client: Option<String>,
    /// What this account did, and what was done to it.
    #[arg(long, value_name = "NAME")]
    pub account: Option<Actor>,
    /// Who brought the event at this position of the record in.
    #[arg(long, value_name = "POSITION", value_parser = position)]
    pub brought: Option<u64>,
    /// Written down at this time (2026-03-01T00:00:00Z) or later.
    #[arg(long, value_name = "T")]
    pub since: Option<Timestamp>,
    /// From this position of the access log on.
    #[arg(long, value_name = "POSITION", value_parser = position)]
    pub from: Option<u64>,
    /// How many lines at most.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub limit: u32,
}

/// Which leave to give.
#[derive(Debug, Args)]
pub struct AccessGrant {
    /// To whom.
    pub account: Actor,
    /// Which client: an id, or `source:key` such as `hmis:62547`.
    #[arg(long, value_name = "JOURNEY", value_parser = journey, required_unless_present = "all")]
    pub client: Option<String>,
    /// All clients.
    #[arg(long, conflicts_with = "client")]
    pub all: bool,
    /// Names, contacts and words too.
    #[arg(long)]
    pub names: bool,
    /// Until this time (2026-03-01T00:00:00Z); until it is ended unless given.
    #[arg(long, value_name = "T")]
    pub until: Option<Timestamp>,
    /// Why, in a few words.
    #[arg(long, value_name = "WORDS", value_parser = words)]
    pub why: Text,
}

fn words(text: &str) -> Result<Text, String> {
    Text::new(text).map_err(|error| error.to_string())
}
