//! Other whole numbers that fit what is shown: looked for with a linear programme, and checked without it.
//!
//! A count could be another where counts can change, itself among them, with every sum still right and none below what it is
//! known to be. Of such changes among the counts nearby the programme finds the one that costs least, by what must be hidden
//! for each by which a count changes (Kelly, Golden and Assad, Cell suppression, Networks 22, 1992). That is cheap, and not the
//! cheapest there is: counts further off might do with less.

mod near;
mod program;
mod reduced;

use std::collections::BTreeMap;

use near::Marks;
use program::Program;
use reduced::{Reduced, within};

/// By how much counts change, of those that do.
pub(super) type Change = BTreeMap<usize, i64>;

/// A sum: counts and their factors, which come to nothing.
pub(super) type Sum = Vec<(usize, i64)>;

/// By how many a count is tried to change, up or down: where one of it asks for a fraction of another, some of it may not.
const AMOUNTS: [u32; 4] = [1, 2, 3, 6];

/// How many unknowns around it are looked at, one number after the other; in the end all.
const NEARBY: [usize; 6] = [40, 150, 500, 1_500, 4_500, 13_500];

/// Among more unknowns the first way that is found will do, up or down.
const BOTH_WAYS_MAX: usize = 500;

/// What changing a count costs, and how far it goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Term {
    /// For each by which it changes; nothing where it is hidden.
    pub cost: f64,
    /// By how many it can become fewer.
    pub fewer_max: u64,
}

impl Term {
    fn is_shown(self) -> bool {
        self.cost > 0.0
    }
}

/// Counts, and the sums they are in.
#[derive(Debug)]
pub(super) struct Changes {
    terms: Vec<Term>,
    sums: Vec<Sum>,
    /// For each count, its sums.
    within: Vec<Vec<usize>>,
    /// The same, to search in. What is found is checked with all counts and sums.
    reduced: Reduced,
    marks: Marks,
}

impl Changes {
    /// No count is twice in a sum.
    pub fn new(terms: Vec<Term>, sums: Vec<Sum>) -> Self {
        let reduced = Reduced::new(&terms, &sums);
        Self { within: within(terms.len(), &sums), marks: Marks::new(&reduced), reduced, terms, sums }
    }

    /// Says anew what changing a count costs.
    pub fn set(&mut self, count: usize, term: Term) {
        self.terms[count] = term;
        self.reduced.set(count, &self.terms);
    }

    /// A change of this count, the cheapest among the nearest counts that have one; none where none is found.
    pub fn of(&mut self, count: usize) -> Option<Change> {
        let target = self.reduced.adding_up_to(count);
        let start: Vec<usize> = target.iter().map(|(unknown, _)| *unknown).collect();
        let all = self.reduced.terms.len();
        let sizes = NEARBY.into_iter().take_while(|size| *size < all).chain([usize::MAX]);
        sizes.into_iter().find_map(|size| {
            let near = if size == usize::MAX {
                self.marks.near(&self.reduced, &(0..all).collect::<Vec<_>>(), size)
            } else {
                self.marks.near(&self.reduced, &start, size)
            };
            let has_start = start.iter().any(|unknown| near.contains(unknown));
            has_start.then(|| self.among(&near, &target, count)).flatten()
        })
    }

    /// Every count that this one is tied to, itself among them.
    pub fn tied_to(&self, count: usize) -> Vec<usize> {
        let mut is_tied = vec![false; self.terms.len()];
        let (mut all, mut waiting) = (Vec::new(), vec![count]);
        while let Some(at) = waiting.pop() {
            if !std::mem::replace(&mut is_tied[at], true) {
                all.push(at);
                waiting
                    .extend(self.within[at].iter().flat_map(|sum| &self.sums[*sum]).map(|(count, _)| *count));
            }
        }
        all
    }

    /// The cheapest change of this count, to which these add up, in which no other unknowns than these change.
    fn among(&self, near: &[usize], target: &Sum, count: usize) -> Option<Change> {
        let program = Program::new(&self.reduced, near);
        let mut signs = vec![1.0, -1.0];
        for by in AMOUNTS {
            let mut found: Vec<(f64, Change)> = Vec::new();
            for sign in std::mem::take(&mut signs) {
                // Where there is no way to so many, there is none to more.
                let Ok(way) = program.cheapest(target, sign * f64::from(by)) else { continue };
                signs.push(sign);
                let way = way.map(|(cost, change)| (cost, self.reduced.of_counts(change)));
                let Some((cost, change)) = way.filter(|(_, change)| self.fits(change, count)) else {
                    continue;
                };
                // What hides nothing more is as good as any.
                if self.hides_nothing(&change) {
                    return Some(change);
                }
                found.push((cost, change));
                if near.len() > BOTH_WAYS_MAX {
                    break;
                }
            }
            let cheapest = found.into_iter().min_by(|(one, _), (other, _)| one.total_cmp(other));
            if let Some((_, change)) = cheapest {
                return Some(change);
            }
        }
        None
    }

    fn hides_nothing(&self, change: &Change) -> bool {
        change.keys().all(|count| !self.terms[*count].is_shown())
    }

    /// Whether this count changes, every sum still holds, and no count becomes fewer than it can.
    fn fits(&self, change: &Change, count: usize) -> bool {
        let by = |count: &usize| change.get(count).copied().unwrap_or_default();
        let holds =
            |sum: &usize| self.sums[*sum].iter().map(|(count, factor)| factor * by(count)).sum::<i64>() == 0;
        let can = |(count, by): (&usize, &i64)| {
            let is_there = *by > 0 || by.unsigned_abs() <= self.terms[*count].fewer_max;
            is_there && self.within[*count].iter().all(holds)
        };
        change.contains_key(&count) && change.iter().all(can)
    }
}
