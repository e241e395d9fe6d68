//! What the journal asks of the disk: few enough operations that a test can make each of them fail.

use std::{
    fs::File,
    io::{self, ErrorKind},
    os::unix::fs::FileExt,
    path::Path,
};

#[cfg(any(test, feature = "faults"))]
use crate::faults::Seeded;

/// The operations by which the journal changes files. Every one of them can fail in its own way.
pub(crate) trait Disk: Send + Sync {
    /// Writes some of the bytes at this offset; how many.
    fn write(&self, file: &File, bytes: &[u8], at: u64) -> io::Result<usize> {
        file.write_at(bytes, at)
    }

    /// Returns once the file's bytes and length are durable.
    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_data()
    }

    /// Cuts the file off at this length.
    fn truncate(&self, file: &File, bytes: u64) -> io::Result<()> {
        file.set_len(bytes)
    }

    /// Returns once the names in the directory are durable.
    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    /// Bytes that can still be written below this path.
    fn room(&self, path: &Path) -> io::Result<u64> {
        fs4::available_space(path)
    }

    /// The bug that a test planted, to see that it is caught.
    #[cfg(any(test, feature = "faults"))]
    fn seeded(&self) -> Option<Seeded> {
        None
    }
}

/// The disk as it is.
pub(crate) struct RealDisk;

impl Disk for RealDisk {}

/// Writes all of the bytes, however few the disk takes at a time.
pub(crate) fn write_all(disk: &dyn Disk, file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    #[cfg(any(test, feature = "faults"))]
    if disk.seeded() == Some(Seeded::TrustWrites) {
        return disk.write(file, bytes, at).map(drop);
    }
    let mut done = 0;
    while done < bytes.len() {
        match disk.write(file, &bytes[done..], at + done as u64) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => done += written,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Whether the disk, or this user's part of it, is full.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
}
