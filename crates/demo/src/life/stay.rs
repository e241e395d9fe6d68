//! A stay in a programme, week by week.

use throughline_domain::{
    Event, Eyes, IndicatorMeasured, MilestoneMissed, MilestoneReached, Note, Score, Value,
};

use super::{
    Life,
    survey::{Asked, Instrument},
};
use crate::{
    diary::{Told, code, key},
    words::talk,
};

/// One stay while it is told.
pub(super) struct Stay {
    pub(super) enrolment: u32,
    pub(super) from: i32,
    pub(super) weeks: i32,
    pub(super) plan: u32,
    /// Baseline and target of each of the programme's indicators.
    pub(super) marks: [(f64, f64); 3],
    /// Areas of life served, each by the bit of the first service in it.
    served: u32,
    sessions: u32,
    levels: f64,
    weeks_told: u32,
    milestones: usize,
}

impl Stay {
    pub(super) fn new(enrolment: u32, from: i32, weeks: i32, plan: u32, marks: [(f64, f64); 3]) -> Self {
        Self {
            enrolment,
            from,
            weeks,
            plan,
            marks,
            served: 0,
            sessions: 0,
            levels: 0.0,
            weeks_told: 0,
            milestones: 0,
        }
    }

    /// Mean engagement over the stay, 0 to 1.
    pub(super) fn depth(&self) -> f64 {
        if self.weeks_told == 0 { 0.3 } else { self.levels / f64::from(self.weeks_told) }
    }

    /// How many areas of life were served, 0 to 1 at four.
    pub(super) fn breadth(&self) -> f64 {
        f64::from(self.served.count_ones().min(4)) / 4.0
    }

    /// Goes on for this many weeks after a silence.
    pub(super) fn resume(&mut self, weeks: i32) {
        self.weeks = weeks;
    }

    /// How far from baseline to target, by what was done so far.
    pub(super) fn progress(&self) -> f64 {
        (f64::from(self.sessions) * 0.035 + self.depth() * 0.6 * self.breadth()).min(1.05)
    }
}

impl Life<'_, '_> {
    /// One week of the stay, from its Monday. `presence` fades from 1 to 0 before somebody drops out.
    pub(super) fn week(&mut self, stay: &mut Stay, week: i32, monday: i32, presence: f64) {
        let base = self.base(monday) * (0.5 + 0.5 * presence);
        self.level =
            (self.level + (base - self.level) * 0.25 + self.dice.around(0.0, 0.035)).clamp(0.02, 0.99);
        stay.levels += self.level;
        stay.weeks_told += 1;
        let day = monday + self.dice.within(0, 4);
        if self.dice.chance((0.2 + 0.38 * self.level) * presence) {
            self.serve(stay, day);
        }
        let called_weekly = self.offering().lift(self.person.site, day) > 0.11;
        if week % if called_weekly { 3 } else { 5 } == 2 {
            self.check_in(day, Some(stay.enrolment), (0.3 + 0.65 * self.level) * presence);
        }
        if week % 9 == 8 && self.dice.chance(presence) {
            self.readings(day, Some(stay.enrolment));
        }
        if week % 13 == 12 && self.dice.chance(presence) {
            self.measure(day, stay, "update", 1);
        }
        self.between_transactions(stay, week, day, presence);
        self.milestone(stay, week, day, presence);
    }

    fn between_transactions(&mut self, stay: &mut Stay, week: i32, day: i32, presence: f64) {
        let enrolment = stay.enrolment;
        if self.meets(0.075 * presence) {
            let own = self.dice.chance(0.2 + 0.5 * self.level);
            self.contact(day, if own { Eyes::Client } else { Eyes::Staff }, talk::CONTACT);
        }
        if self.meets_in(week, 3, 0.022 * presence) {
            self.request(day, talk::REQUESTS);
        }
        if self.meets_in(week, 5, 0.008) {
            self.concern(day, true);
        }
        if self.meets_in(week, 7, 0.02) {
            self.difficulty(day);
        }
        if self.meets_in(week, 9, 0.014) {
            self.life_event(day);
        }
        if self.meets_in(week, 4, 0.016 * presence) {
            self.refer(day, enrolment);
        }
        if self.meets_in(week, 6, 0.02 * presence) {
            self.pay_support(day, enrolment);
        }
        if self.meets_in(week, 8, 0.012 * presence) {
            self.expect(day, "next-step", 14);
        }
        if self.meets_in(week, 10, 0.008) {
            self.revise(day, stay);
        }
        if self.meets_in(week, 11, 0.008) {
            // Goals drift: away from the outcome where engagement is low, towards it where it is high.
            let shared = self.dice.chance(self.level);
            self.state_goal(day, Eyes::Client, shared.then_some(enrolment));
        }
        if self.dice.chance(0.006) {
            self.hand_over(day, enrolment);
        }
    }

    /// A session, told as it was, or wrongly and then put right.
    fn serve(&mut self, stay: &mut Stay, day: i32) {
        // The first services of the list are the heart of a programme.
        let nth = self.dice.between((0, 2)) + self.dice.between((0, 4));
        let nth = nth as usize % self.offering().services.len();
        let offer = &self.offering().services[nth];
        let session = self.session(offer, Some(stay.enrolment));
        let area = self.offering().services.iter().position(|other| other.life_area == offer.life_area);
        stay.served |= 1 << area.unwrap_or(nth);
        stay.sessions += 1;
        let mistaken = if self.fate.amended == Some(true) { 0.2 } else { 0.02 };
        if self.dice.chance(mistaken) && day - 40 > stay.from {
            return self.mistake(session, day);
        }
        let surveyed = self.meets(0.11);
        let late = if surveyed { 0 } else { self.lateness() };
        let entry = self.at(day).late(late);
        let told = self.diary.tell(entry, |ink| session.event(ink));
        if surveyed {
            let instrument = if self.dice.chance(0.7) { Instrument::Csat } else { Instrument::Nps };
            self.survey(
                day,
                Asked { process: "service", service: Some(offer.service), instrument },
                Some(told),
            );
        }
    }

    fn hand_over(&mut self, day: i32, enrolment: u32) {
        let number = self.dice.between((0, 1 << 20));
        let colleague = self.world.worker_of(self.person.offering, number);
        let workers = &self.world.workers;
        if colleague != self.person.worker && workers[usize::from(colleague)].site == self.person.site {
            self.person.worker = colleague;
            self.assign(day, enrolment);
        }
    }

    fn milestone(&mut self, stay: &mut Stay, week: i32, day: i32, presence: f64) {
        let offering = self.offering();
        let due = |nth: usize| (nth as f64 + 1.0) / (offering.milestones.len() as f64 + 1.0);
        let gone = f64::from(week + 1) / f64::from(stay.weeks.max(1));
        if stay.milestones >= offering.milestones.len() || gone < due(stay.milestones) {
            return;
        }
        let milestone = offering.milestones[stay.milestones];
        stay.milestones += 1;
        let enrolment = stay.enrolment;
        if self.dice.chance((0.35 + 0.6 * self.level) * presence) {
            self.diary.tell(self.on(day), |_| {
                Event::from(MilestoneReached {
                    enrolment: Some(key("e", enrolment)),
                    milestone: code(milestone),
                    life_area: Some(code(offering.life_area)),
                    personal: Note::default(),
                })
            });
        } else {
            self.diary.tell(self.on(day), |ink| {
                let reason = *ink.dice.pick(&["illness", "transport", "family", "not-ready", "office-delay"]);
                Event::from(MilestoneMissed {
                    enrolment: Some(key("e", enrolment)),
                    milestone: code(milestone),
                    reason: Some(code(reason)),
                    personal: Note::default(),
                })
            });
        }
    }

    /// Measures the programme's indicators, at least this many of them; what comes back is the last.
    pub(super) fn measure(
        &mut self,
        day: i32,
        stay: &Stay,
        stage: &'static str,
        least: usize,
    ) -> Option<Told> {
        let gauges = self.offering().gauges;
        let progress = if stage == "entry" { 0.0 } else { stay.progress() };
        let mut last = None;
        for (nth, (gauge, (baseline, target))) in gauges.iter().zip(stay.marks).enumerate() {
            if nth >= least && self.dice.chance(0.5) {
                continue;
            }
            let reached = (progress * self.dice.number(0.75, 1.2)).min(1.1);
            let value = (baseline + (target - baseline) * reached).round().max(0.0);
            let enrolment = stay.enrolment;
            last = Some(self.diary.tell(self.on(day), |_| {
                Event::from(IndicatorMeasured {
                    enrolment: Some(key("e", enrolment)),
                    indicator: code(gauge.indicator),
                    value: Value::Number(score(value)),
                    life_area: Some(code(gauge.life_area)),
                    stage: Some(code(stage)),
                    personal: Note::default(),
                })
            }));
        }
        last
    }
}

pub(super) fn score(number: f64) -> Score {
    Score::new(number).expect("a mark on the way to a target is finite")
}
