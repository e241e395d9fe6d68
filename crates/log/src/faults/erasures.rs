//! Erasing, cut short at any step, done twice, and done again on what was restored.

use throughline_domain::{
    Actor, Amendment, Code, ErasureLevel, Event, JourneyId, Position, Recorded, Version,
};
use throughline_vault::{Part, Standing};

use super::*;
use crate::{
    AsOf, Certificate, Erasure, EventLog, MasterKey, Restoring,
    erasing::{self, Order},
    restore_with,
};

const WORDS: &[u8] = b"Thandi Mokoena";

pub(super) fn asked() -> Erasure {
    Erasure {
        requested_by: Code::new("client").unwrap(),
        reason: Code::new("asked").unwrap(),
        actor: Actor::new("worker:w1").unwrap(),
    }
}

/// Three journeys of some events each.
fn lived() -> Data {
    let data = Data::new();
    let log = data.open();
    for n in 0..3 {
        log.append(vec![opened(journey(n), 10 * n), served(journey(n), 10 * n + 1)], &[]).unwrap();
        log.append(vec![with_words(journey(n), 10 * n + 2, "words of my own", 1)], &[]).unwrap();
    }
    data
}

fn told(log: &Log, journey: JourneyId) -> Vec<Recorded> {
    let of_erasure = |event: &Event| matches!(event, Event::Amendment(Amendment::KeyDestroyed(_)));
    let events = log.read_journey(journey, AsOf::Now).unwrap().events;
    events.into_iter().filter(|recorded| of_erasure(&recorded.draft.event)).collect()
}

/// Every key of the journey as it stands in memory and wrapped in the file.
fn key_bytes(data: &Data, log: &Log, journey: JourneyId) -> Vec<Vec<u8>> {
    let raw = [Part::Facts, Part::Personal].map(|part| log.vault.key_bytes(journey, part).unwrap().unwrap());
    let file = fs::read(data.path().join("keys/journeys.keys")).unwrap();
    let slot = file[128..].chunks_exact(172).find(|slot| slot[..16] == journey.bytes()).unwrap();
    let wrapped = [slot[20..92].to_vec(), slot[96..168].to_vec()];
    assert!(wrapped.iter().all(|wrapped| files_with(data.path(), wrapped).len() == 1), "found before");
    raw.into_iter().chain(wrapped).collect()
}

fn nowhere(data: &Data, keys: &[Vec<u8>]) -> bool {
    // A key is told by any quarter of it.
    keys.iter().flat_map(|key| key.chunks_exact(8)).all(|piece| files_with(data.path(), piece).is_empty())
}

fn is_erased(log: &Log, data: &Data, of: JourneyId, certificate: &Certificate) {
    let history = log.read_journey(of, AsOf::Now).unwrap();
    assert_eq!((history.events.len(), history.closed.len()), (1, 3));
    assert_eq!(log.standing(of), Standing::Erased);
    assert_eq!(told(log, of).len(), 1);
    assert_eq!(certificate.events, 3);
    let names: Vec<_> = fs::read_dir(data.path().join("erasures")).unwrap().collect();
    assert_eq!(names.len(), 1, "the certificate, and no order: {names:?}");
    assert!(log.verify(true, &|_, _| {}).unwrap().problems.is_empty());
}

#[test]
fn an_erased_journey_leaves_no_byte_of_its_keys_and_a_certificate_that_can_be_checked() {
    let data = lived();
    let log = data.open();
    assert!(files_with(data.path(), WORDS).is_empty(), "plaintext is nowhere before either");
    let keys = key_bytes(&data, &log, journey(1));
    assert!(!nowhere(&data, &keys));
    let certificate = log.erase(journey(1), ErasureLevel::All, &asked()).unwrap();
    assert!(nowhere(&data, &keys));
    is_erased(&log, &data, journey(1), &certificate);
    let key = crate::tree::signing_key(&log.vault).verifier();
    let note = throughline_proof::Note::parse(&certificate.note).unwrap();
    assert!(note.verify(&key).unwrap().contains(&format!("journey {}\nlevel all\n", journey(1))));
    let changed = certificate.note.replace("level all", "level identity");
    assert!(Certificate::open(&changed, &key).unwrap_err().contains("changed"));
    assert_eq!(log.read_journey(journey(0), AsOf::Now).unwrap().events.len(), 3);
    let unknown = log.erase(journey(9), ErasureLevel::All, &asked()).unwrap_err();
    assert!(matches!(unknown, Error::UnknownJourney(_)), "{unknown}");
}

#[test]
fn erasing_twice_gives_the_same_certificate_and_identity_first_gives_two() {
    let data = lived();
    let log = data.open();
    let first = log.erase(journey(1), ErasureLevel::Identity, &asked()).unwrap();
    assert_eq!(log.standing(journey(1)), Standing::Deidentified);
    assert_eq!(log.read_journey(journey(1), AsOf::Now).unwrap().events.len(), 4);
    data.clock_at(2000);
    let other = Erasure { reason: Code::new("another-reason").unwrap(), ..asked() };
    assert_eq!(log.erase(journey(1), ErasureLevel::Identity, &other).unwrap(), first);
    let all = log.erase(journey(1), ErasureLevel::All, &other).unwrap();
    assert_eq!((all.events, all.reason.as_str()), (4, "another-reason"));
    assert_eq!(log.erase(journey(1), ErasureLevel::Identity, &asked()).unwrap(), first);
    assert_eq!(log.erase(journey(1), ErasureLevel::All, &asked()).unwrap(), all);
    drop(log);
    // A certificate that was lost is signed again, to the letter.
    fs::remove_dir_all(data.path().join("erasures")).unwrap();
    let log = data.open();
    assert_eq!(log.erase(journey(1), ErasureLevel::All, &asked()).unwrap(), all);
    assert_eq!(told(&log, journey(1)).len(), 2);
}

#[test]
fn an_erasure_cut_short_at_any_step_is_finished_by_the_next_opening() {
    for steps in 1..=4 {
        let data = lived();
        let log = data.open();
        let keys = key_bytes(&data, &log, journey(1));
        let (at, words) = (second(1500), asked());
        let event_id = event_id(77);
        let order = Order { journey: journey(1), level: ErasureLevel::All, words, at, event_id };
        let directory = data.path().join("erasures");
        erasing::write_order(&directory, &order).unwrap();
        if steps > 1 {
            log.vault.destroy(journey(1), ErasureLevel::All).unwrap();
        }
        if steps > 2 {
            log.append(vec![order.draft()], &[]).unwrap();
        }
        if steps > 3 {
            log.certificate(journey(1), ErasureLevel::All).unwrap();
            erasing::write_order(&directory, &order).unwrap();
        }
        drop(log);
        let log = data.open();
        assert!(nowhere(&data, &keys), "after {steps} steps");
        let certificate = log.erase(journey(1), ErasureLevel::All, &asked()).unwrap();
        assert_eq!((certificate.ordered_at, certificate.event_id), (at, event_id));
        is_erased(&log, &data, journey(1), &certificate);
    }
}

#[test]
fn a_planted_bug_that_skips_overwriting_is_found_by_the_search() {
    let data = lived();
    let log = data.open();
    let keys = key_bytes(&data, &log, journey(1));
    let copy = copy_of(&data);
    log.erase(journey(1), ErasureLevel::All, &asked()).unwrap();
    // As if the slot had been left as it was.
    fs::copy(copy.path().join("keys/journeys.keys"), data.path().join("keys/journeys.keys")).unwrap();
    assert!(!nowhere(&data, &keys));
    drop(log);
    // And as where an operator puts back an older copy of the keys: the certificate has it done again.
    let log = data.open();
    assert!(nowhere(&data, &keys));
    assert_eq!(told(&log, journey(1)).len(), 1);
}

#[test]
fn a_restored_backup_forgets_again_what_was_erased_since() {
    let data = lived();
    let parent = tempfile::tempdir().unwrap();
    let place = |name: &str| parent.path().join(name);
    crate::backup(data.path(), &place("before"), &|_, _| {}).unwrap();
    let log = data.open();
    log.append(vec![opened(journey(5), 50)], &[]).unwrap();
    let all = log.erase(journey(1), ErasureLevel::All, &asked()).unwrap();
    let identity = log.erase(journey(2), ErasureLevel::Identity, &asked()).unwrap();
    let since = log.erase(journey(5), ErasureLevel::All, &asked()).unwrap();
    drop(log);
    let erasures = [data.path().join("erasures")];
    let how = Restoring { erasures: &erasures, ..Restoring::default() };
    let restored = restore_with(&place("before"), &place("restored"), how, &|_, _| {}).unwrap();
    assert_eq!((restored.erased_again, restored.certificates), (3, 3));
    // Before anything is opened, the keys are gone.
    let vault = throughline_vault::Vault::open(&place("restored").join("keys"), None).unwrap();
    assert_eq!(vault.standing(journey(1)), Standing::Erased);
    assert_eq!(vault.standing(journey(2)), Standing::Deidentified);
    drop(vault);
    let log = Log::open(&place("restored"), data.clock()).unwrap();
    for certificate in [all, identity, since] {
        let recorded = told(&log, certificate.journey);
        assert_eq!(recorded.len(), 1);
        assert_eq!(recorded[0].draft, certificate.order().draft(), "with the certificate's words");
        assert_eq!(log.erase(certificate.journey, certificate.level, &asked()).unwrap(), certificate);
    }
    // One that the backup never had cannot come in again either.
    assert_eq!(log.version(journey(5)).unwrap(), Version(1));
    assert!(matches!(log.append(vec![opened(journey(5), 50)], &[]), Err(Error::Erased(_))));
    assert!(log.verify(true, &|_, _| {}).unwrap().problems.is_empty());
}

#[test]
fn restoring_with_older_keys_or_up_to_before_an_erasure_brings_nothing_back() {
    let data = lived();
    let parent = tempfile::tempdir().unwrap();
    let place = |name: &str| parent.path().join(name);
    crate::backup(data.path(), &place("before"), &|_, _| {}).unwrap();
    let log = data.open();
    log.erase(journey(1), ErasureLevel::All, &asked()).unwrap();
    drop(log);
    crate::backup(data.path(), &place("after"), &|_, _| {}).unwrap();
    assert!(place("after").join("erasures").exists());
    for without in [true, false] {
        fs::copy(place("before").join("keys/journeys.keys"), place("after").join("keys/journeys.keys"))
            .unwrap();
        if without {
            // Told by the events alone.
            fs::rename(place("after").join("erasures"), place("aside")).unwrap();
        } else {
            fs::rename(place("aside"), place("after").join("erasures")).unwrap();
        }
        for to in [None, Some(Position(8)), Some(Position(3))] {
            let to_dir = place(&format!("restored {without} {to:?}"));
            let restored =
                restore_with(&place("after"), &to_dir, Restoring { to, ..Restoring::default() }, &|_, _| {});
            assert_eq!(restored.unwrap().erased_again, 1);
            let log = Log::open(&to_dir, data.clock()).unwrap();
            assert_eq!(log.standing(journey(1)), Standing::Erased);
            assert_eq!(told(&log, journey(1)).len(), 1, "{to:?}");
        }
    }
}

#[test]
fn a_certificate_of_another_log_or_a_changed_one_stops_a_restore_before_it_begins() {
    let (data, other) = (lived(), lived());
    let parent = tempfile::tempdir().unwrap();
    let place = |name: &str| parent.path().join(name);
    crate::backup(data.path(), &place("backup"), &|_, _| {}).unwrap();
    other.open().erase(journey(1), ErasureLevel::All, &asked()).unwrap();
    let erasures = [other.path().join("erasures")];
    let how = Restoring { erasures: &erasures, ..Restoring::default() };
    let refused = restore_with(&place("backup"), &place("restored"), how, &|_, _| {}).unwrap_err();
    assert!(refused.to_string().contains("not signed by this log"), "{refused}");
    assert!(!place("restored").exists());
}

#[test]
fn a_master_key_from_elsewhere_is_in_no_backup_and_a_rotation_keeps_what_is_sealed() {
    let data = Data::new();
    let (master, next) = (MasterKey::generate().unwrap(), MasterKey::generate().unwrap());
    let log = Log::open_with_key(data.path(), &master, data.clock()).unwrap();
    log.append(vec![opened(journey(1), 1), served(journey(1), 2)], &[]).unwrap();
    assert!(matches!(crate::rotate(data.path(), &[], Some(&master), None), Err(Error::Locked(_))));
    drop(log);
    assert!(!data.path().join("keys/master.key").exists());
    let parent = tempfile::tempdir().unwrap();
    let place = |name: &str| parent.path().join(name);
    crate::backup(data.path(), &place("backup"), &|_, _| {}).unwrap();
    assert!(!place("backup").join("keys/master.key").exists());
    let words = fs::read_to_string(place("backup").join("BACKUP")).unwrap();
    assert!(words.contains(&format!("master key {}", master.id())), "{words}");
    let rotated = crate::rotate(data.path(), &["access"], Some(&master), Some(&next)).unwrap();
    assert_eq!((rotated.rewrapped, rotated.master_key_file), (1, None));
    let wrong = Log::open_with_key(data.path(), &master, data.clock()).err().unwrap();
    assert!(wrong.to_string().contains(&next.id().to_string()), "{wrong}");
    let log = Log::open_with_key(data.path(), &next, data.clock()).unwrap();
    assert_eq!(log.read_journey(journey(1), AsOf::Now).unwrap().events.len(), 2);
    drop(log);
    let how = |master| Restoring { master, ..Restoring::default() };
    let wrong = restore_with(&place("backup"), &place("r"), how(Some(&next)), &|_, _| {}).unwrap_err();
    assert!(wrong.to_string().contains(&master.id().to_string()), "{wrong}");
    assert!(restore_with(&place("backup"), &place("r"), how(None), &|_, _| {}).is_err());
    restore_with(&place("backup"), &place("r"), how(Some(&master)), &|_, _| {}).unwrap();
    assert!(!place("r").join("keys/master.key").exists());
    assert_eq!(crate::verify_with_key(&place("r"), Some(&master), true, &|_, _| {}).unwrap().problems, []);
}
