//! `verify`: checks that nothing written was changed.

use anyhow::Result;
use serde::Serialize;

use super::{Context, Outcome};
use crate::{args::Verify, clock::Stopwatch, data::Data, output::table};

#[derive(Serialize)]
struct Verified {
    events: u64,
    frames: u64,
    root: Option<String>,
    ok: bool,
    deep: bool,
    problems: Vec<throughline_log::Problem>,
    seconds: f64,
}

pub fn run(context: &Context, args: &Verify) -> Result<Outcome> {
    let data = args.path.as_ref().map_or_else(|| context.data.clone(), Data::new);
    let opened = data.open_existing(context.clock.clone())?;
    let log = &opened.log;
    let watch = Stopwatch::start();
    let bar = context.output.progress("verifying", throughline_log::EventLog::events(&**log));
    let report = log.verify(args.deep, &|done, _| bar.set_position(done))?;
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
