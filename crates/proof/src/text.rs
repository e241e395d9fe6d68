//! The small texts of which the formats consist.

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{Error, Hash};

/// A decimal number as the formats have it: digits alone, no leading zero.
pub(crate) fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    (digits && (text == "0" || !text.starts_with('0'))).then(|| text.parse().ok())?
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Bytes from standard base64; what could be written in another way is refused.
pub(crate) fn bytes(what: &'static str, text: &str) -> Result<Vec<u8>, Error> {
    STANDARD.decode(text).map_err(|error| Error::malformed(what, format!("its base64: {error}")))
}

pub(crate) fn hash(what: &'static str, text: &str) -> Result<Hash, Error> {
    let bytes = bytes(what, text)?;
    bytes.try_into().map_err(|bytes: Vec<u8>| {
        Error::malformed(what, format!("a hash of {} bytes instead of 32", bytes.len()))
    })
}

/// Whether a key or an origin can have this name.
pub(crate) fn check_name(name: &str) -> Result<(), Error> {
    const NAME_BYTES_MAX: usize = 255;
    let bad = |why: String| Err(Error::malformed("name of a key", why));
    if name.is_empty() || name.len() > NAME_BYTES_MAX {
        return bad(format!("{} bytes are not 1 to {NAME_BYTES_MAX}", name.len()));
    }
    match name.chars().find(|c| c.is_whitespace() || c.is_control() || *c == '+') {
        Some(c) => bad(format!("{c:?} cannot be in it")),
        None => Ok(()),
    }
}
