//! What surrounds a fact: before it is on the log, and after.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Actor, Code, Event, EventId, Eyes, JourneyId, Occurred, Position, Text, Version};

/// A fact on its way to the log. It has no position, version or recording time: only the log gives those.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Chosen by whoever reports it; the same id again is the same event.
    pub event_id: EventId,
    /// Whose life it belongs to.
    pub journey: JourneyId,
    /// Who records it, as a pseudonym.
    pub actor: Actor,
    /// For whom the actor records it, where that is somebody else.
    pub on_behalf_of: Option<Actor>,
    /// Through whose eyes it was seen.
    pub eyes: Eyes,
    /// When it happened.
    pub occurred: Occurred,
    /// The event that led to this one.
    pub cause: Option<EventId>,
    /// Where it was imported from.
    pub source: Option<Source>,
    /// What happened.
    pub event: Event,
}

/// A fact as the log holds it. Two clocks: `occurred` in the life, `recorded_at` when it was written down.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Its place in the whole log.
    pub position: Position,
    /// Its place in its journey: 1 for the first.
    pub version: Version,
    /// When the log wrote it down; set by the log and by nobody else. Never falls as positions rise.
    pub recorded_at: Timestamp,
    /// What was written down.
    pub draft: Draft,
}

/// Where an imported fact stood in the system it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The system or export: `hmis`.
    pub system: Code,
    /// The table or file: `enrollment`.
    pub table: Code,
    /// The row's own key there. It can identify a person, so it is kept with the personal part.
    pub row: Option<Text>,
    /// When that system says it recorded the row. A claim of the source, never our `recorded_at`.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub recorded_at: Option<Timestamp>,
}
