//! What is added up over clients, and the figures it makes. Whole counts only: any order gives the same figures.

use throughline_domain::Kept;
use throughline_projection::{Day, Figure};

use crate::{
    clock::ClockState,
    concerns,
    counts::{Clocks, Expected, Mouths, Righted, Year},
    expectations,
    heard::{Question, Verdict},
    histogram::Histogram,
    poll::{Poll, Surveyed},
    ratings::{Polled, YEAR_DAYS},
    requests, thanks,
    view::View,
    word_of_mouth::word_of_mouth,
};

/// Counts over clients.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    csat: Poll,
    nps: Poll,
    surveys: Surveyed,
    last_year: Year,
    year_before: Year,
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

impl Tally {
    pub(crate) fn add(&mut self, view: &View, on: Day) {
        let polled = Polled::on(view, on);
        self.csat.add(polled.poll(Question::Csat));
        self.nps.add(polled.poll(Question::Nps));
        self.surveys.add(polled.surveyed());
        self.last_year.add(Year::of(view, on));
        self.year_before.add(Year::of(view, on.minus(YEAR_DAYS)));
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
        self.last_year.add(other.last_year);
        self.year_before.add(other.year_before);
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
        figures.extend(self.last_year.figures("last-year"));
        figures.extend(self.year_before.figures("year-before"));
        figures.extend(self.mouths.figures());
        figures
    }
}
