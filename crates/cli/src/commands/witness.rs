//! `witness`: cosigns what goes on from what it saw, asked by logs or going to look itself.

use std::{path::PathBuf, sync::Arc, thread};

use anyhow::{Context as _, Result};
use serde::Serialize;
use throughline_http::{bounded, serve_routes};
use throughline_witness::{Error, Office, Seen, app, follow};
use tokio::net::TcpListener;

use super::{
    Context, Outcome,
    serve::{interrupted, log_to_stderr, rates, tls},
};
use crate::{args, clock::Clock, output, witnesses};

#[derive(Serialize)]
struct Cosigned<'a> {
    witness: String,
    log: &'a str,
    events: u64,
    root: &'a str,
}

#[derive(Serialize)]
struct Caught {
    what: String,
    cosigned: String,
    shown: String,
    evidence: PathBuf,
}

pub fn run(context: &Context, args: &args::Witness) -> Result<Outcome> {
    log_to_stderr();
    match &args.follow {
        Some(url) => look(context, args, &open(context, args)?, url),
        None => wait(context, args),
    }
}

fn open(context: &Context, args: &args::Witness) -> Result<Office> {
    let office = Office::open(&args.state, args.name.as_deref(), &args.logs, seconds(&context.clock))?;
    output::say(format!("witness {}", office.cosigner()));
    Ok(office)
}

fn look(context: &Context, args: &args::Witness, office: &Office, url: &str) -> Result<Outcome> {
    let client = witnesses::client(args.ca_cert.as_deref())?;
    loop {
        match follow(office, &client, url) {
            Ok(seen) if args.once => return told(context, office, &seen),
            Ok(seen) => {
                output::say(format!(
                    "cosigned {} at {} events",
                    seen.checkpoint.origin, seen.checkpoint.size
                ));
            }
            Err(Error::Caught { misdeed, evidence }) => {
                let caught = Caught {
                    what: misdeed.to_string(),
                    cosigned: misdeed.seen.to_string(),
                    shown: misdeed.shown.to_string(),
                    evidence,
                };
                context.output.result(&caught, || {
                    let Caught { what, cosigned, shown, evidence } = &caught;
                    let evidence = evidence.display();
                    format!("{what}\n\ncosigned:\n{cosigned}\nsigned now:\n{shown}\nkept in {evidence}")
                })?;
                return Ok(Outcome::No);
            }
            Err(error) if args.once => return Err(error.into()),
            // A log that is away for a while is no reason to stop looking.
            Err(error @ Error::Unanswered { .. }) => output::say(error.to_string()),
            Err(error) => return Err(error.into()),
        }
        thread::sleep(args.every);
    }
}

fn told(context: &Context, office: &Office, seen: &Seen) -> Result<Outcome> {
    let witness = office.cosigner().to_string();
    let root = seen.checkpoint.to_string();
    let root = root.lines().nth(2).unwrap_or_default();
    let cosigned = Cosigned { witness, log: &seen.checkpoint.origin, events: seen.checkpoint.size, root };
    context.output.result(&cosigned, || {
        format!(
            "cosigned {} at {} events, root {root}; the log has the cosignature",
            cosigned.log, cosigned.events
        )
    })?;
    Ok(Outcome::Done)
}

fn wait(context: &Context, args: &args::Witness) -> Result<Outcome> {
    let tls = tls(args.bind, &args.encrypted)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let listener = runtime
        .block_on(TcpListener::bind(args.bind))
        .with_context(|| format!("cannot listen on {}; choose another address with --bind", args.bind))?;
    // Only now: no key is made where nobody can ask for what it signs.
    let office = open(context, args)?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{}", listener.local_addr()?);
    let stopped = {
        let _entered = runtime.enter();
        interrupted()?
    };
    let witness = office.cosigner().to_string();
    output::say(format!(
        "witnessing at {url}; the log's keeper names it by `serve --witness {witness}={url}`"
    ));
    if context.output == output::Output::Json {
        context.output.result(&serde_json::json!({ "url": url, "witness": witness }), String::new)?;
    }
    let rates = rates(args.rate_limit, &args.encrypted);
    let routes = bounded(app(Arc::new(office)), rates);
    runtime.block_on(serve_routes(listener, tls, routes, stopped))?;
    Ok(Outcome::Done)
}

/// The clock as cosignatures tell it; a time before 1970 is none.
fn seconds(clock: &Clock) -> throughline_witness::Clock {
    let clock = Arc::clone(clock);
    Arc::new(move || u64::try_from(clock().as_second()).unwrap_or(0))
}
