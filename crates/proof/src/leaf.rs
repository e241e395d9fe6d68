//! What the tree says of an event: its public header and the hashes of its sealed parts, nothing that is sealed.
//!
//! Big-endian, texts with their u16 length before them: u8 1 · u64 position · journey (16) · u64 journey version · fact
//! type (text) · actor (text) · u8 precision · i64 recorded at · previous leaf hash (32) · SHA-256 of the sealed facts
//! part (32) · SHA-256 of the sealed personal part (32).

use sha2::{Digest, Sha256};

use crate::{Error, Hash, leaf_hash_of};

/// A leaf's data are no longer.
pub const LEAF_BYTES_MAX: usize = u16::MAX as usize;

/// The version of the header.
const VERSION: u8 = 1;

const WHAT: &str = "leaf of an event";

/// What is known of an event before its parts are sealed; they are bound to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header<'a> {
    /// Its place in the log, which is its place in the tree.
    pub position: u64,
    /// The journey: a random pseudonym.
    pub journey: [u8; 16],
    /// Its place in the journey, 1 for the first.
    pub journey_version: u64,
    /// The fact's name on the wire.
    pub type_name: &'a str,
    /// The pseudonym of who recorded it.
    pub actor: &'a str,
    /// How precisely is known when it happened: 0 a day, 1 an instant.
    pub precision: u8,
    /// When the log wrote it down, in microseconds since 1970-01-01T00:00Z.
    pub recorded_at: i64,
    /// Leaf hash of the journey's event before this one; zeros for its first.
    pub previous_leaf: Hash,
}

/// The data of an event's leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaf<'a> {
    /// What is not sealed.
    pub header: Header<'a>,
    /// SHA-256 of the sealed facts part.
    pub facts: Hash,
    /// SHA-256 of the sealed personal part; of no bytes where nothing is personal.
    pub personal: Hash,
}

impl Header<'_> {
    /// Adds its bytes.
    pub fn write(&self, bytes: &mut Vec<u8>) -> Result<(), Error> {
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.position.to_be_bytes());
        bytes.extend_from_slice(&self.journey);
        bytes.extend_from_slice(&self.journey_version.to_be_bytes());
        for text in [self.type_name, self.actor] {
            let length = u16::try_from(text.len())
                .map_err(|_| Error::malformed(WHAT, format!("a name of {} bytes is too long", text.len())))?;
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes.push(self.precision);
        bytes.extend_from_slice(&self.recorded_at.to_be_bytes());
        bytes.extend_from_slice(&self.previous_leaf);
        Ok(())
    }
}

impl<'a> Leaf<'a> {
    /// The leaf of an event from its header's bytes and its sealed parts: the data that follow the header.
    pub fn parts(facts: &[u8], personal: &[u8]) -> [Hash; 2] {
        [Sha256::digest(facts).into(), Sha256::digest(personal).into()]
    }

    /// The leaf hash of an event from its header's bytes and its sealed parts.
    pub fn hash_of(header: &[u8], facts: &[u8], personal: &[u8]) -> Result<Hash, Error> {
        let parts = Self::parts(facts, personal);
        let data_bytes = header.len() + parts.as_flattened().len();
        if data_bytes > LEAF_BYTES_MAX {
            return Err(Error::malformed(WHAT, format!("{data_bytes} bytes are past {LEAF_BYTES_MAX}")));
        }
        Ok(leaf_hash_of(&[header, parts.as_flattened()]))
    }

    /// Adds its bytes.
    pub fn write(&self, bytes: &mut Vec<u8>) -> Result<(), Error> {
        let before = bytes.len();
        self.header.write(bytes)?;
        bytes.extend_from_slice(&self.facts);
        bytes.extend_from_slice(&self.personal);
        let data_bytes = bytes.len() - before;
        if data_bytes > LEAF_BYTES_MAX {
            return Err(Error::malformed(WHAT, format!("{data_bytes} bytes are past {LEAF_BYTES_MAX}")));
        }
        Ok(())
    }

    /// Reads the data of a leaf: these bytes and nothing after them.
    pub fn parse(data: &'a [u8]) -> Result<Self, Error> {
        let bad = |why: &str| Error::malformed(WHAT, why);
        if data.len() > LEAF_BYTES_MAX {
            return Err(bad("it is past 65535 bytes"));
        }
        let mut reader = Reader(data);
        let [version] = reader.array()?;
        if version != VERSION {
            return Err(bad("its version is not known here; upgrade throughline to read it"));
        }
        let leaf = Self {
            header: Header {
                position: u64::from_be_bytes(reader.array()?),
                journey: reader.array()?,
                journey_version: u64::from_be_bytes(reader.array()?),
                type_name: reader.text()?,
                actor: reader.text()?,
                precision: u8::from_be_bytes(reader.array()?),
                recorded_at: i64::from_be_bytes(reader.array()?),
                previous_leaf: reader.array()?,
            },
            facts: reader.array()?,
            personal: reader.array()?,
        };
        if reader.0.is_empty() { Ok(leaf) } else { Err(bad("there are bytes after it")) }
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (array, rest) = self.0.split_first_chunk().ok_or_else(short)?;
        self.0 = rest;
        Ok(*array)
    }

    fn text(&mut self) -> Result<&'a str, Error> {
        let length = u16::from_be_bytes(self.array()?);
        let (text, rest) = self.0.split_at_checked(length.into()).ok_or_else(short)?;
        self.0 = rest;
        str::from_utf8(text).map_err(|_| Error::malformed(WHAT, "a name in it is not UTF-8"))
    }
}

fn short() -> Error {
    Error::malformed(WHAT, "it ends too early")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_leaf_is_read_as_it_is_written(
            (position, journey, journey_version) in any::<(u64, [u8; 16], u64)>(),
            (type_name, actor) in any::<(String, String)>(),
            (precision, recorded_at) in any::<(u8, i64)>(),
            hashes in any::<[Hash; 3]>(),
        ) {
            let [previous_leaf, facts, personal] = hashes;
            let (type_name, actor) = (type_name.as_str(), actor.as_str());
            let header = Header {
                position, journey, journey_version, type_name, actor, precision, recorded_at, previous_leaf,
            };
            let leaf = Leaf { header, facts, personal };
            let mut bytes = Vec::new();
            leaf.write(&mut bytes)?;
            prop_assert_eq!(Leaf::parse(&bytes), Ok(leaf));
            bytes.push(0);
            prop_assert!(Leaf::parse(&bytes).is_err());
        }

        #[test]
        fn any_bytes_are_read_or_refused(mut bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            if let Some(version) = bytes.first_mut() {
                *version = VERSION;
            }
            if let Ok(leaf) = Leaf::parse(&bytes) {
                let mut again = Vec::new();
                leaf.write(&mut again)?;
                prop_assert_eq!(again, bytes);
            }
        }
    }
}
