//! `import hmis`: a HUD HMIS CSV export.

use anyhow::{Result, bail};
use throughline_exchange::{hmis, import::Completeness};

use super::{Context, Outcome, bring};
use crate::args::ImportHmis;

pub fn run(context: &Context, args: &ImportHmis) -> Result<Outcome> {
    if !args.dir.is_dir() {
        bail!(
            "{} is no directory that can be read; name the one that has the tables of the export",
            args.dir.display()
        );
    }
    let completeness = match (args.full, args.partial) {
        (true, _) => Completeness::Full,
        (_, true) => Completeness::Partial,
        _ => Completeness::AsTheSourceSays,
    };
    bring(context, &args.how, completeness, |log, options| Ok(hmis::import(&args.dir, log, options)?))
}
