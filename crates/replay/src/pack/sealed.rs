//! Events as they were sealed, one a line, each with what opens it and nothing else.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::{Deserialize, Serialize};
use throughline_domain::EventId;
use throughline_log::{SealedEvent, SealedPart};
use throughline_proof::TlogProof;

/// One event as it was sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    pub position: u64,
    id: EventId,
    tag: u16,
    nonce: String,
    facts: PartLine,
    personal: PartLine,
}

/// One part: base64 of its bytes, and of what opens them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartLine {
    sealed: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    opening: Option<String>,
}

impl Line {
    pub fn of(event: &SealedEvent) -> Self {
        let part = |part: &SealedPart| PartLine {
            sealed: BASE64.encode(&part.sealed),
            opening: part.opening.map(|opening| BASE64.encode(opening)),
        };
        Self {
            position: event.proof.index,
            id: event.event_id,
            tag: event.tag,
            nonce: BASE64.encode(event.nonce),
            facts: part(&event.facts),
            personal: part(&event.personal),
        }
    }

    /// The line, without its end.
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("texts and numbers are JSON")
    }

    /// Reads a line, written the one way.
    pub fn parse(line: &str) -> Result<Self, String> {
        let read: Self = serde_json::from_str(line).map_err(|error| error.to_string())?;
        if read.text() == line { Ok(read) } else { Err("it is written otherwise than packs are".to_owned()) }
    }

    /// The event that it and its proof are of.
    pub fn event(&self, proof: TlogProof) -> Result<SealedEvent, String> {
        let part = |part: &PartLine| -> Result<SealedPart, String> {
            let opening = part.opening.as_deref().map(fixed).transpose()?;
            Ok(SealedPart { sealed: bytes(&part.sealed)?, opening })
        };
        Ok(SealedEvent {
            proof,
            event_id: self.id,
            tag: self.tag,
            nonce: fixed(&self.nonce)?,
            facts: part(&self.facts)?,
            personal: part(&self.personal)?,
        })
    }

    /// Whether there is a personal part.
    pub fn is_personal(&self) -> bool {
        !self.personal.sealed.is_empty()
    }

    /// Whether there is what opens it.
    pub fn names_are_opened(&self) -> bool {
        self.personal.opening.is_some()
    }
}

fn bytes(text: &str) -> Result<Vec<u8>, String> {
    BASE64.decode(text).map_err(|error| format!("base64: {error}"))
}

fn fixed<const N: usize>(text: &str) -> Result<[u8; N], String> {
    bytes(text)?.try_into().map_err(|_| format!("what should be {N} bytes is not"))
}
