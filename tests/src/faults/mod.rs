//! What the fault suite and the process that it kills must agree on: which event a number stands for, and which
//! appends a writer makes. `docs/guides/faults.md` tells the whole story.

mod dice;
mod drafts;
mod plan;

pub use dice::Dice;
pub use drafts::{draft, event_number, twisted};
pub use plan::{Attempt, Kind, Plan, writers_journey};
