//! `verify`: checks that nothing written was changed.

use anyhow::Result;
use serde::Serialize;
use throughline_log::{Error, Problem, Verified as Report};

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
    let data = args.path.as_ref().map_or_else(|| context.data.clone(), |path| context.data.beside(path));
    data.require()?;
    let watch = Stopwatch::start();
    let bar = output::progress("verifying", 0);
    // Nothing is opened here, so that nothing is put right before it is told.
    let report = match throughline_log::verify_with_key(
        data.root(),
        data.master(),
        args.deep,
        &output::follow(&bar),
    ) {
        Ok(report) => report,
        Err(error) => Report { events: 0, frames: 0, root: None, problems: vec![damage(&data, error)?] },
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

/// The damage that an error tells of; any other error says that looking itself failed.
fn damage(data: &Data, error: Error) -> Result<Problem> {
    match error {
        Error::Damaged { file, position, what } => Ok(Problem { position, file, what }),
        error => Err(data.told(error)),
    }
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
        "{head}{root}\n{}\n`throughline repair` puts right what one of the log's two copies still has, as opening the log \
         does where it meets it; it names what neither has: restore from a backup, or `throughline repair --from BACKUP`",
        table(["position", "file", "what"], rows)
    )
}
