//! What is added up over clients, and the figures it makes. Whole counts only: any order gives the same figures.

use throughline_domain::Kept;
use throughline_projection::Figure;

use crate::{
    clock::{ClockState, Owed},
    concerns,
    day::Day,
    expectations,
    heard::{Question, Verdict},
    histogram::Histogram,
    poll::{Poll, Surveyed},
    ratings::Polled,
    requests, thanks,
    view::View,
    word_of_mouth::{DISSATISFIED_TELLS, SATISFIED_TELLS, word_of_mouth},
};

/// Counts over clients.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    csat: Poll,
    nps: Poll,
    surveys: Surveyed,
    answered: Clocks,
    answer_days: Histogram,
    concern_acknowledged: Clocks,
    concern_answered: Clocks,
    concern_updated: Clocks,
    concerns: Righted,
    expectations: Expected,
    thanked: Clocks,
    thanks_days: Histogram,
    gifts: u64,
    impact_shown: u64,
    mouths: Mouths,
}

/// How clocks stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Clocks {
    met: u64,
    done_late: u64,
    overdue: u64,
    /// Overdue when the client died, and owed no longer.
    lapsed: u64,
    running: u64,
    stopped: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Righted {
    yes: u64,
    partly: u64,
    no: u64,
    open: u64,
    ever_answered: u64,
    reopened: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Expected {
    yes: u64,
    partly: u64,
    no: u64,
    open: u64,
    overdue: u64,
    stopped: u64,
}

/// Clients by how they stand in word of mouth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Mouths {
    satisfied: u64,
    neutral: u64,
    dissatisfied: u64,
    never_rated: u64,
}

impl Clocks {
    fn count(&mut self, owed: &Owed, on: Day) {
        match owed.state(on) {
            ClockState::Met => self.met += 1,
            ClockState::Missed if owed.is_open(on) => self.overdue += 1,
            ClockState::Missed if owed.settled(on).is_some() => self.done_late += 1,
            ClockState::Missed => self.lapsed += 1,
            ClockState::Running => self.running += 1,
            ClockState::Stopped => self.stopped += 1,
        }
    }

    fn add(&mut self, other: Self) {
        self.met += other.met;
        self.done_late += other.done_late;
        self.overdue += other.overdue;
        self.lapsed += other.lapsed;
        self.running += other.running;
        self.stopped += other.stopped;
    }

    fn done(&self) -> u64 {
        self.met + self.done_late
    }

    /// Not done, and owed no longer.
    fn ended(&self) -> u64 {
        self.lapsed + self.stopped
    }

    /// Done by all that were ever owed; those not done but not late yet may still be.
    fn done_share(&self, name: &str) -> Figure {
        let all = self.done() + self.overdue + self.running + self.ended();
        Figure::share(name, self.done(), all)
            .between(share(self.done(), all), share(self.done() + self.overdue + self.running, all))
            .missing("overdue", self.overdue)
            .missing("not-yet-due", self.running)
            .missing("died", self.ended())
    }

    /// Met by met and missed. Clocks still running are missing; the bounds take none or all of them as met.
    fn in_time(&self, name: &str) -> Figure {
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

impl Tally {
    pub(crate) fn add(&mut self, view: &View, on: Day) {
        let polled = Polled::on(view, on);
        self.csat.add(polled.poll(Question::Csat));
        self.nps.add(polled.poll(Question::Nps));
        self.surveys.add(polled.surveyed());
        match word_of_mouth(&polled).verdict {
            Some(Verdict::Satisfied) => self.mouths.satisfied += 1,
            Some(Verdict::Neutral) => self.mouths.neutral += 1,
            Some(Verdict::Dissatisfied) => self.mouths.dissatisfied += 1,
            None => self.mouths.never_rated += 1,
        }
        self.add_requests(view, on);
        self.add_concerns(view, on);
        self.add_expectations(view, on);
        self.add_thanks(view, on);
    }

    fn add_requests(&mut self, view: &View, on: Day) {
        let requests = view.requests.values().filter_map(|request| requests::owed(view, request));
        for (owed, _) in requests.filter(|(owed, _)| owed.from <= on) {
            self.answered.count(&owed, on);
            owed.settled(on).into_iter().for_each(|at| self.answer_days.add(at.day.since(owed.from)));
        }
    }

    fn add_concerns(&mut self, view: &View, on: Day) {
        for concern in view.concerns.values() {
            let rounds = concerns::rounds_on(view, concern, on);
            let Some(last) = rounds.last() else { continue };
            match last.put_right(on) {
                Some(Kept::Yes) => self.concerns.yes += 1,
                Some(Kept::Partly) => self.concerns.partly += 1,
                Some(Kept::No) => self.concerns.no += 1,
                None => self.concerns.open += 1,
            }
            self.concerns.ever_answered += u64::from(rounds[0].put_right(on).is_some());
            self.concerns.reopened += u64::from(rounds.len() > 1);
            for round in &rounds {
                self.concern_acknowledged.count(&round.acknowledge, on);
                self.concern_answered.count(&round.answer, on);
                let updates = round.updates.iter().filter(|update| update.from <= on);
                updates.for_each(|update| self.concern_updated.count(update, on));
            }
        }
    }

    fn add_expectations(&mut self, view: &View, on: Day) {
        let expectations =
            view.expectations.values().filter_map(|expectation| expectations::owed(view, expectation));
        for (owed, first) in expectations.filter(|(owed, _)| owed.from <= on) {
            let kept = owed.settled(on).and(first).map(|(_, kept)| *kept);
            match (kept, owed.state(on)) {
                (Some(Kept::Yes), _) => self.expectations.yes += 1,
                (Some(Kept::Partly), _) => self.expectations.partly += 1,
                (Some(Kept::No), _) => self.expectations.no += 1,
                (None, ClockState::Missed) if owed.is_open(on) => self.expectations.overdue += 1,
                (None, ClockState::Missed | ClockState::Stopped) => self.expectations.stopped += 1,
                (None, ClockState::Running | ClockState::Met) => self.expectations.open += 1,
            }
        }
    }

    fn add_thanks(&mut self, view: &View, on: Day) {
        for gift in view.gifts.values() {
            let Some((owed, _)) = thanks::owed(view, gift).filter(|(owed, _)| owed.from <= on) else {
                continue;
            };
            self.thanked.count(&owed, on);
            self.gifts += 1;
            self.impact_shown += u64::from(thanks::impact(view, gift, on).is_some());
            owed.settled(on).into_iter().for_each(|at| self.thanks_days.add(at.day.since(owed.from)));
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.csat.add(other.csat);
        self.nps.add(other.nps);
        self.surveys.add(other.surveys);
        self.answered.add(other.answered);
        self.answer_days.merge(other.answer_days);
        self.concern_acknowledged.add(other.concern_acknowledged);
        self.concern_answered.add(other.concern_answered);
        self.concern_updated.add(other.concern_updated);
        self.concerns.add(other.concerns);
        self.expectations.add(other.expectations);
        self.thanked.add(other.thanked);
        self.thanks_days.merge(other.thanks_days);
        self.gifts += other.gifts;
        self.impact_shown += other.impact_shown;
        self.mouths.add(other.mouths);
    }

    pub(crate) fn figures(&self) -> Vec<Figure> {
        let days = |name: &str, days: &Histogram, quantile: Option<i32>, clocks: &Clocks| {
            let figure = Figure::of(name, "days", quantile.map(f64::from));
            Figure { denominator: Some(days.count()), ..figure }
                .missing("still-open", clocks.overdue + clocks.running)
                .missing("died", clocks.ended())
        };
        let answers = &self.answer_days;
        let thanks = &self.thanks_days;
        let mut figures = vec![
            self.csat.csat_figure("csat-share"),
            self.nps.nps_figure("nps"),
            self.surveys.response_figure("response-rate"),
            self.answered.done_share("requests-answered-share"),
            self.answered.in_time("requests-answered-in-time-share"),
            days("first-answer-median-days", answers, answers.median(), &self.answered),
            days("first-answer-90th-days", answers, answers.ninetieth(), &self.answered),
            self.concern_acknowledged.in_time("concerns-acknowledged-in-time-share"),
            self.concern_answered.in_time("concerns-answered-in-time-share"),
            self.concern_updated.in_time("concerns-updated-in-time-share"),
            self.concerns.put_right(),
            Figure::share("concerns-reopened-share", self.concerns.reopened, self.concerns.ever_answered),
            self.expectations.kept(),
            self.thanked.done_share("thanks-sent-share"),
            self.thanked.in_time("thanks-in-time-share"),
            days("thanks-median-days", thanks, thanks.median(), &self.thanked),
            Figure::share("impact-shown-share", self.impact_shown, self.gifts),
        ];
        figures.extend(self.mouths.figures());
        figures
    }
}

impl Righted {
    fn add(&mut self, other: Self) {
        self.yes += other.yes;
        self.partly += other.partly;
        self.no += other.no;
        self.open += other.open;
        self.ever_answered += other.ever_answered;
        self.reopened += other.reopened;
    }

    fn put_right(&self) -> Figure {
        let answered = self.yes + self.partly + self.no;
        let all = answered + self.open;
        Figure::share("concerns-put-right-share", self.yes, answered)
            .between(share(self.yes, all), share(self.yes + self.open, all))
            .missing("open", self.open)
    }
}

impl Expected {
    fn add(&mut self, other: Self) {
        self.yes += other.yes;
        self.partly += other.partly;
        self.no += other.no;
        self.open += other.open;
        self.overdue += other.overdue;
        self.stopped += other.stopped;
    }

    fn kept(&self) -> Figure {
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
    fn add(&mut self, other: Self) {
        self.satisfied += other.satisfied;
        self.neutral += other.neutral;
        self.dissatisfied += other.dissatisfied;
        self.never_rated += other.never_rated;
    }

    /// People told. The value is the middle of what is known: only the two ends come from a source.
    fn figures(&self) -> Vec<Figure> {
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
