//! The formulas against figures computed elsewhere. The file is outside the project: without it the test says so
//! and checks nothing.

#![cfg(test)]

use std::path::PathBuf;

use serde_json::Value as Json;

use crate::{readings::Smoothed, silence::silence_probability};

fn reference() -> Option<Json> {
    let shared = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    let data = std::env::var_os("THROUGHLINE_TEST_DATA").map_or_else(shared, PathBuf::from);
    let file = data.join("survival/formulas_reference.json");
    let Ok(text) = std::fs::read_to_string(&file) else {
        eprintln!(
            "SKIPPED: no {}; set THROUGHLINE_TEST_DATA to the folder of reference data",
            file.display()
        );
        return None;
    };
    Some(serde_json::from_str(&text).expect("the reference is JSON"))
}

fn number(json: &Json, name: &str) -> f64 {
    json[name].as_f64().unwrap_or_else(|| panic!("the reference has a number `{name}`"))
}

fn close(ours: f64, theirs: f64) {
    assert!((ours - theirs).abs() < 1e-8, "{ours} is not {theirs}");
}

#[test]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole days and counts")]
fn the_probability_of_a_silence_is_that_of_the_reference() {
    let Some(reference) = reference() else { return };
    let cases = reference["gamma_poisson_silence"]["cases"].as_array().unwrap();
    assert!(!cases.is_empty());
    for case in cases {
        let whole = |name: &str| number(case, name) as i32;
        let p = silence_probability(
            number(case, "r"),
            number(case, "alpha"),
            whole("x") as u32,
            whole("T"),
            whole("g"),
        );
        close(p, number(case, "p"));
    }
}

#[test]
#[allow(clippy::cast_possible_truncation, reason = "whole days")]
fn the_moving_average_is_that_of_the_reference() {
    let Some(reference) = reference() else { return };
    let reference = &reference["ewma_irregular"];
    let pairs = reference["events_t_x"].as_array().unwrap().iter().zip(reference["s"].as_array().unwrap());
    let mut smoothed = Smoothed::default();
    for (event, expected) in pairs {
        smoothed.take(
            event[0].as_i64().unwrap() as i32,
            event[1].as_f64().unwrap(),
            number(reference, "tau"),
        );
        close(smoothed.value().unwrap(), expected.as_f64().unwrap());
    }
    assert_eq!(smoothed.readings, 5);
}
