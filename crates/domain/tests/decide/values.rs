//! Rules about a fact's own values.

use serde_json::{Value as Json, json};

use crate::given_enrolled;

#[test]
fn a_value_lies_on_its_scale() {
    let reading = |value: f64, items: Json| json!({"instrument": "i", "measure": "trust", "value": value, "scale": {"min": 1, "max": 5}, "items": items});
    let journey = given_enrolled(&[]);
    let name = "check-in.reading-taken";
    journey.when("2026-02-01", name, reading(5.0, json!([]))).taken();
    let message =
        journey.when("2026-02-01", name, reading(5.1, json!([]))).refused("off-scale", "/facts/value");
    assert!(message.contains("5.1") && message.contains("from 1 to 5"), "{message}");
    let items = json!([{"item": "a", "answer": 5}, {"item": "b", "answer": 6}]);
    journey.when("2026-02-01", name, reading(5.0, items)).refused("off-scale", "/facts/items/1/answer");
}

#[test]
fn a_rating_with_answers_is_a_value_or_a_total_of_them() {
    let rated = |value: f64, min: f64, max: f64| {
        let items =
            json!([{"item": "a", "answer": 4}, {"item": "b", "answer": 3}, {"item": "c", "answer": 1}]);
        json!({"about": {}, "instrument": "own", "value": value, "scale": {"min": min, "max": max}, "items": items})
    };
    let journey = given_enrolled(&[]);
    let name = "check-in.satisfaction-rated";
    // The scale is that of one answer, and the value their total; or the scale is that of the total.
    journey.when("2026-02-01", name, rated(8.0, 1.0, 4.0)).taken();
    journey.when("2026-02-01", name, rated(8.0, 3.0, 12.0)).taken();
    journey.when("2026-02-01", name, rated(12.5, 1.0, 4.0)).refused("off-scale", "/facts/value");
    journey.when("2026-02-01", name, rated(8.0, 6.0, 9.0)).refused("off-scale", "/facts/items/0/answer");
}

#[test]
fn an_amount_is_not_negative_and_has_a_currency() {
    let paid = |minor: i64, currency: &str| json!({"purpose": "rent", "amount": {"minor": minor, "currency": currency}});
    let journey = given_enrolled(&[]);
    let name = "transaction.support-paid";
    journey.when("2026-02-01", name, paid(0, "zar")).taken();
    journey.when("2026-02-01", name, paid(-1, "zar")).refused("amount-negative", "/facts/amount/minor");
    journey.when("2026-02-01", name, paid(1, "rand")).refused("currency", "/facts/amount/currency");
    journey.when("2026-02-01", name, paid(1, "za1")).refused("currency", "/facts/amount/currency");
    let costly = json!({"service": "meal", "life_area": "food", "format": "in-person", "cost": {"minor": -5, "currency": "zar"}});
    journey
        .when("2026-02-01", "transaction.service-delivered", costly)
        .refused("amount-negative", "/facts/cost/minor");
}

#[test]
fn a_shift_takes_some_minutes_of_one_day() {
    let shift = |minutes: u32| json!({"shift": "s", "task": "driving", "minutes": minutes});
    let journey = given_enrolled(&[]);
    for minutes in [1, 1440] {
        journey.when("2026-02-01", "transaction.shift-worked", shift(minutes)).taken();
    }
    for minutes in [0, 1441] {
        journey
            .when("2026-02-01", "transaction.shift-worked", shift(minutes))
            .refused("shift-length", "/facts/minutes");
    }
}

fn plan(change: impl FnOnce(&mut Json)) -> Json {
    let mut plan = json!({
        "plan": "p",
        "outcomes": [{"outcome": "o", "what": "stable-housing", "life_area": "housing"}],
        "indicators": [{"indicator": "i", "life_area": "housing", "baseline": 4, "target": 28}],
        "windows": [{"window": "90d", "first_day": 60, "target_day": 90, "last_day": 120, "required": true}],
    });
    change(&mut plan);
    plan
}

#[test]
fn a_plan_says_each_thing_once_aims_at_a_change_and_keeps_its_windows_in_order() {
    let journey = given_enrolled(&[]);
    let when = |plan: Json| journey.when("2026-02-01", "intake.plan-agreed", plan);
    when(plan(|_| {})).taken();
    when(plan(|plan| plan["windows"][0]["first_day"] = json!(90))).taken();
    when(plan(|plan| plan["windows"][0]["first_day"] = json!(91)))
        .refused("window-order", "/facts/windows/0/target_day");
    when(plan(|plan| plan["windows"][0]["last_day"] = json!(89)))
        .refused("window-order", "/facts/windows/0/target_day");
    when(plan(|plan| plan["indicators"][0]["target"] = json!(4)))
        .refused("target-is-baseline", "/facts/indicators/0/target");
    let doubled = |list: &'static str| {
        plan(move |plan| {
            let first = plan[list][0].clone();
            plan[list].as_array_mut().expect("a list").push(first);
        })
    };
    when(doubled("outcomes")).refused("listed-twice", "/facts/outcomes/1");
    when(doubled("windows")).refused("listed-twice", "/facts/windows/1");
}

#[test]
fn a_programmes_own_windows_are_in_order_too() {
    let window = json!({"window": "w", "first_day": 9, "target_day": 5, "last_day": 7, "required": true});
    let template = json!({"programme": "p", "version": "1", "settings": {"windows": [window]}});
    crate::given(&[])
        .when("2026-02-01", "programme.template-published", template)
        .refused("window-order", "/facts/settings/windows/0/target_day");
}

#[test]
fn nothing_ends_before_it_begins() {
    let journey = given_enrolled(&[]);
    let consent = |until: &str| json!({"scope": "research", "until": until});
    journey.when("2026-02-01", "intake.consent-given", consent("2026-02-01")).taken();
    journey
        .when("2026-02-01", "intake.consent-given", consent("2026-01-31"))
        .refused("consent-ends-early", "/facts/until");
    let survey = json!({"survey": "v", "instrument": "csat", "about": {}, "format": "written", "closes": "2026-01-31"});
    journey
        .when("2026-02-01", "check-in.survey-sent", survey)
        .refused("survey-closes-early", "/facts/closes");
}

#[test]
fn a_closed_vocabulary_takes_no_other_code_and_names_the_nearest() {
    let journey = given_enrolled(&[]);
    let service = json!({"service": "of-our-own", "life_area": "huosing", "format": "in-person"});
    let message = journey
        .when("2026-02-01", "transaction.service-delivered", service)
        .refused("vocabulary", "/facts/life_area");
    assert!(message.contains("did you mean `housing`"), "{message}");
    let areas = |list: &'static str| plan(move |plan| plan[list][0]["life_area"] = json!("no-such-area"));
    journey
        .when("2026-02-01", "intake.plan-agreed", areas("outcomes"))
        .refused("vocabulary", "/facts/outcomes/0/life_area");
    journey
        .when("2026-02-01", "intake.plan-agreed", areas("indicators"))
        .refused("vocabulary", "/facts/indicators/0/life_area");
}
