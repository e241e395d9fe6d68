//! The settings of a remeasure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Condition;

/// Had we counted differently, who would change status?
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Remeasure {
    /// What is looked for instead.
    #[schema(value_type = String)]
    pub instead: Condition,
}
