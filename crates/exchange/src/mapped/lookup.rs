//! Values by key, read beforehand and held while the tables are read.

use std::{
    cell::Cell,
    collections::{BTreeSet, HashMap},
};

use smol_str::SmolStr;

use super::{
    Error,
    files::Files,
    here::Here,
    spec::{Cells, Mapping},
};
use crate::import::{FileState, Finding, Ids, Job, Next, Outcome, Problem};

/// The lookups of a mapping. Memory grows with their keys, and with no other rows.
#[derive(Default)]
pub(super) struct Lookups {
    held: Vec<HashMap<SmolStr, Entry>>,
    /// Rows of files that only lookups read, which are accounted for too.
    pub rows: u64,
}

/// What a key stands for.
pub(super) struct Entry {
    pub value: SmolStr,
    /// Whether a later row says something else.
    pub differs: bool,
    row: u64,
    used: Cell<bool>,
}

impl Lookups {
    /// Reads every lookup.
    pub fn load(mapping: &Mapping, files: &Files, ids: &Ids) -> Result<Self, Error> {
        let mut lookups = Self::default();
        let mut counted: BTreeSet<String> = BTreeSet::new();
        for lookup in &mapping.lookups {
            let counts = !is_table(mapping, &lookup.file) && counted.insert(lookup.file.to_ascii_lowercase());
            let mut held: HashMap<SmolStr, Entry> = HashMap::new();
            if let Some(mut opened) = files.open(&lookup.file, &lookup.columns)? {
                loop {
                    let next = opened.table.next().map_err(|source| files.failed(&lookup.file, source))?;
                    lookups.rows += u64::from(counts && !matches!(next, Next::End));
                    match next {
                        Next::End => break,
                        Next::Broken { .. } => continue,
                        Next::Row => {}
                    }
                    let row = &opened.table.row;
                    let columns = &lookup.columns;
                    let here = Here {
                        row,
                        bound: &opened.bound,
                        columns,
                        owner: "",
                        lookups: &lookups,
                        mapping,
                        ids,
                    };
                    let key = here.joined(&lookup.key);
                    let holds = lookup.filter.iter().all(|condition| here.holds(condition));
                    let value = here.cell(lookup.value);
                    if key.is_empty() || value.is_empty() || !holds {
                        continue;
                    }
                    let entry = held.entry(SmolStr::new(&key)).or_insert_with(|| Entry {
                        value: SmolStr::new(value),
                        differs: false,
                        row: row.number,
                        used: Cell::new(false),
                    });
                    entry.differs |= entry.value != value;
                }
            }
            lookups.held.push(held);
        }
        Ok(lookups)
    }

    /// What a key stands for.
    pub fn get(&self, lookup: usize, key: &str) -> Option<&Entry> {
        let entry = self.held.get(lookup)?.get(key)?;
        entry.used.set(true);
        Some(entry)
    }

    /// Accounts for files that only lookups read: each row became part of others, or nothing refers to it. False
    /// where the import was asked to stop.
    pub fn account(&self, mapping: &Mapping, files: &Files, job: &mut Job<'_, '_>) -> Result<bool, Error> {
        let mut told: BTreeSet<String> = BTreeSet::new();
        for lookup in mapping.lookups.iter().filter(|lookup| !is_table(mapping, &lookup.file)) {
            if !told.insert(lookup.file.to_ascii_lowercase()) {
                continue;
            }
            let Some(mut opened) = files.open(&lookup.file, &lookup.columns)? else { continue };
            let file = job.begin(files.name(&lookup.file).unwrap_or(&lookup.file), FileState::Read);
            let same = |other: &super::spec::Lookup| other.file.eq_ignore_ascii_case(&lookup.file);
            let of_file = mapping.lookups.iter().zip(&self.held).filter(|(other, _)| same(other));
            let used: BTreeSet<u64> = of_file
                .flat_map(|(_, held)| held.values())
                .filter(|entry| entry.used.get())
                .map(|entry| entry.row)
                .collect();
            loop {
                let number = opened.table.row.number;
                let goes_on =
                    match opened.table.next().map_err(|source| files.failed(&lookup.file, source))? {
                        Next::End => break,
                        Next::Broken { number, finding, text } => {
                            job.row(file, number, Outcome::Rejected(&Problem::row(finding), text))?
                        }
                        Next::Row if used.contains(&opened.table.row.number) => {
                            job.row(file, number, Outcome::Merged)?
                        }
                        Next::Row => {
                            let unused = [Problem::row(Finding::NotReferred)];
                            job.row(file, opened.table.row.number, Outcome::Facts(&mut Vec::new(), &unused))?
                        }
                    };
                if !goes_on {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

/// Whether the rows of a file give facts of their own.
fn is_table(mapping: &Mapping, file: &str) -> bool {
    mapping.tables.iter().any(|table| table.file.eq_ignore_ascii_case(file))
}

/// What a lookup's key is in a row: the journey's own, or what stands in other columns.
pub(super) fn key_of<'a>(here: &Here<'a>, by: Option<&[usize]>) -> std::borrow::Cow<'a, str> {
    match by {
        Some(columns) => here.joined(columns),
        None => std::borrow::Cow::Borrowed(here.owner),
    }
}

/// The name of a row or person: its cells, or its number.
pub(super) fn named<'a>(here: &Here<'a>, cells: &Cells) -> std::borrow::Cow<'a, str> {
    match cells {
        Cells::Columns(columns) => here.joined(columns),
        Cells::RowNumber => std::borrow::Cow::Owned(here.row.number.to_string()),
    }
}
