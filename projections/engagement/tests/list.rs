//! Whom the list of those going quiet names, and what it says of them.

mod given;

use given::{attempt, call, enrolled, exited, on, opened};
use serde_json::json;
use throughline_domain::{Eyes, Fact};
use throughline_engagement::Engagement;
use throughline_projection::{
    WorkItem,
    testing::{Given, date, fact, given},
};

/// Weekly calls for twelve weeks, the last on day 84.
fn weekly() -> Vec<Fact> {
    (0..=12).map(|week| call(&on(week * 7), "staff")).collect()
}

fn life(facts: impl IntoIterator<Item = Fact>) -> Given<Engagement> {
    given(weekly().into_iter().chain(facts))
}

fn line(life: &Given<Engagement>, day: i64) -> Option<WorkItem> {
    life.work("going-quiet", &on(day)).pop()
}

#[test]
fn a_line_says_what_it_turns_on_with_the_events_behind_it() {
    let life = life([enrolled(&on(0), "jobs"), attempt(&on(90)), attempt(&on(95))]);
    let item = line(&life, 98).unwrap();
    assert_eq!((item.what.as_str(), item.level, item.days), ("silence", "watch", 14));
    assert_eq!(item.since, Some(date(&on(84))));
    assert_eq!(item.due, Some(date(&on(96))));
    assert_eq!(
        item.because,
        "P(silence) 0.156; last two-way contact 14 days ago, before it 12 returns in 84 days; 2 failed attempts since"
    );
    assert_eq!(item.evidence, [call(&on(84), "staff").id, attempt(&on(90)).id, attempt(&on(95)).id]);
    assert!(line(&life, 95).is_none());
    assert!(life.work("another-list", &on(98)).is_empty());
}

#[test]
fn nobody_is_called_anything_within_a_week_of_a_contact() {
    let daily = |from: i64| (from..from + 13).map(|day| call(&on(day), "staff"));
    let life = given::<Engagement>([enrolled(&on(0), "jobs")].into_iter().chain(daily(0)).chain(daily(21)));
    assert_eq!(life.on(&on(18)).silence.standing.code(), "in-touch");
    assert!(line(&life, 18).is_none());
    let item = line(&life, 19).unwrap();
    assert_eq!((item.level, item.days), ("quiet", 7));
    assert_eq!(item.evidence, [call(&on(12), "staff").id]);
    assert_eq!(line(&life, 20).unwrap().evidence, [call(&on(12), "staff").id]);
    assert!(line(&life, 21).is_none());
}

#[test]
fn only_the_enrolled_and_those_who_give_are_named() {
    assert!(line(&life([opened(&on(0))]), 120).is_none());
    assert!(line(&life([opened(&on(0)), enrolled(&on(1), "jobs")]), 120).is_some());
    let donor = fact(&on(0), Eyes::Staff, "journey-opened", json!({"role": "donor", "language": "af"}));
    assert!(line(&life([donor]), 120).is_some());
    let carer = fact(&on(0), Eyes::Staff, "journey-opened", json!({"role": "caregiver", "language": "af"}));
    assert!(line(&life([carer]), 120).is_none());
}

#[test]
fn a_client_stays_on_the_list_until_the_last_follow_up_window_has_closed() {
    let left = life([enrolled(&on(0), "jobs"), exited(&on(100), "jobs")]);
    assert_eq!(line(&left, 890).unwrap().level, "lost");
    assert!(line(&left, 891).is_none());
    // Whoever never had an exit recorded leaves it as long after the last contact.
    let unrecorded = life([enrolled(&on(0), "jobs")]);
    assert!(line(&unrecorded, 84 + 790).is_some());
    assert!(line(&unrecorded, 84 + 791).is_none());
}

#[test]
fn a_new_client_nobody_has_reached_is_named_as_such() {
    let new = given::<Engagement>([enrolled(&on(0), "jobs"), attempt(&on(3))]);
    assert!(line(&new, 6).is_none());
    let item = line(&new, 7).unwrap();
    assert_eq!((item.level, item.days), ("no-contact-yet", 7));
    assert_eq!(item.evidence, [attempt(&on(3)).id]);
    assert!(line(&new, 90).is_some());
    assert!(line(&new, 91).is_none());
}

#[test]
fn a_programme_sets_its_own_prior_and_window() {
    let template = fact(
        "2020-01-01",
        Eyes::Staff,
        "template-published",
        json!({"programme": "shelter", "version": "v1", "settings": {
            "silence_prior_shape": 4.0, "silence_prior_days": 400.0, "engagement_window_days": 30
        }}),
    );
    let life = life([enrolled(&on(0), "jobs"), enrolled(&on(98), "shelter")]).under(&template);
    // On the day the slower programme begins, the same silence is no longer unusual, everywhere at once.
    assert_eq!(line(&life, 97).unwrap().level, "watch");
    assert!(line(&life, 98).is_none());
    let answer = life.on(&on(98));
    assert_eq!((answer.window_days, answer.silence.standing.code()), (30, "in-touch"));
    let rhythm = answer.silence.rhythm.unwrap();
    assert!((rhythm.prior_days - 400.0).abs() < 1e-9);
    assert_eq!(answer.trajectory.last().unwrap().standing.code(), "in-touch");
}
