//! When something happened: written, read and put in order.

use jiff::{Timestamp, civil::Date, tz::Offset};
use proptest::prelude::*;
use serde_json::json;
use throughline_domain::{
    Occurred, Precision,
    testing::{day, event, fact},
};

fn at(text: &str) -> Occurred {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn what_was_told_is_kept_a_day_as_a_day_and_an_instant_with_its_offset() {
    for text in
        ["2026-03-01", "2024-02-29", "9999-12-31", "2026-03-01T09:30:00+02:00", "2026-03-01T09:30:00-03:30"]
    {
        assert_eq!(at(text).to_string(), text);
    }
    assert_eq!(at("2026-03-01").precision(), Precision::Day);
    assert_eq!(at("2026-03-01T09:30:00Z").precision(), Precision::Instant);
    assert_eq!(at("2026-03-01").instant(), None);
}

#[test]
fn the_civil_day_is_that_of_the_events_own_offset() {
    assert_eq!(at("2026-03-01T00:30:00+02:00").day(), day("2026-03-01"));
    assert_eq!(at("2026-02-28T22:30:00Z").day(), day("2026-02-28"));
    assert_eq!(at("2026-03-01T00:30:00+02:00").instant(), at("2026-02-28T22:30:00Z").instant());
}

#[test]
fn a_day_comes_before_every_instant_of_it_and_after_every_instant_of_the_day_before() {
    assert!(at("2026-03-01") < at("2026-03-01T00:00:00+14:00"));
    assert!(at("2026-02-28T23:59:59.999999-12:00") < at("2026-03-01"));
    assert!(at("2026-03-01T08:00:00Z") < at("2026-03-01T08:00:00.000001Z"));
}

#[test]
fn on_one_day_the_hour_goes_before_the_kind_of_fact_and_a_bare_day_before_every_hour() {
    let died = |occurred: &str| fact(1, occurred, event("milestone.died", json!({}))).order();
    let opened = |occurred: &str| {
        let opened = json!({"role": "donor", "language": "en"});
        fact(2, occurred, event("intake.journey-opened", opened)).order()
    };
    assert!(died("2026-03-01") < opened("2026-03-01T00:00:00Z"));
    assert!(died("2026-03-01T08:00:00Z") < opened("2026-03-01T09:00:00Z"));
    assert!(opened("2026-03-01") < died("2026-03-01"));
    assert_eq!(died("2026-03-01").day(), day("2026-03-01"));
}

#[test]
fn the_same_local_time_under_two_offsets_is_two_moments() {
    assert_ne!(at("2026-03-01T09:30:00+02:00").cmp(&at("2026-03-01T09:30:00Z")), std::cmp::Ordering::Equal);
}

#[test]
fn what_is_neither_day_nor_instant_is_refused() {
    for text in [
        "",
        "2026",
        "2026-3-1",
        "2026-02-29",
        "2026-13-01",
        "01-03-2026",
        "2026-03-01T09:30:00",
        "2026-03-01T25:00:00Z",
        "2026-03-01 ",
        "10000-01-01",
        "2026-03-01T09:30:00+99:00",
        "0000000000",
        "éééééé",
    ] {
        let error = text.parse::<Occurred>().expect_err(text);
        assert!(error.to_string().contains("neither a date"), "{error}");
    }
}

#[test]
fn the_ends_of_the_calendar_are_days_like_others() {
    for text in ["9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+00:00", "9999-12-30T23:59:59-12:00"] {
        if let Ok(occurred) = text.parse::<Occurred>() {
            let _ = (occurred.day(), occurred.to_string());
        }
    }
    assert_eq!(at("9999-12-31").day(), Date::MAX);
}

fn any_occurred() -> impl Strategy<Value = Occurred> {
    // Whole minutes of offset: RFC 3339 knows no others. A day from either end, so that every offset can be told.
    let instants =
        (Timestamp::MIN.as_second() + 200_000..Timestamp::MAX.as_second() - 200_000, 0..1_000_000_i32);
    let offset = -14 * 60..=14 * 60_i32;
    prop_oneof![
        (instants, offset).prop_map(|((second, micros), minutes)| {
            let instant = Timestamp::new(second, micros * 1000).expect("within the calendar");
            Occurred::At(instant, Offset::from_seconds(minutes * 60).expect("an offset"))
        }),
        (-9999..=9999_i16, 1..=12_i8, 1..=28_i8).prop_map(|(y, m, d)| Occurred::On(Date::constant(y, m, d))),
    ]
}

proptest! {
    #[test]
    fn written_and_read_again_it_is_the_same(occurred in any_occurred()) {
        let text = occurred.to_string();
        // Years before 0 have no form in RFC 3339.
        prop_assume!(!text.starts_with('-'));
        prop_assert_eq!(text.parse::<Occurred>().expect("its own form"), occurred);
        let json = serde_json::to_value(occurred).expect("a text");
        prop_assert_eq!(serde_json::from_value::<Occurred>(json).expect("its own form"), occurred);
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,40}", digits in "[0-9TZ:+. -]{0,40}") {
        let _ = (text.parse::<Occurred>(), digits.parse::<Occurred>());
    }

    #[test]
    fn the_order_is_total_and_follows_the_day(mut some in prop::collection::vec(any_occurred(), 3)) {
        some.sort();
        prop_assert!(some[0] <= some[2] && some.is_sorted_by_key(|occurred| occurred.day()));
        for (one, other) in [(some[0], some[1]), (some[1], some[2])] {
            prop_assert_eq!(one.cmp(&other), other.cmp(&one).reverse());
            prop_assert_eq!(one == other, one.cmp(&other).is_eq());
        }
    }
}
