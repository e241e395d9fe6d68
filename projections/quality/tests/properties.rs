//! What holds for any life, however disorderly, made of every fact there is.

use std::sync::LazyLock;

use jiff::{ToSpan, civil::date};
use proptest::{collection::vec, prelude::*};
use throughline_domain::{Event, EventId, Eyes, Fact, Intake, testing::examples};
use throughline_projection::{
    Answers, Figure, Programmes,
    testing::{fact_of, given, nth},
};
use throughline_quality::{Quality, Tally, View};

const DAYS: u32 = 900;

static EXAMPLES: LazyLock<Vec<Event>> = LazyLock::new(examples);

prop_compose! {
    fn some_fact()(
        which in any::<prop::sample::Index>(), day in 0..DAYS, hour in proptest::option::of(0_u8..24), nr in any::<u32>(),
        near in any::<bool>(),
    ) -> Fact {
        let day = if near { day % 8 } else { day };
        let day = date(2024, 1, 1) + i64::from(day).days();
        let when = hour.map_or_else(|| day.to_string(), |hour| format!("{day}T{hour:02}:30:00+02:00"));
        nth(nr, fact_of(&when, Eyes::Staff, which.get(&EXAMPLES).clone()))
    }
}

fn life() -> impl Strategy<Value = Vec<Fact>> {
    vec(some_fact(), 0..60)
}

fn day() -> impl Strategy<Value = String> {
    (0..DAYS + 500).prop_map(|day| (date(2024, 1, 1) + i64::from(day).days()).to_string())
}

fn figures(lives: &[Vec<Fact>], on: &str) -> Vec<Figure> {
    let mut sum = Tally::default();
    for life in lives {
        let mut one = Tally::default();
        let view = given::<Quality>(life.clone()).view;
        Quality::tally(&mut one, &view, on.parse().expect("a date"), &Programmes::default());
        Quality::merge(&mut sum, one);
    }
    Quality::figures(sum)
}

proptest! {
    #[test]
    fn any_order_of_recording_gives_the_same_view((facts, shuffled) in life().prop_flat_map(|facts| {
        (Just(facts.clone()), Just(facts).prop_shuffle())
    })) {
        prop_assert_eq!(given::<Quality>(facts).view, given::<Quality>(shuffled).view);
    }

    #[test]
    fn an_answer_ignores_what_comes_after_its_date(facts in life(), on in day()) {
        let life = given::<Quality>(facts);
        prop_assert_eq!(life.on(&on), life.cut_on(&on));
        let cut: Vec<Fact> = life.facts.iter().filter(|fact| fact.occurred.day().to_string() <= on).cloned().collect();
        prop_assert_eq!(life.work("data-quality", &on), given::<Quality>(cut.clone()).work("data-quality", &on));
        prop_assert_eq!(figures(&[life.facts], &on), figures(&[cut], &on));
    }

    #[test]
    fn every_problem_points_to_events_of_the_life_once_for_each_rule(facts in life(), on in day()) {
        let life = given::<Quality>(facts);
        let answer = life.on(&on);
        let known: Vec<EventId> = life.facts.iter().map(|fact| fact.id).collect();
        let mut seen = std::collections::BTreeSet::new();
        for problem in &answer.problems {
            prop_assert!(problem.evidence.iter().all(|event| known.contains(event)));
            prop_assert!(seen.insert((problem.rule.clone(), problem.evidence[0], problem.since)), "{:?}", problem);
            prop_assert!(!problem.explanation.contains("earlier version"), "{} is not explained", problem.rule);
        }
        prop_assert_eq!(answer.count, answer.by_rule.iter().map(|rule| rule.count).sum::<u64>());
    }

    #[test]
    fn clients_may_be_added_up_in_any_order(lives in vec(life(), 3), on in day()) {
        let turned = [lives[2].clone(), lives[0].clone(), lives[1].clone()];
        let figures = figures(&lives, &on);
        prop_assert_eq!(&figures, &self::figures(&turned, &on));
        prop_assert!(figures.iter().all(|figure| figure.unit != "share" || figure.value.is_none_or(|share| (0.0..=1.0).contains(&share))));
    }

    #[test]
    fn a_stored_view_comes_back_as_it_was(facts in life()) {
        let view = given::<Quality>(facts).view;
        let bytes = bincode::serde::encode_to_vec(&view, bincode::config::standard()).expect("a view can be stored");
        let (stored, _): (View, usize) = bincode::serde::decode_from_slice(&bytes, bincode::config::standard()).expect("and read");
        prop_assert_eq!(stored, view);
    }
}

#[test]
fn a_journey_that_was_never_opened_says_so_once_for_every_fact() {
    let of_client = |event: &&Event| {
        !matches!(event, Event::Programme(_) | Event::Access(_) | Event::Intake(Intake::JourneyOpened(_)))
    };
    let events = EXAMPLES.iter().filter(of_client);
    let life = given::<Quality>(events.map(|event| fact_of("2026-03-01", Eyes::Staff, event.clone())));
    let rules = life.on("2026-03-01").by_rule;
    assert!(rules.iter().any(|rule| rule.rule.as_str() == "not-opened" && rule.count > 10));
}
