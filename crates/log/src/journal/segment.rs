//! One file of the journal, read: frames one after another, and whatever else is there.

use std::{collections::HashMap, ops::Range};

use crate::{codec, frame::Frame, record::Hash};

/// A file's bytes, told apart.
pub(crate) struct Segment {
    /// The position that names it.
    pub first: u64,
    pub bytes: Vec<u8>,
    /// From the beginning of the file to its end, without a gap.
    pub pieces: Vec<Piece>,
    places: HashMap<u64, usize>,
}

/// Bytes between two places of a file.
pub(crate) enum Piece {
    /// A frame whose checksum is right.
    Frame { at: Range<usize>, first: u64, end: u64, previous: Hash },
    /// No frame that can be read here. `written` says that it is one all the same, as it was written, of a form that
    /// this program does not know.
    Bad { at: Range<usize>, what: String, written: bool },
}

/// What the header of a frame says, before anything of it is believed.
struct Claim {
    length: usize,
    first: u64,
}

impl Segment {
    /// Tells the bytes apart. `trusting` passes over checksums: the bug that a test plants.
    pub(crate) fn parse(first: u64, bytes: Vec<u8>, trusting: bool) -> Self {
        let mut pieces = Vec::new();
        let mut places = HashMap::new();
        let mut at = 0;
        while at < bytes.len() {
            let piece = match frame_at(&bytes, at, trusting) {
                Ok(piece) => piece,
                Err(what) => {
                    let written = matches_checksum(&bytes[at..]);
                    Piece::Bad { at: at..next_frame(&bytes, at + 1, trusting), what, written }
                }
            };
            if let Piece::Frame { first, .. } = &piece {
                places.entry(*first).or_insert(pieces.len());
            }
            at = piece.at().end;
            pieces.push(piece);
        }
        Self { first, bytes, pieces, places }
    }

    /// The frame that begins at this position.
    pub(crate) fn frame(&self, first: u64) -> Option<&[u8]> {
        Some(&self.bytes[self.pieces[*self.places.get(&first)?].at().clone()])
    }

    /// Whether there is a frame at this position or later.
    pub(crate) fn reaches(&self, position: u64) -> bool {
        self.places.keys().any(|first| *first >= position)
    }
}

impl Piece {
    /// Where in the file.
    pub(crate) fn at(&self) -> &Range<usize> {
        match self {
            Self::Frame { at, .. } | Self::Bad { at, .. } => at,
        }
    }
}

fn frame_at(bytes: &[u8], at: usize, trusting: bool) -> Result<Piece, String> {
    let claim = Claim::read(&bytes[at..])?;
    let whole = bytes.get(at..at + claim.length).ok_or("the frame ends after the file")?;
    let at = at..at + claim.length;
    match Frame::parse(whole, claim.first) {
        Ok(frame) => Ok(Piece::Frame { at, first: frame.first, end: frame.end(), previous: frame.previous }),
        Err(_) if trusting => {
            let count = u32::from_be_bytes(whole[12..16].try_into().expect("four bytes"));
            let previous = whole[24..56].try_into().expect("32 bytes");
            Ok(Piece::Frame { at, first: claim.first, end: claim.first + u64::from(count), previous })
        }
        Err(error) => Err(error.0),
    }
}

fn matches_checksum(bytes: &[u8]) -> bool {
    let whole = Claim::read(bytes).ok().and_then(|claim| bytes.get(..claim.length));
    whole.is_some_and(|whole| {
        let (header, body) = whole.split_at(Frame::HEADER_BYTES);
        let sum = crc32c::crc32c_append(crc32c::crc32c(&header[..Frame::HEADER_BYTES - 4]), body);
        header.ends_with(&sum.to_be_bytes())
    })
}

/// Where the next frame begins, or the end of the file.
fn next_frame(bytes: &[u8], from: usize, trusting: bool) -> usize {
    let begins =
        |at: &usize| bytes[*at..].starts_with(Frame::MAGIC) && frame_at(bytes, *at, trusting).is_ok();
    (from..bytes.len()).find(begins).unwrap_or(bytes.len())
}

impl Claim {
    fn read(bytes: &[u8]) -> Result<Self, String> {
        let header = bytes.get(..Frame::HEADER_BYTES).ok_or("the file ends within a frame's header")?;
        if !header.starts_with(Frame::MAGIC) {
            return Err("there is no frame".to_owned());
        }
        let body = u32::from_be_bytes(header[8..12].try_into().expect("four bytes")) as usize;
        if body > codec::BYTES_MAX {
            return Err(format!("a frame of {body} bytes is past the limit of {}", codec::BYTES_MAX));
        }
        let first = u64::from_be_bytes(header[16..24].try_into().expect("eight bytes"));
        Ok(Self { length: Frame::HEADER_BYTES + body, first })
    }
}
