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

use jiff::Timestamp;
use smol_str::SmolStr;
use throughline_domain::{Actor, Code, Draft, JourneyId};
use throughline_log::EventLog;

use self::{
    export::{Export, Files},
    known::{Known, Standing},
    reading::{Base, Frame, Reading, Sheet, Workers},
    tables::{Mapper, TABLES, TableSpec},
};
use crate::import::{
    Appends, Columns, Completeness, Error, FileState, Finding, Ids, IsClean, Job, Next, Options, Outcome,
    Problem, Report, Row, RowId, RowState, Scope, Table, UnreadColumn, beside,
};

/// Imports the HMIS CSV export in a directory into the log.
///
/// Every row ends as events, as a warning with or without events, or as a rejection. Running it again adds nothing; a
/// later export of the same source adds corrections and retractions.
pub fn import(directory: &Path, log: &dyn EventLog, options: Options<'_>) -> Result<Report, Error> {
    beside(log, options.brought, |appends| read(directory, log, appends, options))
}

fn read(
    directory: &Path,
    log: &dyn EventLog,
    appends: Appends<'_>,
    mut options: Options<'_>,
) -> Result<Report, Error> {
    let files = Files::list(directory)?;
    if !TABLES.iter().any(|spec| files.name(spec.file).is_some()) {
        return Err(Error::NothingToImport {
            directory: directory.to_path_buf(),
            what: "an HMIS CSV export",
            where_it_is: "Export.csv",
        });
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
    let scope = scope(options.completeness, &export, &mut known);
    let enrolled = |key: &SmolStr| ids.event("enrollment", key, "enrolled");
    let awaited: Vec<_> = known.enrolments.keys().map(enrolled).collect();

    let mut job = Job::new("hmis", log, appends, &ids, rows_total, &mut options);
    job.format(&export.format);
    job.about(export.made_at, scope, awaited.into_iter());
    let run = Run { files: &files, export: &export, ids: &ids, actor: actor(), workers: Workers::default() };
    let mut whole = Vec::new();
    for spec in TABLES {
        match run.table(spec, &mut known, &mut job)? {
            Ended::Stopped => return job.close(),
            Ended::Whole(file) => whole.push((spec.table, file)),
            Ended::InPart => {}
        }
    }
    for (stem, name) in files.names() {
        if !TABLES.iter().any(|spec| spec.file.eq_ignore_ascii_case(stem)) {
            job.begin(name, FileState::Unknown);
        }
    }
    for (table, file) in &whole {
        job.whole(&Code::new(*table).expect("tables are named by codes"), *file);
    }
    // What several tables tell together is untold only where all of them were read, and nothing in them was refused.
    let tell_together = SHARED_BY.iter().all(|table| whole.iter().any(|(known, _)| known == table));
    if let (true, 0, Some((_, file))) = (tell_together, job.account.report.rejected, whole.last()) {
        job.whole(&Code::new("shared").expect("a code"), *file);
    }
    job.close()
}

/// The tables whose rows after exit tell one follow-up together.
const SHARED_BY: [&str; 4] = ["income-benefits", "employment-education", "health-and-dv", "disabilities"];

/// Which facts should be in the export.
fn scope(completeness: Completeness, export: &Export, known: &mut Known) -> Scope {
    match (completeness, export.period.whole()) {
        (Completeness::Full, _) => Scope::Everything,
        (Completeness::AsTheSourceSays, Some((from, until))) => {
            Scope::Stays { programmes: std::mem::take(&mut known.programmes), from, until }
        }
        (Completeness::AsTheSourceSays, None) | (Completeness::Partial, _) => Scope::Nothing,
    }
}

/// How reading a table ended.
enum Ended {
    /// It was asked to stop.
    Stopped,
    /// Every row was read and had a key.
    Whole(usize),
    /// Some row could be any; or there is no such file.
    InPart,
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
    workers: Workers,
}

impl Run<'_> {
    /// Imports one file.
    fn table(&self, spec: &TableSpec, known: &mut Known, job: &mut Job<'_, '_>) -> Result<Ended, Error> {
        let failed = |source| self.files.failed(spec.file, source);
        let Some(input) = self.files.open(spec.file)? else {
            if !spec.optional {
                job.begin(&format!("{}.csv", spec.file), FileState::Missing);
            }
            return Ok(Ended::InPart);
        };
        let name = self.files.name(spec.file).unwrap_or(spec.file);
        let Some(mut table) = Table::open(input, self.export.made).map_err(failed)? else {
            job.begin(name, FileState::Unreadable);
            return Ok(Ended::InPart);
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
        let mut is_whole = true;
        loop {
            drafts.clear();
            warnings.clear();
            let outcome = match table.next().map_err(failed)? {
                Next::End => break,
                Next::Broken { number, finding, text } => {
                    is_whole = false;
                    let problem = Problem::row(finding);
                    if !job.row(file, number, Outcome::Rejected(&problem, text))? {
                        return Ok(Ended::Stopped);
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
                        workers: &self.workers,
                    };
                    let sheet = Sheet { drafts: &mut drafts, warnings: &mut warnings };
                    one_row(frame, &table.row, sheet, &*mapper, known, &mut seen)
                }
            };
            let (row, number) = (&table.row, table.row.number);
            job.read(row);
            is_whole &= !matches!(&outcome, Err(problem) if hides_key(problem));
            saw(job, file, &table_code, row.cell(base.key), (row.number, &outcome, &warnings));
            let goes_on = match outcome {
                Ok(Read { end: End::Facts | End::Repeated, .. }) => {
                    job.row(file, number, Outcome::Facts(&mut drafts, &warnings))?
                }
                Ok(Read { end: End::Merged, .. }) => job.row(file, number, Outcome::Merged)?,
                Ok(Read { end: End::Gone, .. }) => {
                    // What several rows tell together is not gone with one of them.
                    drafts.retain(|draft| {
                        draft.source.as_ref().is_some_and(|source| source.table == table_code)
                    });
                    job.row(file, number, Outcome::Gone(&mut drafts, &warnings))?
                }
                Err(problem) => {
                    let text = table.row.as_csv();
                    job.row(file, number, Outcome::Rejected(&problem, text))?
                }
            };
            if !goes_on {
                return Ok(Ended::Stopped);
            }
        }
        let unread = |(column, cells): (&str, u64)| UnreadColumn { column: column.to_owned(), cells };
        job.account.report.files[file].unread = table.columns.unread().map(unread).collect();
        Ok(if is_whole { Ended::Whole(file) } else { Ended::InPart })
    }
}

/// Whether a row may be any: its key is missing, or its columns have shifted.
fn hides_key(problem: &Problem) -> bool {
    matches!(problem.finding, Finding::KeyMissing | Finding::FieldsBeyondHeader)
}

/// Notes the row, so that what it told before and tells no more is found in the end.
fn saw(
    job: &mut Job<'_, '_>,
    file: usize,
    table: &Code,
    key: &str,
    (number, outcome, warnings): (u64, &Result<Read, Problem>, &[Problem]),
) {
    let is_clean = if warnings.is_empty() { IsClean::Yes } else { IsClean::No };
    let (state, journey, updated) = match outcome {
        Ok(Read { end: End::Repeated, .. }) => return,
        Ok(Read { end: End::Gone, about, updated }) => (RowState::Deleted, *about, *updated),
        Ok(Read { about, updated, .. }) => {
            let is_read = warnings.iter().all(|warning| !warning.finding.leaves_out());
            (if is_read { RowState::Live } else { RowState::Unread }, *about, *updated)
        }
        Err(_) => (RowState::Unread, None, None),
    };
    job.saw(file, number, &RowId { table, key, journey, updated }, state, is_clean);
}

/// A row that was not rejected.
struct Read {
    end: End,
    about: Option<JourneyId>,
    updated: Option<Timestamp>,
}

/// What became of a row that was not rejected.
enum End {
    Facts,
    /// It stands in the file twice; the first told all.
    Repeated,
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
) -> Result<Read, Problem> {
    beyond_header(row, frame.columns)?;
    let mut reading = Reading::begin(frame, row, sheet)?;
    let fingerprint = row.fingerprint();
    match seen.get(&hash(reading.key)) {
        Some(before) if *before == fingerprint => {
            reading.warn(Problem::row(Finding::RowRepeated));
            return Ok(Read { end: End::Repeated, about: None, updated: None });
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
        return Ok(reading.ends(End::Gone));
    }
    mapped?;
    if reading.drafts.is_empty() && !merged {
        reading.warn(Problem::row(Finding::NoDataCollected));
    }
    if merged && reading.warnings.is_empty() {
        return Ok(reading.ends(End::Merged));
    }
    Ok(reading.ends(End::Facts))
}

impl Reading<'_> {
    fn ends(&self, end: End) -> Read {
        Read { end, about: self.about, updated: self.recorded_at() }
    }
}

/// Refuses a row with something in fields past the header: its columns have shifted, and no reading of it is safe.
fn beyond_header(row: &Row, columns: &Columns) -> Result<(), Problem> {
    if (columns.names.len()..row.width()).any(|at| !row.at(at).trim().is_empty()) {
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
