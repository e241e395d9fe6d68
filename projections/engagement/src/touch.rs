//! What each fact is to the relationship: a contact, a failed attempt, or neither. The whole rule is in this file;
//! the table in the crate's documentation says the same in words.

use throughline_domain::{
    CheckIn, Code, Event, Exchange, Eyes, Fact, Fit, Format, Intake, Milestone, Reached, Transaction, Words,
};

use crate::view::FailedKind;

/// What a fact is to the relationship.
pub(crate) enum Touch<'f> {
    /// Client and organisation were in touch.
    Contact(Met<'f>),
    /// Somebody tried, or a meeting was planned, and nothing came of it.
    Failed(FailedKind, Eyes),
    /// It is no contact.
    Neither,
}

/// A contact as its fact tells it.
#[derive(Default)]
pub(crate) struct Met<'f> {
    pub two_way: bool,
    pub check_in: bool,
    /// Who began it; unset where the fact does not say, and then it counts in no share of who began.
    pub begun_by: Option<Eyes>,
    pub format: Option<Format>,
    pub life_area: Option<&'f Code>,
    pub worker: Option<&'f Code>,
    pub with: &'f [Eyes],
    pub fit: Fit,
}

/// Two sides take part wherever a person is on the other side, also where the source did not record the form.
fn has_another_side(format: Format) -> bool {
    match format {
        Format::SelfService => false,
        Format::InPerson
        | Format::HomeVisit
        | Format::SmallGroup
        | Format::LargeGroup
        | Format::Phone
        | Format::Video
        | Format::Written
        | Format::Outreach
        | Format::Unknown => true,
    }
}

/// What this fact is to the relationship.
pub(crate) fn touch(fact: &Fact) -> Touch<'_> {
    match &fact.event {
        Event::Intake(intake) => intake_touch(intake),
        Event::Transaction(transaction) => transaction_touch(transaction, fact.eyes),
        Event::CheckIn(check_in) => check_in_touch(check_in),
        Event::Milestone(milestone) => milestone_touch(milestone, fact.eyes),
        Event::Amendment(_) | Event::Programme(_) | Event::Access(_) => Touch::Neither,
    }
}

fn intake_touch(intake: &Intake) -> Touch<'_> {
    match intake {
        Intake::IntakeHeld(_) => Touch::Contact(Met { two_way: true, ..Met::default() }),
        Intake::JourneyOpened(_)
        | Intake::ConsentGiven(_)
        | Intake::ConsentWithdrawn(_)
        | Intake::AnalysisMade(_)
        | Intake::EligibilityDecided(_)
        | Intake::Enrolled(_)
        | Intake::WorkerAssigned(_)
        | Intake::GoalStated(_)
        | Intake::PlanAgreed(_)
        | Intake::PlanRevised(_) => Touch::Neither,
    }
}

fn transaction_touch(transaction: &Transaction, eyes: Eyes) -> Touch<'_> {
    match transaction {
        Transaction::ServiceDelivered(service) => Touch::Contact(Met {
            two_way: has_another_side(service.format),
            format: Some(service.format),
            life_area: Some(&service.life_area),
            worker: service.worker.as_ref(),
            with: &service.with,
            fit: service.fit.unwrap_or_default(),
            ..Met::default()
        }),
        Transaction::ContactMade(made) => Touch::Contact(Met {
            two_way: made.exchange == Exchange::TwoWay,
            begun_by: Some(made.begun_by),
            format: Some(made.format),
            worker: made.worker.as_ref(),
            with: &made.with,
            fit: made.fit.unwrap_or_default(),
            ..Met::default()
        }),
        Transaction::ContactAttempted(attempt) => {
            Touch::Failed(FailedKind::ContactAttempted, attempt.begun_by)
        }
        Transaction::RequestReceived(request) => Touch::Contact(Met {
            two_way: has_another_side(request.format),
            begun_by: Some(Eyes::Client),
            format: Some(request.format),
            ..Met::default()
        }),
        Transaction::ConcernRaised(_) | Transaction::ConcernReopened(_) if eyes == Eyes::Client => {
            Touch::Contact(Met { two_way: true, begun_by: Some(Eyes::Client), ..Met::default() })
        }
        Transaction::GiftReceived(_) => {
            Touch::Contact(Met { two_way: true, begun_by: Some(Eyes::Client), ..Met::default() })
        }
        Transaction::ShiftWorked(_) => Touch::Contact(Met { two_way: true, ..Met::default() }),
        Transaction::ConcernRaised(_)
        | Transaction::ConcernReopened(_)
        | Transaction::ReferralMade(_)
        | Transaction::ReferralClosed(_)
        | Transaction::RequestAnswered(_)
        | Transaction::ExpectationSet(_)
        | Transaction::ExpectationSettled(_)
        | Transaction::ConcernAcknowledged(_)
        | Transaction::ConcernUpdated(_)
        | Transaction::ConcernResolved(_)
        | Transaction::SupportPaid(_)
        | Transaction::ThanksSent(_)
        | Transaction::ImpactShared(_) => Touch::Neither,
    }
}

fn check_in_touch(check_in: &CheckIn) -> Touch<'_> {
    match check_in {
        CheckIn::CheckInHeld(held) => Touch::Contact(Met {
            two_way: held.exchange == Exchange::TwoWay,
            check_in: true,
            begun_by: Some(held.begun_by),
            format: Some(held.format),
            worker: held.worker.as_ref(),
            with: &held.with,
            fit: held.fit.unwrap_or_default(),
            ..Met::default()
        }),
        CheckIn::CheckInMissed(_) => Touch::Failed(FailedKind::CheckInMissed, Eyes::Staff),
        CheckIn::ReadingTaken(_)
        | CheckIn::SatisfactionRated(_)
        | CheckIn::SurveySent(_)
        | CheckIn::SurveyDeclined(_)
        | CheckIn::DifficultyReported(_)
        | CheckIn::DifficultyOvercome(_)
        | CheckIn::LifeEventNoted(_)
        // A rule spoke about the client, nobody with them.
        | CheckIn::AlertRaised(_)
        | CheckIn::AlertCleared(_) => Touch::Neither,
    }
}

fn milestone_touch(milestone: &Milestone, eyes: Eyes) -> Touch<'_> {
    match milestone {
        Milestone::FollowUpHeld(held) if spoke_to_the_client(eyes) => {
            Touch::Contact(followed_up(held.format))
        }
        Milestone::FollowUpAttempted(attempt) => match attempt.reached {
            Reached::Reached => Touch::Contact(followed_up(attempt.format)),
            Reached::NotReached => Touch::Failed(FailedKind::FollowUpAttempted, Eyes::Staff),
        },
        Milestone::FollowUpHeld(_)
        | Milestone::MilestoneReached(_)
        | Milestone::MilestoneMissed(_)
        | Milestone::IndicatorMeasured(_)
        | Milestone::ProgrammeCompleted(_)
        | Milestone::Exited(_)
        | Milestone::OutcomeReached(_)
        | Milestone::OutcomeLost(_)
        | Milestone::RelationshipGrown(_)
        | Milestone::Died(_) => Touch::Neither,
    }
}

fn followed_up<'f>(format: Format) -> Met<'f> {
    Met {
        two_way: has_another_side(format),
        begun_by: Some(Eyes::Staff),
        format: Some(format),
        ..Met::default()
    }
}

/// A follow-up seen by a partner or a machine (an employer's record, a wage register) spoke to nobody.
fn spoke_to_the_client(eyes: Eyes) -> bool {
    match eyes {
        Eyes::Client | Eyes::Caregiver | Eyes::Staff => true,
        Eyes::Partner | Eyes::System => false,
    }
}

/// Whether the client's own words are kept with this fact. The words themselves never enter a view.
pub(crate) fn has_clients_words(fact: &Fact) -> bool {
    let said = match &fact.event {
        Event::Intake(intake) => intake_words(intake, fact.eyes),
        Event::Transaction(transaction) => {
            transaction_words(transaction).filter(|_| fact.eyes == Eyes::Client)
        }
        Event::CheckIn(check_in) => check_in_words(check_in).filter(|_| fact.eyes == Eyes::Client),
        Event::Milestone(milestone) => milestone_words(milestone).filter(|_| fact.eyes == Eyes::Client),
        Event::Amendment(_) | Event::Programme(_) | Event::Access(_) => None,
    };
    said.is_some_and(|words| words.words.is_some())
}

fn intake_words(intake: &Intake, eyes: Eyes) -> Option<&Words> {
    match intake {
        // A worker may write down what the client said: the fact then names the client as the one who states it.
        Intake::GoalStated(goal) => {
            (goal.by == Eyes::Client || eyes == Eyes::Client).then_some(&goal.personal)
        }
        Intake::JourneyOpened(_)
        | Intake::ConsentGiven(_)
        | Intake::ConsentWithdrawn(_)
        | Intake::IntakeHeld(_)
        | Intake::AnalysisMade(_)
        | Intake::EligibilityDecided(_)
        | Intake::Enrolled(_)
        | Intake::WorkerAssigned(_)
        | Intake::PlanAgreed(_)
        | Intake::PlanRevised(_) => None,
    }
}

fn transaction_words(transaction: &Transaction) -> Option<&Words> {
    match transaction {
        Transaction::ContactMade(fact) => Some(&fact.personal),
        Transaction::RequestReceived(fact) => Some(&fact.personal),
        Transaction::ConcernRaised(fact) => Some(&fact.personal),
        Transaction::ConcernReopened(fact) => Some(&fact.personal),
        Transaction::ServiceDelivered(_)
        | Transaction::ContactAttempted(_)
        | Transaction::ReferralMade(_)
        | Transaction::ReferralClosed(_)
        | Transaction::RequestAnswered(_)
        | Transaction::ExpectationSet(_)
        | Transaction::ExpectationSettled(_)
        | Transaction::ConcernAcknowledged(_)
        | Transaction::ConcernUpdated(_)
        | Transaction::ConcernResolved(_)
        | Transaction::SupportPaid(_)
        | Transaction::GiftReceived(_)
        | Transaction::ShiftWorked(_)
        | Transaction::ThanksSent(_)
        | Transaction::ImpactShared(_) => None,
    }
}

fn check_in_words(check_in: &CheckIn) -> Option<&Words> {
    match check_in {
        CheckIn::CheckInHeld(fact) => Some(&fact.personal),
        CheckIn::ReadingTaken(fact) => Some(&fact.personal),
        CheckIn::SatisfactionRated(fact) => Some(&fact.personal),
        CheckIn::DifficultyReported(fact) => Some(&fact.personal),
        CheckIn::DifficultyOvercome(fact) => Some(&fact.personal),
        CheckIn::LifeEventNoted(fact) => Some(&fact.personal),
        CheckIn::CheckInMissed(_)
        | CheckIn::SurveySent(_)
        | CheckIn::SurveyDeclined(_)
        | CheckIn::AlertRaised(_)
        | CheckIn::AlertCleared(_) => None,
    }
}

fn milestone_words(milestone: &Milestone) -> Option<&Words> {
    match milestone {
        Milestone::FollowUpHeld(fact) => Some(&fact.personal),
        Milestone::MilestoneReached(_)
        | Milestone::MilestoneMissed(_)
        | Milestone::IndicatorMeasured(_)
        | Milestone::ProgrammeCompleted(_)
        | Milestone::Exited(_)
        | Milestone::OutcomeReached(_)
        | Milestone::FollowUpAttempted(_)
        | Milestone::OutcomeLost(_)
        | Milestone::RelationshipGrown(_)
        | Milestone::Died(_) => None,
    }
}
