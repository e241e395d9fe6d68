//! Examples for tests of this crate and of those that build on it; behind the feature `testing`.

use jiff::{Timestamp, civil::Date};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::{Actor, Draft, Event, EventId, Eyes, Fact, JourneyId, Occurred, Position, Recorded, Version};

const EXAMPLES: &str = include_str!("examples.json");

/// At least one of every fact in the catalogue, in its order; between them every field is filled once.
///
/// Stored golden bytes are made from these: add at the end of a fact's examples, and never change one.
pub fn examples() -> Vec<Event> {
    examples_json()
        .into_iter()
        .map(|(type_name, facts, personal)| {
            Event::from_json(&type_name, facts, personal).expect("an example is an event of the catalogue")
        })
        .collect()
}

/// The same as on the wire: name, coded part, personal part.
pub fn examples_json() -> Vec<(String, Json, Json)> {
    let examples: Vec<Json> = serde_json::from_str(EXAMPLES).expect("the examples are a JSON list");
    let part = |example: &Json, name: &str| example[name].clone();
    examples
        .iter()
        .map(|example| {
            let type_name = example["type"].as_str().expect("an example has a type").to_owned();
            (type_name, part(example, "facts"), part(example, "personal"))
        })
        .collect()
}

/// The n-th event id: short to write, the same in every run, and in the order of n.
pub fn event_id(n: u128) -> EventId {
    EventId::new(Uuid::from_u128(n))
}

/// The n-th journey id.
pub fn journey_id(n: u128) -> JourneyId {
    JourneyId::new(Uuid::from_u128(0x1000_0000_0000_0000_0000_0000_0000_0000 + n))
}

/// The day written as `2026-03-01`.
pub fn day(text: &str) -> Date {
    text.parse().expect("a date in a test")
}

/// A fact as the client tells it, on a date or at an instant.
pub fn fact(id: u128, occurred: &str, event: impl Into<Event>) -> Fact {
    let draft = draft(journey_id(1), id, occurred, event);
    Fact {
        id: draft.event_id,
        occurred: draft.occurred,
        eyes: draft.eyes,
        actor: draft.actor,
        on_behalf_of: draft.on_behalf_of,
        event: draft.event,
    }
}

/// A draft by `worker:w1`, seen through the client's eyes.
pub fn draft(journey: JourneyId, id: u128, occurred: &str, event: impl Into<Event>) -> Draft {
    Draft {
        event_id: event_id(id),
        journey,
        actor: Actor::new("worker:w1").expect("an actor in a test"),
        on_behalf_of: None,
        eyes: Eyes::Client,
        occurred: occurred.parse::<Occurred>().expect("a date or instant in a test"),
        cause: None,
        source: None,
        event: event.into(),
    }
}

/// An event of the catalogue from its short wire name (`check-in.check-in-missed`) and coded part.
pub fn event(name: &str, facts: Json) -> Event {
    Event::from_json(&format!("throughline.{name}.v1"), facts, Json::Null)
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// These drafts as a log would hold them: positions from 0, versions by journey, one second apart from
/// 2026-01-01T00:00:00Z on.
pub fn recorded(drafts: Vec<Draft>) -> Vec<Recorded> {
    let mut versions = std::collections::HashMap::new();
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().expect("an instant");
    let mut position = 0;
    drafts
        .into_iter()
        .map(|draft| {
            let version = versions.entry(draft.journey).or_insert(0);
            *version += 1;
            let seconds = i64::try_from(position).expect("a test's log is short");
            let recorded = Recorded {
                position: Position(position),
                version: Version(*version),
                recorded_at: start + jiff::SignedDuration::from_secs(seconds),
                draft,
            };
            position += 1;
            recorded
        })
        .collect()
}
