//! How people name a journey: by its UUID, or by the key another system knows the person by.

use throughline_domain::{Code, JourneyId};
use uuid::Uuid;

/// The longest key of another system, in bytes.
const KEY_BYTES_MAX: usize = 256;

/// A text that names no journey.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` names no journey; write its UUID (8-4-4-4-12 hexadecimal digits), or `source:key` such as `hmis:62547`"
)]
pub struct InvalidJourney(String);

/// The journey that `text` names: a UUID, or `source:key`, resolved in the log's secret namespace.
///
/// Any key resolves to some journey; whether the log has it, only the log knows.
pub fn journey_id(namespace: Uuid, text: &str) -> Result<JourneyId, InvalidJourney> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let invalid = || InvalidJourney(text.chars().take(80).collect());
    let (system, key) = text.split_once(':').ok_or_else(invalid)?;
    let system = Code::new(system).map_err(|_| invalid())?;
    if key.is_empty() || key.len() > KEY_BYTES_MAX {
        return Err(invalid());
    }
    Ok(JourneyId::new(Uuid::new_v5(&namespace, format!("journey/{system}:{key}").as_bytes())))
}
