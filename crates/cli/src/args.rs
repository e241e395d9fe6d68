//! What can be typed.

mod access;
mod import;
mod keys;
mod network;
mod replay;
mod witness;

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum, builder::PossibleValuesParser};
use jiff::civil::Date;
use throughline_http::Host;
use throughline_log::AsOf;
use uuid::Uuid;

pub use access::{Access, AccessGrant, AccessLog, AccessWhat, Account, AccountWhat, Token, TokenWhat};
pub use import::{Import, ImportCsv, ImportEvents, ImportFrom, ImportHmis, ImportHow};
pub use keys::{Erase, Keys, KeysWhat, Level};
pub use network::Encrypted;
pub use replay::{AuditPack, Compare, History, Show};
pub use witness::{Witness, WitnessNamed};

/// Logs within a data directory that are opened with the same master key.
pub const LOGS_WITHIN: &[&str] = &[crate::data::ACCESS];

/// Keeps each client's journey as an immutable stream of events, and shows from it whether lives really changed, and
/// lasted.
#[derive(Debug, Parser)]
#[command(name = "throughline", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "Exit status: 0 done; 1 the answer is no; 2 wrong usage; 3 could not run.")]
pub struct Throughline {
    /// The data directory.
    #[arg(
        long,
        global = true,
        env = "THROUGHLINE_DATA",
        default_value = "throughline-data",
        value_name = "DIR"
    )]
    pub data: PathBuf,
    /// The master key, where it is kept outside the data directory: a file of 32 bytes, or of 64 hexadecimal digits.
    /// Else `THROUGHLINE_MASTER_KEY` holds the digits, or it is made in `keys/master.key`.
    #[arg(long, global = true, env = "THROUGHLINE_MASTER_KEY_FILE", value_name = "FILE")]
    pub master_key_file: Option<PathBuf>,
    /// Print one JSON document on standard output and nothing else there.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make believable data in a new directory and serve it.
    Demo(Demo),
    /// Serve the data directory over HTTP.
    Serve(Serve),
    /// Bring history in from another system.
    Import(Import),
    /// Append events to a journey: CloudEvents from a file, one, a list, or one a line.
    Append(Append),
    /// Show a journey's events, as recorded.
    History(History),
    /// Show what was learned of a journey between two moments.
    Compare(Compare),
    /// Take a journey's record out in a folder that proves itself.
    AuditPack(AuditPack),
    /// Show what all views say of a journey.
    Show(Show),
    /// Try a change on history: run a spec, and say what its guards let say.
    Backtest(Backtest),
    /// Rebuild the views from the log.
    Rebuild(Rebuild),
    /// Check that nothing written was changed.
    Verify(Verify),
    /// The transparency tree: copy it with all its entries, to be verified by anyone.
    Tree(Tree),
    /// Copy the log into a new directory, while it is served or not.
    Backup(Backup),
    /// Make a new data directory from a backup.
    Restore(Restore),
    /// Heal the log from its other copy, and say what neither copy has.
    Repair(Repair),
    /// Rules that raise alerts: which are in force, adopt one, retire one.
    Rule(Rule),
    /// De-identify or erase a journey: destroy its keys, and give a certificate.
    Erase(Erase),
    /// The master key: where it comes from, and another one.
    Keys(Keys),
    /// Witness logs: cosign what goes on from what was seen, refuse a rollback or a fork.
    Witness(Witness),
    /// Accounts: who may come, and as what.
    Account(Account),
    /// Tokens: what lets an account in.
    Token(Token),
    /// The access log: who read what, and leave to see more.
    Access(Access),
    /// Look at the machine and the data directory, and say what is wrong and what to do.
    Doctor,
    /// Print the completions of a shell.
    Completions(Completions),
}

/// Where to listen, and to how much.
#[derive(Debug, Args)]
#[command(
    after_help = "On any address but this machine's own, what is said must be encrypted: give a certificate and its key, \
                        or say that a proxy in front does it."
)]
pub struct Serve {
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDR")]
    pub bind: SocketAddr,
    /// By what the words of others are encrypted.
    #[command(flatten)]
    pub encrypted: Encrypted,
    /// A name by which the service is asked, besides this machine's own and those of the certificate. Several may be given.
    /// Behind a proxy any name is, unless some are given.
    #[arg(long = "host", value_name = "NAME")]
    pub hosts: Vec<Host>,
    /// A witness whose cosignatures are taken: its verifier key (`witness.vkey`), and after `=` the URL where it is asked
    /// once a minute. Several may be named.
    #[arg(long = "witness", value_name = "VKEY[=URL]", value_parser = witness::named)]
    pub witnesses: Vec<WitnessNamed>,
    /// Certificates of authorities to trust besides the usual ones, as PEM: where a witness that is asked has its own from
    /// one of yours.
    #[arg(long, value_name = "FILE", requires = "witnesses")]
    pub ca_cert: Option<PathBuf>,
    /// Requests a second from one address; twice as many at once. 0 for as many as come.
    #[arg(long, default_value_t = 500, value_name = "N")]
    pub rate_limit: u32,
}

/// What to make up.
#[derive(Debug, Args)]
pub struct Demo {
    /// How many clients to make up.
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub clients: u32,
    /// The seed: the same seed makes the same lives.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// The port to serve on.
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
    /// Make the data and stop; do not serve.
    #[arg(long)]
    pub no_serve: bool,
}

/// What to append where.
#[derive(Debug, Args)]
pub struct Append {
    /// The journey: an id, or `source:key` such as `hmis:62547`.
    #[arg(value_parser = journey)]
    pub journey: String,
    /// The file of CloudEvents; `-` for standard input.
    pub file: PathBuf,
    /// Refuse unless the journey has this version; 0 for one not opened yet.
    #[arg(long, value_name = "VERSION")]
    pub expect: Option<u64>,
}

/// Which backtest.
#[derive(Debug, Args)]
#[command(
    after_help = "The spec is registered on the log before anything is read. Run again, the same spec reads the \
                        same events and gives the same report. Exit status 1: a guard refuses an answer."
)]
pub struct Backtest {
    /// The spec, in TOML; `-` for standard input.
    pub spec: PathBuf,
    /// Write report.json, report.html and tables/*.csv into this directory.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Register the spec and stop; run it once there is something to read.
    #[arg(long, conflicts_with = "out")]
    pub register_only: bool,
}

/// What to rebuild.
#[derive(Debug, Args)]
pub struct Rebuild {
    /// One view only.
    #[arg(long, value_name = "NAME", value_parser = views())]
    pub projection: Option<String>,
}

/// What to verify.
#[derive(Debug, Args)]
pub struct Verify {
    /// Read everything, not only the tail.
    #[arg(long)]
    pub deep: bool,
    /// The directory: a data directory, an audit pack, or a tree by itself (`throughline tree export`); --data unless given.
    pub path: Option<PathBuf>,
    /// Believe this key alone, had from elsewhere: the text of `log.vkey`, or a file with it. For packs and trees by themselves.
    #[arg(long, value_name = "VKEY", requires = "path")]
    pub key: Option<String>,
}

/// What to do with the tree.
#[derive(Debug, Args)]
pub struct Tree {
    /// What.
    #[command(subcommand)]
    pub what: TreeWhat,
}

/// What can be done with the tree.
#[derive(Debug, Subcommand)]
pub enum TreeWhat {
    /// Copy checkpoint, tiles and entries into a directory: new, empty, or an earlier export, to which it adds. Nothing
    /// sealed is in it; `throughline verify DIR` checks it without the log.
    Export {
        /// The directory.
        dir: PathBuf,
    },
}

/// Where to back up to.
#[derive(Debug, Args)]
#[command(
    after_help = "The keys are in the backup, the master key only where it is kept beside them. Keep its `keys` apart \
                        from the rest: whoever has both reads everything, and a key destroyed later is still in it."
)]
pub struct Backup {
    /// The directory to make; not there yet, or empty, or left by a backup that was cut short.
    pub dir: PathBuf,
}

/// What to restore.
#[derive(Debug, Args)]
#[command(
    after_help = "The log goes to --data DIR, which must be empty or not there yet. A restore that was cut \
                        short is no log; the same command begins it anew."
)]
pub struct Restore {
    /// The directory of the backup, its keys in it.
    pub backup: PathBuf,
    /// Only the events up to this position; events recorded together are restored together or not at all.
    #[arg(long, value_name = "POSITION", value_parser = position)]
    pub to: Option<u64>,
    /// Certificates of what was erased since the backup, such as the `erasures` of the directory it was taken of. What
    /// they name is erased again before anything is read. Can be given more than once.
    #[arg(long, value_name = "DIR")]
    pub erasures: Vec<PathBuf>,
}

/// What to repair from.
#[derive(Debug, Args)]
#[command(
    after_help = "Stop the server first. Exit status: 0 the log is whole; 1 some events are in no copy."
)]
pub struct Repair {
    /// A backup of this log: it fills what both copies lost, where it fits between what is left.
    #[arg(long, value_name = "BACKUP")]
    pub from: Option<PathBuf>,
}

/// What to do about rules.
#[derive(Debug, Args)]
pub struct Rule {
    /// What.
    #[command(subcommand)]
    pub what: RuleWhat,
}

/// What can be done about rules.
#[derive(Debug, Subcommand)]
pub enum RuleWhat {
    /// Show every rule that was adopted.
    List,
    /// Put a rule in force.
    Adopt {
        /// The rule in TOML (name, version, expression, enter, programme, every, on_event, until), or
        /// `rule:going-quiet@1`.
        file: String,
    },
    /// Take a rule out of force.
    Retire {
        /// Its name.
        name: String,
    },
    /// Write down every alert that is due; a server does so by itself.
    CatchUp,
}

/// Which shell.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell.
    #[arg(value_enum)]
    pub shell: Shell,
}

/// The shells.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[allow(missing_docs, reason = "a shell is its name")]
pub enum Shell {
    Bash,
    Elvish,
    Fish,
    PowerShell,
    Zsh,
}

/// The views there are, by name.
fn views() -> PossibleValuesParser {
    crate::projectors().iter().map(|projector| projector.name()).collect::<Vec<_>>().into()
}

/// Something that can name a journey; which one, only a log can say.
fn journey(text: &str) -> Result<String, String> {
    let named = throughline_exchange::journey_id(Uuid::nil(), text);
    named.map(|_| text.to_owned()).map_err(|error| error.to_string())
}

fn position(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "write a position, a whole number such as 1204".to_owned())
}

/// A time, a date standing for its end in UTC, or a position.
fn as_of(text: &str) -> Result<AsOf, String> {
    if let Ok(position) = text.parse() {
        return Ok(AsOf::Position(throughline_domain::Position(position)));
    }
    if let Ok(time) = text.parse() {
        return Ok(AsOf::Time(time));
    }
    let end =
        |day: Date| day.tomorrow().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|end| end.timestamp());
    match text.parse().ok().and_then(end) {
        Some(end) => Ok(AsOf::Time(end - jiff::SignedDuration::from_micros(1))),
        None => {
            Err("write a time (2026-03-01T00:00:00Z), a date (2026-03-01) or a position (1204)".to_owned())
        }
    }
}
