//! Copies of a log, taken by a process that need not be the one that has it open.
//!
//! ```text
//! backup/
//!   BACKUP    what it is and how many events it has; written last
//!   journal/  the segments
//!   tree/     the signed checkpoint
//!   keys/     the keys: a class of their own, to be kept apart from the rest and no longer than keys may be kept
//! ```

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use serde::Serialize;
use throughline_domain::Position;

use crate::{
    Error,
    directory::{self, INDEX, JOURNAL, KEYS, make_private, sync},
    frame, index,
    journal::{self, Piece, Segment},
    record::Hash,
    segments::{Segments, damaged},
    tree::{self, TREE},
    verify::hexadecimal,
};

const BACKUP_FILE: &str = "BACKUP";
const BACKUP_WORDS: &str = "throughline backup, format 1";

/// The files of keys.
pub(crate) const KEY_FILES: [&str; 2] = ["master.key", "journeys.keys"];

/// How often keys are read for two readings to agree. A slot is written in microseconds.
const KEYS_TRIES: u32 = 100;

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

/// Copies the log in the directory `data` into `to`, which must be empty or not there yet. The log may be open in this
/// or another process, and appends go on meanwhile; those acknowledged before the call are in the copy. Nothing in
/// `data` is changed. `progress` gets the bytes done and to do.
pub fn backup(data: &Path, to: &Path, progress: &(dyn Fn(u64, u64) + Sync)) -> Result<Copied, Error> {
    directory::check_format(data)?;
    // Asked before the frames: what the index knows was acknowledged by then.
    let known = index::events_on_disk(&data.join(INDEX));
    let from = data.join(JOURNAL);
    if !from.exists() {
        return Err(damaged(&from, 0, "the journal is missing"));
    }
    let segments = Segments::list(&from)?;
    make_empty(to)?;
    if within(to, data) {
        return Err(refusal(to, "it lies in the data directory; keep a backup apart from what it is of"));
    }
    // Before the frames: what it covers is among them.
    let checkpoint = tree::read_checkpoint(data)?;
    // The last of them can be written to; those before it never change again.
    let last = segments.firsts().last().copied();
    let read = |first| {
        if Some(first) == last { segments.read_settled(first) } else { segments.read(first) }
    };
    let mut copy = Copy { to: to.join(JOURNAL), end: u64::MAX, of_backup: false, ..Copy::default() };
    let copied = copy.run(&segments, &read, progress)?;
    if copied.events < known {
        let what = format!("the journal ends here, and the index knows of {known} events");
        return Err(damaged(&from, copied.events, &what));
    }
    // After the frames: a key is made before the first frame that needs it, so every frame has its key.
    copy_keys(&data.join(KEYS), &to.join(KEYS))?;
    if let Some(checkpoint) = checkpoint {
        fs::create_dir_all(to.join(TREE)).map_err(|source| Error::Io { path: to.join(TREE), source })?;
        write_synced(&to.join(TREE).join("checkpoint"), &checkpoint, 0o644)?;
        sync(&to.join(TREE))?;
    }
    let words = format!("{BACKUP_WORDS}\nevents {}\nlast frame {}\n", copied.events, copied.last_frame);
    write_synced(&to.join(BACKUP_FILE), words.as_bytes(), 0o644)?;
    sync(to)?;
    Ok(copied)
}

/// What a backup says of itself: how many events it has, and the hash of its last frame.
pub(crate) fn read_words(backup: &Path) -> Result<(u64, String), Error> {
    let path = backup.join(BACKUP_FILE);
    let words = fs::read_to_string(&path).map_err(|source| match source.kind() {
        ErrorKind::NotFound => refusal(backup, "this is no backup, or one that was not finished"),
        _ => Error::Io { path: path.clone(), source },
    })?;
    let mut lines = words.lines();
    let known = lines.next() == Some(BACKUP_WORDS);
    let events = lines.next().and_then(|line| line.strip_prefix("events ")?.parse().ok());
    let last = lines.next().and_then(|line| line.strip_prefix("last frame "));
    match (known, events, last) {
        (true, Some(events), Some(last)) => Ok((events, last.to_owned())),
        _ => Err(backup_damaged(&path, 0, "it does not say which backup this is")),
    }
}

/// Frames on their way from segments to segments of the same names.
#[derive(Default)]
pub(crate) struct Copy {
    pub to: PathBuf,
    /// No frame that ends after this is copied.
    pub end: u64,
    /// Whether they come from a backup rather than from a log.
    pub of_backup: bool,
    /// Whether a frame was met that ends after it.
    pub met_end: bool,
    pub next: u64,
    pub previous: Hash,
    pub bytes: u64,
}

impl Copy {
    /// Copies, and checks that each frame is as it was written and follows the one before.
    pub(crate) fn run(
        &mut self,
        segments: &Segments,
        read: &dyn Fn(u64) -> Result<Segment, Error>,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Copied, Error> {
        fs::create_dir_all(&self.to).map_err(|source| Error::Io { path: self.to.clone(), source })?;
        let total: u64 = segments.firsts().iter().map(|first| segments.length(*first)).sum();
        let (mut done, end) = (0, self.end);
        for first in segments.firsts().iter().take_while(|first| **first < end) {
            let segment = read(*first)?;
            let taken = self.take(&segment, &segments.file(*first))?;
            if taken > 0 {
                let file = self.to.join(journal::name(*first));
                write_synced(&file, &segment.bytes[..taken], 0o644)?;
            }
            done += segment.bytes.len() as u64;
            // The last one can have grown since it was measured.
            progress(done, total.max(done));
            if taken < segment.bytes.len() {
                break;
            }
        }
        sync(&self.to)?;
        Ok(Copied { events: self.next, bytes: self.bytes, last_frame: hexadecimal(&self.previous) })
    }

    /// How many bytes of the segment belong to the copy.
    fn take(&mut self, segment: &Segment, file: &Path) -> Result<usize, Error> {
        let wrong = |copy: &Self, what: &str| {
            Err(if copy.of_backup { backup_damaged } else { damaged }(file, copy.next, what))
        };
        let mut taken = 0;
        for piece in &segment.pieces {
            match piece {
                Piece::Frame { at, first, end, previous } => {
                    if *end > self.end {
                        self.met_end = true;
                        break;
                    }
                    if *first != self.next || *previous != self.previous {
                        return wrong(self, "the frame does not follow the frame before it");
                    }
                    self.previous = frame::hash(&segment.bytes[at.clone()]);
                    (self.next, taken) = (*end, at.end);
                    self.bytes += at.len() as u64;
                }
                Piece::Bad { .. } if self.next == self.end => break,
                Piece::Bad { what, .. } => return wrong(self, what),
            }
        }
        Ok(taken)
    }
}

/// Copies the keys. A slot can be written or destroyed at this moment; what is read twice the same is whole. A slot
/// half written at the end belongs to no frame of the copy, and is passed over by whoever opens the keys.
pub(crate) fn copy_keys(from: &Path, to: &Path) -> Result<(), Error> {
    make_private(to)?;
    for name in KEY_FILES {
        let path = from.join(name);
        let read = || fs::read(&path).map_err(|source| Error::Io { path: path.clone(), source });
        let mut keys = read()?;
        let mut settled = false;
        for _ in 0..KEYS_TRIES {
            let again = read()?;
            settled = again.starts_with(&keys);
            if settled {
                break;
            }
            keys = again;
        }
        if !settled {
            return Err(refusal(&path, "it changes all the time; take the backup again"));
        }
        write_synced(&to.join(name), &keys, 0o600)?;
    }
    sync(to)
}

/// Makes a directory, or refuses one in which something lies.
pub(crate) fn make_empty(dir: &Path) -> Result<(), Error> {
    let io = |source| Error::Io { path: dir.to_owned(), source };
    fs::create_dir_all(dir).map_err(io)?;
    if fs::read_dir(dir).map_err(io)?.next().is_some() {
        // One that was cut short says so itself.
        directory::check_format(dir)?;
        let unfinished = dir.join(JOURNAL).exists() && !dir.join("lock").exists();
        return Err(refusal(
            dir,
            if unfinished && !dir.join(BACKUP_FILE).exists() {
                "a backup into it was cut short; delete it, or name a new directory"
            } else {
                "it is not empty; name a new directory"
            },
        ));
    }
    Ok(())
}

fn within(path: &Path, parent: &Path) -> bool {
    path.canonicalize()
        .ok()
        .zip(parent.canonicalize().ok())
        .is_some_and(|(path, parent)| path.starts_with(parent))
}

fn write_synced(path: &Path, bytes: &[u8], mode: u32) -> Result<(), Error> {
    let write = || {
        let mut file = File::options().write(true).create_new(true).mode(mode).open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|source| Error::Io { path: path.to_owned(), source })
}

pub(crate) fn backup_damaged(file: &Path, position: u64, what: &str) -> Error {
    let file = file.display().to_string();
    Error::BackupDamaged { file, position: Position(position), what: what.to_owned() }
}

/// What a person must do differently.
pub(crate) fn refusal(path: &Path, what: &str) -> Error {
    Error::Io { path: path.to_owned(), source: io::Error::other(what.to_owned()) }
}
