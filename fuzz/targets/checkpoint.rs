//! What proofs are made of, as a stranger might send it: notes, checkpoints, proofs, tiles, keys, leaves. What is read
//! is written as it was, and no signature that nobody made holds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use throughline_proof::{
    Checkpoint, EntryBundle, Leaf, Note, SigningKey, Tile, TlogProof, VerifierKey, hashes_of, leaf_hash,
};

fuzz_target!(|bytes: &[u8]| {
    let key = SigningKey::new("example.org/log", &[7; 32]).expect("a name").verifier();
    let _ = hashes_of(bytes);
    if let Ok(leaf) = Leaf::parse(bytes) {
        let mut written = Vec::new();
        leaf.write(&mut written).expect("it was read");
        assert_eq!(written, bytes, "a leaf is written as it was read");
    }
    if let Ok(bundle) = EntryBundle::parse(bytes) {
        let mut written = Vec::new();
        for entry in bundle.entries() {
            EntryBundle::push(&mut written, entry).expect("it was read");
        }
        assert_eq!(written, bytes, "a bundle is written as it was read");
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(note) = Note::parse(text) {
        assert_eq!(Note::parse(&note.to_string()).as_ref(), Ok(&note), "a note reads the same again");
        let _ = note.cosigned(&key);
        assert!(Checkpoint::open(&note, &key).is_err(), "nobody signed this");
        if let Ok(checkpoint) = Checkpoint::parse(note.text()) {
            assert_eq!(checkpoint.to_string(), note.text(), "a checkpoint is written as it was read");
        }
    }
    if let Ok(proof) = TlogProof::parse(text) {
        assert_eq!(TlogProof::parse(&proof.to_string()).as_ref(), Ok(&proof), "a proof reads the same again");
        assert!(proof.check(&leaf_hash(bytes), &key).is_err(), "nobody signed this");
        let _ = proof.inclusion.check(proof.index, &leaf_hash(bytes), u64::MAX, &[0; 32]);
    }
    if let Ok(tile) = Tile::parse(text) {
        assert_eq!(tile.to_string(), text, "a tile has one path");
    }
    if let Ok(key) = VerifierKey::parse(text) {
        assert_eq!(key.to_string(), text, "a key is written as it was read");
    }
});
