//! Frames in pieces are the frames.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::{
    pieces::{PIECE_BYTES, Pieces, Whole},
    store::open_sled,
};

fn pieces(dir: &std::path::Path) -> Pieces {
    Pieces(open_sled(dir, 1 << 24).unwrap().open_tree("frames").unwrap())
}

#[allow(clippy::needless_pass_by_value, reason = "it is what a list of them is mapped with")]
fn told(whole: Whole) -> (u64, Vec<u8>) {
    (whole.first.unwrap(), whole.bytes.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_is_put_in_and_taken_out_the_frames_are_those_of_a_map(
        changes in prop::collection::vec((0..12_u64, 0..4_usize, 0..3_usize, any::<bool>()), 1..24),
        asked in 0..13_u64,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let pieces = pieces(dir.path());
        let mut model: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
        for (nth, (first, whole, around, removed)) in changes.into_iter().enumerate() {
            if removed {
                pieces.remove(first).unwrap();
                model.remove(&first);
            } else {
                // Around the lengths at which a piece is full.
                let bytes = vec![u8::try_from(nth).unwrap(); whole * PIECE_BYTES + around * 7 + 1];
                let bytes = bytes[..bytes.len() - usize::from(whole > 0 && around == 0)].to_vec();
                pieces.put(first, &bytes).unwrap();
                model.insert(first, bytes);
            }
        }
        let all = |bytes| -> Vec<_> { pieces.range(0, 12, bytes).unwrap().into_iter().map(told).collect() };
        prop_assert_eq!(all(usize::MAX), model.clone().into_iter().collect::<Vec<_>>());
        prop_assert_eq!(all(1), model.clone().into_iter().take(1).collect::<Vec<_>>());
        let from: Vec<_> = pieces.range(asked, 12, usize::MAX).unwrap().into_iter().map(told).collect();
        prop_assert_eq!(from, model.range(asked..).map(|(at, bytes)| (*at, bytes.clone())).collect::<Vec<_>>());
        prop_assert_eq!(pieces.get(asked).unwrap().map(|bytes| bytes.to_vec()), model.get(&asked).cloned());
        let before = model.range(..=asked).next_back().map(|(at, bytes)| (*at, bytes.clone()));
        prop_assert_eq!(pieces.at_or_before(asked).unwrap().map(told), before);
        prop_assert_eq!(pieces.reaches(asked).unwrap(), model.range(asked..).next().is_some());
        let last = model.last_key_value().map(|(at, bytes)| (*at, bytes.clone()));
        prop_assert_eq!(pieces.last().unwrap().map(told), last);
    }
}
