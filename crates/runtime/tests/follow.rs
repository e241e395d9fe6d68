//! Views followed live are the views rebuilt from zero, in whatever order history comes in.

mod common;

use std::{
    sync::{
        Arc, Once,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use common::{
    FRAGILE, FRAGILE_ON, World, at, attempted, code, contacted, enrolled, merged, opened, published,
    published_rather, retracted, split,
};
use throughline_domain::{Actor, ErasureLevel, testing::journey_id};
use throughline_log::{Erasure, EventLog as _};
use throughline_runtime::{Error, Filter};

const ON: &str = "2026-06-01";

#[test]
fn a_journey_merged_away_is_no_client_any_more() {
    let world = World::new();
    world.told([opened(1, 1, "2026-01-01"), opened(2, 2, "2026-01-02"), contacted(2, 3, "2026-02-01")]);
    assert_eq!(world.counted(&Filter::default(), ON).0, 2);
    world.told([merged(1, 4, 1, 2), merged(2, 5, 1, 2)]);
    assert_eq!(world.counted(&Filter::default(), ON).0, 1);
    assert!(world.facts(1).contains(&"contact-made".to_owned()));
    world.rebuilt_says_the_same(&[1, 2]);
    world.told([retracted(1, 6, 4)]);
    assert_eq!(world.counted(&Filter::default(), ON).0, 2, "the merge was taken back");
    assert_eq!(world.facts(2), ["journey-opened", "contact-made"]);
    world.rebuilt_says_the_same(&[1, 2]);
}

#[test]
fn a_life_taken_back_whole_leaves_every_list_and_can_begin_again() {
    let world = World::new();
    world.told([opened(1, 1, "2026-01-01"), contacted(1, 2, "2026-02-01")]);
    world.told([retracted(1, 3, 1), retracted(1, 4, 2)]);
    assert_eq!(world.counted(&Filter::default(), ON), (0, 0, 0));
    world.rebuilt_says_the_same(&[1]);
    world.told([opened(1, 5, "2026-03-01")]);
    assert_eq!(world.facts(1), ["journey-opened"]);
    world.rebuilt_says_the_same(&[1]);
}

#[test]
fn what_comes_after_a_rebuild_holds_and_what_the_rebuild_wrote_does_not() {
    let world = World::new();
    world.told((1..=40).map(|n| opened(n, n, "2026-01-01")));
    world.runtime.rebuild(None, &|_, _| {}).expect("a rebuild");
    world.told([retracted(7, 50, 7), contacted(8, 51, "2026-02-01"), opened(41, 52, "2026-01-01")]);
    let everybody: Vec<u128> = (1..=41).collect();
    let said = world.says(&everybody);
    assert_eq!(world.counted(&Filter::default(), ON).0, 40);
    assert_eq!(world.facts(8), ["journey-opened", "contact-made"]);
    // Lists are filled from rows now, and from nothing that was in memory.
    let world = world.reopened();
    assert_eq!(world.says(&everybody), said, "opened again on the left");
    world.rebuilt_says_the_same(&everybody);
}

#[test]
fn a_retraction_that_comes_in_before_its_event_takes_it_back() {
    let world = World::new();
    world.told([opened(1, 1, "2026-01-01"), retracted(1, 2, 3)]);
    world.told([contacted(1, 3, "2026-02-01")]);
    assert_eq!(world.facts(1), ["journey-opened"]);
    world.told([contacted(1, 4, "2026-03-01")]);
    assert_eq!(world.facts(1), ["journey-opened", "contact-made"]);
    world.rebuilt_says_the_same(&[1]);
}

#[test]
fn a_retraction_that_opens_a_stream_takes_back_what_comes_after() {
    let world = World::new();
    world.told([retracted(1, 1, 2)]);
    world.told([opened(1, 2, "2026-01-01"), contacted(1, 3, "2026-02-01")]);
    assert_eq!(world.facts(1), ["contact-made"]);
    world.rebuilt_says_the_same(&[1]);
}

#[test]
fn an_erased_journey_leaves_every_list() {
    let (world, seam) = World::behind_a_seam();
    world.told([opened(1, 1, "2026-01-01"), opened(2, 2, "2026-01-01")]);
    *seam.erased.lock().expect("nobody else has it") = Some(journey_id(1));
    world.told([contacted(1, 3, "2026-02-01")]);
    assert_eq!(world.counted(&Filter::default(), ON).0, 1);
    world.rebuilt_says_the_same(&[1, 2]);
    *seam.erased.lock().expect("nobody else has it") = Some(journey_id(2));
    world.runtime.rebuild(None, &|_, _| {}).expect("a rebuild");
    let listed = world.runtime.journeys(&Filter::default(), None, 9).expect("a list");
    assert!(listed.iter().all(|(journey, _)| *journey != journey_id(2)), "a rebuild forgets who has no row");
}

#[test]
fn events_split_off_begin_a_life_where_there_was_none() {
    let world = World::new();
    world.told([opened(1, 1, "2026-01-01"), opened(1, 2, "2026-01-02"), contacted(1, 3, "2026-02-01")]);
    world.told([split(1, 4, 1, 2, &[2, 3]), split(2, 5, 1, 2, &[2, 3])]);
    assert_eq!(world.facts(2), ["journey-opened", "contact-made", "journeys-split"]);
    world.told([contacted(2, 6, "2026-03-01"), contacted(1, 7, "2026-03-01")]);
    world.rebuilt_says_the_same(&[1, 2]);
    world.told([retracted(2, 8, 5)]);
    assert_eq!(world.facts(2), ["contact-made"]);
    world.rebuilt_says_the_same(&[1, 2]);
}

#[test]
fn facts_recorded_late_or_at_the_same_moment_stand_where_they_happened() {
    let world = World::new();
    world.told([opened(1, 1, "2026-01-01"), contacted(1, 9, "2026-02-01T10:00:00Z")]);
    world.told([attempted(1, 8, "2026-02-01T10:00:00Z"), contacted(1, 7, "2026-01-15")]);
    world.told([attempted(1, 10, "2026-02-01T10:00:00Z"), contacted(1, 11, "2026-02-01T10:00:00Z")]);
    world.rebuilt_says_the_same(&[1]);
}

#[test]
fn settings_put_right_or_taken_back_reach_views_and_figures_at_once() {
    let world = World::new();
    world.told([opened(1, 1, "2026-01-01"), enrolled(1, 2, "2026-01-01", "homes")]);
    assert_eq!(world.counted(&Filter::default(), ON).2, 90, "the default");
    world.told([published(9, 3, "2026-01-01", "homes", 30)]);
    assert_eq!(world.counted(&Filter::default(), ON).2, 30);
    world.told([published_rather(9, 4, 3, "homes", 60)]);
    assert_eq!(world.counted(&Filter::default(), ON).2, 60, "corrected");
    world.told([retracted(9, 5, 3)]);
    assert_eq!(world.counted(&Filter::default(), ON).2, 90, "taken back");
    world.rebuilt_says_the_same(&[1, 9]);
}

#[test]
fn a_projector_that_panics_is_seen_and_does_not_end_the_following() {
    let world = World::new();
    world.told([opened(1, 1, "2026-01-01")]);
    world.runtime.start();
    assert!(soon(|| world.runtime.ready()));
    FRAGILE.store(true, Ordering::SeqCst);
    world.log.append(vec![attempted(1, 2, FRAGILE_ON)], &[]).expect("an append");
    let seen = soon(|| !world.runtime.ready());
    FRAGILE.store(false, Ordering::SeqCst);
    assert!(seen, "views that stand still are not ready");
    assert!(world.runtime.wait_applied(2, Duration::from_secs(10)), "the step is tried again");
    assert!(soon(|| world.runtime.ready()));
    assert_eq!(world.facts(1), ["journey-opened", "contact-attempted"]);
    world.runtime.stop();
}

#[test]
fn what_is_recorded_while_views_are_rebuilt_is_never_lost_from_sight() {
    let world = World::new();
    world.told([opened(1, 1, "2026-01-01"), opened(2, 2, "2026-01-01")]);
    let once = Once::new();
    let meanwhile = |_, _| {
        once.call_once(|| {
            world.told([contacted(1, 3, "2026-02-01"), merged(1, 4, 1, 2), merged(2, 5, 1, 2)]);
        });
    };
    let rebuilt = world.runtime.rebuild(None, &meanwhile).expect("a rebuild");
    assert_eq!(rebuilt.events, 2, "the log was read up to where it stood");
    assert_eq!(world.runtime.applied(), 5);
    assert!(world.runtime.progress().iter().all(|view| view.applied == 5), "no view falls back");
    assert!(world.facts(1).contains(&"contact-made".to_owned()));
    assert_eq!(world.counted(&Filter::default(), ON).0, 1);
    world.rebuilt_says_the_same(&[1, 2]);
}

#[test]
fn views_follow_while_they_are_rebuilt_again_and_again() {
    let world = World::new();
    world.told((1..=40).map(|n| opened(n, n, "2026-01-01")));
    world.runtime.start();
    let journeys: Vec<u128> = (1..=40).collect();
    let world_of = &world;
    std::thread::scope(|scope| {
        let rebuilding: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    for _ in 0..15 {
                        world.runtime.rebuild(None, &|_, _| {}).expect("a rebuild");
                    }
                })
            })
            .collect();
        let reading = scope.spawn(move || {
            let mut days =
                (0..).map(|n| jiff::civil::date(2026, 6, 1).saturating_add(jiff::Span::new().days(n)));
            while rebuilding.iter().any(|thread| !thread.is_finished()) {
                let on = days.next().expect("days without end");
                let groups = world_of.runtime.figures("told", &Filter::default(), None, on).expect("figures");
                assert_eq!(groups[0].clients, 40, "every client is counted all the time");
            }
        });
        for id in 100..400 {
            world.log.append(vec![contacted(id % 40 + 1, id, "2026-02-01")], &[]).expect("an append");
        }
        reading.join().expect("readers are never turned away");
    });
    assert!(world.runtime.wait_applied(world.log.events(), Duration::from_secs(20)));
    let followed = world.says(&journeys);
    world.runtime.stop();
    assert_eq!(world.counted(&Filter::default(), ON).1, 340, "no event is missing from any row");
    let other = World::new();
    other.told((1..=40).map(|n| opened(n, n, "2026-01-01")));
    other.told((100..400).map(|id| contacted(id % 40 + 1, id, "2026-02-01")));
    assert_eq!(followed, other.says(&journeys));
}

#[test]
fn a_rebuild_ends_soon_after_the_runtime_is_stopped() {
    let world = World::new();
    world.told([opened(1, 1, "2026-01-01")]);
    let runtime = Arc::clone(&world.runtime);
    let stopped = world.runtime.rebuild(None, &move |_, _| runtime.stop());
    assert!(matches!(stopped, Err(Error::Stopped)));
    assert_eq!(world.facts(1), ["journey-opened"], "what was served still is");
}

fn soon(mut happens: impl FnMut() -> bool) -> bool {
    #[expect(clippy::disallowed_methods, reason = "a test that waits needs an end")]
    let begun = Instant::now();
    while !happens() {
        if begun.elapsed() > Duration::from_secs(10) {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}

#[test]
fn whoever_is_erased_while_views_are_rebuilt_is_on_no_list_of_theirs() {
    let world = World::new();
    let drafts =
        (1..=20).map(|n| opened(n, n, "2026-01-01")).chain([merged(3, 30, 3, 4), merged(4, 31, 3, 4)]);
    world.log.append(drafts.collect(), &[]).expect("an append");
    let asked = Erasure {
        requested_by: code("client"),
        reason: code("asked"),
        actor: Actor::new("worker:w1").expect("a pseudonym"),
    };
    let once = Once::new();
    let meanwhile = |done: u64, events: u64| {
        if done == events {
            once.call_once(|| {
                for gone in [2, 4] {
                    let gone = journey_id(gone);
                    let done =
                        world.runtime.erase(gone, ErasureLevel::All, &asked, at("2026-06-01T08:00:00Z"));
                    done.expect("it is erased");
                }
            });
        }
    };
    world.runtime.rebuild(None, &meanwhile).expect("a rebuild");
    assert!(once.is_completed());
    let listed = || {
        let listed = world.runtime.journeys(&Filter::default(), None, 100).expect("a list");
        listed.into_iter().map(|(journey, _)| journey).collect::<Vec<_>>()
    };
    for gone in [2, 4] {
        assert!(!listed().contains(&journey_id(gone)), "{gone} was erased, and is listed");
    }
    world.runtime.catch_up().expect("the views follow");
    assert_eq!(listed().len(), 18, "nobody else is missing: {:?}", listed());
}

#[test]
fn events_come_in_while_every_thread_of_a_rebuild_waits_for_them() {
    let world = Arc::new(World::new());
    world.log.append((1..=2_000).map(|n| opened(n, n, "2026-01-01")).collect(), &[]).expect("an append");
    let (done, rebuilt) = std::sync::mpsc::channel();
    let other = Arc::clone(&world);
    std::thread::spawn(move || {
        let calls = AtomicU64::new(0);
        let meanwhile = |_: u64, _: u64| {
            let call = u128::from(calls.fetch_add(1, Ordering::SeqCst));
            if call < 16 {
                // So many are sealed by several threads.
                let many = (0..200).map(|n| contacted(n + 1, 10_000 + 200 * call + n, "2026-02-01"));
                other.log.append(many.collect(), &[]).expect("an append");
            }
        };
        let _ = done.send(other.runtime.rebuild(None, &meanwhile).map(|_| ()));
    });
    let rebuilt = rebuilt.recv_timeout(Duration::from_mins(2)).expect("nobody waits for each other");
    rebuilt.expect("a rebuild");
    world.runtime.catch_up().expect("the views follow");
    assert_eq!(world.counted(&Filter::default(), ON).1, 2_000 + 16 * 200);
}
