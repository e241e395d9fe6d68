//! Which fact begins what, and which fact needs it: by rule, so that what was missing heals once it turns up.

use throughline_domain::{CheckIn, Event, Intake, Key, Milestone, Transaction};

use crate::view::{Begun, Thing, Turn};

/// What this fact begins, that others may have missed.
pub(crate) fn begins(event: &Event) -> Option<Thing> {
    match event {
        Event::Intake(intake) => begun_by_intake(intake),
        Event::Transaction(transaction) => begun_by_transaction(transaction),
        Event::CheckIn(CheckIn::SurveySent(sent)) => Some(Thing::Begun(Begun::Survey, sent.survey.clone())),
        Event::CheckIn(CheckIn::DifficultyReported(reported)) => {
            Some(Thing::Begun(Begun::Difficulty, reported.difficulty.clone()))
        }
        Event::Milestone(Milestone::OutcomeReached(reached)) => Some(Thing::Outcome(reached.outcome.clone())),
        // Nothing refers to these by a key.
        Event::CheckIn(
            CheckIn::CheckInHeld(_)
            | CheckIn::CheckInMissed(_)
            | CheckIn::ReadingTaken(_)
            | CheckIn::SatisfactionRated(_)
            | CheckIn::SurveyDeclined(_)
            | CheckIn::DifficultyOvercome(_)
            | CheckIn::LifeEventNoted(_)
            | CheckIn::AlertRaised(_)
            | CheckIn::AlertCleared(_),
        )
        | Event::Milestone(
            Milestone::MilestoneReached(_)
            | Milestone::MilestoneMissed(_)
            | Milestone::IndicatorMeasured(_)
            | Milestone::ProgrammeCompleted(_)
            | Milestone::Exited(_)
            | Milestone::FollowUpHeld(_)
            | Milestone::FollowUpAttempted(_)
            | Milestone::OutcomeLost(_)
            | Milestone::RelationshipGrown(_)
            | Milestone::Died(_),
        )
        | Event::Amendment(_)
        | Event::Programme(_)
        | Event::Access(_) => None,
    }
}

fn begun_by_intake(intake: &Intake) -> Option<Thing> {
    match intake {
        Intake::JourneyOpened(_) => Some(Thing::Opening),
        Intake::Enrolled(enrolled) => Some(Thing::Enrolment(enrolled.enrolment.clone())),
        Intake::PlanAgreed(plan) => Some(Thing::Begun(Begun::Plan, plan.plan.clone())),
        Intake::ConsentGiven(_)
        | Intake::ConsentWithdrawn(_)
        | Intake::IntakeHeld(_)
        | Intake::AnalysisMade(_)
        | Intake::EligibilityDecided(_)
        | Intake::WorkerAssigned(_)
        | Intake::GoalStated(_)
        | Intake::PlanRevised(_) => None,
    }
}

fn begun_by_transaction(transaction: &Transaction) -> Option<Thing> {
    let begun = |begun, key: &Key| Some(Thing::Begun(begun, key.clone()));
    match transaction {
        Transaction::RequestReceived(request) => begun(Begun::Request, &request.request),
        Transaction::ReferralMade(made) => begun(Begun::Referral, &made.referral),
        Transaction::ExpectationSet(set) => begun(Begun::Expectation, &set.expectation),
        Transaction::ConcernRaised(raised) => begun(Begun::Concern, &raised.concern),
        Transaction::GiftReceived(gift) => begun(Begun::Gift, &gift.gift),
        Transaction::ShiftWorked(shift) => begun(Begun::Gift, &shift.shift),
        Transaction::ServiceDelivered(_)
        | Transaction::ContactMade(_)
        | Transaction::ContactAttempted(_)
        | Transaction::ReferralClosed(_)
        | Transaction::RequestAnswered(_)
        | Transaction::ExpectationSettled(_)
        | Transaction::ConcernAcknowledged(_)
        | Transaction::ConcernUpdated(_)
        | Transaction::ConcernResolved(_)
        | Transaction::ConcernReopened(_)
        | Transaction::SupportPaid(_)
        | Transaction::ThanksSent(_)
        | Transaction::ImpactShared(_) => None,
    }
}

/// What this fact misses, where it broke this rule, and what that turns into once the thing turns up later.
pub(crate) fn missed(event: &Event, rule: &str) -> Option<(Thing, Option<Turn>)> {
    match rule {
        "not-opened" => Some((Thing::Opening, Some(Turn::BeforeOpening))),
        "enrolment-unknown" => {
            let turn = if matches!(event, Event::Milestone(Milestone::Exited(_))) {
                Turn::ExitBeforeEntry
            } else {
                Turn::BeforeEnrolment
            };
            Some((Thing::Enrolment(enrolment(event)?.clone()), Some(turn)))
        }
        "outcome-not-reached" => {
            Some((Thing::Outcome(followed(event)?.clone()), Some(Turn::FollowUpBeforeOutcome)))
        }
        _ => {
            let (begun, unknown, key) = follows(event)?;
            (unknown == rule).then(|| (Thing::Begun(begun, key.clone()), None))
        }
    }
}

/// The enrolment a fact names.
pub(crate) fn enrolment(event: &Event) -> Option<&Key> {
    match event {
        Event::Intake(intake) => match intake {
            Intake::Enrolled(enrolled) => Some(&enrolled.enrolment),
            Intake::IntakeHeld(held) => held.enrolment.as_ref(),
            Intake::AnalysisMade(made) => made.enrolment.as_ref(),
            Intake::WorkerAssigned(assigned) => assigned.enrolment.as_ref(),
            Intake::PlanAgreed(plan) => plan.enrolment.as_ref(),
            Intake::JourneyOpened(_)
            | Intake::ConsentGiven(_)
            | Intake::ConsentWithdrawn(_)
            | Intake::EligibilityDecided(_)
            | Intake::GoalStated(_)
            | Intake::PlanRevised(_) => None,
        },
        Event::Transaction(Transaction::ServiceDelivered(service)) => service.enrolment.as_ref(),
        Event::Transaction(Transaction::SupportPaid(support)) => support.enrolment.as_ref(),
        Event::Transaction(Transaction::ReferralMade(made)) => made.enrolment.as_ref(),
        Event::CheckIn(CheckIn::CheckInHeld(held)) => held.enrolment.as_ref(),
        Event::CheckIn(CheckIn::CheckInMissed(missed)) => missed.enrolment.as_ref(),
        Event::CheckIn(CheckIn::ReadingTaken(reading)) => reading.enrolment.as_ref(),
        Event::Milestone(milestone) => match milestone {
            Milestone::MilestoneReached(reached) => reached.enrolment.as_ref(),
            Milestone::MilestoneMissed(missed) => missed.enrolment.as_ref(),
            Milestone::IndicatorMeasured(measured) => measured.enrolment.as_ref(),
            Milestone::ProgrammeCompleted(completed) => Some(&completed.enrolment),
            Milestone::Exited(exited) => Some(&exited.enrolment),
            Milestone::OutcomeReached(reached) => reached.enrolment.as_ref(),
            Milestone::FollowUpHeld(held) => held.enrolment.as_ref(),
            Milestone::FollowUpAttempted(attempted) => attempted.enrolment.as_ref(),
            Milestone::OutcomeLost(_) | Milestone::RelationshipGrown(_) | Milestone::Died(_) => None,
        },
        // No other transaction or check-in names an enrolment.
        Event::Transaction(_)
        | Event::CheckIn(_)
        | Event::Amendment(_)
        | Event::Programme(_)
        | Event::Access(_) => None,
    }
}

/// The outcome a follow-up or loss is of.
fn followed(event: &Event) -> Option<&Key> {
    match event {
        Event::Milestone(Milestone::FollowUpHeld(held)) => held.outcome.as_ref(),
        Event::Milestone(Milestone::FollowUpAttempted(attempted)) => attempted.outcome.as_ref(),
        Event::Milestone(Milestone::OutcomeLost(lost)) => Some(&lost.outcome),
        // Only these three look back at an outcome.
        Event::Milestone(_)
        | Event::Intake(_)
        | Event::Transaction(_)
        | Event::CheckIn(_)
        | Event::Amendment(_)
        | Event::Programme(_)
        | Event::Access(_) => None,
    }
}

/// What a fact carries on, the rule it breaks where that never began, and its key.
fn follows(event: &Event) -> Option<(Begun, &'static str, &Key)> {
    match event {
        Event::Intake(Intake::PlanRevised(plan)) => Some((Begun::Plan, "plan-unknown", &plan.plan)),
        Event::Transaction(transaction) => follows_transaction(transaction),
        Event::CheckIn(CheckIn::SatisfactionRated(rated)) => {
            rated.survey.as_ref().map(|survey| (Begun::Survey, "survey-unknown", survey))
        }
        Event::CheckIn(CheckIn::SurveyDeclined(declined)) => {
            Some((Begun::Survey, "survey-unknown", &declined.survey))
        }
        Event::CheckIn(CheckIn::DifficultyOvercome(overcome)) => {
            Some((Begun::Difficulty, "difficulty-unknown", &overcome.difficulty))
        }
        // Outcomes and enrolments have their own rules above.
        Event::Intake(_)
        | Event::CheckIn(_)
        | Event::Milestone(_)
        | Event::Amendment(_)
        | Event::Programme(_)
        | Event::Access(_) => None,
    }
}

fn follows_transaction(transaction: &Transaction) -> Option<(Begun, &'static str, &Key)> {
    let concern = |key| Some((Begun::Concern, "concern-unknown", key));
    match transaction {
        Transaction::RequestAnswered(answered) => {
            Some((Begun::Request, "request-unknown", &answered.request))
        }
        Transaction::ReferralClosed(closed) => Some((Begun::Referral, "referral-unknown", &closed.referral)),
        Transaction::ExpectationSettled(settled) => {
            Some((Begun::Expectation, "expectation-unknown", &settled.expectation))
        }
        Transaction::ConcernAcknowledged(step) => concern(&step.concern),
        Transaction::ConcernUpdated(step) => concern(&step.concern),
        Transaction::ConcernResolved(step) => concern(&step.concern),
        Transaction::ConcernReopened(step) => concern(&step.concern),
        Transaction::ThanksSent(thanks) => {
            thanks.for_gift.as_ref().map(|gift| (Begun::Gift, "gift-unknown", gift))
        }
        Transaction::ImpactShared(impact) => {
            impact.for_gift.as_ref().map(|gift| (Begun::Gift, "gift-unknown", gift))
        }
        Transaction::ServiceDelivered(_)
        | Transaction::ContactMade(_)
        | Transaction::ContactAttempted(_)
        | Transaction::ReferralMade(_)
        | Transaction::RequestReceived(_)
        | Transaction::ExpectationSet(_)
        | Transaction::ConcernRaised(_)
        | Transaction::SupportPaid(_)
        | Transaction::GiftReceived(_)
        | Transaction::ShiftWorked(_) => None,
    }
}
