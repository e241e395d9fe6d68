//! `restore`: makes a data directory from a backup.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde::Serialize;
use throughline_domain::Position;
use throughline_log::Copied;

use super::{Context, Outcome};
use crate::{args::Restore, clock::Stopwatch, data::Data, output};

#[derive(Serialize)]
struct Restored {
    directory: PathBuf,
    #[serde(flatten)]
    copied: Copied,
    /// The access log, where the backup has one.
    access: Option<Copied>,
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
    let copied = copied?;
    let restored = Restored {
        directory: directory.to_owned(),
        copied,
        access: access(&context.data, args)?,
        to: args.to,
        seconds: watch.seconds(),
    };
    context.output.result(&restored, || text(&restored))?;
    Ok(Outcome::Done)
}

/// The access log is restored whole, wherever the record is cut: who read what stays known.
fn access(data: &Data, args: &Restore) -> Result<Option<Copied>> {
    let from = Data::new(&args.backup).access();
    if !from.exists() {
        return Ok(None);
    }
    let restored = throughline_log::restore(&from, &data.access(), None, &|_, _| {});
    Ok(Some(restored.context(
        "the record is restored and its access log is not; delete the directory and restore again",
    )?))
}

fn text(restored: &Restored) -> String {
    let Restored { directory, copied: Copied { events, bytes, last_frame }, access, to, seconds } = restored;
    let access = match access {
        Some(access) => format!("with {} events of the access log", access.events),
        None => "the backup has no access log: accounts begin anew, and who read what before is not known"
            .to_owned(),
    };
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
         {access}\n\
         the views are made again when it is served, or by `throughline rebuild`",
        directory.display(),
    )
}
