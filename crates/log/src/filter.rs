//! A Bloom filter over ids of 16 bytes: says for certain that an id is new, or that it may be known. With ten bits and
//! seven probes per id, one new id in about a hundred must still be looked up (Bloom 1970; Kirsch and Mitzenmacher 2006
//! for two hashes standing for seven).

const BITS_PER_ID: u64 = 10;
const PROBES: u64 = 7;

/// Which ids may be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Filter {
    bits: Vec<u8>,
}

impl Filter {
    /// Bytes of a filter for this many ids.
    pub(crate) fn bytes_for(ids: u64) -> u64 {
        (ids * BITS_PER_ID).div_ceil(8).max(8)
    }

    /// An empty filter with room for this many ids.
    pub(crate) fn with_room(ids: u64) -> Self {
        let bytes = usize::try_from(Self::bytes_for(ids)).expect("a filter fits memory");
        Self { bits: vec![0; bytes] }
    }

    /// A filter from the bytes it was kept in.
    pub(crate) fn of(bits: Vec<u8>) -> Self {
        Self { bits }
    }

    /// Its bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bits
    }

    /// Notes that this id is known.
    pub(crate) fn add(&mut self, id: &[u8; 16]) {
        for (byte, bit) in probes(id, self.bits.len()) {
            self.bits[byte] |= bit;
        }
    }

    /// Whether the id may be known; where not, it is certainly new.
    pub(crate) fn may_have(&self, id: &[u8; 16]) -> bool {
        probes(id, self.bits.len()).all(|(byte, bit)| self.bits[byte] & bit != 0)
    }
}

fn probes(id: &[u8; 16], bytes: usize) -> impl Iterator<Item = (usize, u8)> {
    let whole = u128::from_be_bytes(*id);
    #[allow(clippy::cast_possible_truncation, reason = "the two halves of the id")]
    let (high, low) = ((whole >> 64) as u64, whole as u64);
    let one = mixed(high ^ mixed(low));
    let step = mixed(one ^ low) | 1;
    let bits = bytes as u64 * 8;
    (0..PROBES).map(move |nth| {
        let bit = one.wrapping_add(nth.wrapping_mul(step)) % bits;
        (usize::try_from(bit / 8).expect("a filter fits memory"), 1 << (bit % 8))
    })
}

/// The finaliser of SplitMix64: every bit of the input moves every bit of the output. Ids need not be random.
fn mixed(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_known_id_is_never_called_new(ids in prop::collection::vec(any::<[u8; 16]>(), 0..300)) {
            let mut filter = Filter::with_room(ids.len() as u64);
            for id in &ids {
                filter.add(id);
            }
            let read_back = Filter::of(filter.bytes().to_vec());
            prop_assert!(ids.iter().all(|id| read_back.may_have(id)));
        }
    }

    #[test]
    fn few_new_ids_are_taken_for_known_even_where_ids_count_up() {
        let known = 20_000_u128;
        let mut filter = Filter::with_room(20_000);
        for id in 0..known {
            filter.add(&id.to_be_bytes());
        }
        let mistaken = (known..2 * known).filter(|id| filter.may_have(&id.to_be_bytes())).count();
        assert!(mistaken < 400, "{mistaken} of 20000 new ids were taken for known");
    }
}
