//! The journal as docs/formats/log.md describes it: which frames were written, and how many bytes lie on the disk.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::{FileExt, MetadataExt},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

const HEADER_BYTES: usize = 64;

/// A frame in a file of the journal.
#[derive(Clone)]
pub struct Frame {
    pub segment: usize,
    pub at: u64,
    pub bytes: usize,
    pub events: u64,
}

/// Follows a journal that grows.
pub struct Journal {
    directory: PathBuf,
    /// The files so far, in their order.
    pub segments: Vec<PathBuf>,
    /// Where the next frame begins in the last of them.
    at: u64,
}

impl Journal {
    /// The journal of a log's directory, from its beginning.
    pub fn of(log: &Path) -> Self {
        Self { directory: log.join("journal"), segments: Vec::new(), at: 0 }
    }

    /// The frames written since this was asked before.
    pub fn new_frames(&mut self) -> Result<Vec<Frame>> {
        let mut frames = Vec::new();
        let segments = files(&self.directory)?;
        let known = self.segments.len().saturating_sub(1);
        for (segment, path) in segments.iter().enumerate().skip(known) {
            if segment > known {
                self.at = 0;
            }
            let file = File::open(path)?;
            let end = file.metadata()?.len();
            while self.at < end {
                let frame = frame_at(&file, segment, self.at)
                    .with_context(|| format!("{} at byte {}", path.display(), self.at))?;
                self.at += frame.bytes as u64;
                frames.push(frame);
            }
        }
        self.segments = segments;
        Ok(frames)
    }
}

/// The files of a journal, in their order.
pub fn files(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "seg") {
            files.push(path);
        }
    }
    files.sort_unstable();
    Ok(files)
}

fn frame_at(file: &File, segment: usize, at: u64) -> Result<Frame> {
    let mut header = [0; HEADER_BYTES];
    file.read_exact_at(&mut header, at)?;
    ensure!(header.starts_with(b"TLFR"), "there is no frame");
    let number = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    Ok(Frame { segment, at, bytes: HEADER_BYTES + number(8) as usize, events: u64::from(number(12)) })
}

/// Bytes that everything below a directory takes on the disk.
pub fn disk_bytes(path: &Path) -> io::Result<u64> {
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.is_dir() {
        return Ok(metadata.blocks() * 512);
    }
    let mut bytes = 0;
    for entry in fs::read_dir(path)? {
        bytes += match disk_bytes(&entry?.path()) {
            // A file that a running log removed meanwhile takes no room.
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            bytes => bytes?,
        };
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use throughline_log::{EventLog, Log};

    use super::*;
    use crate::log::event::{Events, FRAME_BYTES, PAYLOAD_BYTES, SEALED_BYTES, TYPE, journey};

    /// Length of the byte string at `at`, below 2^16, and where it begins.
    fn byte_string(bytes: &[u8], at: usize) -> (usize, usize) {
        match bytes[at] {
            251 => (usize::from(u16::from_le_bytes([bytes[at + 1], bytes[at + 2]])), at + 3),
            length => (usize::from(length), at + 1),
        }
    }

    #[test]
    fn the_event_has_the_bytes_that_it_is_called_by_and_its_frame_is_seen() {
        let directory = tempfile::tempdir().unwrap();
        let log = Log::open(directory.path(), Arc::new(jiff::Timestamp::now)).unwrap();
        let events = Events::new();
        let mut journal = Journal::of(directory.path());
        log.append(vec![events.opened(1)], &[]).unwrap();
        assert_eq!(journal.new_frames().unwrap().len(), 1);
        log.append(vec![events.contact(1, journey(1))], &[]).unwrap();
        let frames = journal.new_frames().unwrap();
        assert_eq!((frames.len(), frames[0].events), (1, 1));
        assert!(journal.new_frames().unwrap().is_empty());

        let file = fs::read(&journal.segments[0]).unwrap();
        let at = usize::try_from(frames[0].at).unwrap();
        let record = &file[at + HEADER_BYTES..at + frames[0].bytes];
        // Event id, journey, version, tag of three bytes or one, sealed by, precision, actor; see docs/formats/log.md.
        let tag = if record[33] == 251 { 3 } else { 1 };
        let (actor, at) = byte_string(record, 33 + tag + 2);
        let (facts, at) = byte_string(record, at + actor + 9 + 32 + 24);
        let (personal, at) = byte_string(record, at + facts);
        assert_eq!(at + personal, record.len());
        assert_eq!(facts + personal - 2 * 16, PAYLOAD_BYTES);
        assert_eq!(events.contact(1, journey(1)).event.type_name(), TYPE);
        assert_eq!(([facts, personal], frames[0].bytes), (SEALED_BYTES, FRAME_BYTES));
    }
}
