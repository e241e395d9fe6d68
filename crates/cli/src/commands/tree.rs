//! `tree`: the transparency tree, taken out to be verified by anyone.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::Serialize;
use throughline_log::{Exported, Signed};

use super::{Context, Outcome};
use crate::{args::TreeWhat, clock::Stopwatch, operator, output};

#[derive(Serialize)]
struct Export {
    directory: PathBuf,
    #[serde(flatten)]
    exported: Exported,
    seconds: f64,
}

pub fn run(context: &Context, what: &TreeWhat) -> Result<Outcome> {
    match what {
        TreeWhat::Export { dir } => export(context, dir),
    }
}

fn export(context: &Context, to: &Path) -> Result<Outcome> {
    context.data.require()?;
    operator::takes_out(context, "tree")?;
    operator::settles(context);
    let watch = Stopwatch::start();
    let bar = output::progress("exporting", 0);
    let exported = throughline_log::export(context.data.root(), to, &output::follow(&bar));
    bar.finish_and_clear();
    let export = Export { directory: to.to_owned(), exported: exported?, seconds: watch.seconds() };
    context.output.result(&export, || {
        let Signed { events, root, key, .. } = &export.exported.checkpoint;
        let witnessed = export.exported.witnessed;
        let witnessed = witnessed.map(|events| format!("witnesses cosigned the first {events}\n")).unwrap_or_default();
        format!(
            "{events} entries, their tiles and the signed checkpoint copied to {} in {:.1} s\n\
             root {root}\n{witnessed}\
             `throughline verify {0} --key {key}` checks it anywhere, without the log; give the key on another way than \
             the directory",
            export.directory.display(),
            export.seconds,
        )
    })?;
    Ok(Outcome::Done)
}
