//! The guard of comparable groups: they overlap, balance, and are large enough, or there is no figure.

use throughline_stats::{
    ChiSquared, Error as Stats, Estimand as Whom, Logistic, Matrix, effective_sample_size, logistic,
    standardised_difference, weighted_standardised_difference,
};

use crate::{
    Error, Guard, MIN_CELL, Refusal,
    spec::{Assigned, Causal, Estimand, Method},
};

use super::{
    groups::Groups,
    report::{Balance, Overlap, Passed, Weights},
};

/// Propensities within which groups can be compared (Crump and others 2009).
pub const OVERLAP: (f64, f64) = (0.1, 0.9);
/// The most clients outside it, as a share.
pub const OUTSIDE_MAX: f64 = 0.1;
/// The least effective sample size of a group.
pub const EFFECTIVE_MIN: f64 = 30.0;
/// The largest share that one client may have of a group's weight.
pub const LARGEST_SHARE_MAX: f64 = 0.1;
/// The most clients of whom a covariate is not known, as a share.
pub const WITHOUT_COVARIATES_MAX: f64 = 0.2;
/// The least number of events, and of clients without one.
pub const EVENTS_MIN: usize = 10;
/// The least number of events in each group.
pub const EVENTS_PER_ARM_MIN: usize = 5;
/// The least number of events for each coefficient of a model (Vittinghoff and McCulloch 2007).
pub const EVENTS_PER_COEFFICIENT_MIN: usize = 5;
/// The largest standardised difference that a regression can be trusted with (Rubin 2001, Stuart 2010).
pub const DIFFERENCE_MAX: f64 = 0.25;
/// The largest standardised difference after weighting (Austin 2009).
pub const DIFFERENCE_WEIGHTED_MAX: f64 = 0.1;
/// A lot that would make groups differ so seldom was none.
pub const LOT_P_MIN: f64 = 0.001;
/// What is found where no effect can be must be this likely by chance.
pub const PLACEBO_P_MIN: f64 = 0.05;

/// What was found when the groups were held against each other.
#[derive(Default)]
pub(crate) struct Compared {
    pub balance: Vec<Balance>,
    pub overlap: Option<Overlap>,
    pub weights: Option<Weights>,
    pub passed: Vec<Passed>,
}

impl Compared {
    /// A figure that must be at least this.
    pub fn at_least(&mut self, what: &str, found: f64, limit: f64, remedy: &str) -> Result<(), Error> {
        self.hold(what, found, found >= limit, &format!("at least {limit}"), remedy)
    }

    /// A figure that must be at most this.
    pub fn at_most(&mut self, what: &str, found: f64, limit: f64, remedy: &str) -> Result<(), Error> {
        self.hold(what, found, found <= limit, &format!("at most {limit}"), remedy)
    }

    /// A count of people that must be at least this.
    pub fn people(&mut self, what: &str, found: usize, limit: usize, remedy: &str) -> Result<(), Error> {
        if found < limit && (1..MIN_CELL as usize).contains(&found) {
            let why = format!("{what} is below {MIN_CELL}, and must be at least {limit}");
            return Err(Refusal::new(Guard::Comparable, why, remedy).into());
        }
        self.hold(what, found as f64, found >= limit, &format!("at least {limit}"), remedy)?;
        self.passed.last_mut().into_iter().for_each(|passed| passed.people = true);
        Ok(())
    }

    fn hold(&mut self, what: &str, found: f64, holds: bool, asks: &str, remedy: &str) -> Result<(), Error> {
        if !holds {
            let why = format!("{what} is {}, and must be {asks}", shown(found));
            return Err(Refusal::new(Guard::Comparable, why, remedy).into());
        }
        self.passed.push(Passed {
            guard: Guard::Comparable,
            looked_at: what.to_owned(),
            found,
            asks: asks.to_owned(),
            people: false,
        });
        Ok(())
    }
}

/// A number as people read it.
fn shown(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Holds the groups against each other before anything is estimated.
pub(crate) fn compare(causal: &Causal, groups: &Groups<'_, '_>) -> Result<Compared, Error> {
    let mut compared = Compared::default();
    for (treated, which) in [(true, "the group that had the change"), (false, "the other group")] {
        let what = format!("the number of clients in {which}");
        compared.people(&what, groups.clients(treated), 30, "widen the cohort")?;
    }
    let lot = causal.arms.as_ref().is_some_and(|arms| arms.assigned == Assigned::ByLot);
    if groups.columns.is_empty() {
        if lot {
            return Ok(compared);
        }
        let why = "no covariate is named, so nothing shows that the groups are alike";
        let remedy = "name what they could differ in as covariates, or say `assigned = \"by-lot\"` where a lot decided";
        return Err(Refusal::new(Guard::Comparable, why, remedy).into());
    }
    let without = groups.members.iter().filter(|member| member.covariates.is_none()).count();
    let share = without as f64 / groups.members.len() as f64;
    let leave = "leave out the covariates that were seldom asked";
    let what = "the share of clients of whom a covariate is not known";
    compared.at_most(what, share, WITHOUT_COVARIATES_MAX, leave)?;
    let (rows, treated) = complete(groups)?;
    let model = propensity(groups, &rows, &treated)?;
    compared.balance = balance(groups, &rows, &treated, None)?;
    let overlap = overlap(&model, &treated);
    compared.overlap = Some(overlap.clone());
    if lot {
        let remedy = "look how clients came into the groups, or say `assigned = \"by-choice\"`";
        compared.at_least(
            "the chance that a lot made the groups differ so",
            overlap.by_lot_p,
            LOT_P_MIN,
            remedy,
        )?;
    }
    let narrow = "narrow the cohort to those who could have been in either group";
    compared.at_most(
        "the share of clients outside the overlap of 0.1 to 0.9",
        overlap.outside,
        OUTSIDE_MAX,
        narrow,
    )?;
    if causal.method == Method::Weighting {
        weigh(causal, groups, &rows, &treated, &model, &mut compared)?;
    } else if !lot {
        let (name, worst) = worst(&compared.balance, |row| Some(row.before));
        let what = format!("the standardised difference in `{name}`");
        compared.at_most(
            &what,
            worst,
            DIFFERENCE_MAX,
            "narrow the cohort, or use `method = \"weighting\"`",
        )?;
    }
    Ok(compared)
}

/// The rows of covariates of those of whom all are known, and who of them had the change.
pub(crate) fn complete(groups: &Groups<'_, '_>) -> Result<(Matrix, Vec<bool>), Error> {
    let members = || groups.members.iter().filter(|member| member.covariates.is_some());
    let rows: Vec<&Vec<f64>> = members().filter_map(|member| member.covariates.as_ref()).collect();
    Ok((Matrix::from_rows(&rows)?, members().map(|member| member.treated).collect()))
}

fn propensity(groups: &Groups<'_, '_>, rows: &Matrix, treated: &[bool]) -> Result<Logistic, Error> {
    logistic(rows, treated).map_err(|error| match error {
        Stats::Separation { covariate } => Refusal::new(
            Guard::Comparable,
            format!(
                "`{}` tells the groups apart, so they do not overlap at all",
                name(&groups.columns, covariate)
            ),
            "compare with those who could have been in either group",
        )
        .into(),
        other => named(other, &groups.columns),
    })
}

/// An error of the statistics that speaks of a covariate by its number, as a refusal that has its name.
pub(crate) fn named(error: Stats, columns: &[String]) -> Error {
    let refusal = |why: String, remedy: &str| Refusal::new(Guard::Comparable, why, remedy).into();
    match error {
        Stats::Separation { covariate } => {
            let why =
                format!("`{}` tells who had the outcome apart from who had not", name(columns, covariate));
            refusal(why, "leave it out, or join its values")
        }
        Stats::Singular { covariate } => refusal(
            format!("`{}` follows from the other covariates", name(columns, covariate)),
            "leave it out",
        ),
        Stats::Constant { covariate } => {
            let why = format!("`{}` is the same for everybody who is left", name(columns, covariate));
            refusal(why, "leave it out")
        }
        other => Error::Stats(other),
    }
}

fn name(columns: &[String], covariate: usize) -> String {
    columns.get(covariate).cloned().unwrap_or_else(|| covariate.to_string())
}

fn overlap(model: &Logistic, treated: &[bool]) -> Overlap {
    let inside = |p: &&f64| (OVERLAP.0..=OVERLAP.1).contains(*p);
    let all = &model.probabilities;
    let ends = |which: bool| {
        let own = || all.iter().zip(treated).filter(|(_, treated)| **treated == which).map(|(p, _)| *p);
        (own().fold(f64::INFINITY, f64::min), own().fold(f64::NEG_INFINITY, f64::max))
    };
    let share = treated.iter().filter(|treated| **treated).count() as f64 / treated.len() as f64;
    let null = treated.len() as f64 * (share * share.ln() + (1.0 - share) * (1.0 - share).ln());
    let ratio = ChiSquared {
        statistic: (2.0 * (model.log_likelihood - null)).max(0.0),
        degrees_of_freedom: model.coefficients.len() - 1,
    };
    Overlap {
        limits: OVERLAP,
        outside: 1.0 - all.iter().filter(inside).count() as f64 / all.len() as f64,
        treated: ends(true),
        control: ends(false),
        by_lot_p: ratio.p_value(),
    }
}

/// Weights, and what they leave.
fn weigh(
    causal: &Causal,
    groups: &Groups<'_, '_>,
    rows: &Matrix,
    treated: &[bool],
    model: &Logistic,
    compared: &mut Compared,
) -> Result<(), Error> {
    let weights = weights(causal.estimand, treated, &model.probabilities);
    let of = |which: bool| -> Vec<f64> {
        weights.iter().zip(treated).filter(|(_, treated)| **treated == which).map(|(w, _)| *w).collect()
    };
    let largest = |weights: &[f64]| {
        weights.iter().copied().fold(0.0, f64::max) / weights.iter().sum::<f64>().max(f64::MIN_POSITIVE)
    };
    let (own, others) = (of(true), of(false));
    let found = Weights {
        effective_treated: effective_sample_size(&own)?,
        effective_control: effective_sample_size(&others)?,
        largest_share: largest(&own).max(largest(&others)),
        trimmed_share: weights.iter().filter(|weight| **weight <= 0.0).count() as f64 / weights.len() as f64,
    };
    compared.balance = balance(groups, rows, treated, Some(&weights))?;
    let widen = "widen the cohort, or compare with those who could have been in either group";
    let effective = found.effective_treated.min(found.effective_control);
    compared.at_least("the effective sample size of the smaller group", effective, EFFECTIVE_MIN, widen)?;
    compared.at_most(
        "the largest share of a group's weight",
        found.largest_share,
        LARGEST_SHARE_MAX,
        widen,
    )?;
    let (name, worst) = worst(&compared.balance, |row| row.after);
    let what = format!("the standardised difference in `{name}` after weighting");
    compared.at_most(&what, worst, DIFFERENCE_WEIGHTED_MAX, "narrow the cohort, or name other covariates")?;
    compared.weights = Some(found);
    Ok(())
}

/// The weights of inverse propensity; nought outside the overlap.
pub(crate) fn weights(estimand: Estimand, treated: &[bool], propensity: &[f64]) -> Vec<f64> {
    let weight = |(treated, p): (&bool, &f64)| {
        if !(OVERLAP.0..=OVERLAP.1).contains(p) {
            return 0.0;
        }
        match (estimand, *treated) {
            (Estimand::Treated, true) => 1.0,
            (Estimand::Treated, false) => p / (1.0 - p),
            (Estimand::Everyone, true) => p.recip(),
            (Estimand::Everyone, false) => (1.0 - p).recip(),
        }
    };
    treated.iter().zip(propensity).map(weight).collect()
}

/// For whom an effect is to hold, as the statistics name it.
pub(crate) fn whom(estimand: Estimand) -> Whom {
    match estimand {
        Estimand::Treated => Whom::Treated,
        Estimand::Everyone => Whom::Everyone,
    }
}

fn balance(
    groups: &Groups<'_, '_>,
    rows: &Matrix,
    treated: &[bool],
    weights: Option<&[f64]>,
) -> Result<Vec<Balance>, Error> {
    let pick = |values: &mut dyn Iterator<Item = f64>, which: bool| -> Vec<f64> {
        values.zip(treated).filter(|(_, treated)| **treated == which).map(|(value, _)| value).collect()
    };
    let values = |column: usize| (0..rows.rows()).map(move |row| rows.row(row)[column]);
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let mut table = Vec::new();
    for (column, name) in groups.columns.iter().enumerate() {
        let (own, others) = (pick(&mut values(column), true), pick(&mut values(column), false));
        let after = match weights {
            Some(weights) => {
                let of = |which| pick(&mut weights.iter().copied(), which);
                Some(weighted_standardised_difference(&own, &of(true), &others, &of(false))?)
            }
            None => None,
        };
        table.push(Balance {
            covariate: name.clone(),
            treated_mean: mean(&own),
            control_mean: mean(&others),
            before: standardised_difference(&own, &others)?,
            after,
        });
    }
    Ok(table)
}

/// The covariate in which the groups differ most, and by how much.
fn worst(balance: &[Balance], of: impl Fn(&Balance) -> Option<f64>) -> (String, f64) {
    let rows = balance.iter().filter_map(|row| Some((row.covariate.clone(), of(row)?.abs())));
    rows.max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or_default()
}
