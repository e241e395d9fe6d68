//! From a record to the event it holds.

use jiff::Timestamp;
use rayon::prelude::*;
use throughline_domain::{Actor, EventId, JourneyId, Position, Recorded, Version};
use throughline_vault::{Part, Vault};

use crate::{
    Closed, Error, History,
    codec::Malformed,
    record::Record,
    store::{Kept, Store},
    stored,
};

/// Fewer events than this are opened on the calling thread.
const PARALLEL_MIN: usize = 64;

/// An event, or that there is one.
#[allow(clippy::large_enum_variant, reason = "nearly all are events, and go straight into a list of them")]
pub(crate) enum Opened {
    Event(Recorded),
    Closed(Closed),
}

/// What was sealed for one event.
pub(crate) struct Parts {
    pub facts: Vec<u8>,
    /// Empty where there is none, or its key was destroyed.
    pub personal: Vec<u8>,
}

/// What bytes kept elsewhere are bound to. Begins unlike the header of an event, which begins with its version.
pub(crate) fn bound_to(journey: JourneyId, purpose: &str) -> Vec<u8> {
    [b"elsewhere".as_slice(), &(purpose.len() as u64).to_be_bytes(), purpose.as_bytes(), &journey.bytes()]
        .concat()
}

/// What is needed to open records.
#[derive(Clone, Copy)]
pub(crate) struct Opener<'a> {
    pub store: &'a Store,
    pub vault: &'a Vault,
}

impl Opener<'_> {
    /// Opens the events of these frames from `from` on and before `end` whose journeys `select` names, and tells the
    /// position after the last that was passed. Frames that do not follow each other are damage.
    pub(crate) fn open_frames(
        self,
        frames: &[Kept],
        from: u64,
        end: u64,
        select: &(dyn Fn(JourneyId) -> bool + Sync),
    ) -> Result<(History, u64), Error> {
        let wanted =
            |position, record: &Record<'_>| (from..end).contains(&position) && select(record.journey());
        let read = |kept| {
            let frame = self.store.check(kept)?;
            let records =
                frame.records_where(wanted).map_err(|error| self.store.damaged(kept.first, error))?;
            Ok((frame.first, frame.end(), records))
        };
        let read: Vec<_> = match frames {
            [kept] => vec![read(kept)?],
            frames => frames.par_iter().map(read).collect::<Result<_, Error>>()?,
        };
        let mut next = from;
        for (nth, (first, after, _)) in read.iter().enumerate() {
            if if nth == 0 { *first > from } else { *first != next } {
                break;
            }
            next = *after;
        }
        if next <= from || read.last().is_some_and(|(_, after, _)| *after != next) {
            return Err(self.store.damaged(next, Malformed("the frame is missing".to_owned())));
        }
        let wanted: Vec<(u64, &Record<'_>)> = read
            .iter()
            .flat_map(|(_, _, records)| records)
            .map(|(position, _, record)| (*position, record))
            .collect();
        Ok((self.open_all(&wanted)?, next.min(end)))
    }

    /// Opens these records, in their order.
    pub(crate) fn open_all(self, records: &[(u64, &Record<'_>)]) -> Result<History, Error> {
        let open = |(position, record): &(u64, &Record<'_>)| self.open(*position, record);
        let opened: Vec<Opened> = if records.len() < PARALLEL_MIN {
            records.iter().map(open).collect::<Result<_, _>>()?
        } else {
            records.par_iter().with_min_len(PARALLEL_MIN / 2).map(open).collect::<Result<_, _>>()?
        };
        let mut history = History { events: Vec::with_capacity(opened.len()), closed: Vec::new() };
        for event in opened {
            match event {
                Opened::Event(recorded) => history.events.push(recorded),
                Opened::Closed(closed) => history.closed.push(closed),
            }
        }
        Ok(history)
    }

    /// Opens one record.
    pub(crate) fn open(self, position: u64, record: &Record<'_>) -> Result<Opened, Error> {
        let damaged = |error| self.store.damaged(position, error);
        let actor = Actor::new(record.actor).map_err(|error| damaged(Malformed(error.to_string())))?;
        let recorded_at = Timestamp::from_microsecond(record.recorded_at)
            .map_err(|error| damaged(Malformed(error.to_string())))?;
        let Some(parts) = self.unseal(position, record)? else {
            return Ok(Opened::Closed(Closed {
                position: Position(position),
                journey: record.journey(),
                version: Version(record.version),
                event_id: EventId::from_bytes(record.event_id),
                type_name: record.type_name().map_err(damaged)?.to_owned(),
                actor,
                recorded_at,
            }));
        };
        let unpacked = stored::unpack(record.tag, &parts.facts, &parts.personal).map_err(damaged)?;
        Ok(Opened::Event(Recorded {
            position: Position(position),
            version: Version(record.version),
            recorded_at,
            draft: unpacked.into_draft(EventId::from_bytes(record.event_id), record.journey(), actor),
        }))
    }

    /// Both parts of an event; none where the key of the facts was destroyed.
    pub(crate) fn unseal(self, position: u64, record: &Record<'_>) -> Result<Option<Parts>, Error> {
        let damaged = |error| self.store.damaged(position, error);
        let header = record.header(position).map_err(damaged)?;
        let owner = record.owner().map_err(damaged)?;
        let open = |part, sealed: &[u8]| {
            let bound_to = header.associated_data(record.event_id, part);
            self.vault.unseal(owner, part, &record.nonce, &bound_to, sealed).map_err(|error| match error {
                throughline_vault::Error::DoesNotOpen => damaged(Malformed(error.to_string())),
                error => Error::Vault(error),
            })
        };
        let Some(facts) = open(Part::Facts, record.facts.0)? else { return Ok(None) };
        let personal = match record.personal.0 {
            [] => Vec::new(),
            sealed => open(Part::Personal, sealed)?.unwrap_or_default(),
        };
        Ok(Some(Parts { facts, personal }))
    }
}
