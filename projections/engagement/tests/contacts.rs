//! Which facts are contact, one by one, as the table in the crate's documentation says.

mod given;

use given::{call, check_in, died, enrolled, letter, missed, opened, reading, service};
use serde_json::{Value as Json, json};
use throughline_domain::{Eyes, Fact};
use throughline_engagement::Engagement;
use throughline_projection::{
    Answers, Figure, Programmes,
    testing::{date, fact, given},
};

const DAY: &str = "2025-03-01";

/// Whether the fact alone is a two-way contact, and how many contacts the client began of those that tell.
fn said_of(fact: Fact) -> (bool, Option<(u32, u32)>) {
    let answer = given::<Engagement>([fact]).on(DAY);
    let began = answer.now.and_then(|now| now.depth.client_began);
    (answer.silence.days == Some(0), began.map(|began| (began.numerator, began.denominator)))
}

fn seen(eyes: Eyes, name: &str, facts: Json) -> (bool, Option<(u32, u32)>) {
    said_of(fact(DAY, eyes, name, facts))
}

#[test]
fn what_the_client_begins_is_contact_the_client_began() {
    let by_client = (true, Some((1, 1)));
    let request = |format: &str| json!({"request": "r1", "about": "rent", "format": format});
    assert_eq!(seen(Eyes::Client, "request-received", request("written")), by_client);
    assert_eq!(seen(Eyes::Client, "request-received", request("self-service")), (false, Some((1, 1))));
    let concern = || json!({"concern": "c1", "about": "noise"});
    assert_eq!(seen(Eyes::Client, "concern-raised", concern()), by_client);
    assert_eq!(seen(Eyes::Client, "concern-reopened", json!({"concern": "c1"})), by_client);
    assert_eq!(seen(Eyes::Partner, "concern-raised", concern()), (false, None));
    assert_eq!(seen(Eyes::Staff, "gift-received", json!({"gift": "g1", "kind": "money"})), by_client);
}

#[test]
fn meetings_and_shifts_are_contact_that_does_not_tell_who_began() {
    assert_eq!(seen(Eyes::Staff, "intake-held", json!({})), (true, None));
    assert_eq!(
        seen(Eyes::Staff, "shift-worked", json!({"shift": "s1", "task": "cook", "minutes": 90})),
        (true, None)
    );
    assert_eq!(said_of(service(DAY, "housing", "unknown")), (true, None));
}

#[test]
fn acts_of_the_organisation_and_things_noted_are_no_contact() {
    for (name, facts) in [
        ("enrolled", json!({"enrolment": "e1", "programme": "jobs"})),
        ("request-answered", json!({"request": "r1", "answer": "full"})),
        ("concern-acknowledged", json!({"concern": "c1"})),
        ("concern-resolved", json!({"concern": "c1", "put_right": "yes"})),
        ("thanks-sent", json!({"format": "written"})),
        ("support-paid", json!({"purpose": "rent", "amount": {"minor": 100, "currency": "zar"}})),
        ("referral-made", json!({"referral": "r1", "to": "clinic"})),
        ("life-event-noted", json!({"kind": "new-job"})),
        ("indicator-measured", json!({"indicator": "income", "value": 12.0})),
        ("plan-agreed", json!({"plan": "p1", "outcomes": []})),
    ] {
        assert_eq!(seen(Eyes::Staff, name, facts), (false, None), "{name}");
    }
}

#[test]
fn figures_say_who_is_missing_and_why() {
    let lives = [
        given::<Engagement>([opened("2025-02-01"), call("2025-02-10", "client"), letter("2025-02-20")]),
        given([enrolled("2025-02-01", "jobs"), service("2025-02-25", "work", "phone"), missed("2025-02-27")]),
        given([check_in("2025-02-26"), reading("2025-02-26", Eyes::Staff, "trust", 4.0)]),
        given([opened("2025-02-01")]),
        given([call("2025-01-01", "client"), died("2025-02-01")]),
        given([opened("2025-04-01")]),
    ];
    let mut tally = <Engagement as Answers>::Tally::default();
    for life in &lives {
        Engagement::tally(&mut tally, &life.view, date(DAY), &Programmes::default());
    }
    let figures = Engagement::figures(tally);
    let figure = |name: &str| -> &Figure { figures.iter().find(|figure| figure.name == name).unwrap() };
    let counted = |name: &str| (figure(name).numerator, figure(name).denominator);
    let missing = |name: &str| -> Vec<(&str, u64)> {
        figure(name).missing.iter().map(|missing| (missing.reason, missing.count.unwrap())).collect()
    };
    assert_eq!(figure("clients").value, Some(5.0));
    assert_eq!(counted("clients-in-touch"), (Some(3.0), Some(3)));
    assert_eq!(missing("clients-in-touch"), [("no-contact-yet", 1), ("deceased", 1)]);
    assert_eq!(counted("share-two-way"), (Some(3.0), Some(4)));
    assert_eq!(counted("share-client-began"), (Some(1.0), Some(3)));
    assert_eq!(missing("share-client-began"), [("beginner-not-recorded", 1)]);
    assert_eq!(
        (figure("share-client-began").low, figure("share-client-began").high),
        (Some(0.25), Some(0.5))
    );
    assert_eq!(counted("mean-trust"), (Some(0.75), Some(1)));
    assert_eq!(missing("mean-trust"), [("no-reading", 3)]);
    assert_eq!(counted("check-ins-held"), (Some(1.0), Some(2)));
    assert_eq!(missing("mean-people"), [("no-contact-in-window", 1)]);
}
