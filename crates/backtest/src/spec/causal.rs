//! The settings of a causal backtest.

use serde::{Deserialize, Serialize};
use throughline_domain::Code;
use utoipa::ToSchema;

use super::Span;

/// What did a change that really happened do?
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Causal {
    /// How the groups are compared.
    pub method: Method,
    /// Who belongs to which group.
    pub arms: Arms,
    /// Attributes at time zero that may differ between the groups.
    #[serde(default)]
    pub covariates: Vec<Code>,
    /// The days at which curves are read.
    #[serde(default)]
    pub at: Vec<Span>,
}

/// How groups are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Difference of means or shares, with Welch's interval.
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
    /// The attribute at time zero that tells them apart.
    pub attribute: Code,
    /// Its value in the group that had the change.
    pub treated: String,
    /// Its value in the group that had not.
    pub control: String,
}
