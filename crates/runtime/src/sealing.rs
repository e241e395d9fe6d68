//! How a row is sealed: by the key of its journey, and by that of every journey whose life is part of it, one around the
//! other. Destroying any of them closes the row, for sled keeps the bytes of rows that were replaced.
//!
//! u16 number of other journeys, big-endian · their ids · what the log sealed: by the row's own journey outermost, then by
//! the others in that order, the last innermost.

use std::collections::BTreeSet;

use throughline_domain::JourneyId;
use throughline_log::{EventLog, Standing};

use crate::Error;

/// Told apart from rows of earlier layouts in the names of trees; those are dropped, and the views folded anew.
pub(crate) const LAYOUT: &str = "+3";

const ID_BYTES: usize = 16;

/// A sealed row; none where the journey's own key was destroyed. Journeys of `cluster` that were erased have no part in it
/// any more.
pub(crate) fn seal(
    log: &dyn EventLog,
    purpose: &str,
    journey: JourneyId,
    cluster: &BTreeSet<JourneyId>,
    row: &[u8],
) -> Result<Option<Vec<u8>>, Error> {
    let there = |other: &&JourneyId| {
        **other != journey && matches!(log.standing(**other), Standing::Open | Standing::Deidentified)
    };
    let others: Vec<JourneyId> = cluster.iter().filter(there).copied().collect();
    let Ok(count) = u16::try_from(others.len()) else { return Ok(None) };
    let mut inner = None;
    for of in others.iter().rev().chain([&journey]) {
        let Some(sealed) = log.seal(*of, purpose, inner.as_deref().unwrap_or(row))? else { return Ok(None) };
        inner = Some(sealed);
    }
    let sealed = inner.unwrap_or_default();
    let mut stored = Vec::with_capacity(size_of_val(&count) + others.len() * ID_BYTES + sealed.len());
    stored.extend_from_slice(&count.to_be_bytes());
    for other in &others {
        stored.extend_from_slice(&other.bytes());
    }
    stored.extend_from_slice(&sealed);
    Ok(Some(stored))
}

/// The plain row; none where the key of any journey in it was destroyed.
pub(crate) fn open(
    log: &dyn EventLog,
    purpose: &str,
    journey: JourneyId,
    stored: &[u8],
) -> Result<Option<Vec<u8>>, Error> {
    let damaged = || Error::Store("a row ends within its beginning".to_owned());
    let (count, rest) = stored.split_first_chunk().ok_or_else(damaged)?;
    let ids = usize::from(u16::from_be_bytes(*count)) * ID_BYTES;
    let (others, sealed) = rest.split_at_checked(ids).ok_or_else(damaged)?;
    let Some(mut row) = log.open_sealed(journey, purpose, sealed)? else { return Ok(None) };
    for other in others.as_chunks::<ID_BYTES>().0 {
        match log.open_sealed(JourneyId::from_bytes(*other), purpose, &row)? {
            Some(inner) => row = inner,
            None => return Ok(None),
        }
    }
    Ok(Some(row))
}
