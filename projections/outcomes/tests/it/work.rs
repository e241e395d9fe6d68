//! The list of follow-ups that are due.

use serde_json::json;

use crate::lives::*;

fn levels(
    life: &throughline_projection::testing::Given<throughline_outcomes::Outcomes>,
    on: i32,
) -> Vec<&'static str> {
    life.work("follow-ups-due", &day(on)).iter().map(|item| item.level).collect()
}

#[test]
fn a_window_is_upcoming_two_weeks_before_due_to_its_target_and_overdue_to_its_last_day() {
    let life = life([reached(0)]);
    let at: Vec<_> = [46, 47, 60, 61, 91, 92, 121, 122].map(|on| levels(&life, on)).into();
    assert_eq!(
        at,
        [
            vec![],
            vec!["upcoming"],
            vec!["upcoming"],
            vec!["due"],
            vec!["due"],
            vec!["overdue"],
            vec!["overdue"],
            vec![]
        ]
    );
    let overdue = life.work("follow-ups-due", &day(95)).remove(0);
    assert_eq!((overdue.days, overdue.due, overdue.since), (4, Some(date(91)), Some(date(0))));
}

#[test]
fn attempts_stay_on_the_list_and_a_result_takes_it_off() {
    let life =
        life([reached(0), tried(85, "not-reached"), look(93, "not-assessed"), look(95, "still-holds")]);
    let item = life.work("follow-ups-due", &day(94)).remove(0);
    assert!(item.because.contains("1 attempt"), "{}", item.because);
    assert_eq!(item.evidence.len(), 3);
    assert!(levels(&life, 95).is_empty());
}

#[test]
fn nobody_is_asked_to_follow_up_the_dead_the_erased_or_what_was_lost() {
    for end in [died(80), erased(80, "all"), lost(80)] {
        let life = life([reached(0), end]);
        assert_eq!(levels(&life, 79), ["due"]);
        assert!(levels(&life, 80).is_empty());
    }
    assert!(levels(&life([]), 80).is_empty());
    assert!(levels(&life([plan(0), service(5, None)]), 80).is_empty());
}

#[test]
fn a_client_reached_again_is_followed_from_there() {
    let life = life([reached(0), lost(80), reached(100)]);
    assert!(levels(&life, 100).is_empty());
    assert_eq!(levels(&life, 161), ["due"]);
}

#[test]
fn windows_from_exit_are_due_only_once_the_exit_is_known() {
    let plan = plan_with(
        1,
        json!({ "enrolment": "e1", "windows_from": "exit", "windows": [
        { "window": "90d", "first_day": 80, "target_day": 90, "last_day": 100, "required": false }
    ] }),
    );
    let life = life([enrolled(0, "e1"), plan, service(20, Some("e1")), reached(50)]);
    assert!(levels(&life, 109).is_empty());
    assert!(levels(&life, 115).is_empty());
    assert_eq!(levels(&life, 116), ["upcoming"]);
    assert!(life.work("follow-ups-due", &day(135))[0].because.contains("optional"));
}

#[test]
fn no_other_list_is_filled() {
    assert!(life([reached(0)]).work("going-quiet", &day(91)).is_empty());
}
