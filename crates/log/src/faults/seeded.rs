//! Bugs planted on purpose: a promise that none of them breaks would promise nothing.

use throughline_domain::Position;

use super::*;
use crate::EventLog;

/// What is acknowledged is there after a power cut that takes sled and all that was not synced.
fn acknowledged_survives(seeded: Option<Seeded>) -> bool {
    survives_on(&FaultyDisk::new(seeded), |_| {})
}

/// The same, where a sync in the middle fails.
fn acknowledged_survives_a_failed_sync(seeded: Option<Seeded>) -> bool {
    survives_on(&FaultyDisk::new(seeded), |disk| disk.fail_next(Fault::Sync))
}

/// The same, where the disk takes a few bytes at a time.
fn acknowledged_survives_short_writes(seeded: Option<Seeded>) -> bool {
    survives_on(&FaultyDisk::new(seeded), |disk| disk.piece.store(7, Ordering::SeqCst))
}

fn survives_on(disk: &Arc<FaultyDisk>, trouble: impl Fn(&FaultyDisk)) -> bool {
    let data = Data::new();
    let log = open_on(&data, disk).unwrap();
    let mut acknowledged = Vec::new();
    for id in 0..8 {
        if id == 3 {
            trouble(disk);
        }
        let draft = served(journey(id % 3), id);
        if log.append(vec![draft.clone()], &[]).is_ok() {
            acknowledged.push(draft);
        }
    }
    drop(log);
    cut_power(disk, data.path(), data.path());
    for gone in ["sled", "index"] {
        fs::remove_dir_all(data.path().join(gone)).unwrap();
    }
    open_on(&data, &FaultyDisk::new(None)).is_ok_and(|log| has(&log, &acknowledged))
}

/// A flipped bit in the journal is healed from sled.
fn flipped_bit_is_healed(seeded: Option<Seeded>) -> bool {
    let (data, drafts) = filled(4);
    let path = data.path().join("journal").join(crate::journal::name(0));
    let whole = fs::read(&path).unwrap();
    let mut flipped = whole.clone();
    flipped[500] ^= 1;
    fs::write(&path, flipped).unwrap();
    let Ok(log) = open_on(&data, &FaultyDisk::new(seeded)) else { return false };
    has(&log, &drafts) && fs::read(&path).unwrap() == whole
}

/// The journal's bytes are the frames in their order and nothing else, as a running log checks of itself.
fn journal_is_in_order(seeded: Option<Seeded>) -> bool {
    let data = Data::new();
    let log = open_on(&data, &FaultyDisk::new(seeded)).unwrap();
    for id in 0..4 {
        log.append(vec![served(journey(1), id)], &[]).unwrap();
    }
    log.verify(true, &|_, _| {}).unwrap().problems.is_empty()
        && log.read(Position(0), 10).unwrap().events.len() == 4
}

#[test]
fn every_planted_bug_is_caught_by_a_promise() {
    let promises = [
        ("acknowledged survives", acknowledged_survives as fn(Option<Seeded>) -> bool),
        ("acknowledged survives a failed sync", acknowledged_survives_a_failed_sync),
        ("acknowledged survives short writes", acknowledged_survives_short_writes),
        ("a flipped bit is healed", flipped_bit_is_healed),
        ("the journal is in order", journal_is_in_order),
    ];
    let broken = |seeded| -> Vec<&str> {
        promises.iter().filter(|(_, kept)| !kept(seeded)).map(|(name, _)| *name).collect()
    };
    assert!(broken(None).is_empty(), "without a bug every promise is kept: {:?}", broken(None));
    assert!(broken(Some(Seeded::AcknowledgeBeforeSync)).contains(&"acknowledged survives"));
    assert!(broken(Some(Seeded::SkipJournal)).contains(&"acknowledged survives"));
    assert!(broken(Some(Seeded::IgnoreChecksums)).contains(&"a flipped bit is healed"));
    assert!(broken(Some(Seeded::ReorderFrames)).contains(&"the journal is in order"));
    assert!(broken(Some(Seeded::PassOverFailedSync)).contains(&"acknowledged survives a failed sync"));
    assert!(broken(Some(Seeded::TrustWrites)).contains(&"acknowledged survives short writes"));
}
