//! Rules about keys: what a fact refers to must be there, be open, and be named once.

use super::{Case, rule};
use crate::{
    Answer, CheckIn, DesiredOutcome, Event, Intake, Key, Milestone, Transaction,
    journey::{Kind, Mark, Outcome},
};

pub(super) fn check(case: &mut Case<'_>) {
    // The event is borrowed from the journey's caller, not from the case, so that the case can take rejections.
    let fact = case.fact;
    match &fact.event {
        Event::Intake(intake) => intake_refers(case, intake),
        Event::Transaction(transaction) => transaction_refers(case, transaction),
        Event::CheckIn(check_in) => check_in_refers(case, check_in),
        Event::Milestone(milestone) => milestone_refers(case, milestone),
        Event::Amendment(_) | Event::Programme(_) | Event::Access(_) => {}
    }
}

fn intake_refers(case: &mut Case<'_>, intake: &Intake) {
    match intake {
        Intake::ConsentWithdrawn(withdrawn) => {
            let consent = case.journey.consents.get(&withdrawn.scope);
            let given = consent.and_then(|turns| turns.last_before(case.fact));
            if !given.is_some_and(|(_, given)| given) {
                let message = format!(
                    "no consent for `{}` holds on {}; record consent-given first, or correct the scope",
                    withdrawn.scope,
                    case.fact.occurred.day()
                );
                case.breaks(rule::CONSENT_NOT_GIVEN, "/facts/scope", message);
            }
        }
        Intake::Enrolled(enrolled) => {
            let named = case.journey.enrolments.get(&enrolled.enrolment).map(|known| known.begun);
            case.names_anew("enrolment", &enrolled.enrolment, named);
        }
        Intake::WorkerAssigned(assigned) => case.in_enrolment(assigned.enrolment.as_ref()),
        Intake::GoalStated(goal) => {
            case.begins(Kind::Goal, &goal.goal);
            if let Some(outcome) = &goal.outcome {
                planned(case, outcome);
            }
        }
        Intake::PlanAgreed(plan) => {
            case.begins(Kind::Plan, &plan.plan);
            case.in_enrolment(plan.enrolment.as_ref());
            outcomes_agree(case, &plan.outcomes);
        }
        Intake::PlanRevised(plan) => {
            case.continues(Kind::Plan, &plan.plan);
            outcomes_agree(case, &plan.outcomes);
        }
        // An intake or analysis names the enrolment it leads to, which often begins later.
        Intake::JourneyOpened(_)
        | Intake::ConsentGiven(_)
        | Intake::IntakeHeld(_)
        | Intake::AnalysisMade(_)
        | Intake::EligibilityDecided(_) => {}
    }
}

fn transaction_refers(case: &mut Case<'_>, transaction: &Transaction) {
    match transaction {
        Transaction::ServiceDelivered(service) => case.in_enrolment(service.enrolment.as_ref()),
        Transaction::SupportPaid(support) => case.in_enrolment(support.enrolment.as_ref()),
        Transaction::ReferralMade(made) => {
            case.begins(Kind::Referral, &made.referral);
            case.in_enrolment(made.enrolment.as_ref());
        }
        Transaction::ReferralClosed(closed) => case.ends(Kind::Referral, &closed.referral),
        Transaction::RequestReceived(received) => case.begins(Kind::Request, &received.request),
        Transaction::RequestAnswered(answered) if answered.answer == Answer::Partial => {
            answered_in_part(case, &answered.request);
        }
        Transaction::RequestAnswered(answered) => case.ends(Kind::Request, &answered.request),
        Transaction::ExpectationSet(set) => case.begins(Kind::Expectation, &set.expectation),
        Transaction::ExpectationSettled(settled) => case.ends(Kind::Expectation, &settled.expectation),
        Transaction::ConcernRaised(raised) => case.begins(Kind::Concern, &raised.concern),
        Transaction::ConcernAcknowledged(heard) => case.continues(Kind::Concern, &heard.concern),
        Transaction::ConcernUpdated(updated) => case.continues(Kind::Concern, &updated.concern),
        Transaction::ConcernResolved(resolved) => concern_is_open(case, &resolved.concern, true),
        Transaction::ConcernReopened(reopened) => concern_is_open(case, &reopened.concern, false),
        Transaction::GiftReceived(gift) => case.begins(Kind::Gift, &gift.gift),
        Transaction::ShiftWorked(shift) => case.begins(Kind::Gift, &shift.shift),
        Transaction::ThanksSent(thanks) => thanked_gift(case, thanks.for_gift.as_ref()),
        Transaction::ImpactShared(shared) => thanked_gift(case, shared.for_gift.as_ref()),
        Transaction::ContactMade(_) | Transaction::ContactAttempted(_) => {}
    }
}

fn check_in_refers(case: &mut Case<'_>, check_in: &CheckIn) {
    match check_in {
        CheckIn::CheckInHeld(held) => case.in_enrolment(held.enrolment.as_ref()),
        CheckIn::CheckInMissed(missed) => case.in_enrolment(missed.enrolment.as_ref()),
        CheckIn::ReadingTaken(reading) => case.in_enrolment(reading.enrolment.as_ref()),
        CheckIn::SatisfactionRated(rated) => {
            if let Some(survey) = &rated.survey {
                case.continues(Kind::Survey, survey);
            }
        }
        CheckIn::SurveySent(sent) => case.begins(Kind::Survey, &sent.survey),
        CheckIn::SurveyDeclined(declined) => case.ends(Kind::Survey, &declined.survey),
        CheckIn::DifficultyReported(reported) => case.begins(Kind::Difficulty, &reported.difficulty),
        CheckIn::DifficultyOvercome(overcome) => case.ends(Kind::Difficulty, &overcome.difficulty),
        CheckIn::LifeEventNoted(_) | CheckIn::AlertRaised(_) | CheckIn::AlertCleared(_) => {}
    }
}

fn milestone_refers(case: &mut Case<'_>, milestone: &Milestone) {
    match milestone {
        Milestone::MilestoneReached(reached) => case.in_enrolment(reached.enrolment.as_ref()),
        Milestone::MilestoneMissed(missed) => case.in_enrolment(missed.enrolment.as_ref()),
        Milestone::IndicatorMeasured(measured) => case.in_enrolment(measured.enrolment.as_ref()),
        Milestone::ProgrammeCompleted(completed) => {
            case.in_enrolment(Some(&completed.enrolment));
            let known = case.journey.enrolments.get(&completed.enrolment);
            let before = known.and_then(|enrolment| enrolment.completed);
            case.once(rule::ALREADY_COMPLETED, "enrolment", &completed.enrolment, "completed", before);
        }
        Milestone::Exited(exited) => {
            case.in_enrolment(Some(&exited.enrolment));
            let known = case.journey.enrolments.get(&exited.enrolment);
            let before = known.and_then(|enrolment| enrolment.exited);
            case.once(rule::ALREADY_EXITED, "enrolment", &exited.enrolment, "left", before);
        }
        Milestone::OutcomeReached(reached) => {
            case.in_enrolment(reached.enrolment.as_ref());
            same_outcome(case, "/facts/what".to_owned(), &reached.outcome, &reached.what);
        }
        Milestone::FollowUpHeld(held) => {
            case.in_enrolment(held.enrolment.as_ref());
            if let Some(outcome) = &held.outcome {
                reached(case, outcome);
            }
        }
        Milestone::FollowUpAttempted(attempted) => {
            case.in_enrolment(attempted.enrolment.as_ref());
            if let Some(outcome) = &attempted.outcome {
                reached(case, outcome);
            }
        }
        Milestone::OutcomeLost(lost) => {
            if reached(case, &lost.outcome) {
                still_held(case, &lost.outcome);
            }
        }
        Milestone::RelationshipGrown(_) | Milestone::Died(_) => {}
    }
}

fn planned(case: &mut Case<'_>, key: &Key) {
    let outcome = case.journey.outcomes.get(key);
    if !outcome.and_then(|outcome| outcome.planned).is_some_and(|planned| planned.precedes(case.fact)) {
        let message = format!(
            "no plan names the outcome `{key}` by then; leave `outcome` out, or record plan-agreed first"
        );
        case.breaks(rule::OUTCOME_NOT_PLANNED, "/facts/outcome", message);
    }
}

fn outcomes_agree(case: &mut Case<'_>, outcomes: &[DesiredOutcome]) {
    for (nth, desired) in outcomes.iter().enumerate() {
        same_outcome(case, format!("/facts/outcomes/{nth}/what"), &desired.outcome, &desired.what);
    }
}

fn same_outcome(case: &mut Case<'_>, pointer: String, key: &Key, what: &crate::Code) {
    let Some(Outcome { what: known, named, .. }) = case.journey.outcomes.get(key) else { return };
    if known != what && named.event != case.fact.id {
        let message = format!(
            "`{key}` stands for `{known}` since {}, not `{what}`; choose another key for another outcome",
            named.told()
        );
        case.breaks(rule::OUTCOME_DIFFERS, pointer, message);
    }
}

/// Whether the outcome was reached on the fact's day or before.
fn reached(case: &mut Case<'_>, key: &Key) -> bool {
    let outcome = case.journey.outcomes.get(key);
    let reached = outcome.is_some_and(|outcome| outcome.turns.any_before(case.fact, true));
    if !reached {
        let message = format!(
            "the outcome `{key}` was not reached by {}; record outcome-reached first, or correct the key",
            case.fact.occurred.day()
        );
        case.breaks(rule::OUTCOME_NOT_REACHED, "/facts/outcome", message);
    }
    reached
}

fn still_held(case: &mut Case<'_>, key: &Key) {
    let last = case.journey.outcomes.get(key).and_then(|outcome| outcome.turns.last_before(case.fact));
    if let Some((lost, false)) = last {
        let message = format!(
            "the outcome `{key}` was lost on {} and not reached again since; nothing is left to lose",
            lost.told()
        );
        case.breaks(rule::OUTCOME_ALREADY_LOST, "/facts/outcome", message);
    }
}

/// Part of an answer comes before the whole, whichever is told first.
fn answered_in_part(case: &mut Case<'_>, key: &Key) {
    case.continues(Kind::Request, key);
    let thread = case.journey.threads.get(&(Kind::Request, key.clone()));
    let whole = thread.and_then(|thread| thread.turns.first_other(case.fact, false));
    let before = whole.filter(|whole| whole.day.0 < case.fact.occurred.day());
    case.once(rule::REQUEST_ANSWERED, "request", key, "answered", before);
}

fn thanked_gift(case: &mut Case<'_>, gift: Option<&Key>) {
    let Some(key) = gift else { return };
    if !case.has_begun(Kind::Gift, key) {
        let message = format!(
            "no gift or shift `{key}` was given by {}; correct the key, or leave `for_gift` out to thank for all",
            case.fact.occurred.day()
        );
        case.breaks(rule::GIFT_UNKNOWN, "/facts/for_gift", message);
    }
}

/// A resolution wants the concern open, a reopening wants it resolved.
fn concern_is_open(case: &mut Case<'_>, key: &Key, wanted: bool) {
    case.continues(Kind::Concern, key);
    let Some(thread) = case.journey.threads.get(&(Kind::Concern, key.clone())) else { return };
    let last = thread.turns.last_before(case.fact);
    match last {
        Some((resolved, false)) if wanted => {
            let message = format!(
                "concern `{key}` was resolved on {}; record concern-reopened before resolving it again",
                resolved.told()
            );
            case.breaks(rule::CONCERN_RESOLVED, "/facts/concern", message);
        }
        None | Some((_, true)) if !wanted => {
            let message = format!("concern `{key}` is open; record concern-updated instead");
            case.breaks(rule::CONCERN_NOT_RESOLVED, "/facts/concern", message);
        }
        _ => {}
    }
}

impl Case<'_> {
    fn in_enrolment(&mut self, key: Option<&Key>) {
        let Some(key) = key else { return };
        let day = self.fact.occurred.day();
        let message = match self.journey.enrolments.get(key) {
            None => {
                let known: Vec<&str> = self.journey.enrolments.keys().take(5).map(Key::as_str).collect();
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                format!("this journey has no enrolment `{key}` (it has: {known}); record enrolled first")
            }
            Some(enrolment) if enrolment.begun.day.0 > day => format!(
                "enrolment `{key}` begins on {}, after {day}; correct one of the two days",
                enrolment.begun.told()
            ),
            Some(_) => return,
        };
        self.breaks(rule::ENROLMENT_UNKNOWN, "/facts/enrolment", message);
    }

    fn has_begun(&self, kind: Kind, key: &Key) -> bool {
        let thread = self.journey.threads.get(&(kind, key.clone()));
        thread.is_some_and(|thread| thread.begun.precedes(self.fact))
    }

    fn begins(&mut self, kind: Kind, key: &Key) {
        let named = self.journey.threads.get(&(kind, key.clone())).map(|thread| thread.begun);
        let field = match &self.fact.event {
            Event::Transaction(Transaction::ShiftWorked(_)) => "shift",
            _ => kind.field(),
        };
        self.names_anew(field, key, named);
    }

    /// What `key` names must have begun by the fact's day.
    fn continues(&mut self, kind: Kind, key: &Key) {
        if !self.has_begun(kind, key) {
            let (field, begins) = (kind.field(), kind.begun_by());
            let message = format!(
                "this journey has no {field} `{key}` by {}; record {begins} first, or correct the key",
                self.fact.occurred.day()
            );
            self.breaks(kind.unknown(), format!("/facts/{field}"), message);
        }
    }

    fn ends(&mut self, kind: Kind, key: &Key) {
        self.continues(kind, key);
        let thread = self.journey.threads.get(&(kind, key.clone()));
        let before = thread.and_then(|thread| thread.turns.first_other(self.fact, false));
        let (rule, done) = kind.ended();
        self.once(rule, kind.field(), key, done, before);
    }

    fn once(&mut self, rule: &'static str, field: &str, key: &Key, done: &str, before: Option<Mark>) {
        if let Some(before) = before.filter(|before| before.event != self.fact.id) {
            let message =
                format!("{field} `{key}` was {done} on {}; correct that event instead", before.told());
            self.breaks(rule, format!("/facts/{field}"), message);
        }
    }
}

impl Kind {
    /// The field that names it.
    const fn field(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Goal => "goal",
            Self::Request => "request",
            Self::Referral => "referral",
            Self::Expectation => "expectation",
            Self::Concern => "concern",
            Self::Survey => "survey",
            Self::Difficulty => "difficulty",
            Self::Gift => "gift",
        }
    }

    /// The fact that begins it.
    const fn begun_by(self) -> &'static str {
        match self {
            Self::Plan => "plan-agreed",
            Self::Goal => "goal-stated",
            Self::Request => "request-received",
            Self::Referral => "referral-made",
            Self::Expectation => "expectation-set",
            Self::Concern => "concern-raised",
            Self::Survey => "survey-sent",
            Self::Difficulty => "difficulty-reported",
            Self::Gift => "gift-received or shift-worked",
        }
    }

    /// The rule broken where it never began.
    const fn unknown(self) -> &'static str {
        match self {
            Self::Plan => rule::PLAN_UNKNOWN,
            Self::Goal => rule::OUTCOME_NOT_PLANNED,
            Self::Request => rule::REQUEST_UNKNOWN,
            Self::Referral => rule::REFERRAL_UNKNOWN,
            Self::Expectation => rule::EXPECTATION_UNKNOWN,
            Self::Concern => rule::CONCERN_UNKNOWN,
            Self::Survey => rule::SURVEY_UNKNOWN,
            Self::Difficulty => rule::DIFFICULTY_UNKNOWN,
            Self::Gift => rule::GIFT_UNKNOWN,
        }
    }

    /// The rule broken where it ends twice, and what its end is called.
    const fn ended(self) -> (&'static str, &'static str) {
        match self {
            Self::Request => (rule::REQUEST_ANSWERED, "answered"),
            Self::Referral => (rule::REFERRAL_CLOSED, "closed"),
            Self::Expectation => (rule::EXPECTATION_SETTLED, "settled"),
            Self::Concern => (rule::CONCERN_RESOLVED, "resolved"),
            Self::Survey => (rule::SURVEY_DECLINED, "declined"),
            Self::Difficulty => (rule::DIFFICULTY_OVERCOME, "overcome"),
            Self::Plan | Self::Goal | Self::Gift => (rule::KEY_REUSED, "ended"),
        }
    }
}
