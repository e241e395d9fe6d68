//! Entries of one size in blocks of 4,096 bytes, each with its own checksum: what a run of the index is made of.

use std::{
    fs::File,
    io::{self, BufWriter, ErrorKind, Seek, SeekFrom, Write},
    os::unix::fs::FileExt,
};

/// Bytes of a block; the last four are the CRC-32C of those before, big-endian.
pub(crate) const BLOCK_BYTES: usize = 4096;
const CHECKED_BYTES: usize = BLOCK_BYTES - 4;

/// Blocks read at once where all are read in order.
const AHEAD: u64 = 32;

/// Entries of `N` bytes, from a block on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table<const N: usize> {
    pub first_block: u64,
    pub count: u64,
}

impl<const N: usize> Table<N> {
    /// Entries in a full block.
    pub(crate) const PER_BLOCK: u64 = (CHECKED_BYTES / N) as u64;

    /// How many blocks the table has.
    pub(crate) fn blocks(self) -> u64 {
        self.count.div_ceil(Self::PER_BLOCK)
    }

    /// The first block after the table.
    pub(crate) fn end_block(self) -> u64 {
        self.first_block + self.blocks()
    }

    /// The entries of the table's block with this number, counted from its first.
    pub(crate) fn entries(self, file: &File, number: u64) -> io::Result<Vec<[u8; N]>> {
        self.some_blocks(file, number, 1)
    }

    /// The entry with this number, and up to `count - 1` after it.
    pub(crate) fn range(self, file: &File, from: u64, count: u64) -> io::Result<Vec<[u8; N]>> {
        if count == 0 || from + count > self.count {
            return Err(damaged("a place lies outside its table"));
        }
        let (first, last) = (from / Self::PER_BLOCK, (from + count - 1) / Self::PER_BLOCK);
        let entries = self.some_blocks(file, first, last - first + 1)?;
        let skip = index(from % Self::PER_BLOCK);
        Ok(entries[skip..skip + index(count)].to_vec())
    }

    /// Every entry in order.
    pub(crate) fn iter(self, file: &File) -> impl Iterator<Item = io::Result<[u8; N]>> {
        (0..self.blocks()).step_by(index(AHEAD)).flat_map(move |number| {
            let read = self.some_blocks(file, number, AHEAD.min(self.blocks() - number));
            let (entries, error) = read.map_or_else(|error| (Vec::new(), Some(error)), |read| (read, None));
            entries.into_iter().map(Ok).chain(error.map(Err))
        })
    }

    fn some_blocks(self, file: &File, number: u64, blocks: u64) -> io::Result<Vec<[u8; N]>> {
        let mut bytes = vec![0; index(blocks) * BLOCK_BYTES];
        file.read_exact_at(&mut bytes, (self.first_block + number) * BLOCK_BYTES as u64)?;
        let wanted = (self.count - number * Self::PER_BLOCK).min(blocks * Self::PER_BLOCK);
        let mut entries = Vec::with_capacity(index(wanted));
        for block in bytes.chunks_exact(BLOCK_BYTES) {
            let here = index((wanted - entries.len() as u64).min(Self::PER_BLOCK));
            entries.extend(checked(block)?.as_chunks::<N>().0.iter().take(here));
        }
        Ok(entries)
    }
}

/// The block at this number, its checksum verified.
pub(crate) fn block(file: &File, number: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; BLOCK_BYTES];
    file.read_exact_at(&mut bytes, number * BLOCK_BYTES as u64)?;
    checked(&bytes)?;
    bytes.truncate(CHECKED_BYTES);
    Ok(bytes)
}

/// Writes a file block by block. The first block is kept free, and written last.
pub(crate) struct BlockWriter {
    out: BufWriter<File>,
    block: Vec<u8>,
    /// Blocks written, the free one among them.
    pub blocks: u64,
}

impl BlockWriter {
    pub(crate) fn new(file: File) -> io::Result<Self> {
        let mut out = BufWriter::with_capacity(256 * 1024, file);
        out.write_all(&[0; BLOCK_BYTES])?;
        Ok(Self { out, block: Vec::with_capacity(BLOCK_BYTES), blocks: 1 })
    }

    /// Adds an entry; whether it is the first of its block.
    pub(crate) fn push(&mut self, entry: &[u8]) -> io::Result<bool> {
        if self.block.len() + entry.len() > CHECKED_BYTES {
            self.end_block()?;
        }
        self.block.extend_from_slice(entry);
        Ok(self.block.len() == entry.len())
    }

    /// Ends a table: what follows begins a block of its own.
    pub(crate) fn end_table(&mut self) -> io::Result<()> {
        if self.block.is_empty() { Ok(()) } else { self.end_block() }
    }

    /// Adds bytes of any length with their checksum behind them, and then the first block; synced when this returns.
    pub(crate) fn finish(mut self, tail: &[u8], first_block: &[u8]) -> io::Result<File> {
        self.end_table()?;
        self.out.write_all(tail)?;
        self.out.write_all(&crc32c::crc32c(tail).to_be_bytes())?;
        self.out.seek(SeekFrom::Start(0))?;
        self.block.extend_from_slice(first_block);
        self.end_block()?;
        let file = self.out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_data()?;
        Ok(file)
    }

    fn end_block(&mut self) -> io::Result<()> {
        self.block.resize(CHECKED_BYTES, 0);
        let sum = crc32c::crc32c(&self.block);
        self.block.extend_from_slice(&sum.to_be_bytes());
        self.out.write_all(&self.block)?;
        self.block.clear();
        self.blocks += 1;
        Ok(())
    }
}

/// Bytes from this block on to the end of the file, without their checksum, which is verified.
pub(crate) fn tail(file: &File, from_block: u64, length: u64) -> io::Result<Vec<u8>> {
    let from = from_block * BLOCK_BYTES as u64;
    if file.metadata()?.len() != from + length + 4 {
        return Err(damaged("the file has another length than its tables"));
    }
    let mut bytes = vec![0; index(length + 4)];
    file.read_exact_at(&mut bytes, from)?;
    let sum = bytes.split_off(index(length));
    if crc32c::crc32c(&bytes).to_be_bytes() != sum[..] {
        return Err(damaged("the end of the file does not match its checksum"));
    }
    Ok(bytes)
}

pub(crate) fn damaged(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}

fn checked(block: &[u8]) -> io::Result<&[u8]> {
    let (bytes, sum) = block.split_at(CHECKED_BYTES);
    if crc32c::crc32c(bytes).to_be_bytes() == sum[..] {
        Ok(bytes)
    } else {
        Err(damaged("a block does not match its checksum"))
    }
}

fn index(number: u64) -> usize {
    usize::try_from(number).expect("a table's part fits memory")
}
