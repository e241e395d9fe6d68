//! A client of an HMIS project of whom everything is known, to be made worse one thing at a time.

#![allow(clippy::needless_pass_by_value, reason = "a test says what it means with a literal")]

use serde_json::{Map, Value, json};
use throughline_domain::{Eyes, Fact};
use throughline_projection::testing::{Given, fact, fact_in_words, given};
use throughline_quality::Quality;

/// The day of entry of every client here.
pub const ENTRY: &str = "2026-03-02";

#[derive(Debug, Clone)]
pub struct Client {
    opened: Value,
    born: Option<&'static str>,
    enrolled: Value,
    intake: Option<Value>,
    more: Vec<Fact>,
}

/// A veteran in transitional housing, head of a household, of whom everything is known.
pub fn client() -> Client {
    Client::in_project(2)
}

impl Client {
    pub fn in_project(kind: u8) -> Self {
        let opened = json!({
            "name-quality": "full", "ssn-quality": "full", "birth-quality": "full", "race": "white",
            "veteran": true, "military-branch": "army", "discharge": "honourable",
            "service-from-year": 1999, "service-until-year": 2004,
            "served-world-war-ii": false, "served-korea": false, "served-vietnam": false,
            "served-desert-storm": false, "served-afghanistan": true, "served-iraq-oif": false,
            "served-iraq-ond": false, "served-elsewhere": false,
        });
        let enrolled = json!({
            "enrolment": "e1", "programme": "hmis-7", "site": "xx-501", "household": "h1",
            "relationship": "head", "attributes": {"project-type": format!("hmis-{kind}")},
        });
        let intake = json!({
            "living-situation": "hospital", "length-of-stay": "year-or-longer", "disability": false,
            "times-homeless-3y": "twice", "months-homeless-3y": 5, "age-band": "35-44",
        });
        let more =
            ["income-any", "benefits", "insurance"].map(|any| measured(ENTRY, any, "entry", json!(false)));
        Self { opened, born: Some("1980-05-06"), enrolled, intake: Some(intake), more: more.to_vec() }
    }

    /// Says this at the opening, `null` for nothing.
    pub fn opened(self, name: &str, value: Value) -> Self {
        Self { opened: set(self.opened, name, value), ..self }
    }

    pub fn born(self, born: Option<&'static str>) -> Self {
        Self { born, ..self }
    }

    /// Says this of the enrolment.
    pub fn enrolled(self, name: &str, value: Value) -> Self {
        Self { enrolled: set(self.enrolled, name, value), ..self }
    }

    /// Answers this at intake.
    pub fn asked(self, answers: Value) -> Self {
        let mut intake = self.intake.unwrap_or_else(|| json!({}));
        for (name, value) in answers.as_object().expect("answers by name") {
            intake = set(intake, name, value.clone());
        }
        Self { intake: Some(intake), ..self }
    }

    pub fn without_intake(self) -> Self {
        Self { intake: None, ..self }
    }

    /// One more fact.
    pub fn and(mut self, fact: Fact) -> Self {
        self.more.push(fact);
        self
    }

    /// Nothing is measured of this kind at this stage.
    pub fn unmeasured(mut self, indicator: &str, stage: &str) -> Self {
        self.more.retain(|fact| {
            let facts = fact.event.facts_json();
            !(facts["indicator"] == indicator && facts["stage"] == stage)
        });
        self
    }

    /// Leaves, with every answer at exit.
    pub fn left(self, when: &str, destination: &str) -> Self {
        let mut left = self.and(exited(when, destination));
        for any in ["income-any", "insurance"] {
            left = left.and(measured(when, any, "exit", json!(false)));
        }
        left
    }

    pub fn facts(&self) -> Vec<Fact> {
        let opened = json!({"role": "participant", "language": "en", "attributes": self.opened});
        let mut facts = vec![
            fact_in_words(ENTRY, Eyes::Staff, "journey-opened", opened, json!({"born": self.born})),
            said(ENTRY, "enrolled", self.enrolled.clone()),
        ];
        facts.extend(self.intake.clone().map(|answers| intake(ENTRY, answers)));
        facts.extend(self.more.clone());
        facts
    }

    pub fn given(&self) -> Given<Quality> {
        given(self.facts())
    }

    /// The rules broken on a day, in the order of the answer.
    pub fn rules(&self, on: &str) -> Vec<String> {
        self.given().on(on).problems.into_iter().map(|problem| problem.rule.to_string()).collect()
    }
}

fn set(object: Value, name: &str, value: Value) -> Value {
    let mut object: Map<String, Value> = serde_json::from_value(object).expect("an object");
    if value.is_null() {
        object.remove(name);
    } else {
        object.insert(name.to_owned(), value);
    }
    Value::Object(object)
}

pub fn said(when: &str, name: &str, facts: Value) -> Fact {
    fact(when, Eyes::Staff, name, facts)
}

pub fn intake(when: &str, answers: Value) -> Fact {
    said(when, "intake-held", json!({"enrolment": "e1", "attributes": answers}))
}

pub fn measured(when: &str, indicator: &str, stage: &str, value: Value) -> Fact {
    said(
        when,
        "indicator-measured",
        json!({"enrolment": "e1", "indicator": indicator, "stage": stage, "value": value}),
    )
}

/// An exit to a destination of the list: `hmis-410`.
pub fn exited(when: &str, destination: &str) -> Fact {
    let kind = if destination.starts_with("hmis-4") { "permanent" } else { "unknown" };
    said(when, "exited", json!({"enrolment": "e1", "destination": {"kind": kind, "code": destination}}))
}

pub fn moved_in(when: &str) -> Fact {
    said(when, "milestone-reached", json!({"enrolment": "e1", "milestone": "moved-in"}))
}

pub fn night(when: &str) -> Fact {
    let facts =
        json!({"enrolment": "e1", "service": "bed-night", "life_area": "housing", "format": "unknown"});
    said(when, "service-delivered", facts)
}

pub fn contact(when: &str) -> Fact {
    let facts = json!({"enrolment": "e1", "format": "outreach", "begun_by": "staff", "exchange": "two-way"});
    said(when, "check-in-held", facts)
}

/// Another stay of the same client, in a project of this type.
pub fn also_enrolled(when: &str, enrolment: &str, programme: &str, household: &str, kind: u8) -> Fact {
    let facts = json!({
        "enrolment": enrolment, "programme": programme, "site": "xx-501", "household": household,
        "relationship": "head", "attributes": {"project-type": format!("hmis-{kind}")},
    });
    said(when, "enrolled", facts)
}
