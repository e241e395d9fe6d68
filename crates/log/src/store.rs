//! Frames in sled, each under its first position; the newest wait in memory on their way there.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    time::Duration,
};

use sled::IVec;
use throughline_domain::Position;

use crate::{
    Error,
    codec::Malformed,
    frame::Frame,
    frame_cache::{FrameCache, VerifiedFrame},
    pending::Pending,
    pieces::{Pieces, Whole},
    record::Hash,
};

/// Bytes that sled may keep in memory for frames.
const CACHE_BYTES: u64 = 256 * 1024 * 1024;

/// How often sled writes out what it has in memory. What it has not is in the journal.
const FLUSH_EVERY_MS: u64 = 500;

/// How long files of a dropped sled are waited for: 500 times 10 ms.
const RELEASE_TRIES: u32 = 500;
const RELEASE_WAIT: Duration = Duration::from_millis(10);

/// The frames of one log.
pub(crate) struct Store {
    path: PathBuf,
    db: sled::Db,
    frames: Pieces,
    cache: FrameCache,
    /// The newest frames, on their way to sled.
    pub(crate) pending: Pending,
}

/// A frame as stored, under the position that it should begin at.
#[derive(Clone)]
pub(crate) struct Kept {
    pub first: u64,
    pub bytes: IVec,
}

/// Where the log ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct End {
    /// How many events there are.
    pub events: u64,
    /// Hash of the last frame.
    pub hash: Hash,
    /// When its last event was recorded, in microseconds.
    pub recorded_at: i64,
}

impl Store {
    /// Opens the frames in `path`.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let db = open_sled(path, CACHE_BYTES)?;
        let frames = Pieces(guarded(path, || db.open_tree("frames"))?);
        Ok(Self {
            path: path.to_owned(),
            db,
            frames,
            cache: FrameCache::default(),
            pending: Pending::default(),
        })
    }

    /// Puts a frame where it can be read. It is durable by the journal.
    pub(crate) fn put(&self, first: u64, frame: &[u8]) -> Result<(), Error> {
        guarded(&self.path, || self.frames.put(first, frame))
    }

    /// Takes out what stands under a position at which no frame begins.
    pub(crate) fn remove(&self, first: u64) -> Result<(), Error> {
        guarded(&self.path, || self.frames.remove(first))
    }

    /// Whether anything stands at this position or later.
    pub(crate) fn reaches(&self, position: u64) -> Result<bool, Error> {
        if self.pending.at_or_before(u64::MAX).is_some_and(|newest| newest.first >= position) {
            return Ok(true);
        }
        guarded(&self.path, || self.frames.reaches(position))
    }

    /// Where the frames are.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The last frame.
    pub(crate) fn last(&self) -> Result<Option<Kept>, Error> {
        if let Some(newest) = self.pending.at_or_before(u64::MAX) {
            return Ok(Some(newest));
        }
        guarded(&self.path, || self.frames.last())?.map(|whole| self.kept(whole)).transpose()
    }

    /// Where the log ends, by its last frame.
    pub(crate) fn end(&self) -> Result<End, Error> {
        let Some(kept) = self.last()? else { return Ok(End::default()) };
        let frame = self.check(&kept)?;
        let records = frame.records().map_err(|error| self.damaged(kept.first, error))?;
        let recorded_at = records.last().map_or(0, |(_, _, record)| record.recorded_at);
        Ok(End { events: frame.end(), hash: crate::frame::hash(&kept.bytes), recorded_at })
    }

    /// The frame that begins here.
    pub(crate) fn frame(&self, first: u64) -> Result<Kept, Error> {
        // What leaves the pending frames meanwhile is in sled by then.
        if let Some(newest) = self.pending.get(first) {
            return Ok(newest);
        }
        match guarded(&self.path, || self.frames.get(first))? {
            Some(bytes) => Ok(Kept { first, bytes }),
            None => Err(self.damaged(first, Malformed("the frame is missing".to_owned()))),
        }
    }

    /// The frame that begins here, verified; kept for a while, for reads of single events.
    pub(crate) fn verified(&self, first: u64) -> Result<VerifiedFrame, Error> {
        self.cache
            .get(first, || VerifiedFrame::of(self.frame(first)?).map_err(|error| self.damaged(first, error)))
    }

    /// The frame that holds this position, or the last one before it.
    pub(crate) fn holding(&self, position: u64) -> Result<Option<Kept>, Error> {
        if let Some(newest) = self.pending.at_or_before(position) {
            return Ok(Some(newest));
        }
        let found = guarded(&self.path, || self.frames.at_or_before(position))?;
        found.map(|whole| self.kept(whole)).transpose()
    }

    /// Hash of the frame that holds the last of so many events; zeros where there is none.
    pub(crate) fn head(&self, events: u64) -> Result<Hash, Error> {
        let last = events.checked_sub(1).map(|last| self.holding(last)).transpose()?.flatten();
        Ok(last.map_or([0; 32], |kept| crate::frame::hash(&kept.bytes)))
    }

    /// Frames that begin at `from` or later and before `end`, in their order, until they take `bytes`.
    pub(crate) fn portion(&self, from: u64, end: u64, bytes: usize) -> Result<Vec<Kept>, Error> {
        let (oldest, newest) = self.pending.range(from, end);
        let end = oldest.map_or(end, |oldest| oldest.min(end));
        let in_sled = guarded(&self.path, || self.frames.range(from, end, bytes))?;
        let mut taken: usize = in_sled.iter().map(|whole| whole.bytes.len()).sum();
        let mut portion = in_sled.into_iter().map(|whole| self.kept(whole)).collect::<Result<Vec<_>, _>>()?;
        for kept in newest {
            if taken >= bytes {
                break;
            }
            taken += kept.bytes.len();
            portion.push(kept);
        }
        Ok(portion)
    }

    /// The frame's parts, its checksum verified.
    pub(crate) fn check<'a>(&self, kept: &'a Kept) -> Result<Frame<'a>, Error> {
        Frame::parse(&kept.bytes, kept.first).map_err(|error| self.damaged(kept.first, error))
    }

    /// What is found to be wrong with the frames.
    #[allow(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
    pub(crate) fn damaged(&self, position: u64, error: Malformed) -> Error {
        Error::Damaged { file: self.path.display().to_string(), position: Position(position), what: error.0 }
    }

    /// Writes out what is still in memory.
    pub(crate) fn flush(&self) -> Result<(), Error> {
        guarded(&self.path, || self.db.flush().map(drop))
    }

    fn kept(&self, Whole { first, bytes }: Whole) -> Result<Kept, Error> {
        let first = first.ok_or_else(|| self.damaged(0, Malformed("a frame has no position".to_owned())))?;
        Ok(Kept { first, bytes })
    }
}

/// Opens a sled directory. The directory's own lock says that nobody else has it; but threads of a sled that was just
/// dropped can hold its files for a moment more, and are waited for.
pub(crate) fn open_sled(path: &Path, cache_bytes: u64) -> Result<sled::Db, Error> {
    let open = || {
        let config = sled::Config::new().path(path).cache_capacity(cache_bytes);
        config.flush_every_ms(Some(FLUSH_EVERY_MS)).open()
    };
    for _ in 0..RELEASE_TRIES {
        match guarded(path, open) {
            Err(Error::Io { source, .. }) if source.to_string().starts_with("could not acquire lock") => {
                std::thread::sleep(RELEASE_WAIT);
            }
            opened => return opened,
        }
    }
    Err(Error::Locked(path.to_owned()))
}

/// Runs something with sled, which panics where its own files are damaged.
pub(crate) fn guarded<T>(path: &Path, run: impl FnOnce() -> sled::Result<T>) -> Result<T, Error> {
    let damaged =
        |what: String| Error::Damaged { file: path.display().to_string(), position: Position(0), what };
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(sled::Error::Io(source))) => Err(Error::Io { path: path.to_owned(), source }),
        Ok(Err(error)) => Err(damaged(error.to_string())),
        Err(panic) => {
            let words = panic.downcast_ref::<String>().map(String::as_str);
            let words = words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given");
            Err(damaged(format!("sled cannot read its files: {words}")))
        }
    }
}
