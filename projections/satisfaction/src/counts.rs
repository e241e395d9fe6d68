//! Counts that add up over clients, each with the rate it makes.

use throughline_projection::{Day, Figure};

use crate::{
    clock::{ClockState, Owed},
    heard::Question,
    poll::{Poll, Surveyed},
    ratings::Polled,
    view::View,
    word_of_mouth::{DISSATISFIED_TELLS, SATISFIED_TELLS},
};

/// What was said and asked within a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Year {
    csat: Poll,
    nps: Poll,
    surveys: Surveyed,
}

impl Year {
    pub(crate) fn of(view: &View, on: Day) -> Self {
        let polled = Polled::year(view, on);
        Self {
            csat: polled.poll(Question::Csat),
            nps: polled.poll(Question::Nps),
            surveys: polled.surveyed(),
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.csat.add(other.csat);
        self.nps.add(other.nps);
        self.surveys.add(other.surveys);
    }

    pub(crate) fn figures(&self, which: &str) -> [Figure; 3] {
        [
            self.csat.csat_figure(&format!("csat-share-{which}")),
            self.nps.nps_figure(&format!("nps-{which}")),
            self.surveys.response_figure(&format!("response-rate-{which}")),
        ]
    }
}

/// How clocks stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Clocks {
    pub met: u64,
    pub done_late: u64,
    pub overdue: u64,
    /// Overdue when the client died, and owed no longer.
    pub lapsed: u64,
    pub running: u64,
    pub stopped: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Righted {
    pub yes: u64,
    pub partly: u64,
    pub no: u64,
    pub open: u64,
    pub ever_answered: u64,
    pub reopened: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Expected {
    pub yes: u64,
    pub partly: u64,
    pub no: u64,
    pub open: u64,
    pub overdue: u64,
    pub stopped: u64,
}

/// Clients by how they stand in word of mouth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Mouths {
    pub satisfied: u64,
    pub neutral: u64,
    pub dissatisfied: u64,
    pub never_rated: u64,
}

impl Clocks {
    pub(crate) fn count(&mut self, owed: &Owed, on: Day) {
        match owed.state(on) {
            ClockState::Met => self.met += 1,
            ClockState::Missed if owed.is_open(on) => self.overdue += 1,
            ClockState::Missed if owed.settled(on).is_some() => self.done_late += 1,
            ClockState::Missed => self.lapsed += 1,
            ClockState::Running => self.running += 1,
            ClockState::Stopped => self.stopped += 1,
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.met += other.met;
        self.done_late += other.done_late;
        self.overdue += other.overdue;
        self.lapsed += other.lapsed;
        self.running += other.running;
        self.stopped += other.stopped;
    }

    pub(crate) fn done(&self) -> u64 {
        self.met + self.done_late
    }

    /// Not done, and owed no longer.
    pub(crate) fn ended(&self) -> u64 {
        self.lapsed + self.stopped
    }

    /// Done by all that were ever owed; those not done but not late yet may still be.
    pub(crate) fn done_share(&self, name: &str) -> Figure {
        let all = self.done() + self.overdue + self.running + self.ended();
        Figure::share(name, self.done(), all)
            .between(share(self.done(), all), share(self.done() + self.overdue + self.running, all))
            .missing("overdue", self.overdue)
            .missing("not-yet-due", self.running)
            .missing("died", self.ended())
    }

    /// Met by met and missed. Clocks still running are missing; the bounds take none or all of them as met.
    pub(crate) fn in_time(&self, name: &str) -> Figure {
        let ended = self.met + self.done_late + self.overdue + self.lapsed;
        Figure::share(name, self.met, ended)
            .between(
                share(self.met, ended + self.running),
                share(self.met + self.running, ended + self.running),
            )
            .missing("running", self.running)
            .missing("stopped", self.stopped)
    }
}

impl Righted {
    pub(crate) fn add(&mut self, other: Self) {
        self.yes += other.yes;
        self.partly += other.partly;
        self.no += other.no;
        self.open += other.open;
        self.ever_answered += other.ever_answered;
        self.reopened += other.reopened;
    }

    pub(crate) fn put_right(&self) -> Figure {
        let answered = self.yes + self.partly + self.no;
        let all = answered + self.open;
        Figure::share("concerns-put-right-share", self.yes, answered)
            .between(share(self.yes, all), share(self.yes + self.open, all))
            .missing("open", self.open)
    }
}

impl Expected {
    pub(crate) fn add(&mut self, other: Self) {
        self.yes += other.yes;
        self.partly += other.partly;
        self.no += other.no;
        self.open += other.open;
        self.overdue += other.overdue;
        self.stopped += other.stopped;
    }

    pub(crate) fn kept(&self) -> Figure {
        let settled = self.yes + self.partly + self.no;
        let waiting = self.open + self.overdue;
        let all = settled + waiting;
        Figure::share("expectations-kept-share", self.yes, settled)
            .between(share(self.yes, all), share(self.yes + waiting, all))
            .missing("open", self.open)
            .missing("overdue", self.overdue)
            .missing("stopped", self.stopped)
    }
}

impl Mouths {
    pub(crate) fn add(&mut self, other: Self) {
        self.satisfied += other.satisfied;
        self.neutral += other.neutral;
        self.dissatisfied += other.dissatisfied;
        self.never_rated += other.never_rated;
    }

    /// People told. The value is the middle of what is known: only the two ends come from a source.
    pub(crate) fn figures(&self) -> Vec<Figure> {
        let low = (self.satisfied * SATISFIED_TELLS.0) as f64;
        let high = (self.satisfied * SATISFIED_TELLS.1) as f64;
        let badly = (self.dissatisfied * DISSATISFIED_TELLS) as f64;
        let rated = self.satisfied + self.neutral + self.dissatisfied;
        let people = |name: &str, clients: u64, low: f64, high: f64| {
            let figure = Figure {
                numerator: Some(clients as f64),
                denominator: Some(rated),
                ..Figure::of(name, "people", (rated > 0).then_some(f64::midpoint(low, high)))
            };
            let bounds = |bound: f64| (rated > 0).then_some(bound);
            figure
                .between(bounds(low), bounds(high))
                .missing("neutral", self.neutral)
                .missing("never-rated", self.never_rated)
        };
        vec![
            people("people-told", self.satisfied + self.dissatisfied, low + badly, high + badly),
            people("people-told-well", self.satisfied, low, high),
            people("people-told-badly", self.dissatisfied, badly, badly),
        ]
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
