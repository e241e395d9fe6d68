//! A place to run the binary in, and what it told.

use std::{
    ffi::OsStr,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::LazyLock,
};

use serde_json::Value as Json;
use tempfile::TempDir;

/// Clients in the data that most tests read.
pub const CLIENTS: u64 = 30;

/// A directory of its own with a data directory in it, made or not.
pub struct Place {
    dir: TempDir,
}

impl Place {
    /// A place without data.
    pub fn empty() -> Self {
        Self { dir: TempDir::new().expect("a temporary directory") }
    }

    /// A place with a copy of the made-up data.
    pub fn with_demo() -> Self {
        let place = Self::empty();
        copy(&DEMO, &place.data());
        place
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// Something beside the data.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file beside the data.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.beside(name);
        fs::write(&path, text).expect("a file beside the data");
        path.to_str().expect("a path in UTF-8").to_owned()
    }

    /// The binary with these arguments, on this place's data.
    pub fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        command(&self.data(), args)
    }

    /// Runs the binary to its end.
    pub fn run<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Told {
        Told::by(self.command(args).stdin(Stdio::null()).output().expect("the binary starts"))
    }

    /// Runs the binary with something on standard input.
    pub fn run_with<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>, input: &str) -> Told {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut stdin = child.stdin.take().expect("standard input");
        stdin.write_all(input.as_bytes()).expect("the binary reads");
        drop(stdin);
        Told::by(child.wait_with_output().expect("the binary ends"))
    }

    /// The one JSON document of a command that ends well.
    pub fn json<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Json {
        self.run(args.into_iter().map(|arg| arg.as_ref().to_owned()).chain(["--json".into()])).is(0).json()
    }

    /// How many events a log has in which nothing is wrong.
    pub fn events(&self) -> u64 {
        let verified = self.json(["verify", "--deep"]);
        assert_eq!(verified["ok"], true, "{verified}");
        verified["events"].as_u64().expect("a count")
    }

    /// How many bytes the journal has; none where there is no log yet.
    pub fn written(&self) -> u64 {
        let files = fs::read_dir(self.data().join("journal")).into_iter().flatten().flatten();
        files.filter_map(|file| file.metadata().ok()).map(|about| about.len()).sum()
    }

    /// The ids of a journey's events, in the order recorded.
    pub fn ids(&self, journey: &str) -> Vec<String> {
        let history = self.json(["history", journey]);
        let events = history["events"].as_array().expect("events");
        events.iter().map(|event| event["id"].as_str().expect("an id").to_owned()).collect()
    }
}

/// The binary with these arguments, on this data.
pub fn command<S: AsRef<OsStr>>(data: &Path, args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_throughline"));
    command
        .env_remove("THROUGHLINE_DATA")
        .env_remove("THROUGHLINE_MASTER_KEY")
        .env_remove("THROUGHLINE_MASTER_KEY_FILE")
        .env_remove("THROUGHLINE_LOG")
        .arg("--data")
        .arg(data)
        .args(args);
    command
}

/// The made-up data, made once and copied by those who need it.
static DEMO: LazyLock<PathBuf> = LazyLock::new(|| {
    let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo");
    if data.exists() {
        fs::remove_dir_all(&data).expect("the data of an earlier run goes");
    }
    let clients = CLIENTS.to_string();
    let made = command(&data, ["demo", "--no-serve", "--json", "--clients", &clients]).output();
    let summary = Told::by(made.expect("the binary starts")).is(0).json();
    assert_eq!(summary["clients"], CLIENTS);
    assert!(summary["events"].as_u64().is_some_and(|events| events > 1_000), "{summary}");
    assert!(summary["seconds"].is_f64(), "{summary}");
    data
});

/// A path as an argument.
pub fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

/// Copies a directory whole.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file is copied");
        }
    }
}

/// What a run of the binary told.
#[derive(Debug, Clone)]
pub struct Told {
    /// Its exit status; none where a signal ended it.
    pub status: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Told {
    /// What this output says.
    pub fn by(output: Output) -> Self {
        Self {
            status: output.status.code(),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// Fails unless it ended like this.
    #[track_caller]
    pub fn is(self, status: i32) -> Self {
        assert_eq!(self.status, Some(status), "{self:#?}");
        assert!(!self.err.contains("panicked"), "{self:#?}");
        self
    }

    /// Fails unless it could not or would not, said nothing on standard output, and named each of these on the other.
    #[track_caller]
    pub fn refuses(self, status: i32, says: &[&str]) -> Self {
        let told = self.is(status);
        assert_eq!(told.out, "", "a refusal is told on standard error");
        for word in says {
            assert!(told.err.contains(word), "`{word}` is not in: {}", told.err);
        }
        told
    }

    /// Standard output as the one JSON document it must be.
    #[track_caller]
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("not one JSON document: {error}\n{}", self.out))
    }
}
