//! The files a mapping speaks of, found by name, with the columns it reads.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufReader},
    path::{Path, PathBuf},
};

use jiff::{Timestamp, civil::Date};

use super::{
    Error,
    fault::{Faults, InvalidMapping, nearest},
    spec::{ColumnUse, Mapping},
};
use crate::import::{Error as ImportError, Order, Table};

/// The files of a directory, by lower-case name.
pub(super) struct Files {
    directory: PathBuf,
    names: BTreeMap<String, String>,
    delimiter: u8,
    today: Date,
}

/// A file being read, with the places of the columns that the mapping reads.
pub(super) struct Opened {
    pub table: Table<BufReader<File>>,
    pub bound: Bound,
}

/// Where the columns of a table or lookup stand in its file.
#[derive(Debug, Clone)]
pub(super) struct Bound {
    pub places: Vec<usize>,
    pub orders: Vec<Option<Order>>,
}

impl Files {
    /// Lists a directory; a file stands for the directory it is in.
    pub fn list(path: &Path, delimiter: u8, today: Date) -> Result<Self, Error> {
        let directory = if path.is_file() { path.parent().unwrap_or(Path::new(".")) } else { path };
        let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
        let failed = |source| ImportError::Io { path: directory.to_path_buf(), source };
        let mut names = BTreeMap::new();
        for entry in std::fs::read_dir(directory).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            names.insert(name.to_ascii_lowercase(), name);
        }
        Ok(Self { directory: directory.to_path_buf(), names, delimiter, today })
    }

    /// The file's name as it is written, by its name in the mapping.
    pub fn name(&self, file: &str) -> Option<&str> {
        self.names.get(&file.to_ascii_lowercase()).map(String::as_str)
    }

    /// When the newest of the mapping's files was last written: of two states of a source, the later one holds.
    pub fn made(&self, mapping: &Mapping) -> Option<Timestamp> {
        let written = mapping.tables.iter().filter_map(|table| {
            let path = self.directory.join(self.name(&table.file)?);
            let written = std::fs::metadata(path).and_then(|about| about.modified()).ok()?;
            Timestamp::try_from(written).ok()
        });
        written.max()
    }

    /// The CSV files that the mapping does not speak of.
    pub fn others<'a>(&'a self, mapping: &'a Mapping) -> impl Iterator<Item = &'a str> {
        let named = |name: &&String| {
            let tables = mapping.tables.iter().map(|table| &table.file);
            let mut files = tables.chain(mapping.lookups.iter().map(|lookup| &lookup.file));
            files.any(|file| file.eq_ignore_ascii_case(name))
        };
        let csv = |name: &&String| name.to_ascii_lowercase().ends_with(".csv");
        self.names.values().filter(csv).filter(move |name| !named(name)).map(String::as_str)
    }

    /// Opens a file and finds these columns in it. None where there is no such file, or nothing in it.
    pub fn open(&self, file: &str, columns: &[ColumnUse]) -> Result<Option<Opened>, Error> {
        let Some(name) = self.name(file) else { return Ok(None) };
        let path = self.directory.join(name);
        let input = File::open(&path).map_err(|source| ImportError::Io { path, source })?;
        let input = BufReader::with_capacity(256 * 1024, input);
        let table = Table::open_delimited(input, self.today, self.delimiter);
        let Some(mut table) = table.map_err(|source| self.failed(file, source))? else { return Ok(None) };
        let mut bound = Bound { places: Vec::new(), orders: Vec::new() };
        for column in columns {
            // Checked beforehand; a file that changed since reads as empty cells.
            let place = table.columns.find(&column.name).unwrap_or(usize::MAX);
            if column.dates && place != usize::MAX {
                table.settle(place, self.today);
            }
            bound.places.push(place);
            bound.orders.push(table.columns.order_at(place));
        }
        Ok(Some(Opened { table, bound }))
    }

    /// Where a file is, for messages.
    pub fn failed(&self, file: &str, source: io::Error) -> Error {
        let path = self.directory.join(self.name(file).unwrap_or(file));
        ImportError::Io { path, source }.into()
    }

    /// Checks that every file the mapping needs is there with every column it reads; all faults are told at once.
    pub fn check(&self, mapping: &Mapping) -> Result<(), Error> {
        let mut faults = Faults::default();
        let tables =
            mapping.tables.iter().map(|table| (&table.file, table.line, table.optional, &table.columns));
        let lookups =
            mapping.lookups.iter().map(|lookup| (&lookup.file, lookup.line, false, &lookup.columns));
        for (file, line, optional, columns) in tables.chain(lookups) {
            if self.name(file).is_none() {
                if !optional {
                    let hint = nearest(file, self.names.values().map(String::as_str));
                    let problem = format!("{} has no file `{file}`", self.directory.display());
                    faults.add(line, problem, format!("{hint} Or write `optional = true`"));
                }
                continue;
            }
            let Some(mut opened) = self.open(file, columns)? else {
                faults.add(
                    line,
                    format!("`{file}` has no header"),
                    "give its columns names in the first row",
                );
                continue;
            };
            for column in columns {
                if opened.table.columns.find(&column.name).is_none() {
                    let hint = nearest(&column.name, opened.table.columns.names.iter().map(String::as_str));
                    faults.add(column.line, format!("`{file}` has no column `{}`", column.name), hint);
                }
            }
        }
        faults.or(Some(())).map_err(|invalid: InvalidMapping| invalid.into())
    }
}
