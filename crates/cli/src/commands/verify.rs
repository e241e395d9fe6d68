//! `verify`: checks that nothing written was changed.

use anyhow::Result;
use serde::Serialize;
use throughline_log::{Error, Log, Problem, Verified as Report};

use super::{Context, Outcome};
use crate::{
    args::Verify,
    clock::Stopwatch,
    data::Data,
    output::{self, table},
};

#[derive(Serialize)]
struct Verified {
    events: u64,
    frames: u64,
    root: Option<String>,
    ok: bool,
    deep: bool,
    problems: Vec<Problem>,
    seconds: f64,
}

pub fn run(context: &Context, args: &Verify) -> Result<Outcome> {
    let data = args.path.as_ref().map_or_else(|| context.data.clone(), Data::new);
    data.require()?;
    let watch = Stopwatch::start();
    let bar = output::progress("verifying", 0);
    let progress = |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let report = match Log::open(data.root(), context.clock.clone()) {
        Ok(log) => log.verify(args.deep, &progress)?,
        Err(Error::Damaged { file, position, what }) => {
            look_closed(&data, args.deep, &progress, Problem { position, file, what })?
        }
        Err(error) => return Err(data.told(error)),
    };
    bar.finish_and_clear();
    let verified = Verified {
        events: report.events,
        frames: report.frames,
        root: report.root,
        ok: report.problems.is_empty(),
        deep: args.deep,
        problems: report.problems,
        seconds: watch.seconds(),
    };
    context.output.result(&verified, || text(&verified))?;
    Ok(if verified.ok { Outcome::Done } else { Outcome::No })
}

/// What can be found in a log that damage keeps from opening; at least why it does not open.
fn look_closed(
    data: &Data,
    deep: bool,
    progress: &(dyn Fn(u64, u64) + Sync),
    why: Problem,
) -> Result<Report> {
    let mut report = match throughline_log::verify(data.root(), deep, progress) {
        Ok(report) => Report { root: None, ..report },
        Err(Error::Damaged { .. }) => Report { events: 0, frames: 0, root: None, problems: Vec::new() },
        Err(error) => return Err(data.told(error)),
    };
    if report.problems.is_empty() {
        report.problems.push(why);
    }
    Ok(report)
}

fn text(verified: &Verified) -> String {
    let what = if verified.deep { "every frame" } else { "the tail; --deep reads everything" };
    let head = format!(
        "{} events in {} frames, checked {what}, in {:.1} s",
        verified.events, verified.frames, verified.seconds
    );
    let root = verified.root.as_ref().map(|root| format!("\nroot {root}")).unwrap_or_default();
    if verified.ok {
        return format!("{head}{root}\nnothing is wrong");
    }
    let rows = verified
        .problems
        .iter()
        .map(|problem| [problem.position.to_string(), problem.file.clone(), problem.what.clone()]);
    format!(
        "{head}{root}\n{}\nrestore from a backup; nothing was changed by looking",
        table(["position", "file", "what"], rows)
    )
}
