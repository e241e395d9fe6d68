//! The log shown a journey at a time: what a reading from its beginning to its end gives, and what is damaged restored.

use std::{collections::BTreeMap, ops::ControlFlow, sync::Mutex};

use throughline_domain::{ErasureLevel, JourneyId, Recorded};

use super::*;
use crate::{History, frame::Frame};

/// Every journey as it was shown last, and how often any was shown.
fn shown(log: &Log, events: u64) -> Result<(BTreeMap<JourneyId, History>, usize), Error> {
    let taken = Mutex::new((BTreeMap::new(), 0));
    log.scan_journeys(events, &|journey, history| {
        let mut taken = taken.lock().unwrap();
        taken.0.insert(journey, history);
        taken.1 += 1;
        ControlFlow::Continue(())
    })?;
    Ok(taken.into_inner().unwrap())
}

fn events(journeys: BTreeMap<JourneyId, History>) -> Vec<Recorded> {
    let mut events: Vec<_> = journeys.into_values().flat_map(|history| history.events).collect();
    events.sort_by_key(|recorded| recorded.position);
    events
}

#[test]
fn every_journey_is_shown_once_and_whole_however_little_is_held_at_a_time() {
    let (data, _) = filled(150);
    let log = open_on(&data, &FaultyDisk::new(None)).unwrap();
    for end in [300, 177, 1, 0] {
        let (journeys, times) = shown(&log, end).unwrap();
        assert_eq!(times, journeys.len());
        for (journey, history) in &journeys {
            let as_of = AsOf::Position(Position(end - 1));
            assert_eq!(*history, log.read_journey(*journey, as_of).unwrap());
        }
        assert_eq!(events(journeys), log.read(Position(0), usize::try_from(end).unwrap()).unwrap().events);
    }
    let mut times = Mutex::new(0);
    let once = |_, _| {
        *times.lock().unwrap() += 1;
        ControlFlow::Break(())
    };
    log.scan_journeys(300, &once).unwrap();
    assert!((1..5).contains(times.get_mut().unwrap()));
}

#[test]
fn of_a_journey_that_was_erased_it_is_shown_what_can_no_longer_be_read() {
    let (data, _) = filled(20);
    let log = open_on(&data, &FaultyDisk::new(None)).unwrap();
    log.destroy(journey(3), ErasureLevel::All, &erasures::asked()).unwrap();
    let (journeys, _) = shown(&log, log.events()).unwrap();
    assert_eq!(journeys[&journey(3)], log.read_journey(journey(3), AsOf::Now).unwrap());
    assert_eq!((journeys[&journey(3)].closed.len(), journeys[&journey(3)].events.len()), (8, 1));
}

#[test]
fn a_record_changed_under_a_right_checksum_is_restored_or_named() {
    let (data, _) = filled(60);
    let log = open_on(&data, &FaultyDisk::new(None)).unwrap();
    let whole = shown(&log, 120).unwrap().0;
    // Behind the back of the open log, for opening it would find them.
    let change = |at: usize| {
        let mut bytes = log.store.frame(10).unwrap().bytes.to_vec();
        let frame = Frame::parse(&bytes, 10).unwrap();
        let (first, count, previous) = (frame.first, frame.count, frame.previous);
        bytes[Frame::HEADER_BYTES + at] ^= 1;
        crate::frame::close(&mut bytes, first, count, &previous);
        log.store.put(10, &bytes).unwrap();
    };
    // The event's id, the version, and within the sealed parts.
    for at in [3, 32, 200, 300] {
        change(at);
        assert_eq!(shown(&log, 120).unwrap().0, whole, "byte {at}");
    }
    for (file, _) in journal_files(data.path()) {
        fs::remove_file(data.path().join("journal").join(file)).unwrap();
    }
    change(200);
    assert!(shown(&log, 120).is_err());
}
