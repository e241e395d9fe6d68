//! The same sums in fewer unknowns: counts that are always equal are one, and a rest is worked out in the end from what it is
//! the rest of. Few rests stand in the way of a change, and without them counts fall apart into groups of few.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Change, Sum, Term};

/// A rest that cannot become so many fewer stands in the way of most changes, and is looked at as any count.
const REST_MIN: u64 = 2;

/// Sums of unknowns, each of which stands for counts that are always equal.
#[derive(Debug, Default)]
pub(super) struct Reduced {
    /// The unknown of each count.
    unknown_of: Vec<usize>,
    /// The counts of each unknown.
    counts: Vec<Vec<usize>>,
    pub terms: Vec<Term>,
    pub sums: Vec<Sum>,
    /// For each unknown, its sums.
    pub within: Vec<Vec<usize>>,
    pub rests: Vec<Rest>,
    /// For each unknown, the rests it bears on.
    pub bears_on: Vec<Vec<usize>>,
    rest_of: HashMap<usize, usize>,
}

/// An unknown that is hidden and in one sum only: it makes up for whatever the others of that sum do, as far as it goes.
#[derive(Debug)]
pub(super) struct Rest {
    pub unknown: usize,
    /// What adds up to it.
    pub of: Sum,
}

impl Reduced {
    pub fn new(terms: &[Term], sums: &[Sum]) -> Self {
        let mut reduced = Self::default();
        reduced.join_equal(terms.len(), sums);
        reduced.terms = (0..reduced.counts.len()).map(|unknown| reduced.term(unknown, terms)).collect();
        let sums: BTreeSet<Sum> = sums.iter().filter_map(|sum| reduced.sum(sum)).collect();
        reduced.set_rests_apart(sums.into_iter().collect());
        reduced
    }

    /// Says anew what changing a count costs.
    pub fn set(&mut self, count: usize, terms: &[Term]) {
        let unknown = self.unknown_of[count];
        self.terms[unknown] = self.term(unknown, terms);
    }

    /// What adds up to this count, itself where it is not a rest.
    pub fn adding_up_to(&self, count: usize) -> Sum {
        let unknown = self.unknown_of[count];
        self.rest_of.get(&unknown).map_or_else(|| vec![(unknown, 1)], |rest| self.rests[*rest].of.clone())
    }

    /// The change of all counts that comes with a change of unknowns.
    pub fn of_counts(&self, mut by: Change) -> Change {
        let rests: BTreeSet<usize> =
            by.keys().flat_map(|unknown| &self.bears_on[*unknown]).copied().collect();
        for rest in rests {
            let Rest { unknown, of } = &self.rests[rest];
            let change = of.iter().filter_map(|(part, factor)| Some(factor * by.get(part)?)).sum();
            by.insert(*unknown, change);
        }
        by.retain(|_, by| *by != 0);
        by.into_iter()
            .flat_map(|(unknown, by)| self.counts[unknown].iter().map(move |count| (*count, by)))
            .collect()
    }

    fn join_equal(&mut self, counts: usize, sums: &[Sum]) {
        let mut first: Vec<usize> = (0..counts).collect();
        for sum in sums {
            if let [(one, factor), (other, negative)] = sum[..]
                && factor == -negative
            {
                let (one, other) = (find(&mut first, one), find(&mut first, other));
                first[one.max(other)] = one.min(other);
            }
        }
        for count in 0..counts {
            let first = find(&mut first, count);
            if first == count {
                self.unknown_of.push(self.counts.len());
                self.counts.push(Vec::new());
            } else {
                self.unknown_of.push(self.unknown_of[first]);
            }
            self.counts[self.unknown_of[count]].push(count);
        }
    }

    /// A change of equal counts costs what it costs of each, and goes no further than for any.
    fn term(&self, unknown: usize, terms: &[Term]) -> Term {
        let all = || self.counts[unknown].iter().map(|count| terms[*count]);
        Term {
            cost: all().map(|term| term.cost).sum(),
            fewer_max: all().map(|term| term.fewer_max).min().unwrap_or_default(),
        }
    }

    /// The same of unknowns, written in one way only; none where it says nothing.
    fn sum(&self, sum: &Sum) -> Option<Sum> {
        let mut factors: BTreeMap<usize, i64> = BTreeMap::new();
        for (count, factor) in sum {
            *factors.entry(self.unknown_of[*count]).or_default() += factor;
        }
        factors.retain(|_, factor| *factor != 0);
        let sign = factors.values().next()?.signum();
        Some(factors.into_iter().map(|(unknown, factor)| (unknown, sign * factor)).collect())
    }

    fn set_rests_apart(&mut self, sums: Vec<Sum>) {
        let within = within(self.counts.len(), &sums);
        let is_rest = |(unknown, factor): &&(usize, i64)| {
            let term = self.terms[*unknown];
            let goes_far = !term.is_shown() && term.fewer_max >= REST_MIN;
            goes_far && factor.abs() == 1 && within[*unknown].len() == 1
        };
        for sum in sums {
            let Some(&(unknown, sign)) = sum.iter().find(is_rest) else {
                self.sums.push(sum);
                continue;
            };
            let others = sum.into_iter().filter(|(other, _)| *other != unknown);
            let of = others.map(|(other, factor)| (other, -sign * factor)).collect();
            self.rest_of.insert(unknown, self.rests.len());
            self.rests.push(Rest { unknown, of });
        }
        self.within = self::within(self.counts.len(), &self.sums);
        self.bears_on = self::within(self.counts.len(), self.rests.iter().map(|rest| &rest.of));
    }
}

/// For each of so many, the sums it is in.
pub(super) fn within<'a>(all: usize, sums: impl IntoIterator<Item = &'a Sum>) -> Vec<Vec<usize>> {
    let mut within = vec![Vec::new(); all];
    for (at, sum) in sums.into_iter().enumerate() {
        for (one, _) in sum {
            within[*one].push(at);
        }
    }
    within
}

/// The first of those joined to this one.
fn find(first: &mut [usize], mut one: usize) -> usize {
    while first[one] != one {
        first[one] = first[first[one]];
        one = first[one];
    }
    one
}
