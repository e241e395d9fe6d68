//! Facts as these tests write them, and lives of any kind for the properties.
#![allow(dead_code, missing_docs, reason = "each test file uses some of them, and each says what it is")]

use proptest::prelude::*;
use serde_json::json;
use throughline_domain::{Eyes, Fact};
use throughline_projection::testing::{fact, fact_in_words, nth};

pub fn opened(when: &str) -> Fact {
    fact(when, Eyes::Staff, "journey-opened", json!({"role": "participant", "language": "en"}))
}

pub fn enrolled(when: &str, programme: &str) -> Fact {
    let enrolment = format!("e-{programme}");
    fact(when, Eyes::Staff, "enrolled", json!({"enrolment": enrolment, "programme": programme}))
}

pub fn exited(when: &str, programme: &str) -> Fact {
    fact(when, Eyes::Staff, "exited", json!({"enrolment": format!("e-{programme}")}))
}

pub fn service(when: &str, life_area: &str, format: &str) -> Fact {
    let facts = json!({"service": "advice", "life_area": life_area, "format": format, "worker": "w1"});
    fact(when, Eyes::Staff, "service-delivered", facts)
}

pub fn call(when: &str, begun_by: &str) -> Fact {
    let facts = json!({"format": "phone", "begun_by": begun_by, "exchange": "two-way"});
    fact(when, Eyes::Staff, "contact-made", facts)
}

pub fn letter(when: &str) -> Fact {
    let facts = json!({"format": "written", "begun_by": "staff", "exchange": "one-way"});
    fact(when, Eyes::Staff, "contact-made", facts)
}

pub fn attempt(when: &str) -> Fact {
    let facts = json!({"format": "phone", "begun_by": "staff", "reason": "no-answer"});
    fact(when, Eyes::Staff, "contact-attempted", facts)
}

pub fn check_in(when: &str) -> Fact {
    let facts =
        json!({"format": "home-visit", "begun_by": "staff", "exchange": "two-way", "with": ["caregiver"]});
    fact_in_words(when, Eyes::Client, "check-in-held", facts, json!({"words": "it goes"}))
}

pub fn missed(when: &str) -> Fact {
    fact(when, Eyes::Staff, "check-in-missed", json!({"reason": "illness"}))
}

pub fn reading(when: &str, eyes: Eyes, measure: &str, value: f64) -> Fact {
    let scale = json!({"min": 1.0, "max": 5.0});
    let facts = json!({"instrument": "ours", "measure": measure, "value": value, "scale": scale});
    fact(when, eyes, "reading-taken", facts)
}

pub fn goal(when: &str, goal: &str, outcome: Option<&str>) -> Fact {
    let facts = json!({"goal": goal, "by": "client", "life_area": "work", "outcome": outcome});
    fact(when, Eyes::Client, "goal-stated", facts)
}

pub fn plan(when: &str, outcomes: &[&str]) -> Fact {
    let outcomes: Vec<_> = outcomes
        .iter()
        .map(|outcome| json!({"outcome": outcome, "what": "stable-employment", "life_area": "work"}))
        .collect();
    fact(when, Eyes::Staff, "plan-revised", json!({"plan": "p1", "reason": "review", "outcomes": outcomes}))
}

pub fn died(when: &str) -> Fact {
    fact(when, Eyes::Staff, "died", json!({}))
}

/// A fact of any kind that engagement takes notice of, on a day.
fn of_kind(kind: u8, when: &str, value: f64) -> Fact {
    let eyes = [Eyes::Client, Eyes::Caregiver, Eyes::Staff][usize::from(kind) % 3];
    match kind {
        0 => enrolled(when, "job-readiness"),
        1 => exited(when, "job-readiness"),
        2 => enrolled(when, "shelter"),
        3 => service(when, "housing", "in-person"),
        4 => service(when, "work", "self-service"),
        5 | 6 => call(when, "client"),
        7 => letter(when),
        8 => attempt(when),
        9 | 10 => check_in(when),
        11 => missed(when),
        12 => reading(when, eyes, "trust", value),
        13 => reading(when, Eyes::Staff, "teamwork", value),
        14 => reading(when, Eyes::Client, "alliance-bond", value),
        15 => goal(when, "g1", Some("o1")),
        16 => goal(when, "g2", None),
        17 => plan(when, &["o1", "o2"]),
        18 => plan(when, &["o2"]),
        19 => fact(
            when,
            Eyes::Staff,
            "follow-up-attempted",
            json!({"format": "phone", "reached": "not-reached"}),
        ),
        _ => {
            let fit = json!({"needed": true, "usable": value > 2.0, "tailored": true, "timely": value > 3.0});
            let facts = json!({"format": "video", "begun_by": "partner", "exchange": "two-way", "fit": fit});
            fact(when, Eyes::Partner, "contact-made", facts)
        }
    }
}

/// A life of up to sixty facts over four years, sometimes ended by death.
pub fn any_life() -> impl Strategy<Value = Vec<Fact>> {
    let day = prop_oneof![0_i64..1400, 0_i64..120, (0_i64..60).prop_map(|week| week * 7)];
    let facts = prop::collection::vec((day, 0_u8..21, 1.0_f64..5.0), 0..60);
    (facts, prop::option::weighted(0.2, 600_i64..1400)).prop_map(|(facts, death)| {
        let mut life = vec![opened("2021-01-01")];
        for (place, (day, kind, value)) in (0..).zip(facts) {
            life.push(nth(place, of_kind(kind, &on(day), value)));
        }
        life.extend(death.map(|day| died(&on(day))));
        life
    })
}

/// A day so many days into 2021 and later.
pub fn on(day: i64) -> String {
    jiff::civil::date(2021, 1, 1).saturating_add(jiff::SignedDuration::from_hours(day * 24)).to_string()
}
