//! A file as it looks: its columns, whose rows they are, and what tells them apart.

use std::{
    collections::HashSet,
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use jiff::civil::Date;

use super::{
    super::{Error, table::hash},
    column::{Column, Kind},
};
use crate::import::{Error as ImportError, Next, Table};

/// Rows looked at.
const ROWS_MAX: u64 = 2_000;

/// A file as it looks.
pub(super) struct Looked {
    pub name: String,
    pub delimiter: u8,
    pub decimal_comma: bool,
    pub rows: u64,
    pub columns: Vec<Column>,
    /// The column of the person's key.
    pub person: Option<usize>,
    /// Columns that no two rows share; none where only the row's number tells them apart.
    pub key: Vec<usize>,
    /// What stood in the rows, by which two can be told apart.
    seen: Vec<Vec<u64>>,
}

impl Looked {
    /// Looks at a file; none where it has no header.
    pub fn at(path: &Path, today: Date) -> Result<Option<Self>, Error> {
        let failed = |source| ImportError::Io { path: path.to_path_buf(), source };
        let open = || File::open(path).map(|file| BufReader::with_capacity(64 * 1024, file)).map_err(failed);
        let delimiter = delimiter(&mut open()?).map_err(failed)?;
        let Some(mut table) = Table::open_delimited(open()?, today, delimiter).map_err(failed)? else {
            return Ok(None);
        };
        let decimal_comma = delimiter == b';';
        let names = table.columns.names.clone();
        let mut columns: Vec<Column> = names.iter().map(|name| Column::new(name)).collect();
        let mut rows = Vec::new();
        for at in 0..columns.len() {
            table.settle(at, today);
        }
        while (rows.len() as u64) < ROWS_MAX {
            match table.next().map_err(failed)? {
                Next::End => break,
                Next::Broken { .. } => continue,
                Next::Row => {}
            }
            let mut cells = Vec::new();
            for (at, column) in columns.iter_mut().enumerate() {
                let cell = table.row.at(at).trim();
                column.see(cell, table.columns.order_at(at), today, decimal_comma);
                cells.push(hash(cell));
            }
            rows.push(cells);
        }
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let (person, key, count) = (None, Vec::new(), rows.len() as u64);
        Ok(Some(Self { name, delimiter, decimal_comma, rows: count, columns, person, key, seen: rows }))
    }

    /// Settles whose rows they are, and what tells them apart; `shared` are names that several files have.
    pub fn settle(&mut self, shared: &[String]) {
        self.person = self.most_like_a_person(shared);
        self.key = self.key_of(&self.seen);
    }

    /// The column most like a person's key; names that several files share come first.
    fn most_like_a_person(&self, shared: &[String]) -> Option<usize> {
        let likeness = |column: &Column| {
            let common = u8::from(shared.contains(&column.name.to_lowercase()));
            if column.is_person() == 0 { 0 } else { column.is_person() * 2 + common * 3 }
        };
        let best = self.columns.iter().map(likeness).max().filter(|best| *best > 0)?;
        self.columns.iter().position(|column| likeness(column) == best)
    }

    /// Whether each person has one row.
    pub fn lists_persons(&self) -> bool {
        self.person.is_some_and(|person| self.columns[person].is_unique(self.rows))
    }

    /// The columns that tell what, without those that say who and which.
    pub fn telling(&self) -> impl Iterator<Item = &Column> {
        self.columns
            .iter()
            .enumerate()
            .filter(|(at, column)| {
                Some(*at) != self.person && !column.name.is_empty() && column.kind() != Kind::Empty
            })
            .map(|(_, column)| column)
    }

    fn key_of(&self, rows: &[Vec<u64>]) -> Vec<usize> {
        let unique = |columns: &[usize]| {
            let mut seen = HashSet::new();
            rows.iter().all(|row| seen.insert(columns.iter().map(|at| row[*at]).collect::<Vec<_>>()))
        };
        if self.lists_persons() {
            return self.person.into_iter().collect();
        }
        let named = |column: &Column| {
            column.is_named(&["id", "nr", "no", "number", "key"])
                || column.name.to_lowercase().ends_with("id")
        };
        let own = self.columns.iter().position(|column| named(column) && column.is_unique(self.rows));
        if let Some(own) = own {
            return vec![own];
        }
        let Some(person) = self.person else { return Vec::new() };
        let mut key = vec![person];
        let kinds = [Kind::Date, Kind::Days, Kind::Code, Kind::Number];
        for kind in kinds {
            for (at, column) in self.columns.iter().enumerate() {
                if column.kind() == kind && at != person && !column.name.is_empty() && key.len() < 5 {
                    key.push(at);
                    if unique(&key) {
                        return key;
                    }
                }
            }
        }
        Vec::new()
    }
}

/// The mark that stands most often in the first line.
fn delimiter(input: &mut impl BufRead) -> std::io::Result<u8> {
    let mut line = Vec::new();
    std::io::Read::take(input, 64 * 1024).read_until(b'\n', &mut line)?;
    let count = |mark: &u8| line.split(|byte| byte == mark).count();
    let marks = [b'|', b'\t', b';', b','];
    Ok(marks.into_iter().max_by_key(count).filter(|mark| count(mark) > 1).unwrap_or(b','))
}
