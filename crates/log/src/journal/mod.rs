//! The journal: the frames once more, in files that only grow. What is written here and synced is durable; sled, which
//! everything reads from, is made again from it, and it from sled.
//!
//! A segment is `journal/<first position, 16 decimal digits>.seg`: frames one after another and nothing else. It is
//! sealed once it has reached its size; the next frame begins a new one.

use std::{
    fs::{self, File},
    io::{self, ErrorKind},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

pub(crate) mod disk;
mod segment;

pub(crate) use segment::{Piece, Segment};

use crate::{Error, journal::disk::Disk, tree::Upkeep};

/// Whether a test planted this bug; never in a build without the fault suite's seams.
macro_rules! planted {
    ($journal:expr, $bug:ident) => {{
        #[cfg(any(test, feature = "faults"))]
        let planted = $journal.disk().seeded() == Some(crate::faults::Seeded::$bug);
        #[cfg(not(any(test, feature = "faults")))]
        let planted = false;
        planted
    }};
}

/// Bytes after which a segment is sealed.
const SEGMENT_BYTES: u64 = 64 * 1024 * 1024;

/// Bytes that stay free: enough for the largest commit in the journal, in sled and in the index, and for what sled has
/// not yet written. Without it the first to find the disk full would be sled, which must be opened again then.
const RESERVE_BYTES: u64 = 64 * 1024 * 1024;

/// By what the journal writes, how long its files get, and whether the log keeps its tree.
#[derive(Clone)]
pub(crate) struct Setup {
    pub disk: Arc<dyn Disk>,
    pub segment_bytes: u64,
    pub tree: Upkeep,
}

/// The journal of one log.
pub(crate) struct Journal {
    path: PathBuf,
    setup: Setup,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// First positions of all segments, ascending.
    segments: Vec<u64>,
    /// The last segment, once it was written to.
    file: Option<Arc<File>>,
    /// Its bytes.
    length: u64,
    /// Why nothing more is written.
    stopped: Option<String>,
    #[cfg(any(test, feature = "faults"))]
    held: Option<Vec<u8>>,
}

impl Default for Setup {
    fn default() -> Self {
        Self { disk: Arc::new(disk::RealDisk), segment_bytes: SEGMENT_BYTES, tree: Upkeep::Kept }
    }
}

impl Journal {
    /// The journal in `path`, made where there is none. It is written to only after [`Journal::resume`].
    pub(crate) fn open(path: &Path, setup: Setup) -> Result<Self, Error> {
        let journal = Self { path: path.to_owned(), setup, state: Mutex::default() };
        let parent = path.parent().unwrap_or(Path::new("."));
        match fs::create_dir(path) {
            Ok(()) => journal.setup.disk.sync_directory(parent).map_err(|source| io_error(parent, source))?,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(source) => return Err(io_error(path, source)),
        }
        remove_unfinished(path)?;
        journal.lock().segments = list(path)?;
        Ok(journal)
    }

    /// The directory.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// First positions of all segments, ascending.
    pub(crate) fn segments(&self) -> Vec<u64> {
        self.lock().segments.clone()
    }

    /// The file of a segment.
    pub(crate) fn file(&self, first: u64) -> PathBuf {
        self.path.join(name(first))
    }

    pub(crate) fn segment_bytes(&self) -> u64 {
        self.setup.segment_bytes
    }

    /// Reads a segment, as far as it is written.
    pub(crate) fn read(&self, first: u64) -> Result<Segment, Error> {
        let path = self.file(first);
        let bytes = fs::read(&path).map_err(|source| io_error(&path, source))?;
        Ok(Segment::parse(first, bytes, self.trusts()))
    }

    /// Whether the segment's last bytes are these.
    pub(crate) fn ends_with(&self, first: u64, bytes: &[u8]) -> Result<bool, Error> {
        let path = self.file(first);
        let read = || {
            let file = File::open(&path)?;
            let Some(at) = file.metadata()?.len().checked_sub(bytes.len() as u64) else { return Ok(false) };
            let mut found = vec![0; bytes.len()];
            file.read_exact_at(&mut found, at)?;
            Ok(found == bytes)
        };
        read().map_err(|source| io_error(&path, source))
    }

    /// Makes ready to write after `last`, the bytes of the log's last frame; none where the log is empty.
    ///
    /// They are written once more: after a failed sync the kernel may take for written what the disk never got, and
    /// only bytes that change hands again are written again. The directory is synced, for whoever made the segment may
    /// not have come to that. Where the disk refuses, the log can still be read.
    pub(crate) fn resume(&self, last: &[u8]) -> Result<(), Error> {
        let mut state = self.lock();
        let Some(first) = state.segments.last().copied() else { return Ok(()) };
        let path = self.file(first);
        let file =
            File::options().read(true).write(true).open(&path).map_err(|source| io_error(&path, source))?;
        state.length = file.metadata().map_err(|source| io_error(&path, source))?.len();
        let again = || {
            if let Some(at) = state.length.checked_sub(last.len() as u64).filter(|_| state.length > 0) {
                disk::write_all(self.disk(), &file, last, at)?;
                self.disk().sync(&file)?;
            }
            self.disk().sync_directory(&self.path)
        };
        if let Err(error) = again() {
            tracing::error!(%error, path = %path.display(), "the journal cannot be written");
            state.stopped = Some(format!("{}: {error}", path.display()));
        }
        state.file = Some(Arc::new(file));
        Ok(())
    }

    /// Refuses where the disk has no room for a commit.
    pub(crate) fn check_room(&self) -> Result<(), Error> {
        let room = self.disk().room(&self.path).map_err(|source| io_error(&self.path, source))?;
        if room < RESERVE_BYTES {
            return Err(Error::Full { path: self.path.clone(), room_bytes: room });
        }
        Ok(())
    }

    /// Writes the frame that begins at `first` after all others. Nothing of it is left where it does not fit the disk.
    pub(crate) fn write(&self, first: u64, frame: &[u8]) -> Result<(), Error> {
        if planted!(self, SkipJournal) {
            return Ok(());
        }
        let mut state = self.lock();
        if let Some(reason) = &state.stopped {
            return Err(Error::ReadOnly(reason.clone()));
        }
        let (path, file) = self.file_for(&mut state, first)?;
        #[cfg(any(test, feature = "faults"))]
        let reordered;
        #[cfg(any(test, feature = "faults"))]
        let frame = if planted!(self, ReorderFrames) {
            let Some(held) = state.held.take() else {
                state.held = Some(frame.to_vec());
                return Ok(());
            };
            reordered = [frame, &held].concat();
            &reordered
        } else {
            frame
        };
        match disk::write_all(self.disk(), &file, frame, state.length) {
            Ok(()) => {
                state.length += frame.len() as u64;
                point!(FrameWritten);
                Ok(())
            }
            Err(source) => {
                let cut = self.disk().truncate(&file, state.length);
                if disk::is_full(&source) && cut.is_ok() {
                    let room_bytes = self.disk().room(&self.path).unwrap_or_default();
                    return Err(Error::Full { path: self.path.clone(), room_bytes });
                }
                let error = io_error(&path, source);
                state.stopped = Some(error.to_string());
                Err(error)
            }
        }
    }

    /// Returns once all that was written is durable.
    pub(crate) fn sync(&self) -> Result<(), Error> {
        if planted!(self, AcknowledgeBeforeSync) {
            return Ok(());
        }
        let (first, file) = {
            let state = self.lock();
            (state.segments.last().copied(), state.file.clone())
        };
        let (Some(first), Some(file)) = (first, file) else { return Ok(()) };
        let synced = self.disk().sync(&file).map_err(|source| io_error(&self.file(first), source));
        if planted!(self, PassOverFailedSync) {
            return Ok(());
        }
        synced.inspect_err(|error| self.stop(&error.to_string()))?;
        point!(FrameSynced);
        Ok(())
    }

    /// Takes no more writes until it is opened again.
    pub(crate) fn stop(&self, reason: &str) {
        self.lock().stopped.get_or_insert_with(|| reason.to_owned());
    }

    /// Makes the bytes of a segment these, durable when this returns; whether they were others.
    pub(crate) fn put(&self, first: u64, bytes: &[u8]) -> Result<bool, Error> {
        let path = self.file(first);
        let known = match fs::read(&path) {
            Ok(known) => Some(known),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(source) => return Err(io_error(&path, source)),
        };
        if known.as_deref() == Some(bytes) {
            return Ok(false);
        }
        let write = || match &known {
            Some(known) if known.starts_with(bytes) => {
                let file = File::options().write(true).open(&path)?;
                self.disk().truncate(&file, bytes.len() as u64)?;
                point!(SegmentRewritten);
                self.disk().sync(&file)
            }
            Some(known) if bytes.starts_with(known) => {
                let file = File::options().write(true).open(&path)?;
                disk::write_all(self.disk(), &file, &bytes[known.len()..], known.len() as u64)?;
                point!(SegmentRewritten);
                self.disk().sync(&file)
            }
            _ => {
                let beside = path.with_extension("new");
                let file = File::create(&beside)?;
                disk::write_all(self.disk(), &file, bytes, 0)?;
                point!(SegmentRewritten);
                self.disk().sync(&file)?;
                fs::rename(&beside, &path)?;
                self.disk().sync_directory(&self.path)
            }
        };
        write().map_err(|source| io_error(&path, source))?;
        let mut state = self.lock();
        if let Err(place) = state.segments.binary_search(&first) {
            state.segments.insert(place, first);
        }
        Ok(true)
    }

    /// Takes a file out of the journal, and keeps it under another name.
    pub(crate) fn set_aside(&self, first: u64) -> Result<(), Error> {
        let path = self.file(first);
        fs::rename(&path, path.with_extension("seg.aside"))
            .and_then(|()| self.disk().sync_directory(&self.path))
            .map_err(|source| io_error(&path, source))?;
        self.lock().segments.retain(|known| *known != first);
        Ok(())
    }

    /// The last segment, or a new one that begins at `first`.
    fn file_for(&self, state: &mut State, first: u64) -> Result<(PathBuf, Arc<File>), Error> {
        if let (Some(file), Some(last)) = (&state.file, state.segments.last())
            && state.length < self.setup.segment_bytes
        {
            return Ok((self.file(*last), Arc::clone(file)));
        }
        let path = self.file(first);
        let made = File::options().read(true).write(true).create_new(true).open(&path);
        let file = made.map_err(|source| {
            if disk::is_full(&source) {
                Error::Full { path: self.path.clone(), room_bytes: 0 }
            } else {
                io_error(&path, source)
            }
        })?;
        if !planted!(self, SkipDirectorySync)
            && let Err(source) = self.disk().sync_directory(&self.path)
        {
            let error = io_error(&self.path, source);
            state.stopped = Some(error.to_string());
            return Err(error);
        }
        let file = Arc::new(file);
        state.segments.push(first);
        (state.file, state.length) = (Some(Arc::clone(&file)), 0);
        point!(SegmentBegun);
        Ok((path, file))
    }

    fn disk(&self) -> &dyn Disk {
        &*self.setup.disk
    }

    /// Whether checksums are passed over: never, but where a test plants that bug.
    #[cfg_attr(not(any(test, feature = "faults")), allow(clippy::unused_self, reason = "only a test asks"))]
    pub(crate) fn trusts(&self) -> bool {
        planted!(self, IgnoreChecksums)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The file name of the segment that begins at this position.
pub(crate) fn name(first: u64) -> String {
    format!("{first:016}.seg")
}

/// First positions of the segments in this directory, ascending.
pub(crate) fn list(path: &Path) -> Result<Vec<u64>, Error> {
    let read = || -> io::Result<Vec<u64>> {
        let mut firsts = Vec::new();
        for entry in fs::read_dir(path)? {
            let file = entry?.file_name();
            let first = file.to_str().and_then(|file| file.strip_suffix(".seg")?.parse().ok());
            firsts.extend(first.filter(|first| file == *name(*first)));
        }
        firsts.sort_unstable();
        Ok(firsts)
    };
    read().map_err(|source| io_error(path, source))
}

/// Removes what a crash left half-written in this directory.
pub(crate) fn remove_unfinished(path: &Path) -> Result<(), Error> {
    let remove = || -> io::Result<()> {
        for entry in fs::read_dir(path)? {
            let file = entry?.path();
            if file.extension().is_some_and(|extension| extension == "new") {
                fs::remove_file(&file)?;
            }
        }
        Ok(())
    };
    remove().map_err(|source| io_error(path, source))
}

fn io_error(path: &Path, source: io::Error) -> Error {
    Error::Io { path: path.to_owned(), source }
}
