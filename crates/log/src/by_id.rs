//! Maps by the ids of events and journeys, which are looked up several times for every event.

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hasher, RandomState},
};

/// A map by ids.
pub(crate) type ById<Id, Value> = HashMap<Id, Value, Keyed>;

/// Makes hashers with a secret of the process's: ids can come from outside, and nobody can choose them so that they fall
/// together.
#[derive(Clone)]
pub(crate) struct Keyed {
    secret: [u64; 2],
}

/// Multiplies with a secret, and folds what comes of it: some of the time that the standard library's hasher takes for
/// sixteen bytes.
pub(crate) struct Folding {
    secret: [u64; 2],
    state: u64,
}

impl Default for Keyed {
    fn default() -> Self {
        let random = RandomState::new();
        // Odd, so that no multiplication loses anything of the other side.
        Self { secret: [random.hash_one(0_u8) | 1, random.hash_one(1_u8) | 1] }
    }
}

impl BuildHasher for Keyed {
    type Hasher = Folding;

    fn build_hasher(&self) -> Folding {
        Folding { secret: self.secret, state: self.secret[1] }
    }
}

impl Folding {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "the halves of the product are folded onto each other"
    )]
    fn fold(&mut self, word: u64) {
        let product = u128::from(self.state ^ word) * u128::from(self.secret[0]);
        self.state = (product ^ (product >> 64)) as u64 ^ self.secret[1];
    }
}

impl Hasher for Folding {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.fold(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let mut word = [0; 8];
            word[..rest.len()].copy_from_slice(rest);
            self.fold(u64::from_le_bytes(word));
        }
    }

    fn write_usize(&mut self, _length: usize) {
        // All ids are of one length.
    }

    fn finish(&self) -> u64 {
        self.state
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use throughline_domain::EventId;

    use super::*;

    #[test]
    fn ids_that_differ_in_any_one_byte_are_told_apart_in_their_low_and_high_bits() {
        let keyed = Keyed::default();
        let mut hashes = HashSet::new();
        for place in 0..16 {
            for value in 1..=255 {
                let mut bytes = [0; 16];
                bytes[place] = value;
                hashes.insert(keyed.hash_one(EventId::from_bytes(bytes)));
            }
        }
        assert_eq!(hashes.len(), 16 * 255);
        for part in [0, 32, 52] {
            let parts: HashSet<u64> = hashes.iter().map(|hash| (hash >> part) & 0xfff).collect();
            assert!(parts.len() > 2_000, "{} of 4,096 values from bit {part} on", parts.len());
        }
    }

    #[test]
    fn another_map_hashes_otherwise() {
        let id = EventId::from_bytes([7; 16]);
        assert_ne!(Keyed::default().hash_one(id), Keyed::default().hash_one(id));
    }
}
