//! An erasure as text: the order while it is under way, the certificate once it is done. Both are lines of a name and a
//! value; a certificate has a signature below.

use jiff::{Timestamp, tz::Offset};
use serde::Serialize;
use throughline_domain::{
    Actor, Amendment, Code, Draft, ErasureLevel, Event, EventId, Eyes, JourneyId, KeyDestroyed, Nothing,
    Occurred, Position, Recorded,
};
use throughline_proof::{Note, SigningKey, VerifierKey};

const ORDER_WORDS: &str = "throughline order to erase, format 1";
const CERTIFICATE_WORDS: &str = "throughline certificate of erasure, format 1";

/// At whose request and why keys are destroyed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// At whose request: `client`, `guardian`, `court`. Never a name.
    pub requested_by: Code,
    /// Why: `asked`, `retention-ended`. About no person.
    pub reason: Code,
    /// Who ordered it here, as a pseudonym.
    pub actor: Actor,
}

/// That keys of a journey were destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Certificate {
    /// The journey.
    pub journey: JourneyId,
    /// How much of it: `identity`, its names, words and source rows; `all`, its coded facts too.
    pub level: ErasureLevel,
    /// At whose request.
    pub requested_by: Code,
    /// Why.
    pub reason: Code,
    /// Who ordered it, as a pseudonym.
    pub actor: Actor,
    /// When it was ordered.
    #[schema(value_type = String, format = DateTime)]
    pub ordered_at: Timestamp,
    /// The event that tells of it.
    pub event_id: EventId,
    /// Where that event stood in the log when the certificate was signed.
    pub position: Position,
    /// When the event was written down.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Timestamp,
    /// Events of the journey before it.
    pub events: u64,
    /// The certificate itself: a text with the log's signature below it, in the form of a signed note.
    pub note: String,
}

/// An erasure that is to be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Order {
    pub journey: JourneyId,
    pub level: ErasureLevel,
    pub words: Erasure,
    pub at: Timestamp,
    pub event_id: EventId,
}

impl Order {
    /// The event that tells of it. Made twice it is the same, so that it is recorded once.
    pub(crate) fn draft(&self) -> Draft {
        let destroyed = KeyDestroyed {
            level: self.level,
            requested_by: self.words.requested_by.clone(),
            reason: self.words.reason.clone(),
            personal: Nothing::default(),
        };
        Draft {
            event_id: self.event_id,
            journey: self.journey,
            actor: self.words.actor.clone(),
            on_behalf_of: None,
            eyes: Eyes::Staff,
            occurred: Occurred::At(self.at, Offset::UTC),
            cause: None,
            source: None,
            event: destroyed.into(),
        }
    }

    /// The order behind an event that tells of an erasure.
    pub(crate) fn of(recorded: &Recorded) -> Option<Self> {
        let Event::Amendment(Amendment::KeyDestroyed(destroyed)) = &recorded.draft.event else { return None };
        Some(Self {
            journey: recorded.draft.journey,
            level: destroyed.level,
            words: Erasure {
                requested_by: destroyed.requested_by.clone(),
                reason: destroyed.reason.clone(),
                actor: recorded.draft.actor.clone(),
            },
            at: match recorded.draft.occurred {
                Occurred::At(at, _) => at,
                Occurred::On(_) => recorded.recorded_at,
            },
            event_id: recorded.draft.event_id,
        })
    }

    pub(crate) fn to_text(&self) -> String {
        format!("{ORDER_WORDS}\n{}", self.lines())
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::read(&mut Lines::after(ORDER_WORDS, text)?)
    }

    fn lines(&self) -> String {
        let Self { journey, level, words: Erasure { requested_by, reason, actor }, at, event_id } = self;
        format!(
            "journey {journey}\nlevel {level}\nrequested by {requested_by}\nreason {reason}\nordered by {actor}\n\
             ordered at {at}\nevent {event_id}\n"
        )
    }

    fn read(lines: &mut Lines<'_>) -> Option<Self> {
        let journey = lines.value("journey ")?.parse().ok()?;
        let level = lines.value("level ")?;
        Some(Self {
            journey,
            level: ErasureLevel::ALL.iter().copied().find(|known| known.code() == level)?,
            words: Erasure {
                requested_by: Code::new(lines.value("requested by ")?).ok()?,
                reason: Code::new(lines.value("reason ")?).ok()?,
                actor: Actor::new(lines.value("ordered by ")?).ok()?,
            },
            at: lines.value("ordered at ")?.parse().ok()?,
            event_id: lines.value("event ")?.parse().ok()?,
        })
    }
}

impl Certificate {
    /// Signs what an order became.
    pub(crate) fn sign(order: &Order, told: &Recorded, key: &SigningKey) -> Self {
        let events = told.version.0.saturating_sub(1);
        let text = format!(
            "{CERTIFICATE_WORDS}\n{}position {}\nrecorded at {}\nevents before {events}\n{}",
            order.lines(),
            told.position,
            told.recorded_at,
            in_words(order.level),
        );
        let mut note = Note::new(&text).expect("codes, ids and times have no control characters");
        note.add(key.sign(&text)).expect("the first signature has room");
        Self::of(order.clone(), told.position, told.recorded_at, events, note.to_string())
    }

    /// Reads one that was signed by this key.
    pub(crate) fn open(note: &str, key: &VerifierKey) -> Result<Self, String> {
        let malformed = || "this is no certificate of an erasure".to_owned();
        let parsed = Note::parse(note).map_err(|_| malformed())?;
        let text = parsed
            .verify(key)
            .map_err(|error| format!("it is not signed by this log, or was changed ({error})"))?;
        let read = || {
            let mut lines = Lines::after(CERTIFICATE_WORDS, text)?;
            let order = Order::read(&mut lines)?;
            let position = Position(lines.value("position ")?.parse().ok()?);
            let recorded_at = lines.value("recorded at ")?.parse().ok()?;
            let events = lines.value("events before ")?.parse().ok()?;
            Some(Self::of(order, position, recorded_at, events, note.to_owned()))
        };
        read().ok_or_else(malformed)
    }

    /// What was carried out.
    pub(crate) fn order(&self) -> Order {
        Order {
            journey: self.journey,
            level: self.level,
            words: Erasure {
                requested_by: self.requested_by.clone(),
                reason: self.reason.clone(),
                actor: self.actor.clone(),
            },
            at: self.ordered_at,
            event_id: self.event_id,
        }
    }

    fn of(order: Order, position: Position, recorded_at: Timestamp, events: u64, note: String) -> Self {
        let Order { journey, level, words: Erasure { requested_by, reason, actor }, at, event_id } = order;
        Self {
            journey,
            level,
            requested_by,
            reason,
            actor,
            ordered_at: at,
            event_id,
            position,
            recorded_at,
            events,
            note,
        }
    }
}

/// What a certificate says to a person.
fn in_words(level: ErasureLevel) -> &'static str {
    match level {
        ErasureLevel::Identity => {
            "The key that sealed the names, contacts, words and source rows of this journey was destroyed.\n\
             They can no longer be read here by anyone. Its coded facts stay, under a pseudonym.\n\
             Copies of the key elsewhere, as in a backup of keys from before, are not reached by this.\n"
        }
        ErasureLevel::All => {
            "The keys that sealed this journey were destroyed: its names and words, its coded facts, and what views \
             kept of it.\n\
             They can no longer be read here by anyone. That the journey was, and when it was written to, stays.\n\
             Copies of the keys elsewhere, as in a backup of keys from before, are not reached by this.\n"
        }
    }
}

/// Lines of a name and a value.
struct Lines<'a>(std::str::Lines<'a>);

impl<'a> Lines<'a> {
    fn after(first: &str, text: &'a str) -> Option<Self> {
        let mut lines = text.lines();
        (lines.next()? == first).then_some(Self(lines))
    }

    fn value(&mut self, name: &str) -> Option<&'a str> {
        self.0.next()?.strip_prefix(name)
    }
}
