//! Sealing: a group of events into the bytes of their frame, each record in its own place, journeys side by side.

use rayon::prelude::*;
use throughline_vault::{Nonce, Part, TAG_BYTES};

use crate::{
    Error,
    codec::{self, Malformed},
    frame,
    group::Planned,
    overlay::{Entry, Place},
    record::{Bytes, Hash, Header, Record},
    writer::Writer,
};

/// Fewer events than this are sealed on the writer's own thread.
const PARALLEL_MIN: usize = 64;

/// A frame whose header is still to be written, and what the index says of its events.
pub(crate) struct Sealed {
    pub frame: Vec<u8>,
    pub entries: Vec<Entry>,
}

/// An event on its way to its place in the frame.
struct Task<'a> {
    planned: &'a Planned,
    nonce: Nonce,
    place: &'a mut [u8],
    leaf: &'a mut Hash,
}

/// What is used again for each event.
#[derive(Default)]
struct Scratch {
    header: Header,
    bound_to: Vec<u8>,
    record: Vec<u8>,
}

/// Seals events whose first stands at `first`.
pub(crate) fn seal(
    writer: &Writer,
    events: &[Planned],
    first: u64,
    recorded_at: i64,
) -> Result<Sealed, Error> {
    let nonces = writer.vault.nonces(events.len())?;
    let unsealed = |planned, nonce| unsealed(planned, nonce, [0; 32], recorded_at);
    let (mut entries, mut body_bytes) = (Vec::with_capacity(events.len()), 0);
    for (planned, nonce) in events.iter().zip(&nonces) {
        let offset = u32::try_from(body_bytes).expect("a commit is limited far below 4 GiB");
        body_bytes += sealed_length(&unsealed(planned, *nonce));
        entries.push(Entry {
            event_id: planned.prepared.event_id,
            journey: planned.prepared.journey,
            position: planned.position,
            version: planned.version,
            place: Place { frame: first, offset },
            leaf: [0; 32],
        });
    }
    let mut frame = frame::with_room(body_bytes);
    let mut tasks = Vec::with_capacity(events.len());
    let mut room = frame::body_of(&mut frame);
    for ((planned, nonce), entry) in events.iter().zip(nonces).zip(&mut entries) {
        let (place, rest) = room.split_at_mut(sealed_length(&unsealed(planned, nonce)));
        tasks.push(Task { planned, nonce, place, leaf: &mut entry.leaf });
        room = rest;
    }
    // Stable: events of one journey stay in their order, for each is bound to the one before.
    tasks.sort_by_key(|task| task.planned.prepared.journey);
    let one_journey = |a: &Task<'_>, b: &Task<'_>| a.planned.prepared.journey == b.planned.prepared.journey;
    let seal =
        |scratch: &mut Scratch, tasks: &mut [Task<'_>]| seal_journey(writer, tasks, recorded_at, scratch);
    if tasks.len() < PARALLEL_MIN {
        let mut scratch = Scratch::default();
        tasks.chunk_by_mut(one_journey).try_for_each(|tasks| seal(&mut scratch, tasks))?;
    } else {
        tasks.par_chunk_by_mut(one_journey).try_for_each_init(Scratch::default, seal)?;
    }
    Ok(Sealed { frame, entries })
}

/// Seals events of one journey, one after another.
fn seal_journey(
    writer: &Writer,
    tasks: &mut [Task<'_>],
    recorded_at: i64,
    scratch: &mut Scratch,
) -> Result<(), Error> {
    let journey = tasks.first().expect("a chunk is not empty").planned.prepared.journey;
    let mut leaf = writer.index.head(journey)?.map_or([0; 32], |head| head.leaf);
    for task in tasks {
        leaf = seal_one(writer, task, leaf, recorded_at, scratch)?;
        *task.leaf = leaf;
        task.place.copy_from_slice(&scratch.record);
    }
    Ok(())
}

/// Makes the record of one event in `scratch`; its leaf.
fn seal_one(
    writer: &Writer,
    task: &Task<'_>,
    previous_leaf: Hash,
    recorded_at: i64,
    scratch: &mut Scratch,
) -> Result<Hash, Error> {
    let Task { planned, nonce, .. } = task;
    let Scratch { header, bound_to, record } = scratch;
    let malformed = |error: Malformed| writer.store.damaged(planned.position, error);
    let unsealed = unsealed(planned, *nonce, previous_leaf, recorded_at);
    header.write(&unsealed, planned.position).map_err(malformed)?;
    let owner = unsealed.owner().map_err(malformed)?;
    record.clear();
    unsealed.write_until_parts(record);
    let mut seal = |part, plain: &[u8]| -> Result<usize, Error> {
        codec::put_unsigned(record, (plain.len() + TAG_BYTES) as u64);
        let begin = record.len();
        record.extend_from_slice(plain);
        header.bind(planned.prepared.event_id.bytes(), part, bound_to);
        let tag = writer.vault.seal_in_place(owner, part, nonce, bound_to, &mut record[begin..])?;
        record.extend_from_slice(&tag.ok_or(Error::Erased(planned.prepared.journey))?);
        Ok(begin)
    };
    let facts = seal(Part::Facts, unsealed.facts.0)?;
    let facts = facts..facts + unsealed.facts.0.len() + TAG_BYTES;
    let personal = if unsealed.personal.0.is_empty() {
        codec::put_unsigned(record, 0);
        record.len()
    } else {
        seal(Part::Personal, unsealed.personal.0)?
    };
    header.leaf(&record[facts], &record[personal..]).map_err(malformed)
}

/// The record of an event, its parts not yet sealed.
fn unsealed(planned: &Planned, nonce: Nonce, previous_leaf: Hash, recorded_at: i64) -> Record<'_> {
    let prepared = &planned.prepared;
    Record {
        event_id: prepared.event_id.bytes(),
        journey: prepared.journey.bytes(),
        version: planned.version,
        tag: prepared.plain.tag,
        sealed_by: prepared.sealed_by,
        precision: prepared.precision,
        actor: prepared.actor.as_str(),
        recorded_at,
        previous_leaf,
        nonce,
        facts: Bytes(&prepared.plain.facts),
        personal: Bytes(&prepared.plain.personal),
    }
}

/// Bytes of the record once its parts are sealed.
fn sealed_length(unsealed: &Record<'_>) -> usize {
    let sealed = |part: &Bytes<'_>| if part.0.is_empty() { 0 } else { part.0.len() + TAG_BYTES };
    let parts = [sealed(&unsealed.facts), sealed(&unsealed.personal)];
    let of_part = |bytes: usize| codec::unsigned_bytes(bytes as u64) + bytes;
    unsealed.bytes_until_parts() + parts.map(of_part).iter().sum::<usize>()
}
