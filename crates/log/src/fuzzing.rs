//! What the fuzz targets reach, in their builds alone.

use crate::{
    codec::{self, Reader},
    frame::{self, Frame},
    record::Record,
    stored,
};

/// Reads bytes as all that a log reads: a frame with a right checksum or not, its records, their headers, and the
/// parts of an event as they are once opened.
pub fn read(bytes: &[u8]) {
    let _ = Frame::parse(bytes, 0).map(|frame| look(&frame));
    if let Some((head, body)) = bytes.split_first_chunk::<4>() {
        // A frame that says the right things of itself, as an insider could write it.
        let mut whole = frame::with_room(body.len());
        frame::body_of(&mut whole).copy_from_slice(body);
        frame::close(&mut whole, 0, u32::from_be_bytes(*head), &[0; 32]);
        let _ = Frame::parse(&whole, 0).map(|frame| look(&frame));
    }
    if let Some((tag, parts)) = bytes.split_first_chunk::<2>() {
        let facts = parts.len() / 2;
        let _ = stored::unpack(u16::from_be_bytes(*tag) % 1000, &parts[..facts], &parts[facts..]);
        let _ = stored::unpack(u16::from_be_bytes(*tag) % 1000, parts, &[]);
    }
    let _ = codec::decode_first::<Vec<String>>(bytes);
    let _ = Reader::new(bytes).unsigned();
}

fn look(frame: &Frame<'_>) {
    let Ok(records) = frame.records() else { return };
    for (position, offset, record) in records {
        let again = frame.record_at(offset).expect("it was read there");
        assert_eq!(again, record, "a record reads the same alone");
        let mut written = Vec::new();
        record.write_until_parts(&mut written);
        codec::put_bytes(&mut written, record.facts.0);
        codec::put_bytes(&mut written, record.personal.0);
        let (back, length) = Record::read(&written).expect("what is written is read");
        assert_eq!((&back, length), (&record, written.len()), "a record that is written reads the same");
        let _ = record.leaf(position);
        let _ = record.owner();
    }
}
