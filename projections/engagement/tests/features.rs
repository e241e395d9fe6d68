//! A feature is what the answer says: on any life, on any day, under any settings.

mod given;

use given::{any_life, on};
use proptest::prelude::*;
use serde_json::json;
use throughline_domain::{Eyes, Fact};
use throughline_engagement::Engagement;
use throughline_projection::{
    FeatureValue, Features,
    testing::{Given, date, fact, given},
};

fn given_under_settings(life: Vec<Fact>) -> Given<Engagement> {
    let settings =
        json!({"silence_prior_shape": 4.0, "silence_prior_days": 200.0, "engagement_window_days": 31});
    let template = json!({"programme": "shelter", "version": "v1", "settings": settings});
    given::<Engagement>(life).under(&fact("2020-01-01", Eyes::Staff, "template-published", template))
}

fn asked(life: &Given<Engagement>, name: &str, on: &str) -> Option<FeatureValue> {
    let place = Engagement::FEATURES.iter().position(|feature| feature.name == name).expect(name);
    Engagement::feature(&life.view, place, date(on), &life.programmes)
}

/// The run of missed check-ins, counted from the facts themselves.
fn missed_in_a_row(life: &Given<Engagement>, on: &str) -> i64 {
    let until = life.facts.iter().filter(|fact| fact.occurred.day() <= date(on));
    let of = |name: &'static str| until.clone().filter(move |fact| fact.event.fact_name() == name);
    let held = of("check-in-held").map(|fact| fact.occurred.day()).max();
    let missed = of("check-in-missed").filter(|fact| held.is_none_or(|held| fact.occurred.day() > held));
    missed.count().try_into().expect("a handful")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_feature_is_what_the_answer_says(life in any_life(), day in 0_i64..1500) {
        let life = given_under_settings(life);
        let on = on(day);
        let answer = life.on(&on);
        let number = FeatureValue::Number;
        prop_assert_eq!(asked(&life, "silence_days", &on), answer.silence.days.map(FeatureValue::from));
        prop_assert_eq!(asked(&life, "silence_probability", &on), answer.silence.probability.map(number));
        let listed = !life.work("going-quiet", &on).is_empty();
        prop_assert_eq!(asked(&life, "going_quiet", &on), Some(FeatureValue::Flag(listed)));
        let missed = missed_in_a_row(&life, &on);
        prop_assert_eq!(asked(&life, "missed_run", &on), Some(FeatureValue::Whole(missed)));
        let now = answer.now.expect("the journey was opened on the first day");
        prop_assert_eq!(asked(&life, "depth", &on), now.depth.two_way.map(|share| number(share.value)));
        let began = now.depth.client_began.map(|share| number(share.value));
        prop_assert_eq!(asked(&life, "client_began", &on), began);
        let breadth = now.breadth.life_areas.len() + now.breadth.formats.len();
        let breadth = i64::try_from(breadth).unwrap() + i64::from(now.breadth.people.total);
        prop_assert_eq!(asked(&life, "breadth", &on), Some(FeatureValue::Whole(breadth)));
        let alliance = now.depth.alliance;
        let sides: Vec<f64> =
            [alliance.goal, alliance.task, alliance.bond].into_iter().flatten().map(|side| side.value).collect();
        let mean = (!sides.is_empty()).then(|| sides.iter().sum::<f64>() / sides.len() as f64);
        let mean = mean.map(|mean| number((mean * 1e6).round() / 1e6));
        prop_assert_eq!(asked(&life, "alliance", &on), mean);
    }

    #[test]
    fn a_feature_never_sees_past_its_date(life in any_life(), day in 0_i64..1500) {
        let whole = given_under_settings(life.clone());
        let cut = given_under_settings(
            life.into_iter().filter(|fact| fact.occurred.day() <= date(&on(day))).collect());
        for feature in Engagement::FEATURES {
            prop_assert_eq!(asked(&whole, feature.name, &on(day)), asked(&cut, feature.name, &on(day)));
        }
    }

    #[test]
    fn nothing_but_the_facts_it_names_changes_a_feature(life in any_life(), day in 0_i64..1500) {
        let whole = given_under_settings(life.clone());
        for feature in Engagement::FEATURES {
            let named = life.iter().filter(|fact| feature.from.contains(&fact.event.fact_name())).cloned();
            let alone = given_under_settings(named.collect());
            prop_assert_eq!(asked(&whole, feature.name, &on(day)), asked(&alone, feature.name, &on(day)), "{}", feature.name);
        }
    }
}
