//! Rules about keys: what is referred to must be there, be open, and be named once.

use serde_json::{Value as Json, json};

use crate::given_enrolled;

fn service(enrolment: &str) -> Json {
    json!({"enrolment": enrolment, "service": "meal", "life_area": "food", "format": "in-person"})
}

fn plan(plan: &str, outcome: &str, what: &str) -> Json {
    json!({"plan": plan, "outcomes": [{"outcome": outcome, "what": what, "life_area": "housing"}]})
}

fn reached(outcome: &str) -> Json {
    json!({"outcome": outcome, "what": "stable-housing", "life_area": "housing", "evidence": "lease-seen"})
}

#[test]
fn a_fact_in_an_enrolment_wants_the_enrolment_begun() {
    let journey = given_enrolled(&[]);
    journey.when("2026-01-02", "transaction.service-delivered", service("e-1")).taken();
    let message = journey
        .when("2026-02-01", "transaction.service-delivered", service("e-2"))
        .refused("enrolment-unknown", "/facts/enrolment");
    assert!(
        message.contains("`e-2`") && message.contains("e-1") && message.contains("record enrolled"),
        "{message}"
    );
    journey
        .when("2026-01-01", "transaction.service-delivered", service("e-1"))
        .refused("enrolment-unknown", "/facts/enrolment");
    journey.when("2026-01-01", "intake.intake-held", json!({"enrolment": "e-1", "attributes": {}})).taken();
}

#[test]
fn an_enrolment_is_completed_once_and_left_once() {
    let exit = || json!({"enrolment": "e-1"});
    let journey = given_enrolled(&[
        ("2026-02-01", "milestone.programme-completed", exit()),
        ("2026-02-01", "milestone.exited", exit()),
    ]);
    journey.when("2026-03-01", "milestone.exited", exit()).refused("already-exited", "/facts/enrolment");
    // Whichever is told first: two exits are one too many.
    journey.when("2026-01-15", "milestone.exited", exit()).refused("already-exited", "/facts/enrolment");
    journey
        .when("2026-03-01", "milestone.programme-completed", exit())
        .refused("already-completed", "/facts/enrolment");
    journey
        .when("2026-03-01", "milestone.exited", json!({"enrolment": "e-9"}))
        .refused("enrolment-unknown", "/facts/enrolment");
    // A later service is taken: it shows that the exit was none.
    journey.when("2026-03-01", "transaction.service-delivered", service("e-1")).taken();
}

#[test]
fn a_key_names_one_thing() {
    let journey = given_enrolled(&[
        (
            "2026-01-03",
            "transaction.request-received",
            json!({"request": "k-1", "about": "a", "format": "phone"}),
        ),
        ("2026-01-03", "transaction.gift-received", json!({"gift": "k-2", "kind": "goods"})),
    ]);
    let enrolled = json!({"enrolment": "e-1", "programme": "another"});
    journey.when("2026-02-01", "intake.enrolled", enrolled).refused("key-reused", "/facts/enrolment");
    let request = json!({"request": "k-1", "about": "b", "format": "phone"});
    journey
        .when("2026-02-01", "transaction.request-received", request)
        .refused("key-reused", "/facts/request");
    let shift = json!({"shift": "k-2", "task": "driving", "minutes": 60});
    journey.when("2026-02-01", "transaction.shift-worked", shift).refused("key-reused", "/facts/shift");
    // Requests and referrals name by themselves.
    let referral = json!({"referral": "k-1", "to": "clinic"});
    journey.when("2026-02-01", "transaction.referral-made", referral).taken();
}

#[test]
fn every_end_wants_a_beginning_and_comes_once() {
    let cases = [
        (
            "transaction.request-received",
            json!({"request": "k", "about": "a", "format": "phone"}),
            "transaction.request-answered",
            json!({"request": "k", "answer": "full"}),
            "request-unknown",
            "request-answered",
            "/facts/request",
        ),
        (
            "transaction.referral-made",
            json!({"referral": "k", "to": "clinic"}),
            "transaction.referral-closed",
            json!({"referral": "k", "result": "accepted"}),
            "referral-unknown",
            "referral-closed",
            "/facts/referral",
        ),
        (
            "transaction.expectation-set",
            json!({"expectation": "k", "about": "answer"}),
            "transaction.expectation-settled",
            json!({"expectation": "k", "kept": "yes"}),
            "expectation-unknown",
            "expectation-settled",
            "/facts/expectation",
        ),
        (
            "check-in.survey-sent",
            json!({"survey": "k", "instrument": "csat", "about": {}, "format": "written"}),
            "check-in.survey-declined",
            json!({"survey": "k"}),
            "survey-unknown",
            "survey-declined",
            "/facts/survey",
        ),
        (
            "check-in.difficulty-reported",
            json!({"difficulty": "k", "life_area": "food", "kind": "no-food"}),
            "check-in.difficulty-overcome",
            json!({"difficulty": "k"}),
            "difficulty-unknown",
            "difficulty-overcome",
            "/facts/difficulty",
        ),
    ];
    for (begins, beginning, ends, end, unknown, twice, pointer) in cases {
        given_enrolled(&[]).when("2026-02-02", ends, end.clone()).refused(unknown, pointer);
        let begun = given_enrolled(&[("2026-02-02", begins, beginning.clone())]);
        begun.when("2026-02-01", ends, end.clone()).refused(unknown, pointer);
        begun.when("2026-02-02", ends, end.clone()).taken();
        let ended = given_enrolled(&[("2026-02-02", begins, beginning), ("2026-02-03", ends, end.clone())]);
        let message = ended.when("2026-02-04", ends, end).refused(twice, pointer);
        assert!(message.contains("2026-02-03"), "{message}");
    }
}

#[test]
fn a_partial_answer_leaves_room_for_the_rest() {
    let answered = |answer: &str| json!({"request": "q", "answer": answer});
    let journey = given_enrolled(&[
        (
            "2026-02-01",
            "transaction.request-received",
            json!({"request": "q", "about": "a", "format": "phone"}),
        ),
        ("2026-02-02", "transaction.request-answered", answered("partial")),
    ]);
    journey.when("2026-02-03", "transaction.request-answered", answered("full")).taken();
    let whole = given_enrolled(&[
        (
            "2026-02-01",
            "transaction.request-received",
            json!({"request": "q", "about": "a", "format": "phone"}),
        ),
        ("2026-02-03", "transaction.request-answered", answered("full")),
    ]);
    whole.when("2026-02-02", "transaction.request-answered", answered("partial")).taken();
    whole
        .when("2026-02-04", "transaction.request-answered", answered("partial"))
        .refused("request-answered", "/facts/request");
}

#[test]
fn a_concern_is_resolved_while_open_and_reopened_while_resolved() {
    let concern = || json!({"concern": "c"});
    let resolved = || json!({"concern": "c", "put_right": "yes"});
    let unknown = given_enrolled(&[]);
    for name in ["concern-acknowledged", "concern-updated", "concern-reopened"] {
        let name = format!("transaction.{name}");
        unknown.when("2026-02-01", &name, concern()).refused("concern-unknown", "/facts/concern");
    }
    unknown
        .when("2026-02-01", "transaction.concern-resolved", resolved())
        .refused("concern-unknown", "/facts/concern");
    let raised = ("2026-02-01", "transaction.concern-raised", json!({"concern": "c", "about": "access"}));
    let closed = ("2026-02-03", "transaction.concern-resolved", resolved());
    let reopened = ("2026-02-05", "transaction.concern-reopened", concern());
    let open = given_enrolled(std::slice::from_ref(&raised));
    open.when("2026-02-02", reopened.1, concern()).refused("concern-not-resolved", "/facts/concern");
    let over = given_enrolled(&[raised.clone(), closed.clone()]);
    over.when("2026-02-04", closed.1, resolved()).refused("concern-resolved", "/facts/concern");
    // Told late, of a day on which the concern was still open.
    over.when("2026-02-02", "transaction.concern-updated", concern()).taken();
    given_enrolled(&[raised, closed, reopened])
        .when("2026-02-06", "transaction.concern-resolved", resolved())
        .taken();
}

#[test]
fn a_survey_is_answered_after_it_was_sent() {
    let rated =
        json!({"survey": "v", "about": {}, "instrument": "csat", "value": 4, "scale": {"min": 1, "max": 5}});
    given_enrolled(&[])
        .when("2026-02-01", "check-in.satisfaction-rated", rated.clone())
        .refused("survey-unknown", "/facts/survey");
    let sent = json!({"survey": "v", "instrument": "csat", "about": {}, "format": "written"});
    given_enrolled(&[("2026-02-01", "check-in.survey-sent", sent)])
        .when("2026-02-01", "check-in.satisfaction-rated", rated)
        .taken();
}

#[test]
fn a_plan_is_revised_after_it_was_agreed_and_its_outcomes_keep_their_meaning() {
    let agreed =
        given_enrolled(&[("2026-02-01", "intake.plan-agreed", plan("p-1", "o-1", "stable-housing"))]);
    let mut revised = plan("p-1", "o-1", "stable-housing");
    revised["reason"] = json!("client-asked");
    agreed.when("2026-03-01", "intake.plan-revised", revised.clone()).taken();
    given_enrolled(&[])
        .when("2026-03-01", "intake.plan-revised", revised)
        .refused("plan-unknown", "/facts/plan");
    agreed
        .when("2026-03-01", "intake.plan-agreed", plan("p-2", "o-1", "stable-employment"))
        .refused("outcome-differs", "/facts/outcomes/0/what");
    let mut other = reached("o-1");
    other["what"] = json!("stable-employment");
    agreed.when("2026-03-01", "milestone.outcome-reached", other).refused("outcome-differs", "/facts/what");
}

#[test]
fn the_plan_that_first_said_what_an_outcome_is_may_be_corrected_to_say_otherwise() {
    let agreed =
        given_enrolled(&[("2026-02-01", "intake.plan-agreed", plan("p-1", "o-1", "stable-housing"))]);
    let corrected = json!({
        "event": "00000000-0000-0000-0000-000000000003", "why": "typing-error",
        "type": "throughline.intake.plan-agreed.v1", "facts": plan("p-1", "o-1", "stable-employment"),
    });
    agreed.when("2026-03-01", "amendment.corrected", corrected).taken();
}

#[test]
fn a_goal_serves_an_outcome_that_a_plan_names() {
    let goal = json!({"goal": "g", "by": "client", "life_area": "housing", "outcome": "o-1"});
    let agreed =
        given_enrolled(&[("2026-02-01", "intake.plan-agreed", plan("p-1", "o-1", "stable-housing"))]);
    agreed.when("2026-02-01", "intake.goal-stated", goal.clone()).taken();
    agreed
        .when("2026-01-31", "intake.goal-stated", goal.clone())
        .refused("outcome-not-planned", "/facts/outcome");
    let only_reached = given_enrolled(&[("2026-02-01", "milestone.outcome-reached", reached("o-1"))]);
    only_reached
        .when("2026-03-01", "intake.goal-stated", goal)
        .refused("outcome-not-planned", "/facts/outcome");
}

#[test]
fn what_was_never_reached_is_neither_followed_up_nor_lost() {
    let held = || json!({"outcome": "o-1", "format": "phone", "result": "still-holds"});
    let attempted = || json!({"outcome": "o-1", "format": "phone", "reached": "not-reached"});
    let lost = || json!({"outcome": "o-1"});
    let planned =
        given_enrolled(&[("2026-02-01", "intake.plan-agreed", plan("p-1", "o-1", "stable-housing"))]);
    let at = "/facts/outcome";
    planned.when("2026-04-01", "milestone.follow-up-held", held()).refused("outcome-not-reached", at);
    planned
        .when("2026-04-01", "milestone.follow-up-attempted", attempted())
        .refused("outcome-not-reached", at);
    planned.when("2026-04-01", "milestone.outcome-lost", lost()).refused("outcome-not-reached", at);
    let known = given_enrolled(&[("2026-03-01", "milestone.outcome-reached", reached("o-1"))]);
    known.when("2026-02-28", "milestone.follow-up-held", held()).refused("outcome-not-reached", at);
    known.when("2026-04-01", "milestone.follow-up-held", held()).taken();
    let twice = given_enrolled(&[
        ("2026-03-01", "milestone.outcome-reached", reached("o-1")),
        ("2026-04-01", "milestone.outcome-lost", lost()),
    ]);
    twice.when("2026-05-01", "milestone.outcome-lost", lost()).refused("outcome-already-lost", at);
    twice.when("2026-05-01", "milestone.outcome-reached", reached("o-1")).taken();
}

#[test]
fn thanks_are_for_something_given() {
    let journey = given_enrolled(&[(
        "2026-02-01",
        "transaction.shift-worked",
        json!({"shift": "s-1", "task": "driving", "minutes": 60}),
    )]);
    let thanks = |gift: &str| json!({"for_gift": gift, "format": "written"});
    journey.when("2026-02-02", "transaction.thanks-sent", thanks("s-1")).taken();
    journey
        .when("2026-02-02", "transaction.thanks-sent", thanks("s-2"))
        .refused("gift-unknown", "/facts/for_gift");
    journey
        .when("2026-01-31", "transaction.impact-shared", thanks("s-1"))
        .refused("gift-unknown", "/facts/for_gift");
}

#[test]
fn a_consent_is_withdrawn_while_it_holds() {
    let scope = || json!({"scope": "research"});
    let given = ("2026-02-01", "intake.consent-given", scope());
    let withdrawn = ("2026-03-01", "intake.consent-withdrawn", scope());
    given_enrolled(&[]).when("2026-02-01", withdrawn.1, scope()).refused("consent-not-given", "/facts/scope");
    let holds = given_enrolled(std::slice::from_ref(&given));
    holds.when("2026-02-01", withdrawn.1, scope()).taken();
    holds.when("2026-01-31", withdrawn.1, scope()).refused("consent-not-given", "/facts/scope");
    let over = given_enrolled(&[given, withdrawn]);
    over.when("2026-04-01", "intake.consent-withdrawn", scope()).refused("consent-not-given", "/facts/scope");
}
