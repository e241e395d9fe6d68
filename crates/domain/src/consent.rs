//! Whether somebody agrees to a use of their data on a day, and by which event.

use std::cmp::Reverse;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Code, Event, EventId, Fact, Intake, Occurred};

/// How consent for one scope stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// It holds, by this giving.
    Live(Given),
    /// None was given by then.
    NeverGiven,
    /// The client took it back on this day, by this event, and has not given it again since.
    Withdrawn {
        /// On which day.
        on: Date,
        /// By which event.
        by: EventId,
    },
    /// The last one given held until a day before.
    Ended(Given),
}

/// A consent as it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// The event; a corrected one keeps its id.
    pub event: EventId,
    /// The day on which it was given.
    pub given: Date,
    /// The last day on which it holds; open where unset.
    pub until: Option<Date>,
}

impl Consent {
    /// How consent for this scope stands on a day of this life ([`crate::amend()`]).
    ///
    /// The last giving on or before the day counts, whatever an earlier one said. A withdrawal ends every giving that is
    /// not known to be later: where one day has both and not the time of both, the client took it back, for data that
    /// stayed can still leave, and data that left does not come back.
    pub fn of(life: &[Fact], scope: &Code, on: Date) -> Self {
        let turns =
            || life.iter().filter(|fact| fact.occurred.day() <= on).filter_map(|fact| turn(fact, scope));
        let last_given = turns()
            .filter_map(|turn| Some((turn.occurred, turn.given?)))
            // Of two at the same time the one that ends sooner, so that the order of writing says nothing.
            .max_by_key(|(occurred, given)| {
                (*occurred, Reverse(given.until.unwrap_or(Date::MAX)), given.event)
            });
        let taken_back = turns()
            .filter(|turn| turn.given.is_none())
            .filter(|turn| last_given.is_none_or(|(given, _)| !is_known_after(given, turn.occurred)))
            .max_by_key(|turn| (turn.occurred, turn.event));
        match (taken_back, last_given) {
            (Some(Turn { occurred, event, .. }), _) => Self::Withdrawn { on: occurred.day(), by: event },
            (None, None) => Self::NeverGiven,
            (None, Some((_, given))) if given.until.is_some_and(|until| until < on) => Self::Ended(given),
            (None, Some((_, given))) => Self::Live(given),
        }
    }
}

/// A consent given, or taken back where nothing is given.
struct Turn {
    occurred: Occurred,
    event: EventId,
    given: Option<Given>,
}

fn turn(fact: &Fact, scope: &Code) -> Option<Turn> {
    let given = match &fact.event {
        Event::Intake(Intake::ConsentGiven(given)) if given.scope == *scope => {
            Some(Given { event: fact.id, given: fact.occurred.day(), until: given.until })
        }
        Event::Intake(Intake::ConsentWithdrawn(withdrawn)) if withdrawn.scope == *scope => None,
        _ => return None,
    };
    Some(Turn { occurred: fact.occurred, event: fact.id, given })
}

/// Whether the one is known to have happened after the other: by their instants, else by their days.
fn is_known_after(one: Occurred, other: Occurred) -> bool {
    match (one.instant(), other.instant()) {
        (Some(one), Some(other)) => one > other,
        _ => one.day() > other.day(),
    }
}
