//! One row becoming facts.

use jiff::civil::Date;
use serde_json::{Map, Value as Json};
use throughline_domain::{
    Actor, Code, Draft, Event, EventId, Eyes, InvalidEvent, JourneyId, Occurred, Source, Text,
};

use super::{
    here::Here,
    spec::{Expr, FactSpec, Field, Name, OPENED, Table},
};
use crate::import::{Finding, Problem};

/// A row that is becoming facts.
pub(super) struct Reading<'a> {
    pub here: Here<'a>,
    pub table: &'a Table,
    pub journey: JourneyId,
    /// The row's key.
    pub key: &'a str,
    pub source: Source,
    pub actor: &'a Actor,
    pub today: Date,
}

/// Why a field has no value.
enum Gap {
    /// Nothing is told.
    Missing(Problem),
    /// What is told is not what the field takes.
    Unfit(Problem),
}

impl Gap {
    fn problem(self) -> Problem {
        match self {
            Self::Missing(problem) | Self::Unfit(problem) => problem,
        }
    }
}

impl<'a> Reading<'a> {
    /// The draft of one fact. `first` is the journey's first day.
    pub fn draft(
        &self,
        fact: &'a FactSpec,
        first: Option<Date>,
        found: &mut Vec<Problem>,
    ) -> Result<Draft, Problem> {
        let occurred = self.here.occurred(&fact.on, first, self.today, found)?;
        let mut facts = self.object(&fact.facts, found).map_err(Gap::problem)?;
        let mut personal = self.object(&fact.personal, found).map_err(Gap::problem)?;
        if fact.opens() {
            self.open(&mut facts, &mut personal);
        }
        let event = Event::from_json(fact.type_name, Json::Object(facts), Json::Object(personal))
            .map_err(|invalid| unfit(&invalid))?;
        let eyes = self.eyes(&fact.eyes, found)?;
        let event_id = if fact.opens() {
            self.opening_id()
        } else if fact.tag.is_empty() {
            self.here.ids.event(self.table.name.as_str(), self.key, event.fact_name())
        } else {
            let name = format!("{}.{}", event.fact_name(), fact.tag);
            self.here.ids.event(self.table.name.as_str(), self.key, &name)
        };
        Ok(self.drafted(event_id, occurred, eyes, event))
    }

    /// A journey opened without a row of its own.
    pub fn bare_opening(&self, first: Date) -> Option<Draft> {
        let (mut facts, mut personal) = (Map::new(), Map::new());
        self.open(&mut facts, &mut personal);
        let event = Event::from_json(OPENED, Json::Object(facts), Json::Object(personal)).ok()?;
        let event_id = self.opening_id();
        // It is nobody's row: what becomes of one row does not become of the whole journey.
        let table = Code::new("journey").expect("a code");
        let source =
            Source { table, row: Text::new(self.here.owner).ok(), recorded_at: None, ..self.source.clone() };
        Some(Draft {
            source: Some(source),
            ..self.drafted(event_id, Occurred::On(first), Eyes::Staff, event)
        })
    }

    /// The id of the event that opens the journey, whichever table tells of it.
    pub fn opening_id(&self) -> EventId {
        self.here.ids.event("journey", self.here.owner, "journey-opened")
    }

    fn drafted(&self, event_id: EventId, occurred: Occurred, eyes: Eyes, event: Event) -> Draft {
        Draft {
            event_id,
            journey: self.journey,
            actor: self.actor.clone(),
            on_behalf_of: None,
            eyes,
            occurred,
            cause: None,
            source: Some(self.source.clone()),
            event,
        }
    }

    /// What every opening says: role and language, and the key the source knows the person by.
    fn open(&self, facts: &mut Map<String, Json>, personal: &mut Map<String, Json>) {
        let mapping = self.here.mapping;
        facts.entry("role").or_insert_with(|| mapping.role.code().into());
        facts.entry("language").or_insert_with(|| mapping.language.as_str().into());
        let known_as = personal.entry("known_as").or_insert_with(|| Json::Array(Vec::new()));
        let name = format!("{}:{}", mapping.source, self.here.owner);
        if let (Json::Array(names), true) = (known_as, name.len() <= Text::BYTES_MAX) {
            names.insert(0, Json::String(name));
        }
    }

    fn eyes(&self, expr: &'a Expr, found: &mut Vec<Problem>) -> Result<Eyes, Problem> {
        let told = self.value(expr, found).map_err(Gap::problem)?;
        let eyes = Eyes::ALL.iter().copied().find(|eyes| told.as_str() == Some(eyes.code()));
        Ok(eyes.unwrap_or(Eyes::Staff))
    }

    fn object(
        &self,
        members: &'a [(Name, Field)],
        found: &mut Vec<Problem>,
    ) -> Result<Map<String, Json>, Gap> {
        let mut object = Map::new();
        for (name, field) in members {
            let name = match name {
                Name::Fixed(name) => name.clone(),
                Name::Made(pieces) => match super::cell::slug(&self.here.made(pieces)) {
                    Some(name) => name,
                    None => return Err(Gap::Unfit(Problem::row(Finding::FieldInvalid))),
                },
            };
            if let Some(value) = self.field(field, found)? {
                object.insert(name, value);
            }
        }
        Ok(object)
    }

    /// A field's value. A gap in one that the fact can do without is left out, with a finding where something stands
    /// there that does not fit.
    fn field(&self, field: &'a Field, found: &mut Vec<Problem>) -> Result<Option<Json>, Gap> {
        let (value, required) = match field {
            Field::Leaf { expr, required } => (self.value(expr, found), *required),
            Field::Object { members, required } => {
                let object = self.object(members, found);
                (object.map(Json::Object), *required)
            }
            Field::List(fields) => {
                let mut items = Vec::new();
                for field in fields {
                    items.extend(self.field(field, found)?);
                }
                return Ok((!items.is_empty()).then_some(Json::Array(items)));
            }
        };
        match value {
            Ok(Json::Object(object)) if object.is_empty() && !required => Ok(None),
            Ok(value) => Ok(Some(value)),
            Err(gap) if required => Err(gap),
            Err(Gap::Missing(_)) => Ok(None),
            Err(Gap::Unfit(problem)) => {
                found.push(problem);
                Ok(None)
            }
        }
    }

    fn value(&self, expr: &'a Expr, found: &mut Vec<Problem>) -> Result<Json, Gap> {
        let here = &self.here;
        let Some(cell) = here.value(expr, found).map_err(Gap::Unfit)? else {
            return Err(Gap::Missing(here.problem(Finding::FieldMissing, expr, "")));
        };
        let expected = here.expected(expr.column(), self.today);
        cell.json(&expr.shape, here.mapping.decimal_comma, expected)
            .map_err(|finding| Gap::Unfit(here.problem(finding, expr, &cell.text())))
    }
}

/// What the fact itself refuses; named by its field, for the cells it came from were each as they should be.
fn unfit(invalid: &InvalidEvent) -> Problem {
    let (column, said) = match invalid {
        InvalidEvent::Field { pointer, problem } if pointer.starts_with("/facts") => {
            (pointer.clone(), Some(problem.chars().take(120).collect()))
        }
        InvalidEvent::Field { pointer, .. } => (pointer.clone(), None),
        InvalidEvent::UnknownType { name, .. } => (name.clone(), None),
    };
    Problem { finding: Finding::FieldInvalid, column: column.into(), value: said }
}
