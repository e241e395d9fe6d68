//! kill -9 at every named point of an erasure and of a rotation: the next opening finishes or undoes it.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
};

use tempfile::TempDir;
use throughline_cli::{clock, data::Data};
use throughline_domain::{Amendment, ErasureLevel, Event};
use throughline_log::{AsOf, EventLog as _, Log, MasterKey, Standing, faults::Point};

use crate::{
    files::{all_with, copy, files_with},
    lives::{CODED, PERSONAL, asked, journey, keys_of, world},
    served::nowhere,
};

/// Runs the eraser until it stops at its point, and kills it there; whether it came there.
pub fn killed(dir: &Path, orders: &[String], point: Point, nth: u64) -> bool {
    let mut child = Command::new(env!("CARGO_BIN_EXE_eraser"))
        .args([format!("dir={}", dir.display()), format!("point={point}"), format!("nth={nth}")])
        .args(orders)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(["at ", "done"].iter().any(|begins| line.starts_with(begins)), "it said {line:?}");
    line.starts_with("at ")
}

fn of_erasing(point: Point) -> bool {
    format!("{point}").starts_with("Erasure") || point == Point::KeysDestroyed
}

#[test]
fn an_erasure_killed_at_any_point_is_finished_by_the_next_opening() {
    let whole = world();
    let of = journey(7);
    let (raw, wrapped) = keys_of(&whole.log, whole.dir.path(), of);
    let keys = [raw, wrapped].concat();
    let whole = {
        let throughline_tests::World { runtime, log, dir, .. } = whole;
        drop((runtime, log));
        dir
    };
    for point in Point::OF_KEYS.into_iter().filter(|point| of_erasing(*point)) {
        for level in [ErasureLevel::All, ErasureLevel::Identity] {
            let dir = TempDir::new().unwrap();
            copy(whole.path(), dir.path());
            let orders = [format!("erase={of}"), format!("level={level}")];
            assert!(killed(dir.path(), &orders, point, 1), "it comes to {point}");
            let opened = Data::new(dir.path()).open(clock::system()).unwrap();
            let texts =
                if level == ErasureLevel::All { [&PERSONAL[..], &CODED].concat() } else { PERSONAL.to_vec() };
            // Of a de-identified journey the personal key is gone: as it is, and as it was wrapped.
            let gone: Vec<Vec<u8>> = match level {
                ErasureLevel::All => keys.clone(),
                ErasureLevel::Identity => vec![keys[1].clone(), keys[3].clone()],
            };
            nowhere(dir.path(), &gone, &texts);
            opened.runtime.catch_up().unwrap();
            let told = opened.log.read_journey(of, AsOf::Now).unwrap().events;
            let told = told.iter().filter(|recorded| {
                matches!(recorded.draft.event, Event::Amendment(Amendment::KeyDestroyed(_)))
            });
            assert_eq!(told.count(), 1, "{point}: told once");
            let names: Vec<_> = fs::read_dir(dir.path().join("erasures")).unwrap().flatten().collect();
            assert_eq!(names.len(), 1, "{point}: a certificate and no order, {names:?}");
            let now = clock::system()();
            let again = opened.runtime.erase(of, level, &asked(), now).unwrap();
            assert_eq!((again.level, again.events), (level, 4), "{point}");
            assert!(opened.log.verify(true, &|_, _| {}).unwrap().problems.is_empty());
            opened.runtime.stop();
        }
    }
}

/// A data directory with a log within it that is under the same master key.
pub fn two_logs(master: &MasterKey, kept_here: bool) -> TempDir {
    let dir = TempDir::new().unwrap();
    let clock: throughline_log::Clock = Arc::new(|| "2026-06-01T08:00:00Z".parse().unwrap());
    if kept_here {
        fs::create_dir(dir.path().join("keys")).unwrap();
        master.write_new(&dir.path().join("keys/master.key")).unwrap();
    }
    for (path, n) in [(dir.path().to_owned(), 1), (dir.path().join("access"), 2)] {
        let log = if kept_here && n == 1 {
            Log::open(&path, clock.clone()).unwrap()
        } else {
            Log::open_with_key(&path, master, clock.clone()).unwrap()
        };
        log.append(crate::lives::life(journey(n)), &[]).unwrap();
        if n == 1 {
            log.append(crate::lives::plain(journey(3)), &[]).unwrap();
            log.erase(journey(3), ErasureLevel::All, &asked()).unwrap();
        }
    }
    dir
}

#[test]
fn a_rotation_killed_at_any_point_is_finished_or_undone_in_both_logs() {
    let clock: throughline_log::Clock = Arc::new(|| "2026-06-01T08:00:00Z".parse().unwrap());
    for kept_here in [true, false] {
        for point in Point::OF_KEYS.into_iter().filter(|point| !of_erasing(*point)) {
            for nth in 1..=3 {
                let (old, new) = (MasterKey::generate().unwrap(), MasterKey::generate().unwrap());
                let dir = two_logs(&old, kept_here);
                let beside = TempDir::new().unwrap();
                let file = |name: &str, key: &MasterKey| -> PathBuf {
                    let path = beside.path().join(name);
                    key.write_new(&path).unwrap();
                    path
                };
                let (old_file, new_file) = (file("old", &old), file("new", &new));
                let old_bytes = fs::read(&old_file).unwrap();
                let orders = if kept_here {
                    vec!["rotate=here".to_owned()]
                } else {
                    vec![format!("rotate={}", new_file.display()), format!("master={}", old_file.display())]
                };
                if !killed(dir.path(), &orders, point, nth) {
                    assert!(nth > 1, "it comes to {point} at least once");
                    break;
                }
                let undone = matches!(point, Point::RotationBegun | Point::RotationPrepared);
                let master = match (kept_here, undone) {
                    (true, _) => None,
                    (false, true) => Some(&old),
                    (false, false) => Some(&new),
                };
                let log = match master {
                    None => Log::open(dir.path(), clock.clone()),
                    Some(master) => Log::open_with_key(dir.path(), master, clock.clone()),
                };
                let log = log.unwrap_or_else(|error| panic!("{point} {nth}: {error}"));
                assert_eq!(log.read_journey(journey(1), AsOf::Now).unwrap().events.len(), 4);
                assert_eq!(log.standing(journey(3)), Standing::Erased);
                let now = if kept_here {
                    MasterKey::read(&dir.path().join("keys/master.key")).unwrap()
                } else {
                    master.unwrap().clone()
                };
                let access = Log::open_with_key(&dir.path().join("access"), &now, clock.clone()).unwrap();
                assert_eq!(access.read_journey(journey(2), AsOf::Now).unwrap().events.len(), 4);
                assert_eq!(undone, now.id() == old.id(), "{point}");
                if !undone {
                    assert_eq!(files_with(dir.path(), &old_bytes), Vec::<PathBuf>::new());
                }
                let mut left: Vec<String> = fs::read_dir(dir.path().join("keys"))
                    .unwrap()
                    .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                    .collect();
                left.sort();
                let expected: &[&str] =
                    if kept_here { &["journeys.keys", "master.key"] } else { &["journeys.keys"] };
                assert_eq!(left, expected, "{point} {nth}");
                assert_eq!(fs::read_dir(dir.path().join("access/keys")).unwrap().count(), 1);
                assert_eq!(all_with(dir.path(), &[b"Featherstonehaugh"]), []);
            }
        }
    }
}
