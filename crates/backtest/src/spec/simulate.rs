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
    /// In words.
    pub says: String,
    /// The least it could be.
    pub low: f64,
    /// The most it could be.
    pub high: f64,
}
