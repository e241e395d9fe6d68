//! Erasing while everything runs: what is served, and what is on the disk.

use std::path::Path;

use jiff::civil::date;
use throughline_domain::{ErasureLevel, JourneyId};
use throughline_exchange::{
    hmis,
    import::{Completeness, Options},
    journey_id,
};
use throughline_log::{AsOf, Error as LogError, EventLog as _, Standing};
use throughline_runtime::{Error, Filter};
use throughline_tests::{World, real_data};

use crate::{
    files::{all_with, files_with},
    lives::{CODED, PERSONAL, asked, journey, keys_of, life, world},
};

const ON: jiff::civil::Date = date(2026, 6, 1);

/// That no key of the journey is in any file, whole or in part, and no text of it.
pub fn nowhere(dir: &Path, keys: &[Vec<u8>], texts: &[&str]) {
    let pieces: Vec<&[u8]> = keys.iter().flat_map(|key| key.chunks_exact(8)).collect();
    assert_eq!(all_with(dir, &pieces), [], "bytes of a key that was destroyed");
    let texts: Vec<&[u8]> = texts.iter().map(|text| text.as_bytes()).collect();
    assert_eq!(all_with(dir, &texts), [], "plaintext of a journey");
}

/// What every list and view has of a journey: the names of those that have something.
fn seen(world: &World, of: JourneyId) -> Vec<String> {
    let filter = Filter::default();
    let mut seen = Vec::new();
    if world.runtime.journeys(&filter, None, 100_000).unwrap().iter().any(|(journey, _)| *journey == of) {
        seen.push("journeys".to_owned());
    }
    if world.runtime.placement(of).unwrap().is_some() {
        seen.push("placement".to_owned());
    }
    for projector in world.runtime.projectors().iter() {
        for list in projector.work_lists() {
            let work = world.runtime.work(list.name, &filter, ON).unwrap();
            if work.iter().any(|line| line.journey == of) {
                seen.push(list.name.to_owned());
            }
        }
        if world.runtime.answer(projector.name(), of, AsOf::Now, None, ON).is_ok() {
            seen.push(projector.name().to_owned());
        }
    }
    seen
}

fn clients(world: &World) -> u64 {
    let groups = world.runtime.figures("engagement", &Filter::default(), None, ON).unwrap();
    groups.iter().map(|group| group.clients).sum()
}

#[test]
fn an_erased_life_is_served_no_more_and_is_in_no_file() {
    let world = world();
    let (of, dir) = (journey(7), world.dir.path().to_owned());
    let (raw, wrapped) = keys_of(&world.log, &dir, of);
    nowhere(&dir, &raw, &[&PERSONAL[..], &CODED].concat());
    for key in &wrapped {
        assert_eq!(files_with(&dir, key), [dir.join("keys/journeys.keys")], "found where it should be");
    }
    assert!(seen(&world, of).len() > 5, "{:?}", seen(&world, of));
    let before = clients(&world);

    let certificate = world.runtime.erase(of, ErasureLevel::All, &asked(), world.clock.time()).unwrap();
    assert_eq!(seen(&world, of), Vec::<String>::new(), "at once, before the views have followed");
    assert_eq!(clients(&world), before - 1);
    assert!(world.log.find(life(of)[2].event_id).unwrap().is_none());
    let keys = [raw, wrapped].concat();
    nowhere(&dir, &keys, &[&PERSONAL[..], &CODED].concat());
    let refused = world.runtime.answer("engagement", of, AsOf::Now, None, ON).unwrap_err();
    assert!(matches!(refused, Error::Log(LogError::Erased(_))), "{refused}");
    // At any earlier time too: what was known then was known by a key that is gone.
    let then = AsOf::Position(throughline_domain::Position(40));
    assert!(world.runtime.answer("engagement", of, then, None, ON).is_err());

    let world = world.reopen();
    world.caught_up();
    assert_eq!(seen(&world, of), Vec::<String>::new());
    world.runtime.rebuild(None, &|_, _| {}).unwrap();
    assert_eq!(seen(&world, of), Vec::<String>::new());
    assert_eq!(clients(&world), before - 1);
    let again = world.runtime.erase(of, ErasureLevel::All, &asked(), world.clock.time()).unwrap();
    assert_eq!(again, certificate);
    world.runtime.stop();
    nowhere(&dir, &keys, &[&PERSONAL[..], &CODED].concat());
}

#[test]
fn a_de_identified_life_keeps_its_figures_and_loses_its_words_for_ever() {
    let world = world();
    let (of, dir) = (journey(7), world.dir.path().to_owned());
    let (raw, wrapped) = keys_of(&world.log, &dir, of);
    let (before, figures) = (seen(&world, of), clients(&world));
    let said = world.says(&[of], AsOf::Now, ON);
    world.runtime.erase(of, ErasureLevel::Identity, &asked(), world.clock.time()).unwrap();
    nowhere(&dir, &[raw[1].clone(), wrapped[1].clone()], &PERSONAL);
    assert_eq!(files_with(&dir, &wrapped[0]).len(), 1, "the key of its facts stays");
    assert_eq!((seen(&world, of), clients(&world)), (before, figures));
    let facts = |said: std::collections::BTreeMap<(JourneyId, String), String>| {
        // The version the answers rest on has risen by the event that tells of it, and nothing else has changed.
        said.into_values().collect::<Vec<_>>()
    };
    assert_eq!(facts(world.says(&[of], AsOf::Now, ON)), facts(said));
    let history = world.log.read_journey(of, AsOf::Now).unwrap();
    assert!(history.closed.is_empty());
    for recorded in history.events {
        assert_eq!(recorded.draft.event.personal_json(), serde_json::json!({}));
        assert!(recorded.draft.source.is_none_or(|source| source.row.is_none()));
    }
    assert_eq!(world.log.standing(of), Standing::Deidentified);
}

#[test]
fn an_unknown_journey_cannot_be_erased_and_nobody_else_can_say_that_keys_were_destroyed() {
    let world = world();
    let unknown = world.runtime.erase(journey(99), ErasureLevel::All, &asked(), world.clock.time());
    assert!(matches!(unknown, Err(Error::UnknownJourney(_))));
    let of = journey(3);
    let facts = serde_json::json!({"level": "all", "requested_by": "client", "reason": "asked"});
    let mut told =
        crate::lives::draft(of, 9, "2026-03-01", "amendment.key-destroyed", facts, serde_json::json!({}));
    told.source = None;
    let refused = world.runtime.record(&[told], None, world.clock.time()).unwrap_err();
    assert!(matches!(refused, Error::OnlyByErasing { index: 0 }), "{refused}");
    assert_eq!(world.log.standing(of), Standing::Open);
}

/// Imports an export as it is.
fn bring_in(export: &Path, world: &World) {
    let options = Options {
        dry_run: false,
        completeness: Completeness::AsTheSourceSays,
        batch_events: 2_000,
        today: date(2026, 6, 2),
        cancel: &std::sync::atomic::AtomicBool::new(false),
        brought: &|_, _| {},
        progress: &mut |_| {},
        rejected: &mut |_| Ok(()),
    };
    hmis::import(export, &*world.log, options).unwrap();
}

/// People of a real export: names, rows' keys, and the report of the import, which quotes none of them.
#[test]
fn people_of_a_real_export_are_in_no_file_before_or_after() {
    let Some(folder) = real_data("hmis/longitudinal_2014_2019") else { return };
    let world = World::new();
    world.clock.set("2026-06-02T08:00:00Z".parse().unwrap());
    bring_in(&folder, &world);
    world.caught_up();
    world.runtime.stop();
    let dir = world.dir.path().to_owned();
    // Of clients 61953 and 61965: names, numbers, the keys of their enrolments and services.
    let texts = ["Calcium", "Portland", "000010259", "169113", "169573", "4076779", "Vivacious", "000105677"];
    let of = |person| journey_id(world.log.namespace(), &format!("hmis:{person}")).unwrap();
    let history = world.log.read_journey(of(61953), AsOf::Now).unwrap();
    let all = serde_json::to_string(
        &history.events.iter().map(|recorded| recorded.draft.event.personal_json()).collect::<Vec<_>>(),
    )
    .unwrap();
    let rows: Vec<String> = history
        .events
        .iter()
        .filter_map(|recorded| recorded.draft.source.as_ref()?.row.as_ref().map(ToString::to_string))
        .collect();
    assert!(
        all.contains("Calcium") && rows.iter().any(|row| row.contains("4076779")),
        "they are there to be read"
    );
    let (raw, wrapped) = keys_of(&world.log, &dir, of(61953));
    nowhere(&dir, &raw, &texts);
    assert_eq!(files_with(&dir, &wrapped[1]).len(), 1);
    world.runtime.erase(of(61953), ErasureLevel::All, &asked(), world.clock.time()).unwrap();
    world.runtime.erase(of(61965), ErasureLevel::Identity, &asked(), world.clock.time()).unwrap();
    nowhere(&dir, &[raw, wrapped].concat(), &texts);
    assert_eq!(seen(&world, of(61953)), Vec::<String>::new());
    // What is left to be read in the whole log says nothing of them either.
    let mut left = String::new();
    let mut take = |history: throughline_log::History, _| {
        for recorded in history.events {
            left += &recorded.draft.event.facts_json().to_string();
            left += &recorded.draft.event.personal_json().to_string();
            left.extend(recorded.draft.source.and_then(|source| source.row).map(|row| row.to_string()));
        }
        Ok(())
    };
    world.log.scan(world.log.events(), &|_| true, &mut take).unwrap();
    for text in texts {
        assert!(!left.contains(text), "{text} can still be read");
    }
    // Brought in again, they stay away.
    bring_in(&folder, &world);
    world.caught_up();
    assert_eq!(world.log.standing(of(61953)), Standing::Erased);
    assert_eq!(seen(&world, of(61953)), Vec::<String>::new());
}
