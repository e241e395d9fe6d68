//! What is owed, kept and missed.

use serde_json::json;
use throughline_domain::{Eyes, Fact, Kept};
use throughline_projection::testing::{fact, given, nth};
use throughline_satisfaction::{Answer, ClockState, Loose, Satisfaction, What};

fn request(when: &str, due: Option<&str>) -> Fact {
    let facts = json!({"request": "r1", "about": "housing", "format": "phone", "due": due});
    fact(when, Eyes::Client, "request-received", facts)
}

fn answered(when: &str, how: &str) -> Fact {
    fact(when, Eyes::Staff, "request-answered", json!({"request": "r1", "answer": how}))
}

fn raised(when: &str) -> Fact {
    fact(when, Eyes::Client, "concern-raised", json!({"concern": "c1", "about": "waiting"}))
}

fn step(when: &str, name: &str) -> Fact {
    fact(when, Eyes::Staff, name, json!({"concern": "c1"}))
}

fn resolved(when: &str, put_right: &str) -> Fact {
    fact(when, Eyes::Staff, "concern-resolved", json!({"concern": "c1", "put_right": put_right}))
}

fn gift(when: &str, gift: &str) -> Fact {
    fact(when, Eyes::Client, "gift-received", json!({"gift": gift, "kind": "money"}))
}

fn on(day: &str, facts: impl IntoIterator<Item = Fact>) -> Answer {
    given::<Satisfaction>(facts).on(day)
}

#[test]
fn a_request_is_overdue_the_day_after_it_was_due() {
    let asked = || [request("2026-03-02", Some("2026-03-04"))];
    let standing =
        |day| on(day, asked()).promises.into_iter().map(|promise| (promise.level, promise.days)).next();
    assert_eq!(standing("2026-03-03"), Some(("upcoming", -1)));
    assert_eq!(standing("2026-03-04"), Some(("due", 0)));
    assert_eq!(standing("2026-03-05"), Some(("overdue", 1)));
    assert_eq!(on("2026-03-05", asked()).requests.overdue, 1);
    assert_eq!(standing("2026-03-01"), None);
}

#[test]
fn a_request_without_a_promised_day_has_the_house_target() {
    let promise = on("2026-03-06", [request("2026-03-06", None)]).promises.remove(0);
    assert_eq!(
        (promise.promised, promise.due.map(|due| due.to_string()).as_deref()),
        (false, Some("2026-03-13"))
    );
}

#[test]
fn the_first_answer_counts_and_the_second_is_a_loose_end() {
    let second = answered("2026-03-05", "full");
    let answer =
        on("2026-04-01", [request("2026-03-02", None), answered("2026-03-04", "referred"), second.clone()]);
    let kinds = answer.requests.answers;
    assert_eq!((answer.requests.answered, kinds.referred, kinds.full), (1, 1, 0));
    assert_eq!((answer.requests.median_days, answer.promises.len()), (Some(2), 0));
    assert_eq!(
        (answer.loose_ends[0].event, answer.loose_ends[0].why),
        (second.id, Loose::RequestAnsweredAgain)
    );
}

#[test]
fn an_answer_in_part_is_a_first_answer_and_owes_the_rest() {
    let life = || {
        [
            request("2026-03-02", Some("2026-03-06")),
            answered("2026-03-04", "partial"),
            answered("2026-03-16", "full"),
        ]
    };
    let before = on("2026-03-12", life());
    assert_eq!((before.requests.answered, before.requests.still_open, before.requests.rest_open), (1, 0, 1));
    let rest = &before.promises[0];
    assert_eq!(
        (rest.what, rest.since.to_string().as_str(), rest.days),
        (What::CompleteAnswer, "2026-03-04", 1)
    );
    let after = on("2026-03-16", life());
    assert_eq!((after.requests.rest_open, after.promises.len(), after.loose_ends.len()), (0, 0, 0));
}

#[test]
fn an_answer_of_the_same_day_counts_though_only_one_hour_is_known() {
    let answer =
        on("2026-04-01", [request("2026-03-02T16:00:00+02:00", None), answered("2026-03-02", "full")]);
    let one = &answer.requests.each[0];
    assert_eq!((one.clock.days_taken, one.hours, answer.loose_ends.len()), (Some(0), None, 0));
    let timed = [request("2026-03-02T16:00:00+02:00", None), answered("2026-03-03T10:30:00+02:00", "full")];
    assert_eq!(on("2026-04-01", timed).requests.each[0].hours, Some(18.5));
}

#[test]
fn an_answer_to_nothing_is_a_loose_end_and_counts_nowhere() {
    let early = answered("2026-03-01", "full");
    let answer = on("2026-04-01", [early.clone(), request("2026-03-02", None)]);
    assert_eq!((answer.requests.answered, answer.requests.still_open), (0, 1));
    assert_eq!((answer.loose_ends[0].event, answer.loose_ends[0].why), (early.id, Loose::NoSuchRequest));
    let none = on("2026-04-01", [resolved("2026-03-01", "yes")]);
    assert_eq!((none.concerns.raised, none.loose_ends[0].why), (0, Loose::NoSuchConcern));
}

#[test]
fn concern_clocks_run_in_working_days() {
    // A Friday: five working days on is the next Friday, twenty is four weeks on.
    let life = || [raised("2026-03-06"), step("2026-03-13", "concern-acknowledged")];
    let round = |day| on(day, life()).concerns.each[0].rounds[0].clone();
    assert_eq!(round("2026-03-12").acknowledged.state, ClockState::Running);
    assert_eq!(round("2026-03-13").acknowledged.state, ClockState::Met);
    assert_eq!(round("2026-04-03").answered.state, ClockState::Running);
    assert_eq!(round("2026-04-04").answered.state, ClockState::Missed);
    let update = &round("2026-04-04").updated[0];
    assert_eq!(update.due.map(|due| due.to_string()).as_deref(), Some("2026-04-17"));
    let late = [raised("2026-03-06"), step("2026-03-16", "concern-acknowledged")];
    assert_eq!(on("2026-04-01", late).concerns.each[0].rounds[0].acknowledged.state, ClockState::Missed);
}

#[test]
fn a_late_answer_owes_one_update_after_another() {
    let life = || {
        [
            raised("2026-03-06"),
            step("2026-04-10", "concern-updated"),
            step("2026-04-30", "concern-updated"),
            resolved("2026-05-04", "partly"),
        ]
    };
    let states = |day| -> Vec<_> {
        on(day, life()).concerns.each[0].rounds[0].updated.iter().map(|clock| clock.state).collect()
    };
    assert_eq!(states("2026-04-29"), [ClockState::Met, ClockState::Missed]);
    assert_eq!(states("2026-05-03"), [ClockState::Met, ClockState::Missed, ClockState::Running]);
    assert_eq!(states("2026-05-04"), [ClockState::Met, ClockState::Missed, ClockState::Stopped]);
    let owed = |day| on(day, life()).promises.into_iter().map(|promise| promise.what).collect::<Vec<_>>();
    assert_eq!(owed("2026-04-29"), [What::AnswerConcern, What::UpdateConcern]);
    assert_eq!(owed("2026-05-04"), []);
}

#[test]
fn an_answer_before_any_acknowledgement_acknowledges_too() {
    let answer = on("2026-04-01", [raised("2026-03-06"), resolved("2026-03-09", "yes")]);
    assert_eq!(answer.concerns.each[0].rounds[0].acknowledged.state, ClockState::Met);
    assert_eq!((answer.concerns.put_right, answer.promises.len()), (1, 0));
}

#[test]
fn a_concern_raised_again_is_open_and_its_clocks_start_anew() {
    let life = || {
        [
            raised("2026-03-02"),
            resolved("2026-03-04", "yes"),
            step("2026-03-10", "concern-reopened"),
            resolved("2026-03-12", "no"),
        ]
    };
    let before = on("2026-03-09", life()).concerns;
    assert_eq!((before.put_right, before.reopened, before.still_open), (1, 0, 0));
    let open = on("2026-03-10", life()).concerns;
    assert_eq!((open.put_right, open.reopened, open.still_open), (0, 1, 1));
    assert_eq!(open.each[0].rounds[1].acknowledged.since.to_string(), "2026-03-10");
    let after = on("2026-03-12", life()).concerns;
    assert_eq!((after.not_put_right, after.still_open, after.each[0].put_right), (1, 0, Some(Kept::No)));
}

#[test]
fn a_concern_sets_its_own_clocks() {
    let facts = json!({"concern": "c1", "about": "safety", "acknowledge_days": 1, "answer_days": 3, "update_days": 0});
    let answer = on("2026-03-20", [fact("2026-03-02", Eyes::Caregiver, "concern-raised", facts)]);
    let due: Vec<_> =
        answer.promises.iter().map(|promise| (promise.what, promise.days, promise.to)).collect();
    let to = Eyes::Caregiver;
    assert_eq!(
        due,
        [(What::AcknowledgeConcern, 17, to), (What::AnswerConcern, 15, to), (What::UpdateConcern, 15, to)]
    );
}

#[test]
fn an_expectation_without_a_day_is_never_overdue() {
    let set = |due: Option<&str>| {
        let facts = json!({"expectation": "e1", "about": "first-visit", "due": due});
        fact("2026-03-02", Eyes::Staff, "expectation-set", facts)
    };
    let kept = fact(
        "2026-03-20",
        Eyes::Client,
        "expectation-settled",
        json!({"expectation": "e1", "kept": "partly"}),
    );
    assert_eq!(on("2027-03-02", [set(None)]).expectations.open, 1);
    assert_eq!(on("2026-03-10", [set(Some("2026-03-09"))]).expectations.overdue, 1);
    let late = on("2026-03-20", [set(Some("2026-03-09")), kept]).expectations;
    assert_eq!((late.partly, late.overdue, late.each[0].clock.state), (1, 0, ClockState::Missed));
}

#[test]
fn thanks_that_name_no_gift_cover_all_until_then() {
    let thanks = fact("2026-03-05", Eyes::Staff, "thanks-sent", json!({"format": "written"}));
    let life =
        || [gift("2026-03-02", "g1"), gift("2026-03-04", "g2"), gift("2026-03-06", "g3"), thanks.clone()];
    let answer = on("2026-03-06", life()).thanks;
    assert_eq!((answer.gifts, answer.thanked, answer.thanked_in_time, answer.still_owed), (3, 2, 1, 1));
    assert_eq!(answer.median_days, Some(1));
    assert_eq!(on("2026-03-11", life()).thanks.overdue, 1);
}

#[test]
fn thanks_on_the_day_of_the_gift_count() {
    let thanks = fact("2026-03-02", Eyes::Staff, "thanks-sent", json!({"for_gift": "g1", "format": "phone"}));
    let answer = on("2026-03-02", [gift("2026-03-02", "g1"), thanks]);
    assert_eq!((answer.thanks.thanked, answer.thanks.median_days), (1, Some(0)));
}

#[test]
fn a_shift_is_thanked_for_within_five_working_days_and_shown_its_impact() {
    let shift = json!({"shift": "h1", "task": "driving", "minutes": 120});
    let impact =
        fact("2026-04-01", Eyes::Staff, "impact-shared", json!({"for_gift": "h1", "format": "written"}));
    let thanks = fact("2026-03-09", Eyes::Staff, "thanks-sent", json!({"for_gift": "h1", "format": "phone"}));
    let answer =
        on("2026-04-01", [fact("2026-03-02", Eyes::Staff, "shift-worked", shift), thanks, impact.clone()]);
    assert_eq!((answer.thanks.shifts, answer.thanks.thanked_in_time, answer.thanks.impact_shown), (1, 1, 1));
    assert_eq!(answer.thanks.each[0].impact_event, Some(impact.id));
}

#[test]
fn a_gift_written_down_twice_is_thanked_for_once() {
    let first = gift("2026-03-02", "g1");
    let answer = on("2026-03-03", [first.clone(), nth(2, first)]);
    assert_eq!(
        (answer.thanks.gifts, answer.promises.len(), answer.loose_ends[0].why),
        (1, 1, Loose::GiftRepeated)
    );
}

#[test]
fn nothing_is_owed_to_the_dead_but_their_family_is_still_answered() {
    let from_family = json!({"concern": "c2", "about": "care"});
    let life = || {
        [
            request("2026-03-02", Some("2026-03-20")),
            raised("2026-03-03"),
            fact("2026-03-04", Eyes::Caregiver, "concern-raised", from_family.clone()),
            fact("2026-03-05", Eyes::System, "died", json!({})),
        ]
    };
    assert_eq!(on("2026-03-04", life()).promises.len(), 5);
    let after = on("2026-06-01", life());
    assert!(
        after.promises.iter().all(|promise| promise.to == Eyes::Caregiver && promise.key.as_str() == "c2")
    );
    assert_eq!(after.promises.len(), 3);
    assert_eq!(after.requests.each[0].clock.state, ClockState::Stopped);
}

#[test]
fn a_request_of_the_last_day_is_owed_no_longer() {
    let life = [request("2026-03-05", None), fact("2026-03-05", Eyes::System, "died", json!({}))];
    assert_eq!(on("2026-03-20", life).promises, []);
}

#[test]
fn the_most_overdue_promise_comes_first() {
    let life = given::<Satisfaction>([request("2026-03-02", Some("2026-03-09")), gift("2026-03-02", "g1")]);
    let work = life.work("promises", "2026-03-10");
    let lines: Vec<_> = work.iter().map(|item| (item.what.as_str(), item.days)).collect();
    assert_eq!(lines, [("send-thanks", 6), ("answer-request", 1)]);
    assert_eq!(work[0].because, "gift or shift 2026-03-02; house target 2026-03-04, 6 days ago");
    assert!(life.work("another-list", "2026-03-10").is_empty());
}
