//! Whether what is withheld could have been something else.

use std::collections::{BTreeMap, BTreeSet};

use super::sums::{Counts, Sum};

/// Counts that one other filling may change.
const CHANGES_MAX: usize = 24;
/// Steps of the search for another filling; past them a count is taken for one that can be worked out.
const STEPS_MAX: u32 = 2_000;
/// Counts tried one by one for the one that makes another safe.
const CANDIDATES_MAX: usize = 6;

/// Which counts are withheld.
pub(super) struct Filling<'a> {
    counts: &'a Counts,
    sums: Vec<Sum>,
    /// For each count, the sums it is in: 1 as a part, -1 as the whole.
    within: Vec<Vec<(usize, i64)>>,
    is_whole: Vec<bool>,
    withheld: Vec<bool>,
    small: Vec<usize>,
}

impl<'a> Filling<'a> {
    /// Counts that are small or tell a small one are withheld, and nothing else yet.
    pub fn new(counts: &'a Counts, sums: Vec<Sum>) -> Self {
        let mut within = vec![Vec::new(); counts.variables()];
        let mut is_whole = vec![false; counts.variables()];
        for (at, sum) in sums.iter().enumerate() {
            is_whole[sum.whole] = true;
            for part in &sum.parts {
                within[*part].push((at, 1));
            }
            within[sum.whole].push((at, -1));
        }
        let withheld: Vec<bool> = (0..counts.variables()).map(|one| counts.is_sensitive(one)).collect();
        let small = (0..counts.variables()).filter(|one| withheld[*one]).collect();
        Self { counts, sums, within, is_whole, withheld, small }
    }

    pub fn is_withheld(&self, variable: usize) -> bool {
        self.withheld[variable]
    }

    /// Withholds more, until no small count can be worked out.
    pub fn make_safe(&mut self) {
        for small in self.small.clone() {
            while !self.could_differ(small) {
                let Some(more) = self.next_to_withhold(small) else { break };
                self.withheld[more] = true;
            }
        }
        // What was withheld for one count frees others and never binds them, so once through is enough.
    }

    /// Whether another filling, with every sum and every shown count as it is, gives this count another value.
    fn could_differ(&self, variable: usize) -> bool {
        [1, -1].into_iter().any(|change| {
            let mut search = Search { filling: self, changes: Vec::new(), off: BTreeMap::new(), steps: 0 };
            search.change(variable, change) && search.balance()
        })
    }

    /// The count to withhold next: the first that makes this one safe; where none does alone, the first in a sum with
    /// it, else in a sum with one that is withheld beside it, and so on outwards. Parts go before totals, small before
    /// large, and zeros last: that nobody is in a cell says little.
    fn next_to_withhold(&mut self, variable: usize) -> Option<usize> {
        let mut candidates = self.shown_around(variable);
        let nearest = candidates.first().map(|(_, _, nearest)| *nearest);
        candidates.sort_by_key(|(_, weight, one)| (*weight, *one));
        for (_, _, one) in candidates.into_iter().take(CANDIDATES_MAX) {
            self.withheld[one] = true;
            if self.could_differ(variable) {
                return Some(one);
            }
            self.withheld[one] = false;
        }
        nearest
    }

    /// What is shown in sums with this count, and with those withheld beside it: how far off, its weight, itself. The
    /// nearest and lightest comes first.
    fn shown_around(&self, variable: usize) -> Vec<(usize, Weight, usize)> {
        let mut reached = vec![(variable, 0)];
        let mut found = BTreeSet::new();
        let mut at = 0;
        while let Some((one, far)) = reached.get(at).copied() {
            for (sum, _) in &self.within[one] {
                let sum = &self.sums[*sum];
                for one in sum.parts.iter().copied().chain([sum.whole]) {
                    if !self.withheld[one] {
                        let value = self.counts.value(one);
                        found.insert((far, (value == 0, self.is_whole[one], value), one));
                    } else if reached.iter().all(|(known, _)| *known != one) {
                        reached.push((one, far + 1));
                    }
                }
            }
            at += 1;
        }
        found.into_iter().collect()
    }
}

/// Whether it is zero, whether it is a total, its value.
type Weight = (bool, bool, u64);

/// A search for changes of withheld counts, by one each, that leave every sum right.
struct Search<'a> {
    filling: &'a Filling<'a>,
    changes: Vec<(usize, i64)>,
    /// Sums that are not right, and by how much their parts exceed the whole.
    off: BTreeMap<usize, i64>,
    steps: u32,
}

impl Search<'_> {
    /// Changes a count, where it is withheld, unchanged as yet, and does not become less than nobody.
    fn change(&mut self, variable: usize, by: i64) -> bool {
        let possible = self.filling.withheld[variable]
            && (by > 0 || self.filling.counts.value(variable) > 0)
            && self.changes.iter().all(|(changed, _)| *changed != variable)
            && self.changes.len() < CHANGES_MAX;
        if possible {
            self.changes.push((variable, by));
            self.shift(variable, by);
        }
        possible
    }

    fn undo(&mut self) {
        if let Some((variable, by)) = self.changes.pop() {
            self.shift(variable, -by);
        }
    }

    fn shift(&mut self, variable: usize, by: i64) {
        for (sum, sign) in &self.filling.within[variable] {
            let off = self.off.entry(*sum).or_insert(0);
            *off += sign * by;
            if *off == 0 {
                self.off.remove(sum);
            }
        }
    }

    /// Whether the sums can be made right again.
    fn balance(&mut self) -> bool {
        self.steps += 1;
        if self.steps > STEPS_MAX {
            return false;
        }
        let Some((sum, off)) = self.off.first_key_value().map(|(sum, off)| (*sum, off.signum())) else {
            return true;
        };
        let filling = self.filling;
        let sum = &filling.sums[sum];
        let parts = sum.parts.iter().map(|part| (*part, -off));
        for (variable, by) in parts.chain([(sum.whole, off)]) {
            if self.change(variable, by) {
                if self.balance() {
                    return true;
                }
                self.undo();
            }
        }
        false
    }
}
