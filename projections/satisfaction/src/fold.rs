//! The fold: each fact finds its place in the view, or a reason why it has none.

use throughline_domain::{
    CheckIn, Event, Fact, Intake, ItemAnswer, Key, Milestone, SatisfactionRated, Scale, Subject, SurveySent,
    Transaction,
};

use throughline_projection::Day;

use crate::view::{
    About, Codes, ConcernRaised, Dated, GiftKind, Promised, Rating, Step, SurveySent as Sent, View,
};

/// Days on which an answer to a survey counts where the survey names no last day.
pub const SURVEY_OPEN_DAYS: u16 = 30;
/// Working days to acknowledge a concern, where the concern sets none.
pub const ACKNOWLEDGE_DAYS: u16 = 5;
/// Working days to answer a concern, where the concern sets none.
pub const ANSWER_DAYS: u16 = 20;
/// Working days between updates once an answer is late, where the concern sets none.
pub const UPDATE_DAYS: u16 = 10;

pub(crate) fn fold(view: &mut View, fact: &Fact) {
    match &fact.event {
        Event::Transaction(transaction) => fold_transaction(view, fact, transaction),
        Event::CheckIn(check_in) => fold_check_in(view, fact, check_in),
        Event::Milestone(milestone) => fold_milestone(view, fact, milestone),
        Event::Intake(intake) => fold_intake(intake),
        // Amendments are applied before a life is folded; a programme's own facts are of no client.
        Event::Amendment(_) | Event::Programme(_) | Event::Access(_) => {}
    }
}

fn fold_intake(intake: &Intake) {
    match intake {
        // Who came and what was agreed: none of it judges a transaction or promises a day.
        Intake::JourneyOpened(_)
        | Intake::ConsentGiven(_)
        | Intake::ConsentWithdrawn(_)
        | Intake::IntakeHeld(_)
        | Intake::AnalysisMade(_)
        | Intake::EligibilityDecided(_)
        | Intake::Enrolled(_)
        | Intake::WorkerAssigned(_)
        | Intake::GoalStated(_)
        | Intake::PlanAgreed(_)
        | Intake::PlanRevised(_) => {}
    }
}

fn fold_transaction(view: &mut View, fact: &Fact, transaction: &Transaction) {
    let at = Dated::of(fact);
    match transaction {
        Transaction::RequestReceived(request) => {
            let received = Promised { at, about: request.about.clone(), due: request.due.map(Day::of) };
            view.requests.entry(request.request.clone()).or_default().received.push(received);
        }
        Transaction::RequestAnswered(answered) => {
            let request = view.requests.entry(answered.request.clone()).or_default();
            request.answered.push((at, answered.answer));
        }
        Transaction::ExpectationSet(expectation) => {
            let set = Promised { at, about: expectation.about.clone(), due: expectation.due.map(Day::of) };
            view.expectations.entry(expectation.expectation.clone()).or_default().set.push(set);
        }
        Transaction::ExpectationSettled(settled) => {
            let expectation = view.expectations.entry(settled.expectation.clone()).or_default();
            expectation.settled.push((at, settled.kept));
        }
        Transaction::ConcernRaised(raised) => {
            let concern = ConcernRaised {
                at,
                about: raised.about.clone(),
                acknowledge_days: raised.acknowledge_days.unwrap_or(ACKNOWLEDGE_DAYS),
                answer_days: raised.answer_days.unwrap_or(ANSWER_DAYS),
                update_days: raised.update_days.unwrap_or(UPDATE_DAYS),
            };
            view.concerns.entry(raised.concern.clone()).or_default().raised.push(concern);
        }
        Transaction::ConcernAcknowledged(step) => concern(view, &step.concern, at, Step::Acknowledged),
        Transaction::ConcernUpdated(step) => concern(view, &step.concern, at, Step::Updated),
        Transaction::ConcernResolved(step) => {
            concern(view, &step.concern, at, Step::Resolved(step.put_right));
        }
        Transaction::ConcernReopened(step) => concern(view, &step.concern, at, Step::Reopened),
        Transaction::GiftReceived(gift) => given(view, &gift.gift, at, GiftKind::Gift),
        Transaction::ShiftWorked(shift) => given(view, &shift.shift, at, GiftKind::Shift),
        Transaction::ThanksSent(thanks) => match &thanks.for_gift {
            Some(gift) => view.gifts.entry(gift.clone()).or_default().thanks.push(at),
            None => view.thanks.push(at),
        },
        Transaction::ImpactShared(impact) => match &impact.for_gift {
            Some(gift) => view.gifts.entry(gift.clone()).or_default().impact.push(at),
            None => view.impact.push(at),
        },
        // That something was done says nothing of how content the client was with it.
        Transaction::ServiceDelivered(_)
        | Transaction::ContactMade(_)
        | Transaction::ContactAttempted(_)
        | Transaction::ReferralMade(_)
        | Transaction::ReferralClosed(_)
        | Transaction::SupportPaid(_) => {}
    }
}

fn fold_check_in(view: &mut View, fact: &Fact, check_in: &CheckIn) {
    match check_in {
        CheckIn::SatisfactionRated(rated) => {
            let rating = rating(&mut view.codes, fact, rated);
            view.ratings.push(rating);
        }
        CheckIn::SurveySent(sent) => {
            let survey = survey(&mut view.codes, fact, sent);
            view.surveys.entry(sent.survey.clone()).or_default().sent.push(survey);
        }
        CheckIn::SurveyDeclined(declined) => {
            view.surveys.entry(declined.survey.clone()).or_default().declined.push(Dated::of(fact));
        }
        // Readings, check-ins and what stands in the way judge the relationship: engagement takes them.
        CheckIn::CheckInHeld(_)
        | CheckIn::CheckInMissed(_)
        | CheckIn::ReadingTaken(_)
        | CheckIn::DifficultyReported(_)
        | CheckIn::DifficultyOvercome(_)
        | CheckIn::LifeEventNoted(_)
        // What a rule says of the client is not what the client says.
        | CheckIn::AlertRaised(_)
        | CheckIn::AlertCleared(_) => {}
    }
}

fn fold_milestone(view: &mut View, fact: &Fact, milestone: &Milestone) {
    match milestone {
        // Nothing is owed to a client after their death, and no survey stays open.
        Milestone::Died(_) => {
            view.died.get_or_insert(Dated::of(fact));
        }
        // Outcomes have a view of their own, and leaving a programme ends no promise.
        Milestone::MilestoneReached(_)
        | Milestone::MilestoneMissed(_)
        | Milestone::IndicatorMeasured(_)
        | Milestone::ProgrammeCompleted(_)
        | Milestone::Exited(_)
        | Milestone::OutcomeReached(_)
        | Milestone::FollowUpHeld(_)
        | Milestone::FollowUpAttempted(_)
        | Milestone::OutcomeLost(_)
        | Milestone::RelationshipGrown(_) => {}
    }
}

fn concern(view: &mut View, key: &Key, at: Dated, step: Step) {
    view.concerns.entry(key.clone()).or_default().steps.push((at, step));
}

fn given(view: &mut View, key: &Key, at: Dated, kind: GiftKind) {
    view.gifts.entry(key.clone()).or_default().given.push((at, kind));
}

fn about(codes: &mut Codes, subject: &Subject) -> About {
    let mut number =
        |code: &Option<throughline_domain::Code>| code.as_ref().and_then(|code| codes.number(code));
    About {
        process: number(&subject.process),
        service: number(&subject.service),
        site: number(&subject.site),
        worker: number(&subject.worker),
    }
}

fn survey(codes: &mut Codes, fact: &Fact, sent: &SurveySent) -> Sent {
    let at = Dated::of(fact);
    let closes = sent.closes.map_or(at.day.plus(SURVEY_OPEN_DAYS), Day::of);
    Sent { at, instrument: codes.number(&sent.instrument), about: about(codes, &sent.about), closes }
}

fn rating(codes: &mut Codes, fact: &Fact, rated: &SatisfactionRated) -> Rating {
    let Total { value, min, max } = Total::of(rated.value.get(), rated.scale, &rated.items);
    Rating {
        at: Dated::of(fact),
        survey: rated.survey.clone(),
        of: rated.of,
        about: about(codes, &rated.about),
        instrument: codes.number(&rated.instrument),
        answers: u16::try_from(rated.items.len()).unwrap_or(u16::MAX).max(1),
        value,
        min,
        max,
    }
}

/// A total and the ends it runs between.
#[derive(Debug, PartialEq)]
struct Total {
    value: f64,
    min: f64,
    max: f64,
}

impl Total {
    /// The sum of the answers, a reversed one counted as `min + max - answer`; the value as given where there are none.
    ///
    /// The scale is that of one answer. Where some answer lies off it, it is the scale of the total, and one
    /// answer's ends are its ends shared out over the answers.
    fn of(value: f64, scale: Scale, items: &[ItemAnswer]) -> Self {
        if items.is_empty() {
            return Self { value, min: scale.min(), max: scale.max() };
        }
        let count = items.len() as f64;
        let (min, max) = if items.iter().all(|item| scale.holds(item.answer)) {
            (scale.min(), scale.max())
        } else {
            (scale.min() / count, scale.max() / count)
        };
        let answer = |item: &ItemAnswer| {
            if item.reversed { min + max - item.answer.get() } else { item.answer.get() }
        };
        Self { value: items.iter().map(answer).sum(), min: min * count, max: max * count }
    }
}

#[cfg(test)]
mod tests {
    use throughline_domain::{Code, Score};

    use super::*;

    fn items(answers: &[(f64, bool)]) -> Vec<ItemAnswer> {
        let item = |(nth, (answer, reversed)): (usize, &(f64, bool))| ItemAnswer {
            item: Code::new(format!("i{nth}")).expect("a code"),
            answer: Score::new(*answer).expect("finite"),
            reversed: *reversed,
        };
        answers.iter().enumerate().map(item).collect()
    }

    #[test]
    fn a_reversed_item_counts_the_other_way_round() {
        let scale = Scale::new(1.0, 4.0).expect("a scale");
        let total = Total::of(8.0, scale, &items(&[(4.0, false), (3.0, false), (1.0, true)]));
        assert_eq!(total, Total { value: 11.0, min: 3.0, max: 12.0 });
    }

    #[test]
    fn a_scale_of_the_total_is_shared_out_over_the_answers() {
        let scale = Scale::new(3.0, 12.0).expect("a scale");
        let total = Total::of(8.0, scale, &items(&[(4.0, false), (3.0, false), (1.0, true)]));
        assert_eq!(total, Total { value: 11.0, min: 3.0, max: 12.0 });
    }
}
