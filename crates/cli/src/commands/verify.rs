//! `verify`: checks that nothing written was changed.

use std::path::Path;

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
    /// The access log, where there is one.
    access: Option<Looked>,
    seconds: f64,
}

/// What looking at one log told.
#[derive(Serialize)]
struct Looked {
    events: u64,
    frames: u64,
    root: Option<String>,
    problems: Vec<Problem>,
}

pub fn run(context: &Context, args: &Verify) -> Result<Outcome> {
    let data = args.path.as_ref().map_or_else(|| context.data.clone(), Data::new);
    data.require()?;
    let watch = Stopwatch::start();
    let bar = output::progress("verifying", 0);
    let record = look(&data, data.root(), args.deep, &output::follow(&bar))?;
    let access = data.access();
    let access = access.exists().then(|| look(&data, &access, args.deep, &|_, _| {})).transpose()?;
    bar.finish_and_clear();
    let Looked { events, frames, root, problems } = record;
    let ok = problems.is_empty() && access.as_ref().is_none_or(|access| access.problems.is_empty());
    let deep = args.deep;
    let verified = Verified { events, frames, root, ok, deep, problems, access, seconds: watch.seconds() };
    context.output.result(&verified, || text(&verified))?;
    Ok(if verified.ok { Outcome::Done } else { Outcome::No })
}

/// Nothing is opened here, so that nothing is put right before it is told.
fn look(data: &Data, log: &Path, deep: bool, progress: &(dyn Fn(u64, u64) + Sync)) -> Result<Looked> {
    let report = match throughline_log::verify(log, deep, progress) {
        Ok(report) => report,
        Err(error) => Report { events: 0, frames: 0, root: None, problems: vec![damage(data, error)?] },
    };
    let Report { events, frames, root, problems } = report;
    Ok(Looked { events, frames, root, problems })
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
    let access = match &verified.access {
        Some(access) => format!("\nand {} events of the access log", access.events),
        None => String::new(),
    };
    let head = format!("{head}{root}{access}");
    if verified.ok {
        return format!("{head}\nnothing is wrong");
    }
    let rows = verified
        .problems
        .iter()
        .chain(verified.access.iter().flat_map(|access| &access.problems))
        .map(|problem| [problem.position.to_string(), problem.file.clone(), problem.what.clone()]);
    format!(
        "{head}\n{}\n`throughline repair` puts right what one of the log's two copies still has, as opening the log \
         does where it meets it; it names what neither has: restore from a backup, or `throughline repair --from BACKUP`",
        table(["position", "file", "what"], rows)
    )
}
