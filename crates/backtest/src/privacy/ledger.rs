//! Counts that are tied by sums, in pieces that are shown whole or not at all; and which pieces must not be shown.
//!
//! Whoever reads what is shown is taken to know every sum and which of the counts that are written are nobody. A count of few
//! is safe where whole numbers, others than the true ones, fit all of that and give it another value. For each such numbers
//! are looked for, and what they change is hidden.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    MIN_CELL,
    changes::{Changes, Sum, Term},
};

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
    sums: Vec<Sum>,
}

#[derive(Debug)]
struct Entry {
    value: u64,
    /// Where it is written; nowhere for what could only be worked out.
    pieces: Vec<usize>,
    is_secret: bool,
}

#[derive(Debug)]
struct Lot {
    /// What is part of it, and goes with it.
    parts: Vec<usize>,
    /// What it costs not to show it.
    weight: u32,
    is_hidden: bool,
    counts: Vec<usize>,
}

impl Ledger {
    /// A piece, part of another where one is named. Of several that would do, the lightest is hidden.
    pub fn piece(&mut self, within: Option<Piece>, weight: u32) -> Piece {
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
        self.counts.push(Entry { value, pieces: Vec::new(), is_secret });
        Count(self.counts.len() - 1)
    }

    /// Says that a count is written in this piece. Where it is hidden it is known not to be nobody, for nobody is shown.
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
        if total(parts) != total(whole) {
            return;
        }
        let terms = parts.iter().map(|part| (part.0, 1)).chain(whole.iter().map(|whole| (whole.0, -1)));
        let mut sum: BTreeMap<usize, i64> = BTreeMap::new();
        // Zeros are known, and say nothing.
        for (count, factor) in terms.filter(|(count, _)| self.counts[*count].value > 0) {
            *sum.entry(count).or_default() += factor;
        }
        sum.retain(|_, factor| *factor != 0);
        if !sum.is_empty() {
            self.sums.push(sum.into_iter().collect());
        }
    }

    /// Hides pieces until no secret can be worked out.
    pub fn settle(mut self) -> Settled {
        self.sums.sort_unstable();
        self.sums.dedup();
        let is_secret = |one: &usize| self.counts[*one].is_secret && self.counts[*one].value > 0;
        let secrets: Vec<usize> = (0..self.counts.len()).filter(is_secret).collect();
        let at_once = (0..self.pieces.len()).filter(|piece| self.pieces[*piece].is_hidden).collect();
        self.take_out(at_once);
        self.take_out(self.shown(&secrets));
        let terms = self.counts.iter().map(|count| self.term(count)).collect();
        let mut changes = Changes::new(terms, std::mem::take(&mut self.sums));
        // What is found for one serves all that change in it, and fits as well when more is hidden.
        let (mut is_safe, mut not_found) = (vec![false; self.counts.len()], 0);
        for secret in secrets {
            if is_safe[secret] {
                continue;
            }
            let found = changes.of(secret).map(|change| change.into_keys().collect());
            // Twice of everything fits in any case.
            let changed: Vec<usize> = found.unwrap_or_else(|| {
                not_found += 1;
                changes.tied_to(secret)
            });
            for count in &changed {
                is_safe[*count] = true;
            }
            for count in self.take_out(self.shown(&changed)) {
                changes.set(count, self.term(&self.counts[count]));
            }
        }
        Settled { is_hidden: self.pieces.into_iter().map(|piece| piece.is_hidden).collect(), not_found }
    }

    /// The pieces in which these counts are shown.
    fn shown<'a>(&self, counts: impl IntoIterator<Item = &'a usize>) -> Vec<usize> {
        let pieces = counts.into_iter().flat_map(|count| &self.counts[*count].pieces).copied();
        let shown: BTreeSet<usize> = pieces.filter(|piece| !self.pieces[*piece].is_hidden).collect();
        shown.into_iter().collect()
    }

    /// Hides pieces, and what is part of them; gives the counts in them.
    fn take_out(&mut self, mut waiting: Vec<usize>) -> BTreeSet<usize> {
        let mut counts = BTreeSet::new();
        while let Some(piece) = waiting.pop() {
            let piece = &mut self.pieces[piece];
            piece.is_hidden = true;
            waiting.extend(&piece.parts);
            counts.extend(&piece.counts);
        }
        counts
    }

    /// What it costs to change a count: what must be hidden for it.
    fn term(&self, count: &Entry) -> Term {
        let shown = count.pieces.iter().filter(|piece| !self.pieces[**piece].is_hidden);
        let cost = shown.map(|piece| f64::from(self.pieces[*piece].weight)).sum();
        Term { cost, fewer_max: count.value.saturating_sub(u64::from(!count.pieces.is_empty())) }
    }
}

/// Which pieces of a ledger are hidden.
#[derive(Debug)]
pub struct Settled {
    is_hidden: Vec<bool>,
    not_found: usize,
}

impl Settled {
    /// Whether this one is.
    pub fn hides(&self, piece: Piece) -> bool {
        self.is_hidden[piece.0]
    }

    /// For how many secrets no other numbers were found, so that everything they are tied to is hidden.
    pub fn not_found(&self) -> usize {
        self.not_found
    }
}

#[cfg(test)]
mod tests;
