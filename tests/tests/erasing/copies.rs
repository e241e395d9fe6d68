//! kill -9 at every named point of a backup and of a restore: what is left is refused, and the same again succeeds.

use std::{
    fs::{self, File},
    io::Read as _,
    path::{Path, PathBuf},
};

use tempfile::TempDir;
use throughline_cli::{args::LOGS_WITHIN, clock, data::Data};
use throughline_domain::ErasureLevel;
use throughline_log::{Copied, Error, Log, MasterKey, Restoring, faults::Point};

use crate::{
    files::files_with,
    kills::{killed, two_logs},
    lives::{asked, journey},
};

fn again(from: &Path, to: &Path) -> (Copied, Copied) {
    let mut backed_up = throughline_log::backup_with(from, to, LOGS_WITHIN, &|_, _| {}).unwrap();
    (backed_up.copied, backed_up.within.remove("access").unwrap())
}

#[test]
fn a_backup_killed_at_any_point_is_refused_and_the_next_one_is_whole() {
    let data = two_logs(&MasterKey::generate().unwrap(), true);
    let place = TempDir::new().unwrap();
    let whole = again(data.path(), &place.path().join("whole"));
    for point in Point::OF_COPIES {
        for nth in 1..=2 {
            let to = place.path().join(format!("{point}-{nth}"));
            if !killed(data.path(), &[format!("backup={}", to.display())], point, nth) {
                assert!(nth > 1, "it comes to {point} at least once");
                break;
            }
            let restored = place.path().join("restored");
            for refused in [
                throughline_log::restore(&to, &restored, None, &|_, _| {}).map(drop),
                throughline_log::verify(&to, false, &|_, _| {}).map(drop),
                Log::open(&to, clock::system()).map(drop),
            ] {
                assert!(matches!(refused, Err(Error::BackupUnfinished(_))), "{point} {nth}: {refused:?}");
            }
            assert!(!restored.exists());
            assert_eq!(again(data.path(), &to), whole, "{point} {nth}");
        }
    }
}

#[test]
fn a_restore_killed_at_any_point_is_refused_and_the_next_one_is_whole() {
    let master = MasterKey::generate().unwrap();
    let data = two_logs(&master, true);
    let place = TempDir::new().unwrap();
    let backup = place.path().join("backup");
    let whole = again(data.path(), &backup);
    // Erased since: a restore that is cut short before it destroys the key leaves it only until the next.
    let wrapped = fs::read(data.path().join("keys/journeys.keys")).unwrap();
    let log = Log::open(data.path(), clock::system()).unwrap();
    log.erase(journey(1), ErasureLevel::All, &asked()).unwrap();
    drop(log);
    let erased = fs::read(data.path().join("keys/journeys.keys")).unwrap();
    let at = wrapped.iter().zip(&erased).position(|(then, now)| then != now).unwrap();
    let key = &wrapped[at..at + 60];
    let erasures = [data.path().join("erasures")];
    for point in Point::OF_COPIES {
        for nth in 1..=2 {
            let dir = place.path().join(format!("{point}-{nth}"));
            if !killed(&dir, &[format!("restore={}", backup.display())], point, nth) {
                assert!(nth > 1, "it comes to {point} at least once");
                break;
            }
            for refused in [
                throughline_log::verify(&dir, false, &|_, _| {}).map(drop),
                Log::open(&dir, clock::system()).map(drop),
                throughline_log::repair(&dir, Some(&backup)).map(drop),
            ] {
                assert!(matches!(refused, Err(Error::RestoreUnfinished(_))), "{point} {nth}: {refused:?}");
            }
            let refused = Data::new(&dir).open_access(clock::system()).err().unwrap();
            assert!(refused.to_string().contains("cut short"), "{point} {nth}: {refused}");
            // Held open, a file can be read after its name is gone.
            let left = File::open(dir.join("keys/journeys.keys")).ok();
            assert!(left.is_some() || point == Point::CopyBegun, "{point} {nth}");
            let how = Restoring { within: LOGS_WITHIN, erasures: &erasures, ..Restoring::default() };
            let mut restored = throughline_log::restore_with(&backup, &dir, how, &|_, _| {}).unwrap();
            let copies = (restored.copied, restored.within.remove("access").unwrap());
            assert_eq!((&copies, restored.erased_again), (&whole, 1), "{point} {nth}");
            assert_eq!(files_with(&dir, key), Vec::<PathBuf>::new());
            if let Some(mut left) = left {
                let mut bytes = Vec::new();
                left.read_to_end(&mut bytes).unwrap();
                assert!(bytes.len() > 128 && bytes.iter().all(|byte| *byte == 0), "keys are overwritten");
            }
            for log in [dir.clone(), dir.join("access")] {
                let verified =
                    throughline_log::verify_with_key(&log, Some(&master), true, &|_, _| {}).unwrap();
                assert_eq!(verified.problems, [], "{point} {nth}");
            }
        }
    }
}
