//! A witness and a log, both the real binary: what grows is cosigned, what was taken back is refused.

#![allow(clippy::unwrap_used, reason = "a test stops where it is surprised")]

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use jiff::Timestamp;
use serde_json::Value as Json;
use signed_note::{Note, StandardVerifier, VerifierList};
use tempfile::TempDir;
use throughline_log::{EventLog, Log};
use throughline_tests::faults::draft;

/// How long one waits to see a checkpoint cosigned: a minute, look after look.
const LOOKS_MAX: u32 = 300;
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// The binary, built beside this test.
fn throughline() -> Command {
    let test = std::env::current_exe().unwrap();
    let binary = test.ancestors().nth(2).unwrap().join("throughline");
    assert!(binary.exists(), "{} is missing: cargo build -p throughline-cli", binary.display());
    let mut command = Command::new(binary);
    command.env_remove("THROUGHLINE_DATA").stdin(Stdio::null());
    command
}

/// A service that is stopped when dropped.
struct Service {
    process: Child,
    url: String,
}

impl Service {
    fn start(command: &mut Command) -> Self {
        let mut process = command.arg("--json").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut said = BufReader::new(process.stdout.take().unwrap());
        let mut text = String::new();
        while serde_json::from_str::<Json>(&text).is_err() {
            assert!(said.read_line(&mut text).unwrap() > 0, "it ended: {text}");
        }
        let url = serde_json::from_str::<Json>(&text).unwrap()["url"].as_str().unwrap().to_owned();
        Self { process, url }
    }

    fn log(data: &Path, witness: &str) -> Self {
        Self::start(throughline().arg("--data").arg(data).args([
            "serve",
            "--bind",
            "127.0.0.1:0",
            "--witness",
            witness,
        ]))
    }

    /// `GET`.
    fn get(&self, path: &str) -> String {
        ask(&self.url, &format!("GET {path}"), "", "").1
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}

/// One request, with nothing but a socket: the status and the body.
fn ask(url: &str, what: &str, token: &str, body: &str) -> (u16, String) {
    use std::io::Write;
    let address = url.strip_prefix("http://").unwrap();
    let mut socket = std::net::TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        socket,
        "{what} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n{}\r\n{body}",
        if token.is_empty() { String::new() } else { format!("Authorization: Bearer {token}\r\n") }
    )
    .unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

fn append(data: &Path, from: u64, to: u64, of: &str) {
    let log = Log::open(data, Arc::new(move || Timestamp::UNIX_EPOCH)).unwrap();
    let offset = if of == "fork" { 1_000_000 } else { 0 };
    log.append((from..to).map(|number| draft(number + offset)).collect(), &[]).unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let there = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &there);
        } else {
            fs::copy(&path, &there).unwrap();
        }
    }
}

struct Witness {
    state: PathBuf,
    log: PathBuf,
}

impl Witness {
    fn command(&self) -> Command {
        let mut command = throughline();
        command.arg("witness").arg("--state").arg(&self.state).arg("--log").arg(&self.log);
        command
    }

    fn look(&self, log: &Service) -> Output {
        self.command().args(["--follow", &log.url, "--once"]).output().unwrap()
    }

    fn vkey(&self) -> String {
        fs::read_to_string(self.state.join("witness.vkey")).unwrap().trim().to_owned()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Whether others' code finds both signatures good.
fn assert_cosigned(checkpoint: &str, log: &Path, witness: &str) {
    let log = StandardVerifier::new(fs::read_to_string(log).unwrap().trim()).unwrap();
    let note = Note::from_bytes(checkpoint.as_bytes()).unwrap();
    let (good, others) = note.verify(&VerifierList::new(vec![Box::new(log)])).unwrap();
    assert_eq!((good.len(), others.len()), (1, 1), "{checkpoint}");
    assert!(checkpoint.contains(&format!("— {} ", witness.split('+').next().unwrap())), "{checkpoint}");
}

#[test]
fn a_log_that_grows_is_witnessed_and_one_that_was_taken_back_or_rewritten_is_caught() {
    let dir = TempDir::new().unwrap();
    let (data, early) = (dir.path().join("data"), dir.path().join("early"));
    append(&data, 0, 10, "true");
    copy(&data, &early);
    let witness = Witness { state: dir.path().join("state"), log: data.join("tree/log.vkey") };
    // The first run makes the key; that log is not served yet.
    let nobody = witness.command().args(["--follow", "http://127.0.0.1:9", "--once"]).output().unwrap();
    assert_eq!(nobody.status.code(), Some(3), "{}", text(&nobody.stderr));
    for (from, to) in [(10, 300), (300, 700)] {
        append(&data, from, to, "true");
        let log = Service::log(&data, &witness.vkey());
        let looked = witness.look(&log);
        assert_eq!(looked.status.code(), Some(0), "{}", text(&looked.stderr));
        assert!(text(&looked.stdout).contains(&format!("at {to} events")), "{}", text(&looked.stdout));
        assert_cosigned(&log.get("/checkpoint"), &witness.log, &witness.vkey());
        assert!(log.get("/").contains("last witnessed 0 minutes ago"));
    }
    let verified = throughline().arg("--data").arg(&data).args(["verify", "--deep"]).output().unwrap();
    assert_eq!(verified.status.code(), Some(0), "{}", text(&verified.stdout));

    // Its keeper puts an older copy in place.
    let log = Service::log(&early, &witness.vkey());
    let refused = witness.look(&log);
    assert_eq!(refused.status.code(), Some(1), "{}", text(&refused.stderr));
    let said = text(&refused.stdout);
    assert!(
        said.contains("took events back") && said.contains("\n700\n") && said.contains("\n10\n"),
        "{said}"
    );
    assert_eq!(log.get("/checkpoint").matches("— ").count(), 1, "nothing was cosigned");
    drop(log);

    // Then writes another history with the same keys, longer than what was witnessed.
    append(&early, 10, 900, "fork");
    let log = Service::log(&early, &witness.vkey());
    let refused = witness.look(&log);
    assert_eq!(refused.status.code(), Some(1), "{}", text(&refused.stderr));
    let said = text(&refused.stdout);
    assert!(said.contains("has two histories") && said.contains("\n900\n"), "{said}");
    assert_eq!(log.get("/checkpoint").matches("— ").count(), 1, "nothing was cosigned");
    drop(log);
    assert_eq!(fs::read_dir(witness.state.join("evidence")).unwrap().count(), 2);

    // The true one goes on.
    let log = Service::log(&data, &witness.vkey());
    assert_eq!(witness.look(&log).status.code(), Some(0));
}

#[test]
fn a_log_asks_its_witness_by_itself() {
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("data");
    append(&data, 0, 300, "true");
    let witness = Witness { state: dir.path().join("state"), log: data.join("tree/log.vkey") };
    let open = witness.command().args(["--bind", "0.0.0.0:0"]).output().unwrap();
    assert_eq!(open.status.code(), Some(3), "{}", text(&open.stdout));
    assert!(text(&open.stderr).contains("--tls-cert"), "{}", text(&open.stderr));
    let asked = Service::start(witness.command().args(["--bind", "127.0.0.1:0"]));
    let log = Service::log(&data, &format!("{}={}", witness.vkey(), asked.url));
    let cosigned = (0..LOOKS_MAX).any(|_| {
        thread::sleep(BETWEEN_LOOKS);
        log.get("/checkpoint").matches("— ").count() == 2
    });
    assert!(cosigned, "it was not cosigned: {}", log.get("/checkpoint"));
    assert_cosigned(&log.get("/checkpoint"), &witness.log, &witness.vkey());
    assert!(asked.get("/").contains("\n300\n"));
}

/// A journey that somebody reports on, again and again, until told to stop.
struct Desk {
    stop: Arc<AtomicBool>,
    reports: thread::JoinHandle<u64>,
}

const ANNA: &str = "00000000-0000-4000-8000-00000000a001";

fn event(n: u64) -> String {
    let (fact, facts) = match n {
        1 => ("intake.journey-opened", r#"{"role":"participant","language":"af"}"#),
        2 => ("intake.consent-given", r#"{"scope":"data-sharing"}"#),
        _ => ("transaction.contact-made", r#"{"format":"phone","begun_by":"client","exchange":"two-way"}"#),
    };
    format!(
        r#"{{"specversion":"1.0","id":"00000000-0000-4000-8000-{n:012x}","source":"/tests","type":"throughline.{fact}.v1",
            "data":{{"occurred":"2026-03-01","eyes":"staff","actor":"system:desk","facts":{facts}}}}}"#
    )
}

impl Desk {
    fn open(url: &str, token: &str) -> Self {
        let (stop, url, token) = (Arc::new(AtomicBool::new(false)), url.to_owned(), token.to_owned());
        let stopped = Arc::clone(&stop);
        let reports = thread::spawn(move || {
            let mut n = 0;
            while !stopped.load(Ordering::SeqCst) {
                n += 1;
                let (status, said) =
                    ask(&url, &format!("POST /v1/journeys/{ANNA}/events"), &token, &event(n));
                assert_eq!(status, 201, "{said}");
                thread::sleep(Duration::from_millis(10));
            }
            n
        });
        Self { stop, reports }
    }

    fn close(self) -> u64 {
        self.stop.store(true, Ordering::SeqCst);
        self.reports.join().unwrap()
    }
}

/// The number of events that a checkpoint covers.
fn size(checkpoint: &str) -> u64 {
    checkpoint.lines().nth(1).unwrap().parse().unwrap()
}

#[test]
fn while_events_come_in_what_was_witnessed_last_is_always_there_to_rely_on() {
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("data");
    let run = |args: &[&str]| {
        let out = throughline().arg("--data").arg(&data).args(args).output().unwrap();
        assert_eq!(out.status.code(), Some(0), "{args:?}: {}{}", text(&out.stdout), text(&out.stderr));
        text(&out.stdout)
    };
    append(&data, 0, 10, "true");
    run(&["account", "open", "system:desk", "--role", "writer"]);
    let issued: Json = serde_json::from_str(&run(&["token", "issue", "system:desk", "--json"])).unwrap();
    let witness = Witness { state: dir.path().join("state"), log: data.join("tree/log.vkey") };
    let nobody = witness.command().args(["--follow", "http://127.0.0.1:9", "--once"]).output().unwrap();
    assert_eq!(nobody.status.code(), Some(3), "{}", text(&nobody.stderr));

    let log = Service::log(&data, &witness.vkey());
    assert_eq!(ask(&log.url, "GET /checkpoint/witnessed", "", "").0, 404);
    let token = issued["token"].as_str().unwrap();
    let desk = Desk::open(&log.url, token);
    let (mut seen, mut newest_cosigned, mut asked) = (Vec::new(), 0, 0);
    for _ in 0..4 {
        assert_eq!(witness.look(&log).status.code(), Some(0));
        for _ in 0..25 {
            let (status, checkpoint) = ask(&log.url, "GET /checkpoint/witnessed", "", "");
            assert_eq!(status, 200, "{checkpoint}");
            assert_cosigned(&checkpoint, &witness.log, &witness.vkey());
            seen.push(size(&checkpoint));
            newest_cosigned += u32::from(log.get("/checkpoint").matches("— ").count() == 2);
            asked += 1;
            thread::sleep(Duration::from_millis(80));
        }
    }
    let proof = format!("GET /v1/events/00000000-0000-4000-8000-{:012x}/proof?witnessed=true", 1);
    let (status, proof) = ask(&log.url, &proof, token, "");
    let reports = desk.close();
    println!("{reports} reports; of {asked} newest checkpoints {newest_cosigned} were cosigned; {seen:?}");
    assert!(seen.is_sorted() && seen.first() < seen.last(), "{seen:?}");
    assert!(newest_cosigned < asked, "there was no load");
    assert_eq!(status, 200, "{proof}");
    assert_cosigned(proof.split_once("\n\n").unwrap().1, &witness.log, &witness.vkey());
    drop(log);

    // What is taken out has the cosignatures, and is verified alone.
    let (tree, pack) = (dir.path().join("exported"), dir.path().join("pack"));
    let told = run(&["tree", "export", tree.to_str().unwrap()]);
    assert!(told.contains(&format!("witnesses cosigned the first {}", seen.last().unwrap())), "{told}");
    let key = fs::read_to_string(&witness.log).unwrap();
    run(&["verify", tree.to_str().unwrap(), "--key", key.trim()]);
    run(&["audit-pack", ANNA, "--as-of", "10", "--out", pack.to_str().unwrap()]);
    run(&["verify", pack.to_str().unwrap(), "--key", key.trim()]);
    let checkpoint = fs::read_to_string(pack.join("checkpoint")).unwrap();
    assert_cosigned(&checkpoint, &witness.log, &witness.vkey());
    for (script, what) in [("verify_tree.py", &tree), ("verify_pack.py", &pack)] {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
        let python = Command::new("python3").arg(script).arg(what).args(["--key", key.trim()]).output();
        if let Ok(python) = python.inspect_err(|_| println!("no python3 here")) {
            let needs = text(&python.stderr).contains("No module named");
            assert!(python.status.success() || needs, "{python:?}");
        }
    }
}
