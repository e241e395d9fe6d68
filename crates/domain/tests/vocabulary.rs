//! Every code that the product itself uses is called something in both languages.

use std::collections::HashSet;

use throughline_domain::{
    Answer, Code, Departure, DestinationKind, Effect, ErasureLevel, Exchange, Eyes, Family, FollowUpResult,
    Format, Kept, Language, Reached, Relationship, Role, TYPE_NAMES, WindowAnchor,
    vocabulary::{all, get, label},
};

#[test]
fn every_closed_code_of_a_fact_is_named_and_no_other() {
    macro_rules! codes {
        ($($name:literal => $closed:ty,)*) => {
            vec![$(($name, <$closed>::ALL.iter().map(|value| value.code()).collect::<Vec<&str>>()),)*]
        };
    }
    let mut closed = codes! {
        "eyes" => Eyes, "role" => Role, "format" => Format, "exchange" => Exchange, "reached" => Reached,
        "follow-up-result" => FollowUpResult, "relationship" => Relationship, "answer" => Answer,
        "kept" => Kept, "effect" => Effect, "destination-kind" => DestinationKind,
        "departure" => Departure, "window-anchor" => WindowAnchor, "erasure-level" => ErasureLevel,
    };
    closed.push(("family", Family::ALL.iter().map(|family| family.name()).collect()));
    closed.push(("fact", TYPE_NAMES.iter().map(|name| name.split('.').nth(2).expect("a fact")).collect()));
    for (name, codes) in closed {
        let vocabulary = get(name).unwrap_or_else(|| panic!("no vocabulary `{name}`"));
        assert!(vocabulary.closed, "{name} is open");
        let named: Vec<&str> = vocabulary.terms.iter().map(|term| term.code.as_str()).collect();
        assert_eq!(named, codes, "{name}");
    }
}

#[test]
fn every_term_is_a_code_named_once_in_both_languages() {
    let mut names = HashSet::new();
    for vocabulary in all() {
        assert!(names.insert(&vocabulary.name), "{} stands twice", vocabulary.name);
        Code::new(&vocabulary.name).expect("a vocabulary's name is a code");
        let mut codes = HashSet::new();
        for term in &vocabulary.terms {
            let at = format!("{}/{}", vocabulary.name, term.code);
            Code::new(&term.code).unwrap_or_else(|error| panic!("{at}: {error}"));
            assert!(codes.insert(&term.code), "{at} stands twice");
            assert!(term.en.trim() == term.en && !term.en.is_empty(), "{at} has no English");
            assert!(term.af.trim() == term.af && !term.af.is_empty(), "{at} has no Afrikaans");
            assert!(!term.en.contains('\'') && !term.af.contains('\''), "{at}: write ’");
        }
    }
}

#[test]
fn afrikaans_is_not_english_left_standing() {
    // Words that are spelt alike in both languages.
    let alike = ["Impact", "Crèche", "Instrument", "Brief"];
    for vocabulary in all() {
        for term in &vocabulary.terms {
            assert!(
                term.en != term.af || alike.contains(&term.en.as_str()),
                "{}/{} is `{}` in both languages",
                vocabulary.name,
                term.code,
                term.en
            );
        }
    }
}

#[test]
fn a_label_follows_the_language_and_falls_back_to_the_code() {
    let language = |tag: &str| Language::new(tag).expect("a language");
    assert_eq!(label("life-area", "housing", &language("af")), "Huisvesting");
    assert_eq!(label("life-area", "housing", &language("af-ZA")), "Huisvesting");
    assert_eq!(label("life-area", "housing", &language("zu")), "Housing");
    assert_eq!(label("service", "our-own-service", &language("en")), "our-own-service");
    assert_eq!(label("no-such-vocabulary", "x", &language("en")), "x");
}

#[test]
fn a_closed_vocabulary_suggests_the_nearest_and_an_open_one_takes_any_code() {
    let code = |text: &str| Code::new(text).expect("a code");
    let life_area = get("life-area").expect("life areas");
    assert_eq!(life_area.accepts(&code("housing")), Ok(()));
    assert_eq!(life_area.accepts(&code("huosing")), Err("housing"));
    assert_eq!(life_area.accepts(&code("mental_health")), Err("mental-health"));
    let service = get("service").expect("services");
    assert_eq!(service.accepts(&code("something-of-our-own")), Ok(()));
}
