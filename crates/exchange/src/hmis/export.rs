//! The export as a whole: which files there are, which format, made when.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
};

use jiff::{Timestamp, civil::Date, tz::Offset};

use crate::import::{Century, Error, Expected, Next, Table, read_date};

/// The versions of the format that differ in what numbers mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Era {
    /// FY2014 to FY2023: living situations below 100.
    Before2024,
    /// FY2024 and FY2025: living situations in hundreds.
    From2024,
    /// FY2026 on: sex in place of gender.
    From2026,
}

impl Era {
    pub const fn is_from_2024(self) -> bool {
        !matches!(self, Self::Before2024)
    }
}

/// What is known of the export before its rows are read.
#[derive(Debug, Clone)]
pub(super) struct Export {
    /// The format as the export or its headers say it.
    pub format: String,
    pub era: Era,
    /// The day it was made, or today.
    pub made: Date,
    /// The instant, its clock taken as UTC; the beginning of the day where no time is told.
    pub made_at: Timestamp,
    /// What it says of its own completeness.
    pub period: Period,
    /// Whether names are hashes and not names.
    pub hashed: bool,
}

/// What `Export.csv` says of which rows it holds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Period {
    /// Whether `ExportPeriodType` is 3 (reporting period): every row of each stay that touches the period, whenever it
    /// was written.
    is_reporting: bool,
    /// Whether `ExportDirective` is 2 (full refresh): it replaces what was sent before.
    is_full_refresh: bool,
    days: Option<(Date, Date)>,
}

impl Period {
    /// The days of whose stays the export holds every row; none where it holds only some of them, or does not say.
    pub fn whole(self) -> Option<(Date, Date)> {
        self.days.filter(|_| self.is_reporting && self.is_full_refresh)
    }
}

/// The files of a directory by lower-case name.
pub(super) struct Files {
    directory: PathBuf,
    names: BTreeMap<String, String>,
}

impl Files {
    /// Lists the CSV files of a directory.
    pub fn list(directory: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Io { path: directory.to_path_buf(), source };
        let mut names = BTreeMap::new();
        for entry in std::fs::read_dir(directory).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
            if let Some(stem) = name.to_ascii_lowercase().strip_suffix(".csv") {
                names.insert(stem.to_owned(), name);
            }
        }
        Ok(Self { directory: directory.to_path_buf(), names })
    }

    /// The file's name as it is written, by its name in the format.
    pub fn name(&self, table: &str) -> Option<&str> {
        self.names.get(&table.to_ascii_lowercase()).map(String::as_str)
    }

    /// The names of all files.
    pub fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.names.iter().map(|(stem, name)| (stem.as_str(), name.as_str()))
    }

    /// Opens a file by its name in the format.
    pub fn open(&self, table: &str) -> Result<Option<BufReader<File>>, Error> {
        let Some(name) = self.name(table) else { return Ok(None) };
        let path = self.directory.join(name);
        match File::open(&path) {
            Ok(file) => Ok(Some(BufReader::with_capacity(256 * 1024, file))),
            Err(source) => Err(Error::Io { path, source }),
        }
    }

    /// Where a file is, for messages.
    pub fn failed(&self, table: &str, source: io::Error) -> Error {
        Error::Io { path: self.directory.join(self.name(table).unwrap_or(table)), source }
    }

    /// How many rows a file has, by its line ends.
    pub fn lines(&self, table: &str) -> Result<u64, Error> {
        let Some(mut file) = self.open(table)? else { return Ok(0) };
        let mut portion = vec![0; 64 * 1024];
        let mut lines = 0_u64;
        loop {
            let read = file.read(&mut portion).map_err(|source| self.failed(table, source))?;
            if read == 0 {
                return Ok(lines.saturating_sub(1));
            }
            lines += portion[..read].iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
        }
    }
}

impl Export {
    /// Finds the format from `CSVVersion` in `Export.csv`, else from the headers.
    pub fn find(files: &Files, today: Date) -> Result<Self, Error> {
        let mut export = Self::from_headers(files, today)?;
        let Some(input) = files.open("Export")? else { return Ok(export) };
        let failed = |source| files.failed("Export", source);
        let Some(mut table) = Table::open(input, today).map_err(failed)? else { return Ok(export) };
        let version = table.columns.col(&["CSVVersion"]);
        let made = table.columns.col(&["ExportDate"]);
        let hashed = table.columns.col(&["HashStatus"]);
        let period = ["ExportPeriodType", "ExportDirective", "ExportStartDate", "ExportEndDate"]
            .map(|name| table.columns.col(&[name]));
        if let Next::Row = table.next().map_err(failed)? {
            let said = table.row.cell(version);
            if let Some(year) = year_in(said) {
                export.format = said.chars().take(40).collect();
                export.era = era_of(year);
            }
            let expected = Expected { order: None, latest: today, century: Century::Recent };
            if let Ok(told) = read_date(table.row.cell(made), expected) {
                export.made = told.day;
                export.made_at = told.timestamp().unwrap_or(export.made_at);
            }
            let [kind, directive, from, until] = period.map(|col| table.row.cell(col));
            let day = |text: &str| {
                let told = (!text.is_empty()).then(|| read_date(text, expected))?;
                told.ok().map(|told| told.day)
            };
            export.period = Period {
                is_reporting: kind == "3",
                is_full_refresh: directive == "2",
                days: day(from).zip(day(until)),
            };
            export.hashed = !matches!(table.row.cell(hashed), "" | "1");
        }
        Ok(export)
    }

    fn from_headers(files: &Files, today: Date) -> Result<Self, Error> {
        let mut era = Era::Before2024;
        for (file, column, since) in
            [("Exit", "DestinationSubsidyType", Era::From2024), ("Client", "Sex", Era::From2026)]
        {
            let Some(input) = files.open(file)? else { continue };
            let table = Table::open(input, today).map_err(|source| files.failed(file, source))?;
            if table.is_some_and(|mut table| !table.columns.col(&[column]).is_absent()) {
                era = era.max(since);
            }
        }
        let format = match era {
            Era::Before2024 => "FY2020 or FY2022, by its headers",
            Era::From2024 => "FY2024, by its headers",
            Era::From2026 => "FY2026, by its headers",
        };
        let midnight = today.to_datetime(jiff::civil::Time::midnight());
        let made_at = Offset::UTC.to_timestamp(midnight).unwrap_or_default();
        let period = Period::default();
        Ok(Self { format: format.to_owned(), era, made: today, made_at, period, hashed: false })
    }
}

fn year_in(version: &str) -> Option<u32> {
    let digits: Vec<&str> = version.split(|c: char| !c.is_ascii_digit()).collect();
    digits.into_iter().filter_map(|run| run.parse().ok()).find(|year| (2014..2100).contains(year))
}

fn era_of(year: u32) -> Era {
    match year {
        2026.. => Era::From2026,
        2024..=2025 => Era::From2024,
        _ => Era::Before2024,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_the_year_in_its_version() {
        assert_eq!(year_in("2026 v1").map(era_of), Some(Era::From2026));
        assert_eq!(year_in("FY2024 1.5").map(era_of), Some(Era::From2024));
        assert_eq!(year_in("2022 v1.2").map(era_of), Some(Era::Before2024));
        assert_eq!(year_in("6.11"), None);
    }
}
