//! What an import has seen so far: which events it told, which rows it read. 16 bytes for each event and 32 for each
//! row, so that tens of millions of rows fit in memory; nothing where the log was empty, for then nothing can be gone.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
};

use jiff::Timestamp;
use throughline_domain::{Code, EventId, JourneyId};

use super::report::RowRef;

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowState {
    /// It was read, and its facts are told.
    Live,
    /// The source marks it as deleted.
    Deleted,
    /// It is there but could not be read, or not all of it: what it told before stays.
    Unread,
}

/// A row that was read.
#[derive(Debug, Clone, Copy)]
pub(super) struct SeenRow {
    hash: u64,
    /// When the source says it recorded the row, in microseconds.
    updated: i64,
    row: u64,
    file: u16,
    clean: bool,
    pub state: RowState,
}

impl SeenRow {
    pub fn place(&self) -> RowRef {
        RowRef { file: usize::from(self.file), row: self.row, clean: self.clean }
    }

    pub fn updated(&self) -> Option<Timestamp> {
        (self.updated != i64::MIN).then(|| Timestamp::from_microsecond(self.updated).ok()).flatten()
    }
}

/// What was seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    ids: Vec<[u8; 16]>,
    rows: Vec<SeenRow>,
    /// Journeys that something was told about, or may have been.
    pub journeys: HashSet<JourneyId>,
    /// Tables of which every row was read and had a key, and the place of their files in the report.
    pub whole: HashMap<Code, usize>,
    /// Whether nobody will ask.
    forgets: bool,
}

impl Seen {
    /// Notes nothing more, for nobody will ask.
    pub fn forget(&mut self) {
        if !self.forgets {
            *self = Self { forgets: true, whole: std::mem::take(&mut self.whole), ..Self::default() };
        }
    }

    pub fn event(&mut self, event: EventId, journey: JourneyId) {
        if self.forgets {
            return;
        }
        self.ids.push(event.bytes());
        self.journeys.insert(journey);
    }

    pub fn row(&mut self, table: &Code, key: &str, state: RowState, at: RowRef, updated: Option<Timestamp>) {
        if self.forgets {
            return;
        }
        let updated = updated.map_or(i64::MIN, Timestamp::as_microsecond);
        let file = u16::try_from(at.file).unwrap_or(u16::MAX);
        let hash = hash(table, key);
        self.rows.push(SeenRow { hash, updated, row: at.row, file, clean: at.clean, state });
    }

    /// Puts everything in order; to be called once all is seen.
    pub fn settle(&mut self) {
        self.ids.sort_unstable();
        self.ids.dedup();
        // Of rows that share a key, the one whose facts are told goes first.
        self.rows.sort_unstable_by_key(|row| (row.hash, row.state as u8));
        self.rows.dedup_by_key(|row| row.hash);
    }

    /// Notes a journey that something may have been told about.
    pub fn journey(&mut self, journey: JourneyId) {
        if !self.forgets {
            self.journeys.insert(journey);
        }
    }

    /// Whether the event was told.
    pub fn has(&self, event: EventId) -> bool {
        self.ids.binary_search(&event.bytes()).is_ok()
    }

    /// The row, if it was read.
    pub fn find(&self, table: &Code, key: &str) -> Option<&SeenRow> {
        let hash = hash(table, key);
        self.rows.binary_search_by_key(&hash, |row| row.hash).ok().map(|at| &self.rows[at])
    }
}

fn hash(table: &Code, key: &str) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one((table.as_str(), key))
}
