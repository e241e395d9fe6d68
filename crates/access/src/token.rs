//! Tokens: 256 random bits as text, of which only the SHA-256 is kept.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use throughline_domain::{Code, EventId};
use uuid::Builder;
use zeroize::Zeroizing;

use crate::Error;

/// What every token begins with, so that one that was leaked is known for what it is.
const PREFIX: &str = "tlt_";

/// SHA-256 of a token's text.
pub(crate) type Digest = [u8; 32];

/// A token as it is given out. Its text is had here and never again.
pub struct Issued {
    /// Its id, by which it is revoked: the first sixteen hexadecimal digits of its SHA-256.
    pub id: Code,
    /// The token.
    pub text: Zeroizing<String>,
    /// From when on it opens nothing.
    pub expires: Timestamp,
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issued").field("id", &self.id).field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// A new token's text.
pub(crate) fn make() -> Result<Zeroizing<String>, Error> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut_slice()).map_err(Error::Random)?;
    let mut text = Zeroizing::new(String::with_capacity(PREFIX.len() + 43));
    text.push_str(PREFIX);
    URL_SAFE_NO_PAD.encode_string(bytes.as_slice(), &mut text);
    Ok(text)
}

/// What is kept of a token.
pub(crate) fn digest(text: &str) -> Digest {
    Sha256::digest(text).into()
}

/// The id that follows from a token's digest.
pub(crate) fn id(digest: &Digest) -> Code {
    Code::new(hexadecimal(&digest[..8])).expect("hexadecimal digits are a code")
}

/// A digest as facts keep it.
pub(crate) fn written(digest: &Digest) -> Code {
    Code::new(hexadecimal(digest)).expect("64 hexadecimal digits are a code")
}

/// A digest as facts kept it; none where it is not one.
pub(crate) fn read(written: &Code) -> Option<Digest> {
    let text = written.as_str();
    let mut digest = [0; 32];
    if text.len() != 64 {
        return None;
    }
    for (byte, at) in digest.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
    }
    Some(digest)
}

/// A new event's id.
pub fn event_id() -> Result<EventId, Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(Error::Random)?;
    Ok(EventId::new(Builder::from_random_bytes(bytes).into_uuid()))
}

/// A new grant's id.
pub(crate) fn grant_id() -> Result<Code, Error> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(Error::Random)?;
    Ok(Code::new(hexadecimal(&bytes)).expect("hexadecimal digits are a code"))
}

fn hexadecimal(bytes: &[u8]) -> String {
    throughline_log::hexadecimal(bytes)
}
