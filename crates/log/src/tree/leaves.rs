//! Leaves out of frames.

use rayon::prelude::*;
use throughline_proof::{EntryBundle, Hash};

use crate::{Error, codec::Malformed, record::Record, store::Store};

/// Bytes of frames read at a time.
const PORTION_BYTES: usize = 4 * 1024 * 1024;

/// The leaf hashes of the events from `from` on and before `end`: all of them, or of as many frames as one portion has.
pub(super) fn portion(store: &Store, from: u64, end: u64) -> Result<Vec<Hash>, Error> {
    each(store, from, end, |position, record| record.leaf(position))
}

/// The leaf hashes of all events from `from` on and before `end`.
pub(super) fn all(store: &Store, from: u64, end: u64) -> Result<Vec<Hash>, Error> {
    let mut leaves = Vec::new();
    while from + (leaves.len() as u64) < end {
        leaves.extend(portion(store, from + leaves.len() as u64, end)?);
    }
    Ok(leaves)
}

/// The bytes of the bundle of entries of these events.
pub(super) fn bundle(store: &Store, from: u64, end: u64) -> Result<Vec<u8>, Error> {
    let (mut bundle, mut next) = (Vec::new(), from);
    while next < end {
        let data = each(store, next, end, |position, record| record.leaf_data(position))?;
        for data in &data {
            let wrong = |error: throughline_proof::Error| store.damaged(next, Malformed(error.to_string()));
            EntryBundle::push(&mut bundle, data).map_err(wrong)?;
        }
        next += data.len() as u64;
    }
    Ok(bundle)
}

/// What `make` says of each event from `from` on and before `end`; at least of one.
fn each<T: Send>(
    store: &Store,
    from: u64,
    end: u64,
    make: impl Fn(u64, &Record<'_>) -> Result<T, Malformed> + Sync,
) -> Result<Vec<T>, Error> {
    let first = store.holding(from)?.map_or(from, |kept| kept.first);
    let frames = store.portion(first, end, PORTION_BYTES)?;
    let read = |kept: &crate::store::Kept| -> Result<(u64, u64, Vec<T>), Error> {
        let frame = store.check(kept)?;
        let damaged = |error| store.damaged(kept.first, error);
        let wanted = |position: u64, _: &Record<'_>| (from..end).contains(&position);
        let records = frame.records_where(wanted).map_err(damaged)?;
        let made = records.iter().map(|(position, _, record)| make(*position, record));
        Ok((frame.first, frame.end(), made.collect::<Result<_, _>>().map_err(damaged)?))
    };
    let (mut made, mut next) = (Vec::new(), from);
    for of_frame in frames.par_iter().map(read).collect::<Vec<_>>() {
        let (first, after, of_frame) = of_frame?;
        if first > next || after <= next {
            break;
        }
        made.extend(of_frame);
        next = after;
    }
    if made.is_empty() {
        return Err(store.damaged(from, Malformed("the frame is missing".to_owned())));
    }
    Ok(made)
}
