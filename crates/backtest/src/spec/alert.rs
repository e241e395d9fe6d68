//! The settings of an alert backtest.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Span;

/// Would this rule have warned us in time?
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Alert {
    /// The rule on trial: an expression of CEL over named features, or `rule:NAME@VERSION`.
    pub candidate: String,
    /// The rule in force that it is held against.
    pub baseline: Option<String>,
    /// When the rule is asked.
    #[serde(default)]
    pub evaluate: Evaluate,
    /// A flag counts as right where the outcome comes within this of it.
    pub horizon: Option<Span>,
    /// How many flags can be worked on.
    pub capacity: Option<Capacity>,
}

/// When a rule is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Evaluate {
    /// At the end of the day so long after time zero, and again and again.
    #[serde(default = "weekly")]
    pub every: Span,
    /// And whenever something becomes known of the client.
    #[serde(default)]
    pub on_event: bool,
}

fn weekly() -> Span {
    Span::days(7)
}

impl Default for Evaluate {
    fn default() -> Self {
        Self { every: weekly(), on_event: false }
    }
}

/// How many flags can be worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    /// By one worker in one week.
    pub flags_per_worker_week: u32,
}
