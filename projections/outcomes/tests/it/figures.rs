//! Figures over clients: who is counted, who is missing, and between which bounds the truth lies.

use serde_json::json;
use throughline_outcomes::{Outcomes, Tally};
use throughline_projection::{Answers, Figure, Missing, testing::Given};

use crate::lives::*;

fn figures(clients: &[Given<Outcomes>], on: i32) -> Vec<Figure> {
    let mut tally = Tally::default();
    for client in clients {
        Outcomes::tally(&mut tally, &client.view, date(on), &client.programmes);
    }
    Outcomes::figures(tally)
}

fn figure(figures: &[Figure], name: &str) -> Figure {
    figures.iter().find(|figure| figure.name == name).cloned().unwrap_or_else(|| panic!("no figure {name}"))
}

fn missing(reason: &'static str, count: u64) -> Missing {
    Missing { reason, count: Some(count) }
}

#[test]
fn the_share_that_reached_an_outcome_leaves_out_those_still_at_work_and_bounds_them() {
    let clients = [
        life([opened(0), reached(30)]),
        life([opened(0), plan(1), reached(60), reached_in(70, "other", None)]),
        life([opened(0), enrolled(0, "e1"), plan(1), exited(90, "e1", "temporary")]),
        life([opened(0), plan(1)]),
        life([opened(0), plan(1), died(9)]),
        life([opened(0)]),
        life([opened(0), plan(1), revised_to(2, "work", json!({ "outcomes": [] }))]),
        life([opened(0), plan(1), erased(50, "all")]),
        life([opened(500)]),
    ];
    let figures = figures(&clients, 100);
    assert_eq!(figure(&figures, "clients").value, Some(8.0), "the last had not come by then");
    let share = figure(&figures, "outcome-reached-share");
    assert_eq!((share.numerator, share.denominator), (Some(2.0), Some(3)));
    assert_eq!((share.low, share.high), (Some(0.4), Some(0.8)));
    assert_eq!(share.missing, [missing("still-working", 1), missing("died", 1)]);
    assert_eq!(figure(&figures, "clients-with-desired-outcome").value, Some(5.0));
    assert_eq!(figure(&figures, "outcomes-withdrawn").value, Some(1.0));
    let median = figure(&figures, "median-days-to-outcome");
    assert_eq!((median.value, median.denominator), (Some(45.0), Some(2)));
    assert_eq!(median.missing, [missing("not-reached", 3)]);
}

#[test]
fn one_who_died_in_a_programme_did_not_leave_it_without_the_outcome() {
    let clients = [life([enrolled(0, "e1"), plan(1), exited(20, "e1", "deceased")])];
    let figures = figures(&clients, 100);
    assert_eq!(figure(&figures, "outcome-reached-share").missing, [missing("died", 1)]);
    assert_eq!(figure(&figures, "stays-ended-by-death").value, Some(1.0));
}

#[test]
fn the_durable_share_counts_mature_outcomes_only_and_bounds_those_nobody_found() {
    let clients = [
        life([reached(0), look(730, "still-holds")]),
        life([reached(0), look(730, "partly")]),
        life([reached(0), lost(50)]),
        life([reached(0), lost(50), reached(80)]),
        life([reached(0), tried(730, "not-reached")]),
        life([reached(0)]),
        life([reached(0), died(100)]),
        life([reached(500), look(591, "still-holds")]),
        life([reached(500), lost(510)]),
        life([
            enrolled(0, "e1"),
            plan_with(0, json!({ "enrolment": "e1", "windows_from": "exit" })),
            reached(5),
        ]),
    ];
    let later = figures(&clients, 791);
    let share = figure(&later, "durable-share");
    assert_eq!((share.numerator, share.denominator), (Some(1.0), Some(4)));
    assert_eq!((share.low, share.high), (Some(1.0 / 7.0), Some(4.0 / 7.0)));
    assert_eq!(share.missing, [missing("missed", 1), missing("unreachable", 1), missing("died", 1)]);
    let young = figure(&later, "outcomes-not-yet-mature");
    assert_eq!(young.value, Some(3.0));
    assert_eq!(young.missing, [missing("not-yet-due", 2), missing("awaiting-exit", 1)]);
    let before = figure(&figures(&clients, 790), "durable-share");
    assert_eq!((before.value, before.denominator), (None, Some(0)), "no window had ended for all");
}

#[test]
fn the_follow_up_rate_counts_required_windows_that_ended_against_its_target() {
    let clients = [
        life([reached(0), look(91, "still-holds"), tried(182, "not-reached")]),
        life([reached(0), look(91, "partly"), look(182, "lost")]),
        life([reached(0), lost(10)]),
        life([reached(0), look(91, "still-holds"), look(182, "still-holds")]),
    ];
    let early = figures(&clients, 212);
    assert_eq!(
        figure(&early, "follow-up-rate").denominator,
        Some(3),
        "the second window is still open on its last day"
    );
    let figures = figures(&clients, 213);
    let rate = figure(&figures, "follow-up-rate");
    assert_eq!((rate.numerator, rate.denominator), (Some(5.0), Some(6)));
    assert_eq!(rate.missing, [missing("unreachable", 1)]);
    assert_eq!(figure(&figures, "follow-up-target").value, Some(0.8));
    assert_eq!(figure(&figures, "follow-ups-short-of-target").value, Some(0.0));
    let six = figure(&figures, "still-holds:6-months");
    assert_eq!(
        (six.numerator, six.denominator),
        (Some(1.0), Some(3)),
        "what was lost before is known not to hold"
    );
    assert_eq!((six.low, six.high), (Some(0.25), Some(0.5)));
}

#[test]
fn an_outcome_lost_on_the_way_is_known_not_to_have_lasted_whatever_is_missing_after_it_was_reached_again() {
    let again = |after: Vec<throughline_domain::Fact>| {
        life([reached(0), lost(50), reached(80)].into_iter().chain(after))
    };
    let clients = [again(vec![]), again(vec![tried(810, "not-reached")]), again(vec![died(300)])];
    let share = figure(&figures(&clients, 1500), "durable-share");
    assert_eq!((share.numerator, share.denominator), (Some(0.0), Some(3)));
    assert!(share.missing.is_empty());
}

#[test]
fn one_who_died_before_a_window_is_missing_there_and_owed_no_follow_up() {
    let figures = figures(&[life([reached(0), died(100)])], 900);
    let three = figure(&figures, "still-holds:3-months");
    assert_eq!((three.denominator, three.missing), (Some(0), vec![missing("died", 1)]));
    assert_eq!(figure(&figures, "follow-up-rate").denominator, Some(0));
}

#[test]
fn an_optional_window_has_a_share_of_its_own_and_no_part_in_the_follow_up_rate() {
    let windows = json!({ "windows": [
        { "window": "90d", "first_day": 80, "target_day": 90, "last_day": 100, "required": true },
        { "window": "1y", "first_day": 350, "target_day": 365, "last_day": 380, "required": false }
    ] });
    let clients =
        [life([plan_with(-9, windows), reached(0), look(90, "still-holds"), look(365, "still-holds")])];
    let figures = figures(&clients, 400);
    assert_eq!(figure(&figures, "follow-up-rate").denominator, Some(1));
    assert_eq!(figure(&figures, "still-holds:1y").denominator, Some(1));
}

#[test]
fn short_of_the_target_is_said_in_follow_ups() {
    let clients: Vec<_> = (0..6).map(|_| life([reached(0)])).collect();
    assert_eq!(
        figure(&figures(&clients, 122), "follow-ups-short-of-target").value,
        Some(5.0),
        "4.8 rounded up"
    );
}

#[test]
fn difficulties_exits_success_and_relationships_are_counted() {
    let plan = plan_with(
        1,
        json!({
            "enrolment": "e1",
            "indicators": [
                { "indicator": "arrears", "life_area": "money", "baseline": 400, "target": 0 },
                { "indicator": "sleep", "life_area": "health", "baseline": 0, "target": 4 }
            ],
            "changes": [{ "step": "budgeting", "departure": "dropped", "reason": "client-asked" }]
        }),
    );
    let clients = [
        life([
            opened(0),
            enrolled(0, "e1"),
            plan,
            difficulty(5, "d1"),
            difficulty(6, "d2"),
            overcome(25, "d1"),
            service(10, Some("e1")),
            measured(40, "arrears", 100.0),
            reached(50),
            difficulty(60, "d3"),
            grown(70, "donor"),
            grown(71, "donor"),
            grown(72, "advocate"),
        ]),
        life([opened(0), enrolled(0, "e1"), reached(9), exited(10, "e1", "permanent")]),
    ];
    let figures = figures(&clients, 100);
    let value = |name| figure(&figures, name).value;
    assert_eq!(value("difficulties-per-client"), Some(1.0), "two on the way, over two clients");
    assert_eq!(value("difficulties-overcome-share"), Some(1.0 / 3.0));
    assert_eq!(value("median-days-to-overcome"), Some(20.0));
    assert_eq!((value("exits-recorded"), value("exits-derived")), (Some(1.0), Some(1.0)));
    assert_eq!(value("breadth"), Some(1.5));
    assert_eq!(value("depth"), Some(0.75));
    assert_eq!(figure(&figures, "depth").missing, [missing("without-share", 1)]);
    assert_eq!(value("departures-per-plan"), Some(1.0));
    assert_eq!(value("relationships-grown"), Some(0.5));
    assert_eq!((value("became:donor"), value("became:volunteer")), (Some(1.0), Some(0.0)));
}

#[test]
fn nothing_counted_gives_no_rates_and_no_panic() {
    let figures = figures(&[life([])], 0);
    assert_eq!(figure(&figures, "clients").value, Some(0.0));
    assert!(
        figures
            .iter()
            .filter(|figure| figure.unit == "share" && figure.name != "follow-up-target")
            .all(|figure| figure.value.is_none())
    );
}
