//! Satisfaction: what clients, volunteers and donors say of our transactions, and what we owe them.
//!
//! It judges single transactions and processes; how the relationship goes is the engagement projector's to say, and
//! the two are never put into one number. It knows no other client, no clock and no public holidays.
//! Start at `fold.rs` for what is kept, at [`Answer`] for what is said, at `clock.rs` for the one rule of what is
//! owed and late.
//!
//! ```
//! use throughline_domain::Eyes;
//! use throughline_projection::testing::{fact, given};
//! use throughline_satisfaction::Satisfaction;
//!
//! let asked = serde_json::json!({"request": "r1", "about": "housing", "format": "phone", "due": "2026-03-06"});
//! let client = given::<Satisfaction>([fact("2026-03-02", Eyes::Client, "request-received", asked)]);
//! assert_eq!(client.on("2026-03-06").promises[0].level, "due");
//! assert_eq!(client.on("2026-03-09").promises[0].days, 3);
//! ```

mod clock;
mod concerns;
mod counts;
mod expectations;
mod features;
mod fold;
mod heard;
mod histogram;
mod loose_ends;
mod poll;
mod promises;
mod ratings;
mod requests;
mod sums;
mod tally;
mod thanks;
mod view;
mod word_of_mouth;

pub use clock::{Clock, ClockState, What};
pub use concerns::{ConcernAnswer, Concerns, Round};
pub use expectations::{ExpectationAnswer, Expectations};
pub use fold::{ACKNOWLEDGE_DAYS, ANSWER_DAYS, SURVEY_OPEN_DAYS, UPDATE_DAYS};
pub use heard::{SurveyState, Verdict};
pub use loose_ends::{Loose, LooseEnd};
pub use poll::{Csat, Nps, Surveys};
pub use promises::{Card, Promise};
pub use ratings::{By, InstrumentTotals, Rated, Ratings, Slice, Year};
pub use requests::{AnswerKinds, REQUEST_TARGET_WORKING_DAYS, RequestAnswer, Requests};
pub use tally::Tally;
pub use thanks::{GIFT_THANKS_WORKING_DAYS, GiftThanks, SHIFT_THANKS_WORKING_DAYS, ThanksGiven};
pub use view::{GiftKind, View};
pub use word_of_mouth::{DISSATISFIED_TELLS, SATISFIED_TELLS, WordOfMouth};

use jiff::civil::Date;
use serde::Serialize;
use throughline_domain::Fact;
use throughline_projection::{Answers, Day, Figure, Programmes, Projection, Sums, WorkItem, WorkList};

use crate::ratings::Polled;

/// The satisfaction projector.
#[derive(Debug, Clone, Copy)]
pub struct Satisfaction;

/// What is said of one client's satisfaction on a date.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = SatisfactionAnswer)]
pub struct Answer {
    /// The date: nothing after it is taken into account.
    #[schema(value_type = String, format = Date)]
    pub on: Date,
    /// What they said of transactions and processes, and who said nothing.
    pub ratings: Ratings,
    /// What they asked, and how soon they got a first answer.
    pub requests: Requests,
    /// Problems they raised: acknowledged, answered, put right.
    pub concerns: Concerns,
    /// What they were told beforehand, and whether it was kept.
    pub expectations: Expectations,
    /// Gifts and shifts, and the thanks for them.
    pub thanks: ThanksGiven,
    /// How many people likely heard of us from them.
    pub word_of_mouth: WordOfMouth,
    /// What is owed to whom by when, most overdue first.
    pub promises: Vec<Promise>,
    /// Facts that fit no other, oldest first.
    pub loose_ends: Vec<LooseEnd>,
}

impl Projection for Satisfaction {
    const NAME: &'static str = "satisfaction";
    const VERSION: u32 = 1;
    type View = View;

    fn fold(view: &mut View, fact: &Fact) {
        fold::fold(view, fact);
    }
}

impl Answers for Satisfaction {
    type Answer = Answer;
    type Card = Card;
    type Tally = Tally;
    const WORK_LISTS: &'static [WorkList] = &[WorkList {
        name: "promises",
        about: "What is owed to whom by when: answers, acknowledgements, updates, expectations and thanks.",
    }];
    const SUMS: Sums = sums::SUMS;

    fn answer(view: &View, on: Date, _programmes: &Programmes) -> Answer {
        let day = Day::of(on);
        let polled = Polled::on(view, day);
        Answer {
            on,
            ratings: polled.answer(view, day),
            requests: requests::requests(view, day),
            concerns: concerns::concerns(view, day),
            expectations: expectations::expectations(view, day),
            thanks: thanks::thanks(view, day),
            word_of_mouth: word_of_mouth::word_of_mouth(&polled),
            promises: promises::promises(view, day),
            loose_ends: loose_ends::loose_ends(view, &polled.heard, day),
        }
    }

    fn card(view: &View) -> Option<Card> {
        Card::of(view)
    }

    fn work(card: &Card, list: &str, on: Date, _programmes: &Programmes) -> Vec<WorkItem> {
        if list == "promises" { card.work(Day::of(on)) } else { Vec::new() }
    }

    fn tally(tally: &mut Tally, view: &View, on: Date, _programmes: &Programmes) {
        tally.add(view, Day::of(on));
    }

    fn merge(into: &mut Tally, other: Tally) {
        into.merge(other);
    }

    fn figures(tally: Tally) -> Vec<Figure> {
        tally.figures()
    }
}
