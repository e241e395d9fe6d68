//! Events as programs send them.

use serde_json::{Value as Json, json};

/// The journey that most tests write to.
pub const ANNA: &str = "00000000-0000-4000-8000-00000000a001";

/// The n-th event id.
pub fn id(n: u64) -> String {
    format!("00000000-0000-4000-8000-{n:012x}")
}

/// A fact as a CloudEvent.
pub fn event(n: u64, fact: &str, occurred: &str, facts: &Json) -> Json {
    json!({
        "specversion": "1.0", "id": id(n), "source": "/tests", "type": format!("throughline.{fact}.v1"),
        "data": { "occurred": occurred, "eyes": "staff", "actor": "worker:w17", "facts": facts },
    })
}

/// A journey opened on 1 March 2026.
pub fn opened(n: u64) -> Json {
    event(n, "intake.journey-opened", "2026-03-01", &json!({ "role": "participant", "language": "af" }))
}

/// An enrolment on 2 March 2026.
pub fn enrolled(n: u64) -> Json {
    let facts = json!({ "enrolment": "e-1", "programme": "housing", "site": "north", "worker": "w17" });
    event(n, "intake.enrolled", "2026-03-02", &facts)
}

/// A talk on the phone that the client began.
pub fn contact(n: u64, on: &str) -> Json {
    event(n, "transaction.contact-made", on, &talk())
}

/// A correction of the day on which that talk was held.
pub fn contact_corrected(n: u64, of: u64, to: &str) -> Json {
    let facts = json!({
        "event": id(of), "occurred": to, "why": "wrong-day",
        "type": "throughline.transaction.contact-made.v1", "facts": talk(),
    });
    event(n, "amendment.corrected", to, &facts)
}

fn talk() -> Json {
    json!({ "format": "phone", "begun_by": "client", "exchange": "two-way" })
}
