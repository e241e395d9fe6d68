//! `import events`: CloudEvents from a file or standard input, into any number of journeys.

use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    path::Path,
};

use anyhow::{Context as _, Result};
use throughline_exchange::{events, import::Completeness};

use super::{Context, Outcome, bring};
use crate::args::ImportEvents;

pub fn run(context: &Context, args: &ImportEvents) -> Result<Outcome> {
    let (input, name): (Box<dyn BufRead>, String) = if args.file == Path::new("-") {
        (Box::new(io::stdin().lock()), "standard input".to_owned())
    } else {
        let file =
            File::open(&args.file).with_context(|| format!("{} cannot be read", args.file.display()))?;
        let name = args.file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        (Box::new(BufReader::with_capacity(256 * 1024, file)), name)
    };
    bring(context, &args.how, Completeness::default(), |log, options| {
        Ok(events::import(input, &name, log, options)?)
    })
}
