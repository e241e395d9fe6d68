//! Who signs, and whose signatures are believed.

use std::fmt;

use ed25519_dalek::{Signature as Ed25519, Signer, SigningKey as Secret, VerifyingKey as Public};
use sha2::{Digest, Sha256};

use crate::{
    Error, Hash, Signature,
    text::{self, check_name},
};

/// The first four bytes of SHA-256(name ‖ 0x0A ‖ algorithm ‖ public key).
pub type KeyId = [u8; 4];

/// What a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// The text of a note: Ed25519.
    Ed25519 = 1,
    /// A checkpoint and the time at which it was seen: `cosignature/v1`.
    Cosignature = 4,
}

/// A name and the key by which it signs. The key is wiped from memory when it is dropped.
pub struct SigningKey {
    name: String,
    secret: Secret,
}

/// A name and the key by which its signatures are checked; as text `name+key id+base64(algorithm ‖ public key)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: KeyId,
    algorithm: Algorithm,
    public: Public,
}

impl SigningKey {
    /// The key of these 32 secret bytes, under this name.
    pub fn new(name: &str, seed: &[u8; 32]) -> Result<Self, Error> {
        check_name(name)?;
        Ok(Self { name: name.to_owned(), secret: Secret::from_bytes(seed) })
    }

    /// The public key that belongs to these 32 secret bytes.
    pub fn public_key(seed: &[u8; 32]) -> [u8; 32] {
        Secret::from_bytes(seed).verifying_key().to_bytes()
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// By what its signatures of notes are checked.
    pub fn verifier(&self) -> VerifierKey {
        VerifierKey::of(&self.name, Algorithm::Ed25519, self.secret.verifying_key())
    }

    /// By what its cosignatures are checked.
    pub fn cosigner(&self) -> VerifierKey {
        VerifierKey::of(&self.name, Algorithm::Cosignature, self.secret.verifying_key())
    }

    /// Its signature of a note's text.
    pub fn sign(&self, text: &str) -> Signature {
        let signature = self.secret.sign(text.as_bytes()).to_bytes();
        Signature { name: self.name.clone(), key_id: self.verifier().id, bytes: signature.to_vec() }
    }

    /// Its statement that at this time, in seconds since 1970-01-01T00:00Z, this checkpoint was the largest it had seen.
    pub fn cosign(&self, text: &str, time: u64) -> Signature {
        let signature = self.secret.sign(cosigned(text, time).as_bytes()).to_bytes();
        let bytes = [time.to_be_bytes().as_slice(), &signature].concat();
        Signature { name: self.name.clone(), key_id: self.cosigner().id, bytes }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.name)
    }
}

impl VerifierKey {
    fn of(name: &str, algorithm: Algorithm, public: Public) -> Self {
        let id = Sha256::new_with_prefix(name)
            .chain_update([b'\n', algorithm as u8])
            .chain_update(public.as_bytes())
            .finalize();
        let id = [id[0], id[1], id[2], id[3]];
        Self { name: name.to_owned(), id, algorithm, public }
    }

    /// Reads `name+key id+base64(algorithm ‖ public key)`.
    pub fn parse(vkey: &str) -> Result<Self, Error> {
        const WHAT: &str = "verifier key";
        let bad = |why: &str| Error::malformed(WHAT, why);
        let mut parts = vkey.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(bad("it is not `name+key id+key`"));
        };
        check_name(name)?;
        let key = text::bytes(WHAT, key)?;
        let (algorithm, public) = match key.split_first() {
            Some((1, public)) => (Algorithm::Ed25519, public),
            Some((4, public)) => (Algorithm::Cosignature, public),
            _ => return Err(bad("its algorithm is not Ed25519 (1) or cosignature/v1 (4)")),
        };
        let public = public.try_into().map_err(|_| bad("its key is not of 32 bytes"))?;
        let public = Public::from_bytes(public).map_err(|_| bad("its key is no point of the curve"))?;
        // A weak key has signatures that fit any text.
        if public.is_weak() {
            return Err(bad("its key is weak"));
        }
        let found = Self::of(name, algorithm, public);
        if id == found.id_text() { Ok(found) } else { Err(bad("its key id is that of another key")) }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What signatures are marked with.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// What it checks.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// SHA-256 of the public key.
    pub fn fingerprint(&self) -> Hash {
        Sha256::digest(self.public.as_bytes()).into()
    }

    /// Whether a signature says that it is by this key.
    pub(crate) fn claims(&self, signature: &Signature) -> bool {
        signature.name == self.name && signature.key_id == self.id
    }

    /// Checks a signature that claims to be by this key; the time it tells, where it tells one.
    pub(crate) fn check(&self, text: &str, signature: &Signature) -> Result<Option<u64>, Error> {
        let bad = || Error::BadSignature(self.name.clone());
        let (time, signed) = match self.algorithm {
            Algorithm::Ed25519 => (None, signature.bytes.as_slice()),
            Algorithm::Cosignature => {
                let (time, signed) = signature.bytes.split_first_chunk().ok_or_else(bad)?;
                (Some(u64::from_be_bytes(*time)), signed)
            }
        };
        if time.is_some_and(|time| i64::try_from(time).is_err()) {
            return Err(bad());
        }
        let message = time.map_or_else(|| text.to_owned(), |time| cosigned(text, time));
        let signed = Ed25519::from_slice(signed).map_err(|_| bad())?;
        self.public.verify_strict(message.as_bytes(), &signed).map_err(|_| bad())?;
        Ok(time)
    }

    fn id_text(&self) -> String {
        format!("{:08x}", u32::from_be_bytes(self.id))
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[self.algorithm as u8], self.public.as_bytes().as_slice()].concat();
        write!(f, "{}+{}+{}", self.name, self.id_text(), text::base64(&key))
    }
}

/// What a cosignature signs.
fn cosigned(text: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}
