//! A directory that is whole, with all its answers: what damaged copies of it are compared with.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    thread,
    time::Duration,
};

use jiff::{Timestamp, civil::date};
use tempfile::TempDir;
use throughline_demo::Demo;
use throughline_domain::Draft;
use throughline_log::{
    Clock, EventLog,
    faults::{self, FaultyDisk},
};
use throughline_runtime::Runtime;
use throughline_tests::faults::wait_until_free;

use crate::process::{copy, files};

/// Longer than reading takes.
const PATIENCE_TRIES: u32 = 1200;
const PATIENCE_STEP: Duration = Duration::from_millis(50);

/// Lines by what they answer, and what they say.
pub type Answers = BTreeMap<String, String>;

/// The directory and its answers.
pub struct Whole {
    dir: TempDir,
    /// Every file below the data directory that has bytes, and the part of it that is used.
    pub files: Vec<(PathBuf, usize)>,
    pub answers: Answers,
}

/// What a reader said.
#[derive(Debug)]
pub struct Read {
    pub answers: Answers,
    /// What could not be had, and why.
    pub errors: Vec<String>,
    /// It did not come to its end, or not well.
    pub failed: Option<String>,
}

impl Whole {
    /// Made-up lives, written in several lives of the process, with views and an index of several runs.
    pub fn new(seed: u64, clients: usize) -> Self {
        let dir = TempDir::new().expect("a temporary directory");
        let data = dir.path().join("data");
        let portions: Vec<_> =
            Demo::new(seed, clients, date(2026, 5, 31), uuid::Uuid::from_u128(7)).collect();
        let time = Arc::new(AtomicI64::new(0));
        for part in portions.chunks(portions.len().div_ceil(3)) {
            let hands = Arc::clone(&time);
            let clock: Clock =
                Arc::new(move || Timestamp::from_microsecond(hands.load(Ordering::SeqCst)).expect("a time"));
            wait_until_free(&data);
            let log = faults::open(&data, clock, FaultyDisk::new(None), 64 * 1024).expect("a new log opens");
            let log: Arc<dyn EventLog> = Arc::new(log);
            let views = data.join("views");
            let runtime =
                Runtime::open(Arc::clone(&log), &views, throughline_cli::projectors()).expect("views open");
            for portion in part {
                time.store(portion.recorded_at.as_microsecond(), Ordering::SeqCst);
                log.append(portion.drafts.clone(), &[]).expect("the log takes what was made up");
            }
            runtime.catch_up().expect("the views follow");
            runtime.stop();
        }
        let drafts: Vec<&Draft> = portions.iter().flat_map(|portion| &portion.drafts).collect();
        let journeys: std::collections::BTreeSet<_> = drafts.iter().map(|draft| draft.journey).collect();
        let asked = journeys
            .iter()
            .map(|journey| format!("journey {journey}\n"))
            .chain(drafts.iter().map(|draft| format!("event {}\n", draft.event_id)));
        fs::write(dir.path().join("asked"), asked.collect::<String>()).expect("the list of what to ask");
        let mut whole = Self { dir, files: Vec::new(), answers: Answers::new() };
        let first = whole.read(&data, false);
        assert!(first.errors.is_empty() && first.failed.is_none(), "{first:?}");
        whole.answers = first.answers;
        // A service has stopped here before, so that sled has a snapshot of what it is opened with.
        let again = whole.read(&data, false);
        assert_eq!(again.answers, whole.answers);
        whole.files = below(&data).into_iter().map(|path| (path.clone(), used(&data.join(path)))).collect();
        whole.files.retain(|(_, used)| *used > 0);
        whole
    }

    /// Another copy, whole.
    pub fn copy(&self) -> TempDir {
        let to = TempDir::new().expect("a temporary directory");
        copy(&self.dir.path().join("data"), &to.path().join("data"));
        to
    }

    /// Reads everything there is to read, in a process of its own.
    pub fn read(&self, data: &Path, repaired: bool) -> Read {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reader"));
        command.arg(data).arg(self.dir.path().join("asked"));
        if repaired {
            command.arg("repair");
        }
        let out = data.parent().expect("it lies in a directory").join("said");
        let err = out.with_extension("err");
        let file = |path: &Path| fs::File::create(path).expect("a file beside the data");
        let mut child = command
            .stdin(Stdio::null())
            .stdout(file(&out))
            .stderr(file(&err))
            .spawn()
            .expect("the reader starts");
        let mut failed = Some("it hangs".to_owned());
        for _ in 0..PATIENCE_TRIES {
            if let Some(status) = child.try_wait().expect("a child") {
                failed = (!status.success()).then(|| status.to_string());
                break;
            }
            thread::sleep(PATIENCE_STEP);
        }
        let _ = child.kill();
        let _ = child.wait();
        let words = fs::read_to_string(&err).unwrap_or_default();
        let failed = failed.map(|failed| format!("{failed}: {words}"));
        let mut read = Read { answers: Answers::new(), errors: Vec::new(), failed };
        for line in fs::read_to_string(&out).expect("what it said").lines() {
            if let Some(error) = line.strip_prefix("error ") {
                read.errors.push(error.to_owned());
            } else if let Some((what, answer)) = line.rsplit_once(' ') {
                read.answers.insert(what.to_owned(), answer.to_owned());
            }
        }
        read
    }
}

/// Files below a directory, in order, by their paths from there.
fn below(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = files(dir).into_iter().map(|(name, _)| name.into()).collect();
    for entry in fs::read_dir(dir).expect("a directory").flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            let name = PathBuf::from(entry.file_name());
            found.extend(below(&entry.path()).into_iter().map(|path| name.join(path)));
        }
    }
    found.sort();
    found
}

/// Bytes up to the last that is not zero: sled makes its files long before it fills them.
fn used(path: &Path) -> usize {
    let bytes = fs::read(path).expect("a file");
    bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)
}
