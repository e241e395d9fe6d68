//! What is kept of one journey: dated facts, in the order life happened, and nothing concluded from them.

use serde::{Deserialize, Serialize};
use throughline_domain::{
    CheckIn, Code, DesiredOutcome, Event, EventId, Eyes, Fact, Fit, Format, Intake, Key, Milestone,
    ReadingTaken, Role,
};

use crate::{
    days,
    readings::Measure,
    touch::{Met, Touch, has_clients_words, touch},
};

/// What is kept of one journey. Days are numbers from 1 January 1970; life areas, workers and programmes are
/// places in `codes`. Every list is in the order of life, so a date cuts it with one binary search.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct View {
    pub(crate) first: Option<i32>,
    pub(crate) role: Option<Dated<Role>>,
    pub(crate) died: Option<Dated<EventId>>,
    pub(crate) codes: Vec<Code>,
    pub(crate) contacts: Vec<Contact>,
    pub(crate) failed: Vec<Failed>,
    pub(crate) readings: Vec<Reading>,
    pub(crate) words: Vec<Dated<EventId>>,
    pub(crate) enrolments: Vec<Enrolment>,
    pub(crate) exits: Vec<Exit>,
    pub(crate) aims: Vec<Aim>,
}

/// Something and its day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Dated<T> {
    pub day: i32,
    pub what: T,
}

/// One contact.
#[allow(clippy::struct_excessive_bools, reason = "four separate sides of a contact, each counted on its own")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Contact {
    pub day: i32,
    pub event: EventId,
    pub two_way: bool,
    pub check_in: bool,
    pub begun_by: Option<Eyes>,
    pub format: Format,
    pub life_area: Option<u16>,
    pub worker: Option<u16>,
    pub caregiver: bool,
    pub partner: bool,
    pub fit: PackedFit,
}

/// The four sides of [`Fit`], two bits each: 0 not rated, 1 no, 2 yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct PackedFit(u8);

impl PackedFit {
    pub(crate) const SIDES: usize = 4;

    /// Needed, usable, tailored, timely.
    pub(crate) fn side(self, side: usize) -> Option<bool> {
        match (self.0 >> (2 * side)) & 3 {
            0 => None,
            rated => Some(rated == 2),
        }
    }
}

impl From<Fit> for PackedFit {
    fn from(fit: Fit) -> Self {
        let sides = [fit.needed, fit.usable, fit.tailored, fit.timely];
        let pack = |side: Option<bool>| side.map_or(0, |yes| if yes { 2 } else { 1 });
        Self(sides.into_iter().rev().fold(0, |packed, side| packed << 2 | pack(side)))
    }
}

/// A try that came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Failed {
    pub day: i32,
    pub event: EventId,
    pub kind: FailedKind,
    pub by: Eyes,
}

/// What came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = engagement::FailedKind)]
pub enum FailedKind {
    /// Somebody tried to be in touch and was not.
    ContactAttempted,
    /// A planned check-in did not take place.
    CheckInMissed,
    /// Somebody tried to look whether an outcome holds, and did not reach the client.
    FollowUpAttempted,
}

/// One reading of a measure of the relationship, scaled to 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Reading {
    pub day: i32,
    pub event: EventId,
    pub measure: Measure,
    pub eyes: Eyes,
    pub share: f64,
}

/// The client began a programme.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Enrolment {
    pub day: i32,
    pub event: EventId,
    pub key: Key,
    pub programme: u16,
}

/// The client left a programme; `enrolment` is its place in [`View::enrolments`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Exit {
    pub day: i32,
    pub event: EventId,
    pub enrolment: u32,
}

/// Something aimed at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Aim {
    pub day: i32,
    pub event: EventId,
    pub what: AimedAt,
}

/// A goal as the client states it, or a plan as agreed or revised.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum AimedAt {
    Goal { goal: Key, outcome: Option<Key> },
    Plan { plan: Key, outcomes: Vec<Key> },
}

impl View {
    /// Takes the next fact.
    pub(crate) fn fold(&mut self, fact: &Fact) {
        let day = days::number(fact.occurred.day());
        match &fact.event {
            Event::Intake(intake) => self.take_intake(day, fact.id, intake),
            Event::Milestone(milestone) => self.take_milestone(day, fact.id, milestone),
            Event::CheckIn(CheckIn::ReadingTaken(reading)) => self.take_reading(day, fact, reading),
            // None belongs to the client's life: one puts the record right, one is a programme's, one is what a rule said.
            Event::Amendment(_)
            | Event::Programme(_)
            | Event::Access(_)
            | Event::CheckIn(CheckIn::AlertRaised(_) | CheckIn::AlertCleared(_)) => return,
            // Contacts, failed attempts and words among these are taken below, by rules that name every fact.
            Event::Transaction(_) | Event::CheckIn(_) => {}
        }
        self.first.get_or_insert(day);
        match touch(fact) {
            Touch::Contact(met) => self.meet(day, fact.id, &met),
            Touch::Failed(kind, by) => self.failed.push(Failed { day, event: fact.id, kind, by }),
            Touch::Neither => {}
        }
        if has_clients_words(fact) {
            self.words.push(Dated { day, what: fact.id });
        }
    }

    fn take_intake(&mut self, day: i32, event: EventId, intake: &Intake) {
        match intake {
            Intake::JourneyOpened(opened) => {
                self.role.get_or_insert(Dated { day, what: opened.role });
            }
            Intake::Enrolled(enrolled) => {
                let programme = self.place(&enrolled.programme);
                self.enrolments.push(Enrolment { day, event, key: enrolled.enrolment.clone(), programme });
            }
            Intake::GoalStated(goal) if goal.by == Eyes::Client => {
                let what = AimedAt::Goal { goal: goal.goal.clone(), outcome: goal.outcome.clone() };
                self.aims.push(Aim { day, event, what });
            }
            Intake::PlanAgreed(plan) => self.take_plan(day, event, &plan.plan, &plan.outcomes),
            Intake::PlanRevised(plan) => self.take_plan(day, event, &plan.plan, &plan.outcomes),
            // A goal that somebody else states for the client is not the client's own.
            Intake::GoalStated(_)
            | Intake::ConsentGiven(_)
            | Intake::ConsentWithdrawn(_)
            | Intake::IntakeHeld(_)
            | Intake::AnalysisMade(_)
            | Intake::EligibilityDecided(_)
            | Intake::WorkerAssigned(_) => {}
        }
    }

    fn take_plan(&mut self, day: i32, event: EventId, plan: &Key, outcomes: &[DesiredOutcome]) {
        let outcomes = outcomes.iter().map(|desired| desired.outcome.clone()).collect();
        self.aims.push(Aim { day, event, what: AimedAt::Plan { plan: plan.clone(), outcomes } });
    }

    fn take_milestone(&mut self, day: i32, event: EventId, milestone: &Milestone) {
        match milestone {
            Milestone::Exited(exited) => {
                // An exit from an enrolment nobody wrote down says nothing of where the client stood before.
                if let Some(place) = self.enrolments.iter().rposition(|began| began.key == exited.enrolment) {
                    let enrolment = u32::try_from(place).expect("fewer than four billion enrolments");
                    self.exits.push(Exit { day, event, enrolment });
                }
            }
            Milestone::Died(_) => {
                self.died.get_or_insert(Dated { day, what: event });
            }
            Milestone::MilestoneReached(_)
            | Milestone::MilestoneMissed(_)
            | Milestone::IndicatorMeasured(_)
            | Milestone::ProgrammeCompleted(_)
            | Milestone::OutcomeReached(_)
            | Milestone::FollowUpHeld(_)
            | Milestone::FollowUpAttempted(_)
            | Milestone::OutcomeLost(_)
            | Milestone::RelationshipGrown(_) => {}
        }
    }

    fn take_reading(&mut self, day: i32, fact: &Fact, reading: &ReadingTaken) {
        if let Some(measure) = Measure::of(reading.measure.as_str()) {
            let share = reading.scale.share(reading.value);
            self.readings.push(Reading { day, event: fact.id, measure, eyes: fact.eyes, share });
        }
    }

    fn meet(&mut self, day: i32, event: EventId, met: &Met<'_>) {
        let in_touch = |eyes: Eyes| met.begun_by == Some(eyes) || met.with.contains(&eyes);
        let contact = Contact {
            day,
            event,
            two_way: met.two_way,
            check_in: met.check_in,
            begun_by: met.begun_by,
            format: met.format.unwrap_or(Format::Unknown),
            life_area: met.life_area.map(|area| self.place(area)),
            worker: met.worker.map(|worker| self.place(worker)),
            caregiver: in_touch(Eyes::Caregiver),
            partner: in_touch(Eyes::Partner),
            fit: met.fit.into(),
        };
        self.contacts.push(contact);
    }

    /// The code's place in `codes`. A vocabulary is small and the code met last is likely met again, so the search
    /// runs from the end. Past 65,535 different codes, which no vocabulary has, the last stands for the rest.
    fn place(&mut self, code: &Code) -> u16 {
        let place = self.codes.iter().rposition(|known| known == code).unwrap_or_else(|| {
            if u16::try_from(self.codes.len()).is_ok() {
                self.codes.push(code.clone());
            }
            self.codes.len() - 1
        });
        u16::try_from(place).expect("the table never grows past 65,536 codes")
    }
}
