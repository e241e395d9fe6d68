use crate::{
    ChiSquared, Error, Spell,
    input::at_least,
    linear::{Cholesky, Matrix, dot},
    risk_table::{Moment, RiskSet, moments},
};

/// How much each time counts in the comparison of curves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weighting {
    /// All times alike: the log-rank test (Mantel 1966, Peto and Peto 1972), best where hazards are proportional.
    LogRank,
    /// By the number at risk: Gehan's test (1965), which listens to early differences.
    Gehan,
}

/// What a comparison of curves found.
#[derive(Debug, Clone, PartialEq)]
pub struct LogRank {
    /// Events seen in each group.
    pub observed: Vec<f64>,
    /// Events expected in each group, were the hazards the same. Under [`Weighting::Gehan`] both are weighted.
    pub expected: Vec<f64>,
    /// The test. A group that was never at risk when an event happened takes no part and no degree of freedom.
    pub test: ChiSquared,
}

/// Do the groups have the event at the same rate? One slice of spells for each group.
///
/// Ties are met by the hypergeometric variance; delayed entry is taken care of.
///
/// # Errors
/// [`Error::TooFew`] for fewer than two groups at risk, [`Error::NoEvents`], and what is wrong with a spell.
pub fn log_rank(groups: &[&[Spell]], weighting: Weighting) -> Result<LogRank, Error> {
    stratified_log_rank(&[groups], weighting)
}

/// The same, compared within strata only (sites, say) and summed over them. Each stratum holds the same groups in
/// the same order; a group may be empty in some.
///
/// # Errors
/// Those of [`log_rank`]; [`Error::Lengths`] where strata differ in their number of groups.
pub fn stratified_log_rank(strata: &[&[&[Spell]]], weighting: Weighting) -> Result<LogRank, Error> {
    let size = strata.first().map_or(0, |groups| groups.len());
    at_least("groups", 2, size)?;
    let mut sums =
        Sums { observed: vec![0.0; size], expected: vec![0.0; size], variance: Matrix::zero(size, size) };
    let mut spells = 0;
    for groups in strata {
        crate::input::as_many("groups in a stratum", size, groups.len())?;
        spells += groups.iter().map(|group| group.len()).sum::<usize>();
        sums.add(groups, weighting)?;
    }
    if sums.observed.iter().all(|events| *events <= 0.0) {
        return Err(Error::NoEvents { spells });
    }
    let test = sums.test()?;
    Ok(LogRank { observed: sums.observed, expected: sums.expected, test })
}

struct Sums {
    observed: Vec<f64>,
    expected: Vec<f64>,
    variance: Matrix,
}

impl Sums {
    fn add(&mut self, groups: &[&[Spell]], weighting: Weighting) -> Result<(), Error> {
        let pooled = moments(&groups.concat())?;
        let at_risk: Vec<RiskSet> = groups.iter().map(|group| RiskSet::of(group)).collect();
        for (observed, group) in self.observed.iter_mut().zip(groups) {
            let mut all = pooled.iter();
            for own in moments(group)? {
                // Every moment of a group is one of the pooled ones, and both run forward.
                let at_risk = all.find(|moment| moment.time >= own.time).map_or(0, |moment| moment.at_risk);
                *observed += weight(weighting, at_risk) * own.events as f64;
            }
        }
        for Moment { time, at_risk: total, events, .. } in pooled {
            let (n, d, w) = (total as f64, events as f64, weight(weighting, total));
            let shares: Vec<f64> = at_risk.iter().map(|group| group.at(time) as f64 / n).collect();
            self.expected.iter_mut().zip(&shares).for_each(|(expected, share)| *expected += w * d * share);
            if total > 1 {
                let spread = w * w * d * (n - d) / (n - 1.0);
                self.variance.add_outer(-spread, &shares, &shares);
                shares.iter().enumerate().for_each(|(g, share)| self.variance[(g, g)] += spread * share);
            }
        }
        Ok(())
    }

    fn test(&self) -> Result<ChiSquared, Error> {
        let present: Vec<usize> = (0..self.expected.len()).filter(|g| self.expected[*g] > 0.0).collect();
        at_least("groups at risk when an event happened", 2, present.len())?;
        // The differences sum to 0: the last group present says nothing more.
        let kept = &present[..present.len() - 1];
        let differences: Vec<f64> = kept.iter().map(|g| self.observed[*g] - self.expected[*g]).collect();
        let rows: Vec<Vec<f64>> =
            kept.iter().map(|g| kept.iter().map(|h| self.variance[(*g, *h)]).collect()).collect();
        let solved = match Cholesky::of(&Matrix::from_rows(&rows)?) {
            Ok(cholesky) => cholesky.solve(&differences),
            Err(_) => return Err(Error::NoVariation { what: "who is at risk when events happen" }),
        };
        ChiSquared::new(dot(&differences, &solved), kept.len())
    }
}

fn weight(weighting: Weighting, at_risk: u64) -> f64 {
    match weighting {
        Weighting::LogRank => 1.0,
        Weighting::Gehan => at_risk as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_groups_by_hand() {
        // At 1: of 4 at risk (2 and 2) one of the first; at 2: of 3 (1 and 2) one of the second;
        // at 3: of 2 (1 and 1) one of the first.
        let first = [Spell::event(1.0), Spell::event(3.0)];
        let second = [Spell::event(2.0), Spell::censored(4.0)];
        let found = log_rank(&[&first, &second], Weighting::LogRank).unwrap();
        assert_eq!(found.observed, [2.0, 1.0]);
        assert!((found.expected[0] - (0.5 + 1.0 / 3.0 + 0.5)).abs() < 1e-15);
        let variance = 0.25 + 2.0 / 9.0 + 0.25;
        let difference: f64 = 2.0 - 4.0 / 3.0;
        assert!((found.test.statistic - difference.powi(2) / variance).abs() < 1e-14);
        assert_eq!(found.test.degrees_of_freedom, 1);
    }

    #[test]
    fn a_group_never_at_risk_takes_no_part() {
        let (first, second) =
            ([Spell::event(1.0), Spell::event(3.0)], [Spell::event(2.0), Spell::censored(4.0)]);
        let two = log_rank(&[&first, &second], Weighting::LogRank).unwrap();
        let three = log_rank(&[&first, &[], &second], Weighting::LogRank).unwrap();
        assert_eq!(two.test, three.test);
        assert!(matches!(log_rank(&[&first, &[]], Weighting::LogRank), Err(Error::TooFew { .. })));
        let nothing = [Spell::censored(1.0)];
        assert_eq!(log_rank(&[&nothing, &nothing], Weighting::LogRank), Err(Error::NoEvents { spells: 2 }));
        let together = [Spell::event(1.0)];
        assert!(matches!(
            log_rank(&[&together, &together], Weighting::LogRank),
            Err(Error::NoVariation { .. })
        ));
    }
}
