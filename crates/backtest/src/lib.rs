//! The backtest bench: programme changes tried on history, honestly.
//!
//! A [`Spec`] asks one question of one [`History`]: everything that was known at a time, by a clock that the spec
//! names. The [`Cohort`] says who is asked about and from which day; an outcome's [`Condition`] says what is looked
//! for. Each kind of backtest has its module and its report type, and every report can be laid out as a [`Page`].
//! What must not be claimed is refused by a [`Guard`], by name.

pub mod causal;
pub mod cohort;
mod error;
mod expression;
pub mod guard;
pub mod history;
pub mod outcome;
pub mod page;
pub mod remeasure;
pub mod simulate;
pub mod spec;

pub use cohort::{Cohort, Entrant};
pub use error::Error;
pub use expression::Expression;
pub use guard::{Guard, Refusal};
pub use history::{Cursor, History, Known, Timeline};
pub use outcome::{Judgement, Looked, judge};
pub use page::Page;
pub use spec::{Condition, InvalidSpec, Spec};
