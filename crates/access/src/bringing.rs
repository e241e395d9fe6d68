//! Which account brought events in. Each event names its own actor, and a machine names whoever it likes; this says who
//! sent it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use throughline_domain::{Code, JourneyId, Position, Stretch};

use crate::{Access, Caller, Deed, Error};

/// Events of an import after which it is written down where they stand. A process that is killed leaves at most so many
/// unsaid; sent again, they are known and said then.
const PORTION_EVENTS: usize = 10_000;
/// Stretches in one entry: less than half of what an event can hold.
const STRETCHES_MAX: usize = 1000;

/// Positions in as few stretches as can be, in their order, each once.
pub fn stretches(positions: impl IntoIterator<Item = Position>) -> Vec<Stretch> {
    let mut positions: Vec<u64> = positions.into_iter().map(|position| position.0).collect();
    positions.sort_unstable();
    positions.dedup();
    let runs = positions.chunk_by(|before, after| before + 1 == *after);
    let ends = |run: &[u64]| Some(Stretch { first: Position(*run.first()?), last: Position(*run.last()?) });
    runs.filter_map(ends).collect()
}

/// One import under way: what it brought in is written down a portion at a time.
pub struct Bringing {
    access: Arc<Access>,
    caller: Arc<Caller>,
    what: Code,
    unsaid: Mutex<Unsaid>,
}

/// What came in and the access log does not say yet.
#[derive(Default)]
struct Unsaid {
    positions: Vec<Position>,
    /// How many of them are new.
    new: u64,
}

impl Bringing {
    /// Writes down that the account begins.
    pub fn begun(access: Arc<Access>, caller: Arc<Caller>, what: Code) -> Result<Self, Error> {
        access.record(Some(&caller), Deed::Operated { what: what.clone(), client: None })?;
        Ok(Self { access, caller, what, unsaid: Mutex::default() })
    }

    /// Takes events that are recorded, those that were there already too; `new` is how many were not.
    pub fn add(&self, positions: &[Position], new: u64) -> Result<(), Error> {
        let portion = {
            let mut unsaid = self.held();
            unsaid.positions.extend(positions);
            unsaid.new += new;
            if unsaid.positions.len() < PORTION_EVENTS {
                return Ok(());
            }
            std::mem::take(&mut *unsaid)
        };
        self.say(portion)
    }

    /// Writes the rest down.
    pub fn end(&self) -> Result<(), Error> {
        let rest = std::mem::take(&mut *self.held());
        self.say(rest)
    }

    /// Where events stand of which it is not written down yet who brought them in.
    pub fn unsaid(&self) -> Vec<Stretch> {
        stretches(self.held().positions.iter().copied())
    }

    /// What cannot be written down waits for the next time.
    fn say(&self, portion: Unsaid) -> Result<(), Error> {
        let at = stretches(portion.positions.iter().copied());
        let noted = self.access.record_brought(&self.caller, (&self.what, None), &at, portion.new);
        if noted.is_err() {
            let mut unsaid = self.held();
            unsaid.positions.extend(portion.positions);
            unsaid.new += portion.new;
        }
        noted
    }

    fn held(&self) -> MutexGuard<'_, Unsaid> {
        self.unsaid.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Access {
    /// Writes down that an account brought events in, where they stand, and how many of them are new. The events are
    /// durable by then: where this fails, whoever sent them sends them again, which writes none twice and this anew.
    pub fn record_brought(
        &self,
        caller: &Caller,
        (what, client): (&Code, Option<JourneyId>),
        positions: &[Stretch],
        events: u64,
    ) -> Result<(), Error> {
        for (nth, some) in positions.chunks(STRETCHES_MAX).enumerate() {
            let events = if nth == 0 { events } else { 0 };
            let (what, positions) = (what.clone(), some.to_vec());
            self.record(Some(caller), Deed::Brought { what, client, positions, events })?;
        }
        Ok(())
    }

    /// Refuses where the access log took nothing the last time, and takes nothing now: before anything is done that can
    /// only be written down afterwards.
    pub fn must_take(&self, caller: &Caller, what: &Code, client: Option<JourneyId>) -> Result<(), Error> {
        if !self.is_failing() {
            return Ok(());
        }
        let (what, positions) = (what.clone(), Vec::new());
        self.record(Some(caller), Deed::Brought { what, client, positions, events: 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_in_any_order_and_named_twice_become_the_fewest_stretches() {
        let of = |positions: &[u64]| -> Vec<(u64, u64)> {
            let stretches = stretches(positions.iter().copied().map(Position));
            stretches.into_iter().map(|stretch| (stretch.first.0, stretch.last.0)).collect()
        };
        assert_eq!(of(&[]), []);
        assert_eq!(of(&[7]), [(7, 7)]);
        assert_eq!(of(&[5, 3, 4, 9, 4, u64::MAX, 0]), [(0, 0), (3, 5), (9, 9), (u64::MAX, u64::MAX)]);
    }
}
