//! What one of journal and sled lost, the other restores; what neither can is named.

use std::process::Command;

use proptest::prelude::*;
use throughline_domain::Position;

use super::*;
use crate::{AsOf, EventLog, repair::repair_with, verify};

mod journeys;
mod repairs;

use repairs::spans;

fn setup() -> Setup {
    Setup { segment_bytes: SEGMENT_BYTES, ..Setup::default() }
}

fn opens_with(data: &Data, drafts: &[throughline_domain::Draft]) -> bool {
    open_on(data, &FaultyDisk::new(None)).is_ok_and(|log| has(&log, drafts))
}

fn problems(data: &Data) -> Vec<crate::Problem> {
    verify(data.path(), true, &|_, _| {}).unwrap().problems
}

/// Changes the frames that sled has.
pub(super) fn in_sled(data: &Data, change: impl FnOnce(&sled::Tree)) {
    let db = crate::store::open_sled(&data.path().join("sled"), 1 << 24).unwrap();
    change(&db.open_tree("frames").unwrap());
    db.flush().unwrap();
}

#[test]
fn a_sled_that_was_deleted_is_made_again_from_the_journal() {
    let (data, drafts) = filled(60);
    let files = journal_files(data.path());
    assert!(files.len() > 2);
    for gone in [vec!["sled"], vec!["sled", "index"]] {
        for part in gone {
            fs::remove_dir_all(data.path().join(part)).unwrap();
        }
        assert!(opens_with(&data, &drafts));
        assert_eq!(journal_files(data.path()), files);
        assert_eq!(problems(&data), []);
    }
}

#[test]
fn a_log_from_before_the_journal_gets_one() {
    let (data, drafts) = filled(60);
    let files = journal_files(data.path());
    fs::remove_dir_all(data.path().join("journal")).unwrap();
    assert_eq!(problems(&data).len(), 1);
    assert!(opens_with(&data, &drafts));
    assert_eq!(journal_files(data.path()), files, "byte for byte the one it would have had");
    assert_eq!(problems(&data), []);
}

#[test]
fn any_segment_that_was_deleted_is_made_again_from_sled() {
    let (data, drafts) = filled(60);
    let files = journal_files(data.path());
    for (name, _) in &files {
        fs::remove_file(data.path().join("journal").join(name)).unwrap();
        assert_ne!(problems(&data), []);
        assert!(opens_with(&data, &drafts));
        assert_eq!(journal_files(data.path()), files);
    }
}

#[test]
fn frames_that_both_lost_in_one_place_are_named_and_nothing_is_opened_as_if_they_were_not() {
    let (data, _) = filled(60);
    let files = journal_files(data.path());
    fs::remove_file(data.path().join("journal").join(&files[1].0)).unwrap();
    let first: u64 = files[1].0.file_stem().unwrap().to_str().unwrap().parse().unwrap();
    in_sled(&data, |frames| drop(frames.remove((first + 2).to_be_bytes()).unwrap()));
    let refused = open_on(&data, &FaultyDisk::new(None)).err().unwrap();
    let Error::Damaged { file, position, .. } = &refused else { panic!("{refused}") };
    assert_eq!(*position, Position(first + 2));
    assert!(file.contains("journal") && file.contains("sled"), "{file}");
    assert!(problems(&data).iter().any(|problem| problem.position == Position(first + 2)));
    let repaired = repair_with(data.path(), None, None, setup()).unwrap();
    assert_eq!(spans(&repaired), [(first + 2, Some(first + 3))]);
    assert_eq!((repaired.events, repaired.events_beyond), (first + 2, 120 - first - 4));
}

#[test]
fn a_torn_end_is_cut_off_wherever_it_tore() {
    let (data, drafts) = filled(4);
    let path = data.path().join("journal").join(crate::journal::name(0));
    let whole = fs::read(&path).unwrap();
    let segment = crate::journal::Segment::parse(0, whole.clone(), false);
    let last = segment.pieces.last().unwrap().at().clone();
    in_sled(&data, |frames| drop(frames.remove(6_u64.to_be_bytes()).unwrap()));
    // What was never acknowledged, nothing knows of: neither the index nor the signed checkpoint.
    for knows in ["index", "tree"] {
        fs::remove_dir_all(data.path().join(knows)).unwrap();
    }
    for end in last.clone() {
        // Half of the tears leave the length without the bytes.
        let mut torn = whole[..end].to_vec();
        if end % 2 == 0 {
            torn.resize(last.end, 0);
        }
        fs::write(&path, torn).unwrap();
        let healed = repair_with(data.path(), None, None, setup()).unwrap();
        assert_eq!(healed.events, 6, "torn at {end}");
        assert_eq!(healed.mended.len(), usize::from(end % 2 == 0 || end > last.start));
        assert_eq!(fs::read(&path).unwrap(), whole[..last.start]);
    }
    assert!(opens_with(&data, &drafts[..6]));
}

#[test]
fn a_torn_end_that_sled_has_whole_is_restored() {
    let (data, drafts) = filled(4);
    let path = data.path().join("journal").join(crate::journal::name(0));
    let whole = fs::read(&path).unwrap();
    for cut in [1, 50, 400] {
        fs::write(&path, &whole[..whole.len() - cut]).unwrap();
        assert!(opens_with(&data, &drafts));
        assert_eq!(fs::read(&path).unwrap(), whole);
    }
}

#[test]
fn sled_that_lost_its_newest_frames_gets_them_back() {
    let (data, drafts) = filled(60);
    for lost in [1, 5, 59] {
        in_sled(&data, |frames| {
            for first in (120 - 2 * lost..120_u64).step_by(2) {
                frames.remove(first.to_be_bytes()).unwrap();
            }
        });
        assert!(opens_with(&data, &drafts), "{lost} lost");
    }
}

#[test]
fn a_frame_lost_or_changed_in_the_middle_of_sled_is_restored_by_whoever_reads_it_or_by_a_repair() {
    let (data, drafts) = filled(60);
    for at in [None, Some(0), Some(5), Some(30), Some(61), Some(64), Some(500)] {
        in_sled(&data, |frames| {
            let mut frame = frames.remove(10_u64.to_be_bytes()).unwrap().unwrap().to_vec();
            if let Some(at) = at {
                let byte: &mut u8 = &mut frame[at];
                *byte ^= 1;
                frames.insert(10_u64.to_be_bytes(), frame).unwrap();
            }
        });
        let copies: Vec<Data> = (0..4).map(|_| copy_of(&data)).collect();
        let reads: [fn(&Log) -> bool; 4] = [
            |log| log.read(Position(0), 200).unwrap().events.len() == 120,
            |log| !log.read_journey(journey(0), AsOf::Now).unwrap().events.is_empty(),
            |log| log.scan(120, &|_| true, &mut |_, _| Ok(())).is_ok(),
            |log| log.scan_journeys(120, &|_, _| std::ops::ControlFlow::Continue(())).is_ok(),
        ];
        for (copy, read) in copies.iter().zip(reads) {
            let log = open_on(copy, &FaultyDisk::new(None)).unwrap();
            assert!(!log.verify(true, &|_, _| {}).unwrap().problems.is_empty());
            assert!(read(&log) && has(&log, &drafts));
            assert_eq!(log.verify(true, &|_, _| {}).unwrap().problems, []);
        }
        // Where the journal does not have it either, the read says which frame it is.
        let both = copy_of(&data);
        let file = both.path().join("journal").join(crate::journal::name(0));
        let mut segment = crate::journal::Segment::parse(0, fs::read(&file).unwrap(), false);
        let at = segment.pieces.iter().find_map(|piece| match piece {
            crate::journal::Piece::Frame { at, first: 10, .. } => Some(at.start),
            _ => None,
        });
        segment.bytes[at.unwrap() + 100] ^= 1;
        fs::write(&file, segment.bytes).unwrap();
        let log = open_on(&both, &FaultyDisk::new(None)).unwrap();
        let refused = log.read(Position(0), 100).unwrap_err();
        assert!(matches!(refused, Error::Damaged { position: Position(10), .. }), "{refused}");
        assert!(log.read_journey(journey(0), AsOf::Now).is_err());
        assert_eq!(log.read(Position(0), 10).unwrap().events.len(), 10);
        drop(log);
        let repaired = repair_with(data.path(), None, None, setup()).unwrap();
        assert_eq!((repaired.events, repaired.mended.len()), (120, 1));
        assert_eq!(repaired.mended[0].position, Position(10));
        assert!(opens_with(&data, &drafts));
        assert_eq!(repair_with(data.path(), None, None, setup()).unwrap().mended, []);
    }
}

#[test]
fn what_stands_where_no_frame_begins_is_taken_out_by_a_repair() {
    let (data, drafts) = filled(60);
    in_sled(&data, |frames| {
        let frame = frames.get(10_u64.to_be_bytes()).unwrap().unwrap();
        frames.insert(11_u64.to_be_bytes(), frame).unwrap();
    });
    let stray = data.path().join("journal").join(crate::journal::name(3));
    fs::write(&stray, b"stray").unwrap();
    assert_ne!(problems(&data), []);
    assert_eq!(repair_with(data.path(), None, None, setup()).unwrap().mended.len(), 2);
    assert!(!stray.exists() && stray.with_extension("seg.aside").exists());
    assert_eq!(problems(&data), []);
    assert!(opens_with(&data, &drafts));
}

#[test]
fn a_frame_of_a_newer_program_is_not_taken_for_a_torn_one() {
    let (data, _) = filled(2);
    let path = data.path().join("journal").join(crate::journal::name(0));
    let mut bytes = fs::read(&path).unwrap();
    let mut newer =
        bytes[..crate::journal::Segment::parse(0, bytes.clone(), false).pieces[0].at().end].to_vec();
    newer[5] = 2;
    let sum = crc32c::crc32c_append(crc32c::crc32c(&newer[..60]), &newer[64..]);
    newer[60..64].copy_from_slice(&sum.to_be_bytes());
    bytes.extend(newer);
    fs::write(&path, &bytes).unwrap();
    assert!(open_on(&data, &FaultyDisk::new(None)).is_err());
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn a_sled_that_cannot_be_opened_is_set_aside_and_made_again() {
    let (data, drafts) = filled(60);
    let sled = data.path().join("sled");
    // Sled takes a file of pages that it cannot read for an empty one, and refuses such a configuration.
    fs::write(sled.join("db"), b"no longer what sled wrote").unwrap();
    assert!(opens_with(&data, &drafts));
    fs::write(sled.join("conf"), b"no longer what sled wrote").unwrap();
    assert!(opens_with(&data, &drafts));
    assert!(data.path().join("sled.aside-1").exists());
    assert!(opens_with(&data, &drafts));
    assert!(!data.path().join("sled.aside-2").exists());
}

#[test]
fn a_log_without_sled_and_without_segments_is_not_an_empty_log() {
    let (data, _) = filled(2);
    for gone in ["sled", "journal", "index"] {
        fs::remove_dir_all(data.path().join(gone)).unwrap();
    }
    let refused = open_on(&data, &FaultyDisk::new(None)).err().unwrap();
    assert!(matches!(refused, Error::Damaged { .. }), "{refused}");
}

/// The reader of `tests/read_journal.py` knows nothing but docs/formats/log.md.
#[test]
#[allow(clippy::print_stderr, reason = "a test that was skipped says so")]
fn a_reader_made_from_the_documentation_alone_reads_the_journal() {
    let (data, drafts) = filled(60);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/read_journal.py");
    let Ok(run) = Command::new("python3").arg(script).arg(data.path().join("journal")).output() else {
        eprintln!("SKIPPED: python3 is not here, so the journal was not read by the reader in Python");
        return;
    };
    let (told, wrong) = (String::from_utf8(run.stdout).unwrap(), String::from_utf8(run.stderr).unwrap());
    assert!(run.status.success(), "{wrong}");
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), drafts.len() + 1);
    for (position, (line, draft)) in lines.iter().zip(&drafts).enumerate() {
        let start = format!("{position} {} {} ", draft.event_id, draft.journey);
        assert!(line.starts_with(&start), "{line} does not start with {start}");
        assert!(line.contains(" 201 ") && line.ends_with(draft.actor.as_str()), "{line}");
    }
    assert_eq!(lines[120], "120 events in 60 frames");
    // And it sees what is not as it was written.
    let path = data.path().join("journal").join(crate::journal::name(0));
    let mut bytes = fs::read(&path).unwrap();
    bytes[700] ^= 4;
    fs::write(&path, bytes).unwrap();
    let run = Command::new("python3").arg(script).arg(data.path().join("journal")).output().unwrap();
    assert!(!run.status.success());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Any bit of any file of the journal: a repair restores it, and until then it is named or was healed.
    #[test]
    fn a_bit_flipped_anywhere_in_the_journal_is_healed(file: prop::sample::Index, place: prop::sample::Index, bit in 0..8_u8) {
        let (data, drafts) = filled(30);
        let files = journal_files(data.path());
        let (name, bytes) = file.get(&files);
        let mut flipped = bytes.clone();
        flipped[place.index(bytes.len())] ^= 1 << bit;
        fs::write(data.path().join("journal").join(name), flipped).unwrap();
        prop_assert_ne!(problems(&data), []);
        prop_assert!(opens_with(&data, &drafts));
        repair_with(data.path(), None, None, setup()).unwrap();
        prop_assert_eq!(problems(&data), []);
        prop_assert_eq!(journal_files(data.path()), files);
    }

    /// Any bit of sled's files: what is read is what was written or named, and a repair leaves everything well.
    #[test]
    fn a_bit_flipped_anywhere_in_sled_is_healed(place: prop::sample::Index, bit in 0..8_u8) {
        let (data, drafts) = filled(30);
        let path = data.path().join("sled").join("db");
        let mut bytes = fs::read(&path).unwrap();
        let used = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1;
        bytes[place.index(used)] ^= 1 << bit;
        fs::write(&path, bytes).unwrap();
        {
            let log = open_on(&data, &FaultyDisk::new(None)).unwrap();
            match log.read(Position(0), 1000) {
                Ok(history) => prop_assert!(history.events.iter().map(|event| &event.draft).eq(&drafts)),
                Err(error) => prop_assert!(matches!(error, Error::Damaged { .. }), "{}", error),
            }
        }
        repair_with(data.path(), None, None, setup()).unwrap();
        prop_assert!(opens_with(&data, &drafts));
    }
}
