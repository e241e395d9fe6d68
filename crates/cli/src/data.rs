//! The data directory: what lies where, who holds it, opening it.

use std::{
    error, fmt, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result, bail};
use throughline_access::Access;
use throughline_log::{Error as LogError, EventLog, Log};
use throughline_runtime::Runtime;

use crate::{clock::Clock, projectors};

/// The parts of a data directory.
#[derive(Debug, Clone)]
pub struct Data {
    root: PathBuf,
}

/// A log with its views.
pub struct Opened {
    /// The log.
    pub log: Arc<Log>,
    /// The views.
    pub runtime: Arc<Runtime>,
}

impl Data {
    /// A data directory, there or not.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The directory itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where views are kept. They hold nothing that the log does not.
    pub fn views(&self) -> PathBuf {
        self.root.join("views")
    }

    /// Whether there is a log.
    pub fn exists(&self) -> bool {
        ["FORMAT", "sled", "journal"].iter().any(|part| self.root.join(part).exists())
    }

    /// Opens the log and its views; `clock` gives recording times.
    pub fn open(&self, clock: Clock) -> Result<Opened> {
        let log = Arc::new(self.open_log(clock)?);
        let seam: Arc<dyn EventLog> = log.clone();
        let runtime = Runtime::open(seam, &self.views(), projectors())?;
        Ok(Opened { log, runtime })
    }

    /// Opens what is there; refuses to make a new log by mistake.
    pub fn open_existing(&self, clock: Clock) -> Result<Opened> {
        self.require()?;
        self.open(clock)
    }

    /// Refuses where there is no log to open.
    pub fn require(&self) -> Result<()> {
        if !self.exists() {
            bail!(
                "{} holds no log; name another directory with --data, or make one with `throughline demo`, \
                 `throughline import`, `throughline restore` or `throughline serve`",
                self.root.display()
            );
        }
        Ok(())
    }

    /// Opens the log alone.
    pub fn open_log(&self, clock: Clock) -> Result<Log> {
        let log = Log::open(&self.root, clock).map_err(|error| self.told(error))?;
        // Whoever has the log is the only one: a note that is still here is of a server that was killed.
        drop(Serving(self.served_at_path()));
        Ok(log)
    }

    /// Where accounts and the access log are: a log of their own, which goes where the record goes.
    pub fn access(&self) -> PathBuf {
        self.root.join("access")
    }

    /// Opens accounts and the access log.
    pub fn open_access(&self, clock: Clock) -> Result<Arc<Access>> {
        let log = Log::open(&self.access(), clock.clone()).map_err(|error| self.told(error))?;
        Ok(Arc::new(Access::open(Arc::new(log), clock)?))
    }

    /// The log's error; where a server has the directory, who to ask.
    pub fn told(&self, error: LogError) -> anyhow::Error {
        match (error, self.served_at()) {
            (LogError::Locked(path), Some(url)) => Held { path, url }.into(),
            (error, _) => error.into(),
        }
    }

    /// The address of the server that holds the directory, if one said so.
    pub fn served_at(&self) -> Option<String> {
        fs::read_to_string(self.served_at_path())
            .ok()
            .map(|url| url.trim().to_owned())
            .filter(|url| !url.is_empty())
    }

    /// Says where the directory is served, until dropped.
    pub fn serving(&self, url: &str) -> Result<Serving> {
        let path = self.served_at_path();
        fs::write(&path, url).with_context(|| format!("{} cannot be written", path.display()))?;
        Ok(Serving(path))
    }

    fn served_at_path(&self) -> PathBuf {
        self.root.join("served-at")
    }
}

/// A running server has the directory.
#[derive(Debug)]
pub struct Held {
    /// The directory.
    pub path: PathBuf,
    /// Where the server answers.
    pub url: String,
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, url } = self;
        write!(f, "{} is held by a running server; ask it at {url}, or stop it first", path.display())
    }
}

impl error::Error for Held {}

/// Takes the note of the server's address away when it stops.
pub struct Serving(PathBuf);

impl Drop for Serving {
    fn drop(&mut self) {
        match fs::remove_file(&self.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%error, path = %self.0.display(), "the note of this server's address stays behind");
            }
            _ => {}
        }
    }
}
