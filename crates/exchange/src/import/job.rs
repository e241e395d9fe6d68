//! One import under way: its settings, its account, its writer.

use std::sync::atomic::{AtomicBool, Ordering};

use jiff::{Timestamp, civil::Date};
use throughline_domain::{Code, Draft, EventId, JourneyId};
use throughline_log::EventLog;

use super::{
    Completeness, Error, Ids, Problem, Rejected, Report, Row, Scope,
    appends::{Appends, Brought},
    digest::Digest,
    finished,
    report::{Account, FileState, RowRef},
    seen::RowState,
    writer::Writer,
};

/// Events in one batch: large enough to be cheap, small enough to stop soon when asked.
pub const BATCH_EVENTS: usize = 5_000;

/// How an import is to run.
pub struct Options<'a> {
    /// Only say what would be done.
    pub dry_run: bool,
    /// Whether the source is all there is; only then is what it no longer has taken back.
    pub completeness: Completeness,
    /// Events in one batch; [`BATCH_EVENTS`] serves well.
    pub batch_events: usize,
    /// The day on which it runs, by the caller's clock. Stands in where the source does not say when it was made.
    pub today: Date,
    /// Set from elsewhere to stop before the next batch.
    pub cancel: &'a AtomicBool,
    /// Told where what comes in stands, from any thread; the report of the import itself is not among it.
    pub brought: Brought<'a>,
    /// Told whenever a batch was handed to the log, and at the end.
    pub progress: &'a mut dyn FnMut(Progress),
    /// Given every rejected row.
    pub rejected: &'a mut dyn FnMut(&Rejected) -> std::io::Result<()>,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Rows read.
    pub rows: u64,
    /// Rows there are, by a count of lines: nearly exact.
    pub rows_total: u64,
    /// Events written, or in a rehearsal to be written; those of the batch under way are not counted yet.
    pub events: u64,
}

/// What became of one row.
pub(crate) enum Outcome<'a> {
    /// It gave these facts, with these warnings.
    Facts(&'a mut Vec<Draft>, &'a [Problem]),
    /// It became part of another row's facts.
    Merged,
    /// The source has deleted it: facts that an earlier import wrote are taken back.
    Gone(&'a mut Vec<Draft>, &'a [Problem]),
    /// It does not come in.
    Rejected(&'a Problem, String),
}

/// An import under way.
pub(crate) struct Job<'a, 'o> {
    options: &'a mut Options<'o>,
    pub(crate) account: Account,
    writer: Writer<'a>,
    digest: Digest,
    rows_total: u64,
}

/// A row by what it is in its source.
pub(crate) struct RowId<'a> {
    pub table: &'a Code,
    pub key: &'a str,
    /// The journey it is about, where that is known.
    pub journey: Option<JourneyId>,
    /// When the source says it recorded the row.
    pub updated: Option<Timestamp>,
}

impl<'a, 'o> Job<'a, 'o> {
    pub(crate) fn new(
        source: &str,
        log: &'a dyn EventLog,
        appends: Appends<'a>,
        ids: &'a Ids,
        rows_total: u64,
        options: &'a mut Options<'o>,
    ) -> Self {
        let mut account = Account::default();
        source.clone_into(&mut account.report.source);
        account.report.dry_run = options.dry_run;
        let writer = Writer::new(log, appends, ids, options.dry_run, options.batch_events);
        Self { options, account, writer, digest: Digest::new(log.namespace()), rows_total }
    }

    /// Says in which format the source is.
    pub(crate) fn format(&mut self, format: &str) {
        format.clone_into(&mut self.account.report.format);
    }

    /// Says when the source was made, of what it is all there is, and which enrolments it will tell.
    pub(crate) fn about(&mut self, made: Timestamp, scope: Scope, awaited: impl Iterator<Item = EventId>) {
        self.account.report.full = scope.is_full();
        self.writer.about.made = Some(made);
        self.writer.about.scope = scope;
        self.writer.about.awaited = awaited.collect();
    }

    /// Begins a file; its number is needed to account for its rows.
    pub(crate) fn begin(&mut self, file: &str, state: FileState) -> usize {
        self.digest.portion().extend_from_slice(file.as_bytes());
        self.digest.taken();
        self.account.begin(file, state)
    }

    /// Says what was read, so that the same source is known again.
    pub(crate) fn read(&mut self, row: &Row) {
        row.write_to(self.digest.portion());
        self.digest.taken();
    }

    /// Says what became of a row that has a key, so that what it told before and tells no more is found in the end.
    pub(crate) fn saw(
        &mut self,
        file: usize,
        number: u64,
        id: &RowId<'_>,
        state: RowState,
        is_clean: IsClean,
    ) {
        let at = RowRef { file, row: number, clean: is_clean == IsClean::Yes };
        self.writer.seen.row(id.table, id.key, state, at, id.updated);
        if let Some(journey) = id.journey {
            self.writer.seen.journey(journey);
        }
    }

    /// Says that every row of a table was read and had a key: a row that is not among them is not there any more.
    pub(crate) fn whole(&mut self, table: &Code, file: usize) {
        self.writer.seen.whole.insert(table.clone(), file);
    }

    /// Accounts for a row and takes its facts. False where the import was asked to stop.
    pub(crate) fn row(&mut self, file: usize, row: u64, outcome: Outcome<'_>) -> Result<bool, Error> {
        match outcome {
            Outcome::Facts(drafts, warnings) => {
                let clean = warnings.is_empty();
                if clean {
                    self.account.clean(file, false);
                } else {
                    self.account.warned(file, row, warnings);
                }
                self.writer.take(drafts.drain(..), RowRef { file, row, clean });
            }
            Outcome::Merged => self.account.clean(file, true),
            Outcome::Gone(drafts, warnings) => {
                self.account.warned(file, row, warnings);
                self.writer.take_back(drafts.drain(..), RowRef { file, row, clean: false });
            }
            Outcome::Rejected(problem, record) => {
                self.account.rejected(file, row, problem);
                let file = self.account.report.files[file].file.clone();
                let rejected = Rejected { file, row, problem: problem.clone(), record };
                (self.options.rejected)(&rejected).map_err(Error::Rejected)?;
            }
        }
        if self.writer.is_full() || self.options.cancel.load(Ordering::Relaxed) {
            self.writer.hand_over(&mut self.account)?;
            self.tell();
            if self.options.cancel.load(Ordering::Relaxed) {
                self.account.report.interrupted = true;
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Writes what is waiting and tells how far the import is.
    fn flush(&mut self) -> Result<(), Error> {
        self.writer.flush(&mut self.account)?;
        self.tell();
        Ok(())
    }

    fn tell(&mut self) {
        let report = &self.account.report;
        (self.options.progress)(Progress {
            rows: report.rows,
            rows_total: self.rows_total.max(report.rows),
            events: report.events + report.repeated,
        });
    }

    /// Writes what is left and closes the account. Only where the source was read to its end is anything taken back
    /// for not being in it, and only then is the report recorded.
    pub(crate) fn close(mut self) -> Result<Report, Error> {
        self.flush()?;
        if self.account.report.interrupted {
            return Ok(self.account.close());
        }
        if !self.writer.take_back_missing(&mut self.account, self.options.cancel)? {
            self.account.report.interrupted = true;
            return Ok(self.account.close());
        }
        let mut report = self.account.close();
        if !report.dry_run {
            let finished = finished::Finished {
                system: self.writer.ids.system(),
                made: self.writer.about.made,
                content: self.digest.code(),
                on: self.options.today,
            };
            report.recorded = finished.record(self.writer.log, &report)?;
        }
        Ok(report)
    }
}

/// Whether a row came in without a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IsClean {
    Yes,
    No,
}
