//! A disk that is really full: a small file system in memory, in a mount namespace of its own, where that is permitted.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

use tempfile::TempDir;
use throughline_cli::clock;
use throughline_log::{Error, EventLog, Log};
use throughline_tests::faults::{Dice, draft};

use crate::{
    check::check,
    counts::{Counts, skipped},
    history::{History, Place, Standing},
    seed::seed,
};

/// The file system's size. The log keeps 64 MiB free, and sled makes its first file in steps.
const SIZE: &str = "140m";

/// Longer than the log lets the room go unmeasured.
const MEASURED: Duration = Duration::from_millis(700);

/// Where the test that runs within finds it.
const WITHIN: &str = "THROUGHLINE_FAULTS_SMALL_DISK";

/// Runs [`within`] on a small disk of its own; nothing where that is not permitted here.
pub fn lap() -> (Vec<String>, Counts) {
    let dir = TempDir::new().expect("a temporary directory");
    let mount = format!("mount -t tmpfs -o size={SIZE} tmpfs {0} && exec \"$@\"", dir.path().display());
    let tests = std::env::current_exe().expect("this test");
    for user in [&["-m"][..], &["-r", "-m"]] {
        let in_namespace = || {
            let mut command = Command::new("unshare");
            command.args(user).args(["sh", "-c", &mount, "sh"]);
            command
        };
        if !in_namespace().arg("true").output().is_ok_and(|out| out.status.success()) {
            continue;
        }
        let mut run = in_namespace();
        run.arg(tests).args(["--exact", "full::within", "--ignored", "--nocapture"]).env(WITHIN, dir.path());
        let out = run.output().expect("it runs");
        let said =
            format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
        let broken = if out.status.success() { Vec::new() } else { vec![said.clone()] };
        return (broken, Counts::read(&said));
    }
    skipped("a disk that is really full", "no file system can be mounted here (unshare)");
    (Vec::new(), Counts::default())
}

#[test]
#[ignore = "run by the test that makes a small disk for it"]
fn within() {
    let Some(disk) = std::env::var_os(WITHIN).map(PathBuf::from) else { return };
    let (data, ballast) = (disk.join("data"), disk.join("ballast"));
    let (mut history, mut counts) = (History::default(), Counts::default());
    let mut dice = Dice::new(seed());
    let mut next = 0;
    for round in 0..4 {
        let log = Log::open(&data, clock::system()).unwrap();
        append(&log, &mut history, &mut next, 40);
        // The first rounds leave a little of what the log keeps free; the others leave nothing, at once.
        fill(&ballast, if round < 2 { 8 << 20 } else { 0 });
        if round < 2 {
            // The log measures the room now and then, and what it keeps free is for the time between.
            thread::sleep(MEASURED);
        }
        let refused = append(&log, &mut history, &mut next, 400);
        counts.many("appends refused by a disk that is really full", refused);
        assert!(refused > 0, "a full disk refuses");
        fs::remove_file(&ballast).unwrap();
        // Where sled found it full first, the log is closed to writes until it is opened again.
        thread::sleep(MEASURED);
        let closed = append(&log, &mut history, &mut next, 5);
        assert!(round >= 2 || closed == 0, "once there is room it goes on");
        counts.many("full disks: went on when there was room", u64::from(closed == 0));
        drop(log);
        let broken = check(&data, &mut history, &mut dice, &mut counts);
        assert!(broken.is_empty(), "{broken:#?}");
        counts.one("disks that were really full");
    }
    println!("{}", counts.table());
}

/// Appends one event after another; how many were refused.
fn append(log: &Log, history: &mut History, next: &mut u64, count: u64) -> u64 {
    let mut refused = 0;
    for number in *next..*next + count {
        let standing = match log.append(vec![draft(number)], &[]) {
            Ok(receipt) => {
                let stored = &receipt.events[0];
                Standing::There(Place {
                    position: stored.position.0,
                    version: stored.version.0,
                    recorded_at: stored.recorded_at.as_microsecond(),
                })
            }
            Err(error) => {
                refused += 1;
                if matches!(error, Error::Full { .. }) { Standing::Refused } else { Standing::Unsure }
            }
        };
        history.events.insert(number, standing);
    }
    *next += count;
    refused
}

/// Writes a file until only so many bytes are free, or none.
fn fill(ballast: &Path, free_bytes: u64) {
    let mut file = fs::File::create(ballast).unwrap();
    let block = vec![1; 64 * 1024];
    let mut left = room(ballast).saturating_sub(free_bytes);
    while left > 0 || free_bytes == 0 {
        if file.write_all(&block).is_err() {
            return;
        }
        left = left.saturating_sub(block.len() as u64);
    }
}

/// Bytes that are free.
fn room(path: &Path) -> u64 {
    let out = Command::new("df").args(["--output=avail", "-B1"]).arg(path).output().unwrap();
    String::from_utf8_lossy(&out.stdout).lines().last().unwrap().trim().parse().unwrap()
}
