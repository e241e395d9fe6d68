//! HUD's HMIS CSV export, formats FY2020 to FY2026, as events.
//!
//! It reads a directory file by file, row by row, and knows nothing of what views make of the events. Start at
//! [`import`]; which table gives which facts is in `docs/import-hmis.md`.

mod ahead;
mod asked;
mod aspect;
mod assessment;
mod cell;
mod client;
mod codes;
mod collected;
mod contact;
mod context;
mod enrolment;
mod exit;
mod export;
mod field;
mod income;
mod known;
mod reading;
mod service;
mod tables;

use std::{collections::HashMap, path::Path};

use throughline_domain::{Actor, Code, Draft};
use throughline_log::EventLog;

use self::{
    export::{Export, Files},
    known::{Known, Standing},
    reading::{Base, Frame, Reading, Sheet},
    tables::{Mapper, TABLES, TableSpec},
};
use crate::import::{
    Columns, Error, FileState, Finding, Ids, Job, Next, Options, Outcome, Problem, Report, Row, Table,
    UnreadColumn,
};

/// Imports the HMIS CSV export in a directory into the log.
///
/// Every row ends as events, as a warning with or without events, or as a rejection. Running it again adds nothing; a
/// later export of the same source adds corrections and retractions.
pub fn import(directory: &Path, log: &dyn EventLog, mut options: Options<'_>) -> Result<Report, Error> {
    let files = Files::list(directory)?;
    if !TABLES.iter().any(|spec| files.name(spec.file).is_some()) {
        return Err(Error::NothingToImport(directory.to_path_buf()));
    }
    let system = Code::new("hmis").expect("a code");
    let ids = Ids::new(log.namespace(), system);
    let export = Export::find(&files, options.today)?;
    let mut rows_total = 0;
    for spec in TABLES {
        rows_total += files.lines(spec.file)?;
    }
    let mut known = Known::default();
    known.look_ahead(&files, &export, &ids)?;

    let mut job = Job::new("hmis", log, &ids, rows_total, &mut options);
    job.format(&export.format);
    let run = Run { files: &files, export: &export, ids: &ids, actor: actor() };
    for spec in TABLES {
        if !run.table(spec, &mut known, &mut job)? {
            return job.close();
        }
    }
    for (stem, name) in files.names() {
        if !TABLES.iter().any(|spec| spec.file.eq_ignore_ascii_case(stem)) {
            job.begin(name, FileState::Unknown);
        }
    }
    job.close()
}

fn actor() -> Actor {
    Actor::new("system:import").expect("an actor")
}

/// One import of one export.
struct Run<'a> {
    files: &'a Files,
    export: &'a Export,
    ids: &'a Ids,
    actor: Actor,
}

impl Run<'_> {
    /// Imports one file. False where the import was asked to stop.
    fn table(&self, spec: &TableSpec, known: &mut Known, job: &mut Job<'_, '_>) -> Result<bool, Error> {
        let failed = |source| self.files.failed(spec.file, source);
        let Some(input) = self.files.open(spec.file)? else {
            if !spec.optional {
                job.begin(&format!("{}.csv", spec.file), FileState::Missing);
            }
            return Ok(true);
        };
        let name = self.files.name(spec.file).unwrap_or(spec.file);
        let Some(mut table) = Table::open(input, self.export.made).map_err(failed)? else {
            job.begin(name, FileState::Unreadable);
            return Ok(true);
        };
        let file = job.begin(name, FileState::Read);
        let base = Base::of(&mut table.columns, spec.key);
        let mapper = (spec.mapper)(&mut table.columns);
        if base.key.is_absent() {
            job.account.report.files[file].columns_missing.push(spec.key.to_owned());
        }
        let table_code = Code::new(spec.table).expect("tables are named by codes");
        let mut seen: HashMap<u64, u64> = HashMap::new();
        let (mut drafts, mut warnings): (Vec<Draft>, Vec<Problem>) = (Vec::new(), Vec::new());
        loop {
            drafts.clear();
            warnings.clear();
            let (number, outcome) = match table.next().map_err(failed)? {
                Next::End => break,
                Next::Broken { number, finding, text } => {
                    let problem = Problem::row(finding);
                    if !job.row(file, number, Outcome::Rejected(&problem, text))? {
                        return Ok(false);
                    }
                    continue;
                }
                Next::Row => {
                    let frame = Frame {
                        ids: self.ids,
                        export: self.export,
                        columns: &table.columns,
                        base,
                        table: &table_code,
                        actor: &self.actor,
                    };
                    let sheet = Sheet { drafts: &mut drafts, warnings: &mut warnings };
                    (table.row.number, one_row(frame, &table.row, sheet, &*mapper, known, &mut seen))
                }
            };
            let goes_on = match outcome {
                Ok(End::Facts) => job.row(file, number, Outcome::Facts(&mut drafts, &warnings))?,
                Ok(End::Merged) => job.row(file, number, Outcome::Merged)?,
                Ok(End::Gone) => job.row(file, number, Outcome::Gone(&mut drafts, &warnings))?,
                Err(problem) => {
                    let text = table.row.as_csv();
                    job.row(file, number, Outcome::Rejected(&problem, text))?
                }
            };
            if !goes_on {
                return Ok(false);
            }
        }
        let unread = |(column, cells): (&str, u64)| UnreadColumn { column: column.to_owned(), cells };
        job.account.report.files[file].unread = table.columns.unread().map(unread).collect();
        Ok(true)
    }
}

/// What became of a row that was not rejected.
enum End {
    Facts,
    Merged,
    Gone,
}

fn one_row(
    frame: Frame<'_>,
    row: &Row,
    sheet: Sheet<'_>,
    mapper: &dyn Mapper,
    known: &mut Known,
    seen: &mut HashMap<u64, u64>,
) -> Result<End, Problem> {
    beyond_header(row, frame.columns)?;
    let mut reading = Reading::begin(frame, row, sheet)?;
    let fingerprint = row.fingerprint();
    match seen.get(&hash(reading.key)) {
        Some(before) if *before == fingerprint => {
            reading.warn(Problem::row(Finding::RowRepeated));
            return Ok(End::Facts);
        }
        Some(_) => return Err(Problem::at(Finding::KeyRepeated, frame.base.key.name)),
        None => {}
    }
    let mapped = mapper.row(&mut reading, known);
    let (gone, merged, key) = (reading.gone, reading.merged, reading.key);
    let standing = match (&mapped, gone) {
        (_, true) => Standing::Deleted,
        (Ok(()), false) => Standing::Live,
        (Err(_), false) => Standing::Rejected,
    };
    mapper.settle(known, key, standing);
    if standing != Standing::Rejected {
        seen.insert(hash(key), fingerprint);
    }
    if gone {
        if mapped.is_err() {
            reading.drafts.clear();
        }
        return Ok(End::Gone);
    }
    mapped?;
    if reading.drafts.is_empty() && !merged {
        reading.warn(Problem::row(Finding::NoDataCollected));
    }
    if merged && reading.warnings.is_empty() {
        return Ok(End::Merged);
    }
    Ok(End::Facts)
}

/// Refuses a row with something in fields past the header: its columns have shifted, and no reading of it is safe.
fn beyond_header(row: &Row, columns: &Columns) -> Result<(), Problem> {
    if row.cells().skip(columns.names.len()).any(|cell| !cell.trim().is_empty()) {
        return Err(Problem::row(Finding::FieldsBeyondHeader));
    }
    Ok(())
}

fn hash(key: &str) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}
