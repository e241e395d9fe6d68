//! Time to outcome, difficulties, breadth, depth, plans and relationships.

use serde_json::json;
use throughline_domain::{Eyes::Staff, Relationship};
use throughline_outcomes::{Answer, IntakeFrom};
use throughline_projection::testing::fact;

use crate::lives::*;

fn aims(baseline: f64, target: f64) -> serde_json::Value {
    json!({ "indicators": [
        { "indicator": "arrears", "life_area": "money", "baseline": baseline, "target": target }
    ] })
}

fn share(answer: &Answer) -> Option<f64> {
    answer.depth.indicators[0].share
}

#[test]
fn time_runs_from_the_opening_of_the_journey_else_from_the_first_enrolment() {
    let opened_first = life([opened(0), enrolled(20, "e1"), reached(60)]);
    assert_eq!(outcome(&opened_first, 60).days_from_intake, Some(60));
    let never_opened = life([enrolled(20, "e1"), enrolled(30, "e2"), reached(60)]);
    assert_eq!(outcome(&never_opened, 60).days_from_intake, Some(40));
    assert_eq!(never_opened.on(&day(60)).intake.map(|intake| intake.from), Some(IntakeFrom::Enrolled));
    assert_eq!(outcome(&life([reached(60)]), 60).days_from_intake, None);
}

#[test]
fn difficulties_on_the_way_are_those_met_until_the_outcome() {
    let life = life([
        opened(0),
        plan(1),
        difficulty(10, "d1"),
        difficulty(15, "d2"),
        difficulty(18, "d1"),
        overcome(30, "d1"),
        reached(60),
        difficulty(70, "d1"),
        overcome(80, "d2"),
    ]);
    let on_the_way = outcome(&life, 100);
    assert_eq!((on_the_way.difficulties_met, on_the_way.difficulties_overcome), (2, 1));
    let all = life.on(&day(100)).difficulties;
    assert_eq!((all.met, all.overcome), (3, 2), "the first came back, and is another");
    assert_eq!(all.list[0].days, Some(20), "reported again on day 18, it is still the difficulty of day 10");
    assert_eq!(life.on(&day(29)).difficulties.overcome, 0);
}

#[test]
fn an_indicator_shows_its_share_of_the_way_also_where_less_is_better() {
    let rising = |latest| life([plan_with(0, aims(10.0, 50.0)), measured(5, "arrears", latest)]).on(&day(5));
    assert_eq!(
        [0.0, 10.0, 20.0, 50.0, 90.0].map(|latest| share(&rising(latest))),
        [0.0, 0.0, 0.25, 1.0, 1.0].map(Some)
    );
    let falling = |latest| life([plan_with(0, aims(400.0, 0.0)), measured(5, "arrears", latest)]).on(&day(5));
    assert_eq!(
        [500.0, 400.0, 300.0, 0.0, -5.0].map(|latest| share(&falling(latest))),
        [0.0, 0.0, 0.25, 1.0, 1.0].map(Some)
    );
}

#[test]
fn what_was_measured_before_the_baseline_was_set_is_not_progress() {
    let life = life([
        plan_with(0, aims(400.0, 0.0)),
        measured(5, "arrears", 100.0),
        revised_to(10, "home", aims(400.0, 0.0)),
        revised_to(20, "home", aims(100.0, 0.0)),
        measured(30, "arrears", 50.0),
    ]);
    assert_eq!(share(&life.on(&day(10))), Some(0.75), "restating a baseline changes nothing");
    assert_eq!(share(&life.on(&day(20))), None, "a new baseline begins anew");
    assert_eq!(share(&life.on(&day(30))), Some(0.5));
    assert_eq!(life.on(&day(30)).depth.indicators[0].set_by.date, date(20));
}

#[test]
fn readings_analyses_and_yes_or_no_are_measurements_too() {
    let plan = |indicator: &str, target: f64| {
        plan_with(
            0,
            json!({ "indicators": [
        { "indicator": indicator, "life_area": "health", "baseline": 0, "target": target }
    ] }),
        )
    };
    let reading = fact(
        &day(5),
        Staff,
        "reading-taken",
        json!({
            "instrument": "who-5", "measure": "wellbeing", "value": 5, "scale": { "min": 0, "max": 25 }
        }),
    );
    assert_eq!(share(&life([plan("wellbeing", 20.0), reading]).on(&day(5))), Some(0.25));
    let analysis = fact(
        &day(5),
        Staff,
        "analysis-made",
        json!({
            "scores": [{ "indicator": "other", "value": 1 }, { "indicator": "sleep", "value": 3 }]
        }),
    );
    assert_eq!(share(&life([plan("sleep", 4.0), analysis]).on(&day(5))), Some(0.75));
    let insured =
        fact(&day(5), Staff, "indicator-measured", json!({ "indicator": "insured", "value": true }));
    assert_eq!(share(&life([plan("insured", 1.0), insured]).on(&day(5))), Some(1.0));
    let coded =
        fact(&day(5), Staff, "indicator-measured", json!({ "indicator": "insured", "value": "medicaid" }));
    assert_eq!(share(&life([plan("insured", 1.0), coded]).on(&day(5))), None);
}

#[test]
fn an_indicator_without_a_way_to_go_or_a_measurement_has_no_share() {
    let same = life([plan_with(0, aims(5.0, 5.0)), measured(5, "arrears", 9.0)]).on(&day(5));
    assert_eq!((share(&same), same.depth.sum, same.depth.without_share), (None, 0.0, 1));
    let unmeasured = life([plan_with(0, aims(5.0, 9.0))]).on(&day(5));
    assert_eq!((share(&unmeasured), unmeasured.depth.of), (None, 1));
    let huge = life([plan_with(0, aims(-1e308, 1e308)), measured(5, "arrears", 0.0)]).on(&day(5));
    assert_eq!(share(&huge), Some(0.5));
}

#[test]
fn breadth_counts_areas_that_improved_by_progress_or_by_an_outcome_that_stands() {
    let life = life([
        plan_with(0, aims(400.0, 0.0)),
        measured(5, "arrears", 400.0),
        measured(15, "arrears", 300.0),
        reached(20),
        lost(40),
    ]);
    let improved = |on| life.on(&day(on)).breadth.improved;
    assert_eq!([5, 15, 20, 40].map(improved), [0, 1, 2, 1]);
    let breadth = life.on(&day(20)).breadth;
    assert_eq!(breadth.aimed, 2);
    assert_eq!(breadth.areas.iter().map(|area| area.evidence.len()).sum::<usize>(), 2);
}

#[test]
fn a_plan_shows_how_far_and_why_it_departs_from_its_template() {
    let change = |step: &str, reason: &str| json!({ "step": step, "departure": "added", "reason": reason });
    let life = life([
        enrolled(0, "e1"),
        plan_with(1, json!({ "enrolment": "e1", "changes": [change("budgeting", "client-asked")] })),
        revised_to(
            30,
            "home",
            json!({ "changes": [
            change("budgeting", "client-asked"), change("child-care", "client-asked"), change("transport", "distance")
        ] }),
        ),
    ]);
    assert_eq!(life.on(&day(29)).plans[0].departures, 1);
    let plan = life.on(&day(30)).plans.remove(0);
    assert_eq!((plan.departures, plan.said.len()), (3, 2));
    assert_eq!(plan.reasons.values().copied().collect::<Vec<_>>(), [2, 1]);
    assert_eq!(plan.template_version.as_ref().map(throughline_domain::Code::as_str), Some("v2"));
    assert_eq!(
        plan.enrolment.as_ref().map(throughline_domain::Key::as_str),
        Some("e1"),
        "kept by the revision"
    );
}

#[test]
fn what_the_client_became_is_dated() {
    let life = life([opened(0), grown(400, "volunteer"), grown(500, "donor")]);
    let into = |on| life.on(&day(on)).relationships.iter().map(|grown| grown.into).collect::<Vec<_>>();
    assert_eq!(into(399), []);
    assert_eq!(into(500), [Relationship::Volunteer, Relationship::Donor]);
}
