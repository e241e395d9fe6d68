//! What is done on the directory, left beside the access log before it is done. A server may have the access log open, or
//! it may be what is to be repaired; whoever opens it next writes down what was left, once.

use std::{
    collections::BTreeMap,
    fs::{self, DirEntry, File},
    io::{self, ErrorKind, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{RecvTimeoutError, Sender, channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use anyhow::{Context as _, Error, Result};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use throughline_access::{Access, Caller, Deed};
use throughline_domain::{Actor, Code, EventId};

/// How often a server looks.
const EVERY: Duration = Duration::from_secs(5);
/// The largest deed that is read, in bytes.
const BYTES_MAX: u64 = 64 * 1024;
/// What is told where something stays where it was left.
pub const NOT_YET: &str = "what was done on the directory is not in the access log yet";

/// A deed without a client, as it is left.
#[derive(Debug, Serialize, Deserialize)]
struct Left {
    at: Timestamp,
    by: Actor,
    #[serde(flatten)]
    kind: Kind,
}

/// What kind of deed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Something is taken out.
    Exported(Code),
    /// Something is done with the record as a whole.
    Operated(Code),
}

/// Leaves a deed in this directory; durable when it returns.
pub fn leave(dir: &Path, at: Timestamp, by: Actor, kind: Kind) -> Result<()> {
    let path = dir.join(format!("{}.json", throughline_access::event_id()?));
    let write = || {
        fs::create_dir_all(dir)?;
        let mut file = tempfile::NamedTempFile::new_in(dir)?;
        file.write_all(&serde_json::to_vec(&Left { at, by, kind })?)?;
        file.as_file().sync_all()?;
        file.persist(&path)?;
        File::open(dir)?.sync_all()?;
        File::open(dir.parent().unwrap_or(dir))?.sync_all()
    };
    write().with_context(|| {
        format!("{} cannot be written, and nothing is done that cannot be written down", path.display())
    })
}

/// Writes down what was left, and takes it away. What cannot be written down stays, and keeps nothing else waiting; what
/// stays is given back, and why.
pub fn take_in(dir: &Path, access: &Access) -> BTreeMap<PathBuf, Error> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => return BTreeMap::new(),
        Err(error) => return BTreeMap::from([(dir.to_owned(), error.into())]),
        Ok(entries) => entries,
    };
    let stays = |entry: io::Result<DirEntry>| {
        let path = match entry {
            Ok(entry) => entry.path(),
            Err(error) => return Some((dir.to_owned(), error.into())),
        };
        let error = take_in_one(&path, name_of(&path)?, access).err()?;
        Some((path, error))
    };
    entries.filter_map(stays).collect()
}

fn take_in_one(path: &Path, name: EventId, access: &Access) -> Result<()> {
    let mut text = Vec::new();
    let file = File::open(path).context("it cannot be read; give it to the user whose process this is")?;
    file.take(BYTES_MAX).read_to_end(&mut text)?;
    let Left { at, by, kind } = serde_json::from_slice(&text)
        .context("it is no deed that was left; look who wrote it, and take it away")?;
    let deed = match kind {
        Kind::Exported(what) => Deed::Exported { client: None, what, purpose: None },
        Kind::Operated(what) => Deed::Operated { client: None, what },
    };
    access.record_done(Some(&Caller::operator(by)), deed, name, at)?;
    fs::remove_file(path).context("it is in the access log and cannot be taken away; take it away")
}

/// Takes in what is left while a server has the access log, until dropped.
pub struct TakingIn {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl TakingIn {
    /// Begins.
    pub fn start(dir: PathBuf, access: Arc<Access>) -> io::Result<Self> {
        let (stop, stopped) = channel();
        let work = move || {
            let mut told = BTreeMap::new();
            while stopped.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                let stays = take_in(&dir, &access);
                for (path, error) in untold(&stays, &told) {
                    tracing::warn!(path = %path.display(), error = format!("{error:#}"), "{NOT_YET}");
                }
                told = stays;
            }
        };
        let thread = thread::Builder::new().name("deeds".to_owned()).spawn(work)?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for TakingIn {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It tells its own troubles.
            let _ = thread.join();
        }
    }
}

/// What was not told when it was looked at last.
fn untold<'a>(
    stays: &'a BTreeMap<PathBuf, Error>,
    told: &BTreeMap<PathBuf, Error>,
) -> impl Iterator<Item = (&'a PathBuf, &'a Error)> {
    stays.iter().filter(|(path, _)| !told.contains_key(*path))
}

fn name_of(path: &Path) -> Option<EventId> {
    path.file_name()?.to_str()?.strip_suffix(".json")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn what_stays_is_told_once_and_what_comes_to_it_then() {
        let stays = |names: &[&str]| {
            let stay = |name: &&str| (PathBuf::from(name), anyhow!("no deed"));
            names.iter().map(stay).collect::<BTreeMap<_, _>>()
        };
        let told = |now: &[&str], before: &[&str]| {
            let (now, before) = (stays(now), stays(before));
            untold(&now, &before).map(|(path, _)| path.display().to_string()).collect::<Vec<_>>()
        };
        assert_eq!(told(&["a", "b"], &[]), ["a", "b"]);
        assert!(told(&["a", "b"], &["a", "b"]).is_empty());
        assert_eq!(told(&["a", "b", "c"], &["a", "b"]), ["c"]);
    }
}
