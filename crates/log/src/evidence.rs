//! Events as they were sealed, with what proves and what opens each: what leaves the log so that others can check it.

use std::collections::HashMap;

use jiff::Timestamp;
use throughline_domain::{Actor, EventId, JourneyId, Position, Recorded, Version};
use throughline_proof::{InclusionProof, Leaf, Note, Tile, TlogProof, leaf_hash};
use throughline_vault::{Nonce, Opening, Part, open_with};

use crate::{
    Closed, Error, Log,
    codec::Malformed,
    record::{Hash, Record},
    stored,
    tree::{SignedCheckpoint, Under, Unmade},
};

/// Bytes of a leaf's data behind the header: the hash of each sealed part.
const LEAF_PARTS_BYTES: usize = 64;

/// Events, and the checkpoint that all of them are proved under.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// The signed checkpoint.
    pub checkpoint: Note,
    /// By what its signature is checked.
    pub verifier_key: String,
    /// The events, in the order they were asked for.
    pub events: Vec<SealedEvent>,
}

/// An event as it was sealed.
#[derive(Debug, Clone)]
pub struct SealedEvent {
    /// That it is in the log; `extra` is its leaf's data.
    pub proof: TlogProof,
    /// Its id.
    pub event_id: EventId,
    /// Fact and version of its stored form.
    pub tag: u16,
    /// Of both parts.
    pub nonce: Nonce,
    /// The coded part.
    pub facts: SealedPart,
    /// The personal part; of no bytes where nothing is personal.
    pub personal: SealedPart,
}

/// One part of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedPart {
    /// The sealed bytes.
    pub sealed: Vec<u8>,
    /// What opens them and nothing else; none where the key was destroyed, or where they are not to be read.
    pub opening: Option<Opening>,
}

/// What an event says, as far as it can be opened.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "nearly all are events")]
pub enum Revealed {
    /// It was opened; where its personal part was not, that is empty.
    Event(Recorded),
    /// Nothing of it was opened.
    Closed(Closed),
}

impl SealedEvent {
    /// The data of its leaf.
    pub fn leaf(&self) -> &[u8] {
        self.proof.extra.as_deref().unwrap_or_default()
    }

    /// Opens it with its openings alone: each part must be the one whose hash the leaf has, must open, and must be what the
    /// leaf's header says. That the leaf is in the log, its proof shows.
    pub fn reveal(&self) -> Result<Revealed, Malformed> {
        let leaf = Leaf::parse(self.leaf()).map_err(|error| Malformed(error.to_string()))?;
        let header = &leaf.header;
        if Leaf::parts(&self.facts.sealed, &self.personal.sealed) != [leaf.facts, leaf.personal] {
            return Err(Malformed("a sealed part is not the one that its leaf has the hash of".to_owned()));
        }
        if stored::type_name(self.tag) != Some(header.type_name) {
            let said = format!("its tag is {}, which is not that of {}", self.tag, header.type_name);
            return Err(Malformed(said));
        }
        let actor = Actor::new(header.actor).map_err(|error| Malformed(error.to_string()))?;
        let recorded_at =
            Timestamp::from_microsecond(header.recorded_at).map_err(|error| Malformed(error.to_string()))?;
        let (position, version) = (Position(header.position), Version(header.journey_version));
        let journey = JourneyId::from_bytes(header.journey);
        let event_id = self.event_id;
        let Some(facts) = self.open(Part::Facts, &self.facts)? else {
            if self.personal.opening.is_some() {
                return Err(Malformed("its personal part is opened, and its coded part is not".to_owned()));
            }
            let type_name = header.type_name.to_owned();
            return Ok(Revealed::Closed(Closed {
                position,
                journey,
                version,
                event_id,
                type_name,
                actor,
                recorded_at,
            }));
        };
        let personal = self.open(Part::Personal, &self.personal)?.unwrap_or_default();
        let unpacked = stored::unpack(self.tag, &facts, &personal)?;
        if stored::precision(unpacked.occurred) != header.precision {
            return Err(Malformed("its header says otherwise how precisely its time is known".to_owned()));
        }
        Ok(Revealed::Event(Recorded {
            position,
            version,
            recorded_at,
            draft: unpacked.into_draft(event_id, journey, actor),
        }))
    }

    fn open(&self, which: Part, part: &SealedPart) -> Result<Option<Vec<u8>>, Malformed> {
        let Some(opening) = &part.opening else { return Ok(None) };
        if part.sealed.is_empty() {
            return Err(Malformed("there is an opening of a part that there is not".to_owned()));
        }
        let leaf = self.leaf();
        let header = leaf.get(..leaf.len().saturating_sub(LEAF_PARTS_BYTES)).unwrap_or_default();
        let bound_to = [header, &self.event_id.bytes(), &[which as u8]].concat();
        let opened = open_with(opening, &self.nonce, &bound_to, &part.sealed);
        opened.map(Some).map_err(|error| Malformed(error.to_string()))
    }
}

/// What the log has of these positions, under a checkpoint over so many events at least.
pub(crate) fn gather(log: &Log, positions: &[Position], events: u64) -> Result<Option<Evidence>, Error> {
    let needed = positions.iter().map(|position| position.0.saturating_add(1)).fold(events, u64::max);
    let covers = |signed: &SignedCheckpoint| signed.checkpoint.size >= needed;
    let head = match log.signed(Under::Witnessed)?.filter(covers) {
        None => log.signed(Under::Newest)?.filter(covers),
        witnessed => witnessed,
    };
    let Some(SignedCheckpoint { checkpoint: signed, note }) = head else { return Ok(None) };
    let files = &log.tree.files;
    // Proofs of one journey meet in the same few tiles.
    let mut tiles: HashMap<Tile, Vec<Hash>> = HashMap::new();
    let mut events = Vec::with_capacity(positions.len());
    for Position(index) in positions.iter().copied() {
        let mut event = log.mending(|| sealed(log, index, &note))?;
        let wrong = |what: String| Error::Damaged {
            file: files.root().display().to_string(),
            position: Position(index),
            what,
        };
        let read = &mut |tile: Tile| {
            if let Some(hashes) = tiles.get(&tile) {
                return Ok(hashes.clone());
            }
            let hashes = files.hashes(tile).map_err(Unmade::Tile)?;
            tiles.insert(tile, hashes.clone());
            Ok(hashes)
        };
        let inclusion = InclusionProof::make(index, signed.size, read).map_err(|unmade| match unmade {
            Unmade::Tile(error) => error,
            Unmade::Proof(error) => wrong(error.to_string()),
        })?;
        inclusion
            .check(index, &leaf_hash(event.leaf()), signed.size, &signed.root)
            .map_err(|_| wrong("the tiles do not lead from the event to the signed root".to_owned()))?;
        event.proof.inclusion = inclusion;
        events.push(event);
    }
    let verifier_key = log.tree.key.verifier().to_string();
    Ok(Some(Evidence { checkpoint: note, verifier_key, events }))
}

/// The event at this position; its proof has no way to the checkpoint yet.
fn sealed(log: &Log, index: u64, checkpoint: &Note) -> Result<SealedEvent, Error> {
    let missing = || log.store.damaged(index, Malformed("the frame is missing".to_owned()));
    let kept = log.store.holding(index)?.ok_or_else(missing)?;
    let frame = log.store.check(&kept)?;
    let records = frame
        .records_where(|position, _| position == index)
        .map_err(|error| log.store.damaged(kept.first, error))?;
    let (_, _, record): &(u64, _, Record<'_>) = records.first().ok_or_else(missing)?;
    let damaged = |error| log.store.damaged(index, error);
    let owner = record.owner().map_err(damaged)?;
    let part = |part: Part, sealed: &[u8]| -> Result<SealedPart, Error> {
        let opening = match sealed {
            [] => None,
            _ => log.vault.opening(owner, part, &record.nonce)?,
        };
        Ok(SealedPart { sealed: sealed.to_vec(), opening })
    };
    Ok(SealedEvent {
        proof: TlogProof {
            extra: Some(record.leaf_data(index).map_err(damaged)?),
            index,
            inclusion: InclusionProof::default(),
            checkpoint: checkpoint.clone(),
        },
        event_id: EventId::from_bytes(record.event_id),
        tag: record.tag,
        nonce: record.nonce,
        facts: part(Part::Facts, record.facts.0)?,
        personal: part(Part::Personal, record.personal.0)?,
    })
}
