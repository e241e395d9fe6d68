//! Counts that are tied by sums, in pieces that are shown whole or not at all; and which pieces must not be shown.
//!
//! Whoever reads what is shown is taken to know every sum and every count that is nobody. A count of few is safe where
//! whole numbers, others than the true ones, fit all of that and give it another value.

use std::collections::BTreeMap;

use super::{MIN_CELL, elimination::Elimination};

/// Changes that are looked at two by two.
const CHANGES_MAX: usize = 24;

/// A count in a [`Ledger`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Count(usize);

/// A part of a [`Ledger`] that is shown whole or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Piece(usize);

/// Counts, the pieces they stand in, and the sums that tie them.
#[derive(Debug, Default)]
pub struct Ledger {
    counts: Vec<Entry>,
    pieces: Vec<Lot>,
    sums: Vec<Vec<(usize, i64)>>,
}

#[derive(Debug)]
struct Entry {
    value: u64,
    /// What it is known to be at least.
    least: u64,
    /// Where it is written; nowhere for what could only be worked out.
    pieces: Vec<usize>,
    is_secret: bool,
}

#[derive(Debug)]
struct Lot {
    /// What is part of it, and goes with it.
    parts: Vec<usize>,
    /// What it costs not to show it.
    weight: u64,
    is_hidden: bool,
    counts: Vec<usize>,
}

impl Ledger {
    /// A piece, part of another where one is named. Of several that would do, the lightest is hidden.
    pub fn piece(&mut self, within: Option<Piece>, weight: u64) -> Piece {
        let piece = self.pieces.len();
        self.pieces.push(Lot { parts: Vec::new(), weight, is_hidden: false, counts: Vec::new() });
        if let Some(within) = within {
            self.pieces[within.0].parts.push(piece);
        }
        Piece(piece)
    }

    /// A count that is written nowhere yet. One of 1 to 10 is a secret.
    pub fn count(&mut self, value: u64) -> Count {
        let is_secret = (1..u64::from(MIN_CELL)).contains(&value);
        self.counts.push(Entry { value, least: 0, pieces: Vec::new(), is_secret });
        Count(self.counts.len() - 1)
    }

    /// Says that a count is known not to be nobody.
    pub fn is_somebody(&mut self, count: Count) {
        self.counts[count.0].least = 1;
    }

    /// Says that a count is written in this piece.
    pub fn write(&mut self, count: Count, piece: Piece) {
        let pieces = &mut self.counts[count.0].pieces;
        if !pieces.contains(&piece.0) {
            pieces.push(piece.0);
            self.pieces[piece.0].counts.push(count.0);
        }
    }

    /// Says that a piece is not shown in any case.
    pub fn hide(&mut self, piece: Piece) {
        self.pieces[piece.0].is_hidden = true;
    }

    /// Makes a count a secret, whatever its size.
    pub fn keep_secret(&mut self, count: Count) {
        self.counts[count.0].is_secret = true;
    }

    /// Notes that these counts add up to that one, where they do.
    pub fn adds_up(&mut self, parts: &[Count], whole: &[Count]) {
        let total = |counts: &[Count]| counts.iter().map(|count| self.counts[count.0].value).sum::<u64>();
        if total(parts) == total(whole) {
            let terms = parts.iter().map(|part| (part.0, 1)).chain(whole.iter().map(|whole| (whole.0, -1)));
            // Zeros are known, and say nothing.
            let terms = terms.filter(|(count, _)| self.counts[*count].value > 0).collect();
            self.sums.push(terms);
        }
    }

    /// Hides pieces until no secret can be worked out.
    pub fn settle(mut self) -> Settled {
        self.sums.sort_unstable();
        self.sums.dedup();
        let mut elimination = Elimination::new(self.counts.len(), std::mem::take(&mut self.sums));
        // What is written nowhere is unknown from the start. Large counts are solved for first: those are free to give
        // way to a small one beside them.
        let mut unwritten: Vec<usize> = (0..self.counts.len())
            .filter(|one| self.counts[*one].pieces.is_empty() && self.counts[*one].value > 0)
            .collect();
        unwritten.sort_by_key(|one| std::cmp::Reverse(self.counts[*one].value));
        for one in unwritten {
            elimination.hide(one);
        }
        let is_secret = |one: &usize| self.counts[*one].is_secret && self.counts[*one].value > 0;
        let secrets: Vec<usize> = (0..self.counts.len()).filter(is_secret).collect();
        let of_secrets = secrets.iter().flat_map(|secret| self.counts[*secret].pieces.clone());
        let at_once = (0..self.pieces.len()).filter(|piece| self.pieces[*piece].is_hidden);
        let mut at_once: Vec<usize> = at_once.chain(of_secrets).collect();
        at_once.sort_unstable();
        at_once.dedup();
        self.take_out(at_once, &mut elimination);
        for secret in secrets {
            while !self.is_safe(secret, &elimination) {
                let Some(pieces) = self.next_to_hide(secret, &elimination) else { break };
                self.take_out(pieces, &mut elimination);
            }
        }
        Settled(self.pieces.into_iter().map(|piece| piece.is_hidden).collect())
    }

    /// Hides pieces, and what is part of them.
    fn take_out(&mut self, mut waiting: Vec<usize>, elimination: &mut Elimination) {
        let mut counts: Vec<usize> = Vec::new();
        while let Some(piece) = waiting.pop() {
            self.pieces[piece].is_hidden = true;
            waiting.extend(&self.pieces[piece].parts);
            counts.extend(&self.pieces[piece].counts);
        }
        // The largest are solved for first: a small count is then free, and a large one gives way to it.
        counts.sort_by_key(|one| (std::cmp::Reverse(self.counts[*one].value), *one));
        for count in counts {
            let is_shown = self.counts[count].pieces.iter().any(|piece| !self.pieces[*piece].is_hidden);
            if !is_shown && self.counts[count].value > 0 {
                elimination.hide(count);
            }
        }
    }

    /// Whether a change is found that fits all that is shown: of one count that is free to change, or of two. Where none
    /// is found there could be one all the same, and more is hidden than had to be.
    fn is_safe(&self, secret: usize, elimination: &Elimination) -> bool {
        if !elimination.is_hidden(secret) || elimination.follows(secret) {
            return false;
        }
        let mut changes = elimination.changes(secret);
        let fits = |change: &BTreeMap<usize, i64>| {
            let leaves_some = |sign: i64| {
                change.iter().all(|(count, by)| {
                    let Entry { value, least, .. } = self.counts[*count];
                    sign * by >= 0 || value >= by.unsigned_abs() + least
                })
            };
            change.get(&secret).is_some_and(|by| *by != 0) && (leaves_some(1) || leaves_some(-1))
        };
        if changes.iter().any(fits) {
            return true;
        }
        // Where much can change, some of the largest is enough to look at.
        let least = |change: &BTreeMap<usize, i64>| change.keys().map(|at| self.counts[*at].value).min();
        changes.sort_by_key(|change| std::cmp::Reverse(least(change)));
        changes.truncate(CHANGES_MAX);
        let pairs = changes.iter().enumerate().flat_map(|(at, one)| {
            changes[..at].iter().flat_map(move |other| [1, -1].map(|sign| both(one, other, sign)))
        });
        pairs.into_iter().any(|change| fits(&change))
    }

    /// The pieces of the count that is hidden at the least cost of those that bear on this one. None where all it is tied
    /// to is hidden: then twice of each fits as well.
    fn next_to_hide(&self, secret: usize, elimination: &Elimination) -> Option<Vec<usize>> {
        let around = elimination.shown_around(secret).into_iter().map(|count| {
            let pieces = self.counts[count].pieces.iter().copied();
            let shown: Vec<usize> = pieces.filter(|piece| !self.pieces[*piece].is_hidden).collect();
            let cost: u64 = shown.iter().map(|piece| self.pieces[*piece].weight).sum();
            ((cost, self.counts[count].value, count), shown)
        });
        around.min_by_key(|(cost, _)| *cost).map(|(_, shown)| shown)
    }
}

/// One change and another, as it is or the other way round.
fn both(one: &BTreeMap<usize, i64>, other: &BTreeMap<usize, i64>, sign: i64) -> BTreeMap<usize, i64> {
    let mut both = one.clone();
    for (count, by) in other {
        *both.entry(*count).or_insert(0) += sign * by;
    }
    both
}

/// Which pieces of a ledger are hidden.
#[derive(Debug)]
pub struct Settled(Vec<bool>);

impl Settled {
    /// Whether this one is.
    pub fn hides(&self, piece: Piece) -> bool {
        self.0[piece.0]
    }
}

#[cfg(test)]
mod tests;
