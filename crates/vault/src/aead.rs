//! XChaCha20-Poly1305 with keys that are wiped when dropped, and randomness from the operating system.
//!
//! XChaCha20-Poly1305 is ChaCha20-Poly1305 under a key of the nonce's own: HChaCha20 of the key and the nonce's first 16
//! bytes. The cipher below is ring's, which takes half the time of the portable one for an event and a third for a row.
//! What it makes of a nonce's key is not wiped; that key opens one message, which is in memory then anyway.

use chacha20::{R20, hchacha};
use hkdf::Hkdf;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, UnboundKey};
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
    let (cipher, nonce) = cipher(&key_of(key, nonce), nonce);
    let tag = cipher.seal_in_place_separate_tag(nonce, Aad::from(aad), bytes);
    let tag = tag.expect("a message is far below the 256 GiB that the cipher takes");
    tag.as_ref().try_into().expect("a tag has 16 bytes")
}

/// Ciphertext and tag.
pub(crate) fn seal(key: &Key, nonce: &Nonce, aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
    let mut sealed = Vec::with_capacity(plaintext.len() + TAG_BYTES);
    sealed.extend_from_slice(plaintext);
    let tag = seal_in_place(key, nonce, aad, &mut sealed);
    sealed.extend_from_slice(&tag);
    sealed
}

/// The plaintext, if neither it nor `aad` was changed.
pub(crate) fn open(key: &Key, nonce: &Nonce, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
    let mut opened = sealed.to_vec();
    let length = open_in_place(key, nonce, aad, &mut opened)?;
    opened.truncate(length);
    Ok(opened)
}

/// Opens ciphertext and tag where they stand, if neither they nor `aad` were changed; the length of the plaintext, which
/// stands at the beginning.
pub(crate) fn open_in_place(key: &Key, nonce: &Nonce, aad: &[u8], sealed: &mut [u8]) -> Result<usize, Error> {
    open_with_key_of(&key_of(key, nonce), nonce, aad, sealed)
}

/// The same, with the key of the nonce.
pub(crate) fn open_with_key_of(
    key_of: &[u8; KEY_BYTES],
    nonce: &Nonce,
    aad: &[u8],
    sealed: &mut [u8],
) -> Result<usize, Error> {
    let (cipher, nonce) = cipher(key_of, nonce);
    let opened = cipher.open_in_place(nonce, Aad::from(aad), sealed);
    opened.map(|opened| opened.len()).map_err(|_| Error::DoesNotOpen)
}

/// The key that goes with a nonce. From it the key that it was made of cannot be had, nor that of another nonce.
pub(crate) fn key_of(key: &Key, nonce: &Nonce) -> Key {
    let (first, _) = nonce.split_first_chunk::<16>().expect("a nonce is longer");
    Zeroizing::new(hchacha::<R20>((&**key).into(), first.into()).into())
}

fn cipher(key_of: &[u8; KEY_BYTES], nonce: &Nonce) -> (LessSafeKey, ring::aead::Nonce) {
    let (_, last) = nonce.split_last_chunk::<8>().expect("a nonce is longer");
    let mut short = [0; 12];
    short[4..].copy_from_slice(last);
    let key = UnboundKey::new(&CHACHA20_POLY1305, key_of).expect("the key has 32 bytes");
    (LessSafeKey::new(key), ring::aead::Nonce::assume_unique_for_key(short))
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

#[cfg(test)]
mod tests {
    use chacha20poly1305::{
        KeyInit, XChaCha20Poly1305,
        aead::{Aead, Payload},
    };
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Another's XChaCha20-Poly1305, with which everything was sealed at first.
        #[test]
        fn what_is_sealed_is_what_another_implementation_seals(
            key: [u8; 32], nonce: [u8; 24],
            aad in prop::collection::vec(any::<u8>(), 0..300),
            message in prop::collection::vec(any::<u8>(), 0..3_000),
            flipped in any::<prop::sample::Index>(),
        ) {
            let other = XChaCha20Poly1305::new((&key).into());
            let other = other.encrypt((&nonce).into(), Payload { msg: &message, aad: &aad }).unwrap();
            let key = Zeroizing::new(key);
            prop_assert_eq!(seal(&key, &nonce, &aad, &message), other.clone());
            prop_assert_eq!(open(&key, &nonce, &aad, &other).unwrap(), message);
            let mut bad = other;
            let at = flipped.index(bad.len());
            bad[at] ^= 1;
            prop_assert!(open(&key, &nonce, &aad, &bad).is_err());
        }
    }

    #[test]
    fn less_than_a_tag_does_not_open() {
        let key = Zeroizing::new([7; 32]);
        for length in 0..TAG_BYTES {
            assert!(open(&key, &[1; 24], b"", &vec![0; length]).is_err());
        }
    }
}
