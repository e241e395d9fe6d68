//! The data directory: whose it is, in which format it is, and that one process at a time has it.

use std::{
    fs::{self, DirBuilder, File, TryLockError},
    io::{self, ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use throughline_domain::Position;

use crate::{Error, backup, tree};

/// The newest format of the directory that this program knows.
const FORMAT: u32 = 1;
pub(crate) const FORMAT_FILE: &str = "FORMAT";
const FORMAT_WORDS: &str = "throughline data directory, format ";
const RESTORING_WORDS: &str = "throughline data directory, restore not finished";
pub(crate) const LOCK_FILE: &str = "lock";

/// The frames, as they are written first and kept a second time.
pub(crate) const JOURNAL: &str = "journal";
/// The frames, as they are read.
pub(crate) const SLED: &str = "sled";
/// What is derived from the frames, and can be deleted while nobody has the directory.
pub(crate) const INDEX: &str = "index";
/// Orders to erase that are under way, and the certificates of those that are done.
pub(crate) const ERASURES: &str = "erasures";
/// The keys.
pub(crate) const KEYS: &str = "keys";

/// A data directory that this process holds until it is dropped.
pub(crate) struct Directory {
    path: PathBuf,
    /// Locked; the lock goes with the file.
    _lock: File,
}

impl Directory {
    /// Takes the directory, making it where it is missing.
    pub(crate) fn take(path: &Path) -> Result<Self, Error> {
        let directory = Self::lock(path)?;
        check_format(path)?;
        Ok(directory)
    }

    /// Takes the directory whatever its format.
    pub(crate) fn lock(path: &Path) -> Result<Self, Error> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| Error::Io { path, source }
        };
        fs::create_dir_all(path).map_err(io(path))?;
        let lock_path = path.join(LOCK_FILE);
        let lock = File::options().create(true).append(true).open(&lock_path).map_err(io(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::Locked(path.to_owned())),
            Err(TryLockError::Error(source)) => return Err(io(&lock_path)(source)),
        }
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// Whether a log was made here before.
    pub(crate) fn is_marked(&self) -> bool {
        is_marked(&self.path)
    }

    /// Marks that a log of this format is here; done last when one is made.
    pub(crate) fn mark(&self) -> Result<(), Error> {
        self.write_format(&format!("{FORMAT_WORDS}{FORMAT}"))
    }

    /// Marks that a log is being restored here, so that a part of it is never taken for a log.
    pub(crate) fn mark_restoring(&self) -> Result<(), Error> {
        self.write_format(RESTORING_WORDS)
    }

    fn write_format(&self, words: &str) -> Result<(), Error> {
        write_whole(&self.path.join(FORMAT_FILE), format!("{words}\n").as_bytes(), 0o644)
    }

    /// Where [`JOURNAL`] is.
    pub(crate) fn journal(&self) -> PathBuf {
        self.path.join(JOURNAL)
    }

    /// Where [`SLED`] is.
    pub(crate) fn frames(&self) -> PathBuf {
        self.path.join(SLED)
    }

    /// Where [`INDEX`] is.
    pub(crate) fn index(&self) -> PathBuf {
        self.path.join(INDEX)
    }

    /// Where [`KEYS`] are.
    pub(crate) fn keys(&self) -> PathBuf {
        self.path.join(KEYS)
    }

    /// Where [`tree::TREE`] is.
    pub(crate) fn tree(&self) -> PathBuf {
        tree::path(&self.path)
    }

    /// Where [`ERASURES`] are.
    pub(crate) fn erasures(&self) -> PathBuf {
        self.path.join(ERASURES)
    }

    /// The directory itself.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// Refuses a directory whose log this program cannot read: of a newer format, or a copy that was cut short. One without a
/// log is none of them.
pub fn check_format(path: &Path) -> Result<(), Error> {
    if backup::is_unfinished(path)? {
        return Err(Error::BackupUnfinished(path.to_owned()));
    }
    let file = path.join(FORMAT_FILE);
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        // Bytes that are no text say as little as another text.
        Err(error) if error.kind() == ErrorKind::InvalidData => String::new(),
        Err(source) => return Err(Error::Io { path: file, source }),
    };
    if text.trim_end() == RESTORING_WORDS {
        return Err(Error::RestoreUnfinished(path.to_owned()));
    }
    match text.trim_end().strip_prefix(FORMAT_WORDS).and_then(|n| n.parse().ok()) {
        Some(found) if found > FORMAT => Err(Error::NewerFormat { path: file, found, known: FORMAT }),
        Some(1..) => Ok(()),
        Some(0) | None => Err(Error::Damaged {
            file: file.display().to_string(),
            position: Position(0),
            what: "it does not say which format this directory has".to_owned(),
        }),
    }
}

/// Refuses a backup. It is no log to work on, and nothing is written into it.
pub fn check_no_backup(path: &Path) -> Result<(), Error> {
    if !is_marked(path) && backup::is_there(path) {
        return Err(Error::IsBackup(path.to_owned()));
    }
    Ok(())
}

fn is_marked(path: &Path) -> bool {
    let file = path.join(FORMAT_FILE);
    file.exists() && fs::read_to_string(&file).map_or(true, |text| text.trim_end() != RESTORING_WORDS)
}

/// Makes a directory that only its owner may read.
pub(crate) fn make_private(path: &Path) -> Result<(), Error> {
    DirBuilder::new()
        .mode(0o700)
        .recursive(true)
        .create(path)
        .map_err(|source| Error::Io { path: path.to_owned(), source })
}

/// Writes a file beside its place, syncs it, moves it there and syncs its name: a crash leaves all of it or nothing.
pub(crate) fn write_whole(path: &Path, bytes: &[u8], mode: u32) -> Result<(), Error> {
    let parent = path.parent().expect("every file has its directory");
    put_whole(path, bytes, mode)?;
    sync(parent)
}

/// The same, whose name is durable once whoever calls has synced the directory.
pub(crate) fn put_whole(path: &Path, bytes: &[u8], mode: u32) -> Result<(), Error> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let write = || {
        let mut file = File::options().write(true).create(true).truncate(true).mode(mode).open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    write().map_err(|source| Error::Io { path: path.to_owned(), source })
}

/// What was removed is gone, also where it was not there.
pub(crate) fn gone(removed: io::Result<()>, path: &Path) -> Result<(), Error> {
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(Error::Io { path: path.to_owned(), source: error })
        }
        _ => Ok(()),
    }
}

/// Returns once this file, or the names in this directory, are durable.
pub(crate) fn sync(path: &Path) -> Result<(), Error> {
    File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(|source| Error::Io { path: path.to_owned(), source })
}
