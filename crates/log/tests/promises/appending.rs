//! Appending, reading back, opening again.

use std::{sync::Arc, thread, time::Duration};

use crate::data::*;
use proptest::prelude::*;
use throughline_domain::{EventId, Position, Version};
use throughline_log::{AsOf, Error, EventLog, Expected, History, LIMITS, Log};

fn positions(history: &History) -> Vec<u64> {
    history.events.iter().map(|recorded| recorded.position.0).collect()
}

#[test]
fn what_was_appended_is_read_back_as_it_was() {
    let data = Data::new();
    let log = data.open();
    let drafts = vec![opened(journey(1), 1), served(journey(1), 2), served(journey(2), 3)];
    let receipt = log.append(drafts.clone(), &[]).unwrap();
    assert_eq!(receipt.events.iter().map(|stored| stored.position.0).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(receipt.events.iter().map(|stored| stored.version.0).collect::<Vec<_>>(), [1, 2, 1]);
    let history = log.read(Position(0), 10).unwrap();
    assert_eq!(history.events.iter().map(|recorded| recorded.draft.clone()).collect::<Vec<_>>(), drafts);
    assert_eq!(log.find(drafts[1].event_id).unwrap().unwrap().draft, drafts[1]);
    assert_eq!(log.find(event_id(99)).unwrap(), None);
    assert_eq!(log.events(), 3);
}

#[test]
fn eight_writers_leave_no_gap_in_positions_or_versions() {
    let data = Data::new();
    let log = data.open();
    thread::scope(|scope| {
        for writer in 0..8_u64 {
            let log = &log;
            scope.spawn(move || {
                for nth in 0..40_u64 {
                    let id = writer * 1000 + nth;
                    log.append(vec![served(journey(nth % 5), id), served(journey(writer), id + 500)], &[])
                        .unwrap();
                }
            });
        }
    });
    assert_eq!(log.events(), 640);
    let all = log.read(Position(0), 1000).unwrap();
    assert_eq!(positions(&all), (0..640).collect::<Vec<_>>());
    for n in 0..8 {
        let versions: Vec<u64> = log
            .read_journey(journey(n), AsOf::Now)
            .unwrap()
            .events
            .iter()
            .map(|event| event.version.0)
            .collect();
        assert_eq!(versions, (1..=versions.len() as u64).collect::<Vec<_>>());
        assert_eq!(log.version(journey(n)).unwrap(), Version(versions.len() as u64));
    }
}

#[test]
fn an_append_on_an_outdated_version_is_a_conflict_and_writes_nothing() {
    let data = Data::new();
    let log = data.open();
    let expecting = |version| [Expected { journey: journey(1), version: Version(version) }];
    log.append(vec![opened(journey(1), 1)], &expecting(0)).unwrap();
    log.append(vec![served(journey(1), 2)], &expecting(1)).unwrap();
    let refused = log.append(vec![served(journey(2), 3), served(journey(1), 4)], &expecting(1)).unwrap_err();
    assert!(matches!(
        refused,
        Error::Conflict { expected: Version(1), current: Version(2), journey: of } if of == journey(1)
    ));
    assert_eq!(log.events(), 2);
    assert_eq!(log.version(journey(2)).unwrap(), Version(0));
}

#[test]
fn the_same_event_reported_again_is_the_same_event_for_ever() {
    let data = Data::new();
    let log = data.open();
    let batch = vec![opened(journey(1), 1), served(journey(1), 2)];
    let expected = [Expected { journey: journey(1), version: Version(0) }];
    let first = log.append(batch.clone(), &expected).unwrap();
    let again = log.append(batch.clone(), &expected).unwrap();
    assert!(again.events.iter().all(|stored| stored.repeated));
    drop(log);

    let log = data.open();
    let later = log.append(batch.clone(), &expected).unwrap();
    for ((first, again), later) in first.events.iter().zip(&again.events).zip(&later.events) {
        assert_eq!(
            (again.position, again.version, again.recorded_at),
            (first.position, first.version, first.recorded_at)
        );
        assert_eq!(later, again);
    }
    assert_eq!(log.events(), 2);

    let mut other = batch[1].clone();
    other.actor = throughline_domain::Actor::new("worker:w2").unwrap();
    let refused = log.append(vec![served(journey(1), 7), other], &[]).unwrap_err();
    assert!(matches!(refused, Error::EventIdTaken { position: Position(1), .. }), "{refused}");
    assert_eq!(log.events(), 2);
}

#[test]
fn an_event_twice_in_one_batch_is_written_once() {
    let data = Data::new();
    let log = data.open();
    let receipt =
        log.append(vec![served(journey(1), 1), served(journey(1), 2), served(journey(1), 1)], &[]).unwrap();
    let told: Vec<_> = receipt.events.iter().map(|stored| (stored.position.0, stored.repeated)).collect();
    assert_eq!(told, [(0, false), (1, false), (0, true)]);
    assert_eq!(log.events(), 2);
    let refused = log.append(vec![served(journey(1), 5), served(journey(2), 5)], &[]).unwrap_err();
    assert!(matches!(refused, Error::EventIdTaken { .. }));
    assert_eq!(log.events(), 2);
}

#[test]
fn a_batch_past_a_limit_is_refused_and_says_which() {
    let data = Data::new();
    let log = data.open();
    let many = (0..=LIMITS.batch_events_max as u64).map(|id| served(journey(1), id)).collect();
    assert!(matches!(
        log.append(many, &[]).unwrap_err(),
        Error::TooManyEvents { events: 10_001, max: 10_000 }
    ));
    let large = with_words(journey(1), 1, &"x".repeat(16 * 1024), 5);
    assert!(matches!(log.append(vec![large], &[]).unwrap_err(), Error::EventTooLarge { .. }));
    let heavy = (0..1100).map(|id| with_words(journey(1), id, &"x".repeat(15 * 1024), 1)).collect();
    assert!(matches!(log.append(heavy, &[]).unwrap_err(), Error::BatchTooLarge { .. }));
    assert_eq!(log.events(), 0);
}

#[test]
fn one_journey_is_read_as_it_was_known_then() {
    let data = Data::new();
    let log = data.open();
    for id in 0..20 {
        data.clock_at(1000 + i64::try_from(id).unwrap() / 2);
        log.append(vec![served(journey(id % 2), id)], &[]).unwrap();
    }
    let known = |as_of| positions(&log.read_journey(journey(0), as_of).unwrap());
    assert_eq!(known(AsOf::Now), [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
    assert_eq!(known(AsOf::Time(second(1002))), [0, 2, 4]);
    assert_eq!(known(AsOf::Time(second(999))), Vec::<u64>::new());
    assert_eq!(known(AsOf::Position(Position(6))), [0, 2, 4, 6]);
    assert_eq!(log.events_at(second(1002)).unwrap(), 6);
    assert_eq!(log.events_at(second(5000)).unwrap(), 20);
    assert!(log.read_journey(journey(7), AsOf::Now).unwrap().events.is_empty());
}

#[test]
fn the_head_of_a_prefix_stays_and_that_of_the_log_moves_with_every_append() {
    let data = Data::new();
    let log = data.open();
    assert_eq!(log.head(0).unwrap(), [0; 32]);
    let heads: Vec<[u8; 32]> = (0..5)
        .map(|id| {
            log.append(vec![served(journey(id % 2), id)], &[]).unwrap();
            log.head(log.events()).unwrap()
        })
        .collect();
    for (at, head) in heads.iter().enumerate() {
        assert_eq!(log.head(at as u64 + 1).unwrap(), *head);
        assert!(!heads[..at].contains(head), "{at}");
    }
}

#[test]
fn the_time_of_recording_never_falls_when_the_clock_is_set_back() {
    let data = Data::new();
    let log = data.open();
    data.clock_at(2000);
    log.append(vec![served(journey(1), 1)], &[]).unwrap();
    drop(log);
    let log = data.open();
    data.clock_at(1000);
    let receipt = log.append(vec![served(journey(1), 2)], &[]).unwrap();
    assert_eq!(receipt.events[0].recorded_at, second(2000));
}

#[test]
fn a_reader_is_woken_by_the_next_event() {
    let data = Data::new();
    let log = Arc::new(data.open());
    let waiting = thread::spawn({
        let log = Arc::clone(&log);
        move || log.wait_beyond(0, Duration::from_secs(20))
    });
    log.append(vec![served(journey(1), 1)], &[]).unwrap();
    assert_eq!(waiting.join().unwrap(), 1);
    assert_eq!(log.wait_beyond(1, Duration::from_millis(1)), 1);
}

#[test]
fn a_scan_passes_everything_and_opens_what_is_selected() {
    let data = Data::new();
    let log = data.open();
    for part in 0..20_u64 {
        let batch = (0..50).map(|nth| served(journey(nth % 10), part * 50 + nth)).collect();
        log.append(batch, &[]).unwrap();
    }
    let (mut seen, mut last) = (Vec::new(), 0);
    log.scan(777, &|of| of == journey(3), &mut |history, passed| {
        seen.extend(positions(&history));
        last = passed;
        Ok(())
    })
    .unwrap();
    assert_eq!(last, 777);
    assert_eq!(seen, (0..777).filter(|position| position % 10 == 3).collect::<Vec<_>>());
}

#[test]
fn an_index_that_was_deleted_is_made_again() {
    let data = Data::new();
    let log = data.open();
    let batch: Vec<_> = (0..300).map(|id| served(journey(id % 7), id)).collect();
    log.append(batch.clone(), &[]).unwrap();
    drop(log);
    std::fs::remove_dir_all(data.path().join("index")).unwrap();

    let log = data.open();
    assert!(log.append(batch, &[]).unwrap().events.iter().all(|stored| stored.repeated));
    assert_eq!(log.version(journey(0)).unwrap(), Version(43));
    assert_eq!(log.read_journey(journey(0), AsOf::Now).unwrap().events.len(), 43);
    assert_eq!(log.find(event_id(299)).unwrap().unwrap().position, Position(299));
}

#[test]
fn a_second_process_is_told_that_the_directory_is_taken() {
    let data = Data::new();
    let _log = data.open();
    let refused = Log::open(data.path(), data.clock()).err().unwrap();
    assert!(matches!(refused, Error::Locked(_)));
}

#[test]
fn a_directory_of_a_newer_program_is_refused() {
    let data = Data::new();
    drop(data.open());
    std::fs::write(data.path().join("FORMAT"), "throughline data directory, format 2\n").unwrap();
    let refused = Log::open(data.path(), data.clock()).err().unwrap();
    assert!(matches!(refused, Error::NewerFormat { found: 2, known: 1, .. }), "{refused}");
}

#[test]
fn without_its_keys_a_log_does_not_open_and_makes_no_new_ones() {
    let data = Data::new();
    let log = data.open();
    log.append(vec![served(journey(1), 1)], &[]).unwrap();
    drop(log);
    for lost in ["master.key", "journeys.keys"] {
        let (file, kept) = (data.path().join("keys").join(lost), data.path().join("kept"));
        std::fs::rename(&file, &kept).unwrap();
        let refused = Log::open(data.path(), data.clock()).err().unwrap();
        assert!(refused.to_string().contains("backup of the keys"), "{refused}");
        assert!(!file.exists());
        std::fs::rename(&kept, &file).unwrap();
    }
    assert_eq!(data.open().read(Position(0), 1).unwrap().events.len(), 1);
}

#[test]
fn bytes_kept_elsewhere_are_bound_to_journey_and_purpose() {
    let data = Data::new();
    let log = data.open();
    log.append(vec![served(journey(1), 1), served(journey(2), 2)], &[]).unwrap();
    let sealed = log.seal(journey(1), "engagement 1", b"a row").unwrap().unwrap();
    assert_eq!(log.open_sealed(journey(1), "engagement 1", &sealed).unwrap().unwrap(), b"a row");
    assert!(log.open_sealed(journey(1), "engagement 2", &sealed).is_err());
    assert!(log.open_sealed(journey(2), "engagement 1", &sealed).is_err());
    assert!(log.open_sealed(journey(1), "engagement 1", b"short").is_err());
    assert_eq!(log.seal(journey(9), "engagement 1", b"a row").unwrap(), None);
}

#[test]
fn nothing_that_was_said_is_on_the_disk_in_the_clear() {
    let data = Data::new();
    let log = data.open();
    let words = "Nomvula Dlamini-Okonkwo";
    log.append(vec![with_words(journey(1), 1, words, 1), opened(journey(2), 2)], &[]).unwrap();
    log.append((10..400).map(|id| with_words(journey(1), id, words, 2)).collect(), &[]).unwrap();
    log.seal(journey(1), "row", words.as_bytes()).unwrap();
    drop(log);
    for secret in [words, "Thandi Mokoena", "job-readiness-service", "hmis-row-4711"] {
        let found = files_with(data.path(), secret.as_bytes());
        assert!(found.is_empty(), "`{secret}` is in {found:?}");
    }
    // The search itself finds what is there.
    assert!(!files_with(data.path(), b"worker:w1").is_empty());
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_keys() {
    use std::os::unix::fs::PermissionsExt;
    let data = Data::new();
    drop(data.open());
    let mode = |path: &str| std::fs::metadata(data.path().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("keys"), 0o700);
    assert_eq!(mode("keys/master.key"), 0o600);
    assert_eq!(mode("keys/journeys.keys"), 0o600);
}

#[test]
fn the_namespace_is_this_logs_own_and_stays() {
    let (one, other) = (Data::new(), Data::new());
    let namespace = one.open().namespace();
    assert_eq!(one.open().namespace(), namespace);
    assert_ne!(other.open().namespace(), namespace);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Any batches, some of them refused, any reopening: what is read is what was acknowledged, in its order.
    #[test]
    fn the_log_holds_exactly_what_it_acknowledged(
        batches in prop::collection::vec((prop::collection::vec((0..4_u64, 0..60_u64), 1..12), any::<bool>()), 1..12),
    ) {
        let data = Data::new();
        let mut log = data.open();
        let mut acknowledged: Vec<(EventId, u64)> = Vec::new();
        for (batch, reopen) in batches {
            let drafts: Vec<_> = batch.iter().map(|(of, id)| served(journey(*of), *id)).collect();
            if let Ok(receipt) = log.append(drafts, &[]) {
                acknowledged.extend(
                    receipt.events.iter().filter(|stored| !stored.repeated).map(|s| (s.event_id, s.position.0)),
                );
            }
            if reopen {
                drop(log);
                log = data.open();
            }
        }
        let held: Vec<_> = log.read(Position(0), 10_000).unwrap().events.iter()
            .map(|recorded| (recorded.draft.event_id, recorded.position.0)).collect();
        prop_assert_eq!(held, acknowledged);
    }
}
