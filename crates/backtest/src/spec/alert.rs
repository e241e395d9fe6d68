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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Evaluate {
    /// At the end of the day so long after time zero, and again and again.
    #[serde(default = "weekly")]
    pub every: Span,
    /// And whenever something becomes known of the client.
    #[serde(default)]
    pub on_event: bool,
    /// The last decision is made so long after time zero; without an end where it is not set.
    pub until: Option<Span>,
    /// The watch ends with this.
    pub ends: Option<Ends>,
}

/// The watch ends so long after the first such fact. What happened later counts for nothing; the decision of the
/// stretch in which it ends is the last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Ends {
    /// The fact, by its name in `events` or a built-in one.
    pub event: String,
    /// How long after it.
    pub after: Span,
}

fn weekly() -> Span {
    Span::days(7)
}

impl Default for Evaluate {
    fn default() -> Self {
        Self { every: weekly(), on_event: false, until: None, ends: None }
    }
}

/// How many flags can be worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    /// By one worker in one week.
    pub flags_per_worker_week: u32,
}
