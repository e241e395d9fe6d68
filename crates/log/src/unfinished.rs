//! Directories into which a copy is being made. Until its last step such a directory says that it is unfinished, and
//! nobody takes it for a log or a backup; whoever copies into it again begins anew.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    Error,
    backup::{BACKUP_FILE, refusal},
    directory::{self, Directory, ERASURES, FORMAT_FILE, INDEX, JOURNAL, KEYS, LOCK_FILE, SLED, gone, sync},
    tree::TREE,
};

/// What a copy of one log is made of.
const PARTS: [&str; 6] = [JOURNAL, SLED, INDEX, TREE, KEYS, ERASURES];
/// What says that it is unfinished, or what it is.
const MARKS: [&str; 4] = [FORMAT_FILE, "FORMAT.new", BACKUP_FILE, "BACKUP.new"];

/// Takes a directory to copy into: one that is new or empty, or that a copy left which was cut short. What that left is
/// taken away, its keys overwritten. `within` names the logs that are copied into directories of it.
pub(crate) fn begin(dir: &Path, within: &[&str]) -> Result<Directory, Error> {
    fs::create_dir_all(dir).map_err(|source| Error::Io { path: dir.to_owned(), source })?;
    sync(&parent(dir))?;
    // Nothing is made in a directory that is not to be had.
    look(dir, within)?;
    let directory = Directory::lock(dir)?;
    // Whoever had it until now may have finished.
    if look(dir, within)? == Found::Unfinished {
        clear(dir, within)?;
    }
    Ok(directory)
}

#[derive(PartialEq, Eq)]
enum Found {
    Nothing,
    Unfinished,
}

fn look(dir: &Path, within: &[&str]) -> Result<Found, Error> {
    let io = |source| Error::Io { path: dir.to_owned(), source };
    let is_unfinished = match directory::check_format(dir) {
        Err(Error::BackupUnfinished(_) | Error::RestoreUnfinished(_)) => true,
        checked => checked.map(|()| false)?,
    };
    for entry in fs::read_dir(dir).map_err(io)? {
        let entry = entry.map_err(io)?;
        let name = entry.file_name();
        let is_one_of = |names: &[&str]| names.iter().any(|known| name == *known);
        let is_ours = if is_unfinished {
            is_one_of(&PARTS) || is_one_of(&MARKS) || is_one_of(within) || name == LOCK_FILE
        } else {
            // What is there of one that was cut short before it could say so.
            is_one_of(&["FORMAT.new", "BACKUP.new"])
                || (name == LOCK_FILE && entry.metadata().map_err(io)?.len() == 0)
        };
        if !is_ours {
            let what = if is_unfinished {
                "a copy into it was cut short, and it holds something else besides; delete it, or name a new directory"
            } else {
                "it is not empty; name a new directory"
            };
            return Err(refusal(dir, what));
        }
    }
    Ok(if is_unfinished { Found::Unfinished } else { Found::Nothing })
}

/// Takes away what an unfinished copy left, what says so last.
fn clear(dir: &Path, within: &[&str]) -> Result<(), Error> {
    tracing::warn!(path = %dir.display(), "a copy into this directory was cut short; it is begun anew");
    for log in within.iter().map(|name| dir.join(name)).chain([dir.to_owned()]) {
        throughline_vault::wipe_directory(&log.join(KEYS))?;
    }
    for part in within.iter().copied().chain(PARTS) {
        gone(fs::remove_dir_all(dir.join(part)), &dir.join(part))?;
    }
    sync(dir)?;
    for mark in MARKS {
        gone(fs::remove_file(dir.join(mark)), &dir.join(mark))?;
    }
    sync(dir)
}

fn parent(path: &Path) -> PathBuf {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}
