//! What holds for any life, however it was recorded.

use jiff::Timestamp;
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::json;
use throughline_domain::{Draft, Fact, JourneyId, Position, Recorded, Version, amend};
use throughline_outcomes::{Outcomes, Status, Tally, View, WindowState};
use throughline_projection::{
    Answers, Programmes, Projection,
    testing::{Given, event_id, nth},
};

use crate::lives::*;

const DAYS: i32 = 1200;

fn any_plan(on: i32) -> impl Strategy<Value = Fact> {
    let windows = select(vec![
        json!([]),
        json!([{ "window": "90d", "first_day": 60, "target_day": 90, "last_day": 120, "required": true }]),
        json!([
            { "window": "90d", "first_day": 60, "target_day": 90, "last_day": 120, "required": true },
            { "window": "half", "first_day": 100, "target_day": 180, "last_day": 240, "required": true },
            { "window": "late", "first_day": 300, "target_day": 365, "last_day": 400, "required": false }
        ]),
    ]);
    let from = select(vec!["outcome", "exit"]);
    let enrolment = select(vec![None, Some("e1"), Some("e2")]);
    (windows, from, enrolment, any::<bool>(), -50.0..50.0, -50.0..50.0).prop_map(
        move |(windows, from, enrolment, revised, baseline, target)| {
            let more = json!({ "windows": windows, "windows_from": from, "indicators": [
                { "indicator": "arrears", "life_area": "money", "baseline": baseline, "target": target }
            ] });
            if revised {
                revised_to(on, "other", more)
            } else {
                let mut more = more;
                more["enrolment"] = json!(enrolment);
                plan_with(on, more)
            }
        },
    )
}

fn any_fact() -> impl Strategy<Value = Fact> {
    let enrolment = || select(vec!["e1", "e2"]);
    let maybe_enrolment = || select(vec![None, Some("e1"), Some("e2")]);
    let outcome = || select(vec!["home", "other"]);
    let result = select(vec!["still-holds", "still-holds", "still-holds", "partly", "lost", "not-assessed"]);
    let window = select(vec![None, None, Some("90d"), Some("half"), Some("3-months"), Some("unknown")]);
    let found = (select(vec![Some("home"), Some("other"), None]), window, result);
    (0..DAYS).prop_flat_map(move |on| {
        prop_oneof![
            1 => Just(opened(on)),
            2 => enrolment().prop_map(move |enrolment| enrolled(on, enrolment)),
            3 => any_plan(on),
            6 => maybe_enrolment().prop_map(move |enrolment| service(on, enrolment)),
            1 => Just(check_in(on)),
            1 => Just(milestone(on)),
            2 => (enrolment(), select(vec!["permanent", "homeless"])).prop_map(move |(e, to)| exited(on, e, to)),
            1 => enrolment().prop_map(move |enrolment| completed(on, enrolment)),
            4 => (outcome(), maybe_enrolment()).prop_map(move |(outcome, e)| reached_in(on, outcome, e)),
            1 => Just(lost(on)),
            8 => found.clone().prop_map(move |(outcome, window, result)| look_in(on, outcome, window, result)),
            3 => select(vec!["reached", "not-reached"]).prop_map(move |reached| tried(on, reached)),
            2 => (-60.0..60.0).prop_map(move |value| measured(on, "arrears", value)),
            2 => select(vec!["d1", "d2"]).prop_map(move |name| difficulty(on, name)),
            2 => select(vec!["d1", "d2"]).prop_map(move |name| overcome(on, name)),
            1 => select(vec!["donor", "advocate"]).prop_map(move |into| grown(on, into)),
        ]
    })
}

fn any_life() -> impl Strategy<Value = Vec<Fact>> {
    let end = prop_oneof![
        8 => Just(None),
        1 => (600..DAYS).prop_map(|on| Some(died(on))),
        1 => (900..DAYS).prop_map(|on| Some(erased(on, "all"))),
    ];
    (vec(any_fact(), 0..45), end).prop_map(|(mut facts, end)| {
        facts.extend(end);
        facts.into_iter().zip(0..).map(|(fact, at)| nth(at, fact)).collect()
    })
}

fn recorded(facts: &[Fact], journey: JourneyId) -> Vec<Recorded> {
    facts
        .iter()
        .zip(0..)
        .map(|(fact, at)| Recorded {
            position: Position(at),
            version: Version(at + 1),
            recorded_at: Timestamp::UNIX_EPOCH,
            draft: Draft {
                event_id: fact.id,
                journey,
                actor: fact.actor.clone(),
                on_behalf_of: None,
                eyes: fact.eyes,
                occurred: fact.occurred,
                cause: None,
                source: None,
                event: fact.event.clone(),
            },
        })
        .collect()
}

fn folded(facts: &[Fact]) -> View {
    let journey = JourneyId::from_bytes(event_id("journey").bytes());
    let mut view = View::default();
    for fact in amend(journey, recorded(facts, journey)) {
        Outcomes::fold(&mut view, &fact);
    }
    view
}

fn tallied(clients: &[Given<Outcomes>], on: i32) -> Tally {
    let mut tally = Tally::default();
    for client in clients {
        Outcomes::tally(&mut tally, &client.view, date(on), &client.programmes);
    }
    tally
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn any_order_of_recording_folds_to_the_same_view(
        (facts, shuffled) in any_life().prop_flat_map(|facts| (Just(facts.clone()), Just(facts).prop_shuffle()))
    ) {
        prop_assert_eq!(folded(&facts), folded(&shuffled));
    }

    #[test]
    fn nothing_after_a_date_is_looked_at(facts in any_life(), on in 0..DAYS) {
        let whole = life(facts);
        prop_assert_eq!(whole.on(&day(on)), whole.cut_on(&day(on)));
        let known = whole.facts.iter().filter(|fact| fact.occurred.day() <= date(on)).cloned();
        let cut = life(known.collect::<Vec<_>>());
        prop_assert_eq!(whole.work("follow-ups-due", &day(on)), cut.work("follow-ups-due", &day(on)));
        prop_assert_eq!(tallied(&[whole], on), tallied(&[cut], on));
    }

    #[test]
    fn durable_only_where_the_last_required_window_holds(facts in any_life(), on in 0..DAYS) {
        for outcome in life(facts).on(&day(on)).outcomes {
            let last = outcome.spells.last().filter(|spell| spell.lost.is_none()).and_then(|spell| {
                spell.windows.iter().filter(|window| window.required).max_by_key(|window| window.last)
            });
            let held = last.is_some_and(|window| window.state == WindowState::Held);
            prop_assert_eq!(outcome.status == Status::Durable, held);
            if let Some(window) = last.filter(|_| held) {
                let look = window.looks.iter().find(|look| Some(look.event) == window.decided_by.map(|mark| mark.event));
                prop_assert!(look.is_some_and(|look| Some(look.date) >= window.first && Some(look.date) <= window.last));
            }
        }
    }

    #[test]
    fn shares_lie_between_0_and_1_and_figures_between_their_bounds(lives in vec(any_life(), 1..6), on in 0..DAYS) {
        let clients: Vec<_> = lives.into_iter().map(life).collect();
        for client in &clients {
            let depth = client.on(&day(on)).depth;
            prop_assert!(depth.indicators.iter().filter_map(|i| i.share).all(|share| (0.0..=1.0).contains(&share)));
            prop_assert!(depth.sum >= 0.0 && depth.sum <= f64::from(depth.of));
        }
        for figure in Outcomes::figures(tallied(&clients, on)) {
            if figure.unit == "share" {
                for share in [figure.value, figure.low, figure.high].into_iter().flatten() {
                    prop_assert!((0.0..=1.0).contains(&share), "{:?}", figure);
                }
            }
            if let (Some(low), Some(value), Some(high)) = (figure.low, figure.value, figure.high) {
                prop_assert!(low <= value && value <= high, "{:?}", figure);
            }
        }
    }

    #[test]
    fn tallies_join_to_the_same_figures_in_any_order(lives in vec(any_life(), 2..7), split in 1..6usize, on in 0..DAYS) {
        let clients: Vec<_> = lives.into_iter().map(life).collect();
        let whole = tallied(&clients, on);
        let (one, other) = clients.split_at(split.min(clients.len()));
        let mut joined = tallied(other, on);
        Outcomes::merge(&mut joined, tallied(one, on));
        prop_assert_eq!(&joined, &whole);
        prop_assert_eq!(Outcomes::figures(joined), Outcomes::figures(whole));
    }

    #[test]
    fn a_view_survives_being_stored(facts in any_life()) {
        let view = folded(&facts);
        let stored = bincode::serde::encode_to_vec(&view, bincode::config::standard()).expect("a view is stored");
        let (read, _): (View, usize) =
            bincode::serde::decode_from_slice(&stored, bincode::config::standard()).expect("a view is read");
        prop_assert_eq!(read, view);
    }

    #[test]
    fn the_list_names_only_outcomes_that_stand(facts in any_life(), on in 0..DAYS) {
        let client = life(facts);
        let items = client.work("follow-ups-due", &day(on)).len();
        let answer = client.on(&day(on));
        let open = |state: WindowState| matches!(state, WindowState::Due | WindowState::NotYetDue);
        let due: usize = answer
            .outcomes
            .iter()
            .filter(|outcome| !matches!(outcome.status, Status::Died | Status::Erased))
            .filter_map(|outcome| outcome.spells.last().filter(|spell| spell.lost.is_none()))
            .map(|spell| {
                spell.windows.iter().filter(|window| {
                    open(window.state) && window.first.is_some_and(|first| first <= date(on + 14))
                }).count()
            })
            .sum();
        prop_assert_eq!(items, if answer.died.is_some() { 0 } else { due });
    }
}

#[test]
fn an_absorbed_journey_is_on_no_list_and_in_no_count() {
    let programmes = Programmes::default();
    assert!(Outcomes::card(&View::default()).is_none());
    let mut tally = Tally::default();
    Outcomes::tally(&mut tally, &View::default(), date(0), &programmes);
    assert_eq!(tally, Tally::default());
}
