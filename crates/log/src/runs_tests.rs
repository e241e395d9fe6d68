//! Runs of the index: what was put in is found, in whatever way runs were merged, and damage is told.

use std::{collections::BTreeMap, fs, sync::Arc};

use proptest::prelude::*;
use throughline_domain::{EventId, JourneyId};

use crate::{
    overlay::{Entry, Found, Head, Indexed, Place},
    run::Run,
    runs::Runs,
};

/// A frame from this position on; one event per journey named.
fn frame(first: u64, journeys: &[u8]) -> Arc<Indexed> {
    let entries: Vec<Entry> = (first..)
        .zip(journeys)
        .map(|(position, journey)| Entry {
            event_id: id(position),
            journey: JourneyId::from_bytes([*journey; 16]),
            position,
            version: position + 1,
            place: Place { frame: first, offset: u32::try_from(position - first).unwrap() * 7 },
            leaf: [u8::try_from(position % 251).unwrap(); 32],
        })
        .collect();
    Arc::new(Indexed { end: first + entries.len() as u64, hash: [9; 32], entries })
}

/// Ids in no order.
fn id(position: u64) -> EventId {
    EventId::from_bytes(
        (u128::from(position).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)).to_be_bytes(),
    )
}

fn found(runs: &[Arc<Run>], position: u64) -> Vec<Found> {
    runs.iter().filter_map(|run| run.find(&id(position).bytes()).unwrap()).collect()
}

fn head(runs: &[Arc<Run>], journey: u8) -> Option<Head> {
    runs.iter().rev().find_map(|run| run.head(&[journey; 16]).unwrap())
}

fn places(runs: &[Arc<Run>], journey: u8) -> Vec<(u64, Place)> {
    runs.iter().flat_map(|run| run.places(&[journey; 16]).unwrap()).collect()
}

/// Everything that was put in is found, and nothing else.
fn check(runs: &[Arc<Run>], frames: &[Arc<Indexed>]) {
    let mut heads = BTreeMap::new();
    let mut places_of: BTreeMap<u8, Vec<(u64, Place)>> = BTreeMap::new();
    for entry in frames.iter().flat_map(|frame| &frame.entries) {
        assert_eq!(found(runs, entry.position), [entry.found()]);
        let journey = entry.journey.bytes()[0];
        heads.insert(journey, entry.head());
        places_of.entry(journey).or_default().push((entry.position, entry.place));
    }
    let end = frames.last().map_or(0, |last| last.end);
    for unknown in end..end + 50 {
        assert_eq!(found(runs, unknown), []);
    }
    for journey in 0..=255 {
        assert_eq!(head(runs, journey), heads.get(&journey).copied());
        assert_eq!(places(runs, journey), places_of.get(&journey).cloned().unwrap_or_default());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_was_put_in_is_found_however_runs_were_merged_and_after_opening_again(
        journeys in prop::collection::vec(prop::collection::vec(0..200_u8, 1..300), 1..30),
        reopened in any::<prop::sample::Index>(),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let mut runs = Runs::open(dir.path()).unwrap();
        let mut frames: Vec<Arc<Indexed>> = Vec::new();
        for (nth, journeys) in journeys.iter().enumerate() {
            let next = frame(frames.last().map_or(0, |last| last.end), journeys);
            frames.push(Arc::clone(&next));
            runs.add(Run::of(dir.path(), &[next]).unwrap());
            runs.merge(dir.path()).unwrap();
            if nth == reopened.index(journeys.len()) {
                runs = Runs::open(dir.path()).unwrap();
            }
        }
        check(&runs.all(), &frames);
        drop(runs);
        let runs = Runs::open(dir.path()).unwrap();
        check(&runs.all(), &frames);
        prop_assert_eq!(runs.all().len(), fs::read_dir(dir.path()).unwrap().count());
    }

    #[test]
    fn a_changed_byte_of_a_run_is_told_or_changes_nothing(place: prop::sample::Index, bit in 0..8_u8) {
        let dir = tempfile::tempdir().unwrap();
        let frames = [frame(0, &[1, 2, 1, 3])];
        let path = Run::of(dir.path(), &frames).unwrap().path;
        let mut bytes = fs::read(&path).unwrap();
        let at = place.index(bytes.len());
        bytes[at] ^= 1 << bit;
        fs::write(&path, bytes).unwrap();
        if let Ok(run) = Run::open(&path) {
            for entry in &frames[0].entries {
                if let Ok(found) = run.find(&entry.event_id.bytes()) {
                    prop_assert_eq!(found, Some(entry.found()));
                }
                if let Ok(head) = run.head(&entry.journey.bytes()) {
                    prop_assert!(head.is_some());
                }
            }
        }
    }
}

#[test]
fn what_a_merge_left_behind_and_what_follows_a_gap_is_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let frames = [frame(0, &[1, 2]), frame(2, &[3]), frame(3, &[1]), frame(4, &[2])];
    let whole = Run::of(dir.path(), &frames[..2]).unwrap();
    let part = Run::of(dir.path(), &frames[1..2]).unwrap();
    let after_gap = Run::of(dir.path(), &frames[3..]).unwrap();
    fs::write(dir.path().join("db"), b"not of this index").unwrap();
    fs::create_dir(dir.path().join("blobs")).unwrap();
    let runs = Runs::open(dir.path()).unwrap();
    assert_eq!(runs.all().iter().map(|run| (run.first, run.end)).collect::<Vec<_>>(), [(0, 3)]);
    assert!(whole.path.exists() && !part.path.exists() && !after_gap.path.exists());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}
