//! What every text and number may hold.

use proptest::prelude::*;
use throughline_domain::{Actor, Code, EventId, JourneyId, Key, Language, Scale, Score, Text};

#[test]
fn codes_are_short_lower_case_and_begin_with_a_letter_or_digit() {
    for good in ["a", "0", "in-person", "hmis-410", "v1.2_x", &"a".repeat(64)] {
        assert_eq!(Code::new(good).expect(good).as_str(), good);
    }
    for bad in ["", "-a", ".a", "A", "a b", "a:b", "ä", "a\n", &"a".repeat(65)] {
        let error = Code::new(bad).expect_err("no code").to_string();
        assert!(error.contains("is not a code: write 1 to 64"), "{error}");
    }
}

#[test]
fn keys_are_printable_and_without_spaces() {
    for good in ["e-1f0c", "A/B:c~", &"k".repeat(64)] {
        assert_eq!(Key::new(good).expect(good).to_string(), good);
    }
    for bad in ["", " ", "a b", "a\t", "é", &"k".repeat(65)] {
        assert!(Key::new(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn actors_are_pseudonyms() {
    assert!(Actor::new("worker:w17").is_ok() && Actor::new("system:import").is_ok());
    for bad in ["", "Anna Example", "worker w17", "anna@example.org", &"a".repeat(65)] {
        assert!(Actor::new(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn languages_are_tags() {
    for good in ["en", "af", "zu", "pt-BR", "zh-Hant-TW", "sr-Latn", "nso"] {
        assert!(Language::new(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "e",
        "english",
        "12",
        "en_ZA",
        "en-",
        "-en",
        "en--ZA",
        "a1",
        &format!("en{}", "-abcdefgh".repeat(4)),
    ] {
        assert!(Language::new(bad).is_err(), "{bad}");
    }
}

#[test]
fn texts_hold_16_kib_of_any_writing() {
    assert_eq!(Text::BYTES_MAX, 16 * 1024);
    assert!(Text::new("ê".repeat(8 * 1024)).is_ok());
    assert!(Text::new("ê".repeat(8 * 1024) + "a").is_err());
    assert!(Text::new("").is_ok());
}

#[test]
fn scores_are_finite_and_zero_has_no_sign() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(Score::new(bad).is_err());
    }
    assert!(Score::new(-0.0).expect("zero").get().is_sign_positive());
}

#[test]
fn a_scale_has_room_and_holds_its_ends() {
    let score = |value| Score::new(value).expect("finite");
    let scale = Scale::new(1.0, 5.0).expect("a scale");
    assert!(scale.holds(score(1.0)) && scale.holds(score(5.0)) && !scale.holds(score(5.01)));
    assert!((scale.share(score(3.0)) - 0.5).abs() < 1e-12);
    for (min, max) in [(1.0, 1.0), (2.0, 1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY)] {
        assert!(Scale::new(min, max).is_err(), "{min} to {max}");
    }
}

#[test]
fn ids_say_what_is_no_uuid() {
    let error = "hmis:62547".parse::<JourneyId>().expect_err("no UUID").to_string();
    assert_eq!(error, "`hmis:62547` is not a UUID; write 8-4-4-4-12 hexadecimal digits");
    let long = "x".repeat(10_000).parse::<EventId>().expect_err("no UUID").to_string();
    assert!(long.len() < 200);
}

proptest! {
    #[test]
    fn any_text_is_taken_as_it_is_or_refused_in_a_short_sentence(text in ".{0,200}") {
        for refused in [
            Code::new(&text).map(|code| assert_eq!(code.as_str(), text)),
            Key::new(&text).map(|key| assert_eq!(key.as_str(), text)),
            Actor::new(&text).map(|actor| assert_eq!(actor.as_str(), text)),
            Language::new(&text).map(|language| assert_eq!(language.as_str(), text)),
        ] {
            prop_assert!(refused.is_ok() || refused.is_err_and(|error| error.to_string().chars().count() < 250));
        }
    }

    #[test]
    fn a_share_lies_between_nought_and_one(min in -1e9..1e9, span in 1e-3..1e9, value in -1e10..1e10) {
        let share = Scale::new(min, min + span).expect("room").share(Score::new(value).expect("finite"));
        prop_assert!((0.0..=1.0).contains(&share));
    }

    #[test]
    fn ids_are_the_same_written_and_read(bytes in any::<[u8; 16]>()) {
        let id = EventId::from_bytes(bytes);
        prop_assert_eq!(id.to_string().parse::<EventId>().expect("its own form"), id);
        prop_assert_eq!(EventId::new(id.uuid()).bytes(), bytes);
    }
}
