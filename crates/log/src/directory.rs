//! The data directory: whose it is, in which format it is, and that one process at a time has it.

use std::{
    fs::{self, DirBuilder, File, TryLockError},
    io::{ErrorKind, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use crate::Error;

/// The newest format of the directory that this program knows.
const FORMAT: u32 = 1;
const FORMAT_FILE: &str = "FORMAT";
const FORMAT_WORDS: &str = "throughline data directory, format ";
const LOCK_FILE: &str = "lock";

/// A data directory that this process holds until it is dropped.
pub(crate) struct Directory {
    path: PathBuf,
    /// Locked; the lock goes with the file.
    _lock: File,
}

impl Directory {
    /// Takes the directory, making it where it is missing.
    pub(crate) fn take(path: &Path) -> Result<Self, Error> {
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
        let directory = Self { path: path.to_owned(), _lock: lock };
        directory.check_format()?;
        Ok(directory)
    }

    /// Whether a log was made here before.
    pub(crate) fn is_marked(&self) -> bool {
        self.path.join(FORMAT_FILE).exists()
    }

    /// Marks that a log of this format is here; done last when one is made.
    pub(crate) fn mark(&self) -> Result<(), Error> {
        let path = self.path.join(FORMAT_FILE);
        let beside = self.path.join("FORMAT.new");
        let write = || {
            let mut file = File::create(&beside)?;
            writeln!(file, "{FORMAT_WORDS}{FORMAT}")?;
            file.sync_all()?;
            fs::rename(&beside, &path)?;
            File::open(&self.path)?.sync_all()
        };
        write().map_err(|source| Error::Io { path, source })
    }

    /// The frames, as they are written first and kept a second time.
    pub(crate) fn journal(&self) -> PathBuf {
        self.path.join("journal")
    }

    /// The frames, as they are read.
    pub(crate) fn frames(&self) -> PathBuf {
        self.path.join("sled")
    }

    /// What is derived from the frames, and can be deleted while nobody has the directory.
    pub(crate) fn index(&self) -> PathBuf {
        self.path.join("index")
    }

    /// The keys.
    pub(crate) fn keys(&self) -> PathBuf {
        self.path.join("keys")
    }

    /// The directory itself.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn check_format(&self) -> Result<(), Error> {
        let path = self.path.join(FORMAT_FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(source) => return Err(Error::Io { path, source }),
        };
        let unreadable = || Error::Io {
            path: path.clone(),
            source: std::io::Error::new(
                ErrorKind::InvalidData,
                "it does not say which format this directory has",
            ),
        };
        let found: u32 =
            text.trim_end().strip_prefix(FORMAT_WORDS).and_then(|n| n.parse().ok()).ok_or_else(unreadable)?;
        if found > FORMAT {
            return Err(Error::NewerFormat { path, found, known: FORMAT });
        }
        Ok(())
    }
}

/// Makes a directory that only its owner may read.
pub(crate) fn make_private(path: &Path) -> Result<(), Error> {
    DirBuilder::new()
        .mode(0o700)
        .recursive(true)
        .create(path)
        .map_err(|source| Error::Io { path: path.to_owned(), source })
}

/// Returns once this file, or the names in this directory, are durable.
pub(crate) fn sync(path: &Path) -> Result<(), Error> {
    File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(|source| Error::Io { path: path.to_owned(), source })
}
