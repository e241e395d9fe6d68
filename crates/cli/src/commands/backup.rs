//! `backup`: copies the log while it is served, or while nobody has it.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::Serialize;
use throughline_log::{BackedUp as Copies, Copied};

use super::{Context, Outcome};
use crate::{args::LOGS_WITHIN, clock::Stopwatch, data::ACCESS, operator, output};

#[derive(Serialize)]
struct BackedUp {
    directory: PathBuf,
    #[serde(flatten)]
    copied: Copied,
    /// The access log, where there is one.
    access: Option<Copied>,
    keys: PathBuf,
    /// Whether the master key is in it.
    master_key: bool,
    seconds: f64,
}

pub fn run(context: &Context, to: &Path) -> Result<Outcome> {
    context.data.require()?;
    // A copy of everything leaves the house; whether a server has the access log or not.
    operator::takes_out(context, "backup")?;
    operator::settles(context);
    let watch = Stopwatch::start();
    let bar = output::progress("backing up", 0);
    let copied = throughline_log::backup_with(context.data.root(), to, LOGS_WITHIN, &output::follow(&bar));
    bar.finish_and_clear();
    let Copies { copied, mut within } = copied?;
    let backed_up = BackedUp {
        directory: to.to_owned(),
        copied,
        access: within.remove(ACCESS),
        keys: to.join("keys"),
        master_key: to.join("keys").join("master.key").exists(),
        seconds: watch.seconds(),
    };
    context.output.result(&backed_up, || {
        let BackedUp { directory, copied, access, keys, master_key, seconds } = &backed_up;
        let Copied { events, bytes, last_frame } = copied;
        let access = access.as_ref().map_or(0, |access| access.events);
        format!(
            "{events} events ({bytes} bytes) copied to {} in {seconds:.1} s, every frame checked\n\
             last frame {last_frame}\n\
             with {access} events of the access log: accounts, and who read what\n\
             the keys are in it, in {}{}: keep them apart from the rest, and no longer than keys may be kept",
            directory.display(),
            keys.display(),
            if *master_key {
                ", with the master key: whoever has both can read everything"
            } else {
                ", wrapped; the master key is kept elsewhere and is not in it"
            }
        )
    })?;
    Ok(Outcome::Done)
}
