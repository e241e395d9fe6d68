//! What clients say, and what their silence leaves open.

use serde_json::{Value, json};
use throughline_domain::{Eyes, Fact};
use throughline_projection::testing::{fact, given, nth};
use throughline_satisfaction::{Answer, Loose, Satisfaction, Verdict};

fn survey(when: &str, survey: &str, instrument: &str) -> Fact {
    let facts = json!({"survey": survey, "instrument": instrument, "about": {"process": "intake", "worker": "w1"},
        "format": "written"});
    fact(when, Eyes::Staff, "survey-sent", facts)
}

fn csat(when: &str, value: u8, more: &Value) -> Fact {
    rated(
        when,
        Eyes::Client,
        json!({"instrument": "csat", "value": value, "scale": {"min": 1, "max": 5}}),
        more,
    )
}

fn nps(when: &str, value: u8) -> Fact {
    rated(
        when,
        Eyes::Client,
        json!({"instrument": "nps", "value": value, "scale": {"min": 0, "max": 10}}),
        &json!({}),
    )
}

fn rated(when: &str, eyes: Eyes, mut facts: Value, more: &Value) -> Fact {
    let fields = facts.as_object_mut().expect("an object");
    fields.insert("about".to_owned(), json!({}));
    fields.extend(more.as_object().expect("an object").clone());
    fact(when, eyes, "satisfaction-rated", facts)
}

fn on(day: &str, facts: impl IntoIterator<Item = Fact>) -> Answer {
    given::<Satisfaction>(facts).on(day)
}

#[test]
fn a_survey_is_open_until_its_last_day_and_silent_after() {
    let sent = || [survey("2026-03-02", "s1", "csat")];
    let surveys = |day| on(day, sent()).ratings.surveys;
    assert_eq!((surveys("2026-04-01").still_open, surveys("2026-04-01").silent), (1, 0));
    assert_eq!((surveys("2026-04-02").still_open, surveys("2026-04-02").silent), (0, 1));
    assert_eq!(surveys("2026-04-01").high, Some(1.0));
    assert_eq!(surveys("2026-04-02").high, Some(0.0));
}

#[test]
fn silence_and_refusal_widen_the_bounds_of_satisfaction() {
    let answer = on(
        "2026-06-01",
        [
            survey("2026-03-02", "s1", "csat"),
            survey("2026-03-03", "s2", "csat"),
            survey("2026-03-04", "s3", "csat"),
            fact("2026-03-05", Eyes::Client, "survey-declined", json!({"survey": "s2"})),
            csat("2026-03-06", 4, &json!({"survey": "s1"})),
            csat("2026-03-07", 3, &json!({})),
        ],
    );
    let csat = answer.ratings.csat;
    assert_eq!((csat.n, csat.satisfied, csat.neutral), (2, 1, 1));
    assert_eq!((csat.share, csat.low, csat.high), (Some(0.5), Some(0.25), Some(0.75)));
    assert_eq!((csat.asked.answered, csat.asked.declined, csat.asked.silent), (1, 1, 1));
    let rate = csat.asked.response_rate.expect("surveys were sent");
    assert!((rate - 1.0 / 3.0).abs() < 1e-12);
}

#[test]
fn a_survey_that_is_still_open_bounds_the_response_and_not_yet_the_satisfaction() {
    let life = [survey("2026-03-02", "s1", "csat"), csat("2026-03-03", 5, &json!({}))];
    let csat = on("2026-03-10", life).ratings.csat;
    assert_eq!((csat.low, csat.share), (Some(1.0), Some(1.0)));
    assert_eq!((csat.asked.low, csat.asked.high), (Some(0.0), Some(1.0)));
}

#[test]
fn a_year_stands_beside_the_year_before_it_as_that_stood_when_it_ended() {
    let life = [
        csat("2025-03-11", 1, &json!({})),
        csat("2025-03-12", 5, &json!({})),
        csat("2026-03-11", 5, &json!({})),
        survey("2025-03-01", "s1", "csat"),
    ];
    let ratings = on("2026-03-11", life).ratings;
    assert_eq!((ratings.last_year.csat.n, ratings.last_year.csat.share), (2, Some(1.0)));
    assert_eq!((ratings.year_before.csat.n, ratings.year_before.csat.share), (1, Some(0.0)));
    assert_eq!((ratings.year_before.surveys.still_open, ratings.last_year.surveys.sent), (1, 0));
}

#[test]
fn promoters_less_detractors() {
    let ratings = [10, 9, 8, 7, 6, 0].into_iter().zip(1..);
    let nps =
        on("2026-06-01", ratings.map(|(value, day)| nps(&format!("2026-03-0{day}"), value))).ratings.nps;
    assert_eq!((nps.promoters, nps.passives, nps.detractors, nps.points), (2, 2, 2, Some(0.0)));
    let one_silent = [survey("2026-03-01", "s1", "nps"), self::nps("2026-03-02", 9)];
    let nps = on("2026-06-01", one_silent).ratings.nps;
    assert_eq!((nps.low, nps.points, nps.high), (Some(0.0), Some(100.0), Some(100.0)));
}

#[test]
fn a_recommendation_on_another_scale_is_no_net_promoter_score() {
    let odd = json!({"instrument": "nps", "value": 5, "scale": {"min": 1, "max": 5}});
    let answer = on("2026-06-01", [rated("2026-03-02", Eyes::Client, odd, &json!({}))]);
    assert_eq!((answer.ratings.nps.n, answer.ratings.instruments.len()), (0, 1));
    assert_eq!(answer.loose_ends[0].why, Loose::NpsOffScale);
}

#[test]
fn an_instruments_total_turns_reversed_items_round() {
    let items = json!([{"item": "i1", "answer": 4}, {"item": "i2", "answer": 3}, {"item": "i3", "answer": 1, "reversed": true}]);
    let facts =
        json!({"instrument": "service-scale", "value": 8, "scale": {"min": 1, "max": 4}, "items": items});
    let answer = on("2026-06-01", [rated("2026-03-02", Eyes::Client, facts, &json!({}))]);
    let total = &answer.ratings.instruments[0];
    assert_eq!((total.latest, total.min, total.max), (11.0, 3.0, 12.0));
    assert_eq!(answer.ratings.trend[0].verdict, Verdict::Satisfied);
}

#[test]
fn the_same_survey_answered_twice_counts_once() {
    let first = csat("2026-03-06", 5, &json!({"survey": "s1"}));
    let second = csat("2026-03-07", 1, &json!({"survey": "s1"}));
    let answer = on("2026-06-01", [survey("2026-03-02", "s1", "csat"), first, second.clone()]);
    assert_eq!((answer.ratings.csat.n, answer.ratings.csat.satisfied), (1, 1));
    assert_eq!((answer.loose_ends[0].event, answer.loose_ends[0].why), (second.id, Loose::RatedAgain));
}

#[test]
fn client_and_caregiver_may_each_answer_the_same_survey() {
    let own = csat("2026-03-06", 5, &json!({"survey": "s1"}));
    let facts = json!({"instrument": "csat", "value": 2, "scale": {"min": 1, "max": 5}});
    let theirs = rated("2026-03-07", Eyes::Caregiver, facts, &json!({"survey": "s1"}));
    let answer = on("2026-06-01", [survey("2026-03-02", "s1", "csat"), own, theirs]);
    assert_eq!((answer.ratings.csat.n, answer.ratings.surveys.answered), (2, 1));
    let eyes: Vec<_> = answer.ratings.by.eyes.iter().map(|slice| slice.code.as_deref()).collect();
    assert_eq!(eyes, [Some("client"), Some("caregiver")]);
    assert_eq!(answer.word_of_mouth.verdict, Some(Verdict::Satisfied), "a caregiver speaks for nobody else");
}

#[test]
fn an_answer_after_the_survey_closed_is_shown_and_not_counted() {
    let late = csat("2026-05-06", 5, &json!({"survey": "s1"}));
    let answer = on("2026-06-01", [survey("2026-03-02", "s1", "csat"), late]);
    assert_eq!((answer.ratings.csat.n, answer.ratings.surveys.silent), (0, 1));
    assert_eq!((answer.ratings.trend.len(), answer.ratings.trend[0].counts), (1, false));
    assert_eq!(answer.loose_ends[0].why, Loose::RatingAfterClose);
    assert_eq!(answer.word_of_mouth.verdict, None);
}

#[test]
fn a_rating_takes_from_its_survey_what_it_leaves_open() {
    let own = csat("2026-03-06", 5, &json!({"survey": "s1", "about": {"worker": "w2"}}));
    let by = on("2026-06-01", [survey("2026-03-02", "s1", "csat"), own]).ratings.by;
    assert_eq!(by.process[0].code.as_deref(), Some("intake"));
    let rated = |worker: &str| {
        let slice = by.worker.iter().find(|slice| slice.code.as_deref() == Some(worker)).expect("a slice");
        slice.csat.as_ref().map(|csat| csat.n)
    };
    assert_eq!((rated("w2"), rated("w1")), (Some(1), Some(0)));
    assert_eq!(by.site[0].code, None, "a rating of no named site is not lost");
}

#[test]
fn few_boxes_have_one_that_says_something_at_each_end() {
    let csat = |value: u8, max: u8| {
        let facts = json!({"instrument": "csat", "value": value, "scale": {"min": 1, "max": max}});
        on("2026-06-01", [rated("2026-03-02", Eyes::Client, facts, &json!({}))]).ratings.trend[0].verdict
    };
    assert_eq!(
        [1, 2, 3].map(|value| csat(value, 3)),
        [Verdict::Dissatisfied, Verdict::Neutral, Verdict::Satisfied]
    );
    assert_eq!([1, 2].map(|value| csat(value, 2)), [Verdict::Dissatisfied, Verdict::Satisfied]);
    assert_eq!([2, 3].map(|value| csat(value, 4)), [Verdict::Dissatisfied, Verdict::Satisfied]);
    assert_eq!(
        [40, 50, 60].map(|value| csat(value, 101)),
        [Verdict::Dissatisfied, Verdict::Neutral, Verdict::Neutral]
    );
}

#[test]
fn the_last_day_of_rating_decides_who_hears_of_us() {
    let mouth = |facts: Vec<Fact>| on("2026-06-01", facts).word_of_mouth;
    let happy = mouth(vec![csat("2026-03-01", 1, &json!({})), csat("2026-03-02", 5, &json!({}))]);
    assert_eq!((happy.told_well_low, happy.told_well_high, happy.told_badly), (10, 16, 0));
    let torn = mouth(vec![csat("2026-03-02", 5, &json!({})), nps("2026-03-02", 3)]);
    assert_eq!((torn.told_well_high, torn.told_badly, torn.evidence.len()), (0, 28, 2));
    let between = mouth(vec![csat("2026-03-02", 3, &json!({}))]);
    assert_eq!((between.told_well_high, between.told_badly), (0, 0));
}

#[test]
fn a_transaction_is_rated_once_through_the_same_eyes() {
    let served = "5c1e3f0a-8a55-4c5b-9a34-0c7a0c5a7f11";
    let first = csat("2026-03-06", 5, &json!({"of": served}));
    let again = nth(2, first.clone());
    let free = csat("2026-03-06", 4, &json!({}));
    let answer = on("2026-06-01", [first, again, free.clone(), nth(2, free)]);
    assert_eq!(answer.ratings.csat.n, 3, "ratings of nothing in particular are each their own");
}
