//! From a record to the event it holds.

use jiff::Timestamp;
use rayon::prelude::*;
use throughline_domain::{Actor, EventId, JourneyId, Position, Recorded, Version};
use throughline_vault::{Lent, Part, Vault};

use crate::{
    Closed, Error, History,
    codec::Malformed,
    frame::Frame,
    record::{Header, Record},
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

impl Opened {
    /// Adds it to what was read before it.
    pub(crate) fn add_to(self, history: &mut History) {
        match self {
            Self::Event(recorded) => history.events.push(recorded),
            Self::Closed(closed) => history.closed.push(closed),
        }
    }
}

/// Where events are opened, one after another.
#[derive(Default)]
pub(crate) struct Room {
    header: Header,
    bound_to: Vec<u8>,
    facts: Vec<u8>,
    personal: Vec<u8>,
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
        let (read, next) = self.read_frames(frames, from, |frame| frame.records_where(wanted))?;
        let wanted: Vec<(u64, &Record<'_>)> =
            read.iter().flatten().map(|(position, _, record)| (*position, record)).collect();
        Ok((self.open_all(&wanted)?, next.min(end)))
    }

    /// Checks these frames, of which the first holds `from`, and takes of each what `read` takes; tells the position after
    /// the last. Frames that do not follow each other are damage.
    pub(crate) fn read_frames<'f, T: Send>(
        self,
        frames: &'f [Kept],
        from: u64,
        read: impl Fn(Frame<'f>) -> Result<T, Malformed> + Sync,
    ) -> Result<(Vec<T>, u64), Error> {
        let read = |kept: &'f Kept| {
            let frame = self.store.check(kept)?;
            let (first, end) = (frame.first, frame.end());
            let taken = read(frame).map_err(|error| self.store.damaged(kept.first, error))?;
            Ok((first, end, taken))
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
        Ok((read.into_iter().map(|(_, _, taken)| taken).collect(), next))
    }

    /// Opens these records, in their order.
    pub(crate) fn open_all(self, records: &[(u64, &Record<'_>)]) -> Result<History, Error> {
        let open =
            |room: &mut Room, (position, record): &(u64, &Record<'_>)| self.open_in(room, *position, record);
        let opened: Vec<Opened> = if records.len() < PARALLEL_MIN {
            let mut room = Room::default();
            records.iter().map(|record| open(&mut room, record)).collect::<Result<_, _>>()?
        } else {
            let records = records.par_iter().with_min_len(PARALLEL_MIN / 2);
            records.map_init(Room::default, open).collect::<Result<_, _>>()?
        };
        let mut history = History { events: Vec::with_capacity(opened.len()), closed: Vec::new() };
        for opened in opened {
            opened.add_to(&mut history);
        }
        Ok(history)
    }

    /// Opens one record.
    pub(crate) fn open(self, position: u64, record: &Record<'_>) -> Result<Opened, Error> {
        self.open_in(&mut Room::default(), position, record)
    }

    fn open_in(self, room: &mut Room, position: u64, record: &Record<'_>) -> Result<Opened, Error> {
        self.vault.lend(record.journey(), |lent| self.open_lent(lent, room, position, record))
    }

    /// Opens one record with the keys of its journey.
    pub(crate) fn open_lent(
        self,
        lent: &Lent<'_>,
        room: &mut Room,
        position: u64,
        record: &Record<'_>,
    ) -> Result<Opened, Error> {
        let damaged = |error| self.store.damaged(position, error);
        let actor = Actor::new(record.actor).map_err(|error| damaged(Malformed(error.to_string())))?;
        let recorded_at = Timestamp::from_microsecond(record.recorded_at)
            .map_err(|error| damaged(Malformed(error.to_string())))?;
        if !self.unseal_lent(lent, room, position, record)? {
            return Ok(Opened::Closed(Closed {
                position: Position(position),
                journey: record.journey(),
                version: Version(record.version),
                event_id: EventId::from_bytes(record.event_id),
                type_name: record.type_name().map_err(damaged)?.to_owned(),
                actor,
                recorded_at,
            }));
        }
        let unpacked = stored::unpack(record.tag, &room.facts, &room.personal).map_err(damaged)?;
        Ok(Opened::Event(Recorded {
            position: Position(position),
            version: Version(record.version),
            recorded_at,
            draft: unpacked.into_draft(EventId::from_bytes(record.event_id), record.journey(), actor),
        }))
    }

    /// Both parts of an event; none where the key of the facts was destroyed.
    pub(crate) fn unseal(self, position: u64, record: &Record<'_>) -> Result<Option<Parts>, Error> {
        let mut room = Room::default();
        let open =
            self.vault.lend(record.journey(), |lent| self.unseal_lent(lent, &mut room, position, record))?;
        Ok(open.then_some(Parts { facts: room.facts, personal: room.personal }))
    }

    /// Puts both parts of an event in the room; whether the key of the facts was there.
    fn unseal_lent(
        self,
        lent: &Lent<'_>,
        room: &mut Room,
        position: u64,
        record: &Record<'_>,
    ) -> Result<bool, Error> {
        let damaged = |error| self.store.damaged(position, error);
        let Room { header, bound_to, facts, personal } = room;
        header.write(record, position).map_err(damaged)?;
        let owner = record.owner().map_err(damaged)?;
        let mut open = |part, sealed: &[u8], into: &mut Vec<u8>| {
            into.clear();
            into.extend_from_slice(sealed);
            header.bind(record.event_id, part, bound_to);
            let opened = lent.unseal_in_place(owner, part, &record.nonce, bound_to, into);
            let length = opened.map_err(|error| match error {
                throughline_vault::Error::DoesNotOpen => damaged(Malformed(error.to_string())),
                error => Error::Vault(error),
            })?;
            into.truncate(length.unwrap_or_default());
            Ok::<_, Error>(length.is_some())
        };
        if !open(Part::Facts, record.facts.0, facts)? {
            return Ok(false);
        }
        personal.clear();
        if !record.personal.0.is_empty() {
            // Where its key was destroyed, there is none.
            open(Part::Personal, record.personal.0, personal)?;
        }
        Ok(true)
    }
}
