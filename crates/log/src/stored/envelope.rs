//! What is sealed for one event: an envelope and the fact, in two parts.
//!
//! Facts part: u8 1 · [`EnvelopeV1`] · the fact's coded form. Personal part: u8 1 · the source row (optional text) ·
//! the fact's personal form; or nothing at all where nothing is personal.

use serde::{Deserialize, Serialize};
use throughline_domain::{Actor, Draft, Event, EventId, Eyes, JourneyId, Occurred, Precision, Source};

use super::{
    freeze::{Freeze, OccurredV1, Str},
    parts::SourceV1,
};
use crate::codec::{self, Malformed};

const VERSION: u8 = 1;

/// What surrounds every fact and is not public.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct EnvelopeV1 {
    occurred: OccurredV1,
    eyes: u8,
    on_behalf_of: Option<Str>,
    cause: Option<[u8; 16]>,
    source: Option<SourceV1>,
}

/// An event's two parts before they are sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plain {
    /// Fact and version.
    pub tag: u16,
    /// The coded part.
    pub facts: Vec<u8>,
    /// The personal part; empty where nothing is personal.
    pub personal: Vec<u8>,
}

/// What was sealed for one event.
pub(crate) struct Unpacked {
    pub occurred: Occurred,
    pub eyes: Eyes,
    pub on_behalf_of: Option<Actor>,
    pub cause: Option<EventId>,
    pub source: Option<Source>,
    pub event: Event,
}

impl Unpacked {
    /// The draft it was, with what stood in the clear.
    pub(crate) fn into_draft(self, event_id: EventId, journey: JourneyId, actor: Actor) -> Draft {
        let Self { occurred, eyes, on_behalf_of, cause, source, event } = self;
        Draft { event_id, journey, actor, on_behalf_of, eyes, occurred, cause, source, event }
    }
}

/// How exactly the time is known, as headers say it: 0 a day, 1 an instant.
pub(crate) fn precision(occurred: Occurred) -> u8 {
    match occurred.precision() {
        Precision::Day => 0,
        Precision::Instant => 1,
    }
}

/// The two parts of a draft.
pub(crate) fn pack(draft: &Draft) -> Plain {
    let envelope = EnvelopeV1 {
        occurred: draft.occurred.freeze(),
        eyes: draft.eyes.freeze(),
        on_behalf_of: draft.on_behalf_of.freeze(),
        cause: draft.cause.freeze(),
        source: draft.source.as_ref().map(SourceV1::of),
    };
    let fact = super::freeze(&draft.event);
    let mut facts = Vec::with_capacity(super::BYTES_USUAL + fact.facts.len());
    facts.push(VERSION);
    codec::encode_into(&mut facts, &envelope).expect("an envelope's fields are bounded, and of plain types");
    facts.extend_from_slice(&fact.facts);
    let row: Option<String> = draft.source.as_ref().and_then(|source| source.row.freeze());
    let mut personal = Vec::new();
    if row.is_some() || fact.personal.is_some() {
        personal.reserve(super::BYTES_USUAL / 2 + fact.personal.as_ref().map_or(0, Vec::len));
        personal.push(VERSION);
        codec::encode_into(&mut personal, &row).expect("a source row is bounded text");
        personal.extend(fact.personal.unwrap_or_default());
    }
    Plain { tag: fact.tag, facts, personal }
}

/// A draft's parts again. An empty personal part stands for one that was destroyed or never was.
pub(crate) fn unpack(tag: u16, facts: &[u8], personal: &[u8]) -> Result<Unpacked, Malformed> {
    let (envelope, facts): (EnvelopeV1, &[u8]) = split(facts)?;
    let (row, personal): (Option<String>, &[u8]) =
        if personal.is_empty() { (None, personal) } else { split(personal)? };
    Ok(Unpacked {
        occurred: Freeze::thaw(envelope.occurred)?,
        eyes: Freeze::thaw(envelope.eyes)?,
        on_behalf_of: Freeze::thaw(envelope.on_behalf_of)?,
        cause: Freeze::thaw(envelope.cause)?,
        source: envelope.source.map(|source| source.with_row(row)).transpose()?,
        event: super::thaw(tag, facts, personal)?,
    })
}

/// The value after the version byte, and what follows it.
fn split<'a, T: Deserialize<'a>>(part: &'a [u8]) -> Result<(T, &'a [u8]), Malformed> {
    let (version, rest) = part.split_first().ok_or_else(|| Malformed("the part is empty".to_owned()))?;
    if *version != VERSION {
        return Err(Malformed(format!("{version} is the version of no envelope")));
    }
    let (value, used) = codec::decode_first(rest)?;
    Ok((value, &rest[used..]))
}
