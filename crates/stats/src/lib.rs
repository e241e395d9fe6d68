//! The statistics that backtests of programme changes stand on: curves, comparisons, regressions, bounds, power.
//!
//! It takes numbers and gives numbers; it knows no client, no event, no clock and no disk, and draws at random only
//! from a seed it is given. Every function checks its input and returns an [`Error`] that says what is wrong; none
//! panics, and none returns what is not a number. Sums run in one fixed order: the same input gives the
//! same bits, on machines whose `exp` and `ln` agree.
//!
//! Start at [`KaplanMeier`] and [`Spell`] for time to an outcome, [`welch`] and [`least_squares`] for means,
//! [`propensity_weighted_effect`] for groups that were not drawn by lot, [`Bounds`] for those lost. Every formula
//! names its source where it stands.
//!
//! ```
//! use throughline_stats::{KaplanMeier, Level, Scale, Spell};
//!
//! // Weeks until a client left the programme; two were still there when last seen.
//! let spells = [Spell::event(3.0), Spell::censored(5.0), Spell::event(8.0), Spell::censored(12.0)];
//! let curve = KaplanMeier::fit(&spells)?;
//! assert_eq!(curve.survival_at(10.0), 0.375);
//! assert_eq!(curve.median(), Some(8.0));
//! let interval = curve.interval_at(10.0, Level::P95, Scale::LogLog);
//! assert!(interval.is_some_and(|interval| interval.low < 0.375 && 0.375 < interval.high));
//! # Ok::<(), throughline_stats::Error>(())
//! ```

#![cfg_attr(test, allow(clippy::float_cmp, reason = "these figures are exact"))]

mod aalen_johansen;
mod balance;
mod bootstrap;
mod bounds;
mod contact_intensity;
mod covariates;
mod cox;
mod difference_in_differences;
mod distribution;
mod error;
mod estimate;
mod holm;
mod input;
mod interrupted_series;
mod kaplan_meier;
mod lee_bounds;
mod linear;
mod log_rank;
mod logistic;
mod newton;
mod ols;
mod power;
mod proportions;
mod risk_table;
mod rmst;
mod sample;
mod spell;
mod weighting;
mod welch;

pub use aalen_johansen::AalenJohansen;
pub use balance::{standardised_difference, weighted_standardised_difference};
pub use bootstrap::{Bootstrap, Resampled};
pub use bounds::{Arm, Bounds, manski_difference, manski_mean};
pub use contact_intensity::contact_intensity;
pub use cox::{Cox, Ties};
pub use difference_in_differences::{BeforeAfter, difference_in_differences, difference_of_changes};
pub use error::Error;
pub use estimate::{ChiSquared, Estimate, Interval, Level};
pub use holm::holm;
pub use interrupted_series::{InterruptedSeries, interrupted_series, newey_west_lags};
pub use kaplan_meier::{KaplanMeier, Scale, Step};
pub use lee_bounds::{LeeBounds, Trimmed, lee_bounds};
pub use linear::Matrix;
pub use log_rank::{LogRank, Weighting, log_rank, stratified_log_rank};
pub use logistic::{Logistic, logistic};
pub use ols::{Errors, LeastSquares, least_squares};
pub use power::{schoenfeld_events, smallest_detectable_effect, smallest_detectable_hazard_ratio};
pub use proportions::Proportion;
pub use rmst::{RestrictedMean, restricted_mean, restricted_mean_difference};
pub use spell::{End, Spell};
pub use weighting::{Estimand, Weighted, effective_sample_size, propensity_weighted_effect, weighted_effect};
pub use welch::welch;
