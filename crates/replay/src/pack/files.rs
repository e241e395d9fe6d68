//! A pack's files: in a folder, or as one file.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use super::{EVENTS_MAX, MANIFEST, Manifest};
use crate::Error;

/// Files by their names in the pack.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Bytes that all files of a pack have at most.
const BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// Files of a pack at most: a proof of every event, and some.
const FILES_MAX: usize = EVENTS_MAX + 16;
/// The folder in which files lie where a pack is one file.
const FOLDER: &str = "audit-pack";

/// What is read where something else than a plain file lies.
const NO_PLAIN_FILE: &[u8] = b"no plain file";

/// Writes the files into this folder, which is new or empty. The manifest comes last: without it a pack is not whole.
pub fn write(files: &Files, dir: &Path) -> Result<(), Error> {
    let there = fs::read_dir(dir).map(|mut entries| entries.next().is_some());
    if there.unwrap_or_default() {
        return Err(io_error(dir, io::Error::other("it is not empty; name a new directory")));
    }
    fs::create_dir_all(dir.join("proofs")).map_err(|source| io_error(dir, source))?;
    private(dir)?;
    let last = |name: &String| name == MANIFEST;
    for (name, bytes) in
        files.iter().filter(|(name, _)| !last(name)).chain(files.iter().filter(|(name, _)| last(name)))
    {
        let path = dir.join(name);
        fs::write(&path, bytes).map_err(|source| io_error(&path, source))?;
    }
    Ok(())
}

/// Names and words are in a pack: only whoever made it may read it.
#[cfg(unix)]
fn private(dir: &Path) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(dir, fs::Permissions::from_mode(0o700)).map_err(|source| io_error(dir, source))
}

#[cfg(not(unix))]
fn private(_: &Path) -> Result<(), Error> {
    Ok(())
}

/// The pack as one file: a tar of a folder.
pub fn tar(files: &Files, manifest: &Manifest) -> Result<Vec<u8>, Error> {
    let failed = |source| io_error(Path::new(FOLDER), source);
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(u64::try_from(manifest.made_at.as_second()).unwrap_or_default());
        archive.append_data(&mut header, format!("{FOLDER}/{name}"), bytes.as_slice()).map_err(failed)?;
    }
    archive.into_inner().map_err(failed)
}

/// Reads a pack: a folder, or the one file. Bounded; what lies there and is no plain file is named, and never followed.
pub fn read(path: &Path) -> Result<Files, Error> {
    let mut reading = Reading { files: Files::new(), left: BYTES_MAX };
    if path.is_dir() {
        reading.folder(path, "")?;
    } else {
        let file = fs::File::open(path).map_err(|source| io_error(path, source))?;
        reading.tar(path, file)?;
    }
    Ok(reading.files)
}

/// Whether this is a pack, as far as its names tell.
pub fn is_pack(path: &Path) -> bool {
    path.join(MANIFEST).is_file()
        || (path.is_file() && path.extension().is_some_and(|extension| extension == "tar"))
}

struct Reading {
    files: Files,
    /// Bytes that may still be read.
    left: u64,
}

impl Reading {
    fn folder(&mut self, dir: &Path, outer: &str) -> Result<(), Error> {
        let entries = fs::read_dir(dir).map_err(|source| io_error(dir, source))?;
        for entry in entries {
            let entry = entry.map_err(|source| io_error(dir, source))?;
            let (path, name) = (entry.path(), entry.file_name());
            let name = format!("{outer}{}", name.to_string_lossy());
            let kind = entry.file_type().map_err(|source| io_error(&path, source))?;
            if kind.is_dir() && outer.is_empty() && name == "proofs" {
                self.folder(&path, "proofs/")?;
            } else if kind.is_file() {
                let file = fs::File::open(&path).map_err(|source| io_error(&path, source))?;
                self.take(&path, name, file)?;
            } else {
                self.take(&path, name, NO_PLAIN_FILE)?;
            }
        }
        Ok(())
    }

    fn tar(&mut self, path: &Path, file: fs::File) -> Result<(), Error> {
        let mut archive = tar::Archive::new(io::BufReader::new(file));
        let failed = |source| io_error(path, source);
        for entry in archive.entries().map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.path().map_err(failed)?.to_string_lossy().into_owned();
            let kind = entry.header().entry_type();
            if kind.is_dir() {
                continue;
            }
            let name =
                name.strip_prefix(FOLDER).and_then(|name| name.strip_prefix('/')).unwrap_or(&name).to_owned();
            if self.files.contains_key(&name) {
                return Err(failed(io::Error::other(format!("{name} is there twice"))));
            }
            if kind.is_file() {
                self.take(path, name, entry)?;
            } else {
                self.take(path, name, NO_PLAIN_FILE)?;
            }
        }
        Ok(())
    }

    fn take(&mut self, path: &Path, name: String, file: impl Read) -> Result<(), Error> {
        let mut bytes = Vec::new();
        let read = file.take(self.left + 1).read_to_end(&mut bytes);
        read.map_err(|source| io_error(path, source))?;
        self.left = self.left.checked_sub(bytes.len() as u64).ok_or_else(|| {
            io_error(path, io::Error::other(format!("its files have more than {BYTES_MAX} bytes")))
        })?;
        self.files.insert(name, bytes);
        if self.files.len() > FILES_MAX {
            return Err(io_error(path, io::Error::other(format!("there are more than {FILES_MAX} files"))));
        }
        Ok(())
    }
}

fn io_error(path: &Path, source: io::Error) -> Error {
    Error::Io { path: PathBuf::from(path), source }
}
