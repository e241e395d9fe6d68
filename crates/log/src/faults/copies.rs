//! Backups are the log's own bytes, and a log restored from one is the log.

use throughline_domain::Position;

use super::*;
use crate::{EventLog, restore};

#[test]
fn a_backup_and_its_restore_are_the_log_byte_for_byte() {
    let (data, drafts) = filled(60);
    let log = open_on(&data, &FaultyDisk::new(None)).unwrap();
    let parent = tempfile::tempdir().unwrap();
    let (backup, restored) = (parent.path().join("backup"), parent.path().join("restored"));
    let steps = Mutex::new(Vec::new());
    let taken = log.backup(&backup, &|done, of| steps.lock().unwrap().push((done, of))).unwrap();
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
    assert_eq!(log.verify(true, &|_, _| {}).unwrap().root, root);
    drop(log);
    // The first events of the log that went on are the same bytes as those of the copy.
    let (now, then): (Vec<u8>, Vec<u8>) = (joined(data.path()), joined(&backup));
    assert!(now.len() > then.len() && now.starts_with(&then));
    for key in ["master.key", "journeys.keys"] {
        let read = |dir: &Path| fs::read(dir.join("keys").join(key)).unwrap();
        assert_eq!(read(&restored), read(data.path()));
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
            let taken = log.backup(&backup, &|_, _| {}).unwrap();
            assert!(taken.events >= before);
            restore(&backup, &restored, None, &|_, _| {}).unwrap();
            let copy = Log::open(&restored, data.clock()).unwrap();
            assert_eq!(copy.read(Position(0), 1_000_000).unwrap().events.len() as u64, taken.events);
        }
        stop.store(true, Ordering::SeqCst);
    });
}

#[test]
fn a_restore_to_a_position_ends_with_the_last_whole_commit_there() {
    let (data, drafts) = filled(60);
    let log = open_on(&data, &FaultyDisk::new(None)).unwrap();
    let parent = tempfile::tempdir().unwrap();
    let backup = parent.path().join("backup");
    log.backup(&backup, &|_, _| {}).unwrap();
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
    let log = open_on(&data, &FaultyDisk::new(None)).unwrap();
    let parent = tempfile::tempdir().unwrap();
    let backup = parent.path().join("backup");
    log.backup(&backup, &|_, _| {}).unwrap();
    assert!(log.backup(&backup, &|_, _| {}).is_err(), "a backup never writes over another");
    assert!(restore(&backup, data.path(), None, &|_, _| {}).is_err(), "nor a restore over a log");
    let files = journal_files(&backup);
    for (nth, (name, bytes)) in files.iter().enumerate() {
        let path = backup.join("journal").join(name);
        let mut flipped = bytes.clone();
        flipped[300] ^= 1;
        fs::write(&path, flipped).unwrap();
        let refused = restore(&backup, &parent.path().join(format!("r{nth}")), None, &|_, _| {}).unwrap_err();
        assert!(matches!(refused, Error::Damaged { .. }), "{refused}");
        fs::write(&path, bytes).unwrap();
    }
    let last = backup.join("journal").join(&files.last().unwrap().0);
    fs::remove_file(last).unwrap();
    assert!(restore(&backup, &parent.path().join("cut"), None, &|_, _| {}).is_err());
    fs::remove_file(backup.join("BACKUP")).unwrap();
    let refused = restore(&backup, &parent.path().join("unfinished"), None, &|_, _| {}).unwrap_err();
    assert!(refused.to_string().contains("not finished"), "{refused}");
}
