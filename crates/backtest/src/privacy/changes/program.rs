//! The linear programme: what of some unknowns must change when one does, at the lowest cost.

use std::collections::{BTreeSet, HashMap};

use microlp::{ComparisonOp, Error, OptimizationDirection, Problem, Solution, Variable};

use super::{
    Change, Sum, Term,
    reduced::{Reduced, Rest},
};

/// What changing a hidden unknown by one costs, so that few change. What is shown costs more.
const HIDDEN_COST: f64 = 1e-3;

/// Larger changes are not read from an answer.
const CHANGE_MAX: f64 = 1e9;

/// Rests that can become so many fewer are not looked at: small changes leave enough of them, and all are checked after.
const REST_ENOUGH: u64 = 12;

/// Where only these unknowns change, and rests with them.
pub(super) struct Program<'a> {
    near: &'a [usize],
    problem: Problem,
    /// By how many each unknown is more, and by how many fewer where it can be.
    variables: HashMap<usize, (Variable, Option<Variable>)>,
}

/// No change by so many leaves all sums right.
pub(super) struct NoWay;

impl<'a> Program<'a> {
    pub fn new(reduced: &Reduced, near: &'a [usize]) -> Self {
        let mut problem = Problem::new(OptimizationDirection::Minimize);
        let variables = near.iter().map(|unknown| {
            let Term { cost, fewer_max } = reduced.terms[*unknown];
            let mut add = |most| problem.add_var(cost + HIDDEN_COST, (0.0, most));
            (*unknown, (add(f64::INFINITY), (fewer_max > 0).then(|| add(fewer_max as f64))))
        });
        let variables = variables.collect();
        let mut program = Self { near, problem, variables };
        for sum in program.all(&reduced.within) {
            program.problem.add_constraint(program.expression(&reduced.sums[sum]), ComparisonOp::Eq, 0.0);
        }
        for rest in program.all(&reduced.bears_on) {
            let Rest { unknown, of } = &reduced.rests[rest];
            let fewer_max = reduced.terms[*unknown].fewer_max;
            if fewer_max < REST_ENOUGH {
                let expression = program.expression(of);
                program.problem.add_constraint(expression, ComparisonOp::Ge, -(fewer_max as f64));
            }
        }
        program
    }

    /// The cheapest change in which these add up to so many, and its cost; none where the search gives up.
    pub fn cheapest(&self, target: &Sum, by: f64) -> Result<Option<(f64, Change)>, NoWay> {
        let mut problem = self.problem.clone();
        problem.add_constraint(self.expression(target), ComparisonOp::Eq, by);
        let solution = match problem.solve() {
            Err(Error::Infeasible) => return Err(NoWay),
            // A solver that gives up has found nothing.
            solved => solved.ok().and_then(|solved| solved.into_solution().ok()),
        };
        Ok(solution.map(|solution| (solution.objective(), self.whole(&solution))))
    }

    /// What these unknowns are in, once each.
    fn all(&self, in_which: &[Vec<usize>]) -> BTreeSet<usize> {
        self.near.iter().flat_map(|unknown| &in_which[*unknown]).copied().collect()
    }

    fn expression(&self, sum: &Sum) -> Vec<(Variable, f64)> {
        let terms = sum.iter().filter_map(|(unknown, factor)| {
            let (more, fewer) = self.variables.get(unknown)?;
            let fewer = fewer.map(|fewer| (fewer, -*factor as f64));
            Some([(*more, *factor as f64)].into_iter().chain(fewer))
        });
        terms.flatten().collect()
    }

    /// What an answer comes to in whole numbers.
    #[expect(clippy::cast_possible_truncation, reason = "what is read is far smaller")]
    fn whole(&self, solution: &Solution) -> Change {
        let by = |unknown: &usize| {
            let (more, fewer) = self.variables[unknown];
            (solution[more] - fewer.map_or(0.0, |fewer| solution[fewer])).round()
        };
        let changed = self.near.iter().map(|unknown| (*unknown, by(unknown)));
        changed
            .filter(|(_, by)| *by != 0.0 && by.abs() < CHANGE_MAX)
            .map(|(unknown, by)| (unknown, by as i64))
            .collect()
    }
}
