//! What holds for every life: the order of recording changes nothing, a date never sees past itself, and every
//! number is one.

mod given;

use given::{any_life, on};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use throughline_domain::{Eyes, Fact};
use throughline_engagement::{Engagement, View};
use throughline_projection::{
    Answers, Programmes,
    testing::{Given, fact, given, nth},
};

/// A life in which one of the two programmes has a slower prior and a shorter window.
fn given_under_settings(life: Vec<Fact>) -> Given<Engagement> {
    let settings =
        json!({"silence_prior_shape": 4.0, "silence_prior_days": 200.0, "engagement_window_days": 31});
    let template = json!({"programme": "shelter", "version": "v1", "settings": settings});
    given::<Engagement>(life).under(&fact("2020-01-01", Eyes::Staff, "template-published", template))
}

fn folded(facts: &[Fact]) -> View {
    given::<Engagement>(facts.to_vec()).view
}

/// Calls a check on every number of an answer, with the name of the field it stands in.
fn each_number(json: &Json, name: &str, check: &mut impl FnMut(&str, f64)) {
    match json {
        Json::Number(number) => check(name, number.as_f64().expect("every JSON number here fits an f64")),
        Json::Array(items) => items.iter().for_each(|item| each_number(item, name, check)),
        Json::Object(fields) => fields.iter().for_each(|(name, field)| each_number(field, name, check)),
        Json::Null => {
            panic!("{name} is null: a number that is not finite is written so, and unset fields are left out")
        }
        Json::Bool(_) | Json::String(_) => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_recording_folds_to_the_same_view(
        (life, recorded) in any_life().prop_flat_map(|life| (Just(life.clone()), Just(life).prop_shuffle()))
    ) {
        prop_assert_eq!(folded(&life), folded(&recorded));
    }

    #[test]
    fn an_answer_never_sees_past_its_date(life in any_life(), day in 0_i64..1500) {
        let life = given_under_settings(life);
        prop_assert_eq!(life.on(&on(day)), life.cut_on(&on(day)));
    }

    #[test]
    fn a_work_list_and_the_figures_never_see_past_their_date(life in any_life(), day in 0_i64..2600) {
        let date = on(day).parse().unwrap();
        let full = given_under_settings(life.clone());
        let cut = given_under_settings(life.into_iter().filter(|fact| fact.occurred.day() <= date).collect());
        prop_assert_eq!(full.work("going-quiet", &on(day)), cut.work("going-quiet", &on(day)));
        let figures = |view: &View| {
            let mut tally = <Engagement as Answers>::Tally::default();
            Engagement::tally(&mut tally, view, date, &full.programmes);
            Engagement::figures(tally)
        };
        prop_assert_eq!(figures(&full.view), figures(&cut.view));
    }

    #[test]
    fn screen_list_and_trajectory_say_the_same_of_a_silence(life in any_life(), day in 0_i64..1500) {
        let life = given_under_settings(life);
        let answer = life.on(&on(day));
        if let Some(item) = life.work("going-quiet", &on(day)).first() {
            prop_assert_eq!(item.level, answer.silence.standing.code());
            let first = item.evidence.first().copied();
            prop_assert!(item.level == "no-contact-yet" || first == answer.silence.last_contact.map(|last| last.event));
        }
        let now = answer.now.map(|now| (now.standing, now.silence));
        prop_assert!(now.is_none_or(|now| now == (answer.silence.standing, answer.silence.probability)));
        // Between two points the standing never changes unseen.
        for point in &answer.trajectory {
            prop_assert_eq!(life.on(&point.on.to_string()).silence.standing, point.standing);
        }
        for pair in answer.trajectory.windows(2) {
            let eve = pair[1].on.yesterday().unwrap();
            if eve >= pair[0].on {
                prop_assert_eq!(life.on(&eve.to_string()).silence.standing, pair[0].standing);
            }
        }
    }

    #[test]
    fn every_number_is_finite_and_every_share_between_none_and_all(life in any_life(), day in 0_i64..1500) {
        let json = serde_json::to_value(given_under_settings(life).on(&on(day))).unwrap();
        each_number(&json, "", &mut |name, number| {
            assert!(number.is_finite(), "{name}");
            if matches!(name, "value" | "probability" | "silence") {
                assert!((0.0..=1.0).contains(&number), "{name} is {number}");
            }
        });
    }

    #[test]
    fn one_more_contact_never_makes_a_client_more_lost(life in any_life(), day in 0_i64..1500) {
        let before = given::<Engagement>(life.clone()).on(&on(day)).silence;
        let after = given::<Engagement>(life.into_iter().chain([given::call(&on(day), "client")])).on(&on(day));
        let deceased = throughline_engagement::Standing::Deceased;
        prop_assert!(before.standing == deceased || after.silence.days == Some(0));
        prop_assert!(before.standing == deceased || after.silence.standing.code() == "in-touch");
    }

    #[test]
    fn figures_are_the_same_in_any_order_and_any_grouping(
        lives in prop::collection::vec(any_life(), 1..5), day in 0_i64..1500, split in 0_usize..5
    ) {
        let date = on(day).parse().unwrap();
        let views: Vec<View> = lives.iter().map(|life| folded(life)).collect();
        let tally = |views: &mut dyn Iterator<Item = &View>| {
            let mut tally = <Engagement as Answers>::Tally::default();
            views.for_each(|view| Engagement::tally(&mut tally, view, date, &Programmes::default()));
            tally
        };
        let split = split.min(views.len());
        let mut joined = tally(&mut views[split..].iter().rev());
        Engagement::merge(&mut joined, tally(&mut views[..split].iter()));
        prop_assert_eq!(Engagement::figures(joined), Engagement::figures(tally(&mut views.iter())));
    }

    #[test]
    fn a_view_is_small_and_comes_back_from_its_bytes(life in any_life()) {
        let view = folded(&life);
        let bytes = bincode::serde::encode_to_vec(&view, bincode::config::standard()).unwrap();
        let (back, _): (View, usize) =
            bincode::serde::decode_from_slice(&bytes, bincode::config::standard()).unwrap();
        prop_assert_eq!(&back, &view);
        prop_assert!(bytes.len() < 200 + 45 * life.len(), "{} bytes for {} facts", bytes.len(), life.len());
    }
}

#[test]
fn a_journey_of_five_thousand_facts_has_no_more_points_than_months_and_changes() {
    let calls = (0..5000).map(|place| nth(place, given::call(&on(i64::from(place % 1460)), "client")));
    let answer = given::<Engagement>(calls).on("2024-12-31");
    // Four years of months, and the first contact.
    assert_eq!(answer.trajectory.len(), 48 + 1);
    assert_eq!(answer.now.unwrap().depth.two_way.unwrap().denominator, 3 * 89);
}
