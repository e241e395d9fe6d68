//! A text and who signed it: [signed-note](https://c2sp.org/signed-note).

use std::fmt;

use crate::{
    Error, KeyId, VerifierKey,
    text::{self, check_name},
};

const WHAT: &str = "signed note";

/// Signatures of a note; the format asks for at least 16.
const SIGNATURES_MAX: usize = 64;

/// Bytes of a note: a short text and signatures of up to 5,000 bytes.
const NOTE_BYTES_MAX: usize = 512 * 1024;

/// Signatures and the text that they are of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

/// One signature of a note: whose it says it is, and bytes that only the holder of that key can make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The key's name.
    pub name: String,
    /// The key's id.
    pub key_id: KeyId,
    /// What the key's algorithm makes of the text.
    pub bytes: Vec<u8>,
}

/// Who cosigned, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosigned {
    /// The cosigner's name.
    pub name: String,
    /// In seconds since 1970-01-01T00:00Z.
    pub time: u64,
}

impl Note {
    /// A note of this text, which ends with a newline, without signatures yet.
    pub fn new(text: &str) -> Result<Self, Error> {
        if text.len() > NOTE_BYTES_MAX {
            return Err(Error::malformed(WHAT, format!("{} bytes are past {NOTE_BYTES_MAX}", text.len())));
        }
        if text.chars().any(|c| c < ' ' && c != '\n') {
            return Err(Error::malformed(WHAT, "control characters cannot be in it"));
        }
        if !text.ends_with('\n') {
            return Err(Error::malformed(WHAT, "its text does not end with a newline"));
        }
        Ok(Self { text: text.to_owned(), signatures: Vec::new() })
    }

    /// Reads a note with at least one signature. That it is signed by whom one trusts is found out by [`Note::verify`].
    pub fn parse(note: &str) -> Result<Self, Error> {
        let bad = |why: &str| Error::malformed(WHAT, why);
        if note.len() > NOTE_BYTES_MAX {
            return Err(bad("it is past 512 KiB"));
        }
        let split = note.rfind("\n\n").ok_or_else(|| bad("no empty line ends its text"))?;
        let (text, signatures) = (&note[..=split], &note[split + 2..]);
        let mut parsed = Self::new(text)?;
        let lines = signatures.strip_suffix('\n').ok_or_else(|| bad("it does not end with a newline"))?;
        for line in lines.split('\n') {
            parsed.add(Signature::parse(line)?)?;
        }
        Ok(parsed)
    }

    /// Adds a signature; one more by the same key replaces the first.
    pub fn add(&mut self, signature: Signature) -> Result<(), Error> {
        let same = |known: &Signature| known.name == signature.name && known.key_id == signature.key_id;
        if let Some(known) = self.signatures.iter_mut().find(|known| same(known)) {
            *known = signature;
            return Ok(());
        }
        if self.signatures.len() == SIGNATURES_MAX {
            return Err(Error::malformed(WHAT, format!("it has more than {SIGNATURES_MAX} signatures")));
        }
        self.signatures.push(signature);
        Ok(())
    }

    /// What was signed, with its last newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures in their order, believed or not.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// The text, where this key signed it. Signatures by others say nothing.
    pub fn verify(&self, key: &VerifierKey) -> Result<&str, Error> {
        self.signature_by(key)?;
        Ok(&self.text)
    }

    /// When this cosigner saw the note, which must be its cosignature.
    pub fn cosigned(&self, key: &VerifierKey) -> Result<Cosigned, Error> {
        match self.signature_by(key)? {
            Some(time) => Ok(Cosigned { name: key.name().to_owned(), time }),
            None => Err(Error::NotSigned(key.to_string())),
        }
    }

    fn signature_by(&self, key: &VerifierKey) -> Result<Option<u64>, Error> {
        let signature = self.signatures.iter().find(|signature| key.claims(signature));
        key.check(&self.text, signature.ok_or_else(|| Error::NotSigned(key.to_string()))?)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

impl Signature {
    /// Reads a line `— name base64(key id ‖ signature)`.
    pub fn parse(line: &str) -> Result<Self, Error> {
        const WHAT: &str = "signature line";
        let bad = |why: &str| Error::malformed(WHAT, why);
        let rest = line.strip_prefix("— ").ok_or_else(|| bad("it does not begin with a dash and a space"))?;
        let (name, signature) = rest.split_once(' ').ok_or_else(|| bad("it has no signature"))?;
        check_name(name)?;
        let bytes = text::bytes(WHAT, signature)?;
        match bytes.split_first_chunk() {
            Some((key_id, bytes)) if !bytes.is_empty() => {
                Ok(Self { name: name.to_owned(), key_id: *key_id, bytes: bytes.to_vec() })
            }
            _ => Err(bad("its signature is too short")),
        }
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.key_id.as_slice(), &self.bytes].concat();
        write!(f, "— {} {}", self.name, text::base64(&bytes))
    }
}
