//! What the transparency tree promises, and that planted bugs break it.

use std::{thread, time::Duration};

use throughline_domain::{ErasureLevel, Position};
use throughline_proof::{Checkpoint, ConsistencyProof, Leaf, Note, Tile, TlogProof, VerifierKey};

use super::{healing::in_sled, *};
use crate::{EventLog, PublishedTree, Under, export, verify, verify_export};

/// Longer than a checkpoint takes.
const PATIENCE: Duration = Duration::from_secs(30);

fn signed(log: &Log, events: u64) -> (Checkpoint, VerifierKey) {
    assert!(log.wait_covered(Position(events - 1), PATIENCE), "no checkpoint covers {events} events");
    let key = VerifierKey::parse(&log.verifier_key()).unwrap();
    let note = Note::parse(&log.checkpoint().unwrap()).unwrap();
    (Checkpoint::open(&note, &key).unwrap(), key)
}

fn problems(data: &Data) -> Vec<(u64, String)> {
    let found = verify(data.path(), true, &|_, _| {}).unwrap();
    found.problems.into_iter().map(|problem| (problem.position.0, problem.what)).collect()
}

fn exported(data: &Data) -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    export(data.path(), to.path(), &|_, _| {}).unwrap();
    to
}

#[test]
fn each_event_is_proved_and_each_checkpoint_begins_with_the_one_before() {
    let data = Data::new();
    let log = open_on(&data, &FaultyDisk::new(None)).unwrap();
    let mut before: Option<Checkpoint> = None;
    for round in 0..4 {
        let batch: Vec<_> = (round * 150..(round + 1) * 150).map(|id| served(journey(id % 5), id)).collect();
        log.append(batch, &[]).unwrap();
        let (checkpoint, key) = signed(&log, (round + 1) * 150);
        assert!(log.covered().events == checkpoint.size && log.covered().failing.is_none());
        if let Some(before) = before.replace(checkpoint.clone()) {
            let read = &mut |tile: Tile| -> Result<_, throughline_proof::Error> {
                throughline_proof::hashes_of(&log.tile(tile).unwrap().unwrap())
            };
            let proof = ConsistencyProof::make(before.size, checkpoint.size, read).unwrap();
            proof.check((before.size, &before.root), (checkpoint.size, &checkpoint.root)).unwrap();
        }
        for position in [0, 1, 149, (round + 1) * 150 - 1] {
            let proof = log.proof(Position(position), Under::Newest).unwrap().unwrap();
            let proof = TlogProof::parse(&proof.to_string()).unwrap();
            let (data, _) = proof.check_extra(&key).unwrap();
            assert_eq!(Leaf::parse(data).unwrap().header.position, position);
        }
    }
    assert!(
        log.proof(Position(600), Under::Newest).unwrap().is_none(),
        "nothing is proved that is not there"
    );
    drop(log);
    assert_eq!(problems(&data), []);
}

#[test]
fn the_last_append_before_a_clean_end_is_signed_and_the_next_life_goes_on_from_there() {
    let data = Data::new();
    for life in 0..3 {
        let log = open_on(&data, &FaultyDisk::new(None)).unwrap();
        assert_eq!(log.covered().events, life * 300, "the checkpoint is there at once");
        let batch = (life * 300..(life + 1) * 300).map(|id| served(journey(1), id)).collect();
        log.append(batch, &[]).unwrap();
        drop(log);
        let found = verify(data.path(), true, &|_, _| {}).unwrap();
        assert_eq!((found.checkpoint.unwrap().events, found.problems), ((life + 1) * 300, vec![]));
    }
    // Two checkpoints' partial tiles at most are kept.
    let partial = fs::read_dir(data.path().join("tree/tile/0/003.p")).unwrap().count();
    assert!((1..=2).contains(&partial), "{partial}");
    assert!(!data.path().join("tree/tile/0/001.p").exists());
}

#[test]
fn a_tree_that_is_gone_or_damaged_is_made_again_from_the_frames() {
    let (whole, drafts) = filled(400);
    let before = fs::read(whole.path().join("tree/checkpoint")).unwrap();
    for gone in ["tree", "tree/tile", "tree/tile/0", "tree/tile/1/000.p", "tree/checkpoint", "tree/log.vkey"]
    {
        let data = copy_of(&whole);
        let path = data.path().join(gone);
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
        assert_ne!(problems(&data), [], "{gone} is missed");
        let log = open_on(&data, &FaultyDisk::new(None)).unwrap();
        signed(&log, 800);
        drop(log);
        assert_eq!(problems(&data), [], "{gone}");
        assert_eq!(fs::read(data.path().join("tree/checkpoint")).unwrap(), before, "{gone}");
        assert!(opens_well(&data, &drafts));
    }
}

fn opens_well(data: &Data, drafts: &[throughline_domain::Draft]) -> bool {
    open_on(data, &FaultyDisk::new(None)).is_ok_and(|log| has(&log, drafts))
}

#[test]
fn a_disk_that_takes_no_tree_takes_events_all_the_same_and_the_tree_comes_after() {
    let data = Data::new();
    let log = open_on(&data, &FaultyDisk::new(None)).unwrap();
    // A file where a directory should be: nothing of the tree can be written.
    let place = data.path().join("tree/tile");
    fs::write(&place, b"").unwrap();
    log.append(vec![served(journey(1), 1)], &[]).unwrap();
    let failing = (0..3000).find_map(|_| {
        thread::sleep(Duration::from_millis(10));
        log.covered().failing
    });
    assert!(failing.unwrap().contains("tree/tile"));
    log.append(vec![served(journey(1), 2)], &[]).unwrap();
    assert!(log.proof(Position(0), Under::Newest).unwrap().is_none());
    fs::remove_file(&place).unwrap();
    let (checkpoint, _) = signed(&log, 2);
    assert_eq!(checkpoint.size, 2);
    drop(log);
    assert_eq!(problems(&data), []);
}

#[test]
fn erasing_a_journey_changes_nothing_in_the_tree() {
    let (data, _) = filled(20);
    let (before, alone) = (verify(data.path(), true, &|_, _| {}).unwrap(), exported(&data));
    let vault = throughline_vault::Vault::open(&data.path().join("keys"), None).unwrap();
    vault.destroy(journey(1), ErasureLevel::All).unwrap();
    drop(vault);
    assert_eq!(verify(data.path(), true, &|_, _| {}).unwrap(), before);
    let log = open_on(&data, &FaultyDisk::new(None)).unwrap();
    let (_, key) = signed(&log, 40);
    let position = log.position(event_id(1)).unwrap().unwrap();
    assert!(log.find(event_id(1)).unwrap().is_none(), "nobody can read it");
    log.proof(position, Under::Newest).unwrap().unwrap().check_extra(&key).unwrap();
    drop(log);
    let found = verify_export(alone.path(), Some(&key.to_string()), &|_, _| {}).unwrap();
    assert_eq!((found.root, found.problems), (before.root, vec![]));
}

#[test]
fn an_exported_tree_is_verified_alone_and_one_byte_changed_anywhere_is_found() {
    let (data, _) = filled(160);
    let to = exported(&data);
    let found = verify_export(to.path(), None, &|_, _| {}).unwrap();
    assert_eq!((found.events, found.entries, &found.problems), (320, true, &vec![]));
    let key = found.checkpoint.unwrap().key;
    let mut files = Vec::new();
    below(to.path(), &mut files);
    assert_eq!(files.len(), 2 + 3 + 2);
    for file in &files {
        let bytes = fs::read(file).unwrap();
        for at in (0..bytes.len()).step_by(1 + bytes.len() / 23) {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            fs::write(file, changed).unwrap();
            for key in [None, Some(key.as_str())] {
                let found = verify_export(to.path(), key, &|_, _| {}).unwrap();
                assert!(!found.problems.is_empty(), "{} byte {at}", file.display());
            }
        }
        fs::remove_file(file).unwrap();
        // Without the key beside it, the key from elsewhere is enough.
        if !file.ends_with("log.vkey") {
            assert!(!verify_export(to.path(), Some(&key), &|_, _| {}).unwrap().problems.is_empty());
        }
        fs::write(file, bytes).unwrap();
    }
    assert_eq!(verify_export(to.path(), Some(&key), &|_, _| {}).unwrap().problems, []);
    // Another export adds to it; a tree copied out of the directory is one without entries.
    let log = open_on(&data, &FaultyDisk::new(None)).unwrap();
    log.append((1000..1300).map(|id| served(journey(2), id)).collect(), &[]).unwrap();
    drop(log);
    export(data.path(), to.path(), &|_, _| {}).unwrap();
    let found = verify_export(to.path(), Some(&key), &|_, _| {}).unwrap();
    assert_eq!((found.events, found.problems), (620, vec![]));
    let found = verify_export(&data.path().join("tree"), Some(&key), &|_, _| {}).unwrap();
    assert_eq!((found.events, found.entries, found.problems), (620, false, vec![]));
}

fn below(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { below(&path, found) } else { found.push(path) }
    }
}

#[test]
fn a_restored_log_is_compared_with_the_checkpoint_of_its_backup() {
    let (data, drafts) = filled(30);
    let (backup, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    crate::backup(data.path(), backup.path(), &|_, _| {}).unwrap();
    let checkpoint = fs::read(backup.path().join("tree/checkpoint")).unwrap();
    for (part, whole) in [(Some(Position(9)), false), (None, true)] {
        let dir = to.path().join(format!("{whole}"));
        crate::restore(backup.path(), &dir, part, &|_, _| {}).unwrap();
        assert_eq!(verify(&dir, true, &|_, _| {}).unwrap().problems, []);
        assert_eq!(fs::read(dir.join("tree/checkpoint")).unwrap() == checkpoint, whole);
        assert_eq!(has(&Log::open(&dir, data.clock()).unwrap(), &drafts), whole);
    }
}

/// At the moment a checkpoint is in its place, every tile it needs is durable and there.
fn tiles_are_there_first(seeded: Option<Seeded>) -> bool {
    let data = Data::new();
    let log = open_on(&data, &FaultyDisk::new(seeded)).unwrap();
    // Tiles cannot be written; a checkpoint over them must not be either.
    fs::write(data.path().join("tree/tile"), b"").unwrap();
    log.append(vec![served(journey(1), 1)], &[]).unwrap();
    drop(log);
    let found = verify(data.path(), true, &|_, _| {}).unwrap();
    let _ = fs::remove_file(data.path().join("tree/tile"));
    found.checkpoint.is_some_and(|signed| signed.events == 0)
}

/// A log whose frames and tiles were changed together, consistently, does not open.
fn changed_together_is_refused(seeded: Option<Seeded>) -> bool {
    let (data, _) = filled(5);
    let other = filled(4).0;
    for copy in ["journal", "sled", "index", "keys", "tree"] {
        fs::remove_dir_all(other.path().join(copy)).unwrap();
        copy_directory(&data.path().join(copy), &other.path().join(copy));
    }
    // The tiles of a tree over other leaves, and the last tile's frames alike: what is signed is another root.
    let tile = other.path().join("tree/tile/0/000.p/10");
    let mut hashes = fs::read(&tile).unwrap();
    hashes[5] ^= 1;
    fs::write(&tile, hashes).unwrap();
    let path = other.path().join("journal").join(crate::journal::name(0));
    let bytes = fs::read(&path).unwrap();
    let mut changed = bytes;
    let at = changed.windows(9).position(|words| words == b"worker:w1").unwrap();
    changed[at + 8] = b'9';
    let pieces = crate::journal::Segment::parse(0, changed.clone(), true).pieces;
    rechain(&mut changed, &pieces);
    fs::write(&path, &changed).unwrap();
    let pieces = crate::journal::Segment::parse(0, changed.clone(), false).pieces;
    in_sled(&other, |tree| {
        for piece in &pieces {
            if let crate::journal::Piece::Frame { at, first, .. } = piece {
                tree.insert(first.to_be_bytes(), &changed[at.clone()]).unwrap();
            }
        }
    });
    let _ = fs::remove_dir_all(other.path().join("index"));
    open_on(&other, &FaultyDisk::new(seeded)).is_err()
}

/// Sets checksums and the chain of frames right again.
fn rechain(bytes: &mut [u8], pieces: &[crate::journal::Piece]) {
    let mut previous = [0; 32];
    for piece in pieces {
        let frame = &mut bytes[piece.at().clone()];
        frame[24..56].copy_from_slice(&previous);
        let sum = crc32c::crc32c_append(crc32c::crc32c(&frame[..60]), &frame[64..]);
        frame[60..64].copy_from_slice(&sum.to_be_bytes());
        previous = crate::frame::hash(frame);
    }
}

/// A log that was rolled back behind its checkpoint, in both copies, does not open.
fn rolled_back_is_refused(seeded: Option<Seeded>) -> bool {
    let (data, _) = filled(5);
    let older = copy_of(&data);
    let log = open_on(&data, &FaultyDisk::new(None)).unwrap();
    log.append(vec![served(journey(1), 900)], &[]).unwrap();
    drop(log);
    for copy in ["journal", "sled", "index"] {
        fs::remove_dir_all(data.path().join(copy)).unwrap();
        copy_directory(&older.path().join(copy), &data.path().join(copy));
    }
    open_on(&data, &FaultyDisk::new(seeded)).is_err()
}

#[test]
fn every_bug_planted_in_the_tree_is_caught_by_a_promise() {
    let promises = [
        ("tiles first", tiles_are_there_first as fn(Option<Seeded>) -> bool),
        ("changed together", changed_together_is_refused),
        ("rolled back", rolled_back_is_refused),
    ];
    let broken = |seeded| -> Vec<&str> {
        promises.iter().filter(|(_, kept)| !kept(seeded)).map(|(name, _)| *name).collect()
    };
    assert_eq!(broken(None), Vec::<&str>::new());
    assert_eq!(broken(Some(Seeded::SignBeforeTiles)), ["tiles first"]);
    assert_eq!(broken(Some(Seeded::SkipRootCheck)), ["changed together"]);
    assert_eq!(broken(Some(Seeded::IgnoreCheckpoint)), ["changed together", "rolled back"]);
}
