//! XChaCha20-Poly1305 with keys that are wiped when dropped, and randomness from the operating system.

use chacha20poly1305::{
    AeadInOut, KeyInit, XChaCha20Poly1305,
    aead::{Aead, Payload},
};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::Error;

/// Bytes of a nonce: so many that random ones never repeat.
pub const NONCE_BYTES: usize = 24;

/// Bytes that sealing adds.
pub const TAG_BYTES: usize = 16;

/// Bytes of a key.
pub(crate) const KEY_BYTES: usize = 32;

/// Used once per key.
pub type Nonce = [u8; NONCE_BYTES];

/// A key, wiped when dropped.
pub(crate) type Key = Zeroizing<[u8; KEY_BYTES]>;

/// Random bytes.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(Error::Random)?;
    Ok(bytes)
}

/// A new key.
pub(crate) fn new_key() -> Result<Key, Error> {
    random().map(Zeroizing::new)
}

/// Another secret made of a key, for one purpose: HKDF-SHA256 (RFC 5869), no salt.
pub(crate) fn derive(key: &Key, purpose: &str) -> Key {
    let mut derived = Zeroizing::new([0; KEY_BYTES]);
    Hkdf::<Sha256>::new(None, &**key)
        .expand(purpose.as_bytes(), &mut *derived)
        .expect("one key is far below what HKDF gives");
    derived
}

/// What sealing adds.
pub type Tag = [u8; TAG_BYTES];

/// Encrypts bytes where they stand; their tag.
pub(crate) fn seal_in_place(key: &Key, nonce: &Nonce, aad: &[u8], bytes: &mut [u8]) -> Tag {
    XChaCha20Poly1305::new((&**key).into())
        .encrypt_inout_detached(nonce.into(), aad, bytes.into())
        .expect("a message is far below the 256 GiB that the cipher takes")
        .into()
}

/// Ciphertext and tag.
pub(crate) fn seal(key: &Key, nonce: &Nonce, aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
    XChaCha20Poly1305::new((&**key).into())
        .encrypt(nonce.into(), Payload { msg: plaintext, aad })
        .expect("a message is far below the 256 GiB that the cipher takes")
}

/// The plaintext, if neither it nor `aad` was changed.
pub(crate) fn open(key: &Key, nonce: &Nonce, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
    XChaCha20Poly1305::new((&**key).into())
        .decrypt(nonce.into(), Payload { msg: sealed, aad })
        .map_err(|_| Error::DoesNotOpen)
}

/// Nonce, ciphertext and tag of a secret under a key.
pub(crate) fn wrap(key: &Key, aad: &[u8], secret: &[u8]) -> Result<Vec<u8>, Error> {
    let nonce = random()?;
    let mut wrapped = nonce.to_vec();
    wrapped.extend(seal(key, &nonce, aad, secret));
    Ok(wrapped)
}

/// The secret that [`wrap`] wrapped.
pub(crate) fn unwrap(key: &Key, aad: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let (nonce, sealed) = wrapped.split_first_chunk().ok_or(Error::DoesNotOpen)?;
    open(key, nonce, aad, sealed).map(Zeroizing::new)
}
