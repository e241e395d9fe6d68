//! `restore`: makes a data directory from a backup.

use std::path::PathBuf;

use anyhow::Result;
use serde::Serialize;
use throughline_domain::Position;
use throughline_log::Copied;

use super::{Context, Outcome};
use crate::{args::Restore, clock::Stopwatch, output};

#[derive(Serialize)]
struct Restored {
    directory: PathBuf,
    #[serde(flatten)]
    copied: Copied,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<u64>,
    seconds: f64,
}

pub fn run(context: &Context, args: &Restore) -> Result<Outcome> {
    let directory = context.data.root();
    let watch = Stopwatch::start();
    let bar = output::progress("restoring", 0);
    let to = args.to.map(Position);
    let copied = throughline_log::restore(&args.backup, directory, to, &output::follow(&bar));
    bar.finish_and_clear();
    let restored =
        Restored { directory: directory.to_owned(), copied: copied?, to: args.to, seconds: watch.seconds() };
    context.output.result(&restored, || text(&restored))?;
    Ok(Outcome::Done)
}

fn text(restored: &Restored) -> String {
    let Restored { directory, copied: Copied { events, bytes, last_frame }, to, seconds } = restored;
    let ends = match to {
        Some(to) if *events > *to => format!("\nit ends at position {to}, as asked"),
        Some(to) => format!(
            "\nit ends before position {to}: what was recorded together there goes on beyond it, or the backup is \
             shorter"
        ),
        None => String::new(),
    };
    format!(
        "{events} events ({bytes} bytes) restored into {} in {seconds:.1} s, every frame checked{ends}\n\
         last frame {last_frame}\n\
         the views are made again when it is served, or by `throughline rebuild`",
        directory.display(),
    )
}
