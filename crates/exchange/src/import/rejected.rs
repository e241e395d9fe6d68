//! Rejected rows as CSV, ready to be put right.

use std::io::{self, Write};

use super::Problem;

/// A row that did not come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// The file.
    pub file: String,
    /// Its number as a spreadsheet shows it: the header is row 1.
    pub row: u64,
    /// Why, and where.
    pub problem: Problem,
    /// The row itself as it stood, as CSV without its line end. It can hold names.
    pub record: String,
}

/// Writes rejected rows: file, row, column, code, what stood there or is wrong with it where that can be shown, hint, and
/// the row itself as CSV in the last cell.
pub struct RejectedCsv<W: Write> {
    writer: csv::Writer<W>,
    headed: bool,
}

impl<W: Write> RejectedCsv<W> {
    /// Writes to `output`; the header comes with the first row.
    pub fn new(output: W) -> Self {
        Self { writer: csv::Writer::from_writer(output), headed: false }
    }

    /// Writes one row.
    pub fn write(&mut self, rejected: &Rejected) -> io::Result<()> {
        if !self.headed {
            self.headed = true;
            self.writer.write_record(["file", "row", "column", "code", "value", "hint", "record"])?;
        }
        let problem = &rejected.problem;
        self.writer.write_record([
            rejected.file.as_str(),
            &rejected.row.to_string(),
            &problem.column,
            problem.finding.code(),
            problem.value.as_deref().unwrap_or_default(),
            problem.finding.hint(),
            &rejected.record,
        ])?;
        Ok(())
    }

    /// Ends the file and gives back what it was written to.
    pub fn finish(self) -> io::Result<W> {
        self.writer.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}
