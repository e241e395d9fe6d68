use crate::{End, Spell};

/// Of the pairs of a client with the event and one still without it just after, the share in which the first has
/// the larger predictor; equal ones count a half.
///
/// A client censored at the time of the event counts as still without it. Pairs are made within strata.
pub(crate) fn concordance(spells: &[Spell], strata: &[u32], predictor: &[f64]) -> Option<f64> {
    let ranks = ranks(predictor);
    let mut by_exit: Vec<usize> = (0..spells.len()).collect();
    // Stratum by stratum, latest first; at one time those censored before those with the event.
    by_exit.sort_by(|a, b| {
        let (first, second) = (&spells[*a], &spells[*b]);
        strata[*a]
            .cmp(&strata[*b])
            .then(second.exit.total_cmp(&first.exit))
            .then(had(first).cmp(&had(second)))
    });
    let mut by_entry = by_exit.clone();
    by_entry
        .sort_by(|a, b| strata[*a].cmp(&strata[*b]).then(spells[*b].from().total_cmp(&spells[*a].from())));
    let (mut right, mut pairs) = (0.0, 0.0);
    let (mut start, mut still, mut leaving) = (0, Ranked::new(spells.len()), 0);
    while start < by_exit.len() {
        let first = by_exit[start];
        let alike = |row: &&usize| {
            strata[**row] == strata[first]
                && spells[**row].exit.total_cmp(&spells[first].exit).is_eq()
                && had(&spells[**row]) == had(&spells[first])
        };
        let tied = &by_exit[start..start + by_exit[start..].iter().take_while(alike).count()];
        if had(&spells[first]) {
            while let Some(row) = by_entry
                .get(leaving)
                .copied()
                .filter(|row| strata[*row] == strata[first] && spells[*row].from() >= spells[first].exit)
            {
                still.take(ranks[row], -1);
                leaving += 1;
            }
            for row in tied {
                let (lower, equal) = (still.below(ranks[*row]), still.below(ranks[*row] + 1));
                right += f64::midpoint(lower as f64, equal as f64);
                pairs += still.count as f64;
            }
        }
        for row in tied {
            still.take(ranks[*row], 1);
        }
        start += tied.len();
        if by_exit.get(start).is_none_or(|row| strata[*row] != strata[first]) {
            still = Ranked::new(spells.len());
            leaving = start;
        }
    }
    (pairs > 0.0).then(|| right / pairs)
}

fn had(spell: &Spell) -> bool {
    spell.end != End::Censored
}

/// The rank of each value among the distinct ones, from 0. Values that differ by rounding alone are one.
fn ranks(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0; values.len()];
    let mut rank = 0;
    for pair in order.windows(2) {
        let (before, after) = (values[pair[0]], values[pair[1]]);
        rank += usize::from(after - before > 1e-12 * (1.0 + after.abs()));
        ranks[pair[1]] = rank;
    }
    ranks
}

/// How many of each rank, with sums below a rank in logarithmic time (Fenwick 1994).
struct Ranked {
    sums: Vec<i64>,
    count: i64,
}

impl Ranked {
    fn new(size: usize) -> Self {
        Self { sums: vec![0; size + 1], count: 0 }
    }

    fn take(&mut self, rank: usize, change: i64) {
        self.count += change;
        let mut place = rank + 1;
        while place < self.sums.len() {
            self.sums[place] += change;
            place += place & place.wrapping_neg();
        }
    }

    fn below(&self, rank: usize) -> i64 {
        let mut place = rank.min(self.sums.len() - 1);
        let mut sum = 0;
        while place > 0 {
            sum += self.sums[place];
            place -= place & place.wrapping_neg();
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_counted_by_hand() {
        // Known pairs: 1 before 2, 3 and 4; 3 before 4. Right: (1, 2), half (1, 3), not (1, 4); right (3, 4).
        let spells = [Spell::event(1.0), Spell::censored(2.0), Spell::event(3.0), Spell::censored(3.0)];
        assert_eq!(concordance(&spells, &[0; 4], &[1.0, 0.0, 1.0, 2.0]), Some(1.5 / 4.0));
        assert_eq!(concordance(&spells[1..2], &[0], &[1.0]), None);
    }

    #[test]
    fn a_client_who_enters_later_makes_no_pair() {
        let spells = [Spell::event(1.0), Spell::event(3.0).entered(2.0), Spell::event(2.5)];
        assert_eq!(concordance(&spells, &[0; 3], &[1.0, 5.0, 0.0]), Some(0.5));
    }

    #[test]
    fn strata_do_not_meet() {
        let spells = [Spell::event(1.0), Spell::event(2.0), Spell::event(1.0), Spell::event(2.0)];
        assert_eq!(concordance(&spells, &[0, 0, 1, 1], &[1.0, 0.0, 0.0, 1.0]), Some(0.5));
    }
}
