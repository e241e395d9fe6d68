//! The settings of a simulation.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What would follow under stated assumptions?
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Simulate {
    /// Each assumption, in words and as a range.
    pub assumptions: Vec<Assumption>,
}

/// One thing taken for true.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assumption {
    /// What it is about.
    pub about: About,
    /// In words, with its ground: whose experience, which study.
    pub says: String,
    /// The least it could be.
    pub low: f64,
    /// The most it could be.
    pub high: f64,
    /// For a cost: in what.
    pub unit: Option<String>,
}

/// What an assumption is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// Of those for whom it went badly, the share whom the action would have reached in time; 0 to 1.
    Reached,
    /// Of those reached, the share for whom it would then have gone well; 0 to 1.
    Kept,
    /// Of those for whom it went well anyway, the share whom the action would be spent on too; 0 to 1.
    AlsoReached,
    /// What the action costs for each client it reaches; 0 or more.
    Cost,
}

impl About {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reached => "reached",
            Self::Kept => "kept",
            Self::AlsoReached => "also-reached",
            Self::Cost => "cost",
        }
    }
}

impl Simulate {
    /// What is wrong with an assumption, and the remedy.
    pub(super) fn check(&self) -> Result<(), (&'static str, String, String)> {
        let wrong = |problem: String, hint: &str| Err(("assumptions", problem, hint.to_owned()));
        for (nth, assumption) in self.assumptions.iter().enumerate() {
            let Assumption { about, says, low, high, unit } = assumption;
            let name = about.name();
            if self.assumptions[..nth].iter().any(|other| other.about == *about) {
                return wrong(
                    format!("there are two assumptions about `{name}`"),
                    "keep one, with a wider range",
                );
            }
            if says.trim().is_empty() {
                return wrong(
                    format!("`{name}` is not put in words"),
                    "say what is assumed, and on what ground",
                );
            }
            if !(low.is_finite() && high.is_finite() && low < high) {
                let hint =
                    "an assumption that is one number claims to be known; write a range, the least first";
                return wrong(format!("`{name}` is from {low} to {high}"), hint);
            }
            if *low < 0.0 || (*about != About::Cost && *high > 1.0) {
                return wrong(
                    format!("`{name}` is from {low} to {high}"),
                    "write a share from 0 to 1, a cost of 0 or more",
                );
            }
            if (*about == About::Cost) != unit.is_some() {
                return wrong(format!("the unit of `{name}`"), "a cost needs a `unit`, a share has none");
            }
        }
        for needed in [About::Reached, About::Kept] {
            if !self.assumptions.iter().any(|assumption| assumption.about == needed) {
                return wrong(
                    format!("nothing is assumed about `{}`", needed.name()),
                    "write that assumption",
                );
            }
        }
        Ok(())
    }
}
