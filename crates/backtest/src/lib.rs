//! The backtest bench: programme changes tried on history, honestly.
//!
//! A [`Spec`] asks one question of one [`History`]: everything that was known at a time, by a clock that the spec
//! names. The [`Cohort`] says who is asked about and from which day; an outcome's [`Condition`] says what is looked
//! for. Each kind of backtest has its module and its report type, and every report can be laid out as a [`Page`].
//! What must not be claimed is refused by a [`Guard`], by name.

pub mod alert;
pub mod causal;
pub mod cohort;
mod error;
mod expression;
pub mod features;
pub mod guard;
pub mod history;
mod kinds;
pub mod outcome;
pub mod page;
pub mod privacy;
pub mod register;
pub mod remeasure;
pub mod render;
mod report;
mod run;
pub mod simulate;
pub mod spec;

pub use cohort::{Cohort, Entrant};
pub use error::Error;
pub use expression::Expression;
pub use features::Features;
pub use guard::{Guard, Refusal};
pub use history::{Cursor, History, Known, Timeline};
pub use outcome::{Judgement, Looked, judge};
pub use page::{Cell, Page, Section, Table};
pub use privacy::{Count, Ledger, MIN_CELL, Piece, Settled, Shown};
pub use report::{Answer, Program, Read, Report};
pub use run::{Bench, Finished, Progress, Watch, run};
pub use spec::{Condition, InvalidSpec, Spec};
