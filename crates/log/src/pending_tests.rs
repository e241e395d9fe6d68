//! Frames on their way to sled are read as those that have arrived.

use std::time::Duration;

use crate::{
    frame,
    pending::Next,
    store::{Kept, Store},
};

/// Frames of these many events each, one after another.
fn frames(counts: &[u32]) -> Vec<Kept> {
    let mut first = 0;
    counts
        .iter()
        .map(|count| {
            let bytes = frame::build(first, *count, &[0; 32], &vec![1; 100 * *count as usize]);
            let kept = Kept { first, bytes: bytes.into() };
            first += u64::from(*count);
            kept
        })
        .collect()
}

fn firsts(frames: &[Kept]) -> Vec<u64> {
    frames.iter().map(|kept| kept.first).collect()
}

#[test]
fn a_frame_is_read_the_same_before_and_after_sled_has_it() {
    let all = frames(&[1, 3, 2, 1, 5]);
    let end = 12;
    for in_sled in 0..=all.len() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        for (nth, kept) in all.iter().enumerate() {
            if nth < in_sled {
                store.put(kept.first, &kept.bytes).unwrap();
            } else {
                store.pending.add(kept.first, kept.bytes.clone());
            }
        }
        for from in 0..=end {
            let expected: Vec<u64> = firsts(&all).into_iter().filter(|first| *first >= from).collect();
            assert_eq!(firsts(&store.portion(from, end, usize::MAX).unwrap()), expected, "from {from}");
            assert_eq!(firsts(&store.portion(from, end, 1).unwrap()), expected[..expected.len().min(1)]);
            assert_eq!(store.reaches(from).unwrap(), !expected.is_empty());
            let holding = firsts(&all).into_iter().rfind(|first| *first <= from);
            assert_eq!(store.holding(from).unwrap().map(|kept| kept.first), holding);
            assert_eq!(store.frame(from).is_ok(), firsts(&all).contains(&from));
        }
        assert_eq!(firsts(&store.portion(2, 6, usize::MAX).unwrap()), [4]);
        assert_eq!(store.last().unwrap().unwrap().first, 7);
    }
}

#[test]
fn what_waits_is_taken_oldest_first_and_dropped_once_sled_has_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let all = frames(&[1, 3, 2]);
    for kept in &all {
        store.pending.add(kept.first, kept.bytes.clone());
    }
    let Next::Take(taken) = store.pending.next(Duration::ZERO) else { panic!("frames wait") };
    assert_eq!(firsts(&taken), firsts(&all));
    for kept in taken {
        store.put(kept.first, &kept.bytes).unwrap();
        store.pending.settle(kept.first);
        assert_eq!(firsts(&store.portion(0, 6, usize::MAX).unwrap()), firsts(&all));
    }
    assert!(matches!(store.pending.next(Duration::ZERO), Next::Nothing));
    store.pending.close();
    assert!(matches!(store.pending.next(Duration::MAX), Next::Closed));
}

#[test]
fn once_sled_takes_no_more_no_commit_is_taken_and_what_waits_is_still_read() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let all = frames(&[1, 3]);
    store.pending.add(0, all[0].bytes.clone());
    assert!(store.pending.check().is_ok());
    store.pending.fail("no space");
    assert!(store.pending.check().unwrap_err().to_string().contains("no space"));
    assert_eq!(firsts(&store.portion(0, 4, usize::MAX).unwrap()), [0]);
}
