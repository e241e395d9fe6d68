//! From intake to the agreed plan, its revisions, and the client's own goals beside it.

use throughline_domain::{
    AnalysisMade, Code, Departure, DesiredOutcome, Event, Eyes, Findings, GoalStated, IndicatorScore,
    PlanAgreed, PlanRevised, PlanWords, PlannedIndicator, Reasoned, TemplateChange, WindowAnchor,
};

use super::{
    Life,
    stay::{Stay, score},
    survey::{Asked, Instrument},
};
use crate::{
    diary::{Ink, code, key, text},
    programmes::{Gauge, Offering},
    words::{goals, remarks},
};

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
        let stay = Stay::new(enrolment, from, weeks, plan, marks);
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
    pub(super) fn revise(&mut self, day: i32, stay: &mut Stay) {
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
    pub(super) fn state_goal(&mut self, day: i32, by: Eyes, outcome: Option<u32>) {
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
