//! One row being read: its cells with what is wrong with them, and the facts it gives.

use std::{cell::RefCell, collections::HashMap};

use jiff::{Timestamp, civil::Date};
use smol_str::SmolStr;
use throughline_domain::{Actor, Code, Draft, Event, EventId, Eyes, JourneyId, Key, Occurred, Source, Text};

use super::{
    export::Export,
    known::{Known, Standing},
};
use crate::import::{Century, Col, Columns, Expected, Finding, Ids, Problem, Row, published_date, read_date};

/// The columns every table has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Base {
    pub key: Col,
    pub created: Col,
    updated: Col,
    deleted: Col,
    user: Col,
}

impl Base {
    pub fn of(columns: &mut Columns, key: &'static str) -> Self {
        columns.col(&["ExportID"]);
        Self {
            key: columns.col(&[key]),
            created: columns.col(&["DateCreated"]),
            updated: columns.col(&["DateUpdated"]),
            deleted: columns.col(&["DateDeleted"]),
            user: columns.col(&["UserID"]),
        }
    }
}

/// How long after the day of its export a row may claim to have been recorded: files are sometimes put together of
/// several exports, and nothing but a warning hangs on it.
const RECORDED_AFTER_YEARS_MAX: i32 = 10;

/// Workers whose pseudonyms are kept; those of any more are derived for each row.
const WORKERS_KEPT_MAX: usize = 10_000;

/// One row being read, and what is known of its file.
pub(super) struct Reading<'a> {
    pub ids: &'a Ids,
    pub export: &'a Export,
    pub columns: &'a Columns,
    pub row: &'a Row,
    pub key: &'a str,
    pub base: Base,
    table: &'a Code,
    actor: &'a Actor,
    worker: Option<Actor>,
    recorded_at: Option<Timestamp>,
    /// The journey the row is about, where it was found.
    pub about: Option<JourneyId>,
    /// Whether the source has deleted the row or what it belongs to.
    pub gone: bool,
    /// Whether the row became part of another row's facts.
    pub merged: bool,
    pub drafts: &'a mut Vec<Draft>,
    pub warnings: &'a mut Vec<Problem>,
}

/// The enrolment a row belongs to.
pub(super) struct Place {
    pub journey: JourneyId,
    pub enrolment: Key,
    pub entry: Option<Date>,
    pub project_kind: Option<u32>,
}

/// Where facts and findings of a row are put; empty for each row.
pub(super) struct Sheet<'a> {
    pub drafts: &'a mut Vec<Draft>,
    pub warnings: &'a mut Vec<Problem>,
}

/// What is known of a file's rows beforehand.
#[derive(Clone, Copy)]
pub(super) struct Frame<'a> {
    pub ids: &'a Ids,
    pub export: &'a Export,
    pub columns: &'a Columns,
    pub base: Base,
    pub table: &'a Code,
    pub actor: &'a Actor,
    pub workers: &'a Workers,
}

/// The pseudonyms of the workers met so far: they are few, and stand in every row.
#[derive(Debug, Default)]
pub(super) struct Workers(RefCell<HashMap<SmolStr, Actor>>);

impl Workers {
    fn of(&self, ids: &Ids, user: &str) -> Actor {
        let mut known = self.0.borrow_mut();
        if let Some(actor) = known.get(user) {
            return actor.clone();
        }
        let actor = ids.actor(&worker_code(ids, user));
        if known.len() < WORKERS_KEPT_MAX {
            known.insert(SmolStr::new(user), actor.clone());
        }
        actor
    }
}

impl<'a> Reading<'a> {
    /// Begins a row: its key, whether it was deleted, when the source recorded it and who.
    pub fn begin(frame: Frame<'a>, row: &'a Row, sheet: Sheet<'a>) -> Result<Self, Problem> {
        let Frame { ids, export, columns, base, table, actor, workers } = frame;
        let key = row.cell(base.key);
        if key.is_empty() {
            return Err(Problem::at(Finding::KeyMissing, base.key.name));
        }
        let user = row.cell(base.user);
        let worker = (!user.is_empty()).then(|| workers.of(ids, user));
        let Sheet { drafts, warnings } = sheet;
        let mut reading = Self {
            ids,
            export,
            columns,
            row,
            key,
            base,
            table,
            actor,
            worker,
            recorded_at: None,
            about: None,
            gone: false,
            merged: false,
            drafts,
            warnings,
        };
        if row.recoded {
            reading.warn(Problem::row(Finding::Encoding));
        }
        if row.width() < columns.names.len() {
            reading.warn(Problem::row(Finding::FieldsMissing));
        }
        if reading.date(base.deleted)?.is_some() {
            reading.gone(Finding::DeletedInSource);
        }
        reading.recorded_at = reading.recorded(base.updated).or_else(|| reading.recorded(base.created));
        Ok(reading)
    }

    pub fn warn(&mut self, problem: Problem) {
        if !self.warnings.contains(&problem) {
            self.warnings.push(problem);
        }
    }

    /// Marks the row as deleted in the source.
    pub fn gone(&mut self, why: Finding) {
        self.gone = true;
        self.warn(Problem::row(why));
    }

    /// When the source says it recorded the row.
    pub fn recorded_at(&self) -> Option<Timestamp> {
        self.recorded_at
    }

    /// What the row tells also rests on something recorded then.
    pub fn recorded_by(&mut self, other: Option<Timestamp>) {
        self.recorded_at = self.recorded_at.max(other);
    }

    fn recorded(&mut self, col: Col) -> Option<Timestamp> {
        let text = self.row.raw(col);
        if text.trim().is_empty() {
            return None;
        }
        let expected = self.expected(col, Century::Recent);
        if let Some(told) = published_date(text, expected.latest) {
            return told.timestamp();
        }
        let latest = expected.latest.saturating_add(jiff::Span::new().years(RECORDED_AFTER_YEARS_MAX));
        match read_date(text, Expected { latest, ..expected }) {
            Ok(told) => {
                if !told.published_form {
                    self.warn(Problem::at(Finding::DateForm, col.name).showing(text));
                }
                if told.day > self.export.made {
                    self.warn(Problem::at(Finding::DateAfterExport, col.name).showing(text));
                }
                told.timestamp()
            }
            Err(finding) => {
                self.warn(Problem::at(finding, col.name).showing(text));
                None
            }
        }
    }

    /// The enrolment the row belongs to, and that it is this person's.
    pub fn place(&mut self, known: &Known, enrolment: Col, person: Col) -> Result<Place, Problem> {
        let cell = self.row.cell(enrolment);
        let Some(found) = known.enrolments.get(cell) else {
            return Err(Problem::at(Finding::EnrolmentMissing, enrolment.name));
        };
        let claimed = self.row.cell(person);
        if !claimed.is_empty() && claimed != found.person {
            return Err(Problem::at(Finding::ClientDiffers, person.name));
        }
        match found.standing {
            Standing::Live => {}
            Standing::Deleted => self.gone(Finding::ParentDeleted),
            Standing::Rejected | Standing::Unseen => {
                return Err(Problem::at(Finding::ParentRejected, enrolment.name));
            }
        }
        self.about = Some(found.journey);
        Ok(Place {
            journey: found.journey,
            enrolment: found.key.clone(),
            entry: found.entry,
            project_kind: known.projects.get(&found.project).and_then(|project| project.kind),
        })
    }

    /// A fact of a client's life, seen by staff.
    pub fn fact(&mut self, journey: JourneyId, on: Date, tag: &str, event: impl Into<Event>) -> EventId {
        let event = event.into();
        let name = event.fact_name();
        let fact = if tag.is_empty() { name.to_owned() } else { format!("{name}.{tag}") };
        let event_id = self.ids.event(self.table.as_str(), self.key, &fact);
        let source = Source {
            system: self.ids.system().clone(),
            table: self.table.clone(),
            row: Text::new(self.key).ok(),
            recorded_at: self.recorded_at,
        };
        self.push(event_id, journey, on, event, source);
        event_id
    }

    /// A fact that several rows tell together, known by what they share.
    pub fn shared_fact(&mut self, journey: JourneyId, on: Date, shared: &str, event: impl Into<Event>) {
        let event = event.into();
        let event_id = self.ids.event("shared", shared, event.fact_name());
        let source = Source {
            system: self.ids.system().clone(),
            table: code("shared"),
            row: Text::new(shared).ok(),
            recorded_at: None,
        };
        let worker = self.worker.take();
        self.push(event_id, journey, on, event, source);
        self.worker = worker;
    }

    fn push(&mut self, event_id: EventId, journey: JourneyId, on: Date, event: Event, source: Source) {
        let eyes = if let Event::Programme(_) = event { Eyes::System } else { Eyes::Staff };
        self.drafts.push(Draft {
            event_id,
            journey,
            actor: self.actor.clone(),
            on_behalf_of: self.worker.clone(),
            eyes,
            occurred: Occurred::On(on),
            cause: None,
            source: Some(source),
            event,
        });
    }
}

/// A worker's code: a pseudonym, for keys of workers can be their names.
pub(super) fn worker_code(ids: &Ids, user: &str) -> Code {
    ids.code("u", "user", user)
}

/// The code of a project: its own key where that is one.
pub(super) fn project_code(ids: &Ids, project: &str) -> Code {
    Code::new(format!("hmis-{project}")).unwrap_or_else(|_| ids.code("hmis", "project", project))
}

/// A code written in this crate.
pub(super) fn code(text: &str) -> Code {
    Code::new(text).expect("codes of the lists and of this crate are codes")
}
