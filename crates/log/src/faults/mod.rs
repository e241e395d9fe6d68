//! A disk that fails when told to, bugs planted on purpose, and what the journal promises in spite of the first and
//! must break because of the second.

use std::{
    collections::HashMap,
    fs::{self, File},
    io,
    os::{fd::AsRawFd, unix::fs::FileExt},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{
    Error, Log,
    journal::{Setup, disk::Disk},
};

mod copies;
#[path = "../../tests/promises/data.rs"]
#[allow(dead_code, reason = "shared with the tests of the promises")]
mod data;
mod disk;
mod healing;
mod seeded;

use data::*;

/// A bug planted on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seeded {
    AcknowledgeBeforeSync,
    SkipJournal,
    IgnoreChecksums,
    ReorderFrames,
}

/// What goes wrong next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// The write stops after this many bytes, and the disk is full.
    FullAfter(usize),
    /// The write stops after this many bytes, and the disk fails.
    BrokenAfter(usize),
    /// The sync fails.
    Sync,
    /// The disk is full, and what was written of it cannot be taken back either.
    FullAndStuck,
}

/// A disk that remembers how much of each file is durable.
#[derive(Default)]
struct FaultyDisk {
    seeded: Option<Seeded>,
    next: Mutex<Option<Fault>>,
    /// Bytes of each file that were synced, by its name.
    durable: Mutex<HashMap<PathBuf, u64>>,
    /// At most so many bytes are taken at a time; 0 for no limit.
    piece: AtomicU64,
    /// Bytes that are free; 0 for plenty.
    room: AtomicU64,
}

impl FaultyDisk {
    fn new(seeded: Option<Seeded>) -> Arc<Self> {
        Arc::new(Self { seeded, ..Self::default() })
    }

    fn fail_next(&self, fault: Fault) {
        *self.next.lock().unwrap() = Some(fault);
    }

    fn take(&self, fault: impl Fn(&Fault) -> bool) -> Option<Fault> {
        self.next.lock().unwrap().take_if(|next| fault(next))
    }

    /// Cuts every journal file to what was durable: what a power cut leaves.
    fn cut_power(&self, data: &Path) {
        let durable = self.durable.lock().unwrap();
        for entry in fs::read_dir(data.join("journal")).unwrap() {
            let path = entry.unwrap().path();
            let bytes = durable.get(&path).copied().unwrap_or(0);
            File::options().write(true).open(&path).unwrap().set_len(bytes).unwrap();
        }
    }
}

impl Disk for FaultyDisk {
    fn write(&self, file: &File, bytes: &[u8], at: u64) -> io::Result<usize> {
        let full = io::Error::from_raw_os_error(28);
        match self.take(|fault| *fault != Fault::Sync) {
            Some(Fault::FullAfter(0)) => Err(full),
            Some(Fault::FullAfter(count)) => {
                self.fail_next(Fault::FullAfter(0));
                file.write_at(&bytes[..count.min(bytes.len())], at)
            }
            Some(Fault::BrokenAfter(0)) => Err(io::Error::from_raw_os_error(5)),
            Some(Fault::BrokenAfter(count)) => {
                self.fail_next(Fault::BrokenAfter(0));
                file.write_at(&bytes[..count.min(bytes.len())], at)
            }
            Some(Fault::FullAndStuck) => {
                self.fail_next(Fault::Sync);
                file.write_at(&bytes[..1], at)?;
                Err(full)
            }
            _ => match usize::try_from(self.piece.load(Ordering::SeqCst)).unwrap() {
                0 => file.write_at(bytes, at),
                piece => file.write_at(&bytes[..piece.min(bytes.len())], at),
            },
        }
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        if self.take(|fault| *fault == Fault::Sync).is_some() {
            return Err(io::Error::from_raw_os_error(5));
        }
        file.sync_data()?;
        let name = fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd()))?;
        self.durable.lock().unwrap().insert(name, file.metadata()?.len());
        Ok(())
    }

    fn truncate(&self, file: &File, bytes: u64) -> io::Result<()> {
        if self.take(|fault| *fault == Fault::Sync).is_some() {
            return Err(io::Error::from_raw_os_error(5));
        }
        file.set_len(bytes)
    }

    fn room(&self, path: &Path) -> io::Result<u64> {
        match self.room.load(Ordering::SeqCst) {
            0 => fs4::available_space(path),
            room => Ok(room),
        }
    }

    fn seeded(&self) -> Option<Seeded> {
        self.seeded
    }
}

/// Small segments, so that a few events fill several.
const SEGMENT_BYTES: u64 = 8 * 1024;

fn open_on(data: &Data, disk: &Arc<FaultyDisk>) -> Result<Log, Error> {
    let setup = Setup { disk: Arc::clone(disk) as Arc<dyn Disk>, segment_bytes: SEGMENT_BYTES };
    Log::open_with(data.path(), data.clock(), setup)
}

/// `count` commits of two events each, in segments of [`SEGMENT_BYTES`].
fn filled(count: u64) -> (Data, Vec<throughline_domain::Draft>) {
    let data = Data::new();
    let log = open_on(&data, &FaultyDisk::new(None)).unwrap();
    let drafts: Vec<_> = (0..2 * count).map(|id| served(journey(id % 5), id)).collect();
    for batch in drafts.chunks(2) {
        crate::EventLog::append(&log, batch.to_vec(), &[]).unwrap();
    }
    (data, drafts)
}

/// A copy of a data directory whose log is closed.
fn copy_of(data: &Data) -> Data {
    let copy = Data::new();
    copy_directory(data.path(), copy.path());
    copy
}

fn copy_directory(from: &Path, to: &Path) {
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

/// The journal's files with their bytes, in order.
fn journal_files(data: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(data.join("journal"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().into(), fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}

/// Whether the log has exactly these events.
fn has(log: &Log, drafts: &[throughline_domain::Draft]) -> bool {
    let history = crate::EventLog::read(log, throughline_domain::Position(0), 100_000);
    history.is_ok_and(|history| history.events.iter().map(|recorded| &recorded.draft).eq(drafts))
}
