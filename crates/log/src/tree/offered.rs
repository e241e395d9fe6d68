//! Leaves of events just committed, on their way to the tree: it need not read and hash what the writer has at hand.

use std::collections::VecDeque;

use throughline_proof::Hash;

/// Leaves that wait at most, 8 MiB of them. The tree reads from the frames what did not fit.
const LEAVES_MAX: usize = 256 * 1024;

/// Leaves of commits, in their order; there can be gaps.
#[derive(Default)]
pub(super) struct Offered {
    commits: VecDeque<(u64, Vec<Hash>)>,
    leaves: usize,
}

impl Offered {
    /// Takes in the leaves of a commit, where there is room.
    pub(super) fn add(&mut self, first: u64, leaves: Vec<Hash>) {
        if self.leaves + leaves.len() <= LEAVES_MAX {
            self.leaves += leaves.len();
            self.commits.push_back((first, leaves));
        }
    }

    /// The leaves from this position on without a gap, of whole commits, until they are about `enough`.
    pub(super) fn take(&mut self, from: u64, enough: usize) -> Vec<Hash> {
        let mut taken: Vec<Hash> = Vec::new();
        while let Some((first, leaves)) = self.commits.front()
            && taken.len() < enough
        {
            let next = from + taken.len() as u64;
            if *first > next {
                break;
            }
            let is_next = *first == next;
            self.leaves -= leaves.len();
            let leaves = self.commits.pop_front().map(|(_, leaves)| leaves).unwrap_or_default();
            if is_next {
                taken.extend(leaves);
            }
        }
        taken
    }

    /// Where the first of them begins.
    pub(super) fn first(&self) -> Option<u64> {
        self.commits.front().map(|(first, _)| *first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_follows_without_a_gap_is_taken() {
        let mut offered = Offered::default();
        let of = |first: u64, count: usize| (first, vec![[u8::try_from(first).unwrap(); 32]; count]);
        for (first, leaves) in [of(0, 2), of(2, 3), of(9, 1)] {
            offered.add(first, leaves);
        }
        assert_eq!(offered.take(2, 100).len(), 3, "what was taken before is passed over");
        assert_eq!((offered.take(5, 100).len(), offered.first()), (0, Some(9)));
        assert_eq!(offered.take(9, 100).len(), 1);
        let (first, many) = of(10, LEAVES_MAX);
        offered.add(first, many);
        offered.add(20, vec![[0; 32]]);
        assert_eq!((offered.take(10, 1).len(), offered.leaves), (LEAVES_MAX, 0), "the last found no room");
    }
}
