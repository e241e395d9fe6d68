//! Recording: what is decided rests on the journey as it stands when it is appended.

mod common;

use std::sync::atomic::Ordering;

use common::{World, at, contacted, enrolled, exited, opened, retracted, split};
use throughline_domain::{Amendment, Event, Version, testing::journey_id};
use throughline_log::{AsOf, Error as LogError, EventLog as _, Receipt};
use throughline_runtime::Error;

const NOW: &str = "2026-06-01T08:00:00Z";

fn rule(result: Result<Receipt, Error>) -> &'static str {
    match result {
        Err(Error::Rejected { rejection, .. }) => rejection.rule,
        other => panic!("not refused by a rule: {other:?}"),
    }
}

#[test]
fn facts_reported_again_with_new_ones_are_not_decided_again() {
    let world = World::new();
    let begun = [opened(1, 1, "2026-01-01"), enrolled(1, 2, "2026-01-01", "homes")];
    world.record(&begun).expect("recorded");
    let more = [begun[0].clone(), begun[1].clone(), contacted(1, 3, "2026-02-01")];
    let receipt = world.record(&more).expect("recorded");
    assert_eq!(receipt.events.iter().map(|stored| stored.repeated).collect::<Vec<_>>(), [true, true, false]);
    let again = world.runtime.record(&more, Some(Version(2)), at(NOW)).expect("a repeat is never stale");
    assert!(again.events.iter().all(|stored| stored.repeated));
    let stale = [begun[0].clone(), contacted(1, 4, "2026-02-02")];
    let refused = world.runtime.record(&stale, Some(Version(2)), at(NOW));
    assert!(matches!(refused, Err(Error::Log(LogError::Conflict { current: Version(3), .. }))));
}

#[test]
fn one_event_twice_in_a_batch_counts_once() {
    let world = World::new();
    let twice = [opened(1, 1, "2026-01-01"), contacted(1, 2, "2026-02-01"), contacted(1, 2, "2026-02-01")];
    let receipt = world.record(&twice).expect("recorded");
    assert_eq!(receipt.events.iter().filter(|stored| stored.repeated).count(), 1);
    // Written past the rules, at the version that a wrong count would have given the kept decision.
    world.told([enrolled(1, 3, "2026-03-01", "homes")]);
    world.record(&[exited(1, 4, "2026-04-01", "e-3")]).expect("the enrolment is known");
}

#[test]
fn a_decision_knows_what_changed_in_a_journey_it_was_split_from() {
    let world = World::new();
    world.record(&[opened(1, 1, "2026-01-01"), enrolled(1, 2, "2026-01-02", "homes")]).expect("recorded");
    world.record(&[split(1, 3, 1, 2, &[2])]).expect("split, and its twin written");
    assert_eq!(rule(world.record(&[exited(1, 4, "2026-02-01", "e-2")])), "enrolment-unknown");
    world.record(&[contacted(1, 5, "2026-02-01")]).expect("recorded");
    let twin = world.log.read_journey(journey_id(2), AsOf::Now).expect("a journey").events.remove(0);
    let mut back = retracted(2, 6, 0);
    if let Event::Amendment(Amendment::Retracted(retracted)) = &mut back.event {
        retracted.event = twin.draft.event_id;
    }
    world.told([back]);
    world.record(&[exited(1, 7, "2026-02-01", "e-2")]).expect("the enrolment is this journey's again");
}

#[test]
fn nothing_is_appended_after_an_event_that_the_decision_did_not_see() {
    let (world, seam) = World::behind_a_seam();
    world.told([opened(1, 1, "2026-01-01"), enrolled(1, 2, "2026-01-01", "homes")]);
    world.told([exited(1, 3, "2026-02-01", "e-2")]);
    seam.unread.store(3, Ordering::SeqCst);
    assert_eq!(rule(world.record(&[exited(1, 4, "2026-03-01", "e-2")])), "already-exited");
    seam.unread.store(3, Ordering::SeqCst);
    let at_version = world.runtime.record(&[contacted(1, 5, "2026-03-01")], Some(Version(3)), at(NOW));
    at_version.expect("the writer knew the version");
}
