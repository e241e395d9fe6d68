//! What must not be claimed, by name.

use std::fmt;

use serde::Serialize;
use utoipa::ToSchema;

/// The guards. Each can refuse a backtest or mark its report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = backtest::Guard)]
pub enum Guard {
    /// A rule sees only what was known at its decision.
    NoLookAhead,
    /// The future was cut off and scrambled at random decisions, and no decision moved.
    Proved,
    /// The rule in force raised in this replay what it raised live.
    SameAsLive,
    /// A rule must not be made of what it is to foretell.
    Tautology,
    /// The unknown are shown as unknown, as the worst and as the best.
    Missingness,
    /// The groups overlap, balance, and are large enough.
    Comparable,
    /// The spec was registered before its results were read.
    Registered,
    /// Nobody who was never admitted has an outcome.
    Admission,
    /// Small counts, and those they follow from, are withheld.
    Privacy,
}

impl Guard {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoLookAhead => "no-look-ahead",
            Self::Proved => "proved",
            Self::SameAsLive => "same-as-live",
            Self::Tautology => "tautology",
            Self::Missingness => "missingness",
            Self::Comparable => "comparable",
            Self::Registered => "registered",
            Self::Admission => "admission",
            Self::Privacy => "privacy",
        }
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A guard says no: there is no figure, and this is why.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema, thiserror::Error)]
#[error("the guard `{guard}` refuses: {why}; {remedy}")]
#[schema(as = backtest::Refusal)]
pub struct Refusal {
    /// Which.
    pub guard: Guard,
    /// What it found, with the figure and its limit.
    pub why: String,
    /// What would make it possible.
    pub remedy: String,
}

impl Refusal {
    /// A refusal.
    pub fn new(guard: Guard, why: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { guard, why: why.into(), remedy: remedy.into() }
    }
}
