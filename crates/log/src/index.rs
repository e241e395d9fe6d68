//! What is derived from the frames: event id → position, journey → places of its events, journey → its head. Never
//! in the commit path, made again when it is missing.
//!
//! New entries are kept in memory ([`Overlay`]) and written in the background, some ten thousands at a time, as a run
//! that is never changed ([`Run`]); eight runs of one size become one ([`Runs`]). A run appears under its name once it
//! is whole, so a crash costs the entries that were still in memory, and the next open makes them from the frames.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, PoisonError, RwLock},
};

use throughline_domain::{EventId, JourneyId, Position};

use crate::{
    Error,
    overlay::{Found, Head, Indexed, Overlay, Place},
    record::Hash,
    run::Run,
    runs::Runs,
    store::Store,
};

/// Events that may wait in memory; an append waits for the index beyond that.
const WAITING_MAX: usize = 200_000;

/// Events of a run written while the log is open: so many, or fewer where the log is closed.
const RUN_EVENTS: usize = 65_536;

/// Events of a run where the index is made from the frames.
const REPLAY_EVENTS: u64 = 262_144;

/// Bytes of frames read at a time when the index is made again.
const REPLAY_BYTES: usize = 8 * 1024 * 1024;

/// The index of one log.
pub(crate) struct Index {
    path: PathBuf,
    runs: Runs,
    overlay: RwLock<Overlay>,
    /// Events that wait in the overlay, and whether the log is being closed.
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    events: usize,
    closing: bool,
    failed: bool,
}

/// How many events the index in this directory knows, by the names of its runs alone; 0 where there is none. They were
/// acknowledged: frames that end earlier have lost some.
pub(crate) fn events_on_disk(path: &Path) -> u64 {
    let ends = fs::read_dir(path).into_iter().flatten().flatten().filter_map(|entry| {
        let name = entry.file_name();
        name.to_str()?.strip_suffix(".run")?.split_once('-')?.1.parse().ok()
    });
    ends.max().unwrap_or(0)
}

impl Index {
    /// Opens the index and brings it up to the end of the frames.
    pub(crate) fn open(path: &Path, store: &Store, end_events: u64) -> Result<Self, Error> {
        let mut index = Self::open_runs(path)?;
        let (done, hash) = index.done();
        if done > end_events {
            return Err(Error::Damaged {
                file: path.display().to_string(),
                position: Position(end_events),
                what: format!(
                    "the index has {done} events and the frames only {end_events}: the newest frames were lost"
                ),
            });
        }
        if !follows(store, done, hash)? {
            tracing::warn!(path = %path.display(), "the index does not fit the log and is made again");
            drop(index);
            fs::remove_dir_all(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
            index = Self::open_runs(path)?;
        }
        index.replay(store, end_events)?;
        Ok(index)
    }

    fn open_runs(path: &Path) -> Result<Self, Error> {
        let runs = Runs::open(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
        Ok(Self {
            path: path.to_owned(),
            runs,
            overlay: RwLock::default(),
            waiting: Mutex::default(),
            changed: Condvar::new(),
        })
    }

    /// How many events are in runs, and the hash of the frame that ends there.
    fn done(&self) -> (u64, Hash) {
        self.runs.all().last().map_or((0, [0; 32]), |run| (run.end, run.hash))
    }

    fn replay(&self, store: &Store, end_events: u64) -> Result<(), Error> {
        let (mut from, _) = self.done();
        let (mut frames, mut begun) = (Vec::new(), from);
        while from < end_events {
            let before = from;
            for kept in store.portion(from, end_events, REPLAY_BYTES)? {
                let frame = store.check(&kept)?;
                if frame.first != from {
                    break;
                }
                from = frame.end();
                let indexed = Indexed::of(&frame, crate::frame::hash(&kept.bytes));
                frames.push(Arc::new(indexed.map_err(|error| store.damaged(kept.first, error))?));
            }
            if from == before {
                let what = format!("the frame at {from} is missing");
                return Err(store.damaged(from, crate::codec::Malformed(what)));
            }
            if from - begun >= REPLAY_EVENTS || from >= end_events {
                self.write(&frames)?;
                frames.clear();
                begun = from;
            }
        }
        Ok(())
    }

    /// Takes a committed frame. Waits where the background is far behind.
    pub(crate) fn add(&self, frame: Indexed) {
        let events = frame.entries.len();
        self.overlay.write().unwrap_or_else(PoisonError::into_inner).add(frame);
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.events += events;
        self.changed.notify_all();
        let behind = |waiting: &mut Waiting| waiting.events > WAITING_MAX && !waiting.failed;
        drop(self.changed.wait_while(waiting, behind).unwrap_or_else(PoisonError::into_inner));
    }

    /// Writes what waits, until the log is closed and nothing waits any more. Runs on a thread of its own.
    pub(crate) fn work(&self) {
        loop {
            {
                let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
                let idle = |waiting: &mut Waiting| waiting.events < RUN_EVENTS && !waiting.closing;
                let waiting = self.changed.wait_while(waiting, idle).unwrap_or_else(PoisonError::into_inner);
                if waiting.events == 0 {
                    return;
                }
            }
            let frames = self.overlay.read().unwrap_or_else(PoisonError::into_inner).oldest(RUN_EVENTS);
            if let Err(error) = self.write(&frames) {
                // The overlay goes on answering, and the next open makes up for what is missing.
                tracing::error!(%error, "the index is not written any more; restart the service");
                self.waiting.lock().unwrap_or_else(PoisonError::into_inner).failed = true;
                self.changed.notify_all();
                return;
            }
            self.overlay.write().unwrap_or_else(PoisonError::into_inner).forget(frames.len());
            let written: usize = frames.iter().map(|frame| frame.entries.len()).sum();
            self.waiting.lock().unwrap_or_else(PoisonError::into_inner).events -= written;
            self.changed.notify_all();
        }
    }

    /// Lets [`Index::work`] come to its end.
    pub(crate) fn close(&self) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).closing = true;
        self.changed.notify_all();
    }

    /// Where the event with this id is.
    pub(crate) fn find(&self, event: EventId) -> Result<Option<Found>, Error> {
        if let Some(found) = self.overlay.read().unwrap_or_else(PoisonError::into_inner).find(event) {
            return Ok(Some(found));
        }
        self.newest_of(|run| run.find(&event.bytes()))
    }

    /// A journey's head; none for an unknown one.
    pub(crate) fn head(&self, journey: JourneyId) -> Result<Option<Head>, Error> {
        if let Some(head) = self.overlay.read().unwrap_or_else(PoisonError::into_inner).head(journey) {
            return Ok(Some(head));
        }
        self.newest_of(|run| run.head(&journey.bytes()))
    }

    /// Where a journey's events below `end` are, by position.
    pub(crate) fn places(&self, journey: JourneyId, end: u64) -> Result<Vec<(u64, Place)>, Error> {
        // The overlay first: what becomes a run meanwhile is then seen twice, never missed.
        let newest = self.overlay.read().unwrap_or_else(PoisonError::into_inner).places(journey);
        let mut places: BTreeMap<u64, Place> = newest.into_iter().collect();
        for run in self.runs.all().iter().filter(|run| run.first < end) {
            places.extend(run.places(&journey.bytes()).map_err(|error| failed(&run.path, error))?);
        }
        Ok(places.into_iter().take_while(|(position, _)| *position < end).collect())
    }

    fn newest_of<T>(&self, look: impl Fn(&Run) -> io::Result<Option<T>>) -> Result<Option<T>, Error> {
        for run in self.runs.all().iter().rev() {
            if let Some(found) = look(run).map_err(|error| failed(&run.path, error))? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Writes the entries of these frames as a run.
    fn write(&self, frames: &[Arc<Indexed>]) -> Result<(), Error> {
        let run = Run::of(&self.path, frames).map_err(|error| failed(&self.path, error))?;
        self.runs.add(run);
        self.runs.merge(&self.path).map_err(|error| failed(&self.path, error))
    }
}

/// Whether an index with so many events, at whose end is the frame of this hash, was made from these frames.
fn follows(store: &Store, done: u64, hash: Hash) -> Result<bool, Error> {
    if done == 0 {
        return Ok(true);
    }
    let Some(last) = store.holding(done - 1)? else { return Ok(false) };
    Ok(crate::frame::hash(&last.bytes) == hash)
}

fn failed(path: &Path, error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => Error::Damaged {
            file: path.display().to_string(),
            position: Position(0),
            what: format!("{error}; stop the service and delete the directory `index`, it is made again"),
        },
        _ => Error::Io { path: path.to_owned(), source: error },
    }
}
