//! `restore`: makes a data directory from a backup.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use serde::Serialize;
use throughline_domain::Position;
use throughline_log::{Copied, Restoring};

use super::{Context, Outcome};
use crate::{
    args::{LOGS_WITHIN, Restore},
    clock::Stopwatch,
    data::ACCESS,
    operator, output,
};

#[derive(Serialize)]
struct Restored {
    directory: PathBuf,
    #[serde(flatten)]
    copied: Copied,
    /// Journeys whose keys were in the backup and are destroyed again.
    erased_again: u64,
    /// Certificates that were looked at.
    certificates: u64,
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
    let how = Restoring {
        to: args.to.map(Position),
        master: context.data.master(),
        erasures: &args.erasures,
        within: LOGS_WITHIN,
    };
    for dir in &args.erasures {
        ensure!(
            dir.is_dir(),
            "{} is no directory of certificates; name the `erasures` of a data directory",
            dir.display()
        );
    }
    let restored = throughline_log::restore_with(&args.backup, directory, how, &output::follow(&bar));
    bar.finish_and_clear();
    let mut restored = restored?;
    // Opened once, so that the log tells of every erasure that was done again before anybody reads it.
    drop(context.data.open_log(context.clock.clone())?);
    operator::operates(context, "restore")?;
    operator::settles(context);
    if args.erasures.is_empty() {
        output::say(
            "no certificates were named with --erasures: what was erased after this backup was taken, and is told neither \
             in it nor by its keys, is back; name the `erasures` of the directory it was taken of, or those you keep",
        );
    }
    let restored = Restored {
        directory: directory.to_owned(),
        copied: restored.copied,
        erased_again: restored.erased_again,
        certificates: restored.certificates,
        access: restored.within.remove(ACCESS),
        to: args.to,
        seconds: watch.seconds(),
    };
    context.output.result(&restored, || text(&restored))?;
    Ok(Outcome::Done)
}

fn text(restored: &Restored) -> String {
    let Restored {
        directory,
        copied: Copied { events, bytes, last_frame },
        erased_again,
        access,
        to,
        seconds,
        ..
    } = restored;
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
    let erased = match erased_again {
        0 => String::new(),
        erased => format!("\n{erased} journeys that were erased since are erased again"),
    };
    format!(
        "{events} events ({bytes} bytes) restored into {} in {seconds:.1} s, every frame checked{ends}{erased}\n\
         last frame {last_frame}\n\
         {access}\n\
         the views are made again when it is served, or by `throughline rebuild`",
        directory.display(),
    )
}
