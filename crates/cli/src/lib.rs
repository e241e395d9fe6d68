//! The binary `throughline`: reads the clock, wires the parts together, serves, and is the command line.
//!
//! Nothing is decided here; each command is one file under `commands/`. To register a projector, add one line to
//! [`projectors`].

pub mod args;
pub mod clock;
mod commands;
pub mod data;
mod left;
pub mod master;
mod operator;
mod output;
pub mod rules;
mod witnesses;

pub use commands::{Outcome, run};
pub use output::told;

use throughline_backtest::Features;
use throughline_runtime::Projectors;

/// What rules of alerts can name: the features of these projectors.
pub fn features() -> Features {
    Features::new()
        .with::<throughline_engagement::Engagement>()
        .with::<throughline_satisfaction::Satisfaction>()
}

/// The projectors of this product.
pub fn projectors() -> Projectors {
    Projectors::new()
        .with::<throughline_engagement::Engagement>()
        .with::<throughline_satisfaction::Satisfaction>()
        .with::<throughline_outcomes::Outcomes>()
        .with::<throughline_quality::Quality>()
}
