//! A CSV file row by row: bounded, never stopped by a bad row, forgiving about marks, blanks and encodings.

use std::{
    collections::{HashMap, VecDeque},
    io::{self, BufRead, Read},
};

use csv_core::ReadRecordResult;
use jiff::civil::Date;

use super::{
    Finding,
    dates::{self, Order},
};

/// The longest row in bytes, over all its lines.
pub const ROW_BYTES_MAX: usize = 64 * 1024;

/// The most lines one row may span; past it, a quote does not close.
const ROW_LINES_MAX: usize = 200;

/// A column of a table, found by its names; absent where the file does not have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Col {
    at: Option<u16>,
    /// The column's name in the format, for findings.
    pub name: &'static str,
}

impl Col {
    /// A column that no file has.
    pub const ABSENT: Self = Self { at: None, name: "" };

    pub const fn is_absent(self) -> bool {
        self.at.is_none()
    }
}

/// The header, and what has been seen of each column.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    pub names: Vec<String>,
    places: HashMap<String, u16>,
    asked: Vec<bool>,
    filled: Vec<u64>,
    orders: Vec<Option<Order>>,
}

impl Columns {
    fn of(header: &Row) -> Self {
        let names: Vec<String> = header.cells().map(|cell| cell.trim().to_owned()).collect();
        let mut places = HashMap::new();
        for (at, name) in names.iter().enumerate() {
            if let Ok(at) = u16::try_from(at) {
                places.entry(name.to_ascii_lowercase()).or_insert(at);
            }
        }
        let width = names.len();
        Self { names, places, asked: vec![false; width], filled: vec![0; width], orders: vec![None; width] }
    }

    /// The column with the first of these names that the file has; letter case does not matter.
    pub fn col(&mut self, names: &[&'static str]) -> Col {
        let at = names.iter().find_map(|name| self.places.get(&name.to_ascii_lowercase()).copied());
        if let Some(at) = at {
            self.asked[usize::from(at)] = true;
        }
        Col { at, name: names.first().copied().unwrap_or_default() }
    }

    /// The order of dates that fits this whole column, where exactly one does.
    pub fn order(&self, col: Col) -> Option<Order> {
        self.orders[usize::from(col.at?)]
    }

    /// Columns with something in them that nobody asked for, and how many cells.
    pub fn unread(&self) -> impl Iterator<Item = (&str, u64)> {
        self.names
            .iter()
            .zip(&self.asked)
            .zip(&self.filled)
            .filter(|((_, asked), filled)| !**asked && **filled > 0)
            .map(|((name, _), filled)| (name.as_str(), *filled))
    }

    /// Settles the order of dates of each column whose name begins with `Date` or ends with it.
    fn settle(&mut self, sample: &[Row], latest: Date) {
        for at in 0..self.names.len() {
            let name = self.names[at].to_ascii_lowercase();
            if !(name.starts_with("date") || name.ends_with("date")) {
                continue;
            }
            let mut fits: Option<[bool; 3]> = None;
            for row in sample {
                if let Some(allowed) = dates::orders(row.at(at), latest) {
                    let before = fits.unwrap_or([true; 3]);
                    fits = Some([0, 1, 2].map(|nth| before[nth] && allowed[nth]));
                }
            }
            if let Some(fits) = fits {
                let mut left = Order::ALL.into_iter().zip(fits).filter(|(_, fits)| *fits);
                if let (Some((order, _)), None) = (left.next(), left.next()) {
                    self.orders[at] = Some(order);
                }
            }
        }
    }
}

/// One row, its cells as text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    /// As a spreadsheet shows it: the header is row 1.
    pub number: u64,
    /// Whether some cell was not UTF-8.
    pub recoded: bool,
    text: String,
    ends: Vec<usize>,
}

impl Row {
    /// The cell, without blanks around it; empty where the row or the file does not have it.
    pub fn cell(&self, col: Col) -> &str {
        col.at.map_or("", |at| self.at(usize::from(at))).trim()
    }

    /// The cell as it stood.
    pub fn raw(&self, col: Col) -> &str {
        col.at.map_or("", |at| self.at(usize::from(at)))
    }

    pub fn cells(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).map(|at| self.at(at))
    }

    pub fn width(&self) -> usize {
        self.ends.len()
    }

    /// The row as CSV without a line end.
    pub fn as_csv(&self) -> String {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        let written = writer.write_record(self.cells()).and_then(|()| Ok(writer.flush()?));
        let bytes = writer.into_inner().unwrap_or_default();
        written.map(|()| String::from_utf8_lossy(&bytes).trim_end().to_owned()).unwrap_or_default()
    }

    /// What two rows must share to be the same row.
    pub fn fingerprint(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        self.text.hash(&mut hasher);
        self.ends.hash(&mut hasher);
        hasher.finish()
    }

    fn at(&self, at: usize) -> &str {
        let Some(end) = self.ends.get(at) else { return "" };
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.text[start..*end]
    }

    fn fill(&mut self, bytes: &[u8], ends: &[usize]) {
        self.text.clear();
        self.ends.clear();
        self.recoded = false;
        let mut start = 0;
        for &end in ends {
            let cell = &bytes[start..end];
            match std::str::from_utf8(cell) {
                Ok(cell) => self.text.push_str(cell),
                Err(_) => {
                    self.recoded = true;
                    self.text.extend(cell.iter().map(|byte| windows_1252(*byte)));
                }
            }
            self.ends.push(self.text.len());
            start = end;
        }
    }
}

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
        let mut table = Self {
            columns: Columns::default(),
            row: Row::default(),
            input,
            ahead: VecDeque::new(),
            sample: VecDeque::new(),
            rows: 0,
            reader: csv_core::Reader::new(),
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

    /// A whole row read ahead; none at the end or before a row that cannot be read, which then comes up in its turn.
    fn sample_row(&mut self) -> io::Result<Option<Row>> {
        let Some(first) = self.piece()? else { return Ok(None) };
        if let Split::Row(taken, rest) = self.split(&first) {
            self.row.fill(&self.cells[..taken.bytes], &self.ends[..taken.cells]);
            if !rest.is_empty() {
                self.ahead.push_front(rest);
            }
            self.rows += 1;
            self.row.number = self.rows;
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
            for at in 0..self.row.width().min(self.columns.names.len()) {
                if !self.columns.asked[at] && !self.row.at(at).is_empty() {
                    self.columns.filled[at] += 1;
                }
            }
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
        let mut lines = vec![buffer.len()];
        let mut at_end = false;
        loop {
            if buffer.len() > ROW_BYTES_MAX {
                return self.too_large(&buffer, &lines);
            }
            match self.split(&buffer) {
                Split::Row(taken, rest) if lines.len() == 1 || self.fits(taken.cells) => {
                    if !rest.is_empty() {
                        self.ahead.push_front(rest);
                    }
                    self.rows += 1;
                    self.row.fill(&self.cells[..taken.bytes], &self.ends[..taken.cells]);
                    self.row.number = self.rows;
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

    /// Whether a row over several lines is one row and not the work of a stray quote.
    fn fits(&self, cells: usize) -> bool {
        self.columns.names.is_empty() || cells == self.columns.names.len()
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
        let mut piece = Vec::with_capacity(256);
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
    row.text.trim_end().to_owned()
}

/// The character a byte stands for in Windows-1252; the five unused places keep their number.
fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}
