//! Which unknowns are looked at: those nearest to where a change begins.

use super::reduced::Reduced;

/// How many of a sum are looked at before all are, of those hidden and of those shown: where many add up, some will do.
const OF_A_SUM: usize = 4;

/// How much further off is what is shown.
const SHOWN_DISTANCE: usize = 4;

/// What is noted on the way, and wiped out after.
#[derive(Debug)]
pub(super) struct Marks {
    is_near: Vec<bool>,
    /// How many of those that are near are in each sum.
    in_sum: Vec<usize>,
}

impl Marks {
    pub fn new(reduced: &Reduced) -> Self {
        Self { is_near: vec![false; reduced.terms.len()], in_sum: vec![0; reduced.sums.len()] }
    }

    /// The nearest unknowns, of which each can change while those that are not among them stay.
    pub fn near(&mut self, reduced: &Reduced, start: &[usize], most: usize) -> Vec<usize> {
        let reached = self.reach(reduced, start, most);
        self.leave_out_alone(reduced, &reached);
        let near = reached.iter().copied().filter(|unknown| self.is_near[*unknown]).collect();
        for unknown in reached {
            self.is_near[unknown] = false;
            for sum in &reduced.within[unknown] {
                self.in_sum[*sum] = 0;
            }
        }
        near
    }

    fn reach(&mut self, reduced: &Reduced, start: &[usize], most: usize) -> Vec<usize> {
        let mut reached = Vec::new();
        // By how far off they are.
        let mut waiting = vec![start.to_vec()];
        let mut distance = 0;
        while reached.len() < most && distance < waiting.len() {
            let Some(unknown) = waiting[distance].pop() else {
                distance += 1;
                continue;
            };
            if std::mem::replace(&mut self.is_near[unknown], true) {
                continue;
            }
            reached.push(unknown);
            waiting.resize(waiting.len().max(distance + SHOWN_DISTANCE + 1), Vec::new());
            for sum in &reduced.within[unknown] {
                self.in_sum[*sum] += 1;
                // Nobody in it is nearer by way of another.
                if self.in_sum[*sum] > 1 {
                    continue;
                }
                let others = || {
                    reduced.sums[*sum].iter().map(|(other, _)| *other).filter(|other| !self.is_near[*other])
                };
                let is_shown = |other: &usize| reduced.terms[*other].is_shown();
                let some = if most == usize::MAX { usize::MAX } else { OF_A_SUM };
                waiting[distance + 1].extend(others().filter(|other| !is_shown(other)).take(some));
                waiting[distance + SHOWN_DISTANCE].extend(others().filter(is_shown).take(some));
            }
        }
        reached
    }

    /// What is alone in a sum cannot change.
    fn leave_out_alone(&mut self, reduced: &Reduced, reached: &[usize]) {
        let mut alone = reached.to_vec();
        while let Some(unknown) = alone.pop() {
            let within = &reduced.within[unknown];
            if self.is_near[unknown] && within.iter().any(|sum| self.in_sum[*sum] == 1) {
                self.is_near[unknown] = false;
                for sum in within {
                    self.in_sum[*sum] -= 1;
                }
                let beside = within.iter().flat_map(|sum| &reduced.sums[*sum]).map(|(other, _)| *other);
                alone.extend(beside.filter(|other| self.is_near[*other]));
            }
        }
    }
}
