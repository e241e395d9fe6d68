//! Directories that tests damage.

use std::fs::File;
pub(super) use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, atomic::Ordering},
};

use super::{FaultyDisk, data::*, open};
use crate::{Error, Log};

/// Small segments, so that a few events fill several.
pub(super) const SEGMENT_BYTES: u64 = 8 * 1024;

pub(super) fn open_on(data: &Data, disk: &Arc<FaultyDisk>) -> Result<Log, Error> {
    open(data.path(), data.clock(), Arc::clone(disk), SEGMENT_BYTES)
}

/// `count` commits of two events each, in segments of [`SEGMENT_BYTES`].
pub(super) fn filled(count: u64) -> (Data, Vec<throughline_domain::Draft>) {
    let data = Data::new();
    let log = open_on(&data, &FaultyDisk::new(None)).unwrap();
    let drafts: Vec<_> = (0..2 * count).map(|id| served(journey(id % 5), id)).collect();
    for batch in drafts.chunks(2) {
        crate::EventLog::append(&log, batch.to_vec(), &[]).unwrap();
    }
    (data, drafts)
}

/// A copy of a data directory whose log is closed.
pub(super) fn copy_of(data: &Data) -> Data {
    let copy = Data::new();
    copy_directory(data.path(), copy.path());
    copy
}

pub(super) fn copy_directory(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_directory(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Cuts every journal file of `copy` to what of it was durable in `data`: what a power cut leaves.
pub(super) fn cut_power(disk: &FaultyDisk, data: &Path, copy: &Path) {
    for (name, _) in journal_files(data) {
        let bytes = disk.durable_bytes(&data.join("journal").join(&name)).unwrap();
        let file = File::options().write(true).open(copy.join("journal").join(&name)).unwrap();
        file.set_len(bytes).unwrap();
    }
}

/// The journal's files with their bytes, in order.
pub(super) fn journal_files(data: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(data.join("journal"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().into(), fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}

/// Whether the log has exactly these events.
pub(super) fn has(log: &Log, drafts: &[throughline_domain::Draft]) -> bool {
    let history = crate::EventLog::read(log, throughline_domain::Position(0), 100_000);
    history.is_ok_and(|history| history.events.iter().map(|recorded| &recorded.draft).eq(drafts))
}
