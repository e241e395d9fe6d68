//! The shape of a relationship, told as lives. The window is 90 days: its later 45 are held against its earlier 45.

mod given;

use given::{attempt, call, exited, on, opened, reading, service};
use throughline_domain::{Eyes, Fact};
use throughline_engagement::{Engagement, Shape};
use throughline_projection::testing::given;

/// Calls every so many days from one day to another.
fn calls(from: i64, to: i64, every: usize) -> impl Iterator<Item = Fact> {
    (from..=to).step_by(every).map(|day| call(&on(day), "staff"))
}

fn shape(facts: impl IntoIterator<Item = Fact>, day: i64) -> Option<Shape> {
    given::<Engagement>([opened(&on(0))].into_iter().chain(facts))
        .on(&on(day))
        .now
        .expect("the journey has begun")
        .shape
}

#[test]
fn a_journey_younger_than_the_window_has_no_shape_yet() {
    assert_eq!(shape(calls(0, 88, 7), 88), None);
    assert_eq!(shape(calls(0, 89, 7), 89), Some(Shape::Steady));
}

#[test]
fn the_same_pace_is_steady() {
    assert_eq!(shape(calls(0, 200, 7), 200), Some(Shape::Steady));
    assert_eq!(shape(calls(0, 200, 30), 200), Some(Shape::Steady));
}

#[test]
fn more_days_of_contact_are_deepening_and_fewer_are_thinning() {
    assert_eq!(shape(calls(0, 155, 14).chain(calls(160, 200, 7)), 200), Some(Shape::Deepening));
    assert_eq!(
        shape(calls(0, 155, 7).chain([call(&on(170), "staff"), call(&on(190), "staff")]), 200),
        Some(Shape::Thinning)
    );
    // One contact more or less is no change of pace.
    assert_eq!(shape(calls(0, 200, 14).chain([call(&on(190), "staff")]), 200), Some(Shape::Steady));
}

#[test]
fn many_contacts_on_one_day_are_one_day_of_contact() {
    let burst = (0..9).map(|nth| throughline_projection::testing::nth(nth, call(&on(200), "client")));
    assert_eq!(shape(calls(0, 200, 7).chain(burst), 200), Some(Shape::Steady));
}

#[test]
fn new_areas_of_life_are_deepening() {
    let new = [service(&on(190), "housing", "in-person"), service(&on(195), "work", "phone")];
    assert_eq!(shape(calls(0, 200, 7).chain(new), 200), Some(Shape::Deepening));
}

#[test]
fn falling_trust_is_thinning_while_the_pace_is_kept() {
    let trust = |last: f64| {
        let readings = [(100, 5.0), (130, 5.0), (190, last)]
            .map(|(day, value)| reading(&on(day), Eyes::Client, "trust", value));
        shape(calls(0, 200, 7).chain(readings), 200)
    };
    assert_eq!(trust(5.0), Some(Shape::Steady));
    assert_eq!(trust(2.0), Some(Shape::Thinning));
}

#[test]
fn a_silence_beyond_the_clients_own_rhythm_is_first_thinning_then_quiet() {
    let facts = || calls(0, 203, 7).chain([attempt(&on(215)), exited(&on(216), "jobs")]);
    assert_eq!(shape(facts(), 208), Some(Shape::Steady));
    assert_eq!(shape(facts(), 215), Some(Shape::Thinning));
    assert_eq!(shape(facts(), 227), Some(Shape::Quiet));
    assert_eq!(shape(facts(), 600), Some(Shape::Quiet));
}

#[test]
fn a_slow_rhythm_is_steady_until_its_own_silence_is_a_watch() {
    assert_eq!(shape(calls(0, 360, 60), 454), Some(Shape::Steady));
    assert_eq!(shape(calls(0, 360, 60), 455), Some(Shape::Thinning));
}

#[test]
fn whoever_comes_back_has_returned_for_the_length_of_a_window() {
    let facts = || calls(0, 196, 7).chain(calls(300, 420, 7));
    assert_eq!(shape(facts(), 299), Some(Shape::Quiet));
    assert_eq!(shape(facts(), 300), Some(Shape::Returned));
    assert_eq!(shape(facts(), 389), Some(Shape::Returned));
    assert_eq!(shape(facts(), 390), Some(Shape::Steady));
}
