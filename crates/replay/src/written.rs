//! Events as they leave: CloudEvents 1.0 with their place in the record, and what became of them since.

use std::collections::HashMap;

use serde_json::{Value as Json, json};
use throughline_access::Names;
use throughline_domain::{Amendment, Event, EventId, Family, JourneyId, Position, Recorded};
use throughline_exchange::cloud_event;
use throughline_log::{Closed, History};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

/// What was written down: an event, or the place of one that nobody can read any more.
#[derive(Debug, Clone)]
pub enum Written {
    /// It can be read.
    Open(Box<Recorded>),
    /// Its key was destroyed, or it was not opened.
    Closed(Closed),
}

/// Readable and closed events together, in the order of their positions.
pub fn in_order(history: History) -> Vec<Written> {
    let open = history.events.into_iter().map(|recorded| Written::Open(Box::new(recorded)));
    let mut written: Vec<Written> = open.chain(history.closed.into_iter().map(Written::Closed)).collect();
    written.sort_by_key(Written::position);
    written
}

impl Written {
    /// Its place in the log.
    pub fn position(&self) -> Position {
        match self {
            Self::Open(recorded) => recorded.position,
            Self::Closed(closed) => closed.position,
        }
    }

    /// The journey in whose stream it was written.
    pub fn journey(&self) -> JourneyId {
        match self {
            Self::Open(recorded) => recorded.draft.journey,
            Self::Closed(closed) => closed.journey,
        }
    }

    /// The event's id.
    pub fn event_id(&self) -> EventId {
        match self {
            Self::Open(recorded) => recorded.draft.event_id,
            Self::Closed(closed) => closed.event_id,
        }
    }

    /// The fact's name on the wire.
    pub fn type_name(&self) -> &str {
        match self {
            Self::Open(recorded) => recorded.draft.event.type_name(),
            Self::Closed(closed) => &closed.type_name,
        }
    }

    /// Whether the fact belongs to this family.
    pub fn is_of(&self, family: Family) -> bool {
        let mut parts = self.type_name().split('.').skip(1);
        parts.next() == Some(family.name())
    }

    /// As a CloudEvent. Without leave for names, what is personal is left out: names, contacts, words, and the source's
    /// own key of the row. An event that can no longer be read has no `data` and says `closed`.
    pub fn json(&self, names: Names) -> Json {
        match self {
            Self::Open(recorded) => {
                let mut json = cloud_event::to_json(recorded);
                if names == Names::Withheld {
                    leave_names_out(&mut json);
                }
                json
            }
            Self::Closed(closed) => json!({
                "specversion": "1.0",
                "id": closed.event_id,
                "source": cloud_event::SOURCE,
                "type": closed.type_name,
                "subject": closed.journey,
                "position": closed.position,
                "version": closed.version,
                "recordedat": closed.recorded_at.to_string(),
                "recordedby": closed.actor,
                "closed": true,
            }),
        }
    }
}

fn leave_names_out(event: &mut Json) {
    let Some(data) = event["data"].as_object_mut() else { return };
    data.remove("personal");
    if let Some(imported) = data.get_mut("imported").and_then(Json::as_object_mut) {
        imported.remove("row");
    }
}

/// Which events were put right or taken back, and by which.
#[derive(Debug, Default)]
pub struct Amended {
    /// The last correction in force, by the original event.
    corrected_by: HashMap<EventId, EventId>,
    retracted_by: HashMap<EventId, EventId>,
    /// The original event that a correction reaches in the end.
    corrects: HashMap<EventId, EventId>,
}

impl Amended {
    /// Reads the amendments among these events, in the order of their positions. Whether a retraction is in force,
    /// only later ones decide; so those are read from the last to the first.
    pub fn of(recorded: &[Recorded]) -> Self {
        let mut amended = Self::default();
        for recorded in recorded.iter().rev() {
            let id = recorded.draft.event_id;
            if let Event::Amendment(Amendment::Retracted(retracted)) = &recorded.draft.event
                && !amended.retracted_by.contains_key(&id)
            {
                amended.retracted_by.insert(retracted.event, id);
            }
        }
        for recorded in recorded {
            let id = recorded.draft.event_id;
            if let Event::Amendment(Amendment::Corrected(corrected)) = &recorded.draft.event {
                let original = amended.original(corrected.event);
                amended.corrects.insert(id, original);
                if !amended.retracted_by.contains_key(&id) {
                    amended.corrected_by.insert(original, id);
                }
            }
        }
        amended
    }

    fn original(&self, event: EventId) -> EventId {
        self.corrects.get(&event).copied().unwrap_or(event)
    }

    /// The correction in force for this event, where it is not that one itself.
    pub fn corrected_by(&self, event: EventId) -> Option<EventId> {
        self.corrected_by.get(&self.original(event)).copied().filter(|last| *last != event)
    }

    /// The retraction in force for this event.
    pub fn retracted_by(&self, event: EventId) -> Option<EventId> {
        self.retracted_by.get(&event).copied()
    }
}

/// Marks an event as it leaves with what became of it.
pub fn mark(json: &mut Json, corrected_by: Option<EventId>, retracted_by: Option<EventId>) {
    let Some(attributes) = json.as_object_mut() else { return };
    for (name, by) in [("correctedby", corrected_by), ("retractedby", retracted_by)] {
        if let Some(by) = by {
            attributes.insert(name.to_owned(), json!(by));
        }
    }
}

/// An event as it leaves.
pub struct WrittenEvent;

impl PartialSchema for WrittenEvent {
    fn schema() -> RefOr<Schema> {
        let text = |about: &str| json!({ "type": "string", "description": about });
        let id = |about: &str| json!({ "type": "string", "format": "uuid", "description": about });
        let number = |about: &str| json!({ "type": "integer", "minimum": 0, "description": about });
        let schema = json!({
            "type": "object",
            "description": "An event as it leaves: a CloudEvent with its place in the record, and what became of it.",
            "required": ["specversion", "id", "source", "type", "subject", "position", "version", "recordedat"],
            "properties": {
                "specversion": { "type": "string", "enum": ["1.0"] },
                "id": id("The event"),
                "source": text("Always `throughline`"),
                "type": text("The fact's name"),
                "subject": id("The journey"),
                "time": { "type": "string", "format": "date-time", "description": "When it happened, where the instant is known" },
                "datacontenttype": { "type": "string", "enum": ["application/json"] },
                "position": number("Its place in the log, from 0"),
                "version": number("Its place in its journey, from 1"),
                "recordedat": { "type": "string", "format": "date-time", "description": "When it was written down" },
                "correctedby": id("The correction in force"),
                "retractedby": id("The retraction in force"),
                "closed": { "type": "boolean", "description": "Set where its key was destroyed: there is no `data`" },
                "recordedby": text("Who recorded it, where it is closed"),
                "data": { "type": "object", "description": "As in the schema of its type" },
            },
        });
        serde_json::from_value(schema).expect("a schema written here is one")
    }
}

impl ToSchema for WrittenEvent {}
