//! What is said of one enrolment and how it ended.

use jiff::civil::Date;
use serde::Serialize;
use throughline_domain::{Code, DestinationKind, EventId, Key};

use throughline_projection::Day;

use crate::{
    exits::{End, Stay},
    life::Life,
    outcome::Mark,
    view::What,
};

/// One enrolment and how it ended, or the services that name none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = outcomes::Stay)]
pub struct StayOnDate {
    /// The enrolment; unset for services that name none.
    pub enrolment: Option<Key>,
    /// Its programme.
    pub programme: Option<Code>,
    /// When it began.
    pub began: Option<Mark>,
    /// How it stands.
    pub end: End,
    /// The day of the exit that stands: the recorded one, else the derived one.
    #[schema(value_type = Option<String>, format = Date)]
    pub exit: Option<Date>,
    /// The last service.
    pub last_service: Option<Mark>,
    /// Service-free days after which an exit is derived.
    pub exit_after_days: u16,
    /// The day from which an exit is derived if no service comes before.
    #[schema(value_type = Option<String>, format = Date)]
    pub derived_from: Option<Date>,
    /// The last exit on record.
    pub recorded: Option<RecordedExit>,
    /// Derived exits that a later service undid.
    pub reopened: Vec<Reopened>,
    /// When the programme was finished: a milestone of the programme's, never an outcome.
    pub completed: Option<Mark>,
}

/// An exit on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = outcomes::RecordedExit)]
pub struct RecordedExit {
    /// When.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// The event.
    pub event: EventId,
    /// Why.
    pub reason: Option<Code>,
    /// Where to.
    pub destination: Option<DestinationKind>,
    /// The source's own code for it.
    pub destination_code: Option<Code>,
}

/// A derived exit that a later service undid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = outcomes::Reopened)]
pub struct Reopened {
    /// The day of the exit.
    #[schema(value_type = String, format = Date)]
    pub exit: Date,
    /// The service that undid it.
    pub by: Mark,
}

/// What is said of this stay.
pub(crate) fn stay_on_date(life: &Life<'_>, stay: &Stay<'_>) -> StayOnDate {
    let recorded = stay.recorded.and_then(|fact| match fact.what {
        What::Exited { reason, to, .. } => Some(RecordedExit {
            date: fact.day.date(),
            event: fact.event,
            reason: life.view.code_if(reason),
            destination: to.map(|(kind, _)| kind),
            destination_code: life.view.code_if(to.and_then(|(_, code)| code)),
        }),
        _ => None,
    });
    StayOnDate {
        enrolment: stay.enrolment.map(|key| life.view.key(key).clone()),
        programme: life.view.code_if(stay.programme),
        began: stay.begun.map(Mark::of),
        end: stay.end,
        exit: stay.exit().map(Day::date),
        last_service: stay.last_service.map(Mark::of),
        exit_after_days: stay.after_days,
        derived_from: stay.last_service.map(|fact| fact.day.plus(stay.after_days).date()),
        recorded,
        reopened: stay
            .reopened
            .iter()
            .map(|(exit, by)| Reopened { exit: exit.date(), by: Mark::of(by) })
            .collect(),
        completed: stay.completed.map(Mark::of),
    }
}
