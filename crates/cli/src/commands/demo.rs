//! `demo`: believable data in a new directory, served.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use anyhow::{Context as _, Result, bail};
use jiff::{Timestamp, civil::Date};
use serde_json::json;
use throughline_demo::Demo;
use throughline_domain::{Draft, JourneyId};
use throughline_log::{EventLog, LIMITS, Log};

use super::{
    Context, Outcome, demo_accounts,
    serve::{Front, Listening, log_to_stderr},
};
use crate::{
    args,
    clock::{self, Clock, Stopwatch},
    output::{self, Output},
};

/// Accounts of workers that are opened at most.
const ACCOUNTS_MAX: usize = 12;

/// Lies in the directory until the demo is whole.
const UNFINISHED: &str = "demo-unfinished";

pub fn run(context: &Context, args: &args::Demo) -> Result<Outcome> {
    log_to_stderr();
    let root = context.data.root();
    let listening = if args.no_serve {
        None
    } else {
        Some(Listening::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, args.port)), Front::default())?)
    };
    let told = |namespace| -> Result<Demo> {
        let clients = usize::try_from(args.clients)?;
        Ok(Demo::new(args.seed, clients, clock::today(&context.clock), namespace))
    };
    let unfinished = root.join(UNFINISHED);
    if unfinished.exists() {
        bail!("{} holds a demo that was cut short; delete the directory and make it again", root.display());
    }
    if context.data.exists() {
        let Some(listening) = listening else {
            bail!("{} holds a log already; name a new directory with --data", root.display());
        };
        output::say(format!("{} is there already and is served as it is", root.display()));
        let opened = context.data.open(context.clock.clone())?;
        let told = told(opened.log.namespace())?;
        let visitors = demo_accounts::open(context, &told.workers(ACCOUNTS_MAX))?;
        return listening.serve(context, &opened, visitors, |url| {
            welcome(url, &told.stars());
            Ok(())
        });
    }
    let watch = Stopwatch::start();
    fs::create_dir_all(root)
        .and_then(|()| fs::write(&unfinished, ""))
        .with_context(|| root.display().to_string())?;
    let made = make(context, args)?;
    fs::remove_file(&unfinished).with_context(|| unfinished.display().to_string())?;
    let seconds = watch.seconds();
    let opened = context.data.open(context.clock.clone())?;
    opened.runtime.catch_up()?;
    let told = told(opened.log.namespace())?;
    let visitors = demo_accounts::open(context, &told.workers(ACCOUNTS_MAX))?;
    let summary = json!({
        "clients": args.clients, "events": made, "seconds": seconds, "directory": root, "seed": args.seed,
    });
    let Some(listening) = listening else {
        opened.runtime.stop();
        context.output.result(&summary, || {
            format!("{made} events of {} clients in {}, made in {seconds:.1} s", args.clients, root.display())
        })?;
        return Ok(Outcome::Done);
    };
    output::say(format!(
        "{made} events of {} invented clients in {}, made in {seconds:.1} s",
        args.clients,
        root.display(),
    ));
    listening.serve(context, &opened, visitors, |url| {
        welcome(url, &told.stars());
        match context.output {
            Output::Json => context.output.result(&summary, String::new),
            Output::Text => Ok(()),
        }
    })
}

/// Makes the data. What was written on one day is recorded together at the last of its hours, for it is the number of
/// commits that takes time.
fn make(context: &Context, args: &args::Demo) -> Result<u64> {
    let time = Arc::new(AtomicI64::new(0));
    let hands = Arc::clone(&time);
    let clock: Clock = Arc::new(move || {
        Timestamp::from_microsecond(hands.load(Ordering::SeqCst)).unwrap_or(Timestamp::UNIX_EPOCH)
    });
    let log = context.data.open_log(clock)?;
    let until = clock::today(&context.clock);
    let portions = Demo::new(args.seed, usize::try_from(args.clients)?, until, log.namespace());
    let bar = output::progress("days of made-up lives", 0);
    let mut entries = Entries { drafts: Vec::new(), recorded_at: None };
    let mut first = None;
    for portion in portions {
        let day = date(portion.recorded_at);
        let begun = *first.get_or_insert(day);
        bar.set_length(days(begun, until));
        bar.set_position(days(begun, day));
        if !entries.take_in(portion.recorded_at, portion.drafts.len()) {
            entries.record(&log, &time)?;
        }
        entries.recorded_at = Some(portion.recorded_at);
        entries.drafts.extend(portion.drafts);
    }
    entries.record(&log, &time)?;
    bar.finish_and_clear();
    Ok(log.events())
}

/// Entries that are recorded together.
struct Entries {
    drafts: Vec<Draft>,
    recorded_at: Option<Timestamp>,
}

impl Entries {
    /// Whether more of this time can be recorded together with those waiting.
    fn take_in(&self, recorded_at: Timestamp, more: usize) -> bool {
        let same_day = self.recorded_at.is_none_or(|waiting| date(waiting) == date(recorded_at));
        same_day && self.drafts.len() + more <= LIMITS.batch_events_max / 2
    }

    fn record(&mut self, log: &Log, time: &AtomicI64) -> Result<()> {
        if let Some(recorded_at) = self.recorded_at.take() {
            time.store(recorded_at.as_microsecond(), Ordering::SeqCst);
            log.append(std::mem::take(&mut self.drafts), &[])?;
        }
        Ok(())
    }
}

fn date(time: Timestamp) -> Date {
    jiff::tz::Offset::UTC.to_datetime(time).date()
}

fn days(from: Date, to: Date) -> u64 {
    from.until(to).map_or(0, |span| u64::try_from(span.get_days()).unwrap_or_default())
}

/// What to open, and lines that work.
fn welcome(url: &str, stars: &[(JourneyId, &str)]) {
    let quiet = format!("curl '{url}/v1/worklists/going-quiet?limit=5'");
    let figures = format!("curl '{url}/v1/outcomes?group_by=programme&compare=last_year'");
    let one = format!("curl {url}/v1/journeys/demo:1/engagement");
    output::say(format!(
        "\nopen  {url}/      what is here\n      {url}/docs  every route, described\n\n{one}\n{quiet}\n{figures}\n"
    ));
    output::say("some of the lives:");
    for (number, (_, story)) in stars.iter().enumerate() {
        output::say(format!("  demo:{}  {story}", number + 1));
    }
    demo_accounts::say(url);
    output::say("\nstop with Ctrl-C");
}
