//! Bytes of stored values: bincode 2.0.1 in its `standard` configuration (little-endian, variable-length integers),
//! with a limit. The one file that names bincode; a successor is one new codec id in the frame.

use bincode::config::{Configuration, Limit, LittleEndian, Varint};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// The longest value in bytes, written or read: 64 MiB.
pub const BYTES_MAX: usize = 64 * 1024 * 1024;

/// The codec's number in a frame's header.
pub(crate) const ID: u8 = 1;

/// Bytes that are no value of the type asked for, or a value that is no bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub(crate) String);

/// The value's bytes. The type must not need to be told apart while reading: no untagged, skipped or flattened parts.
pub fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, Malformed> {
    let mut bytes = Vec::new();
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

fn config() -> Configuration<LittleEndian, Varint, Limit<BYTES_MAX>> {
    bincode::config::standard().with_limit::<BYTES_MAX>()
}
