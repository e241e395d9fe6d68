//! What is posted as an event: one CloudEvent, a list of them, or one a line. What is taken in leaves as the same event.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use throughline_domain::{JourneyId, Position, Recorded, Version};
use throughline_exchange::{cloud_event, json::Sent, ndjson};

fuzz_target!(|bytes: &[u8]| {
    let journey = JourneyId::from_bytes([7; 16]);
    for (_, event) in ndjson::Events::new(bytes, Some(journey), None) {
        drop(event);
    }
    let sent: Result<Sent, _> = serde_json::from_slice(bytes);
    let value: Result<Value, _> = serde_json::from_slice(bytes);
    let is_refused = |error: &serde_json::Error| error.to_string().starts_with("no field can be called");
    if !sent.as_ref().is_err_and(is_refused) {
        assert_eq!(sent.is_ok(), value.is_ok(), "the same texts are JSON");
    }
    let (Ok(Ok(sent)), Ok(value)) = (sent.map(Sent::once), value) else { return };
    assert_eq!(sent, value, "what is named once reads as any JSON");
    for draft in cloud_event::batch_from_json(value, Some(journey), None).unwrap_or_default() {
        let recorded = Recorded {
            position: Position(0),
            version: Version(1),
            recorded_at: jiff::Timestamp::UNIX_EPOCH,
            draft,
        };
        let written = cloud_event::to_json(&recorded);
        let mut back = written.clone();
        for place in ["position", "version", "recordedat"] {
            back.as_object_mut().expect("an event is an object").remove(place);
        }
        let again = cloud_event::from_json(back, Some(journey), None);
        assert_eq!(again.as_ref(), Ok(&recorded.draft), "an event that left comes back: {written}");
    }
});
