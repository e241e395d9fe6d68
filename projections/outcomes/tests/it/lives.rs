//! Facts that lives are made of, each on a day counted from 1 January 2024.

use jiff::{ToSpan, civil::Date};
use serde_json::json;
use throughline_domain::{
    Eyes::{Client, Staff},
    Fact,
};
use throughline_outcomes::{Outcome, Outcomes};
use throughline_projection::testing::{Given, fact, given};

/// The date so many days after 1 January 2024.
pub fn day(days: i32) -> String {
    date(days).to_string()
}

pub fn date(days: i32) -> Date {
    Date::constant(2024, 1, 1).checked_add(i64::from(days).days()).expect("a day within the calendar")
}

pub fn life(facts: impl IntoIterator<Item = Fact>) -> Given<Outcomes> {
    given::<Outcomes>(facts)
}

/// The first outcome of this life on a day.
pub fn outcome(life: &Given<Outcomes>, on: i32) -> Outcome {
    life.on(&day(on)).outcomes.remove(0)
}

pub fn opened(on: i32) -> Fact {
    fact(&day(on), Staff, "journey-opened", json!({ "role": "participant", "language": "en" }))
}

pub fn enrolled(on: i32, enrolment: &str) -> Fact {
    let facts = json!({ "enrolment": enrolment, "programme": "homeward", "template_version": "v2" });
    fact(&day(on), Staff, "enrolled", facts)
}

pub fn plan(on: i32) -> Fact {
    plan_with(on, json!({}))
}

/// A plan for the outcome `home` with more fields.
pub fn plan_with(on: i32, more: serde_json::Value) -> Fact {
    fact(&day(on), Staff, "plan-agreed", with(said("home"), more))
}

pub fn revised_to(on: i32, outcome: &str, more: serde_json::Value) -> Fact {
    fact(
        &day(on),
        Staff,
        "plan-revised",
        with(with(said(outcome), json!({ "reason": "client-asked" })), more),
    )
}

fn said(outcome: &str) -> serde_json::Value {
    json!({ "plan": "p1", "outcomes": [{ "outcome": outcome, "what": "stable-housing", "life_area": "housing" }] })
}

fn with(mut facts: serde_json::Value, more: serde_json::Value) -> serde_json::Value {
    if let (Some(facts), serde_json::Value::Object(more)) = (facts.as_object_mut(), more) {
        facts.extend(more);
    }
    facts
}

pub fn service(on: i32, enrolment: Option<&str>) -> Fact {
    let facts = json!({
        "enrolment": enrolment, "service": "housing-search", "life_area": "housing", "format": "in-person"
    });
    fact(&day(on), Staff, "service-delivered", facts)
}

pub fn contact(on: i32) -> Fact {
    let facts = json!({ "format": "phone", "begun_by": "staff", "exchange": "two-way" });
    fact(&day(on), Staff, "contact-made", facts)
}

pub fn check_in(on: i32) -> Fact {
    let facts = json!({ "format": "phone", "begun_by": "staff", "exchange": "two-way" });
    fact(&day(on), Client, "check-in-held", facts)
}

pub fn milestone(on: i32) -> Fact {
    fact(&day(on), Staff, "milestone-reached", json!({ "milestone": "papers-in-order" }))
}

pub fn completed(on: i32, enrolment: &str) -> Fact {
    fact(&day(on), Staff, "programme-completed", json!({ "enrolment": enrolment }))
}

pub fn exited(on: i32, enrolment: &str, to: &str) -> Fact {
    let facts = json!({ "enrolment": enrolment, "reason": "moved", "destination": { "kind": to } });
    fact(&day(on), Staff, "exited", facts)
}

pub fn reached(on: i32) -> Fact {
    reached_in(on, "home", None)
}

pub fn reached_in(on: i32, outcome: &str, enrolment: Option<&str>) -> Fact {
    let facts = json!({
        "outcome": outcome, "what": "stable-housing", "life_area": "housing", "enrolment": enrolment,
        "evidence": "lease-seen"
    });
    fact(&day(on), Staff, "outcome-reached", facts)
}

pub fn lost(on: i32) -> Fact {
    fact(&day(on), Staff, "outcome-lost", json!({ "outcome": "home", "reason": "evicted" }))
}

pub fn look(on: i32, result: &str) -> Fact {
    look_in(on, Some("home"), None, result)
}

pub fn look_in(on: i32, outcome: Option<&str>, window: Option<&str>, result: &str) -> Fact {
    let facts = json!({ "outcome": outcome, "window": window, "format": "phone", "result": result });
    fact(&day(on), Client, "follow-up-held", facts)
}

pub fn tried(on: i32, reached: &str) -> Fact {
    let facts = json!({ "outcome": "home", "format": "phone", "reached": reached, "reason": "no-answer" });
    fact(&day(on), Staff, "follow-up-attempted", facts)
}

pub fn died(on: i32) -> Fact {
    fact(&day(on), Staff, "died", json!({}))
}

pub fn erased(on: i32, level: &str) -> Fact {
    let facts = json!({ "level": level, "requested_by": "client", "reason": "client-asked" });
    fact(&day(on), Staff, "key-destroyed", facts)
}

pub fn difficulty(on: i32, name: &str) -> Fact {
    let facts = json!({ "difficulty": name, "life_area": "housing", "kind": "no-deposit" });
    fact(&day(on), Client, "difficulty-reported", facts)
}

pub fn overcome(on: i32, name: &str) -> Fact {
    fact(&day(on), Client, "difficulty-overcome", json!({ "difficulty": name }))
}

pub fn measured(on: i32, indicator: &str, value: f64) -> Fact {
    fact(&day(on), Staff, "indicator-measured", json!({ "indicator": indicator, "value": value }))
}

pub fn grown(on: i32, into: &str) -> Fact {
    fact(&day(on), Staff, "relationship-grown", json!({ "into": into }))
}
