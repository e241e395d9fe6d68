//! A frame: all events of one commit, and what ties them to the commit before.
//!
//! Header, 64 bytes, big-endian: magic `TLFR` · u16 frame format · u8 codec · u8 flags (0) · u32 body length · u32
//! number of events · u64 first position · SHA-256 of the whole frame before (32; zeros for the first) · u32 0 · u32
//! CRC-32C of the 60 bytes before it and the body. Then the body: the events' records, one after another.

use std::ops::Range;

use sha2::{Digest, Sha256};

use crate::{
    codec::{self, Malformed},
    record::{Hash, Record},
};

const MAGIC: &[u8; 4] = b"TLFR";
const FORMAT: u16 = 1;
const HEADER_BYTES: usize = 64;
const CHECKED_BYTES: usize = 60;

/// No record is shorter; so a count of events can be checked against the body before room is made for them.
const RECORD_BYTES_MIN: usize = 100;

/// A frame whose checksum was right.
#[derive(Debug)]
pub(crate) struct Frame<'a> {
    /// Position of its first event.
    pub first: u64,
    /// How many events it has; at least one.
    pub count: u32,
    /// Hash of the frame before.
    pub previous: Hash,
    body: &'a [u8],
}

impl<'a> Frame<'a> {
    /// What a frame begins with.
    pub(crate) const MAGIC: &'static [u8; 4] = MAGIC;
    /// Bytes before its body.
    pub(crate) const HEADER_BYTES: usize = HEADER_BYTES;

    /// Checks the bytes of a frame that should begin at `first`.
    pub(crate) fn parse(bytes: &'a [u8], first: u64) -> Result<Self, Malformed> {
        let bad = |what: &str| Err(Malformed(what.to_owned()));
        let Some((header, body)) = bytes.split_first_chunk::<HEADER_BYTES>() else {
            return bad("the frame ends within its header");
        };
        if &header[..4] != MAGIC {
            return bad("there is no frame");
        }
        let sum = crc32c::crc32c_append(crc32c::crc32c(&header[..CHECKED_BYTES]), body);
        if sum != u32::from_be_bytes(part(header, 60)) {
            return bad("the frame does not match its checksum");
        }
        let format = u16::from_be_bytes(part(header, 4));
        if format != FORMAT || header[6] != codec::ID || header[7] != 0 {
            return Err(Malformed(format!(
                "frame format {format}, codec {}, flags {} are not known here; upgrade throughline to read them",
                header[6], header[7]
            )));
        }
        let frame = Self::with_header(header, body);
        if u32::from_be_bytes(part(header, 8)) as usize != body.len() {
            return bad("the frame has another length than its header says");
        }
        if frame.first != first {
            return Err(Malformed(format!("the frame belongs at position {}", frame.first)));
        }
        if frame.count == 0 || frame.count as usize > body.len() / RECORD_BYTES_MIN {
            return bad("the frame has another number of events than its header says");
        }
        Ok(frame)
    }

    /// The frame of bytes that [`Frame::parse`] took before.
    pub(crate) fn of_verified(bytes: &'a [u8]) -> Self {
        let (header, body) = bytes.split_first_chunk().expect("a verified frame has a header");
        Self::with_header(header, body)
    }

    fn with_header(header: &[u8; HEADER_BYTES], body: &'a [u8]) -> Self {
        Self {
            first: u64::from_be_bytes(part(header, 16)),
            count: u32::from_be_bytes(part(header, 12)),
            previous: part(header, 24),
            body,
        }
    }

    /// The position after its last event.
    pub(crate) fn end(&self) -> u64 {
        self.first + u64::from(self.count)
    }

    /// Every record with its position and its place in the body.
    pub(crate) fn records(&self) -> Result<Vec<(u64, u32, Record<'a>)>, Malformed> {
        self.records_where(|_, _| true)
    }

    /// Those records that `wanted` names, by position and what their headers say.
    pub(crate) fn records_where(
        &self,
        wanted: impl Fn(u64, &Record<'a>) -> bool,
    ) -> Result<Vec<(u64, u32, Record<'a>)>, Malformed> {
        let mut records = Vec::new();
        self.each(|position, place, record| {
            if wanted(position, &record) {
                records.push((position, u32::try_from(place.start).expect("a body is below 4 GiB"), record));
            }
        })?;
        Ok(records)
    }

    /// Shows every record with its position and where its bytes lie in the body.
    pub(crate) fn each(&self, mut show: impl FnMut(u64, Range<usize>, Record<'a>)) -> Result<(), Malformed> {
        let mut at = 0;
        for position in self.first..self.end() {
            let (record, length) = Record::read(&self.body[at..])?;
            show(position, at..at + length, record);
            at += length;
        }
        if at == self.body.len() {
            Ok(())
        } else {
            Err(Malformed(format!("{} bytes after the last event", self.body.len() - at)))
        }
    }

    /// Bytes of the body.
    pub(crate) fn bytes(&self, place: Range<usize>) -> &'a [u8] {
        &self.body[place]
    }

    /// The record at this place in the body.
    pub(crate) fn record_at(&self, offset: u32) -> Result<Record<'a>, Malformed> {
        let bytes = self.body.get(offset as usize..).unwrap_or_default();
        Record::read(bytes).map(|(record, _)| record)
    }
}

/// The bytes of a frame with this body.
#[cfg(test)]
pub(crate) fn build(first: u64, count: u32, previous: &Hash, body: &[u8]) -> Vec<u8> {
    let mut frame = with_room(body.len());
    body_of(&mut frame).copy_from_slice(body);
    close(&mut frame, first, count, previous);
    frame
}

/// A frame with room for a body of so many bytes.
pub(crate) fn with_room(body_bytes: usize) -> Vec<u8> {
    vec![0; HEADER_BYTES + body_bytes]
}

/// Where the records go.
pub(crate) fn body_of(frame: &mut [u8]) -> &mut [u8] {
    &mut frame[HEADER_BYTES..]
}

/// Writes the header of a frame whose body is written.
pub(crate) fn close(frame: &mut [u8], first: u64, count: u32, previous: &Hash) {
    let (header, body) = frame.split_at_mut(HEADER_BYTES);
    let length = u32::try_from(body.len()).expect("a commit is limited far below 4 GiB");
    header[..4].copy_from_slice(MAGIC);
    header[4..6].copy_from_slice(&FORMAT.to_be_bytes());
    header[6..8].copy_from_slice(&[codec::ID, 0]);
    header[8..12].copy_from_slice(&length.to_be_bytes());
    header[12..16].copy_from_slice(&count.to_be_bytes());
    header[16..24].copy_from_slice(&first.to_be_bytes());
    header[24..56].copy_from_slice(previous);
    header[56..60].fill(0);
    let sum = crc32c::crc32c_append(crc32c::crc32c(&header[..CHECKED_BYTES]), body);
    header[60..].copy_from_slice(&sum.to_be_bytes());
}

/// The hash by which the next frame names this one.
pub(crate) fn hash(frame: &[u8]) -> Hash {
    Sha256::digest(frame).into()
}

fn part<const N: usize>(header: &[u8; HEADER_BYTES], at: usize) -> [u8; N] {
    header[at..at + N].try_into().expect("the part lies within the header")
}
