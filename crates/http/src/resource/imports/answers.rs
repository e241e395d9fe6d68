//! What is answered about imports.

use serde::Serialize;
use throughline_domain::{Code, EventId, ImportExample, ImportFinished, ImportedFile, Position, Text};
use throughline_exchange::import::Kept;
use utoipa::ToSchema;

use crate::{
    importing::{ImportMode, ImportState, Job, Progress},
    lines::{self, Refused},
};

/// A page of reports, the oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportsPage {
    /// The last position of the log.
    pub applied_position: Option<Position>,
    /// The imports that came to their end: of HMIS exports, of mapped files, of events.
    pub imports: Vec<ListedImport>,
    /// The import under way over HTTP.
    pub running: Option<ImportJob>,
    /// The next page, where there is one.
    pub next: Option<String>,
}

/// One import of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ListedImport {
    /// The event that keeps the report.
    pub id: EventId,
    /// When it ended.
    pub recorded_at: String,
    /// What it did.
    #[serde(flatten)]
    pub counts: ImportCounts,
    /// Where the whole report is.
    pub link: String,
}

/// What an import read and wrote.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportCounts {
    /// The source system.
    pub source: Code,
    /// Its format.
    pub format: Option<Code>,
    /// When the source was made, as it says.
    pub made: Option<String>,
    /// Whether it was taken for all there is.
    pub full: bool,
    /// Rows or lines read.
    pub rows: u64,
    /// Events written; in `validate`: that would be.
    pub events: u64,
    /// Events that were there before.
    pub repeated: u64,
    /// Rows with a warning.
    pub warnings: u64,
    /// Rows rejected.
    pub rejected: u64,
    /// Corrections among the events.
    pub corrections: u64,
    /// Retractions among the events.
    pub retractions: u64,
    /// Facts among the events that stand again.
    pub restored: u64,
}

/// An import: how it stands, and its report as far as it is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportJob {
    /// Its id. The same body in the same mode has the same.
    pub id: EventId,
    /// How it stands.
    pub state: ImportState,
    /// Whether it writes.
    pub mode: ImportMode,
    /// When it began; unset for one that was done before the service was started, or by a command.
    pub begun: Option<String>,
    /// When it ended.
    pub ended: Option<String>,
    /// Lines done.
    pub rows: u64,
    /// Lines there are.
    pub rows_total: u64,
    /// Why it could not go on.
    pub failed: Option<String>,
    /// The event that keeps its report, where one was written.
    pub kept_as: Option<EventId>,
    /// What it did so far.
    pub report: ImportReport,
    /// Lines that did not come in, up to 1000; of an import under way or lately done.
    pub refused: Vec<RefusedLine>,
    /// Lines that did not come in beyond those.
    pub refused_left_out: u64,
}

/// The report of an import.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportReport {
    /// Counts.
    #[serde(flatten)]
    pub counts: ImportCounts,
    /// File by file.
    pub files: Vec<ImportedFile>,
    /// Finding by finding, most rows first.
    pub findings: Vec<ReportedFinding>,
    /// Findings that the report had no room for.
    pub findings_left_out: u32,
    /// Examples that the report had no room for.
    pub examples_left_out: u32,
}

/// How often one thing was found in one place.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReportedFinding {
    /// The file.
    pub file: Text,
    /// The column, or a pointer into the event; unset for rows as a whole.
    pub column: Option<Text>,
    /// What was found.
    pub code: Code,
    /// `warned`, `rejected` or `missing`.
    pub effect: Code,
    /// In how many rows.
    pub rows: u64,
    /// What to do.
    pub hint: String,
    /// The first few.
    pub examples: Vec<ImportExample>,
}

/// A line that did not come in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RefusedLine {
    /// The line, or of a list the place in it, from 1.
    pub line: u64,
    /// The kind of problem, or the rule that refuses it.
    pub code: &'static str,
    /// Where in the event.
    pub pointer: String,
    /// What is wrong.
    pub detail: String,
    /// What to do.
    pub hint: String,
}

pub(super) fn shown(job: &Job) -> ImportJob {
    let Progress { state, ended, rows, rows_total, failed, kept_as, told, refused, refused_left_out } =
        job.so_far();
    ImportJob {
        id: job.id,
        state,
        mode: job.mode,
        begun: Some(job.begun.to_string()),
        ended: ended.map(|ended| ended.to_string()),
        rows,
        rows_total,
        failed,
        kept_as,
        report: report(told),
        refused: in_order(refused),
        refused_left_out,
    }
}

fn in_order(mut refused: Vec<Refused>) -> Vec<RefusedLine> {
    refused.sort_by_key(|refused| refused.line);
    refused.into_iter().map(RefusedLine::from).collect()
}

pub(super) fn of_kept(kept: Kept) -> ImportJob {
    ImportJob {
        id: kept.id,
        state: ImportState::Done,
        mode: ImportMode::Commit,
        begun: None,
        ended: Some(kept.recorded_at.to_string()),
        rows: kept.told.rows,
        rows_total: kept.told.rows,
        failed: None,
        kept_as: Some(kept.id),
        report: report(kept.told),
        refused: Vec::new(),
        refused_left_out: 0,
    }
}

pub(super) fn counts(told: &ImportFinished) -> ImportCounts {
    ImportCounts {
        source: told.source.clone(),
        format: told.format.clone(),
        made: told.made.map(|made| made.to_string()),
        full: told.full,
        rows: told.rows,
        events: told.events,
        repeated: told.repeated,
        warnings: told.warnings,
        rejected: told.rejected,
        corrections: told.corrections,
        retractions: told.retractions,
        restored: told.restored,
    }
}

pub(super) fn report(told: ImportFinished) -> ImportReport {
    let counts = counts(&told);
    let account = told.personal;
    let findings = account.findings.into_iter().map(|finding| ReportedFinding {
        hint: lines::hint(finding.code.as_str()),
        file: finding.file,
        column: finding.column,
        code: finding.code,
        effect: finding.effect,
        rows: finding.rows,
        examples: finding.examples,
    });
    ImportReport {
        counts,
        files: account.files,
        findings: findings.collect(),
        findings_left_out: account.findings_left_out.unwrap_or(0),
        examples_left_out: account.examples_left_out.unwrap_or(0),
    }
}

impl From<Refused> for RefusedLine {
    fn from(refused: Refused) -> Self {
        let Refused { line, code, pointer, detail, hint } = refused;
        Self { line, code, pointer, detail, hint }
    }
}
