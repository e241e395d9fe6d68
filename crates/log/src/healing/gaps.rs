//! What there is beyond a frame that neither journal nor sled has. Nothing is changed here.

use throughline_domain::Position;

use crate::{
    Error, Gap,
    frame::{self, Frame},
    record::Hash,
    segments::Segments,
    store::Store,
};

/// Bytes of frames taken from sled at a time; most are damaged where this is asked.
const PORTION_BYTES: usize = 1024 * 1024;

/// What was found beyond.
#[derive(Default)]
pub(crate) struct Beyond {
    /// What neither has, by position.
    pub gaps: Vec<Gap>,
    /// Events after the first gap that one of the two still has.
    pub readable: u64,
}

/// Looks through all that follows `next`, the first position that neither has; `previous` is the hash of the frame
/// before it, and `known` how many events there were at least.
pub(crate) fn look(
    journal: &mut Segments,
    store: &Store,
    (mut next, previous): (u64, Hash),
    known: u64,
) -> Result<Beyond, Error> {
    let files = format!("{} and {}", journal.path().display(), store.path().display());
    let gap = |from, to: Option<u64>, what: &str| Gap {
        from: Position(from),
        to: to.map(Position),
        file: files.clone(),
        what: what.to_owned(),
    };
    let mut beyond = Beyond::default();
    let mut previous = Some(previous);
    loop {
        let found = [journal.frame(next)?.map(<[u8]>::to_vec), in_sled(store, next)?];
        let mut fitting = found.into_iter().flatten().filter_map(|bytes| {
            let frame = Frame::parse(&bytes, next).ok()?;
            let fits = previous.is_none_or(|previous| frame.previous == previous);
            fits.then(|| (frame.end(), frame::hash(&bytes)))
        });
        let (one, other) = (fitting.next(), fitting.next());
        if let (Some(one), Some(other)) = (one, other)
            && one != other
        {
            beyond.gaps.push(gap(
                next,
                None,
                "the journal and sled have different frames here, both in order",
            ));
            return Ok(beyond);
        }
        if let Some((end, hash)) = one {
            beyond.readable += end - next;
            (next, previous) = (end, Some(hash));
            continue;
        }
        let after = next_frame(journal, store, next)?.filter(|after| *after > next || previous.is_some());
        match after {
            // It has a frame here, and that names another one before it: something before it is not what it was.
            Some(after) if after == next => {
                beyond.gaps.push(gap(next, Some(next), "the frame does not follow the frame before it"));
            }
            Some(after) => beyond.gaps.push(gap(next, Some(after - 1), NEITHER)),
            None => {
                let to = known.checked_sub(1).filter(|to| *to >= next);
                let more = to.is_some() || beyond.gaps.is_empty() || store.reaches(next)?;
                if more || journal.firsts().last().is_some_and(|last| *last > next) {
                    beyond.gaps.push(gap(next, to, NEITHER));
                }
                return Ok(beyond);
            }
        }
        (next, previous) = (after.unwrap_or(next), None);
    }
}

const NEITHER: &str = "neither the journal nor sled has these events as they were written";

/// Where the first frame at or after this position begins that one of the two has, its checksum right.
pub(crate) fn next_frame(journal: &mut Segments, store: &Store, position: u64) -> Result<Option<u64>, Error> {
    let in_journal = journal.next_frame(position)?;
    let mut from = position;
    let in_sled = loop {
        let portion = store.portion(from, in_journal.unwrap_or(u64::MAX), PORTION_BYTES)?;
        let Some(last) = portion.last() else { break None };
        if let Some(kept) = portion.iter().find(|kept| Frame::parse(&kept.bytes, kept.first).is_ok()) {
            break Some(kept.first);
        }
        from = last.first + 1;
    };
    Ok(in_sled.or(in_journal))
}

fn in_sled(store: &Store, first: u64) -> Result<Option<Vec<u8>>, Error> {
    let kept = store.portion(first, first + 1, 1)?;
    Ok(kept.first().map(|kept| kept.bytes.to_vec()))
}
