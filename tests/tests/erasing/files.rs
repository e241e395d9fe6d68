//! Every byte of every file of a data directory.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The files below a directory in which these bytes are.
pub fn files_with(dir: &Path, needle: &[u8]) -> Vec<PathBuf> {
    all_with(dir, &[needle]).into_iter().map(|(file, _)| file).collect()
}

/// The files below a directory in which any of these is, and which.
pub fn all_with(dir: &Path, needles: &[&[u8]]) -> Vec<(PathBuf, usize)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(all_with(&path, needles));
            continue;
        }
        let bytes = match fs::read(&path) {
            // A file that sled is done with can go meanwhile.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            read => read.unwrap(),
        };
        let is_in = |needle: &[u8]| contains(&bytes, needle);
        found.extend(
            needles
                .iter()
                .enumerate()
                .filter(|(_, needle)| is_in(needle))
                .map(|(nth, _)| (path.clone(), nth)),
        );
    }
    found
}

/// Whether the bytes hold these, by their first byte.
fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    assert!(needle.len() >= 6, "a shorter one is found by chance");
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|byte| *byte == needle[0]) {
        if bytes[from + at..].starts_with(needle) {
            return true;
        }
        from += at + 1;
    }
    false
}

/// Copies a directory whole.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
