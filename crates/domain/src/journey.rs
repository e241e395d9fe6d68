//! What the rules need to know of a journey: which keys it has, how each stands, which events are its own.

mod state;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub(crate) use state::{Enrolment, Kind, Mark, Outcome, Standing, Thread, Turns};

use crate::{
    Amendment, Answer, CheckIn, Code, ErasureLevel, Event, EventId, Fact, Intake, JourneyId, Key, Milestone,
    Recorded, Role, Transaction, amend, amend::taken_back, merged_into,
};

/// The state that decisions rest on, folded from a journey's facts. Days and event ids, no words.
///
/// Folded in the order of life it holds what came before; folded whole, it holds the whole life, and the rules
/// compare days. Every mark names the event that made it, so that an event never stands in its own way.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Journey {
    pub(crate) opened: Option<Mark>,
    pub(crate) role: Option<Role>,
    /// The first fact about a programme: this is a programme's stream, not a client's.
    pub(crate) programme: Option<Mark>,
    pub(crate) enrolments: BTreeMap<Key, Enrolment>,
    pub(crate) outcomes: BTreeMap<Key, Outcome>,
    pub(crate) threads: BTreeMap<(Kind, Key), Thread>,
    pub(crate) consents: BTreeMap<Code, Turns>,
    pub(crate) died: Option<Mark>,
    pub(crate) erased: Option<ErasureLevel>,
    pub(crate) absorbed: BTreeSet<JourneyId>,
    pub(crate) merged_into: Option<JourneyId>,
    pub(crate) events: BTreeMap<EventId, Standing>,
}

impl Journey {
    /// The state after these facts, amended and in the order of life.
    ///
    /// Facts alone do not tell of corrections and retractions, nor of a journey merged away; where something is
    /// to be decided, use [`Journey::of_recorded`].
    pub fn of(facts: &[Fact]) -> Self {
        let mut journey = Self::default();
        for fact in facts {
            journey.fold(fact);
        }
        journey
    }

    /// The state of `journey` after everything recorded in it and in the journeys [`crate::linked`] with it, in the
    /// order of their positions: all that [`crate::decide()`] asks for.
    pub fn of_recorded(journey: JourneyId, recorded: &[Recorded]) -> Self {
        let mut state = Self::of(&amend(journey, recorded.to_vec()));
        state.merged_into = merged_into(journey, recorded);
        for Recorded { draft, .. } in recorded {
            let standing = match &draft.event {
                Event::Amendment(Amendment::Corrected(corrected)) => {
                    Standing::Correction(state.original(corrected.event))
                }
                Event::Amendment(Amendment::Retracted(retracted)) => Standing::Retraction(retracted.event),
                _ => continue,
            };
            state.events.insert(draft.event_id, standing);
        }
        state.events.extend(taken_back(recorded).into_iter().map(|event| (event, Standing::TakenBack)));
        state
    }

    /// Takes the next fact.
    ///
    /// A correction, retraction, merge or split is only noted: what it changes in the rest of the life shows once
    /// the amended life is folded anew.
    pub fn fold(&mut self, fact: &Fact) {
        let mark = Mark::of(fact);
        self.events.entry(fact.id).or_insert(Standing::Fact(mark.day));
        match &fact.event {
            Event::Intake(intake) => self.fold_intake(mark, intake),
            Event::Transaction(transaction) => self.fold_transaction(mark, transaction),
            Event::CheckIn(check_in) => self.fold_check_in(mark, check_in),
            Event::Milestone(milestone) => self.fold_milestone(mark, milestone),
            Event::Amendment(_) => self.note_amendment(fact.id, &fact.event),
            Event::Access(_) => {}
            Event::Programme(_) => {
                self.programme.get_or_insert(mark);
            }
        }
    }

    /// Whether the journey was opened.
    pub fn is_open(&self) -> bool {
        self.opened.is_some()
    }

    /// What the person is to the organisation, as first recorded.
    pub fn role(&self) -> Option<Role> {
        self.role
    }

    /// Whether the journey has this event, as a fact or as an amendment, in force or taken back.
    pub fn has(&self, event: EventId) -> bool {
        self.events.contains_key(&event)
    }

    /// The journeys read as part of this one.
    pub fn absorbed(&self) -> impl Iterator<Item = JourneyId> {
        self.absorbed.iter().copied()
    }

    /// The journey this one was merged into, if it was.
    pub fn merged_into(&self) -> Option<JourneyId> {
        self.merged_into
    }

    fn fold_intake(&mut self, mark: Mark, intake: &Intake) {
        match intake {
            Intake::JourneyOpened(opened) => {
                self.opened.get_or_insert(mark);
                self.role.get_or_insert(opened.role);
            }
            Intake::ConsentGiven(given) => {
                self.consents.entry(given.scope.clone()).or_default().note(mark, true);
            }
            Intake::ConsentWithdrawn(withdrawn) => {
                self.consents.entry(withdrawn.scope.clone()).or_default().note(mark, false);
            }
            Intake::Enrolled(enrolled) => {
                self.enrolments.entry(enrolled.enrolment.clone()).or_insert_with(|| Enrolment {
                    programme: enrolled.programme.clone(),
                    begun: mark,
                    completed: None,
                    exited: None,
                });
            }
            Intake::GoalStated(goal) => self.begin(Kind::Goal, &goal.goal, mark),
            Intake::PlanAgreed(plan) => {
                self.begin(Kind::Plan, &plan.plan, mark);
                self.plan(mark, &plan.outcomes);
            }
            Intake::PlanRevised(plan) => self.plan(mark, &plan.outcomes),
            Intake::IntakeHeld(_)
            | Intake::AnalysisMade(_)
            | Intake::EligibilityDecided(_)
            | Intake::WorkerAssigned(_) => {}
        }
    }

    fn fold_transaction(&mut self, mark: Mark, transaction: &Transaction) {
        match transaction {
            Transaction::ReferralMade(made) => self.begin(Kind::Referral, &made.referral, mark),
            Transaction::ReferralClosed(closed) => self.turn(Kind::Referral, &closed.referral, mark, false),
            Transaction::RequestReceived(request) => self.begin(Kind::Request, &request.request, mark),
            // A partial answer leaves the request open for the rest of it.
            Transaction::RequestAnswered(answered) if answered.answer == Answer::Partial => {}
            Transaction::RequestAnswered(answered) => {
                self.turn(Kind::Request, &answered.request, mark, false);
            }
            Transaction::ExpectationSet(set) => self.begin(Kind::Expectation, &set.expectation, mark),
            Transaction::ExpectationSettled(settled) => {
                self.turn(Kind::Expectation, &settled.expectation, mark, false);
            }
            Transaction::ConcernRaised(raised) => self.begin(Kind::Concern, &raised.concern, mark),
            Transaction::ConcernResolved(resolved) => {
                self.turn(Kind::Concern, &resolved.concern, mark, false);
            }
            Transaction::ConcernReopened(reopened) => self.turn(Kind::Concern, &reopened.concern, mark, true),
            Transaction::GiftReceived(gift) => self.begin(Kind::Gift, &gift.gift, mark),
            // Thanks name a gift or a shift by one field, so the two share their keys.
            Transaction::ShiftWorked(shift) => self.begin(Kind::Gift, &shift.shift, mark),
            Transaction::ServiceDelivered(_)
            | Transaction::ContactMade(_)
            | Transaction::ContactAttempted(_)
            | Transaction::ConcernAcknowledged(_)
            | Transaction::ConcernUpdated(_)
            | Transaction::SupportPaid(_)
            | Transaction::ThanksSent(_)
            | Transaction::ImpactShared(_) => {}
        }
    }

    fn fold_check_in(&mut self, mark: Mark, check_in: &CheckIn) {
        match check_in {
            CheckIn::SurveySent(sent) => self.begin(Kind::Survey, &sent.survey, mark),
            CheckIn::SurveyDeclined(declined) => self.turn(Kind::Survey, &declined.survey, mark, false),
            CheckIn::DifficultyReported(reported) => {
                self.begin(Kind::Difficulty, &reported.difficulty, mark);
            }
            CheckIn::DifficultyOvercome(overcome) => {
                self.turn(Kind::Difficulty, &overcome.difficulty, mark, false);
            }
            CheckIn::CheckInHeld(_)
            | CheckIn::CheckInMissed(_)
            | CheckIn::ReadingTaken(_)
            | CheckIn::SatisfactionRated(_)
            | CheckIn::LifeEventNoted(_)
            | CheckIn::AlertRaised(_)
            | CheckIn::AlertCleared(_) => {}
        }
    }

    fn fold_milestone(&mut self, mark: Mark, milestone: &Milestone) {
        match milestone {
            Milestone::ProgrammeCompleted(completed) => {
                if let Some(enrolment) = self.enrolments.get_mut(&completed.enrolment) {
                    enrolment.completed.get_or_insert(mark);
                }
            }
            Milestone::Exited(exited) => {
                if let Some(enrolment) = self.enrolments.get_mut(&exited.enrolment) {
                    enrolment.exited.get_or_insert(mark);
                }
            }
            Milestone::OutcomeReached(reached) => {
                let outcome = self.outcome(&reached.outcome, &reached.what, mark);
                outcome.turns.note(mark, true);
            }
            Milestone::OutcomeLost(lost) => {
                if let Some(outcome) = self.outcomes.get_mut(&lost.outcome) {
                    outcome.turns.note(mark, false);
                }
            }
            Milestone::Died(_) => {
                self.died.get_or_insert(mark);
            }
            Milestone::MilestoneReached(_)
            | Milestone::MilestoneMissed(_)
            | Milestone::IndicatorMeasured(_)
            | Milestone::FollowUpHeld(_)
            | Milestone::FollowUpAttempted(_)
            | Milestone::RelationshipGrown(_) => {}
        }
    }

    fn note_amendment(&mut self, id: EventId, event: &Event) {
        let Event::Amendment(amendment) = event else { return };
        let standing = match amendment {
            Amendment::Corrected(corrected) => Standing::Correction(self.original(corrected.event)),
            Amendment::Retracted(retracted) => {
                self.events.insert(retracted.event, Standing::TakenBack);
                Standing::Retraction(retracted.event)
            }
            Amendment::JourneysMerged(merged) => {
                self.absorbed.insert(merged.absorbed);
                Standing::Move
            }
            Amendment::JourneysSplit(_) => Standing::Move,
            Amendment::KeyDestroyed(destroyed) => {
                self.erased = self.erased.max(Some(destroyed.level));
                Standing::Erasure
            }
        };
        self.events.insert(id, standing);
    }

    /// The event that a correction of `event` reaches in the end.
    pub(crate) fn original(&self, event: EventId) -> EventId {
        match self.events.get(&event) {
            Some(Standing::Correction(original)) => *original,
            _ => event,
        }
    }

    fn begin(&mut self, kind: Kind, key: &Key, mark: Mark) {
        let thread = || Thread { begun: mark, turns: Turns::default() };
        self.threads.entry((kind, key.clone())).or_insert_with(thread);
    }

    fn turn(&mut self, kind: Kind, key: &Key, mark: Mark, open: bool) {
        if let Some(thread) = self.threads.get_mut(&(kind, key.clone())) {
            thread.turns.note(mark, open);
        }
    }

    fn plan(&mut self, mark: Mark, outcomes: &[crate::DesiredOutcome]) {
        for desired in outcomes {
            let outcome = self.outcome(&desired.outcome, &desired.what, mark);
            outcome.planned = Some(outcome.planned.map_or(mark, |planned| planned.min(mark)));
        }
    }

    fn outcome(&mut self, key: &Key, what: &Code, mark: Mark) -> &mut Outcome {
        self.outcomes.entry(key.clone()).or_insert_with(|| Outcome {
            what: what.clone(),
            named: mark,
            planned: None,
            turns: Turns::default(),
        })
    }
}
