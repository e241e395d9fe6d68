//! Amendments: how the record is put right without anything being overwritten.

use serde::{Deserialize, Serialize};

use crate::{Code, ErasureLevel, Event, EventId, JourneyId, Note, Nothing, Occurred};

/// An earlier event is replaced by what it should have said. It keeps its place in the journey's life.
///
/// On the wire the new fact stands beside the other coded fields as `type`, `facts` and `personal`.
#[derive(Debug, Clone, PartialEq)]
pub struct Corrected {
    /// The event put right: the original, or an earlier correction of it.
    pub event: EventId,
    /// When it really happened, where that was wrong.
    pub occurred: Option<Occurred>,
    /// What it should have said.
    pub fact: Box<Event>,
    /// Why.
    pub why: Code,
    /// A remark.
    pub personal: Note,
}

fact! {
    /// An earlier event should never have been written. A correction taken back restores what it replaced.
    Retracted, Note {
        /// The event taken back.
        event: EventId,
        /// Why.
        why: Code,
    }
}
fact! {
    /// The same person had two journeys. Written in both; the kept one now reads as both lives together.
    #[derive(Eq)]
    JourneysMerged, Note {
        /// The journey that goes on.
        kept: JourneyId,
        /// The journey that is read as part of it from now on.
        absorbed: JourneyId,
    }
}
fact! {
    /// Two persons shared one journey. Written in both; the events named now read as part of the other.
    #[derive(Eq)]
    JourneysSplit, Note {
        /// The journey that held them.
        from: JourneyId,
        /// The journey they belong to.
        into: JourneyId,
        /// The events.
        #[serde(default)]
        events: Vec<EventId>,
    }
}
fact! {
    /// A key was destroyed: what it sealed can no longer be read by anyone.
    #[derive(Eq)]
    KeyDestroyed, Nothing {
        /// How much of the journey.
        level: ErasureLevel,
        /// At whose request.
        requested_by: Code,
        /// Why.
        reason: Code,
    }
}

/// The coded fields of [`Corrected`] beside the fact itself.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CorrectedFacts {
    pub event: EventId,
    pub occurred: Option<Occurred>,
    pub why: Code,
    #[serde(rename = "type")]
    pub type_name: String,
    #[serde(default)]
    #[schema(value_type = Object)]
    pub facts: serde_json::Value,
}

/// The personal part of [`Corrected`].
#[derive(Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CorrectedPersonal {
    pub note: Option<crate::Text>,
    #[schema(value_type = Object)]
    pub personal: serde_json::Value,
}
