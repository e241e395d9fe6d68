//! A range and what it rests on.

use serde::Serialize;
use utoipa::ToSchema;

use crate::spec::Assumption;

/// From the least to the most, with the assumptions it rests on. It can be made from corners and assumptions alone,
/// so none is without.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Range {
    low: f64,
    high: f64,
    /// In words, each with its range.
    assumptions: Vec<String>,
}

impl Range {
    /// The range of these corners; none without a corner or an assumption.
    pub(super) fn over<'a>(
        corners: &[f64],
        assumptions: impl Iterator<Item = &'a Assumption>,
    ) -> Option<Self> {
        let (low, high) = corners.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(*value), high.max(*value))
        });
        let assumptions: Vec<String> =
            assumptions.map(|it| format!("{} ({} to {}{})", it.says, it.low, it.high, unit(it))).collect();
        (low <= high && !assumptions.is_empty()).then_some(Self { low, high, assumptions })
    }

    /// The least.
    pub fn low(&self) -> f64 {
        self.low
    }

    /// The most.
    pub fn high(&self) -> f64 {
        self.high
    }

    /// What it rests on.
    pub fn assumptions(&self) -> &[String] {
        &self.assumptions
    }
}

fn unit(assumption: &Assumption) -> String {
    assumption.unit.as_ref().map(|unit| format!(" {unit}")).unwrap_or_default()
}
