//! A disk that fails when told to, and knows what of it would outlast a power cut.

use std::{
    collections::{HashMap, HashSet},
    fs::{self, File},
    io,
    os::unix::fs::{FileExt, MetadataExt},
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use super::Seeded;
use crate::journal::disk::Disk;

/// What goes wrong next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The write stops after this many bytes, and the disk is full.
    FullAfter(usize),
    /// The write stops after this many bytes, and the disk fails.
    BrokenAfter(usize),
    /// The sync fails.
    Sync,
    /// The disk is full, and what was written of it cannot be taken back either.
    FullAndStuck,
}

/// How often the disk fails by itself, in a thousand.
#[derive(Debug, Clone, Copy, Default)]
pub struct Trouble {
    /// Decides when.
    pub seed: u64,
    /// Writes that find the disk full, after some of their bytes.
    pub full: u64,
    /// Writes that find the disk broken, after some of their bytes.
    pub broken: u64,
    /// Syncs that fail.
    pub sync: u64,
    /// Writes that find the disk full and cannot be taken back.
    pub stuck: u64,
    /// At most so many bytes are taken at a time; 0 for no limit.
    pub piece: u64,
}

/// What a disk tells of itself.
#[derive(Debug)]
pub enum Told {
    /// So many bytes of the file with this number are durable.
    Durable {
        /// The file's inode.
        inode: u64,
        /// Bytes from its beginning.
        bytes: u64,
    },
    /// The names in the journal's directory are durable as they are now.
    Named,
    /// Something was made to fail.
    Failed(Fault),
}

type Tell = Box<dyn Fn(&Told) + Send + Sync>;

/// A disk that fails when told to.
#[derive(Default)]
pub struct FaultyDisk {
    seeded: Option<Seeded>,
    next: Mutex<Option<Fault>>,
    trouble: Mutex<Trouble>,
    durable: Mutex<Durable>,
    pub(super) piece: AtomicU64,
    /// Bytes that are free; 0 for plenty.
    pub(super) room: AtomicU64,
    tell: Option<Tell>,
}

/// Bytes of each file that were synced, by inode. A file whose sync failed once gets no more: the kernel took the
/// pages for written.
#[derive(Default)]
struct Durable {
    bytes: HashMap<u64, u64>,
    lost: HashSet<u64>,
}

impl FaultyDisk {
    /// A disk that is well until told otherwise, under a journal with this bug.
    pub fn new(seeded: Option<Seeded>) -> Arc<Self> {
        Arc::new(Self { seeded, ..Self::default() })
    }

    /// A disk with trouble of its own that tells what it does.
    pub fn troubled(
        seeded: Option<Seeded>,
        trouble: Trouble,
        tell: impl Fn(&Told) + Send + Sync + 'static,
    ) -> Arc<Self> {
        let piece = AtomicU64::new(trouble.piece);
        let (trouble, tell) = (Mutex::new(trouble), Some(Box::new(tell) as Tell));
        Arc::new(Self { seeded, trouble, piece, tell, ..Self::default() })
    }

    /// Makes the next write or sync fail so.
    pub fn fail_next(&self, fault: Fault) {
        *lock(&self.next) = Some(fault);
    }

    /// Bytes of this file that would outlast a power cut.
    pub fn durable_bytes(&self, file: &Path) -> io::Result<u64> {
        let inode = fs::metadata(file)?.ino();
        Ok(lock(&self.durable).bytes.get(&inode).copied().unwrap_or_default())
    }

    fn take(&self, fault: impl Fn(&Fault) -> bool) -> Option<Fault> {
        lock(&self.next).take_if(|next| fault(next))
    }

    fn tell(&self, told: &Told) {
        if let Some(tell) = &self.tell {
            tell(told);
        }
    }

    /// Decides whether the trouble strikes now; what `decide` makes of it is then what fails next.
    fn strike(&self, decide: impl Fn(&Trouble, u64) -> Option<Fault>) {
        let struck = {
            let mut trouble = lock(&self.trouble);
            trouble.seed = next(trouble.seed);
            let drawn = trouble.seed;
            decide(&trouble, drawn)
        };
        if let Some(fault) = struck {
            self.fail_next(fault);
            self.tell(&Told::Failed(fault));
        }
    }

    fn write_some(&self, file: &File, bytes: &[u8], at: u64, count: usize, then: Fault) -> io::Result<usize> {
        self.fail_next(then);
        file.write_at(&bytes[..count.min(bytes.len())], at)
    }
}

impl Disk for FaultyDisk {
    fn write(&self, file: &File, bytes: &[u8], at: u64) -> io::Result<usize> {
        self.strike(|trouble, drawn| {
            let after = usize::try_from(drawn >> 40).unwrap_or_default() % bytes.len().max(1);
            let mut chance = drawn % 1000;
            for (share, fault) in [
                (trouble.full, Fault::FullAfter(after)),
                (trouble.broken, Fault::BrokenAfter(after)),
                (trouble.stuck, Fault::FullAndStuck),
            ] {
                if chance < share {
                    return Some(fault);
                }
                chance -= share;
            }
            None
        });
        let full = io::Error::from_raw_os_error(28);
        match self.take(|fault| *fault != Fault::Sync) {
            Some(Fault::FullAfter(0)) => Err(full),
            Some(Fault::FullAfter(count)) => self.write_some(file, bytes, at, count, Fault::FullAfter(0)),
            Some(Fault::BrokenAfter(0)) => Err(io::Error::from_raw_os_error(5)),
            Some(Fault::BrokenAfter(count)) => self.write_some(file, bytes, at, count, Fault::BrokenAfter(0)),
            Some(Fault::FullAndStuck) => {
                self.write_some(file, bytes, at, 1, Fault::Sync)?;
                Err(full)
            }
            _ => match usize::try_from(self.piece.load(Ordering::SeqCst)) {
                Ok(piece) if piece > 0 => file.write_at(&bytes[..piece.min(bytes.len())], at),
                _ => file.write_at(bytes, at),
            },
        }
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        self.strike(|trouble, drawn| (drawn % 1000 < trouble.sync).then_some(Fault::Sync));
        let inode = file.metadata()?.ino();
        if self.take(|fault| *fault == Fault::Sync).is_some() {
            lock(&self.durable).lost.insert(inode);
            return Err(io::Error::from_raw_os_error(5));
        }
        let bytes = file.metadata()?.len();
        file.sync_data()?;
        let mut durable = lock(&self.durable);
        if !durable.lost.contains(&inode) {
            durable.bytes.insert(inode, bytes);
            self.tell(&Told::Durable { inode, bytes });
        }
        Ok(())
    }

    fn truncate(&self, file: &File, bytes: u64) -> io::Result<()> {
        if self.take(|fault| *fault == Fault::Sync).is_some() {
            return Err(io::Error::from_raw_os_error(5));
        }
        file.set_len(bytes)
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()?;
        self.tell(&Told::Named);
        Ok(())
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

/// Another number, for which this one decides (splitmix64).
fn next(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn lock<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}
