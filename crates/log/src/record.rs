//! One event as the log holds it: a public header, and two sealed parts.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use throughline_domain::JourneyId;
pub(crate) use throughline_proof::Hash;
use throughline_proof::Leaf;
use throughline_vault::{Nonce, Owner, Part};

use crate::{
    codec::{self, Malformed, Reader},
    stored,
};

/// Room for a header: most are shorter.
const HEADER_BYTES_USUAL: usize = 192;

/// An event within a frame's body. Its position is the frame's first and its place in the frame.
///
/// Frozen: fields are never reordered, removed or given another meaning; a change is a new frame format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record<'a> {
    pub event_id: [u8; 16],
    pub journey: [u8; 16],
    /// Place in the journey, 1 for the first.
    pub version: u64,
    /// Fact and version of its stored form.
    pub tag: u16,
    /// Whose keys seal: 0 the journey's, 1 the log's own.
    pub sealed_by: u8,
    /// 0 a day, 1 an instant.
    pub precision: u8,
    #[serde(borrow)]
    pub actor: &'a str,
    /// Microseconds since 1970-01-01T00:00Z.
    pub recorded_at: i64,
    /// Leaf hash of the journey's event before this one; zeros for its first.
    pub previous_leaf: Hash,
    /// Of both parts: their keys differ.
    pub nonce: Nonce,
    #[serde(borrow)]
    pub facts: Bytes<'a>,
    /// Empty where nothing is personal.
    #[serde(borrow)]
    pub personal: Bytes<'a>,
}

/// Bytes with their length before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bytes<'a>(pub &'a [u8]);

/// What a leaf of the transparency tree says of an event, before the hashes of its sealed parts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Header(Vec<u8>);

impl<'a> Record<'a> {
    /// Reads the record at the beginning of `bytes`, and tells its length. The fields in the order of the struct, as
    /// its `Deserialize` would.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<(Self, usize), Malformed> {
        let mut reader = Reader::new(bytes);
        let record = Self {
            event_id: reader.array()?,
            journey: reader.array()?,
            version: reader.unsigned()?,
            tag: reader.unsigned_16()?,
            sealed_by: u8::from_be_bytes(reader.array()?),
            precision: u8::from_be_bytes(reader.array()?),
            actor: reader.text()?,
            recorded_at: reader.signed()?,
            previous_leaf: reader.array()?,
            nonce: reader.array()?,
            facts: Bytes(reader.bytes()?),
            personal: Bytes(reader.bytes()?),
        };
        Ok((record, reader.used()))
    }

    /// Adds the record to a frame's body, as its `Serialize` would.
    #[cfg(test)]
    pub(crate) fn write(&self, body: &mut Vec<u8>) {
        self.write_until_parts(body);
        codec::put_bytes(body, self.facts.0);
        codec::put_bytes(body, self.personal.0);
    }

    /// The same, up to the sealed parts.
    pub(crate) fn write_until_parts(&self, body: &mut Vec<u8>) {
        body.extend_from_slice(&self.event_id);
        body.extend_from_slice(&self.journey);
        codec::put_unsigned(body, self.version);
        codec::put_unsigned(body, self.tag.into());
        body.extend_from_slice(&[self.sealed_by, self.precision]);
        codec::put_bytes(body, self.actor.as_bytes());
        codec::put_signed(body, self.recorded_at);
        body.extend_from_slice(&self.previous_leaf);
        body.extend_from_slice(&self.nonce);
    }

    /// How many bytes [`Record::write_until_parts`] adds.
    pub(crate) fn bytes_until_parts(&self) -> usize {
        let fixed =
            self.event_id.len() + self.journey.len() + 2 + self.previous_leaf.len() + self.nonce.len();
        let numbers =
            [self.version, self.tag.into(), self.actor.len() as u64, codec::zigzag(self.recorded_at)];
        fixed + self.actor.len() + numbers.map(codec::unsigned_bytes).iter().sum::<usize>()
    }

    /// The journey.
    pub(crate) fn journey(&self) -> JourneyId {
        JourneyId::from_bytes(self.journey)
    }

    /// The journey of a record that was read before, from its bytes alone.
    pub(crate) fn journey_of(record: &[u8]) -> JourneyId {
        JourneyId::from_bytes(record[16..32].try_into().expect("a record is longer than its ids"))
    }

    /// Whose keys seal it.
    pub(crate) fn owner(&self) -> Result<Owner, Malformed> {
        match self.sealed_by {
            0 => Ok(Owner::Journey(self.journey())),
            1 => Ok(Owner::Log),
            other => Err(Malformed(format!("{other} is the number of no owner of keys"))),
        }
    }

    /// Whether it tells that a key was destroyed.
    pub(crate) fn tells_of_erasure(&self) -> bool {
        self.sealed_by == 1 && stored::is_of_erasure(self.tag)
    }

    /// The fact's name on the wire.
    pub(crate) fn type_name(&self) -> Result<&'static str, Malformed> {
        stored::type_name(self.tag).ok_or_else(|| Malformed(format!("{} is the tag of no fact", self.tag)))
    }

    /// The public header, as far as it is known before the parts are sealed.
    pub(crate) fn header(&self, position: u64) -> Result<Header, Malformed> {
        let mut header = Header(Vec::with_capacity(HEADER_BYTES_USUAL));
        header.write(self, position)?;
        Ok(header)
    }

    /// The data of the event's leaf in the transparency tree.
    pub(crate) fn leaf_data(&self, position: u64) -> Result<Vec<u8>, Malformed> {
        Ok(self.header(position)?.leaf_data(self.facts.0, self.personal.0))
    }

    /// The hash of the event's leaf in the transparency tree.
    pub(crate) fn leaf(&self, position: u64) -> Result<Hash, Malformed> {
        self.header(position)?.leaf(self.facts.0, self.personal.0)
    }
}

impl Header {
    /// Makes it that of a record, in the room it has.
    pub(crate) fn write(&mut self, record: &Record<'_>, position: u64) -> Result<(), Malformed> {
        self.0.clear();
        let header = throughline_proof::Header {
            position,
            journey: record.journey,
            journey_version: record.version,
            type_name: record.type_name()?,
            actor: record.actor,
            precision: record.precision,
            recorded_at: record.recorded_at,
            previous_leaf: record.previous_leaf,
        };
        header.write(&mut self.0).map_err(|error| Malformed(error.to_string()))
    }

    /// What a sealed part is bound to, in place of what `bound_to` holds: the header, the event's id, and which part it is.
    pub(crate) fn bind(&self, event_id: [u8; 16], part: Part, bound_to: &mut Vec<u8>) {
        bound_to.clear();
        bound_to.extend_from_slice(&self.0);
        bound_to.extend_from_slice(&event_id);
        bound_to.push(part as u8);
    }

    /// The leaf's data: the header and the SHA-256 of each sealed part.
    pub(crate) fn leaf_data(&self, facts: &[u8], personal: &[u8]) -> Vec<u8> {
        [self.0.as_slice(), Leaf::parts(facts, personal).as_flattened()].concat()
    }

    /// The hash of the leaf with these data.
    pub(crate) fn leaf(&self, facts: &[u8], personal: &[u8]) -> Result<Hash, Malformed> {
        Leaf::hash_of(&self.0, facts, personal).map_err(|error| Malformed(error.to_string()))
    }
}

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Bytes<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&[u8]>::deserialize(deserializer).map(Self)
    }
}
