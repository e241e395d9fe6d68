//! Answers about one journey and many: two clocks, filters, groups, a year before.

mod common;

use common::{World, code, contacted, day, enrolled, enrolled_at, opened, opened_in, published};
use throughline_domain::{Language, Position, Version, testing::journey_id};
use throughline_log::AsOf;
use throughline_runtime::{Error, Filter, GroupBy};

const ON: &str = "2026-06-01";

fn told(world: &World, as_of: AsOf, valid_at: Option<&str>, on: &str) -> (usize, u64) {
    let answer =
        world.runtime.answer("told", journey_id(1), as_of, valid_at.map(day), day(on)).expect("an answer");
    let facts = answer.body["facts"].as_array().expect("a list").len();
    (facts, answer.body["exit_after_days"].as_u64().expect("days"))
}

#[test]
fn as_known_then_rests_on_the_settings_known_then() {
    let world = World::new();
    world.told([opened(1, 1, "2026-01-01"), enrolled(1, 2, "2026-01-01", "homes")]);
    world.at("2026-06-02T08:00:00Z");
    world.told([published(9, 3, "2026-01-01", "homes", 30), contacted(1, 4, "2026-02-01")]);
    assert_eq!(told(&world, AsOf::Now, None, ON), (3, 30));
    assert_eq!(told(&world, AsOf::Position(Position(1)), None, ON), (2, 90));
    assert_eq!(told(&world, AsOf::Time(common::at("2026-06-01T12:00:00Z")), None, ON), (2, 90));
    assert_eq!(told(&world, AsOf::Position(Position(2)), None, ON), (2, 30));
}

#[test]
fn as_lived_until_a_day_leaves_out_what_happened_later() {
    let world = World::new();
    world.told([opened(1, 1, "2026-01-01"), contacted(1, 2, "2026-02-01"), contacted(1, 3, "2026-03-01")]);
    assert_eq!(told(&world, AsOf::Now, None, "2026-02-15").0, 2, "what is said on a day knows nothing later");
    assert_eq!(told(&world, AsOf::Now, Some("2026-02-01"), ON).0, 2);
    assert_eq!(told(&world, AsOf::Now, Some("2026-03-01"), "2026-02-15").0, 2);
    let before = world.runtime.answer("told", journey_id(1), AsOf::Now, Some(day("2025-01-01")), day(ON));
    assert_eq!(before.expect("known, and empty").version, Version(3));
    let unknown = world.runtime.answer("told", journey_id(7), AsOf::Now, None, day(ON));
    assert!(matches!(unknown, Err(Error::UnknownJourney(_))));
}

/// Three clients: two in `homes`, of whom one went on to `jobs` in 2026; one in no programme.
fn three() -> World {
    let world = World::new();
    world.told([
        opened(1, 1, "2025-01-01"),
        enrolled_at(1, 2, "2025-01-02", "homes", "north", "w1"),
        enrolled_at(1, 3, "2026-02-01", "jobs", "south", "w2"),
        opened_in("af", 2, 4, "2026-03-01"),
        enrolled_at(2, 5, "2026-03-02", "homes", "south", "w1"),
        opened(3, 6, "2025-05-01"),
    ]);
    world
}

fn clients(world: &World, filter: &Filter, on: &str) -> u64 {
    world.counted(filter, on).0
}

#[test]
fn a_filter_asks_one_enrolment_for_programme_site_and_worker_together() {
    let world = three();
    let homes = Filter { programme: Some(code("homes")), ..Filter::default() };
    assert_eq!(clients(&world, &homes, ON), 2);
    let homes_in_the_south = Filter { site: Some(code("south")), ..homes.clone() };
    assert_eq!(clients(&world, &homes_in_the_south, ON), 1, "of the first client's two, neither is both");
    let with_two = Filter { worker: Some(code("w2")), ..homes };
    assert_eq!(clients(&world, &with_two, ON), 0);
    let language = Some("af".parse::<Language>().expect("a language"));
    assert_eq!(clients(&world, &Filter { language, ..Filter::default() }, ON), 1);
    let listed = world.runtime.journeys(&Filter::default(), Some(journey_id(1)), 1).expect("a list");
    assert_eq!(listed.iter().map(|(journey, _)| *journey).collect::<Vec<_>>(), [journey_id(2)]);
}

#[test]
fn figures_a_year_before_know_nobody_who_came_since() {
    let world = three();
    assert_eq!(clients(&world, &Filter::default(), ON), 3);
    assert_eq!(world.counted(&Filter::default(), "2025-06-01").0, 2);
    assert_eq!(world.counted(&Filter::default(), "2025-06-01").1, 3, "two openings and an enrolment");
    let jobs = Filter { programme: Some(code("jobs")), ..Filter::default() };
    assert_eq!((clients(&world, &jobs, ON), clients(&world, &jobs, "2025-06-01")), (1, 0));
}

fn groups(world: &World, by: &str, on: &str) -> Vec<(Option<String>, u64)> {
    let by: GroupBy = by.parse().expect("a grouping");
    let groups = world.runtime.figures("told", &Filter::default(), Some(&by), day(on)).expect("figures");
    groups.iter().map(|group| (group.key.clone(), group.clients)).collect()
}

#[test]
fn each_client_is_in_one_group_by_the_enrolment_that_last_began_by_that_day() {
    let world = three();
    let some = |name: &str, clients| (Some(name.to_owned()), clients);
    assert_eq!(groups(&world, "programme", ON), [(None, 1), some("homes", 1), some("jobs", 1)]);
    assert_eq!(groups(&world, "programme", "2025-06-01"), [(None, 1), some("homes", 1)]);
    assert_eq!(groups(&world, "site", ON), [(None, 1), some("south", 2)]);
    assert_eq!(groups(&world, "language", ON), [some("af", 1), some("en", 2)]);
    assert_eq!(groups(&world, "role", ON), [some("participant", 3)]);
    assert_eq!(groups(&world, "attribute:veteran", ON), [(None, 3)]);
    assert!(matches!("household".parse::<GroupBy>(), Err(Error::UnknownGrouping(_))));
}

#[test]
fn work_runs_from_the_greatest_down_with_where_the_client_stood() {
    let world = three();
    let work = |filter: &Filter, on| world.runtime.work("told", filter, day(on)).expect("a work list");
    let now = work(&Filter::default(), ON);
    let days: Vec<i32> = now.iter().map(|work| work.item.days).collect();
    assert_eq!(days, [3, 2, 1]);
    assert_eq!(now[0].programme, Some(code("jobs")));
    assert_eq!(now[2].programme, None);
    let then = work(&Filter::default(), "2025-06-01");
    assert_eq!(then.iter().map(|work| work.journey).collect::<Vec<_>>(), [journey_id(1), journey_id(3)]);
    assert_eq!(then[0].worker, Some(code("w1")));
    let south = Filter { site: Some(code("south")), ..Filter::default() };
    assert_eq!(work(&south, ON).len(), 2);
    assert!(matches!(world.runtime.work("none", &south, day(ON)), Err(Error::UnknownWorkList(_))));
}
