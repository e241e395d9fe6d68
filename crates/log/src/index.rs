//! What is derived from the frames: event id → position, journey → places of its events, journey → its head. Never
//! in the commit path, never synced, made again when it is missing.
//!
//! New entries are kept in memory ([`Overlay`]) and written to sled in the background in the order of their keys; the
//! head is written after the entries it covers. So a crash leaves entries past the head at most, and those are
//! written again to the same values.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Condvar, Mutex, PoisonError, RwLock},
};

use throughline_domain::{EventId, JourneyId};

use crate::{
    Error,
    overlay::{Found, Head, Indexed, Overlay, Place},
    record::Hash,
    store::{Store, guarded, open_sled},
};

/// Bytes that sled may keep in memory for the index.
const CACHE_BYTES: u64 = 128 * 1024 * 1024;

/// Events that may wait in memory; an append waits for the index beyond that.
const WAITING_MAX: usize = 200_000;

/// Events written to sled between two heads.
const STEP_EVENTS: usize = 20_000;

/// Bytes of frames read at a time when the index is made again.
const REPLAY_BYTES: usize = 8 * 1024 * 1024;

/// Under which key the index keeps its head. Another layout of the trees gets another key, so that an index of the old
/// layout counts as none and is made again.
const DONE: &[u8] = b"done.1";

/// Bytes of one place: u64 position and u32 place in the frame's body, big-endian.
const PLACE_BYTES: usize = 12;

/// The index of one log.
pub(crate) struct Index {
    path: PathBuf,
    db: sled::Db,
    ids: sled::Tree,
    places: sled::Tree,
    heads: sled::Tree,
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

impl Index {
    /// Opens the index and brings it up to the end of the frames.
    pub(crate) fn open(path: &Path, store: &Store, end_events: u64) -> Result<Self, Error> {
        let index = match Self::open_trees(path) {
            Ok(index) => index,
            // Everything in it can be made again; what sled cannot open is not worth keeping.
            Err(Error::Damaged { .. }) => Self::anew(path)?,
            Err(error) => return Err(error),
        };
        let (done, hash) = index.done()?;
        if done > end_events {
            return Err(Error::Damaged {
                file: path.display().to_string(),
                position: throughline_domain::Position(end_events),
                what: format!(
                    "the index has {done} events and the frames only {end_events}: the newest frames were lost"
                ),
            });
        }
        let index = if index.follows(store, done, hash)? {
            index
        } else {
            drop(index);
            Self::anew(path)?
        };
        index.replay(store, end_events)?;
        Ok(index)
    }

    fn open_trees(path: &Path) -> Result<Self, Error> {
        let db = open_sled(path, CACHE_BYTES, None)?;
        let tree = |name| guarded(path, || db.open_tree(name));
        Ok(Self {
            path: path.to_owned(),
            ids: tree("ids")?,
            places: tree("places")?,
            heads: tree("heads")?,
            db,
            overlay: RwLock::default(),
            waiting: Mutex::default(),
            changed: Condvar::new(),
        })
    }

    fn anew(path: &Path) -> Result<Self, Error> {
        tracing::warn!(path = %path.display(), "the index does not fit the log and is made again");
        fs::remove_dir_all(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
        Self::open_trees(path)
    }

    /// How many events are in sled, and the hash of the frame that ends there.
    fn done(&self) -> Result<(u64, Hash), Error> {
        let done = guarded(&self.path, || self.db.get(DONE))?;
        Ok(done
            .as_deref()
            .and_then(|bytes| bytes.split_first_chunk::<8>())
            .and_then(|(events, hash)| Some((u64::from_be_bytes(*events), hash.try_into().ok()?)))
            .unwrap_or((0, [0; 32])))
    }

    /// Whether the index was made from these frames.
    fn follows(&self, store: &Store, done: u64, hash: Hash) -> Result<bool, Error> {
        if done == 0 {
            return guarded(&self.path, || self.ids.first()).map(|first| first.is_none());
        }
        let Some(last) = store.holding(done - 1)? else { return Ok(false) };
        Ok(crate::frame::hash(&last.bytes) == hash)
    }

    fn replay(&self, store: &Store, end_events: u64) -> Result<(), Error> {
        let (mut from, _) = self.done()?;
        while from < end_events {
            let mut frames = Vec::new();
            for kept in store.portion(from, end_events, REPLAY_BYTES)? {
                let frame = store.check(&kept)?;
                if frame.first != from {
                    let what = format!("the frame at {from} is missing");
                    return Err(store.damaged(from, crate::codec::Malformed(what)));
                }
                from = frame.end();
                let indexed = Indexed::of(&frame, crate::frame::hash(&kept.bytes));
                frames.push(indexed.map_err(|error| store.damaged(kept.first, error))?);
            }
            if frames.is_empty() {
                let what = "the frame is missing".to_owned();
                return Err(store.damaged(from, crate::codec::Malformed(what)));
            }
            self.write(&frames)?;
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
                let idle = |waiting: &mut Waiting| waiting.events == 0 && !waiting.closing;
                let waiting = self.changed.wait_while(waiting, idle).unwrap_or_else(PoisonError::into_inner);
                if waiting.events == 0 {
                    break;
                }
            }
            let frames = self.overlay.read().unwrap_or_else(PoisonError::into_inner).oldest(STEP_EVENTS);
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
        if let Err(error) = guarded(&self.path, || self.db.flush()) {
            tracing::warn!(%error, "the index was not flushed; the next open makes up for it");
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
        let value = guarded(&self.path, || self.ids.get(event.bytes()))?;
        value.map(|bytes| Found::read(&bytes).ok_or_else(|| self.damaged())).transpose()
    }

    /// A journey's head; none for an unknown one.
    pub(crate) fn head(&self, journey: JourneyId) -> Result<Option<Head>, Error> {
        if let Some(head) = self.overlay.read().unwrap_or_else(PoisonError::into_inner).head(journey) {
            return Ok(Some(head));
        }
        let value = guarded(&self.path, || self.heads.get(journey.bytes()))?;
        value.map(|bytes| Head::read(&bytes).ok_or_else(|| self.damaged())).transpose()
    }

    /// Where a journey's events below `end` are, by position.
    pub(crate) fn places(&self, journey: JourneyId, end: u64) -> Result<Vec<(u64, Place)>, Error> {
        // The overlay first: what moves to sled meanwhile is then seen twice, never missed.
        let newest = self.overlay.read().unwrap_or_else(PoisonError::into_inner).places(journey);
        let of_frames =
            guarded(&self.path, || self.places.scan_prefix(journey.bytes()).collect::<Result<Vec<_>, _>>())?;
        let mut places = BTreeMap::new();
        for (key, value) in of_frames {
            let frame = key.get(16..).and_then(|frame| frame.try_into().ok()).map(u64::from_be_bytes);
            let frame = frame.ok_or_else(|| self.damaged())?;
            for place in value.chunks(PLACE_BYTES) {
                let (position, offset) = read_place(place).ok_or_else(|| self.damaged())?;
                places.insert(position, Place { frame, offset });
            }
        }
        places.extend(newest);
        Ok(places.into_iter().take_while(|(position, _)| *position < end).collect())
    }

    /// Writes the entries of these frames to sled, and then the head.
    fn write(&self, frames: &[impl std::borrow::Borrow<Indexed>]) -> Result<(), Error> {
        let Some(last) = frames.last() else { return Ok(()) };
        let entries = || frames.iter().flat_map(|frame| frame.borrow().entries.iter());
        let mut ids: Vec<_> = entries().map(|entry| (entry.event_id, entry.found())).collect();
        ids.sort_unstable_by_key(|(id, _)| *id);
        // All places of a journey in one frame are one value.
        let mut places: BTreeMap<[u8; 24], Vec<u8>> = BTreeMap::new();
        for entry in entries() {
            let mut key = [0; 24];
            key[..16].copy_from_slice(&entry.journey.bytes());
            key[16..].copy_from_slice(&entry.place.frame.to_be_bytes());
            let value = places.entry(key).or_default();
            value.extend_from_slice(&entry.position.to_be_bytes());
            value.extend_from_slice(&entry.place.offset.to_be_bytes());
        }
        // Entries come in the order of positions, so the last of a journey is its head.
        let heads: BTreeMap<JourneyId, Head> = entries().map(|entry| (entry.journey, entry.head())).collect();
        guarded(&self.path, || {
            for (id, found) in &ids {
                self.ids.insert(id.bytes(), &found.bytes())?;
            }
            for (key, value) in &places {
                self.places.insert(key, value.as_slice())?;
            }
            for (journey, head) in &heads {
                self.heads.insert(journey.bytes(), &head.bytes()[..])?;
            }
            let last = last.borrow();
            self.db.insert(DONE, [last.end.to_be_bytes().as_slice(), &last.hash].concat()).map(drop)
        })
    }

    fn damaged(&self) -> Error {
        Error::Damaged {
            file: self.path.display().to_string(),
            position: throughline_domain::Position(0),
            what: "an entry of the index cannot be read; stop the service and delete this directory, it is made again"
                .to_owned(),
        }
    }
}

fn read_place(bytes: &[u8]) -> Option<(u64, u32)> {
    let (position, offset) = bytes.split_first_chunk()?;
    Some((u64::from_be_bytes(*position), u32::from_be_bytes(offset.try_into().ok()?)))
}
