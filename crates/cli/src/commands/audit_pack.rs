//! `audit-pack`: one journey's record in a folder that proves itself.

use std::path::PathBuf;

use anyhow::Result;
use serde::Serialize;
use throughline_access::Names;
use throughline_replay::pack::{self, Filter, Tally, Wanted};

use super::{Context, Outcome, journey, known};
use crate::{args::AuditPack, operator};

#[derive(Serialize)]
struct Made {
    out: PathBuf,
    journey: String,
    #[serde(flatten)]
    tally: Tally,
    key: String,
    verify: String,
}

pub fn run(context: &Context, args: &AuditPack) -> Result<Outcome> {
    let filter = Filter::of(args.family.as_deref(), args.fact.as_deref(), args.actor.clone(), args.valid_at)?;
    let opened = context.data.open_existing(context.clock.clone())?;
    let journey = journey(&*opened.log, &args.journey)?;
    let as_of = known(context, &*opened.log, args.as_of)?;
    let names = if args.withhold_names { Names::Withheld } else { Names::Shown };
    let wanted = Wanted { journey, as_of, filter, names, made_at: (context.clock)() };
    let pack = pack::make(&opened.runtime, &wanted)?;
    operator::exports(&context.data, &context.clock, journey, "audit-pack")?;
    pack::write(&pack.files, &args.out)?;
    let key = pack.key().to_owned();
    let made = Made {
        out: args.out.clone(),
        journey: journey.to_string(),
        tally: pack.tally,
        verify: format!("throughline verify {} --key '{key}'", args.out.display()),
        key,
    };
    context.output.result(&made, || text(&made))?;
    Ok(Outcome::Done)
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
        "journey {}: {} events{linked}{left_out}\nthe pack is in {}; open index.html to read it\nto check it, anywhere: {}",
        made.journey,
        tally.shown,
        made.out.display(),
        made.verify
    )
}
