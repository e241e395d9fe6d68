//! Bytes of stored values: bincode 2.0.1 in its `standard` configuration (little-endian, variable-length integers),
//! with a limit. The one file that names bincode; a successor is one new codec id in the frame.

use bincode::config::{Configuration, Limit, LittleEndian, Varint};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// The longest value in bytes, written or read: 64 MiB.
pub const BYTES_MAX: usize = 64 * 1024 * 1024;

/// Room for a value: most rows are shorter.
const BYTES_USUAL: usize = 2048;

/// The codec's number in a frame's header.
pub(crate) const ID: u8 = 1;

/// Bytes that are no value of the type asked for, or a value that is no bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub(crate) String);

/// The value's bytes. The type must not need to be told apart while reading: no untagged, skipped or flattened parts.
pub fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, Malformed> {
    let mut bytes = Vec::with_capacity(BYTES_USUAL);
    encode_into(&mut bytes, value)?;
    Ok(bytes)
}

/// The value of exactly these bytes. Never panics, and never takes more memory than a small multiple of the limit.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Malformed> {
    let (value, used) = decode_first(bytes)?;
    if used == bytes.len() {
        Ok(value)
    } else {
        Err(Malformed(format!("{} bytes are left over", bytes.len() - used)))
    }
}

/// Adds the value's bytes to those there.
pub(crate) fn encode_into<T: Serialize + ?Sized>(bytes: &mut Vec<u8>, value: &T) -> Result<(), Malformed> {
    bincode::serde::encode_into_std_write(value, bytes, config())
        .map_err(|error| Malformed(error.to_string()))?;
    if bytes.len() > BYTES_MAX {
        return Err(Malformed(format!("{} bytes are past the limit of {BYTES_MAX}", bytes.len())));
    }
    Ok(())
}

/// The value at the beginning of these bytes, and how many it takes.
pub(crate) fn decode_first<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<(T, usize), Malformed> {
    bincode::serde::borrow_decode_from_slice(bytes, config()).map_err(|error| Malformed(error.to_string()))
}

/// Reads values of fixed forms one by one, in the same bytes as [`decode_first`] and without its detours: a record is
/// read for every event of every frame, and most of a record is ids and hashes.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// How many bytes were read.
    pub(crate) fn used(&self) -> usize {
        self.at
    }

    /// The bytes of a fixed array.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.take(N)?.try_into().map_err(|_| ends())
    }

    /// An unsigned integer of at most 64 bits.
    pub(crate) fn unsigned(&mut self) -> Result<u64, Malformed> {
        let [first] = self.array()?;
        Ok(match first {
            251 => u16::from_le_bytes(self.array()?).into(),
            252 => u32::from_le_bytes(self.array()?).into(),
            253 => u64::from_le_bytes(self.array()?),
            254.. => return Err(Malformed("an integer has more than 64 bits".to_owned())),
            small => small.into(),
        })
    }

    /// An unsigned integer of at most 16 bits.
    pub(crate) fn unsigned_16(&mut self) -> Result<u16, Malformed> {
        let [first] = self.array()?;
        match first {
            251 => Ok(u16::from_le_bytes(self.array()?)),
            252.. => Err(Malformed("an integer has more than 16 bits".to_owned())),
            small => Ok(small.into()),
        }
    }

    /// A signed integer.
    pub(crate) fn signed(&mut self) -> Result<i64, Malformed> {
        let zigzag = self.unsigned()?;
        Ok((zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed())
    }

    /// Bytes with their length before them.
    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let length = usize::try_from(self.unsigned()?).map_err(|_| ends())?;
        self.take(length)
    }

    /// Text with its length before it.
    pub(crate) fn text(&mut self) -> Result<&'a str, Malformed> {
        std::str::from_utf8(self.bytes()?).map_err(|error| Malformed(error.to_string()))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let taken = self.bytes[self.at..].get(..length).ok_or_else(ends)?;
        self.at += length;
        Ok(taken)
    }
}

/// Adds an unsigned integer, in the bytes of [`encode`].
pub(crate) fn put_unsigned(bytes: &mut Vec<u8>, value: u64) {
    if let Ok(small @ 0..251) = u8::try_from(value) {
        bytes.push(small);
    } else if let Ok(value) = u16::try_from(value) {
        bytes.push(251);
        bytes.extend_from_slice(&value.to_le_bytes());
    } else if let Ok(value) = u32::try_from(value) {
        bytes.push(252);
        bytes.extend_from_slice(&value.to_le_bytes());
    } else {
        bytes.push(253);
        bytes.extend_from_slice(&value.to_le_bytes());
    }
}

/// Adds a signed integer, in the bytes of [`encode`].
pub(crate) fn put_signed(bytes: &mut Vec<u8>, value: i64) {
    put_unsigned(bytes, zigzag(value));
}

/// The unsigned integer as which a signed one is written.
pub(crate) const fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63).cast_unsigned()
}

/// How many bytes [`put_unsigned`] adds.
pub(crate) fn unsigned_bytes(value: u64) -> usize {
    match value {
        0..251 => 1,
        251..=0xffff => 3,
        0x1_0000..=0xffff_ffff => 5,
        _ => 9,
    }
}

/// Adds bytes with their length before them.
pub(crate) fn put_bytes(bytes: &mut Vec<u8>, value: &[u8]) {
    put_unsigned(bytes, value.len() as u64);
    bytes.extend_from_slice(value);
}

fn ends() -> Malformed {
    Malformed("the bytes end within a value".to_owned())
}

fn config() -> Configuration<LittleEndian, Varint, Limit<BYTES_MAX>> {
    bincode::config::standard().with_limit::<BYTES_MAX>()
}
