//! What was known of a journey at one moment against another: what changed between two audits, by whom and why.

use std::collections::HashMap;

use axum::{extract, http::HeaderMap, response::Response};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use throughline_access::{Names, Need};
use throughline_domain::{
    Actor, Amendment, Code, Event, EventId, Fact, JourneyId, Position, Recorded, Version,
};
use throughline_log::AsOf;
use throughline_runtime::{Life, Runtime};
use utoipa::{IntoParams, ToSchema};

use crate::{
    State, answer,
    api::{Api, Operation},
    difference::{self, Field},
    gate::Visit,
    openapi::WrittenEvent,
    parameters::{JourneyPath, Moment, Query},
    problem::{Fault, Kind, Problem},
    resource::history::known_events,
    wire::Written,
};

#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct CompareQuery {
    /// The earlier moment: a time with its offset, or a position.
    #[param(value_type = String)]
    from: Moment,
    /// The later moment; now unless set.
    #[param(value_type = Option<String>)]
    to: Option<Moment>,
    /// The day on which both are asked; today (UTC) unless set.
    #[param(value_type = Option<String>, format = Date)]
    on: Option<Date>,
    /// Refuse to answer before this position is recorded.
    min_position: Option<u64>,
}

/// What is known of a journey at one moment and was not, or was otherwise, at another.
#[derive(Debug, Serialize, ToSchema)]
struct Comparison {
    /// The journey.
    journey: JourneyId,
    /// The earlier moment.
    from: Known,
    /// The later moment.
    to: Known,
    /// The day on which the views were asked at both moments.
    #[schema(value_type = String, format = Date)]
    on: Date,
    /// Facts known only at the later moment, in the order they happened.
    #[schema(value_type = Vec<WrittenEvent>)]
    added: Vec<Json>,
    /// Facts known otherwise at the later moment.
    corrected: Vec<Change>,
    /// Facts no longer part of the life at the later moment: retracted, moved to another journey, or erased.
    removed: Vec<Change>,
    /// For each view, the fields of its answer that differ.
    views: Vec<ViewChange>,
}

/// A moment of the record.
#[derive(Debug, Serialize, ToSchema)]
struct Known {
    /// The moment as asked; unset for now.
    as_of: Option<String>,
    /// The last position of the log by then.
    position: Option<Position>,
    /// The journey's version then.
    version: Version,
}

/// One fact before and after.
#[derive(Debug, Serialize, ToSchema)]
struct Change {
    /// The event that first told of it.
    event_id: EventId,
    /// As known at the earlier moment.
    #[schema(value_type = WrittenEvent)]
    before: Json,
    /// As known at the later moment; unset where it is no longer part of the life.
    #[schema(value_type = Option<WrittenEvent>)]
    after: Option<Json>,
    /// The event that changed it, where one did.
    by: Option<ChangedBy>,
}

/// The amendment behind a change.
#[derive(Debug, Serialize, ToSchema)]
struct ChangedBy {
    /// The amendment.
    event_id: EventId,
    /// Its position.
    position: Position,
    /// Who recorded it.
    actor: Actor,
    /// When it was recorded.
    #[schema(value_type = String, format = DateTime)]
    recorded_at: Timestamp,
    /// Why, where it says.
    why: Option<Code>,
}

/// How a view's answer differs.
#[derive(Debug, Serialize, ToSchema)]
struct ViewChange {
    /// The view.
    view: &'static str,
    /// The fields that differ.
    fields: Vec<Field>,
    /// Whether more differ than are listed.
    more: bool,
}

/// `GET /v1/journeys/{id}/compare`.
pub(crate) fn routes(api: Api) -> Api {
    let about = "What was learned between two moments: facts added, corrected (before and after, by whom and why) and \
                 removed, and the fields of each view that differ.";
    let operation =
        Operation::new(Need::ReadClient, "Journeys", "compare", "What was known then against what is known later", about)
            .journey()
            .query::<CompareQuery>()
            .answers::<Comparison>("What differs")
            .tagged();
    api.get("/v1/journeys/{id}/compare", compare, operation)
}

async fn compare(
    extract::State(state): extract::State<State>,
    visit: Visit,
    JourneyPath(journey): JourneyPath,
    Query(query): Query<CompareQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    state.recorded(query.min_position)?;
    let from = state.as_of("from", Some(query.from))?;
    let to = state.as_of("to", query.to)?;
    let on = query.on.unwrap_or_else(|| state.today());
    let (runtime, names) = (state.runtime.clone(), visit.names(&state, journey));
    let work = move || {
        let (from_events, to_events) = (known_events(&runtime, from)?, known_events(&runtime, to)?);
        if from_events > to_events {
            return Err(Kind::InvalidQuery
                .because("`from` lies after `to`; swap them")
                .at(Fault::parameter("from")));
        }
        let at =
            |events: u64, as_of| events.checked_sub(1).map_or(as_of, |last| AsOf::Position(Position(last)));
        let before = runtime.life(journey, at(from_events, from))?;
        let after = runtime.life(journey, at(to_events, to))?;
        let known = |life: &Life, moment: Option<Moment>, events: u64| Known {
            as_of: moment.map(|moment| moment.to_string()),
            position: events.checked_sub(1).map(Position),
            version: life.version,
        };
        let (added, corrected, removed) = changes(&before, &after, names);
        let comparison = Comparison {
            journey,
            from: known(&before, Some(query.from), from_events),
            to: known(&after, query.to, to_events),
            on,
            added,
            corrected,
            removed,
            views: views(&runtime, &before.facts, &after.facts, on)?,
        };
        let Comparison { added, corrected, removed, views, .. } = &comparison;
        let content = (on, added, corrected, removed, views);
        answer::tagged(&headers, after.version, Some(&content), &comparison)
    };
    state.blocking.read(work).await
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

fn as_known(fact: &Fact, recorded: &Recorded, names: Names) -> Json {
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

fn views(runtime: &Runtime, before: &[Fact], after: &[Fact], on: Date) -> Result<Vec<ViewChange>, Problem> {
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
