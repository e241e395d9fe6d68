//! The frozen form of a correction, which carries another stored fact inside.

use serde::{Deserialize, Serialize};
use throughline_domain::{Corrected, Event, Note};

use super::{
    Current, Stored,
    freeze::{Freeze, OccurredV1, Str, broken},
};
use crate::codec::Malformed;

/// The coded part: the fact inside as its tag and its own coded bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct CorrectedV1 {
    event: [u8; 16],
    occurred: Option<OccurredV1>,
    why: Str,
    tag: u16,
    facts: Vec<u8>,
}

/// The personal part: that of the fact inside as bytes, empty where there is none.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct CorrectedPersonalV1 {
    note: Option<String>,
    personal: Vec<u8>,
}

impl Current<Corrected> for CorrectedV1 {
    fn freeze(fact: &Corrected) -> (Self, CorrectedPersonalV1) {
        let Corrected { event, occurred, fact: inner, why, personal: Note { note } } = fact;
        let inner = super::freeze(inner);
        (
            Self {
                event: event.freeze(),
                occurred: occurred.freeze(),
                why: why.freeze(),
                tag: inner.tag,
                facts: inner.facts,
            },
            CorrectedPersonalV1 { note: note.freeze(), personal: inner.personal.unwrap_or_default() },
        )
    }
}

impl Stored for CorrectedV1 {
    type Personal = CorrectedPersonalV1;

    fn thaw(self, personal: CorrectedPersonalV1) -> Result<Event, Malformed> {
        let inner = super::thaw(self.tag, &self.facts, &personal.personal)?;
        if let Event::Amendment(_) = inner {
            return Err(broken("a correction holds an amendment"));
        }
        Ok(Corrected {
            event: Freeze::thaw(self.event)?,
            occurred: Freeze::thaw(self.occurred)?,
            fact: Box::new(inner),
            why: Freeze::thaw(self.why)?,
            personal: Note { note: Freeze::thaw(personal.note)? },
        }
        .into())
    }
}
