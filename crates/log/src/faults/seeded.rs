//! Bugs planted on purpose: a promise that none of them breaks would promise nothing.

use throughline_domain::Position;

use super::*;
use crate::EventLog;

/// What is acknowledged is there after a power cut that takes sled and all that was not synced.
fn acknowledged_survives(seeded: Option<Seeded>) -> bool {
    let data = Data::new();
    let disk = FaultyDisk::new(seeded);
    let log = open_on(&data, &disk).unwrap();
    let drafts: Vec<_> = (0..8).map(|id| served(journey(id % 3), id)).collect();
    for draft in &drafts {
        log.append(vec![draft.clone()], &[]).unwrap();
    }
    drop(log);
    disk.cut_power(data.path());
    for gone in ["sled", "index"] {
        fs::remove_dir_all(data.path().join(gone)).unwrap();
    }
    open_on(&data, &FaultyDisk::new(None)).is_ok_and(|log| has(&log, &drafts))
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
}
