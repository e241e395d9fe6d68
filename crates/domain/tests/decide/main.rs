//! What may be written down, rule by rule: given what was recorded, when something is reported, then it is taken or
//! refused by that rule.

mod amendments;
mod keys;
mod life;
mod values;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value as Json, json};
use throughline_domain::{
    Draft, Fact, Journey, RULES, Recorded, Rejection, breaks, decide,
    testing::{draft, event, journey_id, recorded},
};

/// What was recorded in journey 1: day, fact, coded part. The n-th has event id n, from 1 on.
struct Given(Vec<Draft>);

fn given(told: &[(&str, &str, Json)]) -> Given {
    let draft = |(nth, (day, name, facts)): (usize, &(&str, &str, Json))| {
        draft(journey_id(1), nth as u128 + 1, day, event(name, facts.clone()))
    };
    Given(told.iter().enumerate().map(draft).collect())
}

/// A journey opened on 2026-01-01 and enrolled the day after, and then this.
fn given_enrolled(told: &[(&str, &str, Json)]) -> Given {
    let opened = ("2026-01-01", "intake.journey-opened", json!({"role": "participant", "language": "en"}));
    let enrolled = ("2026-01-02", "intake.enrolled", json!({"enrolment": "e-1", "programme": "p"}));
    let told: Vec<_> = [opened, enrolled].into_iter().chain(told.iter().cloned()).collect();
    given(&told)
}

impl Given {
    fn recorded(&self) -> Vec<Recorded> {
        recorded(self.0.clone())
    }

    fn journey(&self) -> Journey {
        Journey::of_recorded(journey_id(1), &self.recorded())
    }

    fn when(&self, day: &str, name: &str, facts: Json) -> When {
        self.when_draft(draft(journey_id(1), 900, day, event(name, facts)))
    }

    fn when_draft(&self, draft: Draft) -> When {
        When { decided: decide(&self.journey(), draft, now()) }
    }
}

struct When {
    decided: Result<Vec<Draft>, Rejection>,
}

impl When {
    #[track_caller]
    fn taken(self) -> Vec<Draft> {
        self.decided.unwrap_or_else(|rejection| panic!("refused by {}: {rejection}", rejection.rule))
    }

    /// Refused by this rule, for the field at this pointer.
    #[track_caller]
    fn refused(self, rule: &str, pointer: &str) -> String {
        let rejection = self.decided.expect_err("it was taken");
        assert_eq!((rejection.rule, rejection.pointer.as_str()), (rule, pointer), "{}", rejection.message);
        assert!(RULES.iter().any(|known| known.code == rule), "{rule} is not listed");
        rejection.message
    }
}

fn now() -> Timestamp {
    "2026-06-15T12:00:00Z".parse().expect("an instant")
}

#[test]
fn every_rule_is_listed_once_and_has_a_test() {
    let codes: BTreeSet<&str> = RULES.iter().map(|rule| rule.code).collect();
    assert_eq!(codes.len(), RULES.len());
    let tests = concat!(
        include_str!("amendments.rs"),
        include_str!("keys.rs"),
        include_str!("life.rs"),
        include_str!("values.rs")
    );
    let untested: Vec<&str> =
        codes.into_iter().filter(|code| !tests.contains(&format!("\"{code}\""))).collect();
    assert_eq!(untested, Vec::<&str>::new());
}

/// A whole life by the rules: nothing in it is broken, told fact by fact or looked back upon.
#[test]
fn a_life_by_the_rules_breaks_none_folded_or_whole() {
    let life = given_enrolled(&[
        (
            "2026-01-02",
            "intake.plan-agreed",
            json!({"plan": "p-1", "enrolment": "e-1",
            "outcomes": [{"outcome": "o-1", "what": "stable-housing", "life_area": "housing"}]}),
        ),
        (
            "2026-01-02",
            "intake.goal-stated",
            json!({"goal": "g-1", "by": "client", "life_area": "housing", "outcome": "o-1"}),
        ),
        (
            "2026-01-03",
            "transaction.request-received",
            json!({"request": "q-1", "about": "money", "format": "phone"}),
        ),
        ("2026-01-03", "transaction.request-answered", json!({"request": "q-1", "answer": "partial"})),
        ("2026-01-04", "transaction.request-answered", json!({"request": "q-1", "answer": "full"})),
        ("2026-01-05", "transaction.concern-raised", json!({"concern": "c-1", "about": "waiting-time"})),
        ("2026-01-06", "transaction.concern-resolved", json!({"concern": "c-1", "put_right": "no"})),
        ("2026-01-07", "transaction.concern-reopened", json!({"concern": "c-1"})),
        ("2026-01-08", "transaction.concern-resolved", json!({"concern": "c-1", "put_right": "yes"})),
        ("2026-02-01", "milestone.exited", json!({"enrolment": "e-1"})),
        (
            "2026-02-01",
            "milestone.outcome-reached",
            json!({"outcome": "o-1", "what": "stable-housing", "life_area": "housing", "evidence": "lease-seen"}),
        ),
        (
            "2026-03-01",
            "milestone.follow-up-held",
            json!({"outcome": "o-1", "format": "phone", "result": "lost"}),
        ),
        ("2026-03-01", "milestone.outcome-lost", json!({"outcome": "o-1"})),
        (
            "2026-04-01",
            "milestone.outcome-reached",
            json!({"outcome": "o-1", "what": "stable-housing", "life_area": "housing", "evidence": "lease-seen"}),
        ),
    ]);
    let facts: Vec<Fact> = life.recorded().into_iter().map(Fact::unamended).collect();
    let whole = Journey::of(&facts);
    let mut before = Journey::default();
    for fact in &facts {
        assert_eq!(breaks(&before, fact), [], "told so far");
        assert_eq!(breaks(&whole, fact), [], "looked back upon");
        before.fold(fact);
    }
    assert_eq!(before, whole);
}

#[test]
fn the_state_is_the_same_after_being_stored() {
    let journey = given_enrolled(&[
        (
            "2026-01-03",
            "transaction.request-received",
            json!({"request": "q-1", "about": "money", "format": "phone"}),
        ),
        ("2026-01-04", "intake.consent-given", json!({"scope": "research"})),
        (
            "2026-01-05",
            "amendment.retracted",
            json!({"event": "00000000-0000-0000-0000-000000000004", "why": "wrong-person"}),
        ),
    ])
    .journey();
    let config = bincode::config::standard();
    let stored = bincode::serde::encode_to_vec(&journey, config).expect("it can be stored");
    let (again, _): (Journey, usize) = bincode::serde::decode_from_slice(&stored, config).expect("and read");
    assert_eq!(again, journey);
    let json = serde_json::to_value(Journey::default()).expect("an empty journey");
    assert_eq!(serde_json::from_value::<Journey>(json).expect("an empty journey"), Journey::default());
}
