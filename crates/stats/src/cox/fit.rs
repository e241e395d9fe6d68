use crate::{
    ChiSquared, End, Error, Estimate, Interval, Level, Matrix, Spell,
    covariates::standardised,
    input::{as_many, at_least},
    linear::{Cholesky, dot},
    newton::maximise,
    spell,
};

use super::{concordance::concordance, likelihood::PartialLikelihood};

/// How events at the same time are met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ties {
    /// Efron (1977): close to the exact answer; the default of R's `survival`.
    Efron,
    /// Breslow (1974): simpler, and drawn towards 0 where ties are many.
    Breslow,
}

/// A fitted proportional hazards model (Cox 1972).
#[derive(Debug, Clone, PartialEq)]
pub struct Cox {
    /// The coefficient of each covariate: the log of the hazard ratio for one unit more; normal.
    pub coefficients: Vec<Estimate>,
    /// Their covariances, the inverse of the observed information.
    pub covariance: Matrix,
    /// The log partial likelihood with all coefficients 0.
    pub log_likelihood_null: f64,
    /// The log partial likelihood at the estimate.
    pub log_likelihood: f64,
    /// Do the covariates matter at all? By the likelihoods' ratio.
    pub likelihood_ratio: ChiSquared,
    /// The same by the estimate and its covariance.
    pub wald: ChiSquared,
    /// The same by the slope at 0; with one covariate of two values and no ties, the log-rank test.
    pub score: ChiSquared,
    /// Of the pairs in which it is known who had the event first, the share that the model puts in that order; ties
    /// of the model count a half (Harrell 1982). `None` without such a pair.
    pub concordance: Option<f64>,
    /// How many events there were.
    pub events: usize,
    /// How many Newton steps were taken.
    pub iterations: usize,
}

impl Cox {
    /// Fits the model: one row of covariates for each spell. A covariate that changes in time is told by several
    /// spells of one client that join end to entry, each with the value it had then; all but the last censored.
    ///
    /// # Errors
    /// [`Error::NoEvents`], [`Error::Constant`], [`Error::Singular`], [`Error::Separation`],
    /// [`Error::NotConverged`], [`Error::Lengths`], and what is wrong with a spell.
    pub fn fit(spells: &[Spell], covariates: &Matrix, ties: Ties) -> Result<Self, Error> {
        Self::fit_stratified(spells, covariates, &vec![0; spells.len()], ties)
    }

    /// The same, with a baseline hazard of its own for each stratum (sites, say).
    ///
    /// # Errors
    /// Those of [`Cox::fit`].
    pub fn fit_stratified(
        spells: &[Spell],
        covariates: &Matrix,
        strata: &[u32],
        ties: Ties,
    ) -> Result<Self, Error> {
        spell::check(spells)?;
        at_least("spells", 2, spells.len())?;
        at_least("covariates", 1, covariates.columns())?;
        as_many("rows of covariates", spells.len(), covariates.rows())?;
        as_many("strata", spells.len(), strata.len())?;
        let events = spells.iter().filter(|spell| matches!(spell.end, End::Event(_))).count();
        if events == 0 {
            return Err(Error::NoEvents { spells: spells.len() });
        }
        let standard = standardised(covariates)?;
        let likelihood = PartialLikelihood::new(spells, &standard.values, strata, ties);
        let start = vec![0.0; covariates.columns()];
        let null = likelihood.at(&start);
        let score = dot(&Cholesky::of(&null.information)?.solve(&null.score), &null.score);
        let best = maximise(start, |place| likelihood.at(place))?;

        let df = covariates.columns();
        let wald = dot(&Cholesky::of(&best.covariance)?.solve(&best.at), &best.at);
        let gain = 2.0 * (best.log_likelihood - null.log_likelihood);
        let mut covariance = best.covariance;
        for row in 0..df {
            for column in 0..df {
                covariance[(row, column)] /= standard.scales[row] * standard.scales[column];
            }
        }
        let coefficients = (0..df)
            .map(|j| Estimate::normal("a coefficient", best.at[j] / standard.scales[j], covariance[(j, j)]))
            .collect::<Result<Vec<_>, _>>()?;
        let predictor = standard.values.times(&best.at);
        Ok(Self {
            coefficients,
            covariance,
            log_likelihood_null: null.log_likelihood,
            log_likelihood: best.log_likelihood,
            likelihood_ratio: ChiSquared::new(gain, df)?,
            wald: ChiSquared::new(wald, df)?,
            score: ChiSquared::new(score, df)?,
            concordance: concordance(spells, strata, &predictor),
            events,
            iterations: best.iterations,
        })
    }

    /// The hazard for one unit more of a covariate, beside the hazard without; with its interval. `None` for a
    /// covariate that is not there.
    pub fn hazard_ratio(&self, covariate: usize, level: Level) -> Option<(f64, Interval)> {
        let coefficient = self.coefficients.get(covariate)?;
        let Interval { low, high } = coefficient.interval(level);
        Some((coefficient.value.exp(), Interval { low: low.exp(), high: high.exp() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(spells: &[Spell], rows: &[[f64; 2]]) -> Result<Cox, Error> {
        Cox::fit(spells, &Matrix::from_rows(rows).unwrap(), Ties::Efron)
    }

    /// Six clients, an event on each day.
    fn six() -> Vec<Spell> {
        (1..=6).map(|day| Spell::event(f64::from(day))).collect()
    }

    #[test]
    fn one_binary_covariate_by_hand() {
        // Risk sets (with, without): (1, 2), (1, 1), (0, 1); the client with it has the event second. The slope
        // 1 - r / (r + 2) - r / (r + 1) is 0 where r² = 2.
        let spells = [Spell::event(1.0), Spell::event(2.0), Spell::event(3.0)];
        let covariate = Matrix::from_rows(&[[0.0], [1.0], [0.0]]).unwrap();
        let found = Cox::fit(&spells, &covariate, Ties::Efron).unwrap();
        assert!((found.coefficients[0].value - 2.0_f64.sqrt().ln()).abs() < 1e-12);
        assert!((found.log_likelihood_null + 6.0_f64.ln()).abs() < 1e-14);
        let (ratio, interval) = found.hazard_ratio(0, Level::P95).unwrap();
        assert!((ratio - 2.0_f64.sqrt()).abs() < 1e-11 && interval.low < 1.0 && interval.high > 2.0);
        assert_eq!(found.hazard_ratio(1, Level::P95), None);
    }

    #[test]
    fn what_has_no_finite_estimate_is_an_error() {
        // Whoever has the larger second value has the event first.
        let apart = [[0.1, 6.0], [0.3, 5.0], [0.2, 4.0], [0.9, 3.0], [0.4, 2.0], [0.0, 1.0]];
        assert_eq!(fit(&six(), &apart), Err(Error::Separation { covariate: 1 }));
        // Nobody with a 1 had the event.
        let mut censored = six();
        (censored[1], censored[4]) = (Spell::censored(2.0), Spell::censored(5.0));
        let none = [[0.1, 0.0], [0.3, 1.0], [0.2, 0.0], [0.9, 0.0], [0.4, 1.0], [0.0, 0.0]];
        assert_eq!(fit(&censored, &none), Err(Error::Separation { covariate: 1 }));
    }

    #[test]
    fn what_adds_nothing_is_named() {
        let twice = [[1.0, 2.0], [3.0, 6.0], [2.0, 4.0], [9.0, 18.0], [4.0, 8.0], [0.0, 0.0]];
        assert_eq!(fit(&six(), &twice), Err(Error::Singular { covariate: 1 }));
        let constant = [[7.0, 2.0], [7.0, 6.0], [7.0, 3.0], [7.0, 1.0], [7.0, 8.0], [7.0, 0.0]];
        assert_eq!(fit(&six(), &constant), Err(Error::Constant { covariate: 0 }));
        let nobody: Vec<Spell> = six().iter().map(|spell| Spell::censored(spell.exit)).collect();
        assert_eq!(fit(&nobody, &twice), Err(Error::NoEvents { spells: 6 }));
    }

    #[test]
    fn an_extreme_value_costs_no_digits_of_the_others() {
        let mut rows = [[0.1, 2.0], [0.3, 1.0], [0.2, 4.0], [0.9, 3.0], [0.4, 6.0], [0.5, 5.0]];
        let plain = fit(&six(), &rows).unwrap();
        for row in &mut rows {
            row[0] = 1e9 + row[0] * 1e3;
        }
        let moved = fit(&six(), &rows).unwrap();
        assert!((1e3 * moved.coefficients[0].value / plain.coefficients[0].value - 1.0).abs() < 1e-9);
        assert!((moved.coefficients[1].value / plain.coefficients[1].value - 1.0).abs() < 1e-9);
    }

    #[test]
    fn weights_that_fall_by_many_powers_of_ten_stay_exact() {
        // A flat maximum near 62: at the first event those at risk weigh 1e-25 of those who came later.
        let rows = [
            (4.0, 5.0, false, 0.0),
            (0.0, 4.0, false, -0.988_702_555),
            (4.0, 9.0, true, -0.010_843_798),
            (4.0, 10.0, true, -0.007_840_286),
            (4.0, 11.0, true, -0.768_131_212),
            (0.0, 2.0, true, -0.931_642_764),
        ];
        let spells = rows.map(|(entry, exit, event, _)| {
            if event { Spell::event(exit).entered(entry) } else { Spell::censored(exit).entered(entry) }
        });
        let in_units = |unit: f64| {
            let covariate = Matrix::from_rows(&rows.map(|row| [row.3 * unit])).unwrap();
            Cox::fit(&spells, &covariate, Ties::Efron).unwrap().coefficients[0].value * unit
        };
        assert!((in_units(1.0) - 61.69).abs() < 0.01);
        assert!((in_units(1000.0) / in_units(1.0) - 1.0).abs() < 1e-12);
    }
}
