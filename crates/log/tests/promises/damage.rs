//! What was changed on the disk is found and named, and never taken for what was written.

use std::{fs, path::Path};

use crate::data::*;
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use throughline_domain::{Draft, ErasureLevel, Position};
use throughline_log::{AsOf, Error, EventLog, Log, verify};
use throughline_vault::Vault;

/// Twelve frames of ten events.
fn filled(data: &Data) -> Vec<Draft> {
    let log = data.open();
    let drafts: Vec<Draft> = (0..120)
        .map(|id| if id % 3 == 0 { opened(journey(id % 7), id) } else { served(journey(id % 7), id) })
        .collect();
    for batch in drafts.chunks(10) {
        log.append(batch.to_vec(), &[]).unwrap();
    }
    drafts
}

/// Changes the frames of a log that is closed.
fn change_frames(data: &Data, change: impl FnOnce(&sled::Tree)) {
    // Threads of the sled that the log just dropped can hold its lock for a moment more.
    let open = || sled::open(data.path().join("sled")).ok();
    let db = (0..500)
        .find_map(|_| {
            open().or_else(|| {
                std::thread::sleep(std::time::Duration::from_millis(10));
                None
            })
        })
        .unwrap();
    change(&db.open_tree("frames").unwrap());
    db.flush().unwrap();
}

/// Takes away what the frames could be restored from.
fn without_journal(data: &Data) {
    fs::remove_dir_all(data.path().join("journal")).unwrap();
}

fn frame(tree: &sled::Tree, first: u64) -> Vec<u8> {
    tree.get(first.to_be_bytes()).unwrap().unwrap().to_vec()
}

/// Sets a frame's checksum right again, as somebody would who wants not to be found.
fn with_checksum(mut frame: Vec<u8>) -> Vec<u8> {
    let sum = crc32c::crc32c_append(crc32c::crc32c(&frame[..60]), &frame[64..]);
    frame[60..64].copy_from_slice(&sum.to_be_bytes());
    frame
}

fn problems(data: &Data) -> Vec<(u64, String)> {
    let found = verify(data.path(), true, &|_, _| {}).unwrap();
    found.problems.into_iter().map(|problem| (problem.position.0, problem.what)).collect()
}

#[test]
fn a_log_as_it_was_written_has_no_problem_and_one_root() {
    let data = Data::new();
    filled(&data);
    let found = verify(data.path(), true, &|_, _| {}).unwrap();
    assert_eq!((found.events, found.frames, found.problems.len()), (120, 12, 0));
    let log = data.open();
    assert_eq!(log.verify(true, &|_, _| {}).unwrap(), found);
    assert_eq!(log.verify(false, &|_, _| {}).unwrap().root, found.root);
    log.append(vec![served(journey(1), 999)], &[]).unwrap();
    assert_ne!(log.verify(true, &|_, _| {}).unwrap().root, found.root);
}

#[test]
fn a_flipped_byte_in_a_frame_is_healed_from_the_journal_and_without_it_damage_at_its_position() {
    let data = Data::new();
    let drafts = filled(&data);
    for at in [0, 5, 30, 61, 64, 200, 900] {
        let flip = |frames: &sled::Tree| {
            let mut changed = frame(frames, 50);
            changed[at] ^= 1;
            frames.insert(50_u64.to_be_bytes(), changed).unwrap();
        };
        change_frames(&data, flip);
        assert!(problems(&data).iter().any(|(position, _)| *position == 50));
        let history = data.open().read(Position(0), 200).unwrap();
        assert!(history.events.iter().map(|recorded| &recorded.draft).eq(&drafts));
        assert!(problems(&data).is_empty());
        without_journal(&data);
        change_frames(&data, flip);
        let refused = Log::open(data.path(), data.clock()).err().unwrap();
        assert!(matches!(refused, Error::Damaged { position: Position(50), .. }), "{refused}");
        change_frames(&data, flip);
        drop(data.open());
    }
}

#[test]
fn a_changed_record_with_a_right_checksum_is_still_found() {
    let data = Data::new();
    filled(&data);
    let mut whole = Vec::new();
    change_frames(&data, |frames| whole = frame(frames, 60));
    for at in (64..whole.len()).step_by(97) {
        change_frames(&data, |frames| {
            let mut changed = whole.clone();
            changed[at] ^= 0x10;
            frames.insert(60_u64.to_be_bytes(), with_checksum(changed)).unwrap();
        });
        let found = problems(&data);
        assert!(!found.is_empty(), "a change of byte {at} was not found");
        assert!((60..=70).contains(&found[0].0), "byte {at}: {found:?}");
    }
}

/// Neither a key nor the chain of frames is left to tell: only the journey's own chain is.
#[test]
fn an_erased_event_that_was_changed_is_found_by_the_chain_of_its_journey() {
    let data = Data::new();
    filled(&data);
    let vault = Vault::open(&data.path().join("keys"), None).unwrap();
    for n in 0..7 {
        vault.destroy(journey(n), ErasureLevel::All).unwrap();
    }
    drop(vault);
    assert!(problems(&data).is_empty());
    // Ids, version, tag, sealed by, precision, actor and recorded at stand before the previous leaf hash.
    let previous_leaf = 64 + 32 + 4 + (1 + "worker:w1".len()) + 5;
    change_frames(&data, |frames| {
        let mut changed = frame(frames, 60);
        changed[previous_leaf] ^= 1;
        let mut last = with_checksum(changed);
        frames.insert(60_u64.to_be_bytes(), last.as_slice()).unwrap();
        for first in (70..120_u64).step_by(10) {
            let mut next = frame(frames, first);
            next[24..56].copy_from_slice(&Sha256::digest(&last));
            last = with_checksum(next);
            frames.insert(first.to_be_bytes(), last.as_slice()).unwrap();
        }
    });
    let found = problems(&data);
    assert_eq!(found[0], (60, "it does not follow the journey's event before it".to_owned()));
}

#[test]
fn a_dropped_frame_is_a_gap_that_is_named() {
    let data = Data::new();
    filled(&data);
    change_frames(&data, |frames| drop(frames.remove(40_u64.to_be_bytes()).unwrap()));
    assert_eq!(problems(&data)[0].0, 40);
    without_journal(&data);
    let refused = Log::open(data.path(), data.clock()).err().unwrap();
    assert!(matches!(refused, Error::Damaged { position: Position(40), .. }), "{refused}");
}

#[test]
fn a_lost_end_is_refused_when_the_log_is_opened() {
    let data = Data::new();
    filled(&data);
    change_frames(&data, |frames| drop(frames.remove(110_u64.to_be_bytes()).unwrap()));
    without_journal(&data);
    let refused = Log::open(data.path(), data.clock()).err().unwrap();
    assert!(matches!(refused, Error::Damaged { position: Position(110), .. }), "{refused}");
}

#[test]
fn a_damaged_end_is_refused_when_the_log_is_opened_and_can_still_be_verified() {
    let data = Data::new();
    filled(&data);
    change_frames(&data, |frames| {
        let mut changed = frame(frames, 110);
        changed[100] ^= 1;
        frames.insert(110_u64.to_be_bytes(), changed).unwrap();
    });
    fs::remove_dir_all(data.path().join("journal")).unwrap();
    let refused = Log::open(data.path(), data.clock()).err().unwrap();
    assert!(matches!(refused, Error::Damaged { position: Position(110), .. }), "{refused}");
    let found = verify(data.path(), true, &|_, _| {}).unwrap();
    assert_eq!((found.events, found.root), (110, None));
    assert!(found.problems.iter().any(|problem| problem.position == Position(110)));
}

#[test]
fn swapped_frames_are_found() {
    let data = Data::new();
    filled(&data);
    change_frames(&data, |frames| {
        let (one, other) = (frame(frames, 20), frame(frames, 30));
        frames.insert(20_u64.to_be_bytes(), other).unwrap();
        frames.insert(30_u64.to_be_bytes(), one).unwrap();
    });
    assert_eq!(problems(&data)[0].0, 20);
}

#[test]
fn a_de_identified_journey_keeps_its_facts_and_loses_its_words() {
    let data = Data::new();
    let drafts = filled(&data);
    let root = data.open().verify(true, &|_, _| {}).unwrap().root;
    let vault = Vault::open(&data.path().join("keys"), None).unwrap();
    vault.destroy(journey(0), ErasureLevel::Identity).unwrap();
    drop(vault);
    let log = data.open();
    let history = log.read_journey(journey(0), AsOf::Now).unwrap();
    assert!(history.closed.is_empty());
    assert_eq!(history.events[0].draft.event.facts_json(), drafts[0].event.facts_json());
    assert_eq!(history.events[0].draft.event.personal_json(), serde_json::json!({}));
    assert_eq!(history.events[0].draft.source.as_ref().unwrap().row, None);
    let repeated = log.append(vec![drafts[0].clone()], &[]).unwrap();
    assert!(repeated.events[0].repeated);
    assert!(matches!(log.append(vec![opened(journey(0), 500)], &[]), Err(Error::Deidentified(_))));
    assert_eq!(log.verify(true, &|_, _| {}).unwrap().root, root);
    assert!(log.verify(true, &|_, _| {}).unwrap().problems.is_empty());
}

#[test]
fn an_erased_journey_is_known_to_have_been_there_and_nothing_else() {
    let data = Data::new();
    let drafts = filled(&data);
    let sealed = data.open().seal(journey(0), "row", b"a row").unwrap().unwrap();
    let before = data.open().verify(true, &|_, _| {}).unwrap();
    let vault = Vault::open(&data.path().join("keys"), None).unwrap();
    vault.destroy(journey(0), ErasureLevel::All).unwrap();
    drop(vault);
    let log = data.open();
    let history = log.read_journey(journey(0), AsOf::Now).unwrap();
    assert!(history.events.is_empty());
    assert_eq!(history.closed.len(), 18);
    assert_eq!(history.closed[0].type_name, "throughline.intake.journey-opened.v1");
    assert_eq!(log.find(drafts[0].event_id).unwrap(), None);
    assert_eq!(log.open_sealed(journey(0), "row", &sealed).unwrap(), None);
    assert_eq!(log.seal(journey(0), "row", b"a row").unwrap(), None);
    assert!(log.append(vec![drafts[0].clone()], &[]).unwrap().events[0].repeated);
    assert!(matches!(log.append(vec![served(journey(0), 500)], &[]), Err(Error::Erased(_))));
    // That it was erased can still be written down, and read.
    let destroyed = throughline_domain::KeyDestroyed {
        level: ErasureLevel::All,
        requested_by: throughline_domain::Code::new("client").unwrap(),
        reason: throughline_domain::Code::new("asked").unwrap(),
        personal: throughline_domain::Nothing::default(),
    };
    let mut told = draft(journey(0), 501, destroyed);
    told.source = None;
    log.append(vec![told.clone()], &[]).unwrap();
    assert_eq!(log.find(told.event_id).unwrap().unwrap().draft, told);
    let after = log.verify(true, &|_, _| {}).unwrap();
    assert!(after.problems.is_empty());
    assert_eq!(after.events, before.events + 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Any byte of sled's own files: the log opens or says why not, and what it reads is what was written.
    #[test]
    fn a_flipped_byte_anywhere_gives_no_panic_and_no_other_event(place: prop::sample::Index, bit in 0..8_u8) {
        let data = Data::new();
        let drafts = filled(&data);
        flip(&data.path().join("sled").join("db"), place, bit);
        if let Ok(log) = Log::open(data.path(), data.clock())
            && let Ok(history) = log.read(Position(0), 1000)
        {
            for recorded in &history.events {
                let position = usize::try_from(recorded.position.0).unwrap();
                prop_assert_eq!(&recorded.draft, &drafts[position]);
            }
        }
    }
}

fn flip(path: &Path, place: prop::sample::Index, bit: u8) {
    let mut bytes = fs::read(path).unwrap();
    let used = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    bytes[place.index(used)] ^= 1 << bit;
    fs::write(path, bytes).unwrap();
}
