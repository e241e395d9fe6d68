//! The commands, one file each.

mod access;
mod account;
mod append;
mod audit_pack;
mod backtest;
mod backup;
mod compare;
mod completions;
mod demo;
mod demo_accounts;
mod doctor;
mod erase;
mod explain;
mod first;
mod history;
mod import;
mod keys;
mod rebuild;
mod repair;
mod restore;
mod rule;
mod serve;
mod show;
mod token;
mod tree;
mod verify;
mod verify_pack;
mod witness;

use anyhow::{Result, bail};
use jiff::SignedDuration;
use throughline_domain::{JourneyId, Position};
use throughline_log::{AsOf, EventLog};

use crate::{
    args::{Command, Throughline},
    clock::{self, Clock},
    data::Data,
    master::Outside,
    output::Output,
};

/// How far another clock may be ahead of this one. A day also lets today's date stand for today's end.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_hours(24);

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It did what was asked.
    Done,
    /// The answer is no: verification failed, rows were rejected with `--strict`, a guard refused.
    No,
}

/// What every command has at hand.
pub(crate) struct Context {
    pub(crate) data: Data,
    output: Output,
    pub(crate) clock: Clock,
}

/// Runs one command.
pub fn run(throughline: Throughline) -> Result<Outcome> {
    let context = Context {
        data: Data::named(throughline.data, Outside::find(throughline.master_key_file.as_deref())?),
        output: if throughline.json { Output::Json } else { Output::Text },
        clock: clock::system(),
    };
    match throughline.command {
        Command::Demo(args) => demo::run(&context, &args),
        Command::Serve(args) => serve::run(&context, &args),
        Command::Import(args) => import::run(&context, &args.from),
        Command::Append(args) => append::run(&context, &args),
        Command::History(args) => history::run(&context, &args),
        Command::Compare(args) => compare::run(&context, &args),
        Command::AuditPack(args) => audit_pack::run(&context, &args),
        Command::Show(args) => show::run(&context, &args),
        Command::Backtest(args) => backtest::run(&context, &args),
        Command::Rebuild(args) => rebuild::run(&context, args.projection.as_deref()),
        Command::Verify(args) => verify::run(&context, &args),
        Command::Tree(args) => tree::run(&context, &args.what),
        Command::Backup(args) => backup::run(&context, &args.dir),
        Command::Restore(args) => restore::run(&context, &args),
        Command::Repair(args) => repair::run(&context, &args),
        Command::Rule(args) => rule::run(&context, &args.what),
        Command::Erase(args) => erase::run(&context, &args),
        Command::Keys(args) => keys::run(&context, &args.what),
        Command::Witness(args) => witness::run(&context, &args),
        Command::Account(args) => account::run(&context, &args.what),
        Command::Token(args) => token::run(&context, &args.what),
        Command::Access(args) => access::run(&context, &args.what),
        Command::Doctor => doctor::run(&context),
        Command::Completions(args) => Ok(completions::run(args.shell)),
    }
}

/// What was known then; everything where nothing is asked.
fn known(context: &Context, log: &dyn EventLog, as_of: Option<AsOf>) -> Result<AsOf> {
    reached(context, log, as_of, "leave --as-of out for what is known now")
}

/// A moment that there was; now where none is named. Nobody can know what is yet to be recorded.
fn reached(context: &Context, log: &dyn EventLog, moment: Option<AsOf>, remedy: &str) -> Result<AsOf> {
    match moment.unwrap_or_default() {
        AsOf::Position(Position(position)) if position >= log.events() => bail!(
            "position {position} is not recorded yet: the log has {} events, counted from 0; {remedy}",
            log.events()
        ),
        AsOf::Time(time) if time > (context.clock)() + CLOCK_SKEW => {
            bail!("{time} lies in the future; {remedy}")
        }
        moment => Ok(moment),
    }
}

/// The journey that a person names: an id, or `source:key`.
fn journey(log: &dyn EventLog, named: &str) -> Result<JourneyId> {
    Ok(throughline_exchange::journey_id(log.namespace(), named)?)
}
