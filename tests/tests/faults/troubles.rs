//! Writes that fail, fall short or find the disk full, syncs that fail: by a disk that does so of itself, now and then.

use crate::{
    counts::Counts,
    kills::Place,
    power::Sled,
    process::{Ended, Orders},
};

/// Of a thousand writes or syncs: full, broken, failed syncs, full and stuck; and the bytes taken at a time.
type Trouble = [u64; 5];

const TROUBLES: [Trouble; 5] =
    [[150, 0, 0, 0, 0], [0, 80, 0, 0, 0], [0, 0, 80, 0, 0], [0, 0, 0, 80, 0], [0, 0, 0, 0, 97]];

/// One directory, whose disk fails in every way.
pub fn lap(seed: u64, rounds: u64) -> (Vec<String>, Counts) {
    let mut place = Place::new(seed ^ 0x7472_6f75_626c_6521);
    for _ in 0..rounds {
        for trouble in TROUBLES {
            let mut orders = place.orders();
            let sled = place.dice.pick(&[Sled::Kept, Sled::Older, Sled::Gone]);
            let broken = one(&mut place, &mut orders, trouble, sled);
            if !broken.is_empty() {
                return (broken, place.counts);
            }
        }
    }
    place.finish();
    (Vec::new(), place.counts)
}

/// One life on such a disk, and a power cut at its end.
pub fn one(place: &mut Place, orders: &mut Orders, trouble: Trouble, sled: Sled) -> Vec<String> {
    let [full, broken, sync, stuck, piece] = trouble;
    orders.trouble = Some([place.dice.next() >> 1, full, broken, sync, stuck, piece]);
    orders.attempts = 12;
    let ended = place.begin(orders).wait();
    count(&mut place.counts, &ended, piece);
    place.settle(&ended, Some(sled))
}

fn count(counts: &mut Counts, ended: &Ended, piece: u64) {
    for (begins, what) in [
        ("failed FullAfter", "writes that found the disk full"),
        ("failed BrokenAfter", "writes that failed"),
        ("failed Sync", "syncs that failed"),
        ("failed FullAndStuck", "writes that found the disk full and could not be taken back"),
    ] {
        counts.many(what, ended.lines.iter().filter(|line| line.starts_with(begins)).count() as u64);
    }
    let written = ended.lines.iter().filter(|line| line.starts_with("durable")).count() as u64;
    counts.many("commits in writes that fell short", if piece > 0 { written } else { 0 });
}
