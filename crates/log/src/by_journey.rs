//! The whole log a journey at a time: every frame is read and checked once, its sealed records sorted by journey into
//! buckets, and each journey opened by itself, by all cores side by side. What is opened is used while it is at hand, and
//! what is held meanwhile is sealed, at most so many bytes of it; a log of more is read again for the buckets left out.

use std::{
    io,
    ops::{ControlFlow, Range},
    sync::mpsc::sync_channel,
    thread,
};

use rayon::{ThreadPoolBuilder, prelude::*};
use throughline_domain::JourneyId;

use crate::{
    Error, EventLog as _, History, Log, frame::Frame, opening::Room, reads::PORTION_BYTES, record::Record,
    store::Kept,
};

/// By the last byte of a journey's id, which is random in every kind of UUID that is.
const BUCKETS: usize = 256;

/// Bytes of sealed records held at a time.
const HELD_BYTES_MAX: usize = if cfg!(test) { 16 * 1024 } else { 512 * 1024 * 1024 };

/// Position and length.
const PREFIX_BYTES: usize = 12;

/// Events for which keys are lent at a time: who destroys a key waits for that long.
const LENT_EVENTS: usize = 256;

/// What is done with a journey.
pub(crate) type Visit<'a> = &'a (dyn Fn(JourneyId, History) -> ControlFlow<()> + Sync);

/// Bytes of a bucket that are set aside at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// Records with their position (u64) and their length (u32) before each, little-endian; none reaches past its chunk.
type Bucket = Vec<Vec<u8>>;

/// Frames that were read and checked.
struct Checked {
    frames: Vec<Kept>,
    /// Of each frame: every record's position, its place in the frame, and whose it is.
    places: Vec<Vec<(u64, Range<usize>, JourneyId)>>,
    /// The position after the last.
    after: u64,
}

/// Records of some buckets.
struct Held {
    buckets: Vec<Bucket>,
    /// Those of the buckets that are held; those after them are left for another time.
    range: Range<usize>,
    bytes: usize,
}

impl Log {
    /// What [`crate::EventLog::scan_journeys`] promises.
    pub(crate) fn visit_journeys(&self, events: u64, visit: Visit<'_>) -> Result<(), Error> {
        match self.visit_held(events, visit) {
            Err(Error::Damaged { .. }) => {
                // A record that does not open although its frame's checksum is right. An ordinary reading restores what
                // the journal has, or says what is wrong.
                self.scan(events, &|_| true, &mut |_, _| Ok(()))?;
                self.visit_held(events, visit)
            }
            visited => visited,
        }
    }

    fn visit_held(&self, events: u64, visit: Visit<'_>) -> Result<(), Error> {
        // Threads of its own: who visits may wait for a lock, and whoever has that may wait for the writer, which seals on
        // the threads that all share. So appends do not wait for a whole round of visits either.
        let threads = ThreadPoolBuilder::new().thread_name(|nth| format!("visits-{nth}")).build();
        let threads = threads.map_err(|error| self.no_thread(io::Error::other(error)))?;
        let mut left = 0;
        while left < BUCKETS {
            let held = self.hold(events.min(self.events()), left)?;
            left = held.range.end;
            let stopped = threads.install(|| {
                let visited = held.buckets.into_par_iter().map(|bucket| self.visit_bucket(&bucket, visit));
                visited.try_reduce(
                    || ControlFlow::Continue(()),
                    |one, other| Ok::<_, Error>(if one.is_break() { one } else { other }),
                )
            })?;
            if stopped.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn no_thread(&self, source: io::Error) -> Error {
        Error::Io { path: self.store.path().to_owned(), source }
    }

    /// The sealed records before `end`, of as many buckets from this one on as there is room for.
    fn hold(&self, end: u64, from: usize) -> Result<Held, Error> {
        let mut held =
            Held { buckets: (from..BUCKETS).map(|_| Vec::new()).collect(), range: from..BUCKETS, bytes: 0 };
        thread::scope(|scope| {
            // The next frames are read and checked while these are sorted.
            let (give, read) = sync_channel(1);
            let ahead = move || {
                let mut next = 0;
                while next < end {
                    let checked = self.checked_from(next, end);
                    next = checked.as_ref().map_or(end, |checked| checked.after);
                    if give.send(checked).is_err() {
                        break;
                    }
                }
            };
            let reader = thread::Builder::new().name("reads-ahead".into()).spawn_scoped(scope, ahead);
            reader.map_err(|error| self.no_thread(error))?;
            for checked in read {
                held.take_all(&checked?, end);
            }
            Ok(held)
        })
    }

    /// Reads and checks about [`PORTION_BYTES`] of frames, the first of which begins at `from`.
    fn checked_from(&self, from: u64, end: u64) -> Result<Checked, Error> {
        self.mending(|| {
            let frames = self.store.portion(from, end, PORTION_BYTES)?;
            let (places, after) = self.opener().read_frames(&frames, from, |frame| {
                let mut places = Vec::with_capacity(frame.count as usize);
                frame.each(|position, place, record| places.push((position, place, record.journey())))?;
                Ok(places)
            })?;
            Ok(Checked { frames, places, after })
        })
    }

    /// Opens the journeys of a bucket, one after another.
    fn visit_bucket(&self, bucket: &Bucket, visit: Visit<'_>) -> Result<ControlFlow<()>, Error> {
        let mut records = records(bucket);
        // Stable: each journey's stay in the order of their positions.
        records.sort_by_key(|(journey, ..)| *journey);
        let mut room = Room::default();
        for of_one in records.chunk_by(|(one, ..), (other, ..)| one == other) {
            let journey = of_one[0].0;
            let mut history = History { events: Vec::with_capacity(of_one.len()), closed: Vec::new() };
            for some in of_one.chunks(LENT_EVENTS) {
                self.vault.lend(journey, |lent| {
                    some.iter().try_for_each(|(_, position, bytes)| {
                        let read = Record::read(bytes);
                        let (record, _) = read.map_err(|error| self.store.damaged(*position, error))?;
                        let opened = self.opener().open_lent(lent, &mut room, *position, &record)?;
                        opened.add_to(&mut history);
                        Ok::<_, Error>(())
                    })
                })?;
            }
            if visit(journey, history).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

impl Held {
    fn take_all(&mut self, Checked { frames, places, .. }: &Checked, end: u64) {
        for (kept, places) in frames.iter().zip(places) {
            let frame = Frame::of_verified(&kept.bytes);
            for (position, place, journey) in places.iter().filter(|(position, ..)| *position < end) {
                self.take(*position, *journey, frame.bytes(place.clone()));
            }
        }
    }

    fn take(&mut self, position: u64, journey: JourneyId, record: &[u8]) {
        let [.., bucket] = journey.bytes();
        let bucket = usize::from(bucket);
        if !self.range.contains(&bucket) {
            return;
        }
        let length = u32::try_from(record.len()).expect("a frame is below 4 GiB");
        let bytes = PREFIX_BYTES + record.len();
        let bucket = &mut self.buckets[bucket - self.range.start];
        if bucket.last().is_none_or(|chunk| chunk.capacity() - chunk.len() < bytes) {
            bucket.push(Vec::with_capacity(bytes.max(CHUNK_BYTES)));
        }
        let into = bucket.last_mut().expect("there is one with room");
        into.extend_from_slice(&position.to_le_bytes());
        into.extend_from_slice(&length.to_le_bytes());
        into.extend_from_slice(record);
        self.bytes += bytes;
        // One is always held, however large: else no time would come for it.
        while self.bytes > HELD_BYTES_MAX && self.range.len() > 1 {
            self.range.end -= 1;
            self.bytes -= self.buckets.pop().iter().flatten().map(Vec::len).sum::<usize>();
        }
    }
}

/// The records of a bucket: whose, where in the log, and their bytes.
fn records(bucket: &Bucket) -> Vec<(JourneyId, u64, &[u8])> {
    let mut records = Vec::new();
    for chunk in bucket {
        let mut chunk = chunk.as_slice();
        while let Some((prefix, rest)) = chunk.split_first_chunk::<PREFIX_BYTES>() {
            let (position, length) = prefix.split_at(8);
            let position = u64::from_le_bytes(position.try_into().expect("eight bytes"));
            let length = u32::from_le_bytes(length.try_into().expect("four bytes"));
            let (record, rest) = rest.split_at(length as usize);
            records.push((Record::journey_of(record), position, record));
            chunk = rest;
        }
    }
    records
}
