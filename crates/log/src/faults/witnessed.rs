//! What is proved under a checkpoint that witnesses cosigned, and when that is passed over.

use std::{fs, path::Path, time::Duration};

use throughline_domain::Position;
use throughline_proof::{Checkpoint, Note, SigningKey};

use super::*;
use crate::{EventLog, PublishedTree, Under, export, verify_export};

fn witness(seed: u8) -> SigningKey {
    SigningKey::new(&format!("witness-{seed}.example"), &[seed; 32]).unwrap()
}

/// The log grown to so many events, and its checkpoint over them.
fn grown(log: &Log, to: u64) -> Note {
    let batch: Vec<_> = (log.events()..to).map(|id| served(journey(id % 5), id)).collect();
    log.append(batch, &[]).unwrap();
    assert!(log.wait_covered(Position(to - 1), Duration::from_secs(30)));
    Note::parse(&log.checkpoint().unwrap()).unwrap()
}

/// Keeps what a witness cosigned, as the service does.
fn keep(tree: &Path, note: &Note, witness: &SigningKey) {
    let mut note = note.clone();
    note.add(witness.cosign(note.text(), 1_790_000_000)).unwrap();
    fs::create_dir_all(tree.join("witnessed")).unwrap();
    fs::write(tree.join("witnessed").join(witness.name()), note.to_string()).unwrap();
}

fn witnessed(log: &Log) -> Option<Note> {
    log.witnessed().unwrap().map(|note| Note::parse(&note).unwrap())
}

fn size(note: &Note) -> u64 {
    Checkpoint::parse(note.text()).unwrap().size
}

#[test]
fn what_witnesses_cosigned_is_told_and_proved_under_however_much_was_appended_since() {
    let data = Data::new();
    let log = open_on(&data, &FaultyDisk::new(None)).unwrap();
    let (tree, one, two) = (data.path().join("tree"), witness(1), witness(2));
    assert!(witnessed(&log).is_none() && log.proof(Position(0), Under::Witnessed).unwrap().is_none());
    let early = grown(&log, 100);
    let head = grown(&log, 300);
    keep(&tree, &early, &two);
    keep(&tree, &head, &one);
    assert_eq!(size(&witnessed(&log).unwrap()), 300, "the newest");
    keep(&tree, &head, &two);
    grown(&log, 900);
    let told = witnessed(&log).unwrap();
    for witness in [&one, &two] {
        told.cosigned(&witness.cosigner()).unwrap();
    }
    told.verify(&log.tree.key.verifier()).unwrap();
    assert_eq!(size(&told), 300);
    for position in [0, 255, 256, 299] {
        let proof = log.proof(Position(position), Under::Witnessed).unwrap().unwrap();
        assert_eq!(proof.checkpoint, told);
        proof.check_extra(&log.tree.key.verifier()).unwrap();
        assert_eq!(size(&log.proof(Position(position), Under::Newest).unwrap().unwrap().checkpoint), 900);
    }
    assert!(log.proof(Position(300), Under::Witnessed).unwrap().is_none());
    // What goes out together is under one checkpoint, which covers all that was looked at.
    let under = |events| {
        let evidence = log.evidence(&[Position(3), Position(7)], events).unwrap().unwrap();
        for event in &evidence.events {
            assert_eq!(event.proof.checkpoint, evidence.checkpoint);
            event.proof.check_extra(&log.tree.key.verifier()).unwrap();
        }
        evidence.checkpoint
    };
    assert_eq!((under(0), under(300)), (told.clone(), told));
    assert_eq!((size(&under(301)), size(&under(900))), (900, 900));
    assert!(log.evidence(&[Position(3)], 901).unwrap().is_none());
    assert_eq!(size(&log.evidence(&[Position(300)], 0).unwrap().unwrap().checkpoint), 900);
}

#[test]
fn what_the_log_signed_over_another_history_is_passed_over() {
    let data = Data::new();
    let log = open_on(&data, &FaultyDisk::new(None)).unwrap();
    let tree = data.path().join("tree");
    let early = grown(&log, 100);
    grown(&log, 300);
    let key = &log.tree.key;
    let other = Checkpoint::new(key.name(), 200, [7; 32]).unwrap().sign(key).unwrap();
    let ahead = Checkpoint::new(key.name(), 301, [7; 32]).unwrap().sign(key).unwrap();
    let stranger = SigningKey::new(key.name(), &[9; 32]).unwrap();
    let foreign = Checkpoint::new(key.name(), 100, [7; 32]).unwrap().sign(&stranger).unwrap();
    for (note, seed) in [(&other, 1), (&ahead, 2), (&foreign, 3)] {
        keep(&tree, note, &witness(seed));
    }
    fs::write(tree.join("witnessed/none"), "no note").unwrap();
    fs::write(tree.join("witnessed/half.new"), "").unwrap();
    assert!(witnessed(&log).is_none());
    keep(&tree, &early, &witness(4));
    assert_eq!(size(&witnessed(&log).unwrap()), 100);
    assert_eq!(size(&log.evidence(&[Position(3)], 100).unwrap().unwrap().checkpoint), 100);
}

#[test]
fn an_export_takes_cosignatures_along_and_one_of_another_history_is_found() {
    let data = Data::new();
    let log = open_on(&data, &FaultyDisk::new(None)).unwrap();
    let (tree, one) = (data.path().join("tree"), witness(1));
    let key = log.verifier_key();
    let head = grown(&log, 260);
    keep(&tree, &head, &one);
    grown(&log, 600);
    let to = tempfile::tempdir().unwrap();
    let exported = export(data.path(), to.path(), &|_, _| {}).unwrap();
    assert_eq!((exported.checkpoint.events, exported.witnessed), (600, Some(260)));
    let kept = fs::read_to_string(to.path().join("witnessed").join(one.name())).unwrap();
    Note::parse(&kept).unwrap().cosigned(&one.cosigner()).unwrap();
    let problems = |at: &Path| {
        let found = verify_export(at, Some(&key), &|_, _| {}).unwrap();
        found.problems.into_iter().map(|problem| problem.what).collect::<Vec<_>>()
    };
    assert_eq!(problems(to.path()), [""; 0]);
    assert_eq!(problems(&tree), [""; 0], "a copy of the tree has them too");

    let sign = |events| {
        let name = log.tree.key.name();
        Checkpoint::new(name, events, [7; 32]).unwrap().sign(&log.tree.key).unwrap()
    };
    for (events, what) in
        [(260, "another history"), (1, "another history"), (601, "the checkpoint covers 600")]
    {
        keep(to.path(), &sign(events), &one);
        let found = problems(to.path());
        assert!(found.len() == 1 && found[0].contains(what), "{events}: {found:?}");
    }
    fs::write(to.path().join("witnessed").join(one.name()), "no note").unwrap();
    assert!(problems(to.path())[0].contains("no checkpoint that the log's key signed"));
}
