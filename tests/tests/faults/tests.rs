//! What is promised, in short runs.

use throughline_log::faults::{Point, Seeded};

use crate::{
    alone, counts::Counts, flips, full, kills, planted, seed::seed, service, troubles, whole::Whole,
};

fn finds_nothing(what: &str, (broken, counts): (Vec<String>, Counts)) {
    counts.show(&format!("{what}, seed {}", seed()));
    assert!(broken.is_empty(), "seed {}: {}", seed(), broken.join("\n"));
}

#[test]
fn what_was_acknowledged_survives_kill_9_anywhere() {
    finds_nothing("kill -9", kills::lap(seed(), &Point::ALL, 6));
}

#[test]
fn what_was_acknowledged_survives_a_disk_that_fails_in_every_way() {
    finds_nothing("a disk in trouble", troubles::lap(seed(), 2));
}

#[test]
fn every_planted_bug_is_caught_and_nothing_is_found_without_one() {
    let mut counts = Counts::default();
    assert_eq!(planted::found(seed(), None, &mut counts), [], "without a bug, seed {}", seed());
    for bug in Seeded::ALL {
        let found = planted::found(seed(), Some(bug), &mut counts);
        assert!(!found.is_empty(), "{bug} was not caught, seed {}", seed());
    }
    counts.show(&format!("planted bugs, seed {}", seed()));
}

#[test]
fn a_bit_flipped_in_any_file_is_healed_or_named() {
    finds_nothing("flipped bits", flips::lap(seed(), &Whole::new(seed(), 6), 1));
}

#[test]
fn what_the_service_acknowledged_survives_kill_9_and_failing_system_calls() {
    finds_nothing("the service", service::lap(seed(), 2));
}

#[test]
fn a_second_process_is_refused_and_the_first_is_not_disturbed() {
    finds_nothing("two processes", alone::lap(seed(), 2));
}

#[test]
fn a_disk_that_is_really_full_refuses_loses_nothing_and_goes_on_when_there_is_room() {
    finds_nothing("a small disk", full::lap());
}
