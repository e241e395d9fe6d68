//! Copies of a log, taken while it runs, and logs made from copies.
//!
//! ```text
//! backup/
//!   BACKUP    what it is and how many events it has; written last
//!   journal/  the segments
//!   keys/     the keys: a class of their own, to be kept apart from the rest and no longer than keys may be kept
//! ```

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

use serde::Serialize;
use throughline_domain::Position;

use crate::{
    Error, EventLog, Log,
    directory::{Directory, make_private, sync},
    frame,
    healing::{self, Depth},
    journal::{self, Piece, Segment, Setup},
    record::Hash,
    verify::hexadecimal,
};

const BACKUP_FILE: &str = "BACKUP";
const BACKUP_WORDS: &str = "throughline backup, format 1";

/// What a backup holds, or what was restored from one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Copied {
    /// Events.
    pub events: u64,
    /// Bytes of frames.
    pub bytes: u64,
    /// SHA-256 of the last frame, in hexadecimal: two copies with the same one have the same events.
    pub last_frame: String,
}

impl Log {
    /// Copies the log as it stands into `dir`, which must be empty or not there yet. Appends go on meanwhile; those
    /// acknowledged before the call are in the copy. `progress` gets the bytes done and to do.
    pub fn backup(&self, dir: &Path, progress: &(dyn Fn(u64, u64) + Sync)) -> Result<Copied, Error> {
        let events = self.events();
        let segments: Vec<u64> =
            self.journal.segments().into_iter().filter(|first| *first < events).collect();
        make_empty(dir)?;
        let copied = Copy { to: dir.join("journal"), end: events, ..Copy::default() };
        let read = |first| self.journal.read(first);
        let copied = copied.run(&segments, self.journal.path(), &read, progress)?;
        if copied.events != events {
            return Err(self.store.damaged(
                copied.events,
                crate::codec::Malformed(
                    "the journal ends here; run a repair and take the backup again".to_owned(),
                ),
            ));
        }
        // After the frames: a key is made before the first frame that needs it, so every frame has its key.
        copy_keys(&self.directory.keys(), &dir.join("keys"))?;
        let path = dir.join(BACKUP_FILE);
        let words = format!("{BACKUP_WORDS}\nevents {events}\nlast frame {}\n", copied.last_frame);
        write_synced(&path, words.as_bytes())?;
        sync(dir)?;
        Ok(copied)
    }
}

/// Makes a log in `dir`, which must be empty or not there yet, from a backup; all of it, or the commits that end at or
/// before the position `to`. A commit is restored whole or not at all. Every frame is checked on its way.
pub fn restore(
    backup: &Path,
    dir: &Path,
    to: Option<Position>,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Copied, Error> {
    let words = fs::read_to_string(backup.join(BACKUP_FILE)).map_err(|source| Error::Io {
        path: backup.join(BACKUP_FILE),
        source: if source.kind() == ErrorKind::NotFound {
            io::Error::new(ErrorKind::NotFound, "this is no backup, or one that was not finished")
        } else {
            source
        },
    })?;
    let all = read_words(&backup.join(BACKUP_FILE), &words)?;
    make_empty(dir)?;
    let directory = Directory::take(dir)?;
    let from = backup.join("journal");
    let segments = if all.0 == 0 { Vec::new() } else { journal::list(&from)? };
    let end = to.map_or(all.0, |to| to.0.saturating_add(1).min(all.0));
    let read = |first| {
        let path = from.join(journal::name(first));
        let bytes = fs::read(&path).map_err(|source| Error::Io { path, source })?;
        Ok(Segment::parse(first, bytes, false))
    };
    let copied =
        Copy { to: directory.journal(), end, ..Copy::default() }.run(&segments, &from, &read, progress)?;
    if to.is_none() && (copied.events, copied.last_frame.as_str()) != (all.0, all.1.as_str()) {
        return Err(damaged(&from, copied.events, "the backup does not end as it did when it was taken"));
    }
    copy_keys(&backup.join("keys"), &directory.keys())?;
    // Makes sled from the journal; only then does the directory say that it holds a log.
    let healed = healing::open(&directory, Setup::default(), Depth::Tail)?;
    healed.store.flush()?;
    directory.mark()?;
    Ok(copied)
}

/// Frames on their way from segments to segments of the same names.
#[derive(Default)]
struct Copy {
    to: PathBuf,
    /// No frame that ends after this is copied.
    end: u64,
    next: u64,
    previous: Hash,
    bytes: u64,
}

impl Copy {
    fn run(
        mut self,
        segments: &[u64],
        from: &Path,
        read: &dyn Fn(u64) -> Result<Segment, Error>,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Copied, Error> {
        fs::create_dir_all(&self.to).map_err(|source| Error::Io { path: self.to.clone(), source })?;
        let length =
            |first: &u64| fs::metadata(from.join(journal::name(*first))).map_or(0, |file| file.len());
        let total: u64 = segments.iter().map(length).sum();
        let (mut done, end) = (0, self.end);
        for first in segments.iter().take_while(|first| **first < end) {
            let segment = read(*first)?;
            let file = from.join(journal::name(*first));
            let taken = self.take(&segment, &file)?;
            if taken > 0 {
                write_synced(&self.to.join(journal::name(*first)), &segment.bytes[..taken])?;
            }
            done += length(first);
            progress(done.min(total), total);
            if taken < segment.bytes.len() {
                break;
            }
        }
        sync(&self.to)?;
        Ok(Copied { events: self.next, bytes: self.bytes, last_frame: hexadecimal(&self.previous) })
    }

    /// How many bytes of the segment belong to the copy.
    fn take(&mut self, segment: &Segment, file: &Path) -> Result<usize, Error> {
        let mut taken = 0;
        for piece in &segment.pieces {
            match piece {
                Piece::Frame { at, first, end, previous } => {
                    if *end > self.end {
                        break;
                    }
                    if *first != self.next || *previous != self.previous {
                        return Err(damaged(
                            file,
                            self.next,
                            "the frame does not follow the frame before it",
                        ));
                    }
                    self.previous = frame::hash(&segment.bytes[at.clone()]);
                    (self.next, taken) = (*end, at.end);
                    self.bytes += at.len() as u64;
                }
                Piece::Bad { .. } if self.next == self.end => break,
                Piece::Bad { what, .. } => return Err(damaged(file, self.next, what)),
            }
        }
        Ok(taken)
    }
}

fn copy_keys(from: &Path, to: &Path) -> Result<(), Error> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Io { path, source }
    };
    make_private(to)?;
    for entry in fs::read_dir(from).map_err(io(from))? {
        let file = entry.map_err(io(from))?.path();
        let known = file.extension().is_some_and(|extension| extension == "key" || extension == "keys");
        if let Some(name) = file.file_name().filter(|_| known) {
            let copy = to.join(name);
            // Permissions come with the copy.
            fs::copy(&file, &copy).map_err(io(&file))?;
            sync(&copy)?;
        }
    }
    sync(to)
}

/// How many events a backup has, and the hash of its last frame.
fn read_words(path: &Path, words: &str) -> Result<(u64, String), Error> {
    let mut lines = words.lines();
    let known = lines.next() == Some(BACKUP_WORDS);
    let events = lines.next().and_then(|line| line.strip_prefix("events ")?.parse().ok());
    let last = lines.next().and_then(|line| line.strip_prefix("last frame "));
    match (known, events, last) {
        (true, Some(events), Some(last)) => Ok((events, last.to_owned())),
        _ => Err(damaged(path, 0, "it does not say which backup this is")),
    }
}

fn make_empty(dir: &Path) -> Result<(), Error> {
    let io = |source| Error::Io { path: dir.to_owned(), source };
    fs::create_dir_all(dir).map_err(io)?;
    if fs::read_dir(dir).map_err(io)?.next().is_some() {
        return Err(io(io::Error::new(ErrorKind::AlreadyExists, "it is not empty; name a new directory")));
    }
    Ok(())
}

fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let write = || {
        let mut file = File::create_new(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|source| Error::Io { path: path.to_owned(), source })
}

fn damaged(file: &Path, position: u64, what: &str) -> Error {
    Error::Damaged { file: file.display().to_string(), position: Position(position), what: what.to_owned() }
}
