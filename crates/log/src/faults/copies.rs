//! Backups are the log's own bytes, and a log restored from one is the log.

use throughline_domain::{ErasureLevel, Position};

use super::*;
use crate::{EventLog, restore};

#[test]
fn a_backup_and_its_restore_are_the_log_byte_for_byte() {
    let (data, drafts) = filled(60);
    let log = open_on(&data, &FaultyDisk::new(None)).unwrap();
    let parent = tempfile::tempdir().unwrap();
    let (backup, restored) = (parent.path().join("backup"), parent.path().join("restored"));
    let steps = Mutex::new(Vec::new());
    let taken =
        crate::backup(data.path(), &backup, &|done, of| steps.lock().unwrap().push((done, of))).unwrap();
    assert_eq!(taken.events, 120);
    let steps = steps.into_inner().unwrap();
    assert!(steps.len() > 2 && steps.is_sorted() && steps.last().is_some_and(|(done, of)| done == of));
    let root = log.verify(true, &|_, _| {}).unwrap().root;
    log.append(vec![served(journey(1), 999)], &[]).unwrap();
    drop(log);
    assert_eq!(restore(&backup, &restored, None, &|_, _| {}).unwrap(), taken);
    assert_eq!(journal_files(&restored), journal_files(&backup));
    let log = Log::open(&restored, data.clock()).unwrap();
    assert!(has(&log, &drafts));
    let found = log.verify(true, &|_, _| {}).unwrap();
    assert_eq!((found.root, found.problems), (root, vec![]));
    drop(log);
    // The first events of the log that went on are the same bytes as those of the copy.
    let (now, then): (Vec<u8>, Vec<u8>) = (joined(data.path()), joined(&backup));
    assert!(now.len() > then.len() && now.starts_with(&then));
    for key in ["master.key", "journeys.keys"] {
        let read = |dir: &Path| fs::read(dir.join("keys").join(key)).unwrap();
        assert_eq!(read(&restored), read(data.path()));
    }
}

/// Tells a thread to stop, also where the test fails before its end.
struct Stops<'a>(&'a std::sync::atomic::AtomicBool);

impl Drop for Stops<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

fn joined(data: &Path) -> Vec<u8> {
    journal_files(data).into_iter().flat_map(|(_, bytes)| bytes).collect()
}

#[test]
fn a_backup_taken_while_appends_go_on_has_all_that_was_acknowledged_before() {
    let data = Data::new();
    let log = open_on(&data, &FaultyDisk::new(None)).unwrap();
    let parent = tempfile::tempdir().unwrap();
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _stops = Stops(&stop);
        scope.spawn(|| {
            for id in 0.. {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                log.append(vec![served(journey(id), id)], &[]).unwrap();
            }
        });
        for nth in 0..5 {
            log.wait_beyond(nth * 40, std::time::Duration::from_mins(1));
            let before = log.events();
            let (backup, restored) =
                (parent.path().join(format!("b{nth}")), parent.path().join(format!("r{nth}")));
            let taken = crate::backup(data.path(), &backup, &|_, _| {}).unwrap();
            assert!(taken.events >= before);
            restore(&backup, &restored, None, &|_, _| {}).unwrap();
            let copy = Log::open(&restored, data.clock()).unwrap();
            assert_eq!(copy.read(Position(0), 1_000_000).unwrap().events.len() as u64, taken.events);
        }
    });
}

#[test]
fn a_restore_to_a_position_ends_with_the_last_whole_commit_there() {
    let (data, drafts) = filled(60);
    let _open = open_on(&data, &FaultyDisk::new(None)).unwrap();
    let parent = tempfile::tempdir().unwrap();
    let backup = parent.path().join("backup");
    crate::backup(data.path(), &backup, &|_, _| {}).unwrap();
    for (to, events) in [(0, 0), (1, 2), (2, 2), (77, 78), (78, 78), (118, 118), (119, 120), (5000, 120)] {
        let restored = parent.path().join(format!("to-{to}"));
        let copied = restore(&backup, &restored, Some(Position(to)), &|_, _| {}).unwrap();
        assert_eq!(copied.events, events, "to {to}");
        let log = Log::open(&restored, data.clock()).unwrap();
        assert!(has(&log, &drafts[..usize::try_from(events).unwrap()]));
        log.append(vec![served(journey(1), 999)], &[]).unwrap();
    }
}

#[test]
fn a_copy_that_is_not_whole_is_refused_and_says_where() {
    let (data, _) = filled(60);
    let _open = open_on(&data, &FaultyDisk::new(None)).unwrap();
    let parent = tempfile::tempdir().unwrap();
    let backup = parent.path().join("backup");
    crate::backup(data.path(), &backup, &|_, _| {}).unwrap();
    assert!(crate::backup(data.path(), &backup, &|_, _| {}).is_err(), "a backup never writes over another");
    assert!(restore(&backup, data.path(), None, &|_, _| {}).is_err(), "nor a restore over a log");
    let files = journal_files(&backup);
    for (nth, (name, bytes)) in files.iter().enumerate() {
        let path = backup.join("journal").join(name);
        let mut flipped = bytes.clone();
        flipped[300] ^= 1;
        fs::write(&path, flipped).unwrap();
        let restored = parent.path().join(format!("r{nth}"));
        let refused = restore(&backup, &restored, None, &|_, _| {}).unwrap_err();
        assert!(matches!(refused, Error::BackupDamaged { .. }), "{refused}");
        // What is there in part is not taken for a log, and the next restore begins anew.
        let unfinished = Log::open(&restored, data.clock()).err().unwrap();
        assert!(matches!(unfinished, Error::RestoreUnfinished(_)), "{unfinished}");
        fs::write(restored.join("a letter"), "by somebody").unwrap();
        let refused = restore(&backup, &restored, None, &|_, _| {}).unwrap_err();
        assert!(refused.to_string().contains("something else besides"), "{refused}");
        fs::remove_file(restored.join("a letter")).unwrap();
        fs::write(&path, bytes).unwrap();
        restore(&backup, &restored, None, &|_, _| {}).unwrap();
        assert_eq!(crate::verify(&restored, true, &|_, _| {}).unwrap().events, 120);
    }
    let last = backup.join("journal").join(&files.last().unwrap().0);
    fs::remove_file(last).unwrap();
    for (nth, to) in [None, Some(Position(118)), Some(Position(119))].into_iter().enumerate() {
        let cut = restore(&backup, &parent.path().join(format!("cut-{nth}")), to, &|_, _| {}).unwrap_err();
        assert!(matches!(cut, Error::BackupDamaged { .. }), "{cut}");
    }
    fs::remove_file(backup.join("BACKUP")).unwrap();
    let refused = restore(&backup, &parent.path().join("unfinished"), None, &|_, _| {}).unwrap_err();
    assert!(refused.to_string().contains("not finished"), "{refused}");
}

#[test]
fn a_backup_is_no_log_and_is_not_made_one_by_looking() {
    let (data, _) = filled(3);
    let parent = tempfile::tempdir().unwrap();
    let backup = parent.path().join("backup");
    crate::backup(data.path(), &backup, &|_, _| {}).unwrap();
    let before = names(&backup);
    let refused = Log::open(&backup, data.clock()).err().unwrap();
    assert!(matches!(refused, Error::IsBackup(_)), "{refused}");
    assert_eq!(crate::verify(&backup, true, &|_, _| {}).unwrap().events, 6);
    assert!(before.is_subset(&names(&backup)) && !backup.join("sled").exists(), "{:?}", names(&backup));
}

fn names(dir: &Path) -> std::collections::BTreeSet<String> {
    fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn logs_within_are_in_the_backup_or_there_is_none() {
    let (data, _) = filled(3);
    let within = |dir: &Path| dir.join("access");
    drop(Log::open(&within(data.path()), data.clock()).unwrap());
    let parent = tempfile::tempdir().unwrap();
    let (backup, restored) = (parent.path().join("backup"), parent.path().join("restored"));
    // Another master key than the record's: as if it had been rotated between the two.
    let refused = crate::backup_with(data.path(), &backup, &["access"], &|_, _| {}).unwrap_err();
    assert!(refused.to_string().contains("rotated meanwhile"), "{refused}");
    for refused in [
        crate::verify(&backup, false, &|_, _| {}).map(drop),
        Log::open(&backup, data.clock()).map(drop),
        restore(&backup, &restored, None, &|_, _| {}).map(drop),
        crate::repair(data.path(), Some(&backup)).map(drop),
        crate::backup(&backup, &restored, &|_, _| {}).map(drop),
    ] {
        assert!(matches!(refused, Err(Error::BackupUnfinished(_))), "{refused:?}");
    }
    fs::remove_dir_all(within(data.path())).unwrap();
    let master = crate::MasterKey::read(&data.path().join("keys/master.key")).unwrap();
    let log = Log::open_with_key(&within(data.path()), &master, data.clock()).unwrap();
    log.append(vec![served(journey(1), 1)], &[]).unwrap();
    drop(log);
    let taken = crate::backup_with(data.path(), &backup, &["access"], &|_, _| {}).unwrap();
    assert_eq!((taken.copied.events, taken.within["access"].events), (6, 1));
    let how = crate::Restoring { within: &["access"], ..Default::default() };
    fs::rename(within(&backup), parent.path().join("aside")).unwrap();
    let missing = crate::restore_with(&backup, &restored, how, &|_, _| {}).unwrap_err();
    assert!(missing.to_string().contains("access") && !restored.exists(), "{missing}");
    fs::rename(parent.path().join("aside"), within(&backup)).unwrap();
    let back = crate::restore_with(&backup, &restored, how, &|_, _| {}).unwrap();
    assert_eq!((back.copied, back.within), (taken.copied, taken.within));
}

#[test]
fn a_log_without_events_can_be_backed_up_and_restored() {
    let data = Data::new();
    drop(open_on(&data, &FaultyDisk::new(None)).unwrap());
    let parent = tempfile::tempdir().unwrap();
    let (backup, restored) = (parent.path().join("backup"), parent.path().join("restored"));
    assert_eq!(crate::backup(data.path(), &backup, &|_, _| {}).unwrap().events, 0);
    restore(&backup, &restored, None, &|_, _| {}).unwrap();
    Log::open(&restored, data.clock()).unwrap().append(vec![served(journey(1), 1)], &[]).unwrap();
}

/// The last segment, its path, and where its last frame lies.
fn last_frame(data: &Data) -> (PathBuf, Vec<u8>, std::ops::Range<usize>) {
    let (name, bytes) = journal_files(data.path()).pop().unwrap();
    let segment = crate::journal::Segment::parse(0, bytes.clone(), false);
    let at = segment.pieces.last().unwrap().at().clone();
    (data.path().join("journal").join(name), bytes, at)
}

#[test]
fn a_commit_under_way_is_waited_for_and_one_taken_back_is_not_in_the_copy() {
    let (data, _) = filled(60);
    fs::remove_dir_all(data.path().join("index")).unwrap();
    let (path, whole, last) = last_frame(&data);
    let parent = tempfile::tempdir().unwrap();
    for (nth, end) in [last.end, last.start].into_iter().enumerate() {
        fs::write(&path, &whole[..last.start + 100]).unwrap();
        let backup = parent.path().join(nth.to_string());
        let copied = std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(std::time::Duration::from_millis(100));
                fs::write(&path, &whole[..end]).unwrap();
            });
            crate::backup(data.path(), &backup, &|_, _| {}).unwrap()
        });
        // It was no frame when the backup began; on a slow disk it can be one before the backup comes to it.
        assert!(copied.events == 118 || copied.events == 120 && end == last.end, "{copied:?}");
        assert_eq!(
            restore(&backup, &parent.path().join(format!("r{nth}")), None, &|_, _| {}).unwrap(),
            copied
        );
    }
}

#[test]
fn an_end_that_stays_no_frame_is_not_left_out_in_silence() {
    let (data, _) = filled(60);
    let (path, whole, last) = last_frame(&data);
    let parent = tempfile::tempdir().unwrap();
    let mut flipped = whole.clone();
    flipped[last.start + 80] ^= 1;
    // That a whole frame is missing, only the index knows; that one is torn or changed, the journal itself.
    let ends = [whole[..last.start].to_vec(), flipped, whole[..last.end - 1].to_vec()];
    for (nth, bytes) in ends.iter().enumerate() {
        if nth == 1 {
            fs::remove_dir_all(data.path().join("index")).unwrap();
        }
        fs::write(&path, bytes).unwrap();
        let to = parent.path().join(nth.to_string());
        let refused = crate::backup(data.path(), &to, &|_, _| {}).unwrap_err();
        assert!(matches!(refused, Error::Damaged { position: Position(118), .. }), "{refused}");
        assert!(refused.to_string().contains("throughline repair"), "{refused}");
        let none = restore(&to, &parent.path().join("restored"), None, &|_, _| {}).unwrap_err();
        assert!(matches!(none, Error::BackupUnfinished(_)), "{none}");
        let again = crate::backup(data.path(), &to, &|_, _| {}).unwrap_err();
        assert_eq!(again.to_string(), refused.to_string());
    }
    crate::repair(data.path(), None).unwrap();
    assert_eq!(crate::backup(data.path(), &parent.path().join("b"), &|_, _| {}).unwrap().events, 120);
}

#[test]
fn a_backup_changes_nothing_in_the_directory_and_does_not_go_into_it() {
    let (data, _) = filled(60);
    let new = data.path().join("journal").join("0000000000000000.new");
    fs::write(&new, b"somebody is writing this").unwrap();
    let before = tempfile::tempdir().unwrap();
    copy_directory(data.path(), before.path());
    let parent = tempfile::tempdir().unwrap();
    crate::backup(data.path(), &parent.path().join("backup"), &|_, _| {}).unwrap();
    assert_eq!(journal_files(data.path()), journal_files(before.path()));
    let within = crate::backup(data.path(), &data.path().join("backup"), &|_, _| {}).unwrap_err();
    assert!(within.to_string().contains("apart"), "{within}");
    let format = data.path().join("FORMAT");
    fs::write(&format, "throughline data directory, format 2\n").unwrap();
    let newer = crate::backup(data.path(), &parent.path().join("newer"), &|_, _| {}).unwrap_err();
    assert!(matches!(newer, Error::NewerFormat { .. }), "{newer}");
}

#[test]
fn keys_destroyed_while_they_are_copied_are_whole_or_gone() {
    let (data, _) = filled(60);
    let parent = tempfile::tempdir().unwrap();
    let log = open_on(&data, &FaultyDisk::new(None)).unwrap();
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _stops = Stops(&stop);
        scope.spawn(|| {
            for n in 1000_u64.. {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                log.append(vec![served(journey(n), n)], &[]).unwrap();
                log.vault.destroy(journey(n), ErasureLevel::All).unwrap();
            }
        });
        for nth in 0..10 {
            let (backup, restored) =
                (parent.path().join(format!("b{nth}")), parent.path().join(format!("r{nth}")));
            crate::backup(data.path(), &backup, &|_, _| {}).unwrap();
            restore(&backup, &restored, None, &|_, _| {}).unwrap();
            let found = crate::verify(&restored, true, &|_, _| {}).unwrap();
            assert_eq!(found.problems, []);
            assert!(found.events >= 120);
        }
    });
}

#[test]
fn a_backup_without_its_keys_says_so_before_anything_is_made() {
    let (data, _) = filled(3);
    let parent = tempfile::tempdir().unwrap();
    let (backup, restored) = (parent.path().join("backup"), parent.path().join("restored"));
    crate::backup(data.path(), &backup, &|_, _| {}).unwrap();
    let mode =
        |path: &Path| std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions());
    assert_eq!(mode(&backup.join("keys")) & 0o777, 0o700);
    assert_eq!(mode(&backup.join("keys/master.key")) & 0o777, 0o600);
    fs::rename(backup.join("keys"), parent.path().join("apart")).unwrap();
    let refused = restore(&backup, &restored, None, &|_, _| {}).unwrap_err();
    assert!(refused.to_string().contains("put the keys back"), "{refused}");
    assert!(!restored.exists());
    fs::rename(parent.path().join("apart"), backup.join("keys")).unwrap();
    assert_eq!(restore(&backup, &restored, None, &|_, _| {}).unwrap().events, 6);
}
