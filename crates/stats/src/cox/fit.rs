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
