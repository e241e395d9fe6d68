//! What was known of a journey at one moment against another: what changed between two audits, by whom and why.

use std::collections::HashMap;

use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use serde_json::{Value as Json, json};
use throughline_access::Names;
use throughline_domain::{
    Actor, Amendment, Code, Event, EventId, Fact, JourneyId, Position, Recorded, Version,
};
use throughline_log::AsOf;
use throughline_runtime::{Life, Runtime};
use utoipa::ToSchema;

use crate::{
    Error,
    difference::{self, Field},
    known_events,
    written::{Written, WrittenEvent},
};

/// A moment of the record, as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Moment {
    /// What was known then.
    pub as_of: AsOf,
    /// In the words of who asks; unset for now.
    pub said: Option<String>,
}

/// What is known of a journey at one moment and was not, or was otherwise, at another.
#[derive(Debug, Serialize, ToSchema)]
pub struct Comparison {
    /// The journey.
    pub journey: JourneyId,
    /// The earlier moment.
    pub from: Known,
    /// The later moment.
    pub to: Known,
    /// The day on which the views were asked at both moments.
    #[schema(value_type = String, format = Date)]
    pub on: Date,
    /// Facts known only at the later moment, in the order they happened.
    #[schema(value_type = Vec<WrittenEvent>)]
    pub added: Vec<Json>,
    /// Facts known otherwise at the later moment.
    pub corrected: Vec<Change>,
    /// Facts no longer part of the life at the later moment: retracted, moved to another journey, or erased.
    pub removed: Vec<Change>,
    /// For each view, the fields of its answer that differ.
    pub views: Vec<ViewChange>,
}

/// A moment of the record.
#[derive(Debug, Serialize, ToSchema)]
pub struct Known {
    /// The moment as asked; unset for now.
    pub as_of: Option<String>,
    /// The last position of the log by then.
    pub position: Option<Position>,
    /// The journey's version then.
    pub version: Version,
}

/// One fact before and after.
#[derive(Debug, Serialize, ToSchema)]
pub struct Change {
    /// The event that first told of it.
    pub event_id: EventId,
    /// As known at the earlier moment.
    #[schema(value_type = WrittenEvent)]
    pub before: Json,
    /// As known at the later moment; unset where it is no longer part of the life.
    #[schema(value_type = Option<WrittenEvent>)]
    pub after: Option<Json>,
    /// The event that changed it, where one did.
    pub by: Option<ChangedBy>,
}

/// The amendment behind a change.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangedBy {
    /// The amendment.
    pub event_id: EventId,
    /// Its position.
    pub position: Position,
    /// Who recorded it.
    pub actor: Actor,
    /// When it was recorded.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Timestamp,
    /// Why, where it says.
    pub why: Option<Code>,
}

/// How a view's answer differs.
#[derive(Debug, Serialize, ToSchema)]
pub struct ViewChange {
    /// The view.
    pub view: &'static str,
    /// The fields that differ.
    pub fields: Vec<Field>,
    /// Whether more differ than are listed.
    pub more: bool,
}

/// A journey as known at two moments.
#[derive(Debug, Clone)]
pub struct Lives {
    from: (Moment, u64),
    to: (Moment, u64),
    /// As known at the earlier moment.
    pub before: Life,
    /// As known at the later one.
    pub after: Life,
}

impl Lives {
    /// Reads the journey as known at both moments.
    pub fn read(runtime: &Runtime, journey: JourneyId, from: Moment, to: Moment) -> Result<Self, Error> {
        let known = |as_of| known_events(&**runtime.log(), as_of);
        let (from_events, to_events) = (known(from.as_of)?, known(to.as_of)?);
        if from_events > to_events {
            return Err(Error::Backwards);
        }
        let at =
            |events: u64, as_of| events.checked_sub(1).map_or(as_of, |last| AsOf::Position(Position(last)));
        let before = runtime.life(journey, at(from_events, from.as_of))?;
        let after = runtime.life(journey, at(to_events, to.as_of))?;
        Ok(Self { from: (from, from_events), to: (to, to_events), before, after })
    }

    /// What was learned between the two moments, and how each view's answer about a day differs for it.
    pub fn compare(self, runtime: &Runtime, on: Date, names: Names) -> Result<Comparison, Error> {
        let Self { from, to, before, after } = self;
        let known = |life: &Life, (moment, events): (Moment, u64)| Known {
            as_of: moment.said,
            position: events.checked_sub(1).map(Position),
            version: life.version,
        };
        let (added, corrected, removed) = changes(&before, &after, names);
        Ok(Comparison {
            journey: after.journey,
            from: known(&before, from),
            to: known(&after, to),
            on,
            added,
            corrected,
            removed,
            views: views(runtime, &before.facts, &after.facts, on)?,
        })
    }
}

fn changes(before: &Life, after: &Life, names: Names) -> (Vec<Json>, Vec<Change>, Vec<Change>) {
    let (was, is) = (told(before), told(after));
    let json = |fact: &Fact, told: &HashMap<EventId, &Recorded>| {
        told.get(&fact.id).map(|recorded| as_known(fact, recorded, names)).unwrap_or_default()
    };
    let known_before: HashMap<EventId, &Fact> = before.facts.iter().map(|fact| (fact.id, fact)).collect();
    let known_after: HashMap<EventId, &Fact> = after.facts.iter().map(|fact| (fact.id, fact)).collect();
    let added = after.facts.iter().filter(|fact| !known_before.contains_key(&fact.id));
    let corrected = before.facts.iter().filter_map(|fact| {
        let later = known_after.get(&fact.id).filter(|later| **later != fact)?;
        Some(Change {
            event_id: fact.id,
            before: json(fact, &was),
            after: Some(json(later, &is)),
            by: changed_by(fact.id, before, after),
        })
    });
    let removed = before.facts.iter().filter(|fact| !known_after.contains_key(&fact.id)).map(|fact| Change {
        event_id: fact.id,
        before: json(fact, &was),
        after: None,
        by: changed_by(fact.id, before, after),
    });
    (added.map(|fact| json(fact, &is)).collect(), corrected.collect(), removed.collect())
}

fn told(life: &Life) -> HashMap<EventId, &Recorded> {
    life.recorded.iter().map(|recorded| (recorded.draft.event_id, recorded)).collect()
}

/// A fact as it stands, in the place of the event that first told of it.
pub(crate) fn as_known(fact: &Fact, recorded: &Recorded, names: Names) -> Json {
    let mut recorded = recorded.clone();
    recorded.draft.event = fact.event.clone();
    recorded.draft.occurred = fact.occurred;
    Written::Open(Box::new(recorded)).json(names)
}

/// The last amendment recorded between the two moments that reaches this event, directly or through a correction.
fn changed_by(event: EventId, before: &Life, after: &Life) -> Option<ChangedBy> {
    let known_before: HashMap<EventId, &Recorded> = told(before);
    let mut reached = vec![event];
    let mut last = None;
    for recorded in &after.recorded {
        let (names, why): (&[EventId], Option<&Code>) = match &recorded.draft.event {
            Event::Amendment(Amendment::Corrected(corrected)) => {
                (std::slice::from_ref(&corrected.event), Some(&corrected.why))
            }
            Event::Amendment(Amendment::Retracted(retracted)) => {
                (std::slice::from_ref(&retracted.event), Some(&retracted.why))
            }
            Event::Amendment(Amendment::JourneysSplit(split)) => (&split.events, None),
            _ => continue,
        };
        if names.iter().any(|name| reached.contains(name)) {
            reached.push(recorded.draft.event_id);
            if !known_before.contains_key(&recorded.draft.event_id) {
                last = Some((recorded, why));
            }
        }
    }
    last.map(|(recorded, why)| ChangedBy {
        event_id: recorded.draft.event_id,
        position: recorded.position,
        actor: recorded.draft.actor.clone(),
        recorded_at: recorded.recorded_at,
        why: why.cloned(),
    })
}

/// For each view, what differs between its answers about a day from these facts and from those.
pub(crate) fn views(
    runtime: &Runtime,
    before: &[Fact],
    after: &[Fact],
    on: Date,
) -> Result<Vec<ViewChange>, Error> {
    let mut changes = Vec::new();
    for projector in runtime.projectors().iter() {
        let said = |facts: &[Fact]| {
            if facts.is_empty() { Ok(json!({})) } else { runtime.answer_from(projector.name(), facts, on) }
        };
        let (fields, more) = difference::between(&said(before)?, &said(after)?);
        if !fields.is_empty() {
            changes.push(ViewChange { view: projector.name(), fields, more });
        }
    }
    Ok(changes)
}
