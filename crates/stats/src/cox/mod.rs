//! Cox's proportional hazards: `fit.rs` is what callers use, `likelihood.rs` the partial likelihood under ties,
//! `risk_sums.rs` the sums over those at risk, `concordance.rs` how well the order is told.

mod concordance;
mod fit;
mod likelihood;
mod risk_sums;

pub use fit::{Cox, Ties};
