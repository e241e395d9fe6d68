//! What a repair says of what neither journal nor sled has, and what a backup gives back; and what verifying says of
//! copies that are not whole.

use super::*;
use crate::Repaired;

/// From where to where events are lost.
pub(super) fn spans(repaired: &Repaired) -> Vec<(u64, Option<u64>)> {
    repaired.gaps.iter().map(|gap| (gap.from.0, gap.to.map(|to| to.0))).collect()
}

/// A log of 120 events in a backup, and then without these frames in either copy. The backup's directory holds it.
fn without(frames: &[u64]) -> (Data, Vec<throughline_domain::Draft>, tempfile::TempDir) {
    let (data, drafts) = filled(60);
    let backup = tempfile::tempdir().unwrap();
    crate::backup(data.path(), backup.path(), &|_, _| {}).unwrap();
    lose(&data, frames);
    (data, drafts, backup)
}

/// Damages these frames in the journal and takes them out of sled.
fn lose(data: &Data, frames: &[u64]) {
    for (name, mut bytes) in journal_files(data.path()) {
        let segment = crate::journal::Segment::parse(0, bytes.clone(), false);
        for piece in &segment.pieces {
            if let crate::journal::Piece::Frame { at, first, .. } = piece
                && frames.contains(first)
            {
                bytes[at.start + 70] ^= 1;
            }
        }
        fs::write(data.path().join("journal").join(name), bytes).unwrap();
    }
    in_sled(data, |tree| frames.iter().for_each(|first| drop(tree.remove(first.to_be_bytes()).unwrap())));
}

#[test]
fn what_both_copies_lost_is_told_from_where_to_where_and_a_backup_fills_it() {
    for (lost, told, beyond) in [
        (&[10, 12, 14, 60][..], &[(10, Some(15)), (60, Some(61))][..], 120 - 10 - 8),
        (&[0], &[(0, Some(1))], 118),
        (&[118], &[(118, Some(119))], 0),
        (&[40, 116, 118], &[(40, Some(41)), (116, Some(119))], 120 - 40 - 6),
    ] {
        let (data, drafts, backup) = without(lost);
        // One that only sled lost, before the gap: it is healed all the same.
        in_sled(&data, |tree| drop(tree.remove(8_u64.to_be_bytes()).unwrap()));
        for _ in 0..2 {
            let repaired = repair_with(data.path(), None, None, setup()).unwrap();
            assert_eq!(spans(&repaired), told, "{repaired:?}");
            assert_eq!((repaired.events, repaired.events_beyond), (lost[0], beyond));
            assert!(!opens_with(&data, &drafts));
        }
        let filled = repair_with(data.path(), None, Some(backup.path()), setup()).unwrap();
        assert_eq!((filled.events, spans(&filled)), (120, vec![]), "{filled:?}");
        assert!(filled.mended.iter().any(|mend| mend.what.contains("restored from the backup")));
        assert_eq!(journal_files(data.path()), journal_files(backup.path()));
        assert_eq!(problems(&data), []);
        assert!(opens_with(&data, &drafts));
    }
}

#[test]
fn of_a_backup_only_frames_that_the_chain_names_are_taken() {
    let (data, drafts, backup) = without(&[10, 12]);
    // Another log that began as this one did, and has other events at the same positions.
    let fork = copy_of(&data);
    repair_with(fork.path(), None, Some(backup.path()), setup()).unwrap();
    let restored = tempfile::tempdir().unwrap();
    let parent = tempfile::tempdir().unwrap();
    crate::restore(backup.path(), restored.path(), Some(Position(9)), &|_, _| {}).unwrap();
    let other = Log::open(restored.path(), data.clock()).unwrap();
    for id in 500..560 {
        other.append(vec![served(journey(1), id), served(journey(2), 100 + id)], &[]).unwrap();
    }
    drop(other);
    crate::backup(restored.path(), &parent.path().join("other"), &|_, _| {}).unwrap();
    let (before, gap) = (journal_files(data.path()), vec![(10, Some(13))]);
    let refused = repair_with(data.path(), None, Some(&parent.path().join("other")), setup()).unwrap();
    assert_eq!(spans(&refused), gap);
    // The right backup with a flipped bit in a frame that is needed, and then one that was not finished.
    copy_directory(backup.path(), &parent.path().join("flipped"));
    let file = parent.path().join("flipped/journal").join(crate::journal::name(0));
    let mut bytes = fs::read(&file).unwrap();
    let pieces = crate::journal::Segment::parse(0, bytes.clone(), false).pieces;
    bytes[pieces[6].at().start + 90] ^= 1;
    fs::write(&file, bytes).unwrap();
    let refused = repair_with(data.path(), None, Some(&parent.path().join("flipped")), setup()).unwrap();
    assert_eq!(spans(&refused), gap);
    fs::remove_file(parent.path().join("flipped/BACKUP")).unwrap();
    assert!(repair_with(data.path(), None, Some(&parent.path().join("flipped")), setup()).is_err());
    assert_eq!(journal_files(data.path()), before, "nothing was taken from any of them");
    assert_eq!(spans(&repair_with(data.path(), None, Some(backup.path()), setup()).unwrap()), []);
    assert!(opens_with(&data, &drafts));
}

#[test]
fn a_backup_brings_back_all_that_both_copies_lost_at_the_end_or_everywhere() {
    let (whole, drafts) = filled(60);
    let backup = tempfile::tempdir().unwrap();
    crate::backup(whole.path(), backup.path(), &|_, _| {}).unwrap();
    for (gone, lost) in [(&["journal", "sled"][..], 0), (&[], 0), (&[], 60)] {
        let data = copy_of(&whole);
        for part in gone {
            fs::remove_dir_all(data.path().join(part)).unwrap();
        }
        if gone.is_empty() {
            // Both end at a frame, as if there had never been more; only the index knows better.
            let keep = |first: &u64| *first < lost;
            for (name, bytes) in journal_files(data.path()) {
                let pieces = crate::journal::Segment::parse(0, bytes.clone(), false).pieces;
                let kept = pieces.iter().filter(
                    |piece| matches!(piece, crate::journal::Piece::Frame { first, .. } if keep(first)),
                );
                match kept.map(|piece| piece.at().end).max() {
                    Some(end) => fs::write(data.path().join("journal").join(name), &bytes[..end]).unwrap(),
                    None => fs::remove_file(data.path().join("journal").join(name)).unwrap(),
                }
            }
            in_sled(&data, |tree| {
                for first in (lost..120).step_by(2) {
                    tree.remove(first.to_be_bytes()).unwrap();
                }
            });
        }
        let found = verify(data.path(), true, &|_, _| {}).unwrap();
        assert_eq!(found.root, None, "an empty log has a root, a lost one has none: {found:?}");
        assert!(!found.problems.is_empty());
        let repaired = repair_with(data.path(), None, None, setup()).unwrap();
        assert_eq!((repaired.events, spans(&repaired)), (lost, vec![(lost, Some(119))]));
        let repaired = repair_with(data.path(), None, Some(backup.path()), setup()).unwrap();
        assert_eq!((repaired.events, spans(&repaired)), (120, vec![]), "{repaired:?}");
        assert!(opens_with(&data, &drafts));
        assert_eq!(problems(&data), []);
    }
}

#[test]
fn a_log_that_lost_part_of_both_copies_has_no_root() {
    let (data, _) = filled(60);
    assert!(verify(data.path(), true, &|_, _| {}).unwrap().root.is_some());
    fs::remove_dir_all(data.path().join("index")).unwrap();
    in_sled(&data, |tree| tree.clear().unwrap());
    let only_journal = verify(data.path(), true, &|_, _| {}).unwrap();
    assert_eq!((only_journal.root, only_journal.problems.is_empty()), (None, false));
    lose(&data, &[10]);
    let found = verify(data.path(), true, &|_, _| {}).unwrap();
    assert_eq!((found.root, found.problems.is_empty()), (None, false));
}

#[test]
fn what_a_crash_left_in_the_journal_alone_is_part_of_the_log_and_what_sled_had_before_is_not_forgiven() {
    let (data, drafts) = filled(4);
    let whole = verify(data.path(), true, &|_, _| {}).unwrap();
    in_sled(&data, |tree| drop(tree.remove(6_u64.to_be_bytes()).unwrap()));
    // The index was written when the log was closed, and sled with it: this is no crash.
    assert_eq!(problems(&data).len(), 1);
    fs::remove_dir_all(data.path().join("index")).unwrap();
    assert_eq!(verify(data.path(), true, &|_, _| {}).unwrap(), whole);
    // The journal's frames beyond are looked at like any others.
    let path = data.path().join("journal").join(crate::journal::name(0));
    let mut bytes = fs::read(&path).unwrap();
    let last = crate::journal::Segment::parse(0, bytes.clone(), false).pieces[3].at().clone();
    let sealed = last.end - 30;
    bytes[sealed] ^= 1;
    let sum =
        crc32c::crc32c_append(crc32c::crc32c(&bytes[last.start..][..60]), &bytes[last.start + 64..last.end]);
    bytes[last.start + 60..][..4].copy_from_slice(&sum.to_be_bytes());
    fs::write(&path, bytes).unwrap();
    let found = verify(data.path(), true, &|_, _| {}).unwrap();
    assert_eq!((found.root, found.problems.len()), (None, 2));
    assert!(found.problems.iter().any(|problem| problem.what.contains("signed")), "{:?}", found.problems);
    drop(drafts);
}

#[test]
fn without_sled_the_journal_alone_is_looked_at_and_nothing_is_made() {
    let (data, _) = filled(60);
    fs::remove_dir_all(data.path().join("sled")).unwrap();
    let found = verify(data.path(), true, &|_, _| {}).unwrap();
    assert_eq!((found.events, found.frames, found.problems.len()), (120, 60, 1), "{found:?}");
    assert!(found.problems[0].what.contains("sled is missing"));
    let path = data.path().join("journal").join(crate::journal::name(0));
    let mut bytes = fs::read(&path).unwrap();
    bytes[700] ^= 4;
    fs::write(&path, bytes).unwrap();
    let found = verify(data.path(), true, &|_, _| {}).unwrap();
    assert!(found.problems.len() > 1 && found.events < 120, "{found:?}");
    assert!(!data.path().join("sled").exists());
}

#[test]
fn a_format_that_cannot_be_read_is_told_and_written_again_by_a_repair() {
    let (data, drafts) = filled(3);
    let format = data.path().join("FORMAT");
    for damaged in [&b"throughline data directory, format l\n"[..], b"", b"\xff\xfe"] {
        fs::write(&format, damaged).unwrap();
        let refused = open_on(&data, &FaultyDisk::new(None)).err().unwrap();
        assert!(refused.to_string().contains("throughline repair"), "{refused}");
        let found = problems(&data);
        assert!(found.len() == 1 && found[0].file.ends_with("FORMAT"), "{found:?}");
        assert_eq!(repair_with(data.path(), None, None, setup()).unwrap().mended.len(), 1);
        assert_eq!(fs::read_to_string(&format).unwrap(), "throughline data directory, format 1\n");
        assert!(opens_with(&data, &drafts));
    }
    fs::write(&format, "throughline data directory, format 2\n").unwrap();
    assert!(matches!(repair_with(data.path(), None, None, setup()), Err(Error::NewerFormat { .. })));
}

#[test]
fn two_histories_that_are_both_in_order_are_refused() {
    let (data, _) = filled(2);
    let other = copy_of(&data);
    for (of, id) in [(&data, 100), (&other, 101)] {
        let log = open_on(of, &FaultyDisk::new(None)).unwrap();
        log.append(vec![served(journey(1), id)], &[]).unwrap();
    }
    fs::remove_dir_all(data.path().join("journal")).unwrap();
    copy_directory(&other.path().join("journal"), &data.path().join("journal"));
    let refused = open_on(&data, &FaultyDisk::new(None)).err().unwrap();
    assert!(matches!(refused, Error::Damaged { position: Position(4), .. }), "{refused}");
    let repaired = repair_with(data.path(), None, None, setup()).unwrap();
    assert_eq!((repaired.events, spans(&repaired)), (4, vec![(4, None)]));
    assert!(repaired.gaps[0].what.contains("different"), "{repaired:?}");
    // A third copy says which, but not against what was signed here.
    let backup = tempfile::tempdir().unwrap();
    crate::backup(other.path(), backup.path(), &|_, _| {}).unwrap();
    let denied = copy_of(&data);
    let repaired = repair_with(denied.path(), None, Some(backup.path()), setup()).unwrap();
    assert_eq!(spans(&repaired), [(4, Some(4))]);
    assert!(repaired.gaps[0].what.contains("signed"), "{repaired:?}");
    assert!(open_on(&denied, &FaultyDisk::new(None)).is_err());
    fs::remove_dir_all(data.path().join("tree")).unwrap();
    assert_eq!(spans(&repair_with(data.path(), None, Some(backup.path()), setup()).unwrap()), []);
    assert_eq!(journal_files(data.path()), journal_files(other.path()));
    drop(open_on(&data, &FaultyDisk::new(None)).unwrap());
    assert_eq!(problems(&data), []);
}
