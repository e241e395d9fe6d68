//! What the vault promises.

use std::fs;

use proptest::prelude::*;
use throughline_domain::{ErasureLevel, JourneyId};

use crate::{Error, MasterKey, Owner, Part, Standing, Vault};

const NONCE: [u8; 24] = [7; 24];

fn journey(n: u8) -> JourneyId {
    JourneyId::from_bytes([n; 16])
}

fn seal(vault: &Vault, n: u8, part: Part) -> Vec<u8> {
    vault.seal(Owner::Journey(journey(n)), part, &NONCE, b"bound", b"words").unwrap().unwrap()
}

fn open(vault: &Vault, n: u8, part: Part, sealed: &[u8]) -> Result<Option<Vec<u8>>, Error> {
    vault.unseal(Owner::Journey(journey(n)), part, &NONCE, b"bound", sealed)
}

#[test]
fn what_was_sealed_opens_after_the_vault_was_opened_again() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::open_or_create(dir.path(), None).unwrap();
    vault.ensure(&[journey(1), journey(2), journey(1)]).unwrap();
    let sealed = seal(&vault, 1, Part::Facts);
    let (namespace, of_log) =
        (vault.namespace(), vault.seal(Owner::Log, Part::Facts, &NONCE, b"", b"kept").unwrap().unwrap());
    drop(vault);
    let vault = Vault::open(dir.path(), None).unwrap();
    assert_eq!(open(&vault, 1, Part::Facts, &sealed).unwrap().unwrap(), b"words");
    assert_eq!(vault.namespace(), namespace);
    assert_eq!(vault.unseal(Owner::Log, Part::Facts, &NONCE, b"", &of_log).unwrap().unwrap(), b"kept");
    assert!(matches!(open(&vault, 2, Part::Facts, &sealed), Err(Error::DoesNotOpen)));
    assert!(matches!(open(&vault, 1, Part::Personal, &sealed), Err(Error::DoesNotOpen)));
    assert!(matches!(open(&vault, 3, Part::Facts, &sealed), Err(Error::NoKey(_))));
}

#[test]
fn a_vault_that_is_only_read_changes_nothing_and_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::open_or_create(dir.path(), None).unwrap();
    vault.ensure(&[journey(1)]).unwrap();
    let sealed = seal(&vault, 1, Part::Facts);
    drop(vault);
    let file = dir.path().join(crate::SLOTS_FILE);
    let before = fs::read(&file).unwrap();
    let vault = Vault::open_to_read(dir.path(), None).unwrap();
    assert_eq!(open(&vault, 1, Part::Facts, &sealed).unwrap().unwrap(), b"words");
    for refused in [vault.destroy(journey(1), ErasureLevel::All), vault.ensure(&[journey(2)])] {
        let told = refused.unwrap_err().to_string();
        assert!(told.contains("read only") && told.contains(crate::SLOTS_FILE), "{told}");
    }
    assert_eq!(vault.standing(journey(1)), Standing::Open);
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn each_key_is_destroyed_alone_and_for_ever() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::open_or_create(dir.path(), None).unwrap();
    vault.ensure(&[journey(1), journey(2), journey(3)]).unwrap();
    let (facts, words, other) =
        (seal(&vault, 2, Part::Facts), seal(&vault, 2, Part::Personal), seal(&vault, 1, Part::Personal));
    vault.destroy(journey(2), ErasureLevel::Identity).unwrap();
    for vault in [vault, Vault::open(dir.path(), None).unwrap()] {
        assert_eq!(vault.standing(journey(2)), Standing::Deidentified);
        assert_eq!(open(&vault, 2, Part::Personal, &words).unwrap(), None);
        assert_eq!(open(&vault, 2, Part::Facts, &facts).unwrap().unwrap(), b"words");
    }
    let vault = Vault::open(dir.path(), None).unwrap();
    vault.destroy(journey(2), ErasureLevel::All).unwrap();
    vault.destroy(journey(2), ErasureLevel::All).unwrap();
    for vault in [vault, Vault::open(dir.path(), None).unwrap()] {
        assert_eq!(vault.standing(journey(2)), Standing::Erased);
        assert_eq!(open(&vault, 2, Part::Facts, &facts).unwrap(), None);
        assert!(matches!(vault.ensure(&[journey(2)]), Err(Error::Destroyed(_))));
        assert_eq!(open(&vault, 1, Part::Personal, &other).unwrap().unwrap(), b"words");
        assert_eq!(vault.standing(journey(3)), Standing::Open);
    }
}

#[test]
fn no_byte_of_a_destroyed_key_is_left_in_the_directory() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::open_or_create(dir.path(), None).unwrap();
    vault.ensure(&[journey(1)]).unwrap();
    let file = dir.path().join("journeys.keys");
    let wrapped = fs::read(&file).unwrap()[128 + 20..].to_vec();
    vault.destroy(journey(1), ErasureLevel::All).unwrap();
    let after = fs::read(&file).unwrap();
    for piece in wrapped.chunks_exact(8) {
        assert!(!after.windows(8).any(|window| window == piece));
    }
}

#[test]
fn a_torn_last_slot_is_ignored_and_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("journeys.keys");
    let vault = Vault::open_or_create(dir.path(), None).unwrap();
    vault.ensure(&[journey(1)]).unwrap();
    let sealed = seal(&vault, 1, Part::Facts);
    let whole = fs::read(&file).unwrap().len();
    vault.ensure(&[journey(2)]).unwrap();
    drop(vault);
    let two = fs::read(&file).unwrap();
    for end in (whole..two.len()).step_by(9) {
        // Cut short, and with the rest as zeros that were never written.
        let mut zeros = two[..end].to_vec();
        zeros.resize(two.len(), 0);
        // Where the bytes cut off were zeros by chance, nothing is torn.
        for torn in [&two[..end], &zeros].into_iter().filter(|torn| **torn != two) {
            fs::write(&file, torn).unwrap();
            let vault = Vault::open(dir.path(), None).unwrap();
            assert_eq!(vault.standing(journey(2)), Standing::Unknown, "torn at {end}");
            vault.ensure(&[journey(2), journey(3)]).unwrap();
            drop(vault);
            let vault = Vault::open(dir.path(), None).unwrap();
            assert_eq!(open(&vault, 1, Part::Facts, &sealed).unwrap().unwrap(), b"words");
            let again = seal(&vault, 2, Part::Personal);
            assert_eq!(open(&vault, 2, Part::Personal, &again).unwrap().unwrap(), b"words");
            assert_eq!(vault.standing(journey(3)), Standing::Open);
        }
    }
}

#[test]
fn another_master_key_is_refused_by_name() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    drop(Vault::open_or_create(one.path(), None).unwrap());
    drop(Vault::open_or_create(other.path(), None).unwrap());
    fs::copy(other.path().join("master.key"), one.path().join("master.key")).unwrap();
    assert!(matches!(Vault::open(one.path(), None), Err(Error::MasterWrong { .. })));
    fs::remove_file(one.path().join("master.key")).unwrap();
    assert!(matches!(Vault::open(one.path(), None), Err(Error::MasterMissing(_))));
    assert!(matches!(Vault::open_or_create(one.path(), None), Err(Error::MasterMissing(_))));
}

#[test]
fn a_file_of_a_newer_program_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    drop(Vault::open_or_create(dir.path(), None).unwrap());
    let file = dir.path().join("journeys.keys");
    let mut bytes = fs::read(&file).unwrap();
    bytes[11] = 2;
    fs::write(&file, bytes).unwrap();
    assert!(matches!(Vault::open(dir.path(), None), Err(Error::NewerFormat { found: 2, known: 1, .. })));
}

#[test]
fn a_first_run_that_stopped_between_its_two_files_is_finished_by_the_next() {
    let dir = tempfile::tempdir().unwrap();
    drop(Vault::open_or_create(dir.path(), None).unwrap());
    fs::remove_file(dir.path().join("journeys.keys")).unwrap();
    assert!(matches!(Vault::open(dir.path(), None), Err(Error::KeysMissing(_))));
    Vault::open_or_create(dir.path(), None).unwrap().ensure(&[journey(1)]).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_changed_byte_is_an_error_and_never_another_key(place: prop::sample::Index, bit in 0..8_u8) {
        let dir = tempfile::tempdir().unwrap();
        let vault = Vault::open_or_create(dir.path(), None).unwrap();
        vault.ensure(&[journey(1)]).unwrap();
        let sealed = seal(&vault, 1, Part::Facts);
        drop(vault);
        let file = dir.path().join("journeys.keys");
        let mut bytes = fs::read(&file).unwrap();
        let at = place.index(bytes.len());
        bytes[at] ^= 1 << bit;
        fs::write(&file, bytes).unwrap();
        if let Ok(vault) = Vault::open(dir.path(), None)
            && let Ok(opened) = open(&vault, 1, Part::Facts, &sealed)
        {
            prop_assert_eq!(opened.unwrap(), b"words");
        }
    }
}

/// The example of draft-irtf-cfrg-xchacha-03, appendix A.3.1: whatever backend is built in, the bytes are the same.
#[test]
fn sealed_bytes_are_those_of_the_published_example() {
    let key = zeroize::Zeroizing::new(std::array::from_fn(|n| 0x80 + u8::try_from(n).unwrap()));
    let nonce = std::array::from_fn(|n| 0x40 + u8::try_from(n).unwrap());
    let aad = [0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7];
    let words =
        b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, \
                  sunscreen would be it.";
    let sealed = crate::aead::seal(&key, &nonce, &aad, words);
    let published = "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39\
                     ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9\
                     21f9664c97637da9768812f615c68b13b52e\
                     c0875924c1c7987947deafd8780acf49";
    let byte = |at| u8::from_str_radix(&published[at..at + 2], 16).unwrap();
    assert_eq!(sealed, (0..published.len()).step_by(2).map(byte).collect::<Vec<u8>>());
    assert_eq!(crate::aead::open(&key, &nonce, &aad, &sealed).unwrap(), words);
}

/// RFC 5869 with SHA-256, no salt and the length of a key; the figure is Python's `hmac` over the same definition.
#[test]
fn a_derived_secret_is_hkdf_of_the_logs_key() {
    let key = zeroize::Zeroizing::new([0x0b; 32]);
    let derived = crate::aead::derive(&key, "throughline checkpoint signing key v1");
    let expected = "a1c2b5024a546e89a260a1010554f27d427a2a99709626d088cfd691ef7cc6f5";
    let byte = |at| u8::from_str_radix(&expected[at..at + 2], 16).unwrap();
    assert_eq!(derived.to_vec(), (0..expected.len()).step_by(2).map(byte).collect::<Vec<u8>>());
}

#[test]
fn a_master_key_is_read_from_bytes_or_digits_and_never_shown() {
    let dir = tempfile::tempdir().unwrap();
    let (raw, text) = (dir.path().join("raw"), dir.path().join("text"));
    fs::write(&raw, [0xab; 32]).unwrap();
    fs::write(&text, format!("{}\n", "aB".repeat(32))).unwrap();
    let (raw, text) = (MasterKey::read(&raw).unwrap(), MasterKey::read(&text).unwrap());
    assert_eq!(raw.id(), text.id());
    assert!(!format!("{raw:?}").contains("abab"), "{raw:?}");
    for wrong in ["", "ab", &"ag".repeat(32), &"ab".repeat(33)] {
        let refused = MasterKey::parse(wrong, "the variable").unwrap_err();
        assert!(matches!(refused, Error::MasterMalformed { .. }));
        assert!(wrong.is_empty() || !refused.to_string().contains(&wrong[..2].repeat(2)), "{refused}");
    }
}
