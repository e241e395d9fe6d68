//! Which counts follow from which: equations kept solved for what is hidden, by exact arithmetic modulo a prime.
//!
//! Every row says that its counts, each times its factor, add up to nothing. A row with a hidden count is solved for one
//! of its hidden counts, its pivot, and no other row has that one. So a hidden count follows from what is shown exactly
//! where it is the pivot of a row with no other hidden count.

use std::collections::{BTreeMap, BTreeSet};

/// 2^61 - 1. What is independent modulo it is independent; the converse fails only where a minor of the equations,
/// whose factors are small, is a multiple of it.
const PRIME: u64 = (1 << 61) - 1;

/// A count that changes by one can ask for fractions of others; by so many at most it is tried.
const MULTIPLE_MAX: u64 = 12;

/// A factor of this size or less is read as a whole number again.
const FACTOR_MAX: u64 = 1 << 20;

/// Equations, solved as far as counts are hidden.
#[derive(Debug, Default)]
pub(super) struct Elimination {
    rows: Vec<BTreeMap<usize, u64>>,
    /// For each count, the rows it is in.
    within: Vec<BTreeSet<usize>>,
    hidden: Vec<bool>,
    /// For each row, what it is solved for; for each count, the row that is solved for it.
    pivots: Vec<Option<usize>>,
    solved_in: Vec<Option<usize>>,
}

impl Elimination {
    /// These equations among so many counts, all shown.
    pub fn new(counts: usize, equations: impl IntoIterator<Item = Vec<(usize, i64)>>) -> Self {
        let mut all = Self {
            within: vec![BTreeSet::new(); counts],
            hidden: vec![false; counts],
            solved_in: vec![None; counts],
            ..Self::default()
        };
        for equation in equations {
            let mut row = BTreeMap::new();
            for (count, factor) in equation {
                add_to(&mut row, count, residue(factor));
            }
            for count in row.keys() {
                all.within[*count].insert(all.rows.len());
            }
            all.rows.push(row);
            all.pivots.push(None);
        }
        all
    }

    pub fn is_hidden(&self, count: usize) -> bool {
        self.hidden[count]
    }

    /// Hides a count that was shown.
    pub fn hide(&mut self, count: usize) {
        if std::mem::replace(&mut self.hidden[count], true) {
            return;
        }
        // The shortest row is added to the others: the fewest counts get into them.
        let unsolved = self.within[count].iter().copied().filter(|row| self.pivots[*row].is_none());
        let Some(row) = unsolved.min_by_key(|row| self.rows[*row].len()) else { return };
        let inverse = power(self.rows[row][&count], PRIME - 2);
        self.rows[row].values_mut().for_each(|factor| *factor = times(*factor, inverse));
        self.pivots[row] = Some(count);
        self.solved_in[count] = Some(row);
        let solved = self.rows[row].clone();
        let others: Vec<usize> = self.within[count].iter().copied().filter(|other| *other != row).collect();
        for other in others {
            let factor = PRIME - self.rows[other][&count];
            for (at, by) in &solved {
                let is_there = add_to(&mut self.rows[other], *at, times(*by, factor));
                if is_there {
                    self.within[*at].insert(other);
                } else {
                    self.within[*at].remove(&other);
                }
            }
        }
    }

    /// Whether a hidden count follows from those shown.
    pub fn follows(&self, count: usize) -> bool {
        self.solved_in[count]
            .is_some_and(|row| !self.rows[row].keys().any(|at| *at != count && self.hidden[*at]))
    }

    /// The hidden counts beside this one that are free to change, itself among them where it is free; and for each, what
    /// changes with it where no other free one does.
    pub fn changes(&self, count: usize) -> Vec<BTreeMap<usize, i64>> {
        let beside = self.within[count].iter().flat_map(|row| self.rows[*row].keys().copied());
        let is_free = |at: &usize| self.hidden[*at] && self.solved_in[*at].is_none();
        let free: BTreeSet<usize> = beside.chain([count]).filter(is_free).collect();
        free.into_iter().filter_map(|free| (1..=MULTIPLE_MAX).find_map(|by| self.change(free, by))).collect()
    }

    /// What changes with this free count where it is so many more; none where that is no small whole number everywhere.
    fn change(&self, free: usize, more: u64) -> Option<BTreeMap<usize, i64>> {
        let moved = self.within[free].iter().filter_map(|row| {
            let by = || small(times(self.rows[*row][&free], more));
            self.pivots[*row].map(|pivot| by().map(|by| (pivot, -by)))
        });
        std::iter::once(small(more).map(|more| (free, more))).chain(moved).collect()
    }

    /// What is shown and bears on this count: in rows with it, else in rows with what is hidden beside it, and so on
    /// outwards. Nothing where all it is tied to is hidden.
    pub fn shown_around(&self, count: usize) -> BTreeSet<usize> {
        let (mut reached, mut edge) = (BTreeSet::from([count]), vec![count]);
        while !edge.is_empty() {
            let rows: BTreeSet<usize> = edge.iter().flat_map(|at| &self.within[*at]).copied().collect();
            let beside: BTreeSet<usize> =
                rows.iter().flat_map(|row| self.rows[*row].keys()).copied().collect();
            let (hidden, shown): (BTreeSet<usize>, _) = beside.into_iter().partition(|at| self.hidden[*at]);
            if !shown.is_empty() {
                return shown;
            }
            edge = hidden.into_iter().filter(|at| reached.insert(*at)).collect();
        }
        BTreeSet::new()
    }
}

/// Whether the count is still in the row.
fn add_to(row: &mut BTreeMap<usize, u64>, count: usize, by: u64) -> bool {
    let factor = row.entry(count).or_insert(0);
    *factor = (*factor + by) % PRIME;
    let is_there = *factor != 0;
    if !is_there {
        row.remove(&count);
    }
    is_there
}

fn residue(factor: i64) -> u64 {
    let size = factor.unsigned_abs() % PRIME;
    if factor < 0 { (PRIME - size) % PRIME } else { size }
}

/// A residue as the small whole number it stands for; none where it stands for no such.
fn small(residue: u64) -> Option<i64> {
    let size = residue.min(PRIME - residue);
    let size = i64::try_from(size).ok().filter(|_| size <= FACTOR_MAX)?;
    Some(if residue <= FACTOR_MAX { size } else { -size })
}

fn times(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other) % u128::from(PRIME);
    u64::try_from(product).expect("what is left of a division by a prime of 61 bits")
}

fn power(base: u64, exponent: u64) -> u64 {
    let (mut result, mut base, mut exponent) = (1, base, exponent);
    while exponent > 0 {
        if exponent % 2 == 1 {
            result = times(result, base);
        }
        base = times(base, base);
        exponent /= 2;
    }
    result
}
