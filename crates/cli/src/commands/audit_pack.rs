//! `audit-pack`: one journey's record in a folder that proves itself.

use std::path::PathBuf;

use anyhow::Result;
use serde::Serialize;
use throughline_access::Names;
use throughline_domain::{Code, JourneyId};
use throughline_replay::{
    self as replay,
    pack::{self, Filter, NoConsent, Tally, Wanted},
};

use super::{Context, Outcome, journey, known};
use crate::{args::AuditPack, operator};

/// The operation, as the access log names it.
const WHAT: &str = "audit-pack";

#[derive(Serialize)]
struct Made {
    out: PathBuf,
    journey: String,
    purpose: Code,
    #[serde(flatten)]
    tally: Tally,
    key: String,
    verify: String,
}

#[derive(Serialize)]
struct NotMade {
    refused: &'static str,
    /// Whose consent is missing.
    journey: String,
    why: String,
}

pub fn run(context: &Context, args: &AuditPack) -> Result<Outcome> {
    let filter = Filter::of(args.family.as_deref(), args.fact.as_deref(), args.actor.clone(), args.valid_at)?;
    let opened = context.data.open_existing(context.clock.clone())?;
    let journey = journey(&*opened.log, &args.journey)?;
    let as_of = known(context, &*opened.log, args.as_of)?;
    let names = if args.withhold_names { Names::Withheld } else { Names::Shown };
    let purpose = args.purpose.clone();
    let wanted =
        Wanted { journey, as_of, filter, names, purpose: purpose.clone(), made_at: (context.clock)() };
    let pack = match pack::make(&opened.runtime, &wanted) {
        Err(replay::Error::NoConsent(missing)) => return refused(context, journey, &missing),
        made => made?,
    };
    operator::exports(&context.data, &context.clock, journey, WHAT, purpose.clone())?;
    pack::write(&pack.files, &args.out)?;
    let key = pack.key().to_owned();
    let made = Made {
        out: args.out.clone(),
        journey: journey.to_string(),
        purpose,
        tally: pack.tally,
        verify: format!("throughline verify {} --key '{key}'", args.out.display()),
        key,
    };
    context.output.result(&made, || text(&made))?;
    Ok(Outcome::Done)
}

/// The answer is no, and nothing is written but that somebody asked.
fn refused(context: &Context, journey: JourneyId, missing: &NoConsent) -> Result<Outcome> {
    const WHY: &str = "no-consent";
    operator::refused(&context.data, &context.clock, journey, WHAT, WHY)?;
    let not_made = NotMade { refused: WHY, journey: missing.journey.to_string(), why: missing.to_string() };
    context.output.result(&not_made, || format!("refused: {}", not_made.why))?;
    Ok(Outcome::No)
}

fn text(made: &Made) -> String {
    let Made { tally, .. } = made;
    let linked = match tally.journeys.len() {
        0 | 1 => String::new(),
        journeys => format!(", of {journeys} linked journeys"),
    };
    let left_out = match tally.left_out {
        0 => String::new(),
        left_out => format!("; {left_out} left out by the filters"),
    };
    format!(
        "journey {}, for {}: {} events{linked}{left_out}\nthe pack is in {}; open index.html to read it\nto check it, anywhere: {}",
        made.journey,
        made.purpose,
        tally.shown,
        made.out.display(),
        made.verify
    )
}
