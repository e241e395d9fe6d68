//! The service itself, unmodified: `throughline serve`, clients that post events, and kill -9; by itself, and under
//! `fiu-run`, which makes its system calls fail.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
        mpsc::channel,
    },
    thread,
    time::Duration,
};

use serde_json::{Value as Json, json};
use tempfile::TempDir;
use throughline_tests::faults::Dice;

use crate::{
    counts::{Counts, skipped},
    process::PATIENCE,
};

const CLIENTS: u64 = 4;

/// How long clients may go on where nothing ends them.
const ROUND_MS: u64 = 1500;

/// A call that `fiu-run` makes fail, and how often.
#[derive(Debug, Clone, Copy)]
struct Call {
    name: &'static str,
    probability: &'static str,
    /// From the start on, or once it serves.
    from_start: bool,
    /// Whether a service that goes on appending must notice.
    noticed: bool,
}

const CALLS: [Call; 5] = [
    Call { name: "posix/io/sync/fdatasync", probability: "0.05", from_start: false, noticed: true },
    Call { name: "posix/io/rw/pwrite", probability: "0.03", from_start: false, noticed: true },
    Call { name: "posix/io/rw/pwrite/reduce", probability: "0.3", from_start: false, noticed: false },
    Call { name: "posix/io/oc/open", probability: "0.03", from_start: true, noticed: false },
    Call { name: "posix/io/dir/rename", probability: "0.5", from_start: true, noticed: false },
];

impl Call {
    fn order(self) -> String {
        format!("enable_random name={},probability={}", self.name, self.probability)
    }
}

/// What the clients of one life of the service sent and were told.
#[derive(Default)]
struct Talk {
    sent: Mutex<BTreeSet<u64>>,
    acknowledged: Mutex<BTreeSet<u64>>,
    refused: AtomicU64,
    broken_off: AtomicU64,
}

/// The binary, where it was built.
pub fn binary() -> Option<PathBuf> {
    let tests = std::env::current_exe().ok()?;
    let path = tests.parent()?.parent()?.join("throughline");
    path.is_file().then_some(path)
}

/// Lives of the service on one directory, each killed; the last ones under `fiu-run` where it is there.
pub fn lap(seed: u64, lives: u64) -> (Vec<String>, Counts) {
    let mut counts = Counts::default();
    let Some(binary) = binary() else {
        skipped(
            "the service",
            "the binary `throughline` is not built beside this test; run with --workspace",
        );
        return (Vec::new(), counts);
    };
    let fiu = Command::new("fiu-run").arg("-h").output().is_ok();
    if !fiu {
        skipped("failing system calls", "`fiu-run` is not on the path; install fiu-utils");
    }
    let dir = TempDir::new().expect("a temporary directory");
    let (data, mut dice) = (dir.path().join("data"), Dice::of(&[seed, 0x7365_7276]));
    let (talk, token) = (Talk::default(), token(&binary, &data));
    let calls = CALLS.into_iter().map(Some).filter(|_| fiu);
    for (life, call) in (0..).zip((0..lives).map(|_| None).chain(calls)) {
        let control = dir.path().join(format!("fiu-{life}"));
        let command = command(&binary, &control, call);
        if call.is_some_and(|call| call.from_start) {
            // So that there is something to open and to rename before it serves.
            let _ = fs::remove_dir_all(data.join("index"));
        }
        let before = talk.acknowledged.lock().expect("no client failed").len();
        let served = live(command, &data, (&control, call), (life, &token), &talk, &mut dice);
        let with = call.map(|call| format!(" with failing {}", call.name)).unwrap_or_default();
        counts.many(format!("service: starts refused{with}"), u64::from(!served));
        counts.one(format!("kill -9 of the service{with}"));
        let broken = look(&binary, &data, &talk);
        let more = talk.acknowledged.lock().expect("no client failed").len() - before;
        counts.many("service: events acknowledged", more as u64);
        let refused = talk.refused.swap(0, Ordering::SeqCst);
        counts.many(format!("service: refusals{with}"), refused);
        if refused == 0 && call.is_some_and(|call| call.noticed) {
            skipped("failing system calls", &format!("nothing was noticed by the service{with}"));
        }
        if !broken.is_empty() {
            let told = broken.into_iter().map(|what| format!("life {life}, {call:?}: {what}"));
            return (told.collect(), counts);
        }
    }
    counts.many("service: connections broken off", talk.broken_off.load(Ordering::SeqCst));
    (Vec::new(), counts)
}

fn command(binary: &Path, control: &Path, call: Option<Call>) -> Command {
    let Some(call) = call else { return Command::new(binary) };
    let mut command = Command::new("fiu-run");
    command.arg("-x").arg("-f").arg(control);
    if call.from_start {
        command.arg("-c").arg(call.order());
    }
    command.arg(binary);
    command
}

/// The token that a service shows in its first run, which nothing disturbs.
fn token(binary: &Path, data: &Path) -> String {
    let mut command = Command::new(binary);
    command.arg("--data").arg(data).args(["serve", "--json", "--bind", "127.0.0.1:0"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = Killed(command.spawn().expect("the service starts"));
    let mut said =
        BufReader::new(child.0.stderr.take().expect("standard error")).lines().map_while(Result::ok);
    let token = said.find(|line| line.trim().starts_with("tlt_")).expect("the first run shows a token");
    assert!(said.any(|line| line.contains(" at http://")), "it serves");
    token.trim().to_owned()
}

/// One life, with clients, killed in the middle; whether it came to serve.
fn live(
    mut command: Command,
    data: &Path,
    (control, call): (&Path, Option<Call>),
    (life, token): (u64, &str),
    talk: &Talk,
    dice: &mut Dice,
) -> bool {
    command.env_remove("THROUGHLINE_LOG").arg("--data").arg(data);
    command.args(["serve", "--json", "--bind", "127.0.0.1:0"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = Killed(command.spawn().expect("the service starts"));
    let (told, address) = channel();
    let stderr = child.0.stderr.take().expect("standard error");
    thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            if let Some((_, address)) = line.split_once(" at http://") {
                let _ = told.send(address.trim().to_owned());
            }
        }
    });
    let Ok(address) = address.recv_timeout(PATIENCE) else { return false };
    let wanted = talk.acknowledged.lock().expect("no client failed").len() + 20;
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let address = &address;
            scope.spawn(move || post((address, token), client, life, talk));
        }
        for _ in 0..ROUND_MS {
            if talk.acknowledged.lock().expect("no client failed").len() >= wanted {
                break;
            }
            thread::sleep(Duration::from_millis(1));
        }
        if let Some(call) = call.filter(|call| !call.from_start) {
            let pid = child.0.id().to_string();
            let mut tell = Command::new("fiu-ctrl");
            tell.arg("-c").arg(call.order()).arg("-f").arg(control).arg(pid);
            assert!(tell.status().is_ok_and(|status| status.success()), "the calls are made to fail");
            thread::sleep(Duration::from_millis(ROUND_MS / 2));
        }
        thread::sleep(Duration::from_micros(dice.below(50_000)));
        // Killed within the scope: the clients end when nobody answers.
        drop(child);
    });
    true
}

/// A process of ours, killed when dropped.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Posts one event after another until nobody answers.
fn post((address, token): (&str, &str), client: u64, life: u64, talk: &Talk) {
    for nth in 0.. {
        let number = life << 32 | client << 24 | nth;
        talk.sent.lock().expect("no client failed").insert(number);
        let path = format!("/v1/journeys/writer:{client}/events");
        match send((address, token), &path, &event(number, life + nth == 0)) {
            Some(201) => drop(talk.acknowledged.lock().expect("no client failed").insert(number)),
            Some(_) => {
                talk.refused.fetch_add(1, Ordering::SeqCst);
            }
            None => {
                talk.broken_off.fetch_add(1, Ordering::SeqCst);
                // A call that was made to fail can break off one connection; a service that is gone, all.
                if TcpStream::connect(address).is_err() {
                    return;
                }
            }
        }
    }
}

/// The first event of a journey, or one that follows.
fn event(number: u64, first: bool) -> Json {
    let (fact, facts) = if first {
        ("intake.journey-opened", json!({ "role": "participant", "language": "af" }))
    } else {
        (
            "transaction.contact-made",
            json!({ "format": "phone", "begun_by": "client", "exchange": "two-way" }),
        )
    };
    json!({
        "specversion": "1.0", "id": id(number), "source": "/tests", "type": format!("throughline.{fact}.v1"),
        "data": { "occurred": "2026-03-03", "eyes": "staff", "facts": facts },
    })
}

fn id(number: u64) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}

/// The status of the whole answer; none where there is none.
fn send((address, token): (&str, &str), path: &str, body: &Json) -> Option<u16> {
    let body = body.to_string();
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Authorization: Bearer {token}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.split_once("\r\n\r\n")?.0.split(' ').nth(1)?.parse().ok()
}

/// What the command line reads of the directory that was left, against what the clients were told.
fn look(binary: &Path, data: &Path, talk: &Talk) -> Vec<String> {
    let mut broken = Vec::new();
    let mut there = BTreeSet::new();
    for client in 0..CLIENTS {
        let history = match run(binary, data, &["history", &format!("writer:{client}"), "--json"]) {
            Ok(history) => history,
            Err(error) => {
                broken.push(error);
                continue;
            }
        };
        for event in history["events"].as_array().into_iter().flatten() {
            let id = event["id"].as_str().unwrap_or_default();
            let number =
                u64::from_str_radix(id.rsplit('-').next().unwrap_or_default(), 16).unwrap_or(u64::MAX);
            if !there.insert(number) {
                broken.push(format!("event {id} is there twice"));
            }
        }
    }
    let acknowledged = talk.acknowledged.lock().expect("no client failed");
    let sent = talk.sent.lock().expect("no client failed");
    broken.extend(
        acknowledged.difference(&there).map(|number| format!("LOST: {} was acknowledged", id(*number))),
    );
    broken.extend(there.difference(&sent).map(|number| format!("nobody sent {}", id(*number))));
    match run(binary, data, &["verify", "--deep", "--json"]) {
        Ok(verified) if verified["ok"] == true && verified["events"] == there.len() => {}
        Ok(verified) => broken.push(format!("{} events are read, and verify says {verified}", there.len())),
        Err(error) => broken.push(error),
    }
    broken
}

fn run(binary: &Path, data: &Path, words: &[&str]) -> Result<Json, String> {
    let words: Vec<OsString> = words.iter().map(Into::into).collect();
    let out = Command::new(binary)
        .arg("--data")
        .arg(data)
        .args(&words)
        .output()
        .map_err(|error| error.to_string())?;
    serde_json::from_slice(&out.stdout)
        .map_err(|_| format!("{words:?}: {}", String::from_utf8_lossy(&out.stderr)))
}
