//! `append`: records CloudEvents from a file in one journey, all or none.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use anyhow::{Context as _, Result, bail, ensure};
use throughline_access::stretches;
use throughline_domain::{Draft, JourneyId, Version};
use throughline_exchange::{cloud_event, json::Sent};
use throughline_log::EventLog as _;

use super::{Context, Outcome, journey};
use crate::{args::Append, operator};

/// What one file may hold: a full batch of the largest events, as JSON.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

pub fn run(context: &Context, args: &Append) -> Result<Outcome> {
    let text = read(&args.file)?;
    let opened = context.data.open_existing(context.clock.clone())?;
    let journey = journey(&*opened.log, &args.journey)?;
    let drafts = parse(&text, journey)?;
    ensure!(!drafts.is_empty(), "{} holds no event; give it at least one", args.file.display());
    let expected = args.expect.map(Version);
    // Where this cannot be opened, nothing is written.
    let access = context.data.open_access(context.clock.clone())?;
    let receipt = opened.runtime.record(&drafts, expected, (context.clock)())?;
    let fresh = receipt.events.iter().filter(|stored| !stored.repeated).count();
    let positions = stretches(receipt.events.iter().map(|stored| stored.position));
    operator::brought(&access, "append", Some(journey), &positions, fresh as u64)
        .context("run the same command again: nothing is written twice")?;
    context.output.result(&receipt, || {
        let version = opened.log.version(journey).map(|version| version.0).unwrap_or_default();
        let repeated = receipt.events.iter().filter(|stored| stored.repeated).count();
        let last = receipt.last().map(|position| position.to_string()).unwrap_or_default();
        let written = receipt.events.len() - repeated;
        format!(
            "{written} events recorded, {repeated} were there already; position {last}, version {version}"
        )
    })?;
    Ok(Outcome::Done)
}

fn read(file: &Path) -> Result<String> {
    let source: Box<dyn Read> = if file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(fs::File::open(file).with_context(|| format!("{} cannot be read", file.display()))?)
    };
    let mut text = String::new();
    source
        .take(FILE_BYTES_MAX + 1)
        .read_to_string(&mut text)
        .with_context(|| format!("{}", file.display()))?;
    if text.len() as u64 > FILE_BYTES_MAX {
        bail!("{} is larger than {FILE_BYTES_MAX} bytes; send it in parts", file.display());
    }
    Ok(text)
}

/// One event, a list of them, or one a line.
fn parse(text: &str, journey: JourneyId) -> Result<Vec<Draft>> {
    let list = serde_json::from_str(text);
    let sent: Vec<Sent> = match list.or_else(|_| serde_json::from_str(text).map(|event| vec![event])) {
        Ok(events) => events,
        Err(whole) => text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
            .map(|(index, line)| {
                serde_json::from_str(line).with_context(|| format!("line {}: not JSON", index + 1)).map_err(
                    |error| {
                        if text.lines().count() > 1 { error } else { anyhow::anyhow!("not JSON: {whole}") }
                    },
                )
            })
            .collect::<Result<_>>()?,
    };
    sent.into_iter()
        .enumerate()
        .map(|(index, sent)| {
            let event = sent.once().and_then(|value| cloud_event::from_json(value, Some(journey), None));
            event.with_context(|| format!("event {index}"))
        })
        .collect()
}
