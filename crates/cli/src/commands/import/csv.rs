//! `import csv`: any CSV files by a mapping, or a proposal of a mapping for them.

use std::fs;

use anyhow::{Context as _, Result, bail};
use serde_json::json;
use throughline_exchange::{
    import::Completeness,
    mapped::{self, Mapping},
};

use super::{Context, Outcome, bring};
use crate::{args::ImportCsv, clock};

pub fn run(context: &Context, args: &ImportCsv) -> Result<Outcome> {
    if !args.path.exists() {
        bail!("{} is not there; name the directory that has the files, or one file", args.path.display());
    }
    let Some(file) = &args.mapping else {
        let proposal = mapped::guess(&args.path, clock::today(&context.clock))?;
        context.output.result(&json!({ "mapping": proposal }), || proposal.clone())?;
        return Ok(Outcome::Done);
    };
    let text = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let text = String::from_utf8(text).with_context(|| format!("{} is not UTF-8", file.display()))?;
    // Nothing is opened, and no log made, before the mapping holds as a whole.
    let mapping = Mapping::parse(&text).with_context(|| format!("{}", file.display()))?;
    mapped::check(&mapping, &args.path, clock::today(&context.clock))
        .with_context(|| format!("{}", file.display()))?;
    let completeness = if args.full { Completeness::Full } else { Completeness::default() };
    bring(context, &args.how, completeness, |log, options| {
        Ok(mapped::import(&mapping, &args.path, log, options)?)
    })
}
