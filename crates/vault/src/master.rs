//! The master key: it wraps the keys of a log and seals nothing else.

use std::{fmt, fs, path::Path};

use zeroize::Zeroizing;

use crate::{
    Error,
    aead::{self, KEY_BYTES, Key},
};

const ID_PURPOSE: &str = "throughline master key id v1";

/// A master key, wiped when dropped and never shown.
#[derive(Clone)]
pub struct MasterKey(pub(crate) Key);

/// Tells one master key from another and says nothing of its bytes: it is derived from them (HKDF-SHA256).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MasterId([u8; 8]);

impl MasterKey {
    /// A new one.
    pub fn generate() -> Result<Self, Error> {
        aead::new_key().map(Self)
    }

    /// From text of 64 hexadecimal digits; `from` says in an error where it was found.
    pub fn parse(text: &str, from: &str) -> Result<Self, Error> {
        let malformed = || Error::MasterMalformed { from: from.to_owned(), bytes: text.trim().len() };
        let digits = text.trim().as_bytes();
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        if digits.len() != 2 * KEY_BYTES {
            return Err(malformed());
        }
        for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |nth: usize| char::from(pair[nth]).to_digit(16).ok_or_else(malformed);
            *byte = u8::try_from(digit(0)? << 4 | digit(1)?).expect("two digits are a byte");
        }
        Ok(Self(key))
    }

    /// From a file of 32 bytes, or of 64 hexadecimal digits.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = fs::read(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
        Self::of_file(path, &Zeroizing::new(bytes))
    }

    /// Writes it into a new file that only its owner may read; one that is there is left and is an error.
    pub fn write_new(&self, path: &Path) -> Result<(), Error> {
        crate::files::write_private_new(path, &*self.0)
    }

    /// Which one it is.
    pub fn id(&self) -> MasterId {
        let derived = aead::derive(&self.0, ID_PURPOSE);
        MasterId(*derived.first_chunk().expect("a derived secret is longer"))
    }

    pub(crate) fn of_file(path: &Path, bytes: &[u8]) -> Result<Self, Error> {
        if let Ok(key) = bytes.try_into() {
            return Ok(Self(Zeroizing::new(key)));
        }
        let from = path.display().to_string();
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::parse(text, &from),
            Err(_) => Err(Error::MasterMalformed { from, bytes: bytes.len() }),
        }
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({})", self.id())
    }
}

impl MasterId {
    /// From its bytes; none where they are zeros, as older files have them.
    pub(crate) fn from_bytes(bytes: [u8; 8]) -> Option<Self> {
        (bytes != [0; 8]).then_some(Self(bytes))
    }

    pub(crate) fn bytes(self) -> [u8; 8] {
        self.0
    }
}

impl fmt::Display for MasterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
