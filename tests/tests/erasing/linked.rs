//! Two journeys of one person: the row of one holds facts of the other.

use jiff::civil::date;
use serde_json::json;
use throughline_domain::ErasureLevel;
use throughline_log::AsOf;
use throughline_runtime::Filter;
use throughline_tests::World;

use crate::{
    lives::{CODED, asked, draft, journey, keys_of, life, plain},
    served::nowhere,
};

const ON: jiff::civil::Date = date(2026, 6, 1);

fn merged() -> World {
    let world = World::new();
    let (kept, absorbed) = (journey(1), journey(2));
    world.append(&plain(kept));
    world.append(&life(absorbed));
    let mut merged = draft(
        kept,
        20,
        "2026-03-01",
        "amendment.journeys-merged",
        json!({"kept": kept, "absorbed": absorbed}),
        json!({}),
    );
    merged.source = None;
    world.runtime.record(&[merged], None, world.clock.time()).unwrap();
    world.caught_up();
    world
}

#[test]
fn the_row_of_one_journey_is_closed_by_the_key_of_another_whose_facts_are_in_it() {
    let world = merged();
    let (kept, absorbed) = (journey(1), journey(2));
    let says = |world: &World| world.says(&[kept], AsOf::Now, ON).into_values().collect::<String>();
    let placed = |world: &World| format!("{:?}", world.runtime.placement(kept).unwrap());
    assert!(placed(&world).contains(CODED[0]), "{}", placed(&world));
    assert_eq!(world.runtime.linked_to(kept).unwrap(), [absorbed]);
    let (raw, wrapped) = keys_of(&world.log, world.dir.path(), absorbed);
    // The row as it lies in sled now, to be put back later: sled keeps such bytes.
    world.runtime.stop();
    let before = world.dir.path().join("before");
    crate::files::copy(&world.dir.path().join("views"), &before);
    world.runtime.erase(absorbed, ErasureLevel::All, &asked(), world.clock.time()).unwrap();
    assert!(!placed(&world).contains(CODED[0]) && !says(&world).contains(CODED[0]), "{}", placed(&world));
    let listed = world.runtime.journeys(&Filter::default(), None, 100).unwrap();
    assert!(listed.iter().any(|(journey, _)| *journey == kept), "the other stays");
    assert!(!format!("{listed:?}").contains(CODED[0]));
    assert_eq!(world.runtime.linked_to(kept).unwrap(), []);
    nowhere(world.dir.path(), &[raw, wrapped].concat(), &CODED);
    // The old bytes, put back as a thief of the disk would read them with every key that is left, give nothing.
    let seam: std::sync::Arc<dyn throughline_log::EventLog> = world.log.clone();
    let old = throughline_runtime::Runtime::open(seam, &before, throughline_cli::projectors()).unwrap();
    assert!(old.placement(kept).unwrap().is_none(), "the row is sealed by both");
    assert!(old.placement(absorbed).unwrap().is_none());
}

#[test]
fn a_journey_that_was_merged_away_can_be_erased_and_both_at_once() {
    let world = merged();
    let (kept, absorbed) = (journey(1), journey(2));
    for of in [kept, absorbed] {
        let certificate = world.runtime.erase(of, ErasureLevel::All, &asked(), world.clock.time()).unwrap();
        assert_eq!(certificate.journey, of);
    }
    world.caught_up();
    assert_eq!(world.runtime.journeys(&Filter::default(), None, 100).unwrap(), []);
    assert!(world.log.verify(true, &|_, _| {}).unwrap().problems.is_empty());
}

#[test]
fn a_journey_goes_on_when_one_that_was_merged_into_it_is_erased() {
    let world = merged();
    let (kept, absorbed) = (journey(1), journey(2));
    world.runtime.erase(absorbed, ErasureLevel::All, &asked(), world.clock.time()).unwrap();
    let facts = json!({"format": "phone", "begun_by": "client", "exchange": "two-way", "with": []});
    let next =
        draft(kept, 30, "2026-04-01", "transaction.contact-made", facts, json!({"words": "still here"}));
    world.runtime.record(&[next], None, world.clock.time()).unwrap();
}
