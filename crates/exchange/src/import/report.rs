//! What an import did: every row accounted for exactly once, every finding counted with its remedy.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;
use throughline_domain::EventId;

use super::{Finding, Problem};

/// The account of one import.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// The kind of source: `hmis`.
    pub source: String,
    /// The source's format as found.
    pub format: String,
    /// Whether it was a rehearsal: nothing was written.
    pub dry_run: bool,
    /// Whether it was stopped before the end. Running it again goes on from there.
    pub interrupted: bool,
    /// Rows read.
    pub rows: u64,
    /// Events written, or in a rehearsal: that would be.
    pub events: u64,
    /// Events that were there before.
    pub repeated: u64,
    /// Rows with a warning; they gave events or were left out for the reason named.
    pub warnings: u64,
    /// Rows rejected.
    pub rejected: u64,
    /// Corrections of what an earlier import wrote. Also counted in `events`.
    pub corrections: u64,
    /// Retractions of what an earlier import wrote. Also counted in `events`.
    pub retractions: u64,
    /// Facts that an earlier import had taken back and that stand again. Also counted in `events`.
    pub restored: u64,
    /// Whether the source was taken for all there is, so that rows it no longer has were taken back.
    pub full: bool,
    /// The event that keeps this report; none for a rehearsal, and for a repeat that changed nothing.
    pub recorded: Option<EventId>,
    /// How long it took, in seconds; the caller's clock.
    pub seconds: f64,
    /// File by file, in the order they were read.
    pub files: Vec<FileCount>,
    /// Finding by finding, most rows first.
    pub findings: Vec<FindingCount>,
}

/// The account of one file. `rows = clean + warnings + rejected`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FileCount {
    /// Its name.
    pub file: String,
    /// What became of the file as a whole.
    pub state: FileState,
    /// Rows read.
    pub rows: u64,
    /// Rows that came in without a warning.
    pub clean: u64,
    /// Of those, rows that became part of another row's events.
    pub merged: u64,
    /// Rows with a warning.
    pub warnings: u64,
    /// Rows rejected.
    pub rejected: u64,
    /// Events written from its rows.
    pub events: u64,
    /// Columns with something in them that the import does not read.
    pub unread: Vec<UnreadColumn>,
    /// Columns the format demands that the file does not have.
    pub columns_missing: Vec<String>,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileState {
    /// Read to the end.
    #[default]
    Read,
    /// Not there, though the format has it.
    Missing,
    /// There, but none of the format's: left aside.
    Unknown,
    /// Could not be read as text; save it as UTF-8.
    Unreadable,
}

/// A column that the import does not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnreadColumn {
    /// Its name.
    pub column: String,
    /// Cells with something in them.
    pub cells: u64,
}

/// How often one thing was found in one column of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FindingCount {
    /// The file.
    pub file: String,
    /// The column; empty for rows as a whole.
    pub column: String,
    /// What was found.
    pub code: Finding,
    /// Whether it rejected the rows or only warned.
    pub effect: Effect,
    /// How many rows.
    pub rows: u64,
    /// What to do.
    pub hint: &'static str,
    /// The first few.
    pub examples: Vec<Example>,
}

/// What a finding did to its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// The row came in, or was left out for a reason of the source's.
    Warned,
    /// The row did not come in.
    Rejected,
    /// The row is not there any more; it is none of the rows counted.
    Missing,
}

impl Effect {
    /// The code in reports.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Warned => "warned",
            Self::Rejected => "rejected",
            Self::Missing => "missing",
        }
    }
}

/// One row with a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Example {
    /// Its number as a spreadsheet shows it: the header is row 1.
    pub row: u64,
    /// What stood there, where it can be shown.
    pub value: Option<String>,
}

/// Examples kept of each finding.
const EXAMPLES_MAX: usize = 3;

/// File, finding, effect and column.
type Place = (usize, Finding, Effect, String);

/// Collects the account row by row.
#[derive(Debug, Default)]
pub(crate) struct Account {
    pub report: Report,
    findings: BTreeMap<Place, (u64, Vec<Example>)>,
    /// Rows counted clean at first that turned out otherwise when their events were written.
    late: HashSet<(usize, u64)>,
}

/// A row of a file, by the file's place in the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RowRef {
    pub file: usize,
    pub row: u64,
    pub clean: bool,
}

impl FileState {
    /// The code in reports.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Missing => "missing",
            Self::Unknown => "unknown",
            Self::Unreadable => "unreadable",
        }
    }
}

impl Account {
    /// Begins a file and says its place in the report.
    pub fn begin(&mut self, file: &str, state: FileState) -> usize {
        self.report.files.push(FileCount { file: file.to_owned(), state, ..FileCount::default() });
        self.report.files.len() - 1
    }

    /// A row without a finding.
    pub fn clean(&mut self, file: usize, merged: bool) {
        self.report.rows += 1;
        let count = &mut self.report.files[file];
        count.rows += 1;
        count.clean += 1;
        count.merged += u64::from(merged);
    }

    /// A row with warnings.
    pub fn warned(&mut self, file: usize, row: u64, problems: &[Problem]) {
        self.report.rows += 1;
        self.report.warnings += 1;
        let count = &mut self.report.files[file];
        count.rows += 1;
        count.warnings += 1;
        for problem in problems {
            self.find(file, row, problem, Effect::Warned);
        }
    }

    /// A row that did not come in.
    pub fn rejected(&mut self, file: usize, row: u64, problem: &Problem) {
        self.report.rows += 1;
        self.report.rejected += 1;
        let count = &mut self.report.files[file];
        count.rows += 1;
        count.rejected += 1;
        self.find(file, row, problem, Effect::Rejected);
    }

    /// A warning found only when the row's events were written.
    pub fn warned_late(&mut self, row: RowRef, finding: Finding) {
        if row.clean && self.late.insert((row.file, row.row)) {
            let count = &mut self.report.files[row.file];
            count.clean -= 1;
            count.warnings += 1;
            self.report.warnings += 1;
        }
        self.find(row.file, row.row, &Problem::row(finding), Effect::Warned);
    }

    /// A row that an earlier import read and that is not in this file any more.
    pub fn missing(&mut self, file: usize) {
        let key = (file, Finding::MissingInSource, Effect::Missing, String::new());
        self.findings.entry(key).or_default().0 += 1;
    }

    fn find(&mut self, file: usize, row: u64, problem: &Problem, effect: Effect) {
        let key = (file, problem.finding, effect, problem.column.clone().into_owned());
        let (rows, examples) = self.findings.entry(key).or_default();
        *rows += 1;
        if examples.len() < EXAMPLES_MAX {
            examples.push(Example { row, value: problem.value.clone() });
        }
    }

    /// The report as it stands.
    pub fn close(mut self) -> Report {
        let files = &self.report.files;
        self.report.findings = self
            .findings
            .into_iter()
            .map(|((file, code, effect, column), (rows, examples))| FindingCount {
                file: files[file].file.clone(),
                column,
                code,
                effect,
                rows,
                hint: code.hint(),
                examples,
            })
            .collect();
        self.report.findings.sort_by_key(|found| std::cmp::Reverse((found.effect, found.rows)));
        self.report
    }
}
