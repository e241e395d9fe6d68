//! A stay in a programme, from the plan to its end, week by week.

use throughline_domain::{
    AnalysisMade, Code, Departure, DesiredOutcome, Event, Eyes, Findings, GoalStated, IndicatorMeasured,
    IndicatorScore, MilestoneMissed, MilestoneReached, Note, PlanAgreed, PlanRevised, PlanWords,
    PlannedIndicator, Reasoned, Score, TemplateChange, Value, WindowAnchor,
};

use super::{
    Life,
    survey::{Asked, Instrument},
};
use crate::{
    diary::{Ink, Told, code, key, text},
    programmes::{Gauge, Offering},
    words::{goals, remarks, talk},
};

/// One stay while it is told.
pub(super) struct Stay {
    pub(super) enrolment: u32,
    pub(super) from: i32,
    pub(super) weeks: i32,
    plan: u32,
    /// Baseline and target of each of the programme's indicators.
    marks: [(f64, f64); 3],
    /// Areas of life served, one bit for each service of the programme.
    served: u32,
    sessions: u32,
    levels: f64,
    pub(super) weeks_told: u32,
    milestones: usize,
}

impl Stay {
    /// Mean engagement over the stay, 0 to 1.
    pub(super) fn depth(&self) -> f64 {
        if self.weeks_told == 0 { 0.3 } else { self.levels / f64::from(self.weeks_told) }
    }

    /// How many of the programme's services were used, 0 to 1 at four.
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
    /// From intake to the agreed plan.
    pub(super) fn begin(&mut self, enrolment: u32, decided: i32) -> Stay {
        let held_on = self.after(decided, 1, 6);
        let held = self.hold_intake(held_on, Some(enrolment));
        self.survey(
            held_on,
            Asked { process: "intake", service: None, instrument: Instrument::Csat },
            Some(held),
        );
        let marks = [0, 1, 2].map(|nth| {
            let gauge = &self.offering().gauges[nth];
            let (baseline, target) = (gauge.baseline, gauge.target);
            (self.dice.number(baseline.0, baseline.1).round(), self.dice.number(target.0, target.1).round())
        });
        let analysed = self.after(held_on, 1, 4);
        self.analyse(analysed, enrolment, marks);
        let from = self.after(analysed, 0, 6);
        self.enrol(from, enrolment);
        let (shortest, longest) = self.offering().weeks;
        let weeks = self.dice.within(shortest, longest);
        let plan = self.name();
        let stay = Stay {
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
        };
        let agreed = self.after(from, 0, 7);
        self.agree(agreed, &stay);
        self.state_goals(agreed, enrolment);
        self.expect(agreed, "first-session", 7);
        self.readings(agreed, Some(enrolment));
        self.measure(agreed, &stay, "entry", 1);
        stay
    }

    fn analyse(&mut self, day: i32, enrolment: u32, marks: [(f64, f64); 3]) {
        let gauges = self.offering().gauges;
        self.diary.tell(self.on(day), |ink| {
            let scores = gauges
                .iter()
                .zip(marks)
                .map(|(gauge, (baseline, _))| IndicatorScore {
                    indicator: code(gauge.indicator),
                    value: score(baseline),
                })
                .collect();
            let tongue = ink.tongue as usize;
            let findings =
                ink.dice.some(remarks::FINDINGS, 2).into_iter().map(|said| text(said[tongue])).collect();
            Event::from(AnalysisMade {
                enrolment: Some(key("e", enrolment)),
                scores,
                personal: Findings { findings },
            })
        });
    }

    fn agree(&mut self, day: i32, stay: &Stay) {
        let (offering, nth) = (self.offering(), self.person.offering);
        let (enrolment, plan, marks) = (stay.enrolment, stay.plan, stay.marks);
        self.diary.tell(self.on(day), |ink| {
            let (changes, reasons) = departures(ink, offering);
            let note = ink.remark(0.3, remarks::ON_PLAN).note;
            Event::from(PlanAgreed {
                plan: key("p", plan),
                enrolment: Some(key("e", enrolment)),
                outcomes: vec![desired(offering, enrolment)],
                indicators: planned(offering.gauges, marks),
                changes,
                windows: Vec::new(),
                windows_from: offering.windows_from_exit.then_some(WindowAnchor::Exit),
                personal: PlanWords { vision: Some(ink.say(&[goals::VISIONS[nth]])), reasons, note },
            })
        });
    }

    /// What the plan says now, with targets moved to what turned out to be possible.
    fn revise(&mut self, day: i32, stay: &mut Stay) {
        let offering = self.offering();
        for (baseline, target) in &mut stay.marks {
            let moved = (*baseline + (*target - *baseline) * 0.8).round();
            if (moved - *baseline).abs() >= 1.0 {
                *target = moved;
            }
        }
        let (enrolment, plan, marks) = (stay.enrolment, stay.plan, stay.marks);
        self.diary.tell(self.on(day), |ink| {
            let (changes, reasons) = departures(ink, offering);
            let reason = *ink.dice.pick(&["goal-changed", "circumstances-changed", "target-too-far"]);
            Event::from(PlanRevised {
                plan: key("p", plan),
                reason: code(reason),
                outcomes: vec![desired(offering, enrolment)],
                indicators: planned(offering.gauges, marks),
                changes,
                windows: Vec::new(),
                windows_from: offering.windows_from_exit.then_some(WindowAnchor::Exit),
                personal: PlanWords { vision: None, reasons, note: None },
            })
        });
    }

    fn state_goals(&mut self, day: i32, enrolment: u32) {
        let shared = 0.35 + 0.55 * self.level;
        let shared = self.dice.chance(shared);
        self.state_goal(day, Eyes::Client, shared.then_some(enrolment));
        if self.dice.chance(0.35) {
            self.state_goal(day, Eyes::Client, None);
        }
        if self.person.carer && self.dice.chance(0.3) {
            let shared = self.dice.chance(0.7);
            self.state_goal(day, Eyes::Caregiver, shared.then_some(enrolment));
        }
    }

    /// A goal that serves the outcome of this enrolment, or none.
    fn state_goal(&mut self, day: i32, by: Eyes, outcome: Option<u32>) {
        let goal = self.name();
        let (offering, nth) = (self.offering(), self.person.offering);
        self.diary.tell(self.on(day).eyes(by), |ink| {
            let apart = *ink.dice.pick(&["income", "family", "food", "employment"]);
            let life_area = if outcome.is_some() { offering.life_area } else { apart };
            let said = match (by, outcome) {
                (Eyes::Caregiver, _) => goals::CAREGIVERS,
                (_, Some(_)) => goals::SHARED[nth],
                (_, None) => goals::APART,
            };
            Event::from(GoalStated {
                goal: key("g", goal),
                by,
                life_area: code(life_area),
                outcome: outcome.map(|nth| key("o", nth)),
                personal: ink.words(said),
            })
        });
    }

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
        let called_weekly = self.world.lift(self.person.offering, self.person.site, day) > 0.11;
        if week % if called_weekly { 3 } else { 5 } == 2 {
            self.check_in(day, Some(stay.enrolment), (0.3 + 0.65 * self.level) * presence);
        }
        if week % 9 == 8 && self.dice.chance(presence) {
            self.readings(day, Some(stay.enrolment));
        }
        if week % 13 == 12 && self.dice.chance(presence) {
            self.measure(day, stay, "update", 1);
        }
        self.between_transactions(stay, day, presence);
        self.milestone(stay, week, day, presence);
    }

    fn between_transactions(&mut self, stay: &mut Stay, day: i32, presence: f64) {
        let enrolment = stay.enrolment;
        if self.meets(0.075 * presence) {
            let own = self.dice.chance(0.2 + 0.5 * self.level);
            self.contact(day, if own { Eyes::Client } else { Eyes::Staff }, talk::CONTACT);
        }
        if self.meets(0.022 * presence) {
            self.request(day, talk::REQUESTS);
        }
        if self.meets(0.008) {
            self.concern(day, true);
        }
        if self.meets(0.02) {
            self.difficulty(day);
        }
        if self.meets(0.014) {
            self.life_event(day);
        }
        if self.meets(0.016 * presence) {
            self.refer(day, enrolment);
        }
        if self.meets(0.02 * presence) {
            self.pay_support(day, enrolment);
        }
        if self.meets(0.012 * presence) {
            self.expect(day, "next-step", 14);
        }
        if self.meets(0.008) {
            self.revise(day, stay);
        }
        if self.meets(0.008) {
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
        let nth = self.dice.within(0, 2) + self.dice.within(0, 4);
        let nth = (nth as usize) % self.offering().services.len();
        let offer = &self.offering().services[nth];
        let session = self.session(offer, Some(stay.enrolment));
        stay.served |= 1 << nth;
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
        let due = (week + 1) * (offering.milestones.len() as i32 + 1) / stay.weeks.max(1);
        if due <= stay.milestones as i32 || stay.milestones >= offering.milestones.len() {
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

fn score(number: f64) -> Score {
    Score::new(number).expect("a mark on the way to a target is finite")
}

fn desired(offering: &Offering, nth: u32) -> DesiredOutcome {
    DesiredOutcome {
        outcome: key("o", nth),
        what: code(offering.outcome),
        life_area: code(offering.life_area),
    }
}

fn planned(gauges: &[Gauge], marks: [(f64, f64); 3]) -> Vec<PlannedIndicator> {
    let planned = gauges.iter().zip(marks).map(|(gauge, (baseline, target))| PlannedIndicator {
        indicator: code(gauge.indicator),
        life_area: code(gauge.life_area),
        baseline: score(baseline),
        target: score(target),
    });
    planned.filter(|indicator| indicator.baseline != indicator.target).collect()
}

/// How the plan departs from its template, coded and in words.
fn departures(ink: &mut Ink<'_>, offering: &Offering) -> (Vec<TemplateChange>, Vec<Reasoned>) {
    const DEPARTURES: [Departure; 3] = [Departure::Added, Departure::Dropped, Departure::Altered];
    if ink.dice.chance(0.35) {
        return (Vec::new(), Vec::new());
    }
    let tongue = ink.tongue as usize;
    let steps: Vec<&str> =
        ink.dice.some(offering.services, 2).into_iter().map(|offer| offer.service).collect();
    let mut changes = Vec::new();
    let mut reasons = Vec::new();
    for step in steps {
        let reason = ink.dice.pick(remarks::DEPARTURES);
        let step: Code = code(step);
        reasons.push(Reasoned { what: text(step.as_str()), why: Some(text(reason.said[tongue])) });
        changes.push(TemplateChange {
            step,
            departure: *ink.dice.pick(&DEPARTURES),
            reason: code(reason.code),
        });
    }
    (changes, reasons)
}
