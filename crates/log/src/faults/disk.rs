//! What the log does when the disk does not do as it is told.

use throughline_domain::{ErasureLevel, Position};

use super::*;
use crate::{EventLog, LIMITS};

#[test]
fn what_was_acknowledged_survives_a_power_cut_that_takes_all_that_was_not_synced() {
    let data = Data::new();
    let disk = FaultyDisk::new(None);
    let log = open_on(&data, &disk).unwrap();
    let mut drafts = Vec::new();
    for id in 0..60 {
        // Small frames, and now and then one that is handed to sled while it is synced.
        let events = if id % 15 == 5 { 100 } else { 1 };
        let batch: Vec<_> = (0..events).map(|nth| served(journey(id % 3), 1000 * id + nth)).collect();
        log.append(batch.clone(), &[]).unwrap();
        drafts.extend(batch);
        if id % 10 == 0 {
            let after = copy_of_running(&data, &disk);
            assert!(has(&open_on(&after, &FaultyDisk::new(None)).unwrap(), &drafts));
        }
    }
    assert!(journal_files(data.path()).len() > 1);
}

/// What a power cut at this moment leaves, sled's files lost entirely.
fn copy_of_running(data: &Data, disk: &FaultyDisk) -> Data {
    let copy = Data::new();
    for part in ["journal", "keys"] {
        copy_directory(&data.path().join(part), &copy.path().join(part));
    }
    fs::copy(data.path().join("FORMAT"), copy.path().join("FORMAT")).unwrap();
    cut_power(disk, data.path(), copy.path());
    copy
}

#[test]
fn a_failed_sync_closes_the_log_to_writes_until_it_is_opened_again() {
    // A frame that the writer puts into sled itself, and one that it hands over.
    for events in [1, 500] {
        let (data, mut drafts) = filled(3);
        let disk = FaultyDisk::new(None);
        let log = open_on(&data, &disk).unwrap();
        disk.fail_next(Fault::Sync);
        let unsure: Vec<_> = (100..100 + events).map(|id| served(journey(1), id)).collect();
        assert!(matches!(log.append(unsure.clone(), &[]), Err(Error::Io { .. })));
        let refused = log.append(vec![served(journey(1), 50)], &[]).unwrap_err();
        assert!(matches!(refused, Error::ReadOnly(_)), "{refused}");
        assert!(has(&log, &drafts), "reading goes on, and shows nothing that was not acknowledged");
        drop(log);
        // Whether it was written is not known; sending it again settles it.
        let log = open_on(&data, &disk).unwrap();
        log.append(unsure.clone(), &[]).unwrap();
        drafts.extend(unsure);
        assert!(has(&log, &drafts));
    }
}

#[test]
fn a_log_whose_first_commit_failed_takes_appends_once_it_is_opened_again() {
    let data = Data::new();
    let disk = FaultyDisk::new(None);
    let log = open_on(&data, &disk).unwrap();
    disk.fail_next(Fault::Sync);
    assert!(log.append(vec![served(journey(1), 1)], &[]).is_err());
    drop(log);
    // Of the first segment only the name is left, and of sled nothing.
    cut_power(&disk, data.path(), data.path());
    fs::remove_dir_all(data.path().join("sled")).unwrap();
    let log = open_on(&data, &disk).unwrap();
    log.append(vec![served(journey(1), 1)], &[]).unwrap();
    assert!(has(&log, &[served(journey(1), 1)]));
}

#[test]
fn a_disk_that_takes_a_few_bytes_at_a_time_is_written_to_all_the_same() {
    let data = Data::new();
    let disk = FaultyDisk::new(None);
    disk.piece.store(7, Ordering::SeqCst);
    let drafts: Vec<_> = (0..20).map(|id| served(journey(1), id)).collect();
    let log = open_on(&data, &disk).unwrap();
    log.append(drafts.clone(), &[]).unwrap();
    drop(log);
    fs::remove_dir_all(data.path().join("sled")).unwrap();
    assert!(has(&open_on(&data, &disk).unwrap(), &drafts));
}

#[test]
fn a_full_disk_refuses_loses_nothing_and_goes_on_when_there_is_room() {
    let (data, mut drafts) = filled(3);
    let disk = FaultyDisk::new(None);
    let log = open_on(&data, &disk).unwrap();
    let before = journal_files(data.path());
    for after in [0, 1, 63, 64, 200] {
        disk.fail_next(Fault::FullAfter(after));
        let refused = log.append(vec![served(journey(1), 100)], &[]).unwrap_err();
        assert!(matches!(refused, Error::Full { .. }), "{refused}");
        assert_eq!(journal_files(data.path()), before, "nothing of it is left");
    }
    drafts.push(served(journey(1), 100));
    log.append(vec![served(journey(1), 100)], &[]).unwrap();
    assert!(has(&log, &drafts));
    drop(log);
    assert!(has(&open_on(&data, &disk).unwrap(), &drafts));
}

#[test]
fn a_disk_that_is_nearly_full_is_left_room_for_what_is_not_yet_written_out() {
    let (data, _) = filled(1);
    let disk = FaultyDisk::new(None);
    disk.room.store(1024 * 1024, Ordering::SeqCst);
    let log = open_on(&data, &disk).unwrap();
    let refused = log.append(vec![served(journey(77), 100)], &[]).unwrap_err();
    assert!(matches!(refused, Error::Full { room_bytes: 1_048_576, .. }));
    assert!(refused.to_string().contains("make room"), "{refused}");
    disk.room.store(0, Ordering::SeqCst);
    log.append(vec![served(journey(77), 100)], &[]).unwrap();
}

#[test]
fn a_disk_that_breaks_within_a_write_closes_the_log_and_the_next_open_finds_what_was_acknowledged() {
    for after in [0, 1, 100] {
        let (data, drafts) = filled(3);
        let disk = FaultyDisk::new(None);
        let log = open_on(&data, &disk).unwrap();
        disk.fail_next(Fault::BrokenAfter(after));
        assert!(matches!(log.append(vec![served(journey(1), 100)], &[]), Err(Error::Io { .. })));
        assert!(matches!(log.append(vec![served(journey(1), 101)], &[]), Err(Error::ReadOnly(_))));
        drop(log);
        assert!(has(&open_on(&data, &disk).unwrap(), &drafts));
    }
}

#[test]
fn a_full_disk_that_takes_nothing_back_closes_the_log_and_the_torn_end_is_cut_off() {
    let (data, drafts) = filled(3);
    let disk = FaultyDisk::new(None);
    let log = open_on(&data, &disk).unwrap();
    let before = journal_files(data.path());
    disk.fail_next(Fault::FullAndStuck);
    assert!(log.append(vec![served(journey(1), 100)], &[]).is_err());
    assert!(matches!(log.append(vec![served(journey(1), 101)], &[]), Err(Error::ReadOnly(_))));
    drop(log);
    assert_ne!(journal_files(data.path()), before);
    let log = open_on(&data, &disk).unwrap();
    assert!(has(&log, &drafts));
    assert_eq!(journal_files(data.path()), before);
}

#[test]
fn a_journal_that_cannot_be_written_when_it_is_opened_can_still_be_read() {
    let (data, drafts) = filled(3);
    let disk = FaultyDisk::new(None);
    disk.fail_next(Fault::Sync);
    let log = open_on(&data, &disk).unwrap();
    assert!(has(&log, &drafts));
    assert!(matches!(log.append(vec![served(journey(1), 100)], &[]), Err(Error::ReadOnly(_))));
}

#[test]
fn bytes_kept_elsewhere_are_not_taken_for_erased_where_their_key_was_lost() {
    let (data, _) = filled(3);
    let log = open_on(&data, &FaultyDisk::new(None)).unwrap();
    let sealed = log.seal(journey(0), "row", b"a row").unwrap().unwrap();
    drop(log);
    let path = data.path().join("keys").join("journeys.keys");
    let whole = fs::read(&path).unwrap();
    // Of every slot: the journey, and the key of its facts.
    for within in [3, 40] {
        let mut damaged = whole.clone();
        for slot in (128..whole.len()).step_by(172) {
            damaged[slot + within] ^= 1;
        }
        fs::write(&path, damaged).unwrap();
        let log = open_on(&data, &FaultyDisk::new(None)).unwrap();
        let refused = log.open_sealed(journey(0), "row", &sealed).unwrap_err();
        assert!(matches!(refused, Error::Vault(_)), "{refused}");
    }
}

#[test]
fn a_clock_set_back_takes_nothing_out_of_order() {
    let data = Data::new();
    data.clock_at(5000);
    open_on(&data, &FaultyDisk::new(None)).unwrap().append(vec![served(journey(1), 0)], &[]).unwrap();
    data.clock_at(1000);
    fs::remove_dir_all(data.path().join("sled")).unwrap();
    let log = open_on(&data, &FaultyDisk::new(None)).unwrap();
    let receipt = log.append(vec![served(journey(1), 1)], &[]).unwrap();
    assert_eq!(receipt.events[0].recorded_at, second(5000));
    assert_eq!(log.events_at(second(4999)).unwrap(), 0);
    assert!(log.verify(true, &|_, _| {}).unwrap().problems.is_empty());
}

#[test]
fn a_journey_has_an_end_and_even_there_it_can_be_told_that_it_was_erased() {
    let data = Data::new();
    let log = open_on(&data, &FaultyDisk::new(None)).unwrap();
    let most = LIMITS.journey_events_max;
    log.append((0..most).map(|id| served(journey(1), id)).collect(), &[]).unwrap();
    let refused = log.append(vec![served(journey(1), most)], &[]).unwrap_err();
    assert!(matches!(refused, Error::JourneyTooLong { max, .. } if max == most), "{refused}");
    log.append(vec![served(journey(2), most)], &[]).unwrap();
    let too_long = (0..=most).map(|id| served(journey(3), 10_000 + id)).collect();
    assert!(matches!(log.append(too_long, &[]), Err(Error::JourneyTooLong { .. })));
    let destroyed = throughline_domain::KeyDestroyed {
        level: ErasureLevel::All,
        requested_by: throughline_domain::Code::new("client").unwrap(),
        reason: throughline_domain::Code::new("asked").unwrap(),
        personal: throughline_domain::Nothing::default(),
    };
    let mut told = draft(journey(1), 50_000, destroyed);
    told.source = None;
    assert_eq!(log.append(vec![told], &[]).unwrap().last(), Some(Position(most + 1)));
}
