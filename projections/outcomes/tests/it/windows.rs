//! Follow-up windows: their days, looks and anchors.

use serde_json::json;
use throughline_domain::Eyes::Staff;
use throughline_outcomes::{Durability, FollowUp, Loose, Status, WindowState};
use throughline_projection::testing::fact;

use crate::lives::*;

fn states(windows: &[FollowUp]) -> Vec<WindowState> {
    windows.iter().map(|window| window.state).collect()
}

#[test]
fn a_window_is_open_from_its_first_day_to_its_last() {
    use WindowState::{Due, Missed, NotYetDue};
    let life = life([reached(0)]);
    let first = |on| outcome(&life, on).spells[0].windows[0].state;
    assert_eq!([60, 61, 121, 122].map(first), [NotYetDue, Due, Due, Missed]);
}

#[test]
fn a_look_counts_on_the_first_and_the_last_day_and_on_no_day_beside() {
    for (on, status) in
        [(60, Status::Reached), (61, Status::Holding), (121, Status::Holding), (122, Status::Reached)]
    {
        let named = life([reached(0), look_in(on, Some("home"), Some("3-months"), "still-holds")]);
        assert_eq!(outcome(&named, 130).status, status, "named, on day {on}");
        let unnamed = life([reached(0), look(on, "still-holds")]);
        assert_eq!(outcome(&unnamed, 130).status, status, "unnamed, on day {on}");
    }
}

#[test]
fn a_named_look_outside_its_days_is_shown_there_and_decides_nothing() {
    let answer =
        life([reached(0), look_in(130, Some("home"), Some("3-months"), "still-holds")]).on(&day(130));
    let window = &answer.outcomes[0].spells[0].windows[0];
    assert_eq!(window.state, WindowState::Missed);
    assert!(!window.looks[0].counts);
    assert_eq!(answer.loose_ends[0].what, Loose::FollowUpOutsideWindow);
}

#[test]
fn a_look_on_a_day_of_no_window_is_kept_beside_them() {
    let answer = life([reached(0), look(140, "still-holds")]).on(&day(140));
    assert_eq!(answer.outcomes[0].spells[0].outside_windows.len(), 1);
    assert!(answer.loose_ends.is_empty());
    let unknown = life([reached(0), look_in(91, Some("home"), Some("90-days"), "still-holds")]).on(&day(91));
    assert_eq!(unknown.loose_ends[0].what, Loose::FollowUpOfNoWindow);
    assert_eq!(unknown.outcomes[0].status, Status::Reached);
}

#[test]
fn the_last_thing_found_in_a_window_decides_it_and_not_assessed_finds_nothing() {
    let found = |results: &[&str]| {
        let looks = results.iter().zip(90..).map(|(result, on)| look(on, result));
        outcome(&life([reached(0)].into_iter().chain(looks)), 200).spells[0].windows[0].state
    };
    assert_eq!(found(&["still-holds", "partly"]), WindowState::Partly);
    assert_eq!(found(&["partly", "still-holds"]), WindowState::Held);
    assert_eq!(found(&["still-holds", "not-assessed"]), WindowState::Held);
    assert_eq!(found(&["not-assessed"]), WindowState::Missed);
    assert_eq!(found(&["still-holds", "lost"]), WindowState::Lost);
}

#[test]
fn attempts_are_counted_beside_the_looks_with_who_and_when() {
    let life =
        life([reached(0), tried(85, "not-reached"), tried(88, "not-reached"), look(91, "still-holds")]);
    let window = &outcome(&life, 100).spells[0].windows[0];
    assert_eq!((window.attempts, window.looks.len()), (2, 3));
    assert_eq!(window.looks[0].date, date(85));
    assert_eq!(window.looks[0].by.as_str(), "worker:test");
    assert_eq!(window.decided_by.map(|mark| mark.event), Some(look(91, "still-holds").id));
}

#[test]
fn after_a_loss_the_windows_still_open_are_cancelled() {
    use WindowState::{Cancelled, Held, Lost};
    let between = life([reached(0), look(91, "still-holds"), lost(140)]);
    assert_eq!(states(&outcome(&between, 900).spells[0].windows), [Held, Cancelled, Cancelled, Cancelled]);
    let within = life([reached(0), look(91, "still-holds"), lost(182)]);
    assert_eq!(states(&outcome(&within, 900).spells[0].windows), [Held, Lost, Cancelled, Cancelled]);
}

#[test]
fn death_cancels_the_windows_still_open() {
    use WindowState::{Cancelled, Missed};
    let life = life([reached(0), died(121)]);
    assert_eq!(
        outcome(&life, 900).spells[0].windows[0].state,
        Cancelled,
        "it could have held on its last day"
    );
    let after = crate::lives::life([reached(0), died(122)]);
    assert_eq!(outcome(&after, 900).spells[0].windows[0].state, Missed);
}

fn by_exit() -> serde_json::Value {
    json!({ "enrolment": "e1", "windows_from": "exit", "windows": [
        { "window": "90d", "first_day": 80, "target_day": 90, "last_day": 100, "required": true }
    ] })
}

#[test]
fn windows_from_exit_wait_for_it_and_count_from_a_recorded_one() {
    let life = life([
        enrolled(0, "e1"),
        plan_with(1, by_exit()),
        reached(50),
        exited(60, "e1", "permanent"),
        look(150, "still-holds"),
    ]);
    assert_eq!(outcome(&life, 59).durability, Durability::AwaitingExit);
    assert_eq!(outcome(&life, 60).spells[0].counted_from, Some(date(60)));
    assert_eq!(outcome(&life, 150).status, Status::Durable);
}

#[test]
fn windows_from_a_derived_exit_open_when_it_is_known_and_close_when_a_service_undoes_it() {
    let life = life([
        enrolled(0, "e1"),
        plan_with(1, by_exit()),
        service(20, Some("e1")),
        reached(50),
        service(130, Some("e1")),
    ]);
    assert_eq!(outcome(&life, 109).durability, Durability::AwaitingExit);
    let open = outcome(&life, 110);
    assert_eq!(open.spells[0].counted_from, Some(date(50)), "the outcome came after the last service");
    assert_eq!(outcome(&life, 130).durability, Durability::AwaitingExit);
}

#[test]
fn a_programme_sets_the_windows_where_the_plan_sets_none() {
    let template = fact(
        "2020-01-01",
        Staff,
        "template-published",
        json!({
            "programme": "homeward", "version": "v2", "settings": { "windows": [
                { "window": "30d", "first_day": 25, "target_day": 30, "last_day": 35, "required": true }
            ] }
        }),
    );
    let facts = [enrolled(-10, "e1"), reached_in(0, "home", Some("e1")), look(30, "still-holds")];
    assert_eq!(outcome(&life(facts.clone()), 30).status, Status::Reached);
    assert_eq!(outcome(&life(facts).under(&template), 30).status, Status::Durable);
}

#[test]
fn of_windows_that_overlap_the_nearest_target_takes_a_look() {
    let windows = json!({ "windows": [
        { "window": "a", "first_day": 10, "target_day": 30, "last_day": 60, "required": true },
        { "window": "b", "first_day": 20, "target_day": 50, "last_day": 90, "required": true }
    ] });
    let at = |on| {
        let life = life([plan_with(-1, windows.clone()), reached(0), look(on, "still-holds")]);
        states(&outcome(&life, 55).spells[0].windows)
    };
    assert_eq!(at(39), [WindowState::Held, WindowState::Due]);
    assert_eq!(at(41), [WindowState::Due, WindowState::Held]);
}

#[test]
fn a_look_that_names_no_outcome_counts_where_there_is_only_one_it_can_be_about() {
    let unnamed = || look_in(91, None, None, "still-holds");
    assert_eq!(outcome(&life([reached(0), unnamed()]), 91).status, Status::Holding);
    let two = life([reached(0), reached_in(1, "other", None), unnamed()]).on(&day(91));
    assert!(two.outcomes.iter().all(|outcome| outcome.status == Status::Reached));
    assert!(
        two.outcomes.iter().all(|outcome| outcome.spells[0].windows[0].looks.len() == 1),
        "shown in both"
    );
    let later = life([reached(0), unnamed(), reached_in(95, "other", None)]);
    assert_eq!(
        outcome(&later, 95).status,
        Status::Holding,
        "what came later does not change what it was about"
    );
}

#[test]
fn a_look_after_an_enrolment_is_about_the_outcome_of_that_enrolment() {
    let reached = || [reached_in(0, "home", Some("e1")), reached_in(1, "other", Some("e2"))];
    let after = |enrolment: Option<&str>| {
        let facts = json!({ "enrolment": enrolment, "format": "phone", "result": "still-holds" });
        fact(&day(91), Staff, "follow-up-held", facts)
    };
    let statuses = |life: throughline_projection::testing::Given<throughline_outcomes::Outcomes>| {
        life.on(&day(91)).outcomes.iter().map(|outcome| outcome.status).collect::<Vec<_>>()
    };
    assert_eq!(
        statuses(life(reached().into_iter().chain([after(Some("e2"))]))),
        [Status::Reached, Status::Holding]
    );
    assert_eq!(statuses(life(reached().into_iter().chain([after(Some("e3"))]))), [Status::Reached; 2]);
    assert_eq!(statuses(life([reached_in(0, "home", Some("e1")), after(None)])), [Status::Holding]);
}
