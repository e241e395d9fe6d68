//! A run: the index of the events between two positions, in one file that is written once and never changed.
//!
//! Blocks (see `blocks.rs`): one of the header; the ids in their order, each with its place; the places of each journey's
//! events, journey after journey; the journeys in their order, each with its head and its places. Then, unblocked, what
//! is kept in memory: the first id of every block of ids, the first journey of every block of journeys, and a filter of
//! each. `docs/formats/log.md` has the bytes.

use std::{
    fs::{self, File},
    io,
    iter::Peekable,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    blocks::{self, BlockWriter, Table, damaged},
    filter::Filter,
    overlay::{Found, Head, Indexed, Place},
    record::Hash,
};

const MAGIC: &[u8; 4] = b"TLIX";
const FORMAT: u16 = 2;
const PLACE_BYTES: usize = 16;
const ID_BYTES: usize = 16 + PLACE_BYTES;
const JOURNEY_BYTES: usize = 16 + 8 + 32 + 8 + 4;

/// The entries of one run.
pub(crate) struct Run {
    pub path: PathBuf,
    file: File,
    /// The first position covered, and the first after the last.
    pub first: u64,
    pub end: u64,
    /// Of the frame that ends there.
    pub hash: Hash,
    ids: Sorted<ID_BYTES>,
    places: Table<PLACE_BYTES>,
    journeys: Sorted<JOURNEY_BYTES>,
}

/// A table whose entries begin with 16 bytes by which they are in order.
struct Sorted<const N: usize> {
    table: Table<N>,
    /// The key of each block's first entry.
    fences: Vec<[u8; 16]>,
    filter: Filter,
}

/// A journey in a run.
struct Stretch {
    journey: [u8; 16],
    head: Head,
    places: Vec<[u8; PLACE_BYTES]>,
}

type Ids<'a> = Box<dyn Iterator<Item = io::Result<[u8; ID_BYTES]>> + 'a>;
type Stretches<'a> = Box<dyn Iterator<Item = io::Result<Stretch>> + 'a>;

impl Run {
    /// Writes the run of these frames, which follow each other.
    pub(crate) fn of(dir: &Path, frames: &[Arc<Indexed>]) -> io::Result<Self> {
        let (Some(first), Some(last)) = (frames.first(), frames.last()) else {
            return Err(damaged("a run needs events"));
        };
        let entries = || frames.iter().flat_map(|frame| frame.entries.iter());
        let mut ids: Vec<[u8; ID_BYTES]> = entries()
            .map(|entry| {
                let mut bytes = [0; ID_BYTES];
                bytes[..16].copy_from_slice(&entry.event_id.bytes());
                bytes[16..].copy_from_slice(&place_bytes(entry.position, entry.place));
                bytes
            })
            .collect();
        ids.sort_unstable();
        let mut by_journey: Vec<_> = entries().collect();
        // Stable: events of a journey stay in the order of their positions, so its last is its head.
        by_journey.sort_by_key(|entry| entry.journey);
        let stretches = by_journey.chunk_by(|a, b| a.journey == b.journey).map(|events| {
            let last = events.last().expect("a chunk is not empty");
            Ok(Stretch {
                journey: last.journey.bytes(),
                head: last.head(),
                places: events.iter().map(|entry| place_bytes(entry.position, entry.place)).collect(),
            })
        });
        let from = first.end - first.entries.len() as u64;
        write(dir, (from, last.end, last.hash), Box::new(ids.into_iter().map(Ok)), Box::new(stretches))
    }

    /// Writes one run for all of these, which follow each other.
    pub(crate) fn merged(dir: &Path, runs: &[Arc<Self>]) -> io::Result<Self> {
        let (Some(first), Some(last)) = (runs.first(), runs.last()) else {
            return Err(damaged("a run needs events"));
        };
        let mut ids: Vec<_> = runs.iter().map(|run| run.ids.table.iter(&run.file).peekable()).collect();
        let ids = std::iter::from_fn(move || {
            let least = least(&mut ids, |entry| *entry)?;
            ids[least].next()
        });
        let mut stretches: Vec<_> = runs.iter().map(|run| run.stretches().peekable()).collect();
        let stretches = std::iter::from_fn(move || {
            let at = least(&mut stretches, |stretch: &Stretch| stretch.journey)?;
            let mut whole = match stretches[at].next()? {
                Ok(stretch) => stretch,
                Err(error) => return Some(Err(error)),
            };
            // The runs are in the order of positions, so what a later one has of the journey comes after.
            for later in &mut stretches[at + 1..] {
                let same = |next: &io::Result<Stretch>| {
                    next.as_ref().map_or(true, |stretch| stretch.journey == whole.journey)
                };
                match later.next_if(same) {
                    Some(Ok(more)) => {
                        whole.head = more.head;
                        whole.places.extend(more.places);
                    }
                    Some(Err(error)) => return Some(Err(error)),
                    None => {}
                }
            }
            Some(Ok(whole))
        });
        write(dir, (first.first, last.end, last.hash), Box::new(ids), Box::new(stretches))
    }

    /// Opens a run; an error of [`io::ErrorKind::InvalidData`] where it is none, or damaged.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let header = blocks::block(&file, 0)?;
        let number = |at| u64_at(&header, at);
        if &header[..4] != MAGIC || header[4..6] != FORMAT.to_be_bytes() {
            return Err(damaged("it is no run of this format"));
        }
        let (first, end, journeys) = (number(8), number(16), number(56));
        let count = end.checked_sub(first).ok_or_else(|| damaged("it ends before it begins"))?;
        let ids = Table::<ID_BYTES> { first_block: 1, count };
        let places = Table::<PLACE_BYTES> { first_block: ids.end_block(), count };
        let table = Table::<JOURNEY_BYTES> { first_block: places.end_block(), count: journeys };
        let lengths =
            [ids.blocks() * 16, table.blocks() * 16, Filter::bytes_for(count), Filter::bytes_for(journeys)];
        let mut tail = blocks::tail(&file, table.end_block(), lengths.iter().sum())?;
        let mut part = |length: u64| {
            let rest = tail.split_off(usize::try_from(length).expect("it was read into memory"));
            std::mem::replace(&mut tail, rest)
        };
        let [id_fences, journey_fences, id_filter, journey_filter] = lengths.map(&mut part);
        let fences = |bytes: &[u8]| bytes.as_chunks().0.to_vec();
        Ok(Self {
            path: path.to_owned(),
            first,
            end,
            hash: header[24..56].try_into().expect("32 bytes"),
            ids: Sorted { table: ids, fences: fences(&id_fences), filter: Filter::of(id_filter) },
            places,
            journeys: Sorted { table, fences: fences(&journey_fences), filter: Filter::of(journey_filter) },
            file,
        })
    }

    /// Where the event with this id is.
    pub(crate) fn find(&self, id: &[u8; 16]) -> io::Result<Option<Found>> {
        let Some(entry) = self.ids.get(&self.file, id)? else { return Ok(None) };
        let (position, place) = read_place(&entry[16..])?;
        Ok(Some(Found { position, place }))
    }

    /// How far the journey is at the end of this run; none where it has no event in it.
    pub(crate) fn head(&self, journey: &[u8; 16]) -> io::Result<Option<Head>> {
        Ok(self.journeys.get(&self.file, journey)?.map(|entry| read_journey(&entry).1))
    }

    /// Where the journey's events of this run are, by position.
    pub(crate) fn places(&self, journey: &[u8; 16]) -> io::Result<Vec<(u64, Place)>> {
        let Some(entry) = self.journeys.get(&self.file, journey)? else { return Ok(Vec::new()) };
        let (_, _, from, count) = read_journey(&entry);
        self.places.range(&self.file, from, count)?.iter().map(|place| read_place(place)).collect()
    }

    fn stretches(&self) -> impl Iterator<Item = io::Result<Stretch>> {
        let mut places = self.places.iter(&self.file);
        self.journeys.table.iter(&self.file).map(move |entry| {
            let (journey, head, _, count) = read_journey(&entry?);
            let places = (0..count)
                .map(|_| places.next().unwrap_or_else(|| Err(damaged("a journey has too few places"))))
                .collect::<io::Result<_>>()?;
            Ok(Stretch { journey, head, places })
        })
    }
}

impl<const N: usize> Sorted<N> {
    fn get(&self, file: &File, key: &[u8; 16]) -> io::Result<Option<[u8; N]>> {
        if !self.filter.may_have(key) {
            return Ok(None);
        }
        let after = self.fences.partition_point(|fence| fence <= key);
        let Some(number) = after.checked_sub(1) else { return Ok(None) };
        let entries = self.table.entries(file, number as u64)?;
        let found = entries.binary_search_by(|entry| entry[..16].cmp(key));
        Ok(found.ok().map(|nth| entries[nth]))
    }
}

/// Writes a run beside its place and then puts it there whole.
fn write(
    dir: &Path,
    (first, end, hash): (u64, u64, Hash),
    ids: Ids<'_>,
    stretches: Stretches<'_>,
) -> io::Result<Run> {
    let path = dir.join(format!("{first:020}-{end:020}.run"));
    let beside = path.with_extension("new");
    let mut out = BlockWriter::new(File::create(&beside)?)?;
    let mut id_filter = Filter::with_room(end - first);
    let (mut id_fences, mut journey_fences) = (Vec::new(), Vec::new());
    for entry in ids {
        let entry = entry?;
        let key = key_of(&entry);
        id_filter.add(&key);
        if out.push(&entry)? {
            id_fences.extend_from_slice(&key);
        }
    }
    out.end_table()?;
    let mut journeys: Vec<[u8; JOURNEY_BYTES]> = Vec::new();
    let mut from = 0_u64;
    for stretch in stretches {
        let Stretch { journey, head, places } = stretch?;
        journeys.push(journey_bytes(&journey, head, from, places.len()));
        from += places.len() as u64;
        for place in places {
            out.push(&place)?;
        }
    }
    out.end_table()?;
    let mut journey_filter = Filter::with_room(journeys.len() as u64);
    for entry in &journeys {
        journey_filter.add(&key_of(entry));
        if out.push(entry)? {
            journey_fences.extend_from_slice(&key_of(entry));
        }
    }
    out.end_table()?;
    let tail = [&id_fences, &journey_fences, id_filter.bytes(), journey_filter.bytes()].concat();
    let mut header = [MAGIC.as_slice(), &FORMAT.to_be_bytes(), &[0; 2]].concat();
    for number in [first, end] {
        header.extend_from_slice(&number.to_be_bytes());
    }
    header.extend_from_slice(&hash);
    header.extend_from_slice(&(journeys.len() as u64).to_be_bytes());
    out.finish(&tail, &header)?;
    point!(RunWritten);
    fs::rename(&beside, &path)?;
    Run::open(&path)
}

/// Which of these has the least next entry, the earliest of several; one with an error comes first, so that it is told.
fn least<T, K: Ord>(
    sources: &mut [Peekable<impl Iterator<Item = io::Result<T>>>],
    key: impl Fn(&T) -> K,
) -> Option<usize> {
    let next =
        |source: &mut Peekable<_>| source.peek().map(|next: &io::Result<T>| next.as_ref().ok().map(&key));
    let nexts = sources.iter_mut().enumerate().filter_map(|(nth, source)| Some((next(source)?, nth)));
    nexts.min().map(|(_, nth)| nth)
}

/// u64 position · u32 how far the frame's first position is before it · u32 place in the frame's body, big-endian.
fn place_bytes(position: u64, place: Place) -> [u8; PLACE_BYTES] {
    let distance = u32::try_from(position - place.frame).expect("a frame has few events");
    let mut bytes = [0; PLACE_BYTES];
    bytes[..8].copy_from_slice(&position.to_be_bytes());
    bytes[8..12].copy_from_slice(&distance.to_be_bytes());
    bytes[12..].copy_from_slice(&place.offset.to_be_bytes());
    bytes
}

fn read_place(bytes: &[u8]) -> io::Result<(u64, Place)> {
    let (position, distance, offset) = (u64_at(bytes, 0), u32_at(bytes, 8), u32_at(bytes, 12));
    let frame =
        position.checked_sub(distance.into()).ok_or_else(|| damaged("a frame begins before the log"))?;
    Ok((position, Place { frame, offset }))
}

/// Journey (16) · u64 version · leaf hash of its last event (32) · u64 number of its first place · u32 how many.
fn journey_bytes(journey: &[u8; 16], head: Head, from: u64, places: usize) -> [u8; JOURNEY_BYTES] {
    let mut bytes = [0; JOURNEY_BYTES];
    bytes[..16].copy_from_slice(journey);
    bytes[16..24].copy_from_slice(&head.version.to_be_bytes());
    bytes[24..56].copy_from_slice(&head.leaf);
    bytes[56..64].copy_from_slice(&from.to_be_bytes());
    let places = u32::try_from(places).expect("a journey has below 2^32 events");
    bytes[64..].copy_from_slice(&places.to_be_bytes());
    bytes
}

fn read_journey(entry: &[u8; JOURNEY_BYTES]) -> ([u8; 16], Head, u64, u64) {
    let leaf = entry[24..56].try_into().expect("32 bytes");
    let head = Head { version: u64_at(entry, 16), leaf };
    (key_of(entry), head, u64_at(entry, 56), u32_at(entry, 64).into())
}

fn key_of(entry: &[u8]) -> [u8; 16] {
    *entry.first_chunk().expect("every entry begins with 16 bytes of key")
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_be_bytes(bytes[at..at + 8].try_into().expect("eight bytes"))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}
