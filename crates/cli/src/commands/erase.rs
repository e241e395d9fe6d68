//! `erase`: de-identifies or erases a journey, and gives the certificate.

use std::io::{self, BufRead as _, IsTerminal as _};

use anyhow::{Result, bail};
use serde::Serialize;
use throughline_access::Deed;
use throughline_domain::{Code, JourneyId};
use throughline_log::{Certificate, Erasure, EventLog as _};

use super::{Context, Outcome, journey};
use crate::{
    args::{Erase, Level},
    data::Opened,
    operator, output,
};

#[derive(Serialize)]
struct Erased {
    /// One for each journey, the one named first.
    certificates: Vec<Certificate>,
    /// Journeys that hold facts of the same person and were left as they are.
    linked: Vec<JourneyId>,
}

pub fn run(context: &Context, args: &Erase) -> Result<Outcome> {
    let opened = context.data.open_existing(context.clock.clone())?;
    let named = journey(&*opened.log, &args.journey)?;
    let others =
        if opened.log.version(named)?.0 == 0 { Vec::new() } else { opened.runtime.linked_to(named)? };
    let (too, linked) = if args.linked { (others, Vec::new()) } else { (Vec::new(), others) };
    let journeys: Vec<JourneyId> = std::iter::once(named).chain(too).collect();
    if !args.yes && !confirmed(&opened, args, &journeys)? {
        output::say("nothing was erased");
        return Ok(Outcome::No);
    }
    let order = Erasure {
        requested_by: args.requested_by.clone(),
        reason: args.reason.clone(),
        actor: operator::name(),
    };
    let access = context.data.open_access(context.clock.clone())?;
    // Views first, so that nothing is told to be gone that a view would still say when it is served.
    opened.runtime.catch_up()?;
    let mut certificates = Vec::with_capacity(journeys.len());
    for journey in journeys {
        operator::did(&access, Deed::Operated { what: Code::new("erase")?, client: Some(journey) })?;
        certificates.push(opened.runtime.erase(journey, args.level.into(), &order, (context.clock)())?);
    }
    opened.runtime.catch_up()?;
    opened.runtime.stop();
    let erased = Erased { certificates, linked };
    context.output.result(&erased, || text(&erased))?;
    Ok(Outcome::Done)
}

/// Asks whoever sits at the terminal.
fn confirmed(opened: &Opened, args: &Erase, journeys: &[JourneyId]) -> Result<bool> {
    if !io::stdin().is_terminal() {
        bail!("erasing cannot be taken back; say --yes where nobody can be asked");
    }
    for journey in journeys {
        let events = opened.log.version(*journey)?;
        output::say(format!("journey {journey}, {events} events"));
    }
    let what = match args.level {
        Level::Identity => "their names, contacts, words and source rows",
        Level::All => "all of it",
    };
    output::say(format!("{what} will be unreadable for ever, here and for everyone. Type `erase` to go on:"));
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim() == "erase")
}

fn text(erased: &Erased) -> String {
    let mut text: Vec<String> =
        erased.certificates.iter().map(|certificate| certificate.note.clone()).collect();
    if !erased.linked.is_empty() {
        let others: Vec<String> = erased.linked.iter().map(ToString::to_string).collect();
        text.push(format!(
            "linked journeys hold facts of the same person and were left as they are: {}; erase them too with --linked",
            others.join(", ")
        ));
    }
    text.join("\n")
}
