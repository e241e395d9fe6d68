//! One way through the frames of both copies, from a position to the end.

use std::{collections::VecDeque, path::Path};

use throughline_domain::Position;

use super::{Stop, Stopped, gaps};
use crate::{
    Problem,
    frame::{self, Frame},
    journal::{Journal, Piece, Segment},
    record::Hash,
    segments::Segments,
    store::{Kept, Store},
};

/// Bytes of frames taken from sled at a time.
const PORTION_BYTES: usize = 8 * 1024 * 1024;

/// Why it goes no further.
const LOST: &str = "neither the journal nor sled has the frame as it was written";
const DISPUTED: &str = "the journal and sled have different frames here, both in order";

/// Goes through the frames in their order, in both places at once.
pub(super) struct Walk<'a> {
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
    backup: Option<Backup>,
    mended: &'a mut Vec<Problem>,
}

/// A third copy, asked where the other two have nothing or disagree.
struct Backup {
    segments: Segments,
    /// Up to where its frames are known to belong to this log.
    fits: u64,
}

/// What there is at a position.
enum Choice {
    Frame(Vec<u8>),
    /// Both have a frame in order, and not the same.
    Disputed,
    None,
}

impl<'a> Walk<'a> {
    /// Begins at a position, after the frame with this hash.
    pub(super) fn new(
        journal: &'a Journal,
        store: &'a Store,
        backup: Option<Segments>,
        (next, previous): (u64, Hash),
        mended: &'a mut Vec<Problem>,
    ) -> Self {
        Self {
            journal,
            store,
            segments: journal.segments(),
            read: None,
            portion: VecDeque::new(),
            next,
            previous,
            building: None,
            used: vec![next],
            backup: backup.map(|segments| Backup { segments, fits: 0 }),
            mended,
        }
    }

    /// Goes to the end of the log, or to the first place where it cannot.
    pub(super) fn run(mut self) -> Result<Option<Stopped>, Stop> {
        loop {
            match self.choose()? {
                Choice::Frame(frame) => {
                    self.build(&frame)?;
                    self.previous = frame::hash(&frame);
                    self.next = Frame::parse(&frame, self.next).map_or(self.next, |parsed| parsed.end());
                }
                Choice::Disputed => return Ok(Some(self.stopped(DISPUTED))),
                Choice::None if self.lost()? => return Ok(Some(self.stopped(LOST))),
                Choice::None => break,
            }
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
        Ok(None)
    }

    /// What was found before this place is kept; what is after it cannot be believed without it. The segment under way
    /// is left as it is, for what it has after this place would be lost.
    fn stopped(&mut self, what: &str) -> Stopped {
        if let Some((first, _)) = self.building.take() {
            let file = self.journal.file(first).display().to_string();
            self.mended.retain(|mend| mend.file != file);
        }
        let segment = self.segment_of(self.next).unwrap_or(self.next);
        Stopped {
            position: self.next,
            previous: self.previous,
            file: format!("{} and {}", self.journal.file(segment).display(), self.store.path().display()),
            what: what.to_owned(),
        }
    }

    /// The next frame, in both places when this returns.
    fn choose(&mut self) -> Result<Choice, Stop> {
        let (next, previous, trusting) = (self.next, self.previous, self.journal.trusts());
        let follows = |bytes: &[u8], trusting: bool| {
            Frame::parse(bytes, next).map_or(trusting, |frame| frame.previous == previous)
        };
        let kept = self.sled_frame()?;
        let in_sled =
            kept.as_ref().filter(|kept| follows(&kept.bytes, false)).map(|kept| kept.bytes.to_vec());
        let in_journal = self.journal_frame()?.filter(|bytes| follows(bytes, trusting));
        match (in_journal, in_sled) {
            (None, None) => self.choose_from_backup(),
            (Some(journal), Some(sled)) if journal == sled => Ok(Choice::Frame(journal)),
            (Some(journal), None) => {
                let what = if kept.is_some() { "frames were damaged" } else { "frames were missing" };
                self.put_in_sled(&journal, &format!("{what} from here on; restored from the journal"))?;
                Ok(Choice::Frame(journal))
            }
            (None, Some(sled)) => {
                self.mend_journal("frames were missing or damaged from here on; restored from sled");
                Ok(Choice::Frame(sled))
            }
            (Some(journal), Some(sled)) => self.settle(journal, sled),
        }
    }

    /// Two frames, both in order: the one that a backup has too is the log's.
    fn settle(&mut self, journal: Vec<u8>, sled: Vec<u8>) -> Result<Choice, Stop> {
        let Some(backup) = &mut self.backup else { return Ok(Choice::Disputed) };
        let third = backup.segments.frame(self.next)?;
        if third == Some(&journal) {
            self.put_in_sled(&journal, "another frame stood here than in the journal and the backup")?;
            Ok(Choice::Frame(journal))
        } else if third == Some(&sled) {
            self.mend_journal("another frame stood here than in sled and the backup");
            Ok(Choice::Frame(sled))
        } else {
            Ok(Choice::Disputed)
        }
    }

    /// A frame that only the backup has.
    fn choose_from_backup(&mut self) -> Result<Choice, Stop> {
        let Some(mut backup) = self.backup.take() else { return Ok(Choice::None) };
        if self.next >= backup.fits {
            backup.fits = self.fitting(&mut backup.segments)?.unwrap_or(0);
        }
        let fits = self.next < backup.fits;
        let frame =
            backup.segments.following(self.next, &self.previous)?.filter(|_| fits).map(<[u8]>::to_vec);
        self.backup = Some(backup);
        let Some(frame) = frame else { return Ok(Choice::None) };
        let what = "neither the journal nor sled had the frames from here on; restored from the backup";
        self.put_in_sled(&frame, what)?;
        self.mend_journal(what);
        Ok(Choice::Frame(frame))
    }

    /// Up to where the backup's frames are this log's: each names the one before, and the next frame that the log
    /// still has names the last of them. Where the log has nothing beyond, to the end of the backup.
    fn fitting(&self, backup: &mut Segments) -> Result<Option<u64>, Stop> {
        let mut ahead = Segments::list(self.journal.path())?;
        let (mut next, mut previous) = (self.next, self.previous);
        while let Some(frame) = backup.following(next, &previous)? {
            previous = frame::hash(frame);
            next = Frame::parse(frame, next).map_or(next, |frame| frame.end());
            let in_sled = self.store.portion(next, next + 1, 1).map_err(Stop::of_sled)?;
            let joins =
                |kept: &Kept| Frame::parse(&kept.bytes, next).is_ok_and(|frame| frame.previous == previous);
            if in_sled.iter().any(joins) || ahead.following(next, &previous)?.is_some() {
                return Ok(Some(next));
            }
        }
        let beyond = gaps::next_frame(&mut ahead, self.store, self.next).map_err(Stop::of_sled)?;
        Ok((next > self.next && beyond.is_none()).then_some(next))
    }

    fn put_in_sled(&mut self, frame: &[u8], what: &str) -> Result<(), Stop> {
        self.store.put(self.next, frame).map_err(Stop::of_sled)?;
        point!(FrameRestored);
        self.mend(self.next, self.store.path(), what);
        Ok(())
    }

    /// Tells of the journal what is done when its segment is finished.
    fn mend_journal(&mut self, what: &str) {
        let file = self.journal.file(self.building.as_ref().map_or(self.next, |(first, _)| *first));
        self.mend(self.next, &file, what);
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

    /// Tells of something mended; once for all of a kind that follow each other in a file.
    fn mend(&mut self, position: u64, file: &Path, what: &str) {
        let mend =
            Problem { position: Position(position), file: file.display().to_string(), what: what.to_owned() };
        let last = self.mended.iter().rfind(|told| told.file == mend.file);
        let told = last.is_some_and(|last| last.what == mend.what);
        if !told {
            self.mended.push(mend);
        }
    }
}
