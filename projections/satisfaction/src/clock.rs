//! What is owed, from when, by when, and how that stands on a date. One rule for every screen and list.

use jiff::civil::Date;
use serde::Serialize;
use throughline_domain::{EventId, Eyes};

use throughline_projection::Day;

use crate::view::{Dated, View};

/// What is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A first answer to a request.
    AnswerRequest,
    /// The rest of an answer that met a request only in part.
    CompleteAnswer,
    /// Word that a concern was heard.
    AcknowledgeConcern,
    /// An answer to a concern.
    AnswerConcern,
    /// Word of how a concern stands whose answer is late.
    UpdateConcern,
    /// What the client was told to expect.
    KeepExpectation,
    /// Thanks for a gift or a shift.
    SendThanks,
}

impl What {
    /// Its code in work lists.
    pub const fn code(self) -> &'static str {
        match self {
            Self::AnswerRequest => "answer-request",
            Self::CompleteAnswer => "complete-answer",
            Self::AcknowledgeConcern => "acknowledge-concern",
            Self::AnswerConcern => "answer-concern",
            Self::UpdateConcern => "update-concern",
            Self::KeepExpectation => "keep-expectation",
            Self::SendThanks => "send-thanks",
        }
    }
}

/// How a clock stands on a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClockState {
    /// Done on or before the day it was due.
    Met,
    /// Done after that day, or that day has passed and it is not done.
    Missed,
    /// Not done, and the day it is due has not passed.
    Running,
    /// Owed no longer before it was due: the concern was answered, or the client died.
    Stopped,
}

/// One thing owed, over all time: what stands on a date is asked of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Owed {
    pub what: What,
    pub to: Eyes,
    /// The event it is owed for.
    pub event: EventId,
    pub from: Day,
    pub due: Option<Day>,
    /// Whether that day was named to somebody, rather than being the house's own target.
    pub promised: bool,
    pub settled: Option<Dated>,
    pub stopped: Option<Day>,
}

impl Owed {
    pub(crate) fn new(what: What, event: &Dated, due: Option<Day>) -> Self {
        let to = match event.eyes {
            Eyes::Caregiver | Eyes::Partner => event.eyes,
            // Staff and systems write down what the client asked.
            Eyes::Client | Eyes::Staff | Eyes::System => Eyes::Client,
        };
        Self {
            what,
            to,
            event: event.event,
            from: event.day,
            due,
            promised: true,
            settled: None,
            stopped: None,
        }
    }

    /// Ended by the client's death, if it was owed to the client.
    pub(crate) fn while_alive(mut self, view: &View) -> Self {
        if let Some(died) = view.died.filter(|died| self.to == Eyes::Client && died.day >= self.from) {
            self.stopped = Some(self.stopped.map_or(died.day, |stopped| stopped.min(died.day)));
        }
        self
    }

    pub(crate) fn settled(&self, on: Day) -> Option<&Dated> {
        self.settled.as_ref().filter(|settled| settled.day <= on)
    }

    /// The first day on which it was owed no longer.
    pub(crate) fn until(&self) -> Option<Day> {
        match (self.settled.map(|settled| settled.day), self.stopped) {
            (Some(settled), Some(stopped)) => Some(settled.min(stopped)),
            (settled, stopped) => settled.or(stopped),
        }
    }

    pub(crate) fn is_open(&self, on: Day) -> bool {
        self.from <= on && self.until().is_none_or(|until| until > on)
    }

    pub(crate) fn state(&self, on: Day) -> ClockState {
        let late = |day: Day| self.due.is_some_and(|due| day > due);
        let stopped = self.stopped.filter(|stopped| *stopped <= on);
        match (self.settled(on), stopped) {
            (Some(settled), _) if late(settled.day) => ClockState::Missed,
            (Some(_), _) => ClockState::Met,
            (None, Some(stopped)) if late(stopped) => ClockState::Missed,
            (None, Some(_)) => ClockState::Stopped,
            (None, None) if late(on) => ClockState::Missed,
            (None, None) => ClockState::Running,
        }
    }

    pub(crate) fn clock(&self, on: Day) -> Clock {
        let settled = self.settled(on);
        let open = self.is_open(on);
        Clock {
            state: self.state(on),
            since: self.from.date(),
            due: self.due.map(Day::date),
            done: settled.map(|settled| settled.day.date()),
            days_taken: settled.map(|settled| settled.day.since(self.from)),
            days_overdue: self.due.filter(|due| open && *due < on).map(|due| on.since(due)),
            evidence: std::iter::once(self.event).chain(settled.map(|settled| settled.event)).collect(),
        }
    }
}

/// A clock as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Clock {
    /// How it stands.
    pub state: ClockState,
    /// The day it began to run.
    #[schema(value_type = String, format = Date)]
    pub since: Date,
    /// The last day on which it can be met; unset where no day was named.
    #[schema(value_type = Option<String>, format = Date)]
    pub due: Option<Date>,
    /// The day it was done.
    #[schema(value_type = Option<String>, format = Date)]
    pub done: Option<Date>,
    /// Whole days from the day it began to the day it was done.
    pub days_taken: Option<i32>,
    /// Whole days since it was due, where it is still owed and late.
    pub days_overdue: Option<i32>,
    /// The event that began it, and the one that ended it.
    #[schema(value_type = Vec<String>)]
    pub evidence: Vec<EventId>,
}
