//! The bare limits: the same bytes written and synced, or read and hashed, and nothing else.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use anyhow::Result;
use sha2::{Digest, Sha256};

use super::journal::Frame;
use crate::timing::timed;

/// Room that is written and synced beforehand, and then written over.
const ROOM_BYTES: usize = 64 * 1024 * 1024;

/// Writes what our log wrote: for each frame one `write` of as many bytes and one `fdatasync`.
pub struct Bare {
    growing: File,
    kept: File,
    kept_at: u64,
    bytes: Vec<u8>,
}

impl Bare {
    pub fn new(directory: &Path) -> Result<Self> {
        let open = |name| OpenOptions::new().create(true).append(true).open(directory.join(name));
        let growing = open("bare-growing")?;
        let mut filling = open("bare-kept")?;
        let bytes = vec![7; 1024 * 1024];
        for _ in 0..ROOM_BYTES / bytes.len() {
            filling.write_all(&bytes)?;
        }
        filling.sync_all()?;
        let kept = OpenOptions::new().write(true).open(directory.join("bare-kept"))?;
        Ok(Self { growing, kept, kept_at: 0, bytes })
    }

    /// At the end of a file that grows.
    pub fn growing(&mut self, frames: &[Frame]) -> io::Result<Duration> {
        self.make_room(frames);
        let (file, bytes) = (&mut self.growing, &self.bytes);
        let (written, took) = timed(|| {
            frames.iter().try_for_each(|frame| {
                file.write_all(&bytes[..frame.bytes])?;
                file.sync_data()
            })
        });
        written.map(|()| took)
    }

    /// Over bytes that are there already, so that a sync has nothing to say of the file but its bytes.
    pub fn kept(&mut self, frames: &[Frame]) -> io::Result<Duration> {
        self.make_room(frames);
        let (file, bytes, at) = (&self.kept, &self.bytes, &mut self.kept_at);
        let (written, took) = timed(|| {
            frames.iter().try_for_each(|frame| {
                if *at + frame.bytes as u64 > ROOM_BYTES as u64 {
                    *at = 0;
                }
                file.write_all_at(&bytes[..frame.bytes], *at)?;
                *at += frame.bytes as u64;
                file.sync_data()
            })
        });
        written.map(|()| took)
    }

    fn make_room(&mut self, frames: &[Frame]) {
        let longest = frames.iter().map(|frame| frame.bytes).max().unwrap_or(0);
        self.bytes.resize(self.bytes.len().max(longest), 7);
    }
}

/// Reads files from their beginning to their end, on one thread.
pub fn read(files: &[PathBuf]) -> io::Result<Duration> {
    let mut buffer = vec![0; 1024 * 1024];
    let (read, took) = timed(|| {
        for path in files {
            let mut file = File::open(path)?;
            while file.read(&mut buffer)? > 0 {}
        }
        Ok(())
    });
    read.map(|()| took)
}

/// Reads every frame, with its CRC-32C and its SHA-256, on this many threads.
pub fn read_and_hash(files: &[PathBuf], frames: &[Frame], threads: usize) -> io::Result<Duration> {
    let share = frames.len().div_ceil(threads).max(1);
    let (hashed, took) = timed(|| {
        thread::scope(|scope| {
            let shares = frames.chunks(share);
            let threads: Vec<_> = shares.map(|share| scope.spawn(|| hash_share(files, share))).collect();
            threads.into_iter().try_for_each(|thread| thread.join().expect("hashing does not panic"))
        })
    });
    hashed.map(|()| took)
}

fn hash_share(files: &[PathBuf], frames: &[Frame]) -> io::Result<()> {
    let mut open: Option<(usize, File)> = None;
    let mut buffer = Vec::new();
    for frame in frames {
        let file = match open {
            Some((segment, ref file)) if segment == frame.segment => file,
            _ => &open.insert((frame.segment, File::open(&files[frame.segment])?)).1,
        };
        buffer.resize(frame.bytes, 0);
        file.read_exact_at(&mut buffer, frame.at)?;
        std::hint::black_box((crc32c::crc32c(&buffer), Sha256::digest(&buffer)));
    }
    Ok(())
}
