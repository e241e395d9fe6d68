//! The data directory: what lies where, who holds it, opening it.

use std::{
    error, fmt, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result, bail};
use throughline_access::Access;
use throughline_log::{Error as LogError, EventLog, Log, MasterKey};
use throughline_runtime::Runtime;

use crate::{clock::Clock, left, master::Outside, output, projectors};

/// Where accounts and the access log are in a data directory.
pub const ACCESS: &str = "access";

/// The parts of a data directory.
#[derive(Debug, Clone)]
pub struct Data {
    root: PathBuf,
    master: Option<Outside>,
    /// Whether a person is told of a master key that is made.
    tells: bool,
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
        Self { root: root.into(), master: None, tells: false }
    }

    /// The data directory that a command is about, with the master key where it comes from outside.
    pub fn named(root: impl Into<PathBuf>, master: Option<Outside>) -> Self {
        Self { root: root.into(), master, tells: true }
    }

    /// Another directory under the same master key.
    #[must_use]
    pub fn beside(&self, root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), ..self.clone() }
    }

    /// The master key from outside, where there is one.
    pub fn master(&self) -> Option<&MasterKey> {
        self.master.as_ref().map(|outside| &outside.key)
    }

    /// The master key of every log in the directory, wherever it comes from.
    pub fn one_master(&self) -> Result<MasterKey> {
        match self.master() {
            Some(master) => Ok(master.clone()),
            None => Ok(MasterKey::read(&self.master_file())?),
        }
    }

    /// Where the master key comes from.
    pub fn master_from(&self) -> String {
        self.master
            .as_ref()
            .map_or_else(|| self.master_file().display().to_string(), |outside| outside.from.clone())
    }

    /// Where the master key is kept unless it comes from outside.
    pub fn master_file(&self) -> PathBuf {
        self.root.join("keys").join("master.key")
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
        let made = self.master.is_none() && !self.master_file().exists();
        let log = match self.master() {
            None => Log::open(&self.root, clock),
            Some(master) => Log::open_with_key(&self.root, master, clock),
        };
        let log = log.map_err(|error| self.told(error))?;
        if made && self.tells {
            output::say(format!(
                "a master key was made in {}: keep a copy of it away from this machine, for without it nothing can be read",
                self.master_file().display()
            ));
        }
        // Whoever has the log is the only one: a note that is still here is of a server that was killed.
        drop(Serving(self.served_at_path()));
        Ok(log)
    }

    /// Where accounts and the access log are: a log of their own, which goes where the record goes.
    pub fn access(&self) -> PathBuf {
        self.root.join(ACCESS)
    }

    /// Where deeds are left for whoever opens the access log next.
    pub fn deeds(&self) -> PathBuf {
        self.root.join("deeds")
    }

    /// Opens accounts and the access log.
    pub fn open_access(&self, clock: Clock) -> Result<Arc<Access>> {
        // One that is being restored is no place for accounts yet.
        throughline_log::check_format(&self.root)?;
        throughline_log::check_no_backup(&self.root)?;
        let master = self.one_master()?;
        let log =
            Log::open_with_key(&self.access(), &master, clock.clone()).map_err(|error| self.told(error))?;
        let access = Arc::new(Access::open(Arc::new(log), clock)?);
        // What cannot be written down now stays where it was left; what is done now says so itself.
        for (path, error) in left::take_in(&self.deeds(), &access) {
            output::say(format!("{}: {}: {error:#}", left::NOT_YET, path.display()));
        }
        Ok(access)
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
