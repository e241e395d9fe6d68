//! A record that does not fit together is shown and never stops an answer.

use throughline_outcomes::{Loose, Status};

use crate::lives::*;

fn loose(facts: impl IntoIterator<Item = throughline_domain::Fact>) -> Vec<Loose> {
    life(facts).on(&day(1000)).loose_ends.into_iter().map(|end| end.what).collect()
}

#[test]
fn each_thing_that_does_not_fit_is_named_with_its_events() {
    use serde_json::json;
    assert_eq!(loose([look(10, "still-holds")]), [Loose::FollowUpOfNothing]);
    assert_eq!(loose([tried(10, "not-reached")]), [Loose::FollowUpOfNothing]);
    assert_eq!(loose([lost(10)]), [Loose::LostButNotReached]);
    assert_eq!(loose([exited(10, "e1", "other")]), [Loose::ExitWithoutEnrolment]);
    assert_eq!(loose([service(10, Some("e1")), enrolled(11, "e1")]), [Loose::ServiceWithoutEnrolment]);
    assert_eq!(loose([completed(10, "e1")]), [Loose::CompletedWithoutEnrolment]);
    assert_eq!(loose([enrolled(1, "e1"), enrolled(5, "e1")]), [Loose::EnrolledAgain]);
    assert_eq!(loose([overcome(1, "d1")]), [Loose::OvercomeButNotOpen]);
    assert_eq!(
        loose([difficulty(0, "d1"), overcome(1, "d1"), overcome(2, "d1")]),
        [Loose::OvercomeButNotOpen]
    );
    assert_eq!(loose([reached(1), opened(5)]), [Loose::ReachedBeforeIntake]);
    assert_eq!(loose([revised_to(1, "home", json!({}))]), [Loose::PlanRevisedButNeverAgreed]);
    assert_eq!(loose([plan(1), plan(2)]), [Loose::PlanAgreedAgain]);
    assert_eq!(loose([died(1), service(2, None)]), [Loose::AfterDeath]);
    assert_eq!(loose([reached(0), died(1), tried(2, "not-reached")]), []);
    assert_eq!(loose([opened(0), enrolled(0, "e1"), service(0, Some("e1")), exited(0, "e1", "other")]), []);
}

#[test]
fn a_loose_end_is_known_from_its_own_day_on() {
    let life = life([look(10, "still-holds"), reached(20)]);
    assert!(life.on(&day(9)).loose_ends.is_empty());
    assert_eq!(life.on(&day(10)).loose_ends[0].events, [look(10, "still-holds").id]);
    assert_eq!(life.on(&day(20)).outcomes[0].status, Status::Reached);
}

#[test]
fn what_is_told_of_a_time_after_death_decides_nothing() {
    let life = life([reached(0), died(50), look(91, "still-holds"), lost(95), look(97, "lost"), reached(99)]);
    let on = outcome(&life, 200);
    assert_eq!((on.status, on.before_death), (Status::Died, Some(Status::Reached)));
    assert_eq!(on.spells.len(), 1);
    let found_lost = outcome(&life_after_death_found_lost(), 200);
    assert_eq!((found_lost.before_death, found_lost.slips), (Some(Status::Reached), 0));
}

fn life_after_death_found_lost() -> throughline_projection::testing::Given<throughline_outcomes::Outcomes> {
    life([reached(0), died(50), look(91, "lost")])
}

#[test]
fn an_outcome_before_intake_gives_no_time_to_outcome() {
    let life = life([reached(1), opened(5)]);
    assert_eq!(outcome(&life, 10).days_from_intake, None);
}

#[test]
fn windows_that_end_before_they_begin_stop_nothing() {
    let windows = serde_json::json!({ "windows": [
        { "window": "odd", "first_day": 65535, "target_day": 0, "last_day": 3, "required": true }
    ] });
    let life =
        life([plan_with(-1, windows), reached(0), look_in(2, Some("home"), Some("odd"), "still-holds")]);
    assert_eq!(outcome(&life, 10).status, Status::Reached);
}
