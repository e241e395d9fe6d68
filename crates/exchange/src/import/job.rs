//! One import under way: its settings, its account, its writer.

use std::sync::atomic::{AtomicBool, Ordering};

use jiff::civil::Date;
use throughline_domain::Draft;
use throughline_log::EventLog;

use super::{
    Error, Ids, Problem, Rejected, Report,
    report::{Account, FileState, RowRef},
    writer::Writer,
};

/// How an import is to run.
pub struct Options<'a> {
    /// Only say what would be done.
    pub dry_run: bool,
    /// Events in one batch; 2,000 serves well.
    pub batch_events: usize,
    /// The day on which it runs, by the caller's clock. Stands in where the source does not say when it was made.
    pub today: Date,
    /// Set from elsewhere to stop before the next batch.
    pub cancel: &'a AtomicBool,
    /// Told after every batch.
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
    /// Events written or to be written.
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
    rows_total: u64,
}

impl<'a, 'o> Job<'a, 'o> {
    pub(crate) fn new(
        source: &str,
        log: &'a dyn EventLog,
        ids: &'a Ids,
        rows_total: u64,
        options: &'a mut Options<'o>,
    ) -> Self {
        let mut account = Account::default();
        source.clone_into(&mut account.report.source);
        account.report.dry_run = options.dry_run;
        let writer = Writer::new(log, ids, options.dry_run, options.batch_events);
        Self { options, account, writer, rows_total }
    }

    /// Says in which format the source is.
    pub(crate) fn format(&mut self, format: &str) {
        format.clone_into(&mut self.account.report.format);
    }

    /// Begins a file; its number is needed to account for its rows.
    pub(crate) fn begin(&mut self, file: &str, state: FileState) -> usize {
        self.account.begin(file, state)
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
                self.writer.take_back(drafts.drain(..), RowRef { file, row, clean: false })?;
            }
            Outcome::Rejected(problem, record) => {
                self.account.rejected(file, row, problem);
                let file = self.account.report.files[file].file.clone();
                let rejected = Rejected { file, row, problem: problem.clone(), record };
                (self.options.rejected)(&rejected).map_err(Error::Rejected)?;
            }
        }
        if self.writer.is_full() {
            self.flush()?;
            if self.options.cancel.load(Ordering::Relaxed) {
                self.account.report.interrupted = true;
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Writes what is waiting and tells how far the import is.
    pub(crate) fn flush(&mut self) -> Result<(), Error> {
        self.writer.flush(&mut self.account)?;
        let report = &self.account.report;
        (self.options.progress)(Progress {
            rows: report.rows,
            rows_total: self.rows_total.max(report.rows),
            events: report.events + report.repeated,
        });
        Ok(())
    }

    /// Writes what is left and closes the account.
    pub(crate) fn close(mut self) -> Result<Report, Error> {
        self.flush()?;
        Ok(self.account.close())
    }
}
