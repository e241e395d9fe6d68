//! The rows of one table, each accounted for.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use jiff::civil::Date;
use throughline_domain::{Actor, Draft, EventId, Fact, JourneyId, Source, Text, amend};
use throughline_log::{AsOf, EventLog};

use super::{
    Error,
    files::{Bound, Files},
    first::Firsts,
    here::Here,
    lookup::{Lookups, named},
    reading::Reading,
    spec::{Cells, FactSpec, Mapping, Owner, Table},
};
use crate::import::{
    Columns, FileState, Finding, Ids, IsClean, Job, Next, Outcome, Problem, Row, RowId, RowState,
    UnreadColumn,
};

/// One import by one mapping.
pub(super) struct Run<'a> {
    mapping: &'a Mapping,
    files: &'a Files,
    lookups: &'a Lookups,
    ids: &'a Ids,
    log: &'a dyn EventLog,
    today: Date,
    firsts: Firsts,
    actor: Actor,
    /// The person met last: rows of one person often follow each other.
    last: RefCell<Option<(String, JourneyId)>>,
    /// Journeys opened in this run.
    opened: HashSet<JourneyId>,
    /// Whether some table tells who the persons are.
    lists_persons: bool,
}

/// What became of a row that was not rejected.
enum End {
    Facts,
    /// It stands in the file twice; the first told all.
    Repeated,
    Gone,
}

/// How reading a table ended.
pub(super) enum Ended {
    /// It was asked to stop.
    Stopped,
    /// Every row was read and had a key.
    Whole(usize),
    /// Some row could be any; or there is no such file.
    InPart,
}

impl<'a> Run<'a> {
    pub fn new(
        mapping: &'a Mapping,
        files: &'a Files,
        lookups: &'a Lookups,
        ids: &'a Ids,
        log: &'a dyn EventLog,
        today: Date,
        firsts: Firsts,
    ) -> Self {
        let lists_persons = mapping.tables.iter().flat_map(|table| &table.facts).any(FactSpec::opens);
        let actor = Actor::new("system:import").expect("an actor");
        let opened = HashSet::new();
        let last = RefCell::default();
        Self { mapping, files, lookups, ids, log, today, firsts, actor, last, opened, lists_persons }
    }

    /// Imports one file.
    pub fn table(&mut self, spec: &'a Table, job: &mut Job<'_, '_>) -> Result<Ended, Error> {
        let failed = |source| self.files.failed(&spec.file, source);
        let Some(mut opened) = self.files.open(&spec.file, &spec.columns)? else {
            job.begin(&spec.file, FileState::Missing);
            return Ok(Ended::InPart);
        };
        let name = self.files.name(&spec.file).unwrap_or(&spec.file);
        let file = job.begin(name, FileState::Read);
        self.ask(spec, &mut opened.table.columns);
        let mut seen: HashMap<u64, u64> = HashMap::new();
        let (mut drafts, mut found): (Vec<Draft>, Vec<Problem>) = (Vec::new(), Vec::new());
        let mut is_whole = true;
        loop {
            drafts.clear();
            found.clear();
            let table = &mut opened.table;
            match table.next().map_err(failed)? {
                Next::End => break,
                Next::Broken { number, finding, text } => {
                    is_whole = false;
                    if !job.row(file, number, Outcome::Rejected(&Problem::row(finding), text))? {
                        return Ok(Ended::Stopped);
                    }
                    continue;
                }
                Next::Row => {}
            }
            let row = &table.row;
            let place = Place { spec, bound: &opened.bound, row, columns: &table.columns };
            let end = self.row(place, &mut seen, &mut drafts, &mut found);
            if matches!(end, Ok(End::Facts)) {
                self.open_journey(place, &mut drafts, &mut found)?;
            }
            job.read(row);
            is_whole &= !matches!(&end, Err(problem) if hides_key(problem));
            self.saw(place, file, &end, &found, job);
            let outcome = match &end {
                Ok(End::Facts | End::Repeated) => Outcome::Facts(&mut drafts, &found),
                Ok(End::Gone) => Outcome::Gone(&mut drafts, &found),
                Err(problem) => Outcome::Rejected(problem, row.as_csv()),
            };
            if !job.row(file, row.number, outcome)? {
                return Ok(Ended::Stopped);
            }
        }
        let unread = |(column, cells): (&str, u64)| UnreadColumn { column: column.to_owned(), cells };
        job.account.report.files[file].unread = opened.table.columns.unread().map(unread).collect();
        Ok(if is_whole { Ended::Whole(file) } else { Ended::InPart })
    }

    /// Notes the row, so that what it told before and tells no more is found in the end.
    fn saw(
        &self,
        place: Place<'_>,
        file: usize,
        end: &Result<End, Problem>,
        found: &[Problem],
        job: &mut Job<'_, '_>,
    ) {
        let state = match end {
            Ok(End::Repeated) => return,
            Ok(End::Gone) => RowState::Deleted,
            Ok(End::Facts) if found.iter().all(|problem| !problem.finding.leaves_out()) => RowState::Live,
            Ok(End::Facts) | Err(_) => RowState::Unread,
        };
        let nobody = self.here(place, "");
        let (owner, key) = (named(&nobody, place.spec.owner.cells()), named(&nobody, &place.spec.key));
        let reading = self.reading(place, Here { owner: &owner, ..nobody }, &key, &mut Vec::new());
        let (journey, updated) = (Some(reading.journey), reading.source.recorded_at);
        let id = RowId { table: &place.spec.name, key: &key, journey, updated };
        let is_clean = if found.is_empty() { IsClean::Yes } else { IsClean::No };
        job.saw(file, place.row.number, &id, state, is_clean);
    }

    /// Notes the columns that lookups read from the same file.
    fn ask(&self, spec: &Table, columns: &mut Columns) {
        let same = self.mapping.lookups.iter().filter(|lookup| lookup.file.eq_ignore_ascii_case(&spec.file));
        for column in same.flat_map(|lookup| &lookup.columns) {
            columns.find(&column.name);
        }
    }

    /// Reads one row. An error rejects it.
    fn row(
        &self,
        place: Place<'_>,
        seen: &mut HashMap<u64, u64>,
        drafts: &mut Vec<Draft>,
        found: &mut Vec<Problem>,
    ) -> Result<End, Problem> {
        let Place { spec, row, columns, .. } = place;
        if (columns.names.len()..row.width()).any(|at| !row.at(at).trim().is_empty()) {
            return Err(Problem::row(Finding::FieldsBeyondHeader));
        }
        if row.recoded {
            found.push(Problem::row(Finding::Encoding));
        }
        if row.width() < columns.names.len() {
            found.push(Problem::row(Finding::FieldsMissing));
        }
        let nobody = self.here(place, "");
        let owner = named(&nobody, spec.owner.cells());
        if owner.is_empty() {
            return Err(nobody.lacking(Finding::PersonMissing, spec.owner.cells()));
        }
        let here = Here { owner: &owner, ..nobody };
        let key = named(&here, &spec.key);
        if key.is_empty() {
            return Err(here.lacking(Finding::KeyMissing, &spec.key));
        }
        let fingerprint = row.fingerprint();
        let told_apart = matches!(spec.key, Cells::Columns(_));
        match seen.get(&hash(&key)).filter(|_| told_apart) {
            Some(before) if *before == fingerprint => {
                found.push(Problem::row(Finding::RowRepeated));
                return Ok(End::Repeated);
            }
            Some(_) => return Err(here.lacking(Finding::KeyRepeated, &spec.key)),
            None => {}
        }
        let reading = self.reading(place, here, &key, found);
        let end = self.facts(&reading, drafts, found)?;
        if told_apart {
            seen.insert(hash(&key), fingerprint);
        }
        told_once(found);
        Ok(end)
    }

    /// The facts of a row.
    fn facts(
        &self,
        reading: &Reading<'_>,
        drafts: &mut Vec<Draft>,
        found: &mut Vec<Problem>,
    ) -> Result<End, Problem> {
        let (here, spec) = (&reading.here, reading.table);
        let mut applied = false;
        if spec.filter.iter().all(|condition| here.holds(condition)) {
            for fact in spec.facts.iter().filter(|fact| fact.filter.iter().all(|one| here.holds(one))) {
                applied = true;
                if !(fact.opens() && self.opened.contains(&reading.journey)) {
                    drafts.push(reading.draft(fact, self.firsts.of(reading.journey), found)?);
                }
            }
        }
        if !spec.deleted.is_empty() && spec.deleted.iter().all(|condition| here.holds(condition)) {
            found.push(Problem::row(Finding::DeletedInSource));
            return Ok(End::Gone);
        }
        if !applied {
            found.push(Problem::row(Finding::LeftOut));
        }
        Ok(End::Facts)
    }

    /// Sees to it that the journey of these facts is opened, once, and not later than it was before.
    fn open_journey(
        &mut self,
        place: Place<'_>,
        drafts: &mut Vec<Draft>,
        found: &mut Vec<Problem>,
    ) -> Result<(), Error> {
        let (Owner::Person(cells), Some(journey)) =
            (&place.spec.owner, drafts.first().map(|one| one.journey))
        else {
            return Ok(());
        };
        if !self.opened.insert(journey) {
            return Ok(());
        }
        let nobody = self.here(place, "");
        let owner = named(&nobody, cells);
        let key = named(&nobody, &place.spec.key);
        let here = Here { owner: &owner, ..nobody };
        let reading = self.reading(place, here, &key, &mut Vec::new());
        let first = self.firsts.of(journey);
        let known = self.known(journey, reading.opening_id())?;
        if let Some(opening) = drafts.iter_mut().find(|draft| draft.event_id == reading.opening_id()) {
            // Where it opened on the first day of what these files have, an earlier file may have had an earlier one.
            let earlier = known
                .filter(|known| Some(opening.occurred.day()) == first && known.occurred < opening.occurred);
            opening.occurred = earlier.map_or(opening.occurred, |known| known.occurred);
            return Ok(());
        }
        let Some(bare) = first.and_then(|first| reading.bare_opening(first)) else { return Ok(()) };
        // What an earlier file told of the person stays; it is said again, so that it counts as told.
        drafts.push(match known {
            Some(known) => Draft { event: known.event, occurred: known.occurred.min(bare.occurred), ..bare },
            None => bare,
        });
        if self.lists_persons {
            found.push(Problem::row(Finding::PersonUnlisted));
        }
        Ok(())
    }

    /// What the log knows of an event of this journey, as amended.
    fn known(&self, journey: JourneyId, event: EventId) -> Result<Option<Fact>, Error> {
        let failed = |error: throughline_log::Error| Error::Import(error.into());
        if self.log.find(event).map_err(failed)?.is_none() {
            return Ok(None);
        }
        let events = self.log.read_journey(journey, AsOf::Now).map_err(failed)?.events;
        Ok(amend(journey, events).into_iter().find(|fact| fact.id == event))
    }

    fn here<'r>(&'r self, place: Place<'r>, owner: &'r str) -> Here<'r> {
        let Place { spec, bound, row, .. } = place;
        let (lookups, mapping, ids) = (self.lookups, self.mapping, self.ids);
        Here { row, bound, columns: &spec.columns, owner, lookups, mapping, ids }
    }

    fn person(&self, owner: &str) -> JourneyId {
        let mut last = self.last.borrow_mut();
        match &*last {
            Some((known, journey)) if known == owner => *journey,
            _ => last.insert((owner.to_owned(), self.ids.person(owner))).1,
        }
    }

    fn reading<'r>(
        &'r self,
        place: Place<'r>,
        here: Here<'r>,
        key: &'r str,
        found: &mut Vec<Problem>,
    ) -> Reading<'r> {
        let table = place.spec;
        let journey = match &table.owner {
            Owner::Person(_) => self.person(here.owner),
            Owner::Programme(_) => self.ids.thing("programme", here.owner),
        };
        let source = Source {
            system: self.mapping.source.clone(),
            table: table.name.clone(),
            row: Text::new(key).ok(),
            recorded_at: table.recorded.and_then(|column| here.recorded(column, self.today, found)),
        };
        Reading { here, table, journey, key, source, actor: &self.actor, today: self.today }
    }
}

/// A row of a table, and what is known of its file.
#[derive(Clone, Copy)]
struct Place<'r> {
    spec: &'r Table,
    bound: &'r Bound,
    row: &'r Row,
    columns: &'r Columns,
}

/// Several facts can stumble over one cell; the row has that finding once.
fn told_once(found: &mut Vec<Problem>) {
    let mut told: Vec<Problem> = Vec::new();
    found.retain(|problem| {
        let is_new = !told.contains(problem);
        if is_new {
            told.push(problem.clone());
        }
        is_new
    });
}

/// Whether a row may be any: its key is missing, or its columns have shifted.
fn hides_key(problem: &Problem) -> bool {
    matches!(problem.finding, Finding::KeyMissing | Finding::FieldsBeyondHeader)
}

/// A number for a text, by which two are told apart.
pub(super) fn hash(key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}
