//! The files of a tree.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use throughline_proof::{Hash, Tile, hashes_of};

use super::damaged;
use crate::{
    Error,
    directory::{Directory, put_whole, sync},
    journal::Setup,
};

/// The directory of one tree.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    root: PathBuf,
    /// A bug that a test planted.
    #[cfg(any(test, feature = "faults"))]
    pub planted: Option<crate::faults::Seeded>,
}

/// Files written and not all durable yet, until [`Written::sync`].
pub(crate) struct Written<'a> {
    files: &'a Files,
    directories: BTreeSet<PathBuf>,
}

impl Files {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self {
            root,
            #[cfg(any(test, feature = "faults"))]
            planted: None,
        }
    }

    /// The tree of a data directory.
    pub(crate) fn of(directory: &Directory, setup: &Setup) -> Self {
        let files = Self::new(directory.tree());
        #[cfg(any(test, feature = "faults"))]
        let files = Self { planted: setup.disk.seeded(), ..files };
        #[cfg(not(any(test, feature = "faults")))]
        let _ = setup;
        files
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn checkpoint(&self) -> PathBuf {
        self.root.join("checkpoint")
    }

    pub(crate) fn vkey(&self) -> PathBuf {
        self.root.join("log.vkey")
    }

    /// The directory of what witnesses cosigned.
    pub(crate) fn witnessed(&self) -> PathBuf {
        self.root.join("witnessed")
    }

    pub(crate) fn tile(&self, tile: &Tile) -> PathBuf {
        self.root.join(tile.to_string())
    }

    /// The hashes of a tile: from its own file, the full tile's, or another's at its place that has them too.
    pub(crate) fn hashes(&self, tile: Tile) -> Result<Vec<Hash>, Error> {
        // While it is looked for, a partial tile may give way to a wider one, and that to the full one.
        for _ in 0..3 {
            if let Some(hashes) = self.look_for(tile)? {
                return Ok(hashes);
            }
        }
        Err(damaged(&self.tile(&tile), first_leaf(&tile), "the tile is missing"))
    }

    fn look_for(&self, tile: Tile) -> Result<Option<Vec<Hash>>, Error> {
        for place in [tile, tile.full()] {
            let path = self.tile(&place);
            if let Some(bytes) = read(&path)? {
                return take(&path, tile, &bytes).map(Some);
            }
        }
        for width in self.widths(&tile)?.into_iter().filter(|width| *width > tile.width) {
            let path = self.tile(&Tile { width, ..tile });
            if let Some(bytes) = read(&path)? {
                return take(&path, tile, &bytes).map(Some);
            }
        }
        Ok(None)
    }

    /// Widths of the partial tiles that are kept at this place.
    pub(crate) fn widths(&self, tile: &Tile) -> Result<Vec<u16>, Error> {
        let path = self.partial(tile);
        let read = || -> io::Result<Vec<u16>> {
            let entries = match fs::read_dir(&path) {
                Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                    return Ok(Vec::new());
                }
                entries => entries?,
            };
            let mut widths = Vec::new();
            for entry in entries {
                widths.extend(entry?.file_name().to_str().and_then(|name| name.parse::<u16>().ok()));
            }
            widths.sort_unstable();
            Ok(widths)
        };
        read().map_err(|source| io_error(&path, source))
    }

    /// Removes what partial tiles are kept at this place, but those of these widths. What cannot be removed does no harm.
    pub(crate) fn remove_partial(&self, tile: &Tile, but: &[u16]) {
        for width in self.widths(tile).unwrap_or_default().into_iter().filter(|width| !but.contains(width)) {
            let _ = fs::remove_file(self.tile(&Tile { width, ..*tile }));
        }
        if but.is_empty() {
            let _ = fs::remove_dir(self.partial(tile));
        }
    }

    pub(crate) fn write(&self) -> Written<'_> {
        Written { files: self, directories: BTreeSet::new() }
    }

    /// The directory of the partial tiles at this place.
    fn partial(&self, tile: &Tile) -> PathBuf {
        let mut name = self.tile(&tile.full()).into_os_string();
        name.push(".p");
        name.into()
    }
}

impl Written<'_> {
    /// Puts a tile at its place: its bytes are durable when this returns, its name once [`Written::sync`] has.
    pub(crate) fn tile(&mut self, tile: &Tile, hashes: &[Hash]) -> Result<(), Error> {
        self.put(&self.files.tile(tile), hashes.as_flattened())
    }

    /// Puts a file at its place, beside it first. One that has these bytes already is left as it is.
    pub(crate) fn put(&mut self, path: &Path, bytes: &[u8]) -> Result<(), Error> {
        if read(path)?.as_deref() == Some(bytes) {
            return Ok(());
        }
        let parent = path.parent().expect("a file of the tree lies in its directory");
        self.directory(parent)?;
        put_whole(path, bytes, 0o644)?;
        self.directories.insert(parent.to_owned());
        Ok(())
    }

    /// Returns once the names of all that was put are durable.
    pub(crate) fn sync(self) -> Result<(), Error> {
        self.directories.iter().rev().try_for_each(|path| sync(path))
    }

    /// Makes a directory of the tree and those it lies in.
    fn directory(&mut self, path: &Path) -> Result<(), Error> {
        match fs::create_dir(path) {
            Ok(()) => {
                self.directories.extend(path.parent().map(Path::to_owned));
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound && path.starts_with(&self.files.root) => {
                self.directory(path.parent().expect("it lies below the tree"))?;
                self.directory(path)
            }
            Err(source) => Err(io_error(path, source)),
        }
    }
}

/// The bytes of a file; none where there is no such file.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(source) => Err(io_error(path, source)),
    }
}

/// The hashes of a tile out of the bytes of a file that has at least as many.
fn take(path: &Path, tile: Tile, bytes: &[u8]) -> Result<Vec<Hash>, Error> {
    let wrong = |what: String| damaged(path, first_leaf(&tile), what);
    let mut hashes = hashes_of(bytes).map_err(|error| wrong(error.to_string()))?;
    if hashes.len() < tile.width.into() {
        return Err(wrong(format!("it has {} of {} hashes", hashes.len(), tile.width)));
    }
    hashes.truncate(tile.width.into());
    Ok(hashes)
}

/// The first event that a tile is about.
pub(crate) fn first_leaf(tile: &Tile) -> u64 {
    let level = match tile.level {
        throughline_proof::Level::Hashes(level) => u32::from(level) + 1,
        throughline_proof::Level::Entries => 1,
    };
    tile.index.saturating_mul(256_u64.saturating_pow(level))
}

pub(crate) fn io_error(path: &Path, source: io::Error) -> Error {
    Error::Io { path: path.to_owned(), source }
}
