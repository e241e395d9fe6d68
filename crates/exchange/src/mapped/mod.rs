//! CSV files of any system, as events, by a mapping written in TOML.
//!
//! A mapping says which file, whose rows, which day, which fact and from which cells; it knows no code and runs none.
//! Start at [`Mapping::parse`] and [`import`]; the language is described in `docs/import-csv.md`.

mod cell;
mod condition;
mod days;
mod document;
mod expr;
mod fault;
mod fields;
mod files;
mod first;
mod guess;
mod here;
mod lookup;
mod parse;
mod reading;
mod shape;
mod spec;
mod table;
mod when;

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use throughline_log::EventLog;

use self::{
    files::Files,
    first::Firsts,
    lookup::Lookups,
    table::{Ended, Run},
};
use crate::import::{
    Appends, Completeness, Error as ImportError, FileState, Ids, Job, Options, Report, Scope, beside,
};

pub use fault::{Fault, InvalidMapping};
pub use guess::guess;
pub use spec::Mapping;

/// Why an import by a mapping could not begin or go on. A bad row never is a reason.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The mapping asks for what the files do not have.
    #[error(transparent)]
    Mapping(#[from] InvalidMapping),
    /// Nothing to propose a mapping for.
    #[error("{0} holds no CSV file with a header; name a file, or a directory with some")]
    NothingToGuess(PathBuf),
    /// A file or the log.
    #[error(transparent)]
    Import(#[from] ImportError),
}

/// Imports the CSV files in a directory into the log, as the mapping says.
///
/// Every row ends as events, as a warning with or without events, or as a rejection. Running it again adds nothing; a
/// later state of the same files adds corrections. Memory grows with persons, with the keys of lookups, and by some 30
/// bytes for each row of the file being read, by which a repeated key is found.
pub fn import(
    mapping: &Mapping,
    directory: &Path,
    log: &dyn EventLog,
    options: Options<'_>,
) -> Result<Report, Error> {
    beside(log, options.brought, |appends| read(mapping, directory, log, appends, options))
}

fn read(
    mapping: &Mapping,
    directory: &Path,
    log: &dyn EventLog,
    appends: Appends<'_>,
    mut options: Options<'_>,
) -> Result<Report, Error> {
    let files = Files::list(directory, mapping.delimiter, options.today)?;
    files.check(mapping)?;
    let ids = Ids::new(log.namespace(), mapping.source.clone());
    let lookups = Lookups::load(mapping, &files, &ids)?;
    let firsts = Firsts::look_ahead(mapping, &files, &lookups, &ids, options.today)?;

    let (today, completeness) = (options.today, options.completeness);
    let rows = firsts.rows + lookups.rows;
    let mut job = Job::new(mapping.source.as_str(), log, appends, &ids, rows, &mut options);
    job.format("CSV by a mapping");
    let scope = if completeness == Completeness::Full { Scope::Everything } else { Scope::Nothing };
    if let Some(made) = files.made(mapping) {
        job.about(made, scope, std::iter::empty());
    }
    let mut run = Run::new(mapping, &files, &lookups, &ids, log, today, firsts);
    // Those who open journeys come first: whoever is in none of these tables is opened by their first other row.
    let opens = |table: &&spec::Table| table.facts.iter().any(spec::FactSpec::opens);
    let (openers, others): (Vec<_>, Vec<_>) = mapping.tables.iter().partition(opens);
    let mut whole = Vec::new();
    for table in openers.into_iter().chain(others) {
        match run.table(table, &mut job)? {
            Ended::Stopped => return Ok(job.close()?),
            Ended::Whole(file) => whole.push((&table.name, file)),
            Ended::InPart => {}
        }
    }
    if !lookups.account(mapping, &files, &mut job)? {
        return Ok(job.close()?);
    }
    for name in files.others(mapping) {
        job.begin(name, FileState::Unknown);
    }
    for (table, file) in whole {
        job.whole(table, file);
    }
    Ok(job.close()?)
}

/// Checks that a directory has every file that the mapping needs, with every column it reads. [`import`] does so too.
pub fn check(mapping: &Mapping, directory: &Path, today: Date) -> Result<(), Error> {
    Files::list(directory, mapping.delimiter, today)?.check(mapping)
}
