//! What opens one sealed part and nothing else, so that one event can be shown without giving its journey's key away: the
//! key of the part's nonce.

use crate::{
    Error, Nonce, Owner, Part, Vault,
    aead::{self, KEY_BYTES, Key},
};

/// Bytes of an opening.
pub const OPENING_BYTES: usize = KEY_BYTES;

/// Opens one sealed part.
pub type Opening = [u8; OPENING_BYTES];

impl Vault {
    /// What opens the part sealed with this nonce, and no other. None where the key was destroyed.
    pub fn opening(&self, owner: Owner, part: Part, nonce: &Nonce) -> Result<Option<Opening>, Error> {
        self.with_key(owner, part, |key| Ok(opening(key, nonce)))
    }
}

fn opening(key: &Key, nonce: &Nonce) -> Opening {
    *aead::key_of(key, nonce)
}

/// The plaintext of the part that this opening is of, if neither it nor `aad` was changed.
pub fn open_with(opening: &Opening, nonce: &Nonce, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
    let mut opened = sealed.to_vec();
    let length = aead::open_with_key_of(opening, nonce, aad, &mut opened)?;
    opened.truncate(length);
    Ok(opened)
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;
    use crate::aead::seal;

    #[test]
    fn an_opening_opens_the_part_it_is_of_and_no_other() {
        let key = Zeroizing::new([7; 32]);
        let (one, other) = ([1; 24], [2; 24]);
        let (sealed, beside) = (seal(&key, &one, b"bound", b"words"), seal(&key, &other, b"bound", b"words"));
        let opening = opening(&key, &one);
        assert_eq!(open_with(&opening, &one, b"bound", &sealed).expect("it opens"), b"words");
        assert!(open_with(&opening, &one, b"other", &sealed).is_err());
        assert!(open_with(&opening, &other, b"bound", &beside).is_err());
        assert!(open_with(&opening, &one, b"bound", &[]).is_err());
        assert_ne!(opening, *key);
    }

    /// draft-irtf-cfrg-xchacha-03, section 2.2.1.
    #[test]
    fn the_key_of_a_nonce_is_that_of_the_published_example() {
        let key = Zeroizing::new(std::array::from_fn(|nth| u8::try_from(nth).expect("at most 31")));
        let mut nonce = [0; 24];
        nonce[..16].copy_from_slice(&[0, 0, 0, 9, 0, 0, 0, 0x4a, 0, 0, 0, 0, 0x31, 0x41, 0x59, 0x27]);
        let published = "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc";
        let digits = |nth: usize| u8::from_str_radix(&published[2 * nth..2 * nth + 2], 16).expect("digits");
        assert_eq!(opening(&key, &nonce), std::array::from_fn::<u8, 32, _>(digits));
    }
}
