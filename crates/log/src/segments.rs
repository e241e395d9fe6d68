//! Segments that this process only reads: a journal that a server may be writing, or a backup's. Nothing is locked,
//! nothing is changed.

use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use throughline_domain::Position;

use crate::{
    Error,
    frame::Frame,
    journal::{self, Piece, Segment},
    record::Hash,
};

/// How long the end of a journal is waited for to become a frame: 250 times 20 ms. A commit is written in far less.
const SETTLE_TRIES: u32 = if cfg!(test) { 25 } else { 250 };
const SETTLE_WAIT: Duration = Duration::from_millis(20);

/// The segments of one directory.
pub(crate) struct Segments {
    path: PathBuf,
    /// Their first positions, ascending.
    firsts: Vec<u64>,
    /// The segment read last.
    read: Option<Segment>,
}

impl Segments {
    /// The segments there are now. Files being written anew beside them are somebody else's and stay.
    pub(crate) fn list(path: &Path) -> Result<Self, Error> {
        let firsts = journal::list(path)?;
        Ok(Self { path: path.to_owned(), firsts, read: None })
    }

    /// The directory.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// First positions, ascending.
    pub(crate) fn firsts(&self) -> &[u64] {
        &self.firsts
    }

    /// The file of a segment.
    pub(crate) fn file(&self, first: u64) -> PathBuf {
        self.path.join(journal::name(first))
    }

    /// Bytes of a segment; none where it is gone.
    pub(crate) fn length(&self, first: u64) -> u64 {
        fs::metadata(self.file(first)).map_or(0, |file| file.len())
    }

    /// Reads a segment as it stands.
    pub(crate) fn read(&self, first: u64) -> Result<Segment, Error> {
        let path = self.file(first);
        let bytes = fs::read(&path).map_err(|source| Error::Io { path, source })?;
        Ok(Segment::parse(first, bytes, false))
    }

    /// Reads a segment that may be written to meanwhile, up to the last whole frame, and returns once those bytes are
    /// durable: a frame whose sync is still under way, or failed, could otherwise be in the copy and not in the log.
    ///
    /// Bytes at the end that are no frame are a commit under way; a moment later they are a frame, or, where the disk
    /// was full, they are gone or others. Where they stay as they are, they were acknowledged once or never will be:
    /// which, only whoever opens the log can say.
    pub(crate) fn read_settled(&self, first: u64) -> Result<Segment, Error> {
        let path = self.file(first);
        let mut segment = self.read(first)?;
        for tries in 0.. {
            let Some(bad) = segment.pieces.iter().position(|piece| matches!(piece, Piece::Bad { .. })) else {
                break;
            };
            let at = segment.pieces[bad].at().start;
            if tries == SETTLE_TRIES {
                let next = segment.pieces[..bad].iter().rev().find_map(Piece::end).unwrap_or(first);
                let what = "what follows here is no frame; whether it was one, a repair will tell";
                return Err(damaged(&path, next, what));
            }
            thread::sleep(SETTLE_WAIT);
            let is_last = bad + 1 == segment.pieces.len();
            if is_last && has_settled(&path, at).map_err(|source| Error::Io { path: path.clone(), source })? {
                segment.pieces.truncate(bad);
                segment.bytes.truncate(at);
                break;
            }
            segment = self.read(first)?;
        }
        let sync = File::open(&path).and_then(|file| file.sync_data());
        sync.map_err(|source| Error::Io { path, source })?;
        Ok(segment)
    }

    /// The frame that begins here, its checksum right; none where there is none.
    pub(crate) fn frame(&mut self, first: u64) -> Result<Option<&[u8]>, Error> {
        let found = self.firsts.partition_point(|segment| *segment <= first).checked_sub(1);
        let Some(segment) = found.map(|nth| self.firsts[nth]) else { return Ok(None) };
        if self.read.as_ref().is_none_or(|read| read.first != segment) {
            self.read = Some(self.read(segment)?);
        }
        Ok(self.read.as_ref().and_then(|read| read.frame(first)))
    }

    /// The frame that begins here and names the frame before it by this hash.
    pub(crate) fn following(&mut self, first: u64, previous: &Hash) -> Result<Option<&[u8]>, Error> {
        let frame = self.frame(first)?;
        Ok(frame.filter(|bytes| Frame::parse(bytes, first).is_ok_and(|frame| frame.previous == *previous)))
    }

    /// Where the first frame at or after this position begins.
    pub(crate) fn next_frame(&mut self, position: u64) -> Result<Option<u64>, Error> {
        let from = self.firsts.partition_point(|segment| *segment <= position).saturating_sub(1);
        for segment in self.firsts.get(from..).unwrap_or_default().to_vec() {
            if self.read.as_ref().is_none_or(|read| read.first != segment) {
                self.read = Some(self.read(segment)?);
            }
            let pieces = self.read.iter().flat_map(|read| &read.pieces);
            let firsts = pieces.filter_map(|piece| match piece {
                Piece::Frame { first, .. } if *first >= position => Some(*first),
                _ => None,
            });
            if let Some(first) = firsts.min() {
                return Ok(Some(first));
            }
        }
        Ok(None)
    }
}

impl Piece {
    /// The position after a frame.
    fn end(&self) -> Option<u64> {
        match self {
            Self::Frame { end, .. } => Some(*end),
            Self::Bad { .. } => None,
        }
    }
}

/// Whether the file now ends here, or a frame begins here.
fn has_settled(path: &Path, at: usize) -> io::Result<bool> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(at as u64))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let tail = Segment::parse(0, bytes, false);
    Ok(!matches!(tail.pieces.first(), Some(Piece::Bad { .. })))
}

/// What is found to be wrong with a file of the log.
pub(crate) fn damaged(file: &Path, position: u64, what: &str) -> Error {
    Error::Damaged { file: file.display().to_string(), position: Position(position), what: what.to_owned() }
}
