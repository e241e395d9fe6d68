//! The settings of a causal backtest.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use throughline_domain::Code;
use utoipa::ToSchema;

use super::{Events, Measure, Span};

/// What did a change that really happened do?
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Causal {
    /// How the groups are compared.
    pub method: Method,
    /// Who belongs to which group; every method but `interrupted-series` needs it.
    pub arms: Option<Arms>,
    /// Attributes at time zero that may differ between the groups.
    #[serde(default)]
    pub covariates: Vec<Code>,
    /// An attribute within whose values alone the groups are compared, where time to the outcome is looked at.
    pub strata: Option<Code>,
    /// What is compared; whether the outcome came true, where it is not set.
    #[serde(default)]
    #[schema(value_type = String)]
    pub measure: Measure,
    /// The least and the most the measure can be: what those could have of whom it is not known. 0 and 1 for shares.
    pub range: Option<(f64, f64)>,
    /// In which unit time is told.
    #[serde(default)]
    pub unit: Unit,
    /// The times at which curves are read.
    #[serde(default)]
    pub at: Vec<Span>,
    /// How far the restricted mean goes; the last day on which both groups were seen, where it is not set.
    pub horizon: Option<Span>,
    /// For whom a weighted effect is to hold.
    #[serde(default)]
    pub estimand: Estimand,
    /// The change that is studied. It gives everyone the attribute `entered`: `before` or `after` it.
    pub change: Option<Change>,
    /// How long one point of a series is.
    #[serde(default = "four_weeks")]
    pub every: Span,
    /// Where no effect can be.
    pub placebo: Option<Placebo>,
}

fn four_weeks() -> Span {
    Span::days(28)
}

/// How groups are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Difference of means or shares, with Welch's interval; adjusted by regression where covariates are named.
    Difference,
    /// Weighted by the inverse of the propensity to be in the group.
    Weighting,
    /// Difference in differences.
    DifferenceInDifferences,
    /// Interrupted time series.
    InterruptedSeries,
    /// Time to the outcome, by group.
    Survival,
}

/// Who belongs to which group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Arms {
    /// The attribute at time zero that tells them apart; also `site`, `worker`, `programme`, `language`, `entered`.
    pub attribute: Code,
    /// Its value in the group that had the change.
    pub treated: String,
    /// Its value in the group that had not.
    pub control: String,
    /// How people came into the groups.
    #[serde(default)]
    pub assigned: Assigned,
}

/// How people came into the groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Assigned {
    /// By a choice of somebody: what they differed in must be named as covariates.
    #[default]
    ByChoice,
    /// By lot: they differ by chance alone, and the record is held to that.
    ByLot,
}

/// In which unit time is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Days.
    #[default]
    Days,
    /// Weeks of seven days.
    Weeks,
}

impl Unit {
    /// How many days one of it has.
    pub fn days(self) -> f64 {
        match self {
            Self::Days => 1.0,
            Self::Weeks => 7.0,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Days => "days",
            Self::Weeks => "weeks",
        }
    }
}

/// For whom a weighted effect is to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Estimand {
    /// For those who had the change (ATT).
    #[default]
    Treated,
    /// For everyone (ATE).
    Everyone,
}

/// A change that really happened: one that a programme recorded, or a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Its name in the record of the programme.
    pub named: Option<Code>,
    /// The first day on which it held.
    #[schema(value_type = Option<String>, format = Date)]
    pub from: Option<Date>,
}

/// Where no effect can be: what is found there was not caused by the change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Placebo {
    /// A measure over the days before time zero: `share with service within 90d` is of the 90 days before.
    #[schema(value_type = Option<String>)]
    pub measure: Option<Measure>,
    /// A day before the change, taken for the change; for methods over time. The middle, where it is not set.
    #[schema(value_type = Option<String>, format = Date)]
    pub from: Option<Date>,
}

/// What is wrong: the field, the problem, and the remedy.
type Fault = (&'static str, String, String);

impl Causal {
    /// What is wrong with it in itself.
    pub(super) fn check(&self, events: &Events) -> Result<(), Fault> {
        let wrong = |field, problem: &str, hint: &str| Err((field, problem.to_owned(), hint.to_owned()));
        self.measure.check(events).map_err(|(problem, hint)| ("measure", problem, hint))?;
        if self.arms.is_none() && self.method != Method::InterruptedSeries {
            return wrong("method", "nothing says who belongs to which group", "write [causal.arms]");
        }
        if self.arms.as_ref().is_some_and(|arms| arms.treated == arms.control) {
            return wrong("arms", "both groups are the same", "name two values of the attribute");
        }
        if self.method == Method::Survival && self.measure != Measure::Outcome {
            return wrong("measure", "time to the outcome has no other measure", "leave it out");
        }
        if self.method != Method::Survival && self.strata.is_some() {
            let hint = "leave it out, or name it as a covariate";
            return wrong("strata", "strata are for `method = \"survival\"`", hint);
        }
        let over_time = matches!(self.method, Method::DifferenceInDifferences | Method::InterruptedSeries);
        if over_time && !self.covariates.is_empty() {
            let hint = "leave them out, and narrow the cohort to clients who are alike";
            return wrong("covariates", "methods over time do not adjust for covariates", hint);
        }
        if self.method == Method::InterruptedSeries && self.arms.is_some() {
            let hint = "leave them out; `where` in [cohort] says whose series it is";
            return wrong("arms", "an interrupted series has one group", hint);
        }
        if over_time && self.change.is_none() {
            return wrong(
                "method",
                "nothing says what changed",
                "write [causal.change] with `named` or `from`",
            );
        }
        if let Some(change) = &self.change
            && change.named.is_some() == change.from.is_some()
        {
            return wrong("change", "a change has a name or a day", "write either `named` or `from`");
        }
        if self.method == Method::Weighting && self.covariates.is_empty() {
            return wrong("covariates", "there is nothing to weight by", "name what the groups differed in");
        }
        if let Some((low, high)) = self.range
            && !(low.is_finite() && high.is_finite() && low < high)
        {
            return wrong("range", "the range has no room", "write the least first, then the most");
        }
        if self.every == Span::default() {
            return wrong("every", "a point of a series has no days", "write such as `28d`");
        }
        if let Some(measure) = self.placebo.as_ref().and_then(|placebo| placebo.measure.as_ref()) {
            measure.check(events).map_err(|(problem, hint)| ("placebo", problem, hint))?;
            if measure.window().is_none() {
                return wrong(
                    "placebo",
                    "the outcome cannot be looked for before time zero",
                    "write a measure with days, such as `share with service within 90d`",
                );
            }
        }
        Ok(())
    }
}
