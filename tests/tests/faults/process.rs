//! The process that is killed, from outside.

use std::{
    collections::HashMap,
    fs,
    io::{BufRead as _, BufReader, Read as _},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread::{self, JoinHandle},
    time::Duration,
};

use throughline_log::faults::{Point, Seeded};

/// Longer than anything here takes.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// What the process is to do; see `src/bin/appender.rs`.
#[derive(Debug, Clone, Default)]
pub struct Orders {
    pub seed: u64,
    pub round: u64,
    pub writers: u64,
    /// Appends of each writer; 0 until it is killed.
    pub attempts: u64,
    pub clock_seconds: i64,
    pub segment_bytes: u64,
    /// Where it stops, and which time it comes there.
    pub point: Option<(Point, u64)>,
    pub bug: Option<Seeded>,
    /// See `Trouble`.
    pub trouble: Option<[u64; 6]>,
    pub pause_ms: u64,
    /// Whether it is refused at once where somebody has the directory.
    pub impatient: bool,
}

/// A running process; killed when dropped.
pub struct Appender {
    child: Child,
    lines: Receiver<String>,
    heard: Vec<String>,
    stderr: Option<JoinHandle<String>>,
    /// Bytes of the journal's files when it started, by name and by inode.
    pub before: Before,
}

/// The journal as it was when a process started: all of it durable.
#[derive(Debug, Clone, Default)]
pub struct Before {
    pub names: Vec<String>,
    pub bytes: HashMap<u64, u64>,
}

/// What a process said, and how it ended.
#[derive(Debug, Clone)]
pub struct Ended {
    pub lines: Vec<String>,
    pub stderr: String,
    pub before: Before,
}

impl Appender {
    /// Starts it on this directory.
    pub fn start(dir: &Path, orders: &Orders) -> Self {
        let before = Before::of(&dir.join("journal"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_appender"));
        command.arg(format!("dir={}", dir.display())).args(orders.words());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the appender starts");
        let (tell, lines) = channel();
        let stdout = child.stdout.take().expect("standard output");
        thread::spawn(move || listen(stdout, |line| tell.send(line).is_ok()));
        let mut stderr = child.stderr.take().expect("standard error");
        let stderr = thread::spawn(move || {
            let mut said = String::new();
            let _ = stderr.read_to_string(&mut said);
            said
        });
        Self { child, lines, heard: Vec::new(), stderr: Some(stderr), before }
    }

    /// Waits until it says a line that begins so, or has ended; whether it said one.
    pub fn wait_for(&mut self, begins: &str, times: u64) -> bool {
        let mut left = times;
        while left > 0 {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    left -= u64::from(line.starts_with(begins));
                    self.heard.push(line);
                }
                Err(RecvTimeoutError::Disconnected) => return false,
                Err(RecvTimeoutError::Timeout) => {
                    panic!("the appender says nothing for a minute; it said {:?}", self.heard.last())
                }
            }
        }
        true
    }

    /// Kills it as a failing machine would, and gives all that it had said.
    pub fn kill(mut self) -> Ended {
        self.child.kill().expect("it is killed or gone already");
        self.ended()
    }

    /// Waits for its end.
    pub fn wait(mut self) -> Ended {
        // It says `closed` or `refused` last; a silent end is one too.
        while self.wait_for("", 1) {}
        self.ended()
    }

    fn ended(&mut self) -> Ended {
        let status = self.child.wait().expect("it is gone");
        self.heard.extend(self.lines.iter());
        let stderr = self.stderr.take().expect("it ends once").join().expect("what it said to people");
        // Sled panics where its files are damaged, and is caught; nothing else may.
        let panics = stderr.lines().filter(|line| line.contains("panicked at"));
        assert!(panics.into_iter().all(|line| line.contains("/sled-0.34")), "{status}: {stderr}");
        Ended { lines: std::mem::take(&mut self.heard), stderr, before: std::mem::take(&mut self.before) }
    }
}

impl Drop for Appender {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Before {
    /// The journal as it is now.
    pub fn of(journal: &Path) -> Self {
        let mut before = Self::default();
        for (name, path) in files(journal) {
            if let Ok(data) = fs::metadata(&path) {
                before.bytes.insert(data.ino(), data.len());
                before.names.push(name);
            }
        }
        before
    }
}

impl Orders {
    fn words(&self) -> Vec<String> {
        let mut words = vec![
            format!("seed={}", self.seed),
            format!("round={}", self.round),
            format!("writers={}", self.writers.max(1)),
            format!("attempts={}", self.attempts),
            format!("clock={}", self.clock_seconds),
            format!("pause={}", self.pause_ms),
        ];
        if !self.impatient {
            words.push("patient=yes".to_owned());
        }
        if self.segment_bytes > 0 {
            words.push(format!("segment={}", self.segment_bytes));
        }
        if let Some((point, nth)) = self.point {
            words.push(format!("point={point}:{nth}"));
        }
        if let Some(bug) = self.bug {
            words.push(format!("bug={bug}"));
        }
        if let Some(trouble) = self.trouble {
            words.push(format!("trouble={}", trouble.map(|number| number.to_string()).join(",")));
        }
        words
    }
}

/// Reads whole lines to the end; what a killed process did not finish is no line.
fn listen(stdout: ChildStdout, mut tell: impl FnMut(String) -> bool) {
    let mut reader = BufReader::new(stdout);
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|bytes| bytes > 0) && line.ends_with('\n') {
        if !tell(line.trim_end().to_owned()) {
            return;
        }
        line.clear();
    }
}

/// Files of a directory by name, in order; none where there is no directory.
pub fn files(dir: &Path) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()))
        .collect();
    files.sort();
    files
}

/// Copies a directory whole.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a directory").flatten() {
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file is copied");
        }
    }
}
