//! Copies of a log, taken by a process that need not be the one that has it open.
//!
//! ```text
//! backup/
//!   BACKUP    that it is not finished, written first; what it is and how many events it has, written last
//!   journal/  the segments
//!   tree/     the signed checkpoint
//!   keys/     the keys: a class of their own, to be kept apart from the rest and no longer than keys may be kept; the
//!             master key only where it is kept beside them
//!   erasures/ the certificates of what was erased, and orders to erase that are under way
//!   access/   a log within the directory, in the same way
//! ```

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use serde::Serialize;
use throughline_domain::Position;
use throughline_vault::{MASTER_FILE, MasterId, MasterKey, SLOTS_FILE};

use crate::{
    Error,
    directory::{self, ERASURES, INDEX, JOURNAL, KEYS, LOCK_FILE, make_private, sync, write_whole},
    erasing::{self, Named},
    frame, index,
    journal::{self, Piece, Segment},
    record::Hash,
    segments::{Segments, damaged},
    tree::{self, TREE},
    unfinished,
    verify::hexadecimal,
};

pub(crate) const BACKUP_FILE: &str = "BACKUP";
const BACKUP_WORDS: &str = "throughline backup, format 1";
const UNFINISHED_WORDS: &str = "throughline backup, not finished";

/// How often keys are read for two readings to agree. A slot is written in microseconds.
const KEYS_TRIES: u32 = 100;
/// How long a rotation of the master key is waited for between two tries.
const KEYS_WAIT: Duration = Duration::from_millis(20);

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

/// What a backup holds, the logs within counted apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackedUp {
    /// The log itself.
    pub copied: Copied,
    /// Those within it that are there, by the names of their directories.
    pub within: BTreeMap<String, Copied>,
}

/// Copies the log in the directory `data` into `to`, which must be empty or not there yet, or was left by a backup that
/// was cut short. The log may be open in this or another process, and appends go on meanwhile; those acknowledged before
/// the call are in the copy. Nothing in `data` is changed. `progress` gets the bytes done and to do.
pub fn backup(data: &Path, to: &Path, progress: &(dyn Fn(u64, u64) + Sync)) -> Result<Copied, Error> {
    backup_with(data, to, &[], progress).map(|backed_up| backed_up.copied)
}

/// The same together with those of the logs `within` the directory that are there. It is one backup: cut short anywhere,
/// it is none, and says so.
pub fn backup_with(
    data: &Path,
    to: &Path,
    within: &[&str],
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<BackedUp, Error> {
    directory::check_format(data)?;
    journal_of(data)?;
    if lies_in(to, data)? {
        return Err(refusal(to, "it lies in the data directory; keep a backup apart from what it is of"));
    }
    let directory = unfinished::begin(to, within)?;
    write_whole(&to.join(BACKUP_FILE), format!("{UNFINISHED_WORDS}\n").as_bytes(), 0o644)?;
    point!(CopyBegun);
    let (copied, master) = copy_log(data, to, progress)?;
    let mut others = BTreeMap::new();
    // After the record: a copy of the record without who read it is not given out as whole.
    for name in within.iter().filter(|name| data.join(name).exists()) {
        let place = to.join(name);
        fs::create_dir(&place).map_err(|source| Error::Io { path: place.clone(), source })?;
        let (other, needs) = copy_log(&data.join(name), &place, &|_, _| {})?;
        if master.zip(needs).is_some_and(|(one, other)| one != other) {
            return Err(refusal(to, "the master key was rotated meanwhile; take the backup again"));
        }
        finish(&place, &other, needs, &[])?;
        point!(LogCopied);
        others.insert((*name).to_owned(), other);
    }
    let names: Vec<&str> = others.keys().map(String::as_str).collect();
    finish(to, &copied, master, &names)?;
    // Nobody waits for it, and it is no part of a backup.
    let _ = fs::remove_file(to.join(LOCK_FILE));
    drop(directory);
    Ok(BackedUp { copied, within: others })
}

/// Copies one log, and tells which master key its keys need.
fn copy_log(
    data: &Path,
    to: &Path,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<(Copied, Option<MasterId>), Error> {
    // Asked before the frames: what the index knows was acknowledged by then.
    let known = index::events_on_disk(&data.join(INDEX));
    let from = journal_of(data)?;
    let segments = Segments::list(&from)?;
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
    point!(FramesCopied);
    // After the frames: a key is made before the first frame that needs it, so every frame has its key.
    let master = copy_keys(&data.join(KEYS), &to.join(KEYS), true)?;
    point!(KeysCopied);
    // After the keys: an erasure whose keys were copied whole is among these, and is carried out by a restore.
    copy_erasures(&data.join(ERASURES), &to.join(ERASURES))?;
    if let Some(checkpoint) = checkpoint {
        fs::create_dir_all(to.join(TREE)).map_err(|source| Error::Io { path: to.join(TREE), source })?;
        write_synced(&to.join(TREE).join("checkpoint"), &checkpoint, 0o644)?;
        sync(&to.join(TREE))?;
    }
    sync(to)?;
    Ok((copied, master))
}

/// Says that the copy is whole, and of what.
fn finish(to: &Path, copied: &Copied, master: Option<MasterId>, within: &[&str]) -> Result<(), Error> {
    // For whoever keeps the master key elsewhere, or has rotated it since.
    let master = master.map(|master| format!("master key {master}\n")).unwrap_or_default();
    let within: Vec<String> = within.iter().map(|name| format!("with {name}\n")).collect();
    let Copied { events, last_frame, .. } = copied;
    let words =
        format!("{BACKUP_WORDS}\nevents {events}\nlast frame {last_frame}\n{master}{}", within.concat());
    write_whole(&to.join(BACKUP_FILE), words.as_bytes(), 0o644)
}

fn journal_of(data: &Path) -> Result<PathBuf, Error> {
    let journal = data.join(JOURNAL);
    if journal.exists() { Ok(journal) } else { Err(damaged(&journal, 0, "the journal is missing")) }
}

/// Whether a backup that was cut short lies here.
pub(crate) fn is_unfinished(dir: &Path) -> Result<bool, Error> {
    let path = dir.join(BACKUP_FILE);
    match fs::read(&path) {
        Ok(bytes) => Ok(bytes.trim_ascii_end() == UNFINISHED_WORDS.as_bytes()),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(false),
        Err(source) => Err(Error::Io { path, source }),
    }
}

/// Whether a backup lies here.
pub(crate) fn is_there(dir: &Path) -> bool {
    dir.join(BACKUP_FILE).exists()
}

/// What a backup says of itself.
pub(crate) struct Words {
    pub events: u64,
    /// The hash of its last frame.
    pub last_frame: String,
    /// The logs that were copied with it.
    pub within: Vec<String>,
}

/// Reads what a backup says of itself.
pub(crate) fn read_words(backup: &Path) -> Result<Words, Error> {
    let path = backup.join(BACKUP_FILE);
    if is_unfinished(backup)? {
        return Err(Error::BackupUnfinished(backup.to_owned()));
    }
    let words = fs::read_to_string(&path).map_err(|source| match source.kind() {
        ErrorKind::NotFound => refusal(backup, "this is no backup, or one that was not finished"),
        _ => Error::Io { path: path.clone(), source },
    })?;
    let mut lines = words.lines();
    let known = lines.next() == Some(BACKUP_WORDS);
    let events = lines.next().and_then(|line| line.strip_prefix("events ")?.parse().ok());
    let last = lines.next().and_then(|line| line.strip_prefix("last frame "));
    let within = lines.filter_map(|line| line.strip_prefix("with ")).map(str::to_owned).collect();
    match (known, events, last) {
        (true, Some(events), Some(last)) => Ok(Words { events, last_frame: last.to_owned(), within }),
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

/// Copies the keys, and the master key where it is beside them and wanted; which master key they need. A slot can be
/// written or destroyed at this moment; what is read twice the same is whole. A slot half written at the end belongs to no
/// frame of the copy, and is passed over by whoever opens the keys. While the master key is being rotated, nothing fits
/// together, and it is read again.
pub(crate) fn copy_keys(from: &Path, to: &Path, with_master: bool) -> Result<Option<MasterId>, Error> {
    let (slots, master) = (from.join(SLOTS_FILE), from.join(MASTER_FILE));
    let rotating = || throughline_vault::is_rotating(from);
    for _ in 0..KEYS_TRIES {
        if rotating() {
            thread::sleep(KEYS_WAIT);
            continue;
        }
        let key = if with_master && master.exists() { Some(MasterKey::read(&master)) } else { None };
        let keys = read(&slots)?;
        let whole = read(&slots)?.starts_with(&keys) && !rotating();
        let needs = throughline_vault::wrapped_by(&slots, &keys)?;
        let key = key.transpose()?;
        // One that opens nothing here is no part of the log, and none of the backup.
        let key = key.filter(|key| needs.is_none_or(|needs| key.id() == needs));
        if whole {
            make_private(to)?;
            if let Some(key) = key {
                key.write_new(&to.join(MASTER_FILE))?;
            }
            write_synced(&to.join(SLOTS_FILE), &keys, 0o600)?;
            sync(to)?;
            return Ok(needs);
        }
    }
    Err(refusal(
        &slots,
        "it changes all the time, or a rotation of the master key was cut short; the next command that opens the log \
         settles that: take the backup again then",
    ))
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|source| Error::Io { path: path.to_owned(), source })
}

/// Copies the certificates and orders there are. Each is whole: it was moved into its place. Looked for twice, for an
/// order can become a certificate meanwhile.
fn copy_erasures(from: &Path, to: &Path) -> Result<(), Error> {
    let list = || {
        erasing::list(from).map_or_else(|error| vec![Err(error)], |files| files.into_iter().map(Ok).collect())
    };
    for file in list().into_iter().chain(std::iter::once_with(list).flatten()) {
        let (Named::Order(path) | Named::Certificate(path, ..)) = file?;
        let Some(copy) = path.file_name().map(|name| to.join(name)).filter(|copy| !copy.exists()) else {
            continue;
        };
        if let Some(text) = erasing::read_text(&path)? {
            make_private(to)?;
            write_synced(&copy, text.as_bytes(), 0o600)?;
        }
    }
    if to.exists() { sync(to) } else { Ok(()) }
}

/// Whether a path that need not be there yet lies in a directory.
fn lies_in(path: &Path, parent: &Path) -> Result<bool, Error> {
    let io = |source| Error::Io { path: path.to_owned(), source };
    let absolute = std::path::absolute(path).map_err(io)?;
    let there = absolute.ancestors().find_map(|known| known.canonicalize().ok());
    Ok(there.zip(parent.canonicalize().ok()).is_some_and(|(path, parent)| path.starts_with(parent)))
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
