//! Every transition of an outcome's status.

use serde_json::json;
use throughline_outcomes::{Durability, Status};

use crate::lives::*;

#[test]
fn a_plan_alone_is_planned_and_the_first_service_check_in_or_milestone_shows_work() {
    for begins in [service(20, None), check_in(20), milestone(20)] {
        let work = begins.id;
        let life = life([opened(0), plan(10), begins]);
        assert!(life.on(&day(9)).outcomes.is_empty());
        assert_eq!(outcome(&life, 19).status, Status::Planned);
        assert_eq!(outcome(&life, 20).status, Status::Working);
        assert_eq!(outcome(&life, 20).evidence, [plan(10).id, work]);
    }
}

#[test]
fn work_before_the_plan_or_mere_contact_after_it_is_not_work_on_it() {
    let life = life([opened(0), service(5, None), plan(10), contact(12), tried(13, "not-reached")]);
    assert_eq!(outcome(&life, 50).status, Status::Planned);
}

#[test]
fn a_second_service_on_the_day_of_the_plan_shows_work_though_the_first_came_before_it() {
    use throughline_domain::Eyes::Staff;
    use throughline_projection::testing::fact;
    let at = |time: &str| format!("2024-01-11T{time}:00Z");
    let served = json!({ "service": "housing-search", "life_area": "housing", "format": "in-person" });
    let before = fact(&at("08:00"), Staff, "service-delivered", served.clone());
    let mut plan = plan(10);
    plan.occurred = at("09:00").parse().expect("an instant");
    let after = fact(&at("10:00"), Staff, "service-delivered", served);
    assert_eq!(outcome(&life([before.clone(), plan.clone()]), 10).status, Status::Planned);
    assert_eq!(outcome(&life([before, plan, after]), 10).status, Status::Working);
}

#[test]
fn finishing_a_programme_is_never_an_outcome() {
    let life = life([opened(0), enrolled(1, "e1"), plan(2), service(3, Some("e1")), completed(30, "e1")]);
    let answer = life.on(&day(40));
    assert_eq!(answer.outcomes[0].status, Status::Working);
    assert_eq!(answer.breadth.improved, 0);
    assert_eq!(answer.stays[0].completed.map(|mark| mark.date), Some(date(30)));
    assert!(life_without_plan().on(&day(40)).outcomes.is_empty());
}

fn life_without_plan() -> throughline_projection::testing::Given<throughline_outcomes::Outcomes> {
    life([opened(0), enrolled(1, "e1"), completed(30, "e1")])
}

#[test]
fn one_who_leaves_without_the_outcome_has_not_reached_it_until_a_service_brings_them_back() {
    let facts = [opened(0), enrolled(1, "e1"), plan(2), service(3, Some("e1")), service(200, Some("e1"))];
    let life = life(facts);
    assert_eq!(outcome(&life, 92).status, Status::Working);
    assert_eq!(outcome(&life, 93).status, Status::NotReached);
    assert_eq!(outcome(&life, 93).evidence, [plan(2).id, service(3, Some("e1")).id]);
    assert_eq!(outcome(&life, 200).status, Status::Working);
}

#[test]
fn an_exit_before_the_plan_says_nothing_of_it() {
    let left = [enrolled(0, "e1"), exited(10, "e1", "temporary")];
    for enrolment in [json!({}), json!({ "enrolment": "e1" })] {
        let life = life(left.iter().cloned().chain([plan_with(20, enrolment)]));
        assert_eq!(outcome(&life, 30).status, Status::Planned);
    }
}

#[test]
fn an_outcome_that_the_plan_no_longer_names_is_withdrawn_and_may_come_back() {
    let life = life([plan(0), revised_to(10, "work", json!({})), revised_to(20, "home", json!({}))]);
    assert_eq!(outcome(&life, 9).status, Status::Planned);
    assert_eq!(outcome(&life, 10).status, Status::Withdrawn);
    assert_eq!(outcome(&life, 20).status, Status::Planned);
}

#[test]
fn reached_then_holding_by_window_then_durable_at_the_last_required_one() {
    let life = life([
        opened(-40),
        reached(0),
        look(91, "still-holds"),
        look(182, "still-holds"),
        look(365, "still-holds"),
        look(700, "still-holds"),
    ]);
    let at = |on| {
        let outcome = outcome(&life, on);
        (outcome.status, outcome.holding.map(|holding| holding.months))
    };
    assert_eq!(at(0), (Status::Reached, None));
    assert_eq!(at(90), (Status::Reached, None));
    assert_eq!(at(91), (Status::Holding, Some(3)));
    assert_eq!(at(182), (Status::Holding, Some(6)));
    assert_eq!(at(365), (Status::Holding, Some(12)));
    assert_eq!(at(699), (Status::Holding, Some(12)));
    assert_eq!(at(700), (Status::Durable, Some(24)));
    let durable = outcome(&life, 700);
    assert_eq!(durable.durability, Durability::Durable);
    assert_eq!(durable.days_from_intake, Some(40));
    assert_eq!(durable.confirmed_until, Some(date(700)));
    assert_eq!(durable.evidence.len(), 5, "the outcome and the four looks");
    assert!(!durable.mature, "its last window ends on day 790");
    assert!(outcome(&life, 791).mature);
}

#[test]
fn an_earlier_window_that_nobody_looked_in_does_not_stop_durability_but_an_optional_last_one_never_gives_it()
{
    let missed = life([reached(0), look(730, "still-holds")]);
    assert_eq!(outcome(&missed, 730).status, Status::Durable);
    let optional = json!({ "windows": [
        { "window": "90d", "first_day": 80, "target_day": 90, "last_day": 100, "required": true },
        { "window": "1y", "first_day": 350, "target_day": 365, "last_day": 380, "required": false }
    ] });
    let optional = life([plan_with(-10, optional), reached(0), look(365, "still-holds")]);
    let on = outcome(&optional, 366);
    assert_eq!((on.status, on.durability), (Status::Holding, Durability::Missed));
}

#[test]
fn without_a_required_window_nothing_is_ever_durable() {
    let windows = json!({ "windows": [
        { "window": "90d", "first_day": 80, "target_day": 90, "last_day": 100, "required": false }
    ] });
    let on = outcome(&life([plan_with(-10, windows), reached(0), look(90, "still-holds")]), 5000);
    assert_eq!((on.status, on.durability), (Status::Holding, Durability::NoWindow));
}

#[test]
fn a_loss_slips_reaching_it_again_recovers_and_windows_begin_anew() {
    let life = life([
        reached(0),
        look(91, "still-holds"),
        lost(150),
        reached(200),
        look(291, "still-holds"),
        look(929, "still-holds"),
    ]);
    assert_eq!(outcome(&life, 149).status, Status::Holding);
    let slipped = outcome(&life, 150);
    assert_eq!((slipped.status, slipped.holding, slipped.slips), (Status::Slipped, None, 1));
    assert_eq!(slipped.evidence, [reached(0).id, lost(150).id]);
    assert_eq!(slipped.spells[0].lost_because.as_ref().map(ToString::to_string).as_deref(), Some("evicted"));
    assert_eq!(outcome(&life, 199).status, Status::Slipped);
    let recovered = outcome(&life, 200);
    assert_eq!(recovered.status, Status::Recovered);
    assert_eq!(recovered.spells[1].counted_from, Some(date(200)));
    assert_eq!(
        recovered.reached.map(|mark| mark.date),
        Some(date(0)),
        "the first time counts as the time to it"
    );
    assert_eq!(outcome(&life, 291).status, Status::Holding);
    assert_eq!(outcome(&life, 929).status, Status::Durable);
}

#[test]
fn a_follow_up_that_finds_it_lost_slips_it_too_even_outside_every_window() {
    for on in [100, 140] {
        let life = life([reached(0), look(on, "lost")]);
        assert_eq!(outcome(&life, on - 1).status, Status::Reached);
        assert_eq!(outcome(&life, on).status, Status::Slipped);
    }
}

#[test]
fn a_look_that_finds_it_holding_after_a_loss_restores_nothing_and_is_a_loose_end() {
    let life = life([reached(0), lost(150), look(182, "still-holds"), look(730, "still-holds")]);
    let answer = life.on(&day(800));
    assert_eq!(answer.outcomes[0].status, Status::Slipped);
    assert_eq!(answer.loose_ends.len(), 2);
    let states = answer.outcomes[0].spells[0].windows.iter().map(|window| window.state);
    assert!(states.skip(1).all(|state| state == throughline_outcomes::WindowState::Cancelled));
}

#[test]
fn reached_again_while_it_stands_begins_nothing_anew() {
    let life = life([reached(0), reached(40), look(91, "still-holds")]);
    let on = outcome(&life, 91);
    assert_eq!((on.status, on.spells.len(), on.slips), (Status::Holding, 1, 0));
    assert_eq!(on.spells[0].counted_from, Some(date(0)));
}

#[test]
fn a_loss_after_durability_slips_it() {
    let life = life([reached(0), look(730, "still-holds"), lost(900)]);
    assert_eq!(outcome(&life, 899).status, Status::Durable);
    assert_eq!(outcome(&life, 900).status, Status::Slipped);
    assert_eq!(outcome(&life, 900).durability, Durability::Slipped);
}

#[test]
fn unreachable_needs_failed_attempts_in_a_window_that_ended_and_contact_undoes_it() {
    let life =
        life([reached(0), tried(90, "not-reached"), tried(100, "not-reached"), look(140, "not-assessed")]);
    assert_eq!(outcome(&life, 121).status, Status::Reached, "its window is still open");
    let silent = outcome(&life, 122);
    assert_eq!(silent.status, Status::Unreachable);
    assert_eq!(silent.evidence.len(), 3);
    assert_eq!(outcome(&life, 140).status, Status::Reached);
}

#[test]
fn nobody_having_looked_is_not_unreachable() {
    assert_eq!(outcome(&life([reached(0)]), 5000).status, Status::Reached);
    assert_eq!(outcome(&life([reached(0)]), 5000).durability, Durability::Missed);
    let spoken_to = life([reached(0), tried(730, "not-reached"), tried(735, "reached")]);
    assert_eq!(outcome(&spoken_to, 5000).durability, Durability::Missed);
    let never = life([reached(0), look(91, "still-holds"), tried(730, "not-reached")]);
    assert_eq!(outcome(&never, 790).durability, Durability::Due);
    assert_eq!(outcome(&never, 791).durability, Durability::Unreachable);
    assert_eq!(outcome(&never, 791).status, Status::Unreachable);
}

#[test]
fn partly_is_not_durable_and_not_lost() {
    let life = life([reached(0), look(365, "still-holds"), look(730, "partly")]);
    let on = outcome(&life, 800);
    assert_eq!((on.status, on.durability), (Status::Holding, Durability::Partly));
    assert_eq!(on.holding.map(|holding| holding.months), Some(12));
}

#[test]
fn death_ends_what_was_open_and_takes_no_durability_back() {
    let open = life([reached(0), look(91, "still-holds"), died(300)]);
    let on = outcome(&open, 300);
    assert_eq!((on.status, on.before_death), (Status::Died, Some(Status::Holding)));
    assert_eq!((outcome(&open, 299).status, on.durability), (Status::Holding, Durability::Died));
    let planned = life([plan(0), died(10)]);
    assert_eq!(outcome(&planned, 10).before_death, Some(Status::Planned));
    let durable = life([reached(0), look(730, "still-holds"), died(900)]);
    assert_eq!(outcome(&durable, 900).status, Status::Durable);
}

#[test]
fn an_exit_to_deceased_is_a_death() {
    let life = life([enrolled(0, "e1"), plan(1), exited(50, "e1", "deceased")]);
    assert_eq!(outcome(&life, 50).status, Status::Died);
    assert_eq!(outcome(&life, 50).before_death, Some(Status::Planned));
}

#[test]
fn erasing_everything_leaves_only_that_and_erasing_the_identity_changes_nothing() {
    let life = |level| life([opened(-5), plan(-4), reached(0), look(91, "still-holds"), erased(200, level)]);
    assert_eq!(outcome(&life("identity"), 200).status, Status::Holding);
    let all = life("all");
    assert_eq!(outcome(&all, 199).status, Status::Holding);
    let answer = all.on(&day(200));
    assert_eq!(answer.outcomes[0].status, Status::Erased);
    assert_eq!(answer.outcomes[0].durability, Durability::Erased);
    assert!(answer.outcomes[0].spells.is_empty() && answer.stays.is_empty() && answer.intake.is_none());
}

#[test]
fn not_yet_due_is_told_from_due() {
    let life = life([reached(0)]);
    assert_eq!(outcome(&life, 669).durability, Durability::NotYetDue);
    assert_eq!(outcome(&life, 670).durability, Durability::Due);
}
