//! How a backtest is told.

use serde::{Deserialize, Serialize};
use throughline_domain::Code;
use utoipa::ToSchema;

/// How a backtest is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reporting {
    /// Figures also for each site, language, worker, programme or attribute of this name.
    #[serde(default)]
    pub subgroups: Vec<Code>,
    /// The smallest count that is shown; smaller ones, and those they follow from, are withheld.
    #[serde(default = "min_cell")]
    pub min_cell: u32,
    /// The family of tries it belongs to: the more were tried, the less one of them proves.
    pub family: Option<Code>,
}

/// Counts of 1 to 10 are withheld.
fn min_cell() -> u32 {
    11
}

impl Default for Reporting {
    fn default() -> Self {
        Self { subgroups: Vec::new(), min_cell: min_cell(), family: None }
    }
}
