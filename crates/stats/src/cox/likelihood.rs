use std::collections::BTreeMap;

use crate::{End, Matrix, Spell, newton::Point};

use super::{Ties, risk_sums::RiskSums};

/// The log partial likelihood of rows in strata, with its slope and curvature.
pub(crate) struct PartialLikelihood<'a> {
    spells: &'a [Spell],
    covariates: &'a Matrix,
    ties: Ties,
    strata: Vec<Stratum>,
}

/// The rows of one stratum, latest first.
struct Stratum {
    by_exit: Vec<usize>,
    /// Only rows that enter after time zero.
    by_entry: Vec<usize>,
    /// The rows that had the event, by time.
    events: Vec<(f64, Vec<usize>)>,
}

impl<'a> PartialLikelihood<'a> {
    pub(crate) fn new(spells: &'a [Spell], covariates: &'a Matrix, strata: &[u32], ties: Ties) -> Self {
        let mut rows: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (row, stratum) in strata.iter().enumerate() {
            rows.entry(*stratum).or_default().push(row);
        }
        let strata = rows.into_values().map(|rows| Stratum::new(spells, rows)).collect();
        Self { spells, covariates, ties, strata }
    }

    /// The likelihood at these coefficients; not a number where it leaves the range of numbers.
    pub(crate) fn at(&self, coefficients: &[f64]) -> Point {
        let size = coefficients.len();
        let mut point =
            Point { log_likelihood: 0.0, score: vec![0.0; size], information: Matrix::zero(size, size) };
        let predictor = self.covariates.times(coefficients);
        for stratum in &self.strata {
            self.add(stratum, &predictor, &mut point);
        }
        for row in 0..size {
            for column in row + 1..size {
                point.information[(row, column)] = point.information[(column, row)];
            }
        }
        point
    }

    /// Walks backwards in time: rows come under risk at their exit and leave it at their entry.
    fn add(&self, stratum: &Stratum, predictor: &[f64], point: &mut Point) {
        // The largest predictor becomes weight 1: nothing overflows, and the shift cancels.
        let largest = stratum.by_exit.iter().map(|row| predictor[*row]).fold(f64::NEG_INFINITY, f64::max);
        let weight = |row: usize| (predictor[row] - largest).exp();
        let mut at_risk = RiskSums::new(point.score.len());
        let mut tied = RiskSums::new(point.score.len());
        let (mut come, mut entries) = (0, stratum.by_entry.iter().peekable());
        for (time, rows) in stratum.events.iter().rev() {
            while let Some(row) = stratum.by_exit.get(come).filter(|row| self.spells[**row].exit >= *time) {
                at_risk.enter(weight(*row), self.covariates.row(*row));
                come += 1;
            }
            while let Some(row) = entries.next_if(|row| self.spells[**row].from() >= *time) {
                at_risk.leave(weight(*row), self.covariates.row(*row));
            }
            if at_risk.worn() {
                at_risk.clear();
                for row in stratum.by_exit[..come].iter().filter(|row| self.spells[**row].from() < *time) {
                    at_risk.enter(weight(*row), self.covariates.row(*row));
                }
            }
            tied.clear();
            for row in rows {
                tied.enter(weight(*row), self.covariates.row(*row));
                point.log_likelihood += predictor[*row] - largest;
                for (slope, value) in point.score.iter_mut().zip(self.covariates.row(*row)) {
                    *slope += value;
                }
            }
            for event in 0..rows.len() {
                let share = match self.ties {
                    Ties::Breslow => 0.0,
                    Ties::Efron => event as f64 / rows.len() as f64,
                };
                take_event(point, &at_risk, &tied, share);
            }
        }
    }
}

/// One event out of those at risk, less the share of the tied that have gone before it.
fn take_event(point: &mut Point, at_risk: &RiskSums, tied: &RiskSums, share: f64) {
    let total = at_risk.weight() - share * tied.weight();
    point.log_likelihood -= if total > 0.0 { total.ln() } else { f64::NAN };
    let means: Vec<f64> = (0..point.score.len())
        .map(|column| (at_risk.first(column) - share * tied.first(column)) / total)
        .collect();
    for (column, mean) in means.iter().enumerate() {
        point.score[column] -= mean;
        for (other, other_mean) in means[..=column].iter().enumerate() {
            let square = (at_risk.second(column, other) - share * tied.second(column, other)) / total;
            point.information[(column, other)] += square - mean * other_mean;
        }
    }
}

impl Stratum {
    fn new(spells: &[Spell], rows: Vec<usize>) -> Self {
        let mut by_exit = rows;
        by_exit.sort_by(|a, b| spells[*b].exit.total_cmp(&spells[*a].exit));
        let mut by_entry: Vec<usize> =
            by_exit.iter().copied().filter(|row| spells[*row].entry.is_some()).collect();
        by_entry.sort_by(|a, b| spells[*b].from().total_cmp(&spells[*a].from()));
        let mut events: Vec<(f64, Vec<usize>)> = Vec::new();
        for row in by_exit.iter().rev().copied() {
            let Spell { exit, end, .. } = spells[row];
            if end == End::Censored {
                continue;
            }
            match events.last_mut().filter(|(time, _)| *time >= exit) {
                Some((_, tied)) => tied.push(row),
                None => events.push((exit, vec![row])),
            }
        }
        Self { by_exit, by_entry, events }
    }
}
