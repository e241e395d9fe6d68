//! How an open log reads: portions of frames, places that the index names, moments.

use jiff::Timestamp;
use throughline_domain::{EventId, JourneyId, Position, Recorded};

use crate::{
    AsOf, Error, EventLog as _, History, Log,
    codec::Malformed,
    opening::{Opened, Opener},
    overlay::{Found, Place},
};

/// Bytes of frames read at a time.
pub(crate) const PORTION_BYTES: usize = 4 * 1024 * 1024;

impl Log {
    pub(crate) fn opener(&self) -> Opener<'_> {
        Opener { store: &self.store, vault: &self.vault }
    }

    /// Opens events from `from` on and before `end`, about [`PORTION_BYTES`] of them, and tells where to go on.
    pub(crate) fn open_portion(
        &self,
        from: u64,
        end: u64,
        select: &(dyn Fn(JourneyId) -> bool + Sync),
    ) -> Result<(History, u64), Error> {
        self.mending(|| {
            let first = self.store.holding(from)?.map_or(from, |kept| kept.first);
            let frames = self.store.portion(first, end, PORTION_BYTES)?;
            self.opener().open_frames(&frames, from, end, select)
        })
    }

    /// Opens events of one journey from their places.
    pub(crate) fn open_places(&self, journey: JourneyId, places: &[(u64, Place)]) -> Result<History, Error> {
        let mut history = History::default();
        for of_one_frame in places.chunk_by(|(_, a), (_, b)| a.frame == b.frame) {
            let first = of_one_frame[0].1.frame;
            let kept = self.store.verified(first)?;
            let frame = kept.frame();
            let records = of_one_frame
                .iter()
                .map(|(position, place)| {
                    let record = frame.record_at(place.offset)?;
                    if record.journey() != journey || !(frame.first..frame.end()).contains(position) {
                        return Err(Malformed(
                            "the index points at another event; delete the index".to_owned(),
                        ));
                    }
                    Ok((*position, record))
                })
                .collect::<Result<Vec<_>, _>>()
                .map_err(|error| self.store.damaged(first, error))?;
            let records: Vec<_> = records.iter().map(|(position, record)| (*position, record)).collect();
            let opened = self.opener().open_all(&records)?;
            history.events.extend(opened.events);
            history.closed.extend(opened.closed);
        }
        Ok(history)
    }

    /// Opens the event that the index found.
    pub(crate) fn open_found(&self, event: EventId, found: Found) -> Result<Option<Recorded>, Error> {
        let kept = self.store.verified(found.place.frame)?;
        let frame = kept.frame();
        let damaged = |error| self.store.damaged(found.position, error);
        let record = frame.record_at(found.place.offset).map_err(damaged)?;
        if record.event_id != event.bytes() {
            return Err(damaged(Malformed("the index points at another event; delete the index".to_owned())));
        }
        Ok(match self.opener().open(found.position, &record)? {
            Opened::Event(recorded) => Some(recorded),
            Opened::Closed(_) => None,
        })
    }

    /// How many events were recorded at or before this time, by halving.
    pub(crate) fn events_by(&self, time: Timestamp) -> Result<u64, Error> {
        let micros = i64::try_from(time.as_nanosecond().div_euclid(1000)).unwrap_or(i64::MAX);
        // Every event below `low` was recorded by then, and none from `high` on.
        let (mut low, mut high) = (0, self.events());
        while low < high {
            let middle = low.midpoint(high);
            let missing = || self.store.damaged(middle, Malformed("the frame is missing".to_owned()));
            let kept = self.store.holding(middle)?.ok_or_else(missing)?;
            let frame = self.store.check(&kept)?;
            if frame.end() <= middle {
                return Err(missing());
            }
            let records = frame.records().map_err(|error| self.store.damaged(kept.first, error))?;
            let by_then = records.partition_point(|(_, _, record)| record.recorded_at <= micros) as u64;
            if by_then == 0 {
                high = frame.first;
            } else {
                low = frame.first + by_then;
                if low < frame.end() {
                    break;
                }
            }
        }
        Ok(low.min(self.events()))
    }

    /// How many events stood at that moment.
    pub(crate) fn events_as_of(&self, as_of: AsOf) -> Result<u64, Error> {
        Ok(match as_of {
            AsOf::Now => self.events(),
            AsOf::Time(time) => self.events_at(time)?,
            AsOf::Position(Position(last)) => last.saturating_add(1).min(self.events()),
        })
    }
}
