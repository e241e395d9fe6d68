//! Journal and sled brought to the same frames: what one lost, the other restores.
//!
//! A frame is believed where its checksum is right and it names the frame before it by its hash. The whole is walked
//! only where something is amiss; of a log that is well, the last segment is walked, and of every other its end.

use std::{collections::VecDeque, fs, io::ErrorKind, path::Path, sync::Arc};

use throughline_domain::Position;

use crate::{
    Error, Problem,
    directory::Directory,
    frame::{self, Frame},
    journal::{Journal, Piece, Segment, Setup},
    record::Hash,
    store::{Kept, Store},
};

/// Bytes of frames taken from sled at a time.
const PORTION_BYTES: usize = 8 * 1024 * 1024;

/// Journal and sled with the same frames.
pub(crate) struct Healed {
    pub journal: Arc<Journal>,
    pub store: Arc<Store>,
    /// What was not as it should be, and is now.
    pub mended: Vec<Problem>,
}

/// How much is looked at where nothing is amiss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    Tail,
    Everything,
}

/// Why the two could not be brought together.
enum Stop {
    /// Sled cannot read its own files; the journal may know all that was in them.
    Sled(Error),
    Other(Error),
}

/// Opens the frames of this directory and heals what can be healed.
pub(crate) fn open(directory: &Directory, setup: Setup, depth: Depth) -> Result<Healed, Error> {
    let (journal_path, sled_path) = (directory.journal(), directory.frames());
    let sled_there = sled_path.exists();
    let journal = Arc::new(Journal::open(&journal_path, setup)?);
    if directory.is_marked() && !sled_there && journal.segments().is_empty() {
        return Err(Error::Damaged {
            file: directory.path().display().to_string(),
            position: Position(0),
            what: "sled and the journal's segments are missing".to_owned(),
        });
    }
    let mut mended = Vec::new();
    let open_store = |depth, mended: &mut Vec<Problem>| -> Result<Store, Stop> {
        let store = Store::open(&sled_path).map_err(Stop::of_sled)?;
        heal(&journal, &store, depth, mended)?;
        Ok(store)
    };
    let store = match open_store(depth, &mut mended) {
        Err(Stop::Sled(error)) if !journal.segments().is_empty() => {
            let aside = set_aside(&sled_path)?;
            point!(SledSetAside);
            mended.push(Problem {
                position: Position(0),
                file: sled_path.display().to_string(),
                what: format!("{error}; it was set aside as {} and made again", aside.display()),
            });
            open_store(Depth::Everything, &mut mended)
        }
        opened => opened,
    }
    .map_err(|(Stop::Sled(error) | Stop::Other(error))| error)?;
    for mend in &mended {
        tracing::warn!(file = mend.file, position = mend.position.0, what = mend.what, "the log was healed");
    }
    if !mended.is_empty() {
        store.flush()?;
    }
    if let Some(last) = store.last()? {
        journal.resume(&last.bytes)?;
    }
    Ok(Healed { journal, store: Arc::new(store), mended })
}

fn heal(journal: &Journal, store: &Store, depth: Depth, mended: &mut Vec<Problem>) -> Result<(), Stop> {
    let start = match depth {
        Depth::Tail => agreed(journal, store)?,
        Depth::Everything => None,
    };
    let (next, previous) = start.unwrap_or_default();
    Walk {
        journal,
        store,
        segments: journal.segments(),
        read: None,
        portion: VecDeque::new(),
        next,
        previous,
        building: None,
        used: vec![next],
        mended,
    }
    .run()
}

/// Where the last segment begins, and the hash of the frame before it; where every segment before it ends with the
/// frame that sled has there. None where something is amiss.
fn agreed(journal: &Journal, store: &Store) -> Result<Option<(u64, Hash)>, Stop> {
    let segments = journal.segments();
    let (Some(0), Some(last)) = (segments.first(), segments.last()) else { return Ok(None) };
    let mut previous = Hash::default();
    for pair in segments.windows(2) {
        let Some(kept) = store.holding(pair[1] - 1).map_err(Stop::of_sled)? else { return Ok(None) };
        let ends = Frame::parse(&kept.bytes, kept.first).is_ok_and(|frame| frame.end() == pair[1]);
        if !ends || kept.first < pair[0] || !journal.ends_with(pair[0], &kept.bytes)? {
            return Ok(None);
        }
        previous = frame::hash(&kept.bytes);
    }
    Ok(Some((*last, previous)))
}

/// Goes through the frames in their order, in both places at once.
struct Walk<'a> {
    journal: &'a Journal,
    store: &'a Store,
    segments: Vec<u64>,
    /// The segment read last.
    read: Option<Segment>,
    /// Frames from sled that come next.
    portion: VecDeque<Kept>,
    next: u64,
    previous: Hash,
    /// The segment under way as it should be.
    building: Option<(u64, Vec<u8>)>,
    /// Segments that frames were found to belong to.
    used: Vec<u64>,
    mended: &'a mut Vec<Problem>,
}

impl Walk<'_> {
    fn run(mut self) -> Result<(), Stop> {
        while let Some(frame) = self.choose()? {
            self.build(&frame)?;
            self.previous = frame::hash(&frame);
            self.next = Frame::parse(&frame, self.next).map_or(self.next, |parsed| parsed.end());
        }
        if self.lost()? {
            // What was found before the gap is kept; what is after it cannot be believed without it.
            return Err(self.refusal("neither the journal nor sled has the frame as it was written"));
        }
        self.cut_torn_end()?;
        self.finish_segment()?;
        let unused: Vec<u64> = self
            .segments
            .iter()
            .copied()
            .filter(|first| *first > self.used[0] && !self.used.contains(first))
            .collect();
        let end = self.next;
        for first in unused.into_iter().filter(|first| *first != end) {
            self.journal.set_aside(first)?;
            self.mend(
                first,
                self.journal.file(first).as_path(),
                "no frame begins here; the file was set aside",
            );
        }
        Ok(())
    }

    /// The next frame, in both places when this returns; none where neither has it.
    fn choose(&mut self) -> Result<Option<Vec<u8>>, Stop> {
        let (next, previous, trusting) = (self.next, self.previous, self.journal.trusts());
        let follows = |bytes: &[u8], trusting: bool| {
            Frame::parse(bytes, next).map_or(trusting, |frame| frame.previous == previous)
        };
        let kept = self.sled_frame()?;
        let in_sled =
            kept.as_ref().filter(|kept| follows(&kept.bytes, false)).map(|kept| kept.bytes.to_vec());
        let in_journal = self.journal_frame()?.filter(|bytes| follows(bytes, trusting));
        match (in_journal, in_sled) {
            (None, None) => Ok(None),
            (Some(journal), Some(sled)) if journal == sled => Ok(Some(journal)),
            (Some(journal), None) => {
                let what = if kept.is_some() { "frames were damaged" } else { "frames were missing" };
                self.store.put(self.next, &journal).map_err(Stop::of_sled)?;
                point!(FrameRestored);
                self.mend(
                    self.next,
                    self.store.path(),
                    &format!("{what} from here on; restored from the journal"),
                );
                Ok(Some(journal))
            }
            (None, Some(sled)) => {
                let file = self.journal.file(self.building.as_ref().map_or(self.next, |(first, _)| *first));
                self.mend(
                    self.next,
                    &file,
                    "frames were missing or damaged from here on; restored from sled",
                );
                Ok(Some(sled))
            }
            (Some(_), Some(_)) => {
                Err(self.refusal("the journal and sled have different frames here, both in order"))
            }
        }
    }

    /// What sled has under the next position. What it has before is no frame, and taken out.
    fn sled_frame(&mut self) -> Result<Option<Kept>, Stop> {
        loop {
            if self.portion.is_empty() {
                let portion =
                    self.store.portion(self.next, u64::MAX, PORTION_BYTES).map_err(Stop::of_sled)?;
                self.portion = portion.into();
            }
            match self.portion.front() {
                Some(kept) if kept.first < self.next => {
                    let first = kept.first;
                    self.portion.pop_front();
                    self.store.remove(first).map_err(Stop::of_sled)?;
                    self.mend(
                        first,
                        self.store.path(),
                        "no frame begins here; what stood here was taken out",
                    );
                }
                Some(kept) if kept.first == self.next => return Ok(self.portion.pop_front()),
                _ => return Ok(None),
            }
        }
    }

    fn journal_frame(&mut self) -> Result<Option<Vec<u8>>, Stop> {
        if let Some(frame) = self.read.as_ref().and_then(|read| read.frame(self.next)) {
            return Ok(Some(frame.to_vec()));
        }
        let Some(first) = self.segment_of(self.next) else { return Ok(None) };
        if self.read.as_ref().is_none_or(|read| read.first != first) {
            self.read = Some(self.journal.read(first)?);
        }
        Ok(self.read.as_ref().and_then(|read| read.frame(self.next)).map(<[u8]>::to_vec))
    }

    fn segment_of(&self, position: u64) -> Option<u64> {
        self.segments.iter().copied().take_while(|first| *first <= position).last()
    }

    /// Adds a frame to the segment that it belongs to.
    fn build(&mut self, frame: &[u8]) -> Result<(), Stop> {
        let full = |bytes: &[u8]| bytes.len() as u64 >= self.journal.segment_bytes();
        let in_file = self.read.as_ref().is_some_and(|read| read.frame(self.next).is_some());
        let begins = match &self.building {
            None => true,
            Some((first, bytes)) => {
                *first != self.next && self.segments.binary_search(&self.next).is_ok()
                    || full(bytes) && !in_file
            }
        };
        if begins {
            self.finish_segment()?;
            self.used.push(self.next);
        }
        self.building.get_or_insert_with(|| (self.next, Vec::new())).1.extend_from_slice(frame);
        Ok(())
    }

    fn finish_segment(&mut self) -> Result<(), Stop> {
        if let Some((first, bytes)) = self.building.take() {
            let as_read = self.read.as_ref().is_some_and(|read| read.first == first && read.bytes == bytes);
            if !as_read && self.journal.put(first, &bytes)? {
                let file = self.journal.file(first);
                let name = file.display().to_string();
                if self.mended.iter().all(|mend| mend.file != name) {
                    self.mend(first, &file, "bytes that are no frame were taken out");
                }
            }
        }
        Ok(())
    }

    /// Whether there was more than what was found.
    fn lost(&mut self) -> Result<bool, Stop> {
        if self.store.reaches(self.next).map_err(Stop::of_sled)?
            || self.segments.last().is_some_and(|last| *last > self.next)
        {
            return Ok(true);
        }
        Ok(self.journal_frame()?.is_some()
            || self.read.as_ref().is_some_and(|read| {
                read.reaches(self.next)
                    || read.pieces.iter().any(|piece| matches!(piece, Piece::Bad { written: true, .. }))
            }))
    }

    /// Tells of the bytes after the last frame: a commit that was under way and that nobody was told of.
    fn cut_torn_end(&mut self) -> Result<(), Stop> {
        let Some(read) = &self.read else { return Ok(()) };
        let (first, file) = (read.first, self.journal.file(read.first));
        let Some(Piece::Bad { at, what, .. }) = read.pieces.last() else { return Ok(()) };
        if self.building.as_ref().is_some_and(|(of, bytes)| *of != first || bytes.len() != at.start) {
            return Ok(());
        }
        let told =
            format!("{what}; the {} bytes of a commit that was never acknowledged were cut off", at.len());
        if self.building.is_none() && at.start == 0 {
            self.journal.put(first, &[])?;
        }
        self.mend(self.next, &file, &told);
        Ok(())
    }

    fn refusal(&self, what: &str) -> Stop {
        let segment = self.segment_of(self.next).unwrap_or(self.next);
        Stop::Other(Error::Damaged {
            file: format!("{} and {}", self.journal.file(segment).display(), self.store.path().display()),
            position: Position(self.next),
            what: what.to_owned(),
        })
    }

    /// Tells of something mended; once for all of a kind that follow each other in a file.
    fn mend(&mut self, position: u64, file: &Path, what: &str) {
        let mend =
            Problem { position: Position(position), file: file.display().to_string(), what: what.to_owned() };
        let told = self.mended.last().is_some_and(|last| last.file == mend.file && last.what == mend.what);
        if !told {
            self.mended.push(mend);
        }
    }
}

impl Stop {
    /// What sled says of itself; that the disk or its rights say no is not sled's doing.
    fn of_sled(error: Error) -> Self {
        let outside = |kind| {
            matches!(
                kind,
                ErrorKind::PermissionDenied
                    | ErrorKind::StorageFull
                    | ErrorKind::QuotaExceeded
                    | ErrorKind::ReadOnlyFilesystem
            )
        };
        match error {
            Error::Damaged { .. } => Self::Sled(error),
            Error::Io { ref source, .. } if !outside(source.kind()) => Self::Sled(error),
            error => Self::Other(error),
        }
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// Gives a directory another name, the first that is free.
fn set_aside(path: &Path) -> Result<std::path::PathBuf, Error> {
    let io = |source| Error::Io { path: path.to_owned(), source };
    let aside =
        (1..=u32::MAX).map(|n| path.with_extension(format!("aside-{n}"))).find(|aside| !aside.exists());
    let aside = aside.expect("one of four thousand million names is free");
    fs::rename(path, &aside).map_err(io)?;
    Ok(aside)
}
