//! A CSV file row by row: bounded, never stopped by a bad row, forgiving about marks, blanks and encodings.

use std::{
    collections::VecDeque,
    io::{self, BufRead, Read},
};

use csv_core::ReadRecordResult;
use jiff::civil::Date;

use super::{Columns, Finding, Row};

/// The longest row in bytes, over all its lines.
pub const ROW_BYTES_MAX: usize = 64 * 1024;

/// The most lines one row may span; past it, a quote does not close.
const ROW_LINES_MAX: usize = 200;

/// What the next row is.
pub(crate) enum Next {
    /// A row, now in the table's `row`.
    Row,
    /// A row that cannot be read; its text, cut at the limit.
    Broken { number: u64, finding: Finding, text: String },
    /// No more rows.
    End,
}

/// A CSV file being read.
pub(crate) struct Table<R> {
    pub columns: Columns,
    pub row: Row,
    input: R,
    /// Pieces of the file read ahead: a line each, or as much of a line as the limit allows.
    ahead: VecDeque<Vec<u8>>,
    /// A piece that was read, for its room.
    spare: Vec<u8>,
    sample: VecDeque<Row>,
    rows: u64,
    reader: csv_core::Reader,
    cells: Vec<u8>,
    ends: Vec<usize>,
}

/// Rows looked at to settle the order of a column's dates.
const SAMPLE_ROWS: usize = 2_000;

impl<R: BufRead> Table<R> {
    /// Reads the header and looks at the first rows. None where there is no header.
    pub fn open(input: R, latest: Date) -> io::Result<Option<Self>> {
        Self::open_delimited(input, latest, b',')
    }

    /// The same, for cells that something else than a comma stands between.
    pub fn open_delimited(input: R, latest: Date, delimiter: u8) -> io::Result<Option<Self>> {
        let mut table = Self {
            columns: Columns::default(),
            row: Row::default(),
            input,
            ahead: VecDeque::new(),
            spare: Vec::new(),
            sample: VecDeque::new(),
            rows: 0,
            reader: csv_core::ReaderBuilder::new().delimiter(delimiter).build(),
            cells: vec![0; ROW_BYTES_MAX],
            ends: vec![0; 4096],
        };
        if let Some(first) = table.piece()? {
            let marked = first.strip_prefix(b"\xef\xbb\xbf").map(<[u8]>::to_vec);
            table.ahead.push_front(marked.unwrap_or(first));
        }
        match table.parse()? {
            Next::Row => table.columns = Columns::of(&table.row),
            Next::Broken { .. } | Next::End => return Ok(None),
        }
        while table.sample.len() < SAMPLE_ROWS {
            let Some(row) = table.sample_row()? else { break };
            table.sample.push_back(row);
        }
        let sample = table.sample.make_contiguous();
        table.columns.settle(sample, latest);
        Ok(Some(table))
    }

    /// Settles the order of dates in the column at this place.
    pub fn settle(&mut self, at: usize, latest: Date) {
        self.columns.settle_one(at, self.sample.make_contiguous(), latest);
    }

    /// A whole row read ahead; none at the end or before a row that cannot be read, which then comes up in its turn.
    fn sample_row(&mut self) -> io::Result<Option<Row>> {
        let Some(first) = self.piece()? else { return Ok(None) };
        if let Split::Row(taken, rest) = self.split(&first) {
            self.take(&taken, rest);
            return Ok(Some(self.row.clone()));
        }
        self.ahead.push_front(first);
        Ok(None)
    }

    /// The next row.
    pub fn next(&mut self) -> io::Result<Next> {
        let next = if let Some(row) = self.sample.pop_front() {
            self.row = row;
            Next::Row
        } else {
            self.parse()?
        };
        if let Next::Row = next {
            self.columns.see(&self.row);
        }
        Ok(next)
    }

    fn parse(&mut self) -> io::Result<Next> {
        let mut buffer = loop {
            match self.piece()? {
                None => return Ok(Next::End),
                Some(blank) if blank.iter().all(|byte| matches!(byte, b'\r' | b'\n')) => {}
                Some(piece) => break piece,
            }
        };
        if let Split::Row(taken, rest) = self.split(&buffer)
            && buffer.len() <= ROW_BYTES_MAX
        {
            self.take(&taken, rest);
            self.spare = buffer;
            return Ok(Next::Row);
        }
        let mut lines = vec![buffer.len()];
        let mut at_end = false;
        loop {
            if buffer.len() > ROW_BYTES_MAX {
                return self.too_large(&buffer, &lines);
            }
            match self.split(&buffer) {
                Split::Row(taken, rest)
                    if lines.len() == 1 || self.is_one_row(&buffer, &lines, taken.cells) =>
                {
                    // Looking at the lines by themselves may have used the cells; they are split again.
                    if lines.len() > 1 {
                        self.split(&buffer);
                    }
                    self.take(&taken, rest);
                    return Ok(Next::Row);
                }
                Split::Full => return Ok(self.give_back(&buffer, &lines, Finding::RowTooLarge)),
                Split::Open if !at_end && lines.len() < ROW_LINES_MAX => {}
                Split::Row(..) | Split::Open => {
                    return Ok(self.give_back(&buffer, &lines, Finding::QuoteOpen));
                }
            }
            if let Some(more) = self.piece()? {
                lines.push(more.len());
                buffer.extend_from_slice(&more);
            } else {
                // The last line of a file often has no line end.
                buffer.push(b'\n');
                at_end = true;
            }
        }
    }

    /// Makes what was split off the row, and reads on after it.
    fn take(&mut self, taken: &Taken, rest: Vec<u8>) {
        if !rest.is_empty() {
            self.ahead.push_front(rest);
        }
        self.rows += 1;
        self.row.fill(&self.cells[..taken.bytes], &self.ends[..taken.cells]);
        self.row.number = self.rows;
    }

    /// Whether a row over several lines is one row and not the work of a stray quote: it has the header's width, and
    /// none of its later lines has it alone.
    fn is_one_row(&mut self, buffer: &[u8], lines: &[usize], cells: usize) -> bool {
        let width = self.columns.names.len();
        if width == 0 {
            return true;
        }
        let mut start = lines[0];
        cells == width
            && lines[1..].iter().all(|length| {
                let mut line = buffer[start..(start + length).min(buffer.len())].to_vec();
                start += length;
                line.push(b'\n');
                !matches!(self.split(&line), Split::Row(alone, _) if alone.cells == width)
            })
    }

    /// A row longer than the limit: one long line is passed over to its end; many lines come from a quote that does
    /// not close, and only the first of them is lost.
    fn too_large(&mut self, buffer: &[u8], lines: &[usize]) -> io::Result<Next> {
        if buffer[..lines[0]].ends_with(b"\n") {
            return Ok(self.give_back(buffer, lines, Finding::QuoteOpen));
        }
        let mut ended = buffer.ends_with(b"\n");
        while !ended {
            match self.piece()? {
                Some(more) => ended = more.ends_with(b"\n"),
                None => ended = true,
            }
        }
        self.rows += 1;
        Ok(Next::Broken { number: self.rows, finding: Finding::RowTooLarge, text: shown(buffer) })
    }

    /// Rejects the first line and takes up reading at the second.
    fn give_back(&mut self, buffer: &[u8], lines: &[usize], finding: Finding) -> Next {
        let mut end = lines.iter().sum::<usize>().min(buffer.len());
        for length in lines[1..].iter().rev() {
            self.ahead.push_front(buffer[end - length..end].to_vec());
            end -= length;
        }
        self.rows += 1;
        Next::Broken { number: self.rows, finding, text: shown(&buffer[..end]) }
    }

    /// Splits off the first record of these bytes.
    fn split(&mut self, bytes: &[u8]) -> Split {
        self.reader.reset();
        let (result, read, written, cells) = self.reader.read_record(bytes, &mut self.cells, &mut self.ends);
        match result {
            ReadRecordResult::Record => {
                let rest = &bytes[read..];
                let rest = if rest == b"\n" { &[] } else { rest };
                Split::Row(Taken { bytes: written, cells }, rest.to_vec())
            }
            ReadRecordResult::InputEmpty | ReadRecordResult::End => Split::Open,
            ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => Split::Full,
        }
    }

    /// The next line, or as much of it as a row may have.
    fn piece(&mut self) -> io::Result<Option<Vec<u8>>> {
        if let Some(piece) = self.ahead.pop_front() {
            return Ok(Some(piece));
        }
        let mut piece = std::mem::take(&mut self.spare);
        piece.clear();
        let limit = u64::try_from(ROW_BYTES_MAX).unwrap_or(u64::MAX);
        self.input.by_ref().take(limit).read_until(b'\n', &mut piece)?;
        Ok((!piece.is_empty()).then_some(piece))
    }
}

/// What a run of bytes begins with.
enum Split {
    /// A whole record, and the bytes after it.
    Row(Taken, Vec<u8>),
    /// A record that does not end in these bytes.
    Open,
    /// A record of more cells or bytes than a row may have.
    Full,
}

struct Taken {
    bytes: usize,
    cells: usize,
}

fn shown(bytes: &[u8]) -> String {
    let mut row = Row::default();
    row.fill(bytes, &[bytes.len()]);
    row.at(0).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::Order;

    /// The rows of a text as `number:cells`, broken ones as `number!finding`.
    fn rows(text: &[u8]) -> Vec<String> {
        let latest = jiff::civil::date(2026, 1, 31);
        let Some(mut table) = Table::open(text, latest).expect("memory") else {
            return vec!["none".to_owned()];
        };
        let mut rows = Vec::new();
        loop {
            match table.next().expect("memory") {
                Next::End => return rows,
                Next::Row => {
                    rows.push(format!(
                        "{}:{}",
                        table.row.number,
                        table.row.cells().collect::<Vec<_>>().join("|")
                    ));
                }
                Next::Broken { number, finding, .. } => rows.push(format!("{number}!{}", finding.code())),
            }
        }
    }

    #[test]
    fn lines_end_as_they_like() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["a,b", "1,2", "", "3,4"].join(end);
            assert_eq!(rows(text.as_bytes()), ["2:1|2", "3:3|4"], "{end:?}");
        }
        assert_eq!(rows(b""), ["none"]);
        assert_eq!(rows(b"a,b"), Vec::<String>::new());
        assert_eq!(rows(b"a,b\n1,\"2\""), ["2:1|2"]);
    }

    #[test]
    fn a_quote_that_never_closes_costs_one_line() {
        assert_eq!(rows(b"a,b\n1,\"2\n3,4\n5,6"), ["2!quote-open", "3:3|4", "4:5|6"]);
        assert_eq!(rows(b"a,b\n1,\"2\n3,4\n5,\"6\"\n"), ["2!quote-open", "3:3|4", "4:5|6"]);
        assert_eq!(rows(b"a,b\n1,2\"x\n3,4\n"), ["2:1|2\"x", "3:3|4"]);
        let many = format!("a,b\n1,\"2\n{}", "3,4,5\n".repeat(1000));
        assert_eq!(rows(many.as_bytes()).len(), 1001);
    }

    #[test]
    fn more_cells_than_can_be_held_are_one_rejected_row() {
        let wide = format!("a,b\n{}\n3,4\n", ",".repeat(5000));
        assert_eq!(rows(wide.as_bytes()), ["2!row-too-large", "3:3|4"]);
    }

    #[test]
    fn a_column_of_dates_settles_their_order_where_one_fits() {
        let order = |dates: &str| {
            let text = format!("DateUpdated\n{dates}");
            let latest = jiff::civil::date(2023, 9, 8);
            let mut table = Table::open(text.as_bytes(), latest).expect("memory").expect("a header");
            let col = table.columns.col(&["DateUpdated"]);
            table.columns.order(col)
        };
        assert_eq!(order("03-11-21\n13-06-19\n31-07-09\n"), Some(Order::DayFirst));
        assert_eq!(order("03-11-21\n"), None, "every order fits");
        assert_eq!(order("12-31-2015\n31-12-2015\n"), None, "no order fits all");
        assert_eq!(order("2021-11-03\n"), None, "nothing to settle");
    }
}
