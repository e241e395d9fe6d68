//! `verify PACK`: checks an audit pack with nothing but what lies in it, and a key had from elsewhere.

use std::path::Path;

use anyhow::Result;
use serde::Serialize;
use throughline_domain::{Given, JourneyId};
use throughline_replay::pack::{self, Manifest, NamesAre, Verdict};

use super::{
    Context, Outcome,
    verify::{key_of, problems, signed},
};
use crate::clock::Stopwatch;

#[derive(Serialize)]
struct Verified {
    #[serde(flatten)]
    verdict: Verdict,
    seconds: f64,
}

pub fn run(context: &Context, path: &Path, key: Option<&str>) -> Result<Outcome> {
    let key = key.map(key_of).transpose()?;
    let watch = Stopwatch::start();
    let verdict = pack::verify(&pack::read(path)?, key.as_deref());
    let verified = Verified { verdict, seconds: watch.seconds() };
    context.output.result(&verified, || text(&verified))?;
    Ok(if verified.verdict.ok { Outcome::Done } else { Outcome::No })
}

/// For what it was taken out, and by whose consent.
fn taken_out(manifest: &Manifest) -> Vec<String> {
    let by = |(journey, given): (&JourneyId, &Given)| {
        let until = given.until.map(|day| format!(" until {day}")).unwrap_or_default();
        format!("  by consent of journey {journey}, given on {}{until}, event {}", given.given, given.event)
    };
    let head = format!("taken out for {}", manifest.asked.purpose);
    [head].into_iter().chain(manifest.consents.iter().map(by)).collect()
}

fn text(verified: &Verified) -> String {
    let verdict = &verified.verdict;
    let of = verdict.journey.map(|journey| format!(" of journey {journey}")).unwrap_or_default();
    let head = format!("audit pack{of}, checked in {:.1} s", verified.seconds);
    let head = format!("{head}{}", signed(verdict.checkpoint.as_ref()));
    let Some(tally) = verdict.tally.as_ref().filter(|_| verdict.ok) else {
        return format!("{head}\n{}", problems(&verdict.problems));
    };
    let mut lines = vec![head];
    lines.push(format!(
        "{} events are in the log as they are told here, and each journey's follow each other without a gap",
        verdict.events
    ));
    if let Some(manifest) = &verdict.manifest {
        lines.extend(taken_out(manifest));
    }
    let of_them = [
        (tally.left_out, "left out by the filters"),
        (tally.closed, "can be read by nobody any more: their keys were destroyed"),
        (tally.nameless, "without their personal part: its key was destroyed"),
    ];
    lines.extend(
        of_them.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("  {count} {what}")),
    );
    if verdict.names == Some(NamesAre::Withheld) {
        lines.push(format!("names withheld, in {} events", tally.withheld));
    }
    if verdict.manifest.as_ref().is_some_and(|manifest| manifest.asked.valid_at.is_some()) {
        lines.push("that what was left out happened after the day asked for is not proved".to_owned());
    }
    if !verdict.page_compared {
        lines.push(
            "the page is of another version than this program's: its hash alone was compared".to_owned(),
        );
    }
    if verdict.manifest.as_ref().is_some_and(|manifest| manifest.asked.as_of.is_some()) || tally.left_out > 0
    {
        lines.push(
            "that consent held when the pack was made is not proved: not all that was known is in it"
                .to_owned(),
        );
    }
    lines.push("that the journey has no later event than these is not proved".to_owned());
    lines.push(if verdict.key_given {
        "nothing is wrong, by the key given".to_owned()
    } else {
        "nothing is wrong, by the key that lies in the pack itself: compare it with the log's own (tree/log.vkey in the data \
         directory, or an earlier pack), or name that with --key"
            .to_owned()
    });
    lines.join("\n")
}
