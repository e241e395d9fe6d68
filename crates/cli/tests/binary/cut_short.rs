//! Backups and restores killed at many moments: what is there then is nothing, or whole, or says that it is neither, and
//! the same command again succeeds.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    thread,
    time::Duration,
};

use serde_json::Value as Json;
use throughline_cli::clock::Stopwatch;

use crate::place::{Place, Told, command, text};

/// How many moments, spread over the time the whole takes, beside those at which a file appears.
const MOMENTS: u32 = 6;

/// What shows, by being there, how far a copy is.
const SIGNS: [&str; 18] = [
    "",
    "lock",
    "BACKUP.new",
    "BACKUP",
    "FORMAT",
    "journal",
    "journal/0000000000000000.seg",
    "keys",
    "keys/master.key",
    "keys/journeys.keys",
    "sled",
    "tree",
    "tree/checkpoint",
    "access",
    "access/journal",
    "access/keys/journeys.keys",
    "access/BACKUP",
    "access/FORMAT",
];

/// When it is killed.
#[derive(Debug, Clone, Copy)]
enum When {
    /// As soon as this is there.
    At(&'static str),
    /// After so long.
    After(Duration),
}

/// Runs the binary and kills it; whether it was still running.
fn killed(data: &Path, args: &[&str], target: &Path, when: When) -> bool {
    let mut command = command(data, args);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the binary starts");
    match when {
        When::At(sign) => {
            let sign = target.join(sign);
            while !sign.exists() && child.try_wait().expect("it is ours").is_none() {
                thread::yield_now();
            }
        }
        When::After(time) => thread::sleep(time),
    }
    let running = child.try_wait().expect("it is ours").is_none();
    child.kill().expect("it is there, or was");
    child.wait().expect("it is gone");
    running
}

fn moments(whole: Duration) -> Vec<When> {
    let spread = (1..=MOMENTS).map(|nth| When::After(whole * nth / MOMENTS));
    SIGNS.into_iter().map(When::At).chain(spread).collect()
}

fn timed(data: &Path, args: &[&str]) -> (Json, Duration) {
    let watch = Stopwatch::start();
    let told = run(data, &[args, &["--json"]].concat()).is(0).json();
    (told, Duration::from_secs_f64(watch.seconds()))
}

fn run(data: &Path, args: &[&str]) -> Told {
    Told::by(command(data, args).stdin(Stdio::null()).output().expect("the binary starts"))
}

/// Whether all there is, in the record and in its access log, is there and nothing is wrong with it.
fn is_whole(data: &Path, whole: &Json) -> bool {
    let told = run(data, &["verify", "--deep", "--json"]);
    // A copy alone is no log: it has no sled, which verifying tells of.
    let verified = told.json();
    let events = |told: &Json| told["events"].as_u64().expect("a count");
    events(&verified) == events(whole) && events(&verified["access"]) >= events(&whole["access"])
}

/// How what is there came out: counted, so that a test that kills too late is known for one.
#[derive(Debug, Default)]
struct Seen {
    refused: u32,
    whole: u32,
    nothing: u32,
}

#[test]
fn a_backup_killed_at_any_moment_is_whole_or_none() {
    let place = Place::with_demo();
    place.run(["history", "demo:1"]).is(0);
    let (whole, time) = timed(&place.data(), &["backup", text(&place.beside("whole"))]);
    let mut seen = Seen::default();
    for (nth, when) in moments(time).into_iter().enumerate() {
        let (to, restored) = (place.beside(&format!("b{nth}")), place.beside(&format!("r{nth}")));
        let args = ["backup", text(&to)];
        let running = killed(&place.data(), &args, &to, when);
        let again = |to: &PathBuf| {
            let told = timed(&place.data(), &["backup", text(to)]).0;
            assert_eq!(told["last_frame"], whole["last_frame"], "{when:?}");
            assert!(told["access"]["events"].is_u64(), "{when:?}: {told}");
        };
        if !to.join("BACKUP").exists() {
            seen.nothing += 1;
            again(&to);
        } else if run(&restored, &["restore", text(&to)]).status == Some(0) {
            assert!(is_whole(&restored, &whole), "{when:?}: a backup that is taken for whole is");
            seen.whole += 1;
        } else {
            assert!(running, "{when:?}: what came to its end is whole");
            run(&restored, &["restore", text(&to)]).refuses(3, &["cut short", "take it again"]);
            run(&to, &["history", "demo:1"]).is(3);
            run(&to, &["verify"]).is(3);
            assert!(!restored.exists());
            seen.refused += 1;
            again(&to);
        }
        if !restored.exists() {
            run(&restored, &["restore", text(&to)]).is(0);
        }
        assert!(is_whole(&restored, &whole), "{when:?}");
        fs::remove_dir_all(&restored).expect("it is looked at");
        fs::remove_dir_all(&to).expect("it is looked at");
    }
    assert!(seen.refused >= 8, "{seen:?}");
}

#[test]
fn a_restore_killed_at_any_moment_is_whole_or_refused() {
    let place = Place::with_demo();
    place.run(["history", "demo:1"]).is(0);
    let backup = place.beside("backup");
    let whole = timed(&place.data(), &["backup", text(&backup)]).0;
    let args = ["restore", text(&backup)];
    let (_, time) = timed(&place.beside("whole"), &args);
    let mut seen = Seen::default();
    for (nth, when) in moments(time).into_iter().enumerate() {
        let data = place.beside(&format!("r{nth}"));
        let running = killed(&data, &args, &data, when);
        if !data.exists() || !data.join("FORMAT").exists() {
            seen.nothing += 1;
            run(&data, &["history", "demo:1"]).refuses(3, &["holds no log"]);
            run(&data, &args).is(0);
        } else if run(&data, &["history", "demo:1"]).status == Some(0) {
            seen.whole += 1;
        } else {
            assert!(running, "{when:?}: what came to its end is whole");
            for refused in [
                &["history", "demo:1"][..],
                &["verify"],
                &["repair"],
                &["account", "list"],
                &["access", "log"],
            ] {
                run(&data, refused).refuses(3, &["cut short", "restore into it again"]);
            }
            assert!(run(&data, &["doctor"]).is(1).out.contains("cut short"), "{when:?}");
            seen.refused += 1;
            run(&data, &args).is(0);
        }
        assert!(is_whole(&data, &whole), "{when:?}");
        assert_eq!(run(&data, &["verify", "--deep"]).status, Some(0), "{when:?}");
        fs::remove_dir_all(&data).expect("it is looked at");
    }
    assert!(seen.refused >= 8, "{seen:?}");
}
