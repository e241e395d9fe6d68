//! The transparency tree of a real log, checked by code that others wrote: the crates `signed_note` and `tlog_tiles`, and
//! in Python `pymerkle` and `cryptography` (`tests/verify_tree.py`).

#![allow(clippy::unwrap_used, reason = "a test stops where it is surprised")]

use std::{fs, path::Path, process::Command, sync::Arc, time::Duration};

use jiff::Timestamp;
use signed_note::{Note, StandardVerifier, VerifierList};
use tempfile::TempDir;
use throughline_domain::Position;
use throughline_log::{EventLog, Log, Under};
use throughline_proof::TlogProof;
use throughline_tests::faults::draft;
use tlog_tiles::{Checkpoint, Error, Hash, Tile, TileHashReader, TileReader};

/// Longer than a checkpoint takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Appends events up to so many, and waits for their checkpoint.
fn grow(log: &Log, from: u64, to: u64) {
    for numbers in (from..to).collect::<Vec<_>>().chunks(250) {
        log.append(numbers.iter().map(|number| draft(*number)).collect(), &[]).unwrap();
    }
    assert!(log.tree().wait_covered(Position(to - 1), PATIENCE));
}

fn open(dir: &Path) -> Log {
    Log::open(dir, Arc::new(|| Timestamp::UNIX_EPOCH)).unwrap()
}

/// The checkpoint of a log as `signed_note` and `tlog_tiles` read it.
fn checkpoint(log: &Log) -> Checkpoint {
    let verifier = StandardVerifier::new(&log.tree().verifier_key()).unwrap();
    let note = Note::from_bytes(log.tree().checkpoint().unwrap().as_bytes()).unwrap();
    let (verified, others) = note.verify(&VerifierList::new(vec![Box::new(verifier)])).unwrap();
    assert_eq!((verified.len(), others.len()), (1, 0));
    Checkpoint::from_bytes(note.text()).unwrap()
}

/// Tiles as files, by the paths of tlog-tiles; Go's have the height in them too.
struct Files<'a>(&'a Path);

impl TileReader for Files<'_> {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, Error> {
        let read = |tile: &Tile| {
            let path = tile.path().replacen("tile/8/", "tile/", 1);
            fs::read(self.0.join(path)).map_err(|_| Error::InvalidTile)
        };
        tiles.iter().map(read).collect()
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

#[test]
fn other_peoples_crates_verify_checkpoint_tiles_inclusion_and_consistency() {
    let dir = TempDir::new().unwrap();
    let log = open(dir.path());
    let mut earlier: Option<Checkpoint> = None;
    for size in [1, 255, 256, 700, 1500] {
        grow(&log, earlier.as_ref().map_or(0, Checkpoint::size), size);
        let head = checkpoint(&log);
        assert_eq!(head.size(), size);
        let tree = dir.path().join("tree");
        let files = Files(&tree);
        // It checks every tile that it reads against the signed root.
        let hashes = TileHashReader::new(size, *head.hash(), &files);
        assert_eq!(tlog_tiles::tree_hash(size, &hashes).unwrap(), *head.hash());
        for index in [0, size / 2, size - 1] {
            let proof = log.tree().proof(Position(index), Under::Newest).unwrap().unwrap();
            let leaf = tlog_tiles::record_hash(proof.extra.as_deref().unwrap());
            let ours: Vec<Hash> = proof.inclusion.hashes().iter().map(|hash| Hash(*hash)).collect();
            tlog_tiles::check_record(&ours, size, *head.hash(), index, leaf).unwrap();
            assert!(
                index == 0 || tlog_tiles::check_record(&ours, size, *head.hash(), index - 1, leaf).is_err()
            );
            let theirs = tlog_tiles::prove_record(size, index, &hashes).unwrap();
            assert_eq!(theirs, ours);
        }
        if let Some(earlier) = &earlier {
            let read = &mut |tile: throughline_proof::Tile| {
                throughline_proof::hashes_of(&log.tree().tile(tile).unwrap().unwrap())
            };
            let proof = throughline_proof::ConsistencyProof::make(earlier.size(), size, read).unwrap();
            let ours: Vec<Hash> = proof.hashes().iter().map(|hash| Hash(*hash)).collect();
            tlog_tiles::check_tree(&ours, size, *head.hash(), earlier.size(), *earlier.hash()).unwrap();
            assert!(tlog_tiles::check_tree(&ours, size, *head.hash(), earlier.size(), *head.hash()).is_err());
        }
        earlier = Some(head);
    }
}

#[test]
fn another_language_verifies_an_export_and_refuses_it_after_one_byte_was_changed() {
    let python = std::env::var("THROUGHLINE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let there = Command::new(&python).args(["-c", "import pymerkle, cryptography"]).output();
    if !there.is_ok_and(|there| there.status.success()) {
        say("SKIPPED: no python3 with pymerkle and cryptography; THROUGHLINE_PYTHON names one");
        return;
    }
    let dir = TempDir::new().unwrap();
    let (data, to) = (dir.path().join("data"), dir.path().join("export"));
    let log = open(&data);
    grow(&log, 0, 700);
    let (key, proof) = (log.tree().verifier_key(), dir.path().join("one.tlog-proof"));
    let text = log.tree().proof(Position(300), Under::Newest).unwrap().unwrap().to_string();
    assert!(TlogProof::parse(&text).is_ok());
    fs::write(&proof, text).unwrap();
    drop(log);
    throughline_log::export(&data, &to, &|_, _| {}).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("verify_tree.py");
    let run = Command::new(&python)
        .arg(script)
        .arg(&to)
        .args(["--key", &key, "--mutate", "40", "--proof"])
        .arg(&proof)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout) + String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}");
    assert!(said.contains("40 changes of one byte, 40 refused"), "{said}");
}

#[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
fn say(text: &str) {
    eprintln!("{text}");
}
