//! What a witness signs and what it refuses, with its directory: logs that grow, shrink, fork and talk nonsense.

#![allow(clippy::unwrap_used, reason = "a test stops where it is surprised")]

use std::{fs, os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use proptest::prelude::*;
use tempfile::TempDir;
use throughline_proof::{
    Checkpoint, ConsistencyProof, Error as ProofError, Hash, Level, Note, SigningKey, Tile, leaf_hash,
    root_of,
};
use throughline_witness::{AddCheckpoint, Error, Office, Refusal, Seen};

const NOW: u64 = 1_790_000_000;

/// A log in memory.
struct Log {
    key: SigningKey,
    leaves: Vec<Hash>,
}

impl Log {
    fn new(seed: u8, leaves: u64) -> Self {
        let key = SigningKey::new("example.org/log", &[seed; 32]).unwrap();
        Self { key, leaves: (0..leaves).map(|n| leaf_hash(&n.to_be_bytes())).collect() }
    }

    /// The same key over another history.
    fn forked_at(mut self, leaf: usize) -> Self {
        self.leaves[leaf] = leaf_hash(b"another");
        self
    }

    fn checkpoint(&self, size: usize) -> Note {
        let root = root_of(&self.leaves[..size]);
        Checkpoint::new(self.key.name(), size as u64, root).unwrap().sign(&self.key).unwrap()
    }

    fn request(&self, old: u64, size: usize) -> AddCheckpoint {
        let read = &mut |tile: Tile| {
            let Level::Hashes(level) = tile.level else { panic!("a proof needs hashes alone") };
            let span = 256_usize.pow(level.into());
            let first = usize::try_from(tile.index).unwrap() * 256 * span;
            let hashes = self.leaves[first..].chunks_exact(span).take(tile.width.into()).map(root_of);
            Ok::<_, ProofError>(hashes.collect())
        };
        let proof = ConsistencyProof::make(old, size as u64, read).unwrap();
        AddCheckpoint { old, proof, checkpoint: self.checkpoint(size) }
    }
}

fn office(dir: &Path, log: &Log) -> Office {
    Office::open(dir, Some("witness.example"), &[log.key.verifier()], Arc::new(|| NOW)).unwrap()
}

fn status(answer: Result<Seen, Error>) -> u16 {
    match answer {
        Ok(_) => 200,
        Err(Error::Refused(refusal)) => refusal.status(),
        Err(Error::Caught { .. }) => 409,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_log_that_grows_is_cosigned_at_each_size_also_after_a_restart() {
    let (dir, log) = (TempDir::new().unwrap(), Log::new(1, 600));
    for (old, size) in [(0, 1), (1, 1), (1, 300), (300, 600)] {
        // Opened anew each time: what is known is what was kept.
        let office = office(dir.path(), &log);
        let seen = office.add_checkpoint(&log.request(old, size)).unwrap();
        assert_eq!(seen.note.cosigned(&office.cosigner()).unwrap().time, NOW);
        assert_eq!(seen.note.verify(&log.key.verifier()).unwrap(), log.checkpoint(size).text());
        assert_eq!(office.seen(log.key.name()), Some(seen));
        assert_eq!(office.evidence().unwrap(), Vec::<String>::new());
    }
    let mode = fs::metadata(dir.path().join("witness.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "the key is for its owner alone");
}

#[test]
fn an_old_checkpoint_sent_again_leads_nowhere_back() {
    let (dir, log) = (TempDir::new().unwrap(), Log::new(1, 20));
    let office = office(dir.path(), &log);
    let first = log.request(0, 10);
    office.add_checkpoint(&first).unwrap();
    let last = office.add_checkpoint(&log.request(10, 20)).unwrap();
    let refused = office.add_checkpoint(&first).unwrap_err();
    assert!(matches!(refused, Error::Refused(Refusal::OtherSize { seen: 20 })), "{refused}");
    let back = AddCheckpoint { old: 20, ..log.request(10, 10) };
    assert_eq!(status(office.add_checkpoint(&back)), 400);
    assert_eq!(office.seen(log.key.name()), Some(last));
}

#[test]
fn a_fork_of_the_same_size_is_refused_and_kept_as_evidence() {
    let (dir, log) = (TempDir::new().unwrap(), Log::new(1, 10));
    let seen = office(dir.path(), &log).add_checkpoint(&log.request(0, 10)).unwrap();
    let fork = Log::new(1, 10).forked_at(3);
    for _ in 0..2 {
        let office = office(dir.path(), &log);
        let Error::Caught { misdeed, evidence } = office.add_checkpoint(&fork.request(10, 10)).unwrap_err()
        else {
            panic!("a fork")
        };
        assert!(!misdeed.is_rollback());
        let kept = fs::read_to_string(&evidence).unwrap();
        for note in [&seen.note, &fork.checkpoint(10)] {
            assert!(kept.contains(&note.to_string()), "{kept}");
            assert!(misdeed.to_string().contains(note.text().lines().nth(2).unwrap()), "{misdeed}");
        }
        assert_eq!(office.evidence().unwrap().len(), 1, "the same piece twice is one");
        assert_eq!(office.seen(log.key.name()), Some(seen.clone()));
    }
}

#[test]
fn a_longer_fork_has_no_proof_that_holds() {
    let (dir, log) = (TempDir::new().unwrap(), Log::new(1, 20));
    let office = office(dir.path(), &log);
    office.add_checkpoint(&log.request(0, 10)).unwrap();
    let fork = Log::new(1, 20).forked_at(3);
    assert_eq!(status(office.add_checkpoint(&fork.request(10, 20))), 422);
    let proof = log.request(10, 20).proof;
    assert_eq!(status(office.add_checkpoint(&AddCheckpoint { proof, ..fork.request(10, 20) })), 422);
    assert_eq!(office.seen(log.key.name()).unwrap().checkpoint.size, 10);
    assert_eq!(status(office.add_checkpoint(&log.request(10, 20))), 200, "the true history goes on");
}

#[test]
fn wrong_proofs_keys_sizes_and_logs_are_told_apart() {
    let (dir, log) = (TempDir::new().unwrap(), Log::new(1, 20));
    let office = office(dir.path(), &log);
    office.add_checkpoint(&log.request(0, 10)).unwrap();
    let good = log.request(10, 20);
    let empty = AddCheckpoint { proof: ConsistencyProof::default(), ..good.clone() };
    assert_eq!(status(office.add_checkpoint(&empty)), 422);
    let longer = [good.proof.hashes(), &[[0; 32]]].concat();
    let longer = AddCheckpoint { proof: ConsistencyProof::new(longer).unwrap(), ..good.clone() };
    assert_eq!(status(office.add_checkpoint(&longer)), 422);
    let other_key = AddCheckpoint { checkpoint: Log::new(2, 20).checkpoint(20), ..good.clone() };
    assert_eq!(status(office.add_checkpoint(&other_key)), 403);
    let mut other_log = Log::new(1, 20);
    other_log.key = SigningKey::new("example.org/other", &[1; 32]).unwrap();
    assert_eq!(status(office.add_checkpoint(&other_log.request(0, 20))), 404);
    assert_eq!(status(office.add_checkpoint(&AddCheckpoint { old: 9, ..good.clone() })), 409);
    assert_eq!(status(office.add_checkpoint(&AddCheckpoint { old: 21, ..good.clone() })), 400);
    assert_eq!(status(office.add_checkpoint(&good)), 200);
}

#[test]
fn an_answer_that_was_lost_is_had_by_asking_from_the_size_that_is_told() {
    let (dir, log) = (TempDir::new().unwrap(), Log::new(1, 20));
    let request = log.request(0, 20);
    // It was killed after its state was on disk, and before it answered.
    drop(office(dir.path(), &log).add_checkpoint(&request).unwrap());
    let office = office(dir.path(), &log);
    let Error::Refused(Refusal::OtherSize { seen }) = office.add_checkpoint(&request).unwrap_err() else {
        panic!("it knows a later size")
    };
    let again = office.add_checkpoint(&log.request(seen, 20)).unwrap();
    assert!(again.note.cosigned(&office.cosigner()).is_ok());
    assert_eq!(status(office.add_checkpoint(&log.request(seen, 20))), 200, "the same request again");
}

#[test]
fn nothing_is_signed_that_could_not_be_kept() {
    let (dir, log) = (TempDir::new().unwrap(), Log::new(1, 20));
    let office = office(dir.path(), &log);
    fs::write(dir.path().join("seen"), "in the way").unwrap();
    let failed = office.add_checkpoint(&log.request(0, 10)).unwrap_err();
    assert!(matches!(failed, Error::Io { .. }), "{failed}");
    assert_eq!(office.seen(log.key.name()), None);
    fs::remove_file(dir.path().join("seen")).unwrap();
    assert_eq!(status(office.add_checkpoint(&log.request(0, 10))), 200);
}

#[test]
fn one_process_at_a_time_has_the_directory_and_damage_is_not_passed_over() {
    let (dir, log) = (TempDir::new().unwrap(), Log::new(1, 20));
    let open = || Office::open(dir.path(), None, &[log.key.verifier()], Arc::new(|| NOW));
    let held = open().unwrap();
    assert!(matches!(open(), Err(Error::Held(_))));
    held.add_checkpoint(&log.request(0, 10)).unwrap();
    drop(held);
    let seen = fs::read_dir(dir.path().join("seen")).unwrap().next().unwrap().unwrap().path();
    let kept = fs::read_to_string(&seen).unwrap();
    fs::write(&seen, kept.replace("\n10\n", "\n11\n")).unwrap();
    assert!(matches!(open(), Err(Error::Damaged { .. })));
    fs::write(&seen, kept).unwrap();
    let key = dir.path().join("witness.key");
    let secret = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    assert!(matches!(open(), Err(Error::Damaged { .. })), "a new key would not know its own notes");
    fs::write(&key, secret).unwrap();
    assert!(open().is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn garbage_is_answered_and_never_signed(
        body: String, cut in any::<prop::sample::Index>(), byte in any::<char>(), old in 0_u64..30, size in 1_usize..20,
    ) {
        let _ = AddCheckpoint::parse(&body);
        let log = Log::new(1, 20);
        let good = log.request(old.min(size as u64), size);
        let text = good.to_string();
        prop_assert_eq!(AddCheckpoint::parse(&text).unwrap(), good.clone());
        let at = cut.index(text.len());
        let at = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap();
        let rest = text[at..].chars().next().map_or("", |c| &text[at + c.len_utf8()..]);
        let changed = format!("{}{byte}{rest}", &text[..at]);
        prop_assume!(changed != text);
        let mut witness = throughline_witness::Witness::new(
            SigningKey::new("witness.example", &[8; 32]).unwrap(),
            [log.key.verifier()],
        );
        witness.remember(witness_seen(&witness, &log, 5));
        if let Ok(request) = AddCheckpoint::parse(&changed)
            && let Ok(seen) = witness.add_checkpoint(&request, NOW)
        {
            // Whatever was changed, what is signed is what the log signed.
            prop_assert_eq!(seen.note.text(), good.checkpoint.text());
            prop_assert!(seen.checkpoint.size >= 5);
        }
    }
}

fn witness_seen(witness: &throughline_witness::Witness, log: &Log, size: usize) -> Seen {
    witness.add_checkpoint(&log.request(0, size), NOW).unwrap()
}
