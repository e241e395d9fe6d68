//! Outcomes: whether the client's life changed as they wished, and whether it lasted.
//!
//! A projector over one journey: it follows each desired outcome from plan to durable, with the follow-up windows in
//! which somebody looked or should have, exits recorded and derived, difficulties on the way, and how widely and how
//! far the client improved. It judges neither single transactions nor the relationship, and never counts a finished
//! programme as an outcome. Start at [`Outcomes`]; the rules in words are in `docs/views/outcomes.md`.
//!
//! ```
//! use serde_json::json;
//! use throughline_domain::Eyes::Staff;
//! use throughline_outcomes::{Outcomes, Status};
//! use throughline_projection::testing::{fact, given};
//!
//! let home = json!({ "outcome": "home", "what": "stable-housing", "life_area": "housing", "evidence": "lease-seen" });
//! let look = json!({ "outcome": "home", "format": "phone", "result": "still-holds" });
//! let client = given::<Outcomes>([
//!     fact("2024-01-10", Staff, "outcome-reached", home),
//!     fact("2024-04-12", Staff, "follow-up-held", look),
//! ]);
//! assert_eq!(client.on("2024-04-11").outcomes[0].status, Status::Reached);
//! assert_eq!(client.on("2024-04-12").outcomes[0].status, Status::Holding);
//! ```

mod answer;
mod counts;
mod exits;
mod figures;
mod fold;
mod life;
mod loose_ends;
mod outcome;
mod plan;
mod spells;
mod status;
mod stay;
mod success;
mod sums;
mod tally;
mod view;
mod windows;
mod work;

pub use answer::{
    Answer, Breadth, Depth, Difficulties, DifficultyMet, Grown, ImprovedArea, Indicator, IntakeMark,
};
pub use counts::Tally;
pub use exits::End;
pub use figures::FOLLOW_UP_TARGET;
pub use life::IntakeFrom;
pub use loose_ends::{Loose, LooseEnd};
pub use outcome::{FollowUp, Holding, LaterEnrolment, LookOnRecord, Mark, Outcome, OutcomeSpell};
pub use plan::{PlanOnDate, PlanSaid, StepChange};
pub use status::{Durability, Status};
pub use stay::{RecordedExit, Reopened, StayOnDate};
pub use view::View;
pub use windows::WindowState;
pub use work::{Card, UPCOMING_DAYS};

use jiff::civil::Date;
use throughline_domain::Fact;
use throughline_projection::{Answers, Figure, Programmes, Projection, Sums, WorkItem, WorkList};

/// The projector of outcomes.
#[derive(Debug, Clone, Copy)]
pub struct Outcomes;

impl Projection for Outcomes {
    const NAME: &'static str = "outcomes";
    const VERSION: u32 = 1;
    type View = View;

    fn fold(view: &mut View, fact: &Fact) {
        fold::fold(view, fact);
    }
}

impl Answers for Outcomes {
    type Answer = Answer;
    type Card = Card;
    type Tally = Tally;
    const WORK_LISTS: &'static [WorkList] = &[work::FOLLOW_UPS_DUE];
    const SUMS: Sums = sums::SUMS;

    fn answer(view: &View, on: Date, programmes: &Programmes) -> Answer {
        answer::answer(view, on, programmes)
    }

    fn card(view: &View) -> Option<Card> {
        work::card(view)
    }

    fn work(card: &Card, list: &str, on: Date, programmes: &Programmes) -> Vec<WorkItem> {
        if list == work::FOLLOW_UPS_DUE.name {
            work::follow_ups_due(card, on, programmes)
        } else {
            Vec::new()
        }
    }

    fn tally(tally: &mut Tally, view: &View, on: Date, programmes: &Programmes) {
        tally::tally(tally, view, on, programmes);
    }

    fn merge(into: &mut Tally, other: Tally) {
        counts::merge(into, other);
    }

    fn figures(tally: Tally) -> Vec<Figure> {
        figures::figures(&tally)
    }
}
