//! The promises that views keep: rebuilt = live, any recording order tells the same life, as known at R = a log cut
//! at R. On made-up lives with late entries, corrections, retractions and merges.

#![allow(clippy::unwrap_used, reason = "a test stops where it is surprised")]

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use proptest::prelude::*;
use throughline_demo::Demo;
use throughline_domain::{Amendment, Draft, Event, JourneyId, Position};
use throughline_log::{AsOf, EventLog as _};
use throughline_runtime::Filter;
use throughline_tests::World;
use uuid::Uuid;

const NAMESPACE: Uuid = Uuid::from_u128(0x7468_726f_7567_686c_696e_6500_0000_0001);
const UNTIL: Date = date(2026, 5, 31);

fn portions(clients: usize, seed: u64) -> Vec<throughline_demo::Portion> {
    Demo::new(seed, clients, UNTIL, NAMESPACE).collect()
}

fn record(world: &World, portions: &[throughline_demo::Portion]) {
    for portion in portions {
        world.clock.set(portion.recorded_at);
        world.append(&portion.drafts);
    }
}

fn journeys<'a>(drafts: impl IntoIterator<Item = &'a Draft>) -> Vec<JourneyId> {
    drafts.into_iter().map(|draft| draft.journey).collect::<BTreeSet<_>>().into_iter().collect()
}

#[test]
fn views_followed_live_are_the_views_rebuilt_from_zero() {
    let portions = portions(40, 7);
    let journeys = journeys(portions.iter().flat_map(|portion| &portion.drafts));
    let world = World::new();
    for (index, portion) in portions.iter().enumerate() {
        record(&world, std::slice::from_ref(portion));
        if index % 13 == 0 {
            world.caught_up();
        }
    }
    let live = world.caught_up().says(&journeys, AsOf::Now, UNTIL);
    world.runtime.rebuild(None, &|_, _| {}).unwrap();
    let rebuilt = world.says(&journeys, AsOf::Now, UNTIL);
    assert_eq!(live, rebuilt);

    let folded_anew = world.says(&journeys, AsOf::Position(Position(u64::MAX)), UNTIL);
    assert_eq!(live, folded_anew, "a row says what folding the journey anew says");
}

#[test]
fn work_lists_and_figures_are_the_same_live_and_rebuilt() {
    let portions = portions(60, 11);
    let world = World::new();
    for chunk in portions.chunks(20) {
        record(&world, chunk);
        world.caught_up();
    }
    let all = || {
        let mut said = Vec::new();
        for projector in world.runtime.projectors().iter() {
            for list in projector.work_lists() {
                let work = world.runtime.work(list.name, &Filter::default(), UNTIL).unwrap();
                said.push(serde_json::to_string(&work).unwrap());
            }
            let by = "programme".parse().unwrap();
            let figures =
                world.runtime.figures(projector.name(), &Filter::default(), Some(&by), UNTIL).unwrap();
            said.push(serde_json::to_string(&*figures).unwrap());
        }
        said
    };
    let live = all();
    assert!(live.iter().any(|list| list.len() > 100), "the made-up lives leave work to do");
    world.runtime.rebuild(None, &|_, _| {}).unwrap();
    assert_eq!(live, all());
}

#[test]
fn as_known_at_a_position_is_what_a_log_cut_there_says() {
    let portions = portions(25, 3);
    let drafts: Vec<&Draft> = portions.iter().flat_map(|portion| &portion.drafts).collect();
    let journeys = journeys(drafts.iter().copied());
    let whole = World::new();
    record(&whole, &portions);
    whole.caught_up();
    for share in [10, 35, 60, 85, 99] {
        let cut = drafts.len() * share / 100;
        let shorter = World::new();
        let mut left = cut;
        for portion in &portions {
            let taken = portion.drafts.len().min(left);
            shorter.clock.set(portion.recorded_at);
            shorter.append(&portion.drafts[..taken]);
            left -= taken;
        }
        assert_eq!(shorter.log.events(), cut as u64);
        let known = |journey: &JourneyId| shorter.log.version(*journey).unwrap().0 > 0;
        let journeys: Vec<JourneyId> = journeys.iter().copied().filter(known).collect();
        let then = whole.says(&journeys, AsOf::Position(Position(cut as u64 - 1)), UNTIL);
        let cut_off = shorter.caught_up().says(&journeys, AsOf::Now, UNTIL);
        assert_eq!(then, cut_off, "at {cut} of {} events", drafts.len());
    }
}

#[test]
fn as_known_at_a_time_is_what_a_log_stopped_then_says() {
    let portions = portions(15, 5);
    let whole = World::new();
    record(&whole, &portions);
    whole.caught_up();
    let middle = portions.len() / 2;
    let stopped = World::new();
    record(&stopped, &portions[..middle]);
    let journeys = journeys(portions[..middle].iter().flat_map(|portion| &portion.drafts));
    let at = AsOf::Time(portions[middle - 1].recorded_at);
    assert_eq!(whole.says(&journeys, at, UNTIL), stopped.caught_up().says(&journeys, AsOf::Now, UNTIL));
}

/// Spreads few random numbers over many facts.
const SPREAD: u32 = 0x9e37_79b1;

/// Facts in a shuffled order; amendments keep their order among themselves, for the last correction wins.
fn shuffled(drafts: &[Draft], order: &[u32]) -> Vec<Draft> {
    let amends = |draft: &Draft| matches!(draft.event, Event::Amendment(_));
    let mut amendments = drafts.iter().filter(|draft| amends(draft)).cloned();
    let mut mixed: Vec<(u32, &Draft)> = drafts
        .iter()
        .enumerate()
        .map(|(index, draft)| {
            (
                order[index % order.len()]
                    .wrapping_mul(SPREAD)
                    .rotate_left(u32::try_from(index % 32).unwrap()),
                draft,
            )
        })
        .collect();
    mixed.sort_by_key(|(key, _)| *key);
    let place = |(_, draft): (u32, &Draft)| {
        if amends(draft) { amendments.next().expect("as many places as amendments") } else { draft.clone() }
    };
    mixed.into_iter().map(place).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_recording_tells_the_same_life(order in prop::collection::vec(any::<u32>(), 64), seed in 0u64..1000) {
        let drafts: Vec<Draft> = portions(6, seed).into_iter().flat_map(|portion| portion.drafts).collect();
        let journeys = journeys(&drafts);
        let told = World::new();
        told.append(&drafts);
        let mixed = World::new();
        let reordered = shuffled(&drafts, &order);
        let (early, late) = reordered.split_at(reordered.len() / 2);
        mixed.append(early);
        mixed.caught_up();
        mixed.append(late);
        prop_assert_eq!(
            told.caught_up().says(&journeys, AsOf::Now, UNTIL),
            mixed.caught_up().says(&journeys, AsOf::Now, UNTIL)
        );
    }

    #[test]
    fn stopping_anywhere_changes_nothing(stop in 1usize..200, seed in 0u64..1000) {
        let drafts: Vec<Draft> = portions(6, seed).into_iter().flat_map(|portion| portion.drafts).collect();
        let journeys = journeys(&drafts);
        let straight = World::new();
        straight.append(&drafts);
        let expected = straight.caught_up().says(&journeys, AsOf::Now, UNTIL);

        let stopped = World::new();
        let (before, after) = drafts.split_at(stop.min(drafts.len()));
        stopped.append(before);
        stopped.caught_up();
        let stopped = stopped.reopen();
        stopped.append(after);
        prop_assert_eq!(expected, stopped.caught_up().says(&journeys, AsOf::Now, UNTIL));
    }
}

#[test]
fn an_amendment_never_reaches_into_a_stranger() {
    let drafts: Vec<Draft> = portions(30, 21).into_iter().flat_map(|portion| portion.drafts).collect();
    let merged = |draft: &&Draft| matches!(draft.event, Event::Amendment(Amendment::JourneysMerged(_)));
    let touched = journeys(drafts.iter().filter(merged));
    let strangers: Vec<JourneyId> =
        journeys(&drafts).into_iter().filter(|journey| !touched.contains(journey)).take(20).collect();
    let with = World::new();
    with.append(&drafts);
    let without = World::new();
    without.append(&drafts.into_iter().filter(|draft| !merged(&draft)).collect::<Vec<_>>());
    assert_eq!(
        with.caught_up().says(&strangers, AsOf::Now, UNTIL),
        without.caught_up().says(&strangers, AsOf::Now, UNTIL)
    );
}
