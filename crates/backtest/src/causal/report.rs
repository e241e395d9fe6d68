//! What a causal backtest says.

use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Guard,
    spec::{Measure, Method, Unit, Unknown},
};

/// What a change that really happened did, as far as the record can bear it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CausalReport {
    /// What is looked for, in words.
    pub outcome: String,
    /// What is compared.
    #[schema(value_type = String)]
    pub measure: Measure,
    /// How.
    pub method: Method,
    /// In which unit time is told.
    pub unit: Unit,
    /// The first day of the change, where one is studied.
    #[schema(value_type = Option<String>, format = Date)]
    pub change: Option<Date>,
    /// Who was looked at.
    pub people: People,
    /// Each group.
    pub arms: Vec<Arm>,
    /// How much larger the share of whom it is not known is in the group that had the change.
    pub attrition: Option<Attrition>,
    /// How far the groups differ at time zero.
    pub balance: Vec<Balance>,
    /// How far they overlap.
    pub overlap: Option<Overlap>,
    /// What weighting rests on.
    pub weights: Option<Weights>,
    /// The guards that let it pass, and what they saw.
    pub guards: Vec<Passed>,
    /// The estimates; for each way to count those of whom the outcome is not known.
    pub effects: Vec<Effect>,
    /// Time to the outcome.
    pub survival: Option<Survival>,
    /// The series, point by point.
    pub series: Vec<Point>,
    /// What the record can bear, whatever happened to those of whom it is not known.
    pub bounds: Vec<Bounded>,
    /// Where no effect can be, what was found.
    pub placebo: Vec<Effect>,
    /// The smallest effect that could have been found.
    pub detectable: Vec<Detectable>,
    /// What else has to be said.
    pub notes: Vec<String>,
}

/// Who was looked at.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct People {
    /// In the cohort.
    pub entered: u64,
    /// Entered too short a time before the end of what is known.
    pub immature: u64,
    /// Cannot be read any more.
    pub erased: u64,
    /// Of the cohort, in neither group.
    pub in_no_group: u64,
}

/// One group.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Arm {
    /// Its name.
    pub name: String,
    /// Whether it had the change.
    pub treated: bool,
    /// How many.
    pub clients: u64,
    /// Of whom the outcome is known.
    pub known: u64,
    /// Of whom it is not known: attrition.
    pub unknown: u64,
    /// Left out of adjusted figures, for a covariate of theirs is not known.
    pub without_covariates: u64,
    /// For whom the outcome came true, where that is what is compared.
    pub events: Option<u64>,
    /// The mean of the known; a share where each is 0 or 1.
    pub mean: Option<f64>,
}

/// The share of whom it is not known, of the group that had the change less that of the other.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Attrition {
    /// The difference.
    pub difference: f64,
    /// The lower end of its 95 % interval (Newcombe).
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// How far the groups differ in one covariate.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Balance {
    /// The covariate.
    pub covariate: String,
    /// Its mean in the group that had the change.
    pub treated_mean: f64,
    /// Its mean in the other.
    pub control_mean: f64,
    /// The difference in standard deviations.
    pub before: f64,
    /// The same after weighting.
    pub after: Option<f64>,
}

/// The propensities to be in the group that had the change.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Overlap {
    /// The limits within which groups can be compared.
    pub limits: (f64, f64),
    /// The share of clients outside them.
    pub outside: f64,
    /// The least and the most in the group that had the change.
    pub treated: (f64, f64),
    /// The least and the most in the other.
    pub control: (f64, f64),
    /// How likely it is that a lot alone made the groups differ as they do.
    pub by_lot_p: f64,
}

/// What weighting rests on.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Weights {
    /// As many clients of equal weight would tell as much, of the group that had the change.
    pub effective_treated: f64,
    /// The same of the other.
    pub effective_control: f64,
    /// The largest share that one client has of a group's weight.
    pub largest_share: f64,
    /// The share left out, for being outside the overlap.
    pub trimmed_share: f64,
}

/// A guard that let the backtest pass, and what it saw.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Passed {
    /// Which.
    pub guard: Guard,
    /// What it looked at.
    pub looked_at: String,
    /// What it found.
    pub found: f64,
    /// What it asks for.
    pub asks: String,
    /// Whether it counts people.
    pub people: bool,
}

/// An estimate with its interval.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Effect {
    /// What is estimated, how.
    pub name: String,
    /// How those are counted of whom the outcome is not known.
    pub unknown: Unknown,
    /// The estimate.
    pub value: f64,
    /// The lower end of the 95 % interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// The standard error; of a hazard ratio that of its logarithm.
    pub standard_error: f64,
    /// Two-sided.
    pub p_value: f64,
    /// The value of no effect: 0, or 1 for a ratio.
    pub none: f64,
    /// Whom it rests on.
    pub clients: u64,
}

/// The smallest effect that could have been found, with a power of 80 % at 95 %.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Detectable {
    /// Of which estimate.
    pub of: String,
    /// The effect, in either direction.
    pub value: f64,
}

/// The least and the most it could be.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Bounded {
    /// Whose bounds, of what.
    pub name: String,
    /// The least.
    pub low: f64,
    /// The most.
    pub high: f64,
    /// The lower end of an interval that allows for chance too.
    pub interval_low: f64,
    /// Its upper end.
    pub interval_high: f64,
}

/// One point of a series.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Point {
    /// Its first day.
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    /// The group, where there are two.
    pub arm: Option<String>,
    /// Whether it lies after the change.
    pub after: bool,
    /// How many clients.
    pub clients: u64,
    /// The mean of their measure.
    pub mean: f64,
    /// What the two lines say.
    pub fitted: Option<f64>,
}

/// Time to the outcome, by group.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Survival {
    /// A curve for everyone, then for each group.
    pub curves: Vec<Curve>,
    /// Do the groups have the outcome at the same rate?
    pub tests: Vec<Test>,
    /// The mean time without the outcome up to the horizon.
    pub restricted_means: Vec<RestrictedMean>,
    /// The coefficients of each model.
    pub coefficients: Vec<Coefficient>,
    /// The share that has had each of several competing outcomes.
    pub incidences: Vec<Incidence>,
    /// How far the restricted mean goes.
    pub horizon: f64,
}

/// The share still without the outcome, as time passes.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Curve {
    /// Of whom.
    pub arm: String,
    /// How many.
    pub clients: u64,
    /// How many had the outcome.
    pub events: u64,
    /// By when half had it.
    pub median: Option<f64>,
    /// The ends of the median's interval; one that the record does not reach is not there.
    pub median_interval: (Option<f64>, Option<f64>),
    /// The times at which it falls.
    pub steps: Vec<Step>,
    /// It at the times that were asked for.
    pub at: Vec<Step>,
}

/// A point of a curve.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Step {
    /// The time.
    pub time: f64,
    /// How many were still being looked at, and without the outcome, just before it.
    pub at_risk: u64,
    /// How many had the outcome up to it.
    pub events: u64,
    /// The share without the outcome.
    pub survival: f64,
    /// Greenwood's.
    pub standard_error: f64,
    /// The 95 % interval, on the scale of log(-log).
    pub interval: Option<(f64, f64)>,
}

/// A test of whether groups differ.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Test {
    /// Its name.
    pub name: String,
    /// Its statistic.
    pub chi_squared: f64,
    /// Its degrees of freedom.
    pub degrees_of_freedom: u64,
    /// Two-sided.
    pub p_value: f64,
}

/// A restricted mean.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RestrictedMean {
    /// Of whom.
    pub arm: String,
    /// The mean time without the outcome.
    pub mean: f64,
    /// Its standard error.
    pub standard_error: f64,
}

/// One coefficient of a model of hazards.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Coefficient {
    /// The model.
    pub model: String,
    /// The covariate.
    pub covariate: String,
    /// The logarithm of the hazard ratio.
    pub value: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// The hazard ratio.
    pub hazard_ratio: f64,
    /// The lower end of its 95 % interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// Two-sided.
    pub p_value: f64,
}

/// The share that has had one of several competing outcomes.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Incidence {
    /// Of whom.
    pub arm: String,
    /// Which.
    pub cause: String,
    /// By when.
    pub time: f64,
    /// The share.
    pub share: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// The 95 % interval.
    pub interval: Option<(f64, f64)>,
}
