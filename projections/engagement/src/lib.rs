//! Engagement: the relationship between a client and the organisation, as a trajectory, with the events behind it.
//!
//! It judges no transaction (that is satisfaction) and no result (that is outcomes), and it keeps no words, only
//! where they are. Start at `touch.rs` (what counts as contact), then `trajectory.rs` (what is said of a day);
//! `silence.rs` is the one rule for going quiet, on every screen, list and figure.
//!
//! # What counts as contact
//!
//! | fact | contact | two-way | begun by | why |
//! | --- | --- | --- | --- | --- |
//! | intake held | yes | yes | not told | somebody asked, the client answered |
//! | service delivered | yes | unless self-service | not told | also where the form was not recorded |
//! | contact made, check-in held | yes | as the fact says | as the fact says | |
//! | request received | yes | unless self-service | the client | whoever asks is not silent, and somebody took it down |
//! | concern raised or reopened, seen by the client | yes | yes | the client | likewise |
//! | concern raised or reopened, seen by others | no | | | the client may know nothing of it |
//! | gift received | yes | yes | the client | given and taken; a donor's rhythm is the rhythm of giving |
//! | shift worked | yes | yes | not told | side by side |
//! | follow-up held, seen by client, caregiver or staff | yes | unless self-service | staff | |
//! | follow-up held, seen by partner or system | no | | | a register was read; nobody spoke to the client |
//! | follow-up attempted and reached | yes | unless self-service | staff | |
//! | follow-up attempted and not reached | failed attempt | | | |
//! | contact attempted | failed attempt | | | |
//! | check-in missed | failed attempt | | | and counted as missed |
//! | journey opened, consents, analysis, eligibility, enrolled, worker assigned, goal stated, plan agreed or revised | no | | | a record; the talk that went with it is a fact of its own |
//! | referral made or closed, support paid | no | | | an act of the organisation's |
//! | request answered, concern acknowledged, updated or resolved, expectation set or settled, thanks sent, impact shared | no | | | judged by satisfaction; counted here, they would make an organisation that keeps people informed look one-sided |
//! | alerts raised and cleared | no | | | a rule spoke about the client, nobody with them |
//! | readings, ratings, surveys, difficulties, life events | no | | | can be given alone, or by somebody else |
//! | milestones, indicators, completion, exit, outcomes, relationship grown, death | no | | | something became true; nobody need have spoken |
//! | amendments, facts of programmes | no | | | not of the client's life |
//!
//! ```
//! use throughline_engagement::Engagement;
//! use throughline_projection::{Answers, Programmes, Projection};
//! let view = <Engagement as Projection>::View::default();
//! let answer = Engagement::answer(&view, jiff::civil::date(2025, 3, 1), &Programmes::default());
//! assert_eq!(answer.silence.standing.code(), "no-contact-yet");
//! ```

mod alignment;
mod answer;
mod card;
mod days;
mod features;
mod life;
mod readings;
#[cfg(test)]
mod reference;
mod shape;
mod silence;
mod sums;
mod tally;
mod touch;
mod trajectory;
mod view;
mod window;

pub use answer::*;
pub use card::Card;
pub use shape::Shape;
pub use silence::Standing;
pub use tally::Tally;
pub use view::{FailedKind, View};

use jiff::civil::Date;
use throughline_domain::Fact;
use throughline_projection::{Answers, Figure, Programmes, Projection, Sums, WorkItem, WorkList};

use crate::{
    life::Life,
    silence::{LOST, QUIET, Rhythm, WATCH},
};

/// Failed attempts named in an answer, at most.
const ATTEMPTS_MAX: usize = 20;

/// The projector of engagement.
#[derive(Debug, Clone, Copy)]
pub struct Engagement;

impl Projection for Engagement {
    const NAME: &'static str = "engagement";
    const VERSION: u32 = 1;
    type View = View;

    fn fold(view: &mut View, fact: &Fact) {
        view.fold(fact);
    }
}

impl Answers for Engagement {
    type Answer = Answer;
    type Card = Card;
    type Tally = Tally;
    const WORK_LISTS: &'static [WorkList] = &[card::GOING_QUIET];
    const SUMS: Sums = sums::SUMS;

    fn answer(view: &View, on: Date, programmes: &Programmes) -> Answer {
        let life = Life::cut(view, days::number(on), programmes);
        let (trajectory, now) = trajectory::trajectory(&life);
        Answer {
            on,
            since: life.first.map(days::date),
            window_days: life.settings(life.on).engagement_window_days.max(2),
            silence: silence_of(&life),
            now,
            alignment: alignment::align(life.aims),
            trajectory,
        }
    }

    fn card(view: &View) -> Option<Card> {
        Card::of(view)
    }

    fn work(card: &Card, list: &str, on: Date, programmes: &Programmes) -> Vec<WorkItem> {
        if list == card::GOING_QUIET.name {
            card.work(on, programmes).into_iter().collect()
        } else {
            Vec::new()
        }
    }

    fn tally(tally: &mut Tally, view: &View, on: Date, programmes: &Programmes) {
        tally.add(view, days::number(on), programmes);
    }

    fn merge(into: &mut Tally, other: Tally) {
        into.merge(&other);
    }

    fn figures(tally: Tally) -> Vec<Figure> {
        tally.figures()
    }
}

fn silence_of(life: &Life<'_>) -> Silence {
    let standing = life.standing(life.on);
    let last = life.rhythm(life.on);
    let living = last.filter(|_| standing != Standing::Deceased);
    let settings = life.settings(life.on);
    let since = last.map_or(0, |rhythm| life.failed.partition_point(|failed| failed.day <= rhythm.last));
    let attempts = &life.failed[since..];
    let own = |rhythm: Rhythm| {
        let from = |threshold| rhythm.reaches(settings, threshold).map(days::date);
        OwnRhythm {
            returns: rhythm.returns,
            over_days: rhythm.over_days,
            prior_shape: settings.silence_prior_shape,
            prior_days: settings.silence_prior_days,
            watch_from: from(WATCH),
            quiet_from: from(QUIET),
            lost_from: from(LOST),
        }
    };
    let evidence = |rhythm: Rhythm| {
        let event = life.contact_on(rhythm.last)?;
        Some(Evidence { event, on: days::date(rhythm.last) })
    };
    let named = attempts[attempts.len().saturating_sub(ATTEMPTS_MAX)..].iter().map(|failed| Attempt {
        event: failed.event,
        on: days::date(failed.day),
        kind: failed.kind,
        by: failed.by,
    });
    Silence {
        standing,
        probability: living.map(|rhythm| rounded(rhythm.probability(settings, life.on))),
        days: living.map(|rhythm| life.on - rhythm.last),
        last_contact: last.and_then(evidence),
        rhythm: living.map(own),
        attempts: u32::try_from(attempts.len()).expect("fewer than four billion events"),
        latest_attempts: named.collect(),
    }
}
