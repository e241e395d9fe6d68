//! Bytes of records, headers and frames: golden, and never a panic whatever they are.

use proptest::prelude::*;

use crate::{
    codec,
    frame::{self, Frame},
    record::{Bytes, Record},
    stored,
    verify::hexadecimal as hex,
};

fn record<'a>(facts: &'a [u8], personal: &'a [u8]) -> Record<'a> {
    Record {
        event_id: [0x11; 16],
        journey: [0x22; 16],
        version: 300,
        tag: 201,
        sealed_by: 0,
        precision: 1,
        actor: "worker:w1",
        recorded_at: 1_767_225_600_000_000,
        previous_leaf: [0x33; 32],
        nonce: [0x44; 24],
        facts: Bytes(facts),
        personal: Bytes(personal),
    }
}

fn sample_frame() -> Vec<u8> {
    let mut body = Vec::new();
    record(b"sealed facts", b"sealed words").write(&mut body);
    record(b"more sealed facts", b"").write(&mut body);
    frame::build(7, 2, &[0x55; 32], &body)
}

#[test]
fn golden_bytes_of_a_frame_its_header_and_its_leaf_stay_as_they_are() {
    let frame = sample_frame();
    let one = record(b"sealed facts", b"sealed words");
    let header = one.header(7).unwrap();
    let leaf_data = header.leaf_data(b"sealed facts", b"sealed words");
    let mut bound_to = Vec::new();
    header.bind(one.event_id, throughline_vault::Part::Personal, &mut bound_to);
    let found = format!(
        "frame: {}\nleaf-data: {}\nleaf: {}\nassociated-data: {}\nframe-hash: {}\n",
        hex(&frame),
        hex(&leaf_data),
        hex(&one.leaf(7).unwrap()),
        hex(&bound_to),
        hex(&frame::hash(&frame)),
    );
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/frame.txt");
    if std::env::var_os("THROUGHLINE_RENEW_GOLDEN").is_some() && !std::path::Path::new(path).exists() {
        std::fs::write(path, &found).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), found);
}

#[test]
fn a_frame_reads_back_as_it_was_built() {
    let bytes = sample_frame();
    let frame = Frame::parse(&bytes, 7).unwrap();
    assert_eq!((frame.first, frame.count, frame.end(), frame.previous), (7, 2, 9, [0x55; 32]));
    let records = frame.records().unwrap();
    assert_eq!((records[0].0, &records[0].2), (7, &record(b"sealed facts", b"sealed words")));
    assert_eq!((records[1].0, &records[1].2), (8, &record(b"more sealed facts", b"")));
    assert_eq!(frame.record_at(records[1].1).unwrap(), records[1].2);
    assert!(Frame::parse(&bytes, 8).is_err());
}

#[test]
fn a_header_ends_where_the_documented_fields_end() {
    let leaf = record(b"a", b"").header(1).unwrap().leaf_data(b"a", b"");
    let name = "throughline.transaction.service-delivered.v1".len();
    assert_eq!(leaf.len(), 1 + 8 + 16 + 8 + 2 + name + 2 + "worker:w1".len() + 1 + 8 + 32 + 32 + 32);
    assert!(leaf.len() <= 65_535);
}

proptest! {
    #[test]
    fn any_bytes_are_a_frame_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(frame) = Frame::parse(&bytes, 0) {
            let _ = frame.records();
        }
        let read = Record::read(&bytes);
        // What serde makes of the same bytes; it also takes integers in more bytes than they need, as does the reader.
        prop_assert_eq!(read.is_ok(), codec::decode_first::<Record<'_>>(&bytes).is_ok());
        let _ = stored::unpack(201, &bytes, &bytes);
        let _ = codec::decode::<Vec<(String, Vec<u64>)>>(&bytes);
    }

    /// A frame whose body was changed and given a right checksum, as no disk would: still no panic.
    #[test]
    fn a_changed_body_with_a_right_checksum_is_records_or_an_error(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut: prop::sample::Index,
    ) {
        let mut body = sample_frame()[64..].to_vec();
        for (place, byte) in changes {
            let at = place.index(body.len());
            body[at] = byte;
        }
        body.truncate(cut.index(body.len()) + 1);
        for count in [1, 2, 3, u32::MAX] {
            let bytes = frame::build(0, count, &[0; 32], &body);
            if let Ok(frame) = Frame::parse(&bytes, 0) {
                let _ = frame.records();
                let _ = frame.record_at(u32::MAX);
            }
        }
    }

    /// The reader of records and the codec's own way give the same of any record, whole, changed or cut.
    #[test]
    fn a_record_reads_as_the_codec_reads_it(
        version: u64,
        tag: u16,
        recorded_at: i64,
        actor in "[a-zé]{0,300}",
        facts in prop::collection::vec(any::<u8>(), 0..300),
        change in prop::option::of((any::<prop::sample::Index>(), any::<u8>())),
        cut: prop::sample::Index,
    ) {
        let mut bytes = Vec::new();
        let whole = Record { version, tag, recorded_at, actor: &actor, ..record(&facts, b"") };
        whole.write(&mut bytes);
        prop_assert_eq!(&bytes, &codec::encode(&whole).unwrap());
        prop_assert_eq!(Record::read(&bytes).unwrap(), (whole, bytes.len()));
        prop_assert!(Record::read(&bytes[..cut.index(bytes.len())]).is_err());
        if let Some((place, byte)) = change {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        let by_codec = codec::decode_first::<Record<'_>>(&bytes);
        prop_assert_eq!(Record::read(&bytes).ok(), by_codec.ok());
    }

    #[test]
    fn every_single_changed_byte_of_a_frame_is_found(place: prop::sample::Index, bit in 0..8_u8) {
        let mut bytes = sample_frame();
        let at = place.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert!(Frame::parse(&bytes, 7).is_err());
    }

    #[test]
    fn what_the_codec_encodes_it_decodes(value: (u64, i64, String, Option<Vec<u8>>, Vec<(bool, f32)>)) {
        let bytes = codec::encode(&value).unwrap();
        prop_assert_eq!(codec::decode::<(u64, i64, String, Option<Vec<u8>>, Vec<(bool, f32)>)>(&bytes).unwrap(), value);
        let longer = [bytes.as_slice(), &[0]].concat();
        prop_assert!(codec::decode::<(u64, i64, String, Option<Vec<u8>>, Vec<(bool, f32)>)>(&longer).is_err());
    }
}

#[test]
fn a_claimed_length_past_all_reason_is_refused() {
    let huge = [0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 1, 2, 3];
    assert!(codec::decode::<String>(&huge).is_err());
    assert!(codec::decode::<Vec<u64>>(&huge).is_err());
    assert!(Record::read(&huge).is_err());
}
