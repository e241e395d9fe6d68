//! Why a backtest could not be run.

use crate::{InvalidSpec, Refusal};

/// Why a backtest could not be run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The spec is wrong.
    #[error(transparent)]
    Spec(#[from] InvalidSpec),
    /// An expression of the spec is wrong.
    #[error("`{expression}`: {problem}")]
    Expression {
        /// The expression.
        expression: String,
        /// What is wrong and what to write.
        problem: String,
    },
    /// A guard says no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The statistics cannot be had from these numbers.
    #[error(transparent)]
    Stats(#[from] throughline_stats::Error),
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] throughline_log::Error),
    /// It was asked to stop.
    #[error("the backtest was stopped before its end; nothing of it was kept")]
    Cancelled,
}
