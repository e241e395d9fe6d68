//! Other whole numbers that fit what is shown: looked for with a linear programme, and checked without it.
//!
//! A count could be another where counts can change, itself among them, with every sum still right and none below what it is
//! known to be. Of such changes among the counts nearby the programme finds the one that costs least, by what must be hidden
//! for each by which a count changes (Kelly, Golden and Assad, Cell suppression, Networks 22, 1992). That is cheap, and not the
//! cheapest there is: counts further off might do with less.

use std::collections::BTreeMap;

use microlp::{ComparisonOp, Error, OptimizationDirection, Problem, Solution, Variable};

/// By how much counts change, of those that do.
pub(super) type Change = BTreeMap<usize, i64>;

/// A sum: counts and their factors, which come to nothing.
pub(super) type Sum = Vec<(usize, i64)>;

/// By how many a count is tried to change, up or down: where one of it asks for a fraction of another, some of it may not.
const AMOUNTS: [u32; 4] = [1, 2, 3, 6];

/// How many counts around it are looked at, one number after the other; in the end all.
const NEARBY: [usize; 5] = [150, 500, 1_500, 4_500, 13_500];

/// How many of a sum are looked at before all are, of those hidden and of those shown: where many add up, some will do.
const OF_A_SUM: usize = 4;

/// How much further off is what is shown.
const SHOWN_DISTANCE: usize = 4;

/// What changing a hidden count by one costs, so that few change. What is shown costs more.
const HIDDEN_COST: f64 = 1e-3;

/// Larger changes are not read from an answer.
const CHANGE_MAX: f64 = 1e9;

/// By how many each count is more, and by how many fewer.
type Variables = BTreeMap<usize, (Variable, Variable)>;

/// No change by so many leaves all sums right.
struct NoWay;

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
}

impl Changes {
    /// No count is twice in a sum.
    pub fn new(terms: Vec<Term>, sums: Vec<Sum>) -> Self {
        let mut within = vec![Vec::new(); terms.len()];
        for (at, sum) in sums.iter().enumerate() {
            for (count, _) in sum {
                within[*count].push(at);
            }
        }
        Self { terms, sums, within }
    }

    /// Says anew what changing a count costs.
    pub fn set(&mut self, count: usize, term: Term) {
        self.terms[count] = term;
    }

    /// A change of this count, the cheapest among the nearest counts that have one; none where none is found.
    pub fn of(&self, count: usize) -> Option<Change> {
        let sizes = NEARBY.iter().copied().take_while(|size| *size < self.terms.len()).chain([usize::MAX]);
        sizes.into_iter().find_map(|size| {
            let near = self.near(count, size);
            near.contains(&count).then(|| self.among(&near, count)).flatten()
        })
    }

    /// Every count that this one is tied to, itself among them.
    pub fn tied_to(&self, count: usize) -> Vec<usize> {
        let mut is_tied = vec![false; self.terms.len()];
        let (mut all, mut waiting) = (Vec::new(), vec![count]);
        while let Some(at) = waiting.pop() {
            if !std::mem::replace(&mut is_tied[at], true) {
                all.push(at);
                waiting.extend(self.beside(at));
            }
        }
        all
    }

    fn beside(&self, count: usize) -> impl Iterator<Item = usize> {
        self.within[count].iter().flat_map(|sum| &self.sums[*sum]).map(|(count, _)| *count)
    }

    /// The nearest counts, of which each can change while those that are not among them stay.
    fn near(&self, count: usize, most: usize) -> Vec<usize> {
        let mut near = vec![false; self.terms.len()];
        // How many of those that are near are in each sum.
        let mut in_sum = vec![0_usize; self.sums.len()];
        let mut reached = Vec::new();
        // By how far off they are.
        let mut waiting = vec![vec![count]];
        let (mut distance, mut left) = (0, most);
        while left > 0 && distance < waiting.len() {
            let Some(at) = waiting[distance].pop() else {
                distance += 1;
                continue;
            };
            if std::mem::replace(&mut near[at], true) {
                continue;
            }
            reached.push(at);
            // What is in one sum only comes with it.
            left -= usize::from(self.within[at].len() > 1);
            waiting.resize(waiting.len().max(distance + SHOWN_DISTANCE + 1), Vec::new());
            for sum in &self.within[at] {
                in_sum[*sum] += 1;
                // Nobody in it is nearer by way of another.
                if in_sum[*sum] == 1 {
                    let others =
                        self.sums[*sum].iter().map(|(count, _)| *count).filter(|count| !near[*count]);
                    let (shown, hidden): (Vec<_>, Vec<_>) = others.partition(|at| self.terms[*at].is_shown());
                    let some = if most == usize::MAX { usize::MAX } else { OF_A_SUM };
                    waiting[distance + 1].extend(hidden.into_iter().take(some));
                    waiting[distance + SHOWN_DISTANCE].extend(shown.into_iter().take(some));
                }
            }
        }
        // What is alone in a sum cannot change.
        let mut alone = reached.clone();
        while let Some(at) = alone.pop() {
            if near[at] && self.within[at].iter().any(|sum| in_sum[*sum] == 1) {
                near[at] = false;
                self.within[at].iter().for_each(|sum| in_sum[*sum] -= 1);
                alone.extend(self.beside(at).filter(|beside| near[*beside]));
            }
        }
        reached.retain(|at| near[*at]);
        reached
    }

    /// The cheapest change of this count in which no others than these change.
    fn among(&self, near: &[usize], count: usize) -> Option<Change> {
        let mut problem = Problem::new(OptimizationDirection::Minimize);
        let variables: Variables = near
            .iter()
            .map(|at| {
                let Term { cost, fewer_max } = self.terms[*at];
                let more = problem.add_var(cost + HIDDEN_COST, (0.0, f64::INFINITY));
                (*at, (more, problem.add_var(cost + HIDDEN_COST, (0.0, fewer_max as f64))))
            })
            .collect();
        let mut sums: Vec<usize> = near.iter().flat_map(|at| &self.within[*at]).copied().collect();
        sums.sort_unstable();
        sums.dedup();
        for sum in sums {
            let terms = self.sums[sum].iter().filter_map(|(at, factor)| {
                let (more, fewer) = variables.get(at)?;
                Some([(*more, *factor as f64), (*fewer, -*factor as f64)])
            });
            problem.add_constraint(terms.flatten().collect::<Vec<_>>(), ComparisonOp::Eq, 0.0);
        }
        let mut signs = vec![1.0, -1.0];
        for by in AMOUNTS {
            let mut found: Vec<(f64, Change)> = Vec::new();
            for sign in std::mem::take(&mut signs) {
                match self.changed(&problem, &variables, (count, sign * f64::from(by))) {
                    // Where there is no way to so many, there is none to more.
                    Err(NoWay) => continue,
                    // What hides nothing more is as good as any.
                    Ok(Some((_, change))) if self.hides_nothing(&change) => return Some(change),
                    Ok(change) => found.extend(change),
                }
                signs.push(sign);
            }
            let cheapest = found.into_iter().min_by(|(one, _), (other, _)| one.total_cmp(other));
            if let Some((_, change)) = cheapest {
                return Some(change);
            }
        }
        None
    }

    /// The cheapest change in which this count changes by so many, and its cost; none where it comes to no whole numbers.
    fn changed(
        &self,
        problem: &Problem,
        variables: &Variables,
        (count, by): (usize, f64),
    ) -> Result<Option<(f64, Change)>, NoWay> {
        let (more, fewer) = variables[&count];
        let mut problem = problem.clone();
        problem.add_constraint([(more, 1.0), (fewer, -1.0)], ComparisonOp::Eq, by);
        let solution = match problem.solve() {
            Err(Error::Infeasible) => return Err(NoWay),
            // A solver that gives up has found nothing.
            solved => solved.ok().and_then(|solved| solved.into_solution().ok()),
        };
        Ok(solution.and_then(|solution| {
            let change = whole(&solution, variables);
            (change.contains_key(&count) && self.fits(&change)).then(|| (solution.objective(), change))
        }))
    }

    fn hides_nothing(&self, change: &Change) -> bool {
        change.keys().all(|count| !self.terms[*count].is_shown())
    }

    /// Whether every sum still holds, and no count becomes fewer than it can.
    fn fits(&self, change: &Change) -> bool {
        let by = |count: &usize| change.get(count).copied().unwrap_or_default();
        let holds =
            |sum: &usize| self.sums[*sum].iter().map(|(count, factor)| factor * by(count)).sum::<i64>() == 0;
        change.iter().all(|(count, by)| {
            let is_there = *by > 0 || by.unsigned_abs() <= self.terms[*count].fewer_max;
            is_there && self.within[*count].iter().all(holds)
        })
    }
}

/// What an answer comes to in whole numbers.
#[expect(clippy::cast_possible_truncation, reason = "what is read is far smaller")]
fn whole(solution: &Solution, variables: &Variables) -> Change {
    let by = |(more, fewer): &(Variable, Variable)| (solution[*more] - solution[*fewer]).round();
    let changed = variables.iter().map(|(count, both)| (*count, by(both)));
    changed
        .filter(|(_, by)| *by != 0.0 && by.abs() < CHANGE_MAX)
        .map(|(count, by)| (count, by as i64))
        .collect()
}
