//! The formats: read as written, refused when changed, and never a panic.

#![allow(clippy::unwrap_used, reason = "a test stops where it is surprised")]

use proptest::prelude::*;
use throughline_proof::{
    Checkpoint, ConsistencyProof, Error, Hash, InclusionProof, Level, Note, Signature, SigningKey, Tile,
    TlogProof, Tree, VerifierKey, leaf_hash, root_of,
};

/// The tiles of a tree over these leaves, straight from their definition.
fn tile_of(leaves: &[Hash], tile: Tile) -> Vec<Hash> {
    let Level::Hashes(level) = tile.level else { panic!("a proof needs hashes alone") };
    let span = 256_usize.pow(level.into());
    let first = usize::try_from(tile.index).unwrap() * 256 * span;
    leaves[first..].chunks_exact(span).take(tile.width.into()).map(root_of).collect()
}

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|n| leaf_hash(&n.to_be_bytes())).collect()
}

fn key() -> SigningKey {
    SigningKey::new("throughline/0123456789abcdef", &[1; 32]).unwrap()
}

fn proof_of(leaves: &[Hash], index: u64) -> TlogProof {
    let tree: Tree = leaves.iter().copied().collect();
    let checkpoint = Checkpoint::new(key().name(), tree.size(), tree.root()).unwrap().sign(&key()).unwrap();
    let read = &mut |tile| Ok::<_, Error>(tile_of(leaves, tile));
    let inclusion = InclusionProof::make(index, tree.size(), read).unwrap();
    TlogProof { extra: Some(index.to_be_bytes().to_vec()), index, inclusion, checkpoint }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_leaf_is_proved_in_the_tree_it_is_in_and_nowhere_else(size in 1_u64..1500, index in any::<u64>(), other in any::<u64>()) {
        let (index, leaves) = (index % size, leaves(size));
        let read = &mut |tile| Ok::<_, Error>(tile_of(&leaves, tile));
        let proof = InclusionProof::make(index, size, read)?;
        let root = root_of(&leaves);
        let leaf = &leaves[usize::try_from(index).unwrap()];
        prop_assert_eq!(proof.check(index, leaf, size, &root), Ok(()));
        let other = other % (size + 3);
        prop_assert_eq!(proof.check(other, leaf, size, &root).is_ok(), other == index);
        prop_assert!(proof.check(index, &leaf_hash(b"another"), size, &root).is_err());
        prop_assert!(proof.check(index, leaf, size, &leaf_hash(b"another")).is_err());
        let mut longer = proof.hashes().to_vec();
        longer.push([0; 32]);
        prop_assert!(InclusionProof::new(longer)?.check(index, leaf, size, &root).is_err());
        if let Some((_, shorter)) = proof.hashes().split_last() {
            prop_assert!(InclusionProof::new(shorter.to_vec())?.check(index, leaf, size, &root).is_err());
        }
        prop_assert_eq!(Tree::read(size, read)?.root(), root);
        let checked = proof_of(&leaves, index);
        prop_assert_eq!(checked.check_extra(&key().verifier())?.1.size, size);
        prop_assert_eq!(TlogProof::parse(&checked.to_string()), Ok(checked));
    }

    #[test]
    fn a_later_tree_is_shown_to_begin_with_the_earlier(newer in 0_u64..1500, older in any::<u64>(), forked in any::<u64>()) {
        let (older, leaves) = (older % (newer + 1), leaves(newer));
        let read = &mut |tile| Ok::<_, Error>(tile_of(&leaves, tile));
        let proof = ConsistencyProof::make(older, newer, read)?;
        let old_root = root_of(&leaves[..usize::try_from(older).unwrap()]);
        let new_root = root_of(&leaves);
        prop_assert_eq!(proof.check((older, &old_root), (newer, &new_root)), Ok(()));
        if older > 0 {
            let mut fork = leaves.clone();
            fork[usize::try_from(forked % older).unwrap()] = leaf_hash(b"another");
            let read = &mut |tile| Ok::<_, Error>(tile_of(&fork, tile));
            let root = root_of(&fork);
            let proof = ConsistencyProof::make(older, newer, read)?;
            prop_assert!(proof.check((older, &old_root), (newer, &root)).is_err());
        }
        if older < newer && older > 0 {
            prop_assert!(ConsistencyProof::default().check((older, &old_root), (newer, &old_root)).is_err());
            prop_assert!(proof.check((newer, &new_root), (older, &old_root)).is_err());
        }
    }

    #[test]
    fn hashes_of_nobody_prove_nothing(
        hashes in prop::collection::vec(any::<[u8; 32]>(), 0..70),
        (index, size) in any::<(u64, u64)>(),
        (older, newer) in any::<(u64, u64)>(),
    ) {
        let root = leaf_hash(b"root");
        if let Ok(proof) = InclusionProof::new(hashes.clone()) {
            prop_assert!(proof.check(index, &leaf_hash(b"leaf"), size, &root).is_err());
        }
        if let Ok(proof) = ConsistencyProof::new(hashes) {
            prop_assert!(older == 0 || proof.check((older, &leaf_hash(b"old")), (newer, &root)).is_err());
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "(.|\n|— |\\+|=){0,200}") {
        let _ = (Note::parse(&text), Checkpoint::parse(&text), TlogProof::parse(&text));
        let _ = (VerifierKey::parse(&text), Signature::parse(&text));
        let _ = (Note::parse(&format!("a\n\n— b {text}\n")), Checkpoint::parse(&format!("o\n1\n{text}")));
        let _ = TlogProof::parse(&format!("c2sp.org/tlog-proof@v1\nindex 1\n{text}\n\no\n"));
        let _ = VerifierKey::parse(&format!("a+00000000+{text}"));
    }

    #[test]
    fn one_byte_changed_anywhere_proves_nothing_any_more(at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let proof = proof_of(&leaves(300), 77).to_string();
        let mut bytes = proof.clone().into_bytes();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != to);
        bytes[at] = to;
        let Ok(changed) = String::from_utf8(bytes) else { return Ok(()) };
        let holds = TlogProof::parse(&changed)
            .is_ok_and(|proof| proof.check_extra(&key().verifier()).is_ok());
        prop_assert!(!holds, "{}", changed);
    }
}

#[test]
fn a_note_signed_by_the_go_tool_is_believed() {
    let key =
        VerifierKey::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").unwrap();
    let text = "If you think cryptography is the answer to your problem,\n\
                then you don't know what your problem is.\n";
    let signature = "— PeterNeumann \
                     x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";
    let note = Note::parse(&format!("{text}\n{signature}\n")).unwrap();
    assert_eq!(note.verify(&key), Ok(text));
    assert_eq!(note.to_string(), format!("{text}\n{signature}\n"));
    let other = Note::parse(&format!("{}\n{signature}\n", text.replace("answer", "Answer"))).unwrap();
    assert_eq!(other.verify(&key), Err(Error::BadSignature("PeterNeumann".to_owned())));
}

#[test]
fn several_sign_one_checkpoint_and_each_is_asked_for_alone() {
    let (log, witness) = (key(), SigningKey::new("witness.example/w1", &[2; 32]).unwrap());
    let checkpoint = Checkpoint::new(log.name(), 3, root_of(&leaves(3))).unwrap();
    let mut note = checkpoint.sign(&log).unwrap();
    assert!(note.cosigned(&witness.cosigner()).is_err());
    note.add(witness.cosign(note.text(), 1_679_315_147)).unwrap();
    let read = Note::parse(&note.to_string()).unwrap();
    assert_eq!(Checkpoint::open(&read, &log.verifier()), Ok(checkpoint));
    assert_eq!(read.cosigned(&witness.cosigner()).unwrap().time, 1_679_315_147);
    // The time is signed too, and a key of one kind is not taken for one of the other.
    let mut later = note.clone();
    let mut signature = note.signatures()[1].clone();
    signature.bytes[7] ^= 1;
    later.add(signature).unwrap();
    assert!(later.cosigned(&witness.cosigner()).is_err());
    assert!(read.verify(&witness.verifier()).is_err());
    assert!(Checkpoint::open(&read, &SigningKey::new("another", &[1; 32]).unwrap().verifier()).is_err());
}

#[test]
fn a_verifier_key_is_read_as_it_is_written() {
    for key in [key().verifier(), key().cosigner()] {
        assert_eq!(VerifierKey::parse(&key.to_string()), Ok(key.clone()));
        let id = key.to_string().replace("cdef+", "cdee+");
        assert!(VerifierKey::parse(&id).is_err(), "the id is bound to the name");
    }
}

#[test]
fn a_checkpoint_is_three_lines() {
    let checkpoint = Checkpoint::new("throughline/0123456789abcdef", 1, [0; 32]).unwrap();
    let text = "throughline/0123456789abcdef\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
    assert_eq!(checkpoint.to_string(), text);
    assert_eq!(Checkpoint::parse(text), Ok(checkpoint));
    let with_more = format!("{text}more\n");
    assert_eq!(Checkpoint::parse(&with_more).unwrap().to_string(), with_more);
    for wrong in [
        text.replace("\n1\n", "\n01\n"),
        text.replace("\n1\n", "\n+1\n"),
        text.replace("\n1\n", "\n18446744073709551616\n"),
        text.replace("AAA=", "AAB="),
        text.trim_end().to_owned(),
        format!("{text}\n"),
        format!("{text}more"),
    ] {
        assert!(Checkpoint::parse(&wrong).is_err(), "{wrong}");
    }
}
