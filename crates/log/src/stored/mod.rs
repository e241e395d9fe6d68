//! How facts are stored: one frozen struct per (fact, version), apart from the domain's own types, under a tag that
//! is never used again.
//!
//! **A fact changes its shape.** Give it a new name on the wire (`….v2`) and a struct `…V2` beside `…V1` in
//! `facts.rs`; list it here under a new tag as the current form; move the old line to `retired`, and replace the old
//! struct's `facts!` entry by a plain struct whose [`Stored::thaw`] turns it into the new one and thaws that:
//!
//! ```text
//! impl Stored for EnrolledV1 {
//!     type Personal = NoteV1;
//!     fn thaw(self, personal: NoteV1) -> Result<Event, Malformed> {
//!         EnrolledV2 { enrolment: self.enrolment, …, funder: None }.thaw(personal)
//!     }
//! }
//! ```
//! A chain of versions thaws step by step. The golden bytes of `…V1` stay in `tests/golden` and decode for ever.

mod closed;
mod corrected;
mod envelope;
mod facts;
mod freeze;
#[cfg(test)]
mod golden;
mod parts;

use serde::{Serialize, de::DeserializeOwned};
use throughline_domain::{
    Access, Amendment, CheckIn, Event, Intake, KeyDestroyed, Milestone, Programme, Transaction,
};

use self::{corrected::CorrectedV1, facts::*};
use crate::codec::{self, Malformed};

pub(crate) use envelope::{Plain, pack, precision, unpack};

/// A form that was stored once, and so can be read for ever.
trait Stored: Serialize + DeserializeOwned {
    /// The frozen form of its personal part.
    type Personal: Serialize + DeserializeOwned + Default + PartialEq;

    /// The event it stands for today.
    fn thaw(self, personal: Self::Personal) -> Result<Event, Malformed>;
}

/// The form in which a fact is stored today.
trait Current<Fact>: Stored {
    /// The two parts of the fact, as stored.
    fn freeze(fact: &Fact) -> (Self, Self::Personal);
}

/// Room for a fact's stored bytes: most are fewer.
const BYTES_USUAL: usize = 128;

/// A fact's stored bytes; no personal ones where there is nothing personal.
struct Frozen {
    tag: u16,
    facts: Vec<u8>,
    personal: Option<Vec<u8>>,
}

macro_rules! stored {
    (
        current { $($tag:literal = $name:literal: $family:ident::$fact:ident as $form:ident,)* }
        retired { $($old_tag:literal = $old_name:literal: $old_form:ident,)* }
    ) => {
        /// The bytes of an event. A fact that is missing here does not compile.
        fn freeze(event: &Event) -> Frozen {
            match event {
                $(Event::$family($family::$fact(fact)) => freeze_as::<_, $form>($tag, fact),)*
            }
        }

        /// The event of these bytes; an empty personal part stands for a destroyed or absent one.
        fn thaw(tag: u16, facts: &[u8], personal: &[u8]) -> Result<Event, Malformed> {
            match tag {
                $($tag => thaw_as::<$form>(facts, personal),)*
                $($old_tag => thaw_as::<$old_form>(facts, personal),)*
                unknown => Err(Malformed(format!("{unknown} is the tag of no fact"))),
            }
        }

        /// The name on the wire of the fact and version that this tag stands for.
        pub(crate) fn type_name(tag: u16) -> Option<&'static str> {
            match tag {
                $($tag => Some($name),)*
                $($old_tag => Some($old_name),)*
                _ => None,
            }
        }

        /// Every tag, retired ones among them.
        #[cfg(test)]
        const TAGS: &[u16] = &[$($tag,)* $($old_tag,)*];
    };
}

stored! {
    current {
        101 = "throughline.intake.journey-opened.v1": Intake::JourneyOpened as JourneyOpenedV1,
        102 = "throughline.intake.consent-given.v1": Intake::ConsentGiven as ConsentGivenV1,
        103 = "throughline.intake.consent-withdrawn.v1": Intake::ConsentWithdrawn as ConsentWithdrawnV1,
        104 = "throughline.intake.intake-held.v1": Intake::IntakeHeld as IntakeHeldV1,
        105 = "throughline.intake.analysis-made.v1": Intake::AnalysisMade as AnalysisMadeV1,
        106 = "throughline.intake.eligibility-decided.v1": Intake::EligibilityDecided as EligibilityDecidedV1,
        107 = "throughline.intake.enrolled.v1": Intake::Enrolled as EnrolledV1,
        108 = "throughline.intake.worker-assigned.v1": Intake::WorkerAssigned as WorkerAssignedV1,
        109 = "throughline.intake.goal-stated.v1": Intake::GoalStated as GoalStatedV1,
        110 = "throughline.intake.plan-agreed.v1": Intake::PlanAgreed as PlanAgreedV1,
        111 = "throughline.intake.plan-revised.v1": Intake::PlanRevised as PlanRevisedV1,

        201 = "throughline.transaction.service-delivered.v1": Transaction::ServiceDelivered as ServiceDeliveredV1,
        202 = "throughline.transaction.contact-made.v1": Transaction::ContactMade as ContactMadeV1,
        203 = "throughline.transaction.contact-attempted.v1": Transaction::ContactAttempted as ContactAttemptedV1,
        204 = "throughline.transaction.referral-made.v1": Transaction::ReferralMade as ReferralMadeV1,
        205 = "throughline.transaction.referral-closed.v1": Transaction::ReferralClosed as ReferralClosedV1,
        206 = "throughline.transaction.request-received.v1": Transaction::RequestReceived as RequestReceivedV1,
        207 = "throughline.transaction.request-answered.v1": Transaction::RequestAnswered as RequestAnsweredV1,
        208 = "throughline.transaction.expectation-set.v1": Transaction::ExpectationSet as ExpectationSetV1,
        209 = "throughline.transaction.expectation-settled.v1":
            Transaction::ExpectationSettled as ExpectationSettledV1,
        210 = "throughline.transaction.concern-raised.v1": Transaction::ConcernRaised as ConcernRaisedV1,
        211 = "throughline.transaction.concern-acknowledged.v1":
            Transaction::ConcernAcknowledged as ConcernAcknowledgedV1,
        212 = "throughline.transaction.concern-updated.v1": Transaction::ConcernUpdated as ConcernUpdatedV1,
        213 = "throughline.transaction.concern-resolved.v1": Transaction::ConcernResolved as ConcernResolvedV1,
        214 = "throughline.transaction.concern-reopened.v1": Transaction::ConcernReopened as ConcernReopenedV1,
        215 = "throughline.transaction.support-paid.v1": Transaction::SupportPaid as SupportPaidV1,
        216 = "throughline.transaction.gift-received.v1": Transaction::GiftReceived as GiftReceivedV1,
        217 = "throughline.transaction.shift-worked.v1": Transaction::ShiftWorked as ShiftWorkedV1,
        218 = "throughline.transaction.thanks-sent.v1": Transaction::ThanksSent as ThanksSentV1,
        219 = "throughline.transaction.impact-shared.v1": Transaction::ImpactShared as ImpactSharedV1,

        301 = "throughline.check-in.check-in-held.v1": CheckIn::CheckInHeld as CheckInHeldV1,
        302 = "throughline.check-in.check-in-missed.v1": CheckIn::CheckInMissed as CheckInMissedV1,
        303 = "throughline.check-in.reading-taken.v1": CheckIn::ReadingTaken as ReadingTakenV1,
        304 = "throughline.check-in.satisfaction-rated.v1": CheckIn::SatisfactionRated as SatisfactionRatedV1,
        305 = "throughline.check-in.survey-sent.v1": CheckIn::SurveySent as SurveySentV1,
        306 = "throughline.check-in.survey-declined.v1": CheckIn::SurveyDeclined as SurveyDeclinedV1,
        307 = "throughline.check-in.difficulty-reported.v1": CheckIn::DifficultyReported as DifficultyReportedV1,
        308 = "throughline.check-in.difficulty-overcome.v1": CheckIn::DifficultyOvercome as DifficultyOvercomeV1,
        309 = "throughline.check-in.life-event-noted.v1": CheckIn::LifeEventNoted as LifeEventNotedV1,
        310 = "throughline.check-in.alert-raised.v1": CheckIn::AlertRaised as AlertRaisedV1,
        311 = "throughline.check-in.alert-cleared.v1": CheckIn::AlertCleared as AlertClearedV1,

        401 = "throughline.milestone.milestone-reached.v1": Milestone::MilestoneReached as MilestoneReachedV1,
        402 = "throughline.milestone.milestone-missed.v1": Milestone::MilestoneMissed as MilestoneMissedV1,
        403 = "throughline.milestone.indicator-measured.v1": Milestone::IndicatorMeasured as IndicatorMeasuredV1,
        404 = "throughline.milestone.programme-completed.v1":
            Milestone::ProgrammeCompleted as ProgrammeCompletedV1,
        405 = "throughline.milestone.exited.v1": Milestone::Exited as ExitedV1,
        406 = "throughline.milestone.outcome-reached.v1": Milestone::OutcomeReached as OutcomeReachedV1,
        407 = "throughline.milestone.follow-up-held.v1": Milestone::FollowUpHeld as FollowUpHeldV1,
        408 = "throughline.milestone.follow-up-attempted.v1": Milestone::FollowUpAttempted as FollowUpAttemptedV1,
        409 = "throughline.milestone.outcome-lost.v1": Milestone::OutcomeLost as OutcomeLostV1,
        410 = "throughline.milestone.relationship-grown.v1": Milestone::RelationshipGrown as RelationshipGrownV1,
        411 = "throughline.milestone.died.v1": Milestone::Died as DiedV1,

        501 = "throughline.amendment.corrected.v1": Amendment::Corrected as CorrectedV1,
        502 = "throughline.amendment.retracted.v1": Amendment::Retracted as RetractedV1,
        503 = "throughline.amendment.journeys-merged.v1": Amendment::JourneysMerged as JourneysMergedV1,
        504 = "throughline.amendment.journeys-split.v1": Amendment::JourneysSplit as JourneysSplitV1,
        505 = "throughline.amendment.key-destroyed.v1": Amendment::KeyDestroyed as KeyDestroyedV1,

        601 = "throughline.programme.programme-described.v1": Programme::ProgrammeDescribed as ProgrammeDescribedV1,
        602 = "throughline.programme.worker-described.v1": Programme::WorkerDescribed as WorkerDescribedV1,
        603 = "throughline.programme.template-published.v1": Programme::TemplatePublished as TemplatePublishedV1,
        604 = "throughline.programme.programme-changed.v1": Programme::ProgrammeChanged as ProgrammeChangedV1,
        605 = "throughline.programme.measure-adopted.v1": Programme::MeasureAdopted as MeasureAdoptedV1,
        606 = "throughline.programme.backtest-registered.v1":
            Programme::BacktestRegistered as BacktestRegisteredV1,
        607 = "throughline.programme.import-finished.v1": Programme::ImportFinished as ImportFinishedV1,
        608 = "throughline.programme.rule-adopted.v1": Programme::RuleAdopted as RuleAdoptedV1,
        609 = "throughline.programme.rule-retired.v1": Programme::RuleRetired as RuleRetiredV1,
        610 = "throughline.programme.backtest-finished.v1": Programme::BacktestFinished as BacktestFinishedV1,

        701 = "throughline.access.account-opened.v1": Access::AccountOpened as AccountOpenedV1,
        702 = "throughline.access.roles-changed.v1": Access::RolesChanged as RolesChangedV1,
        703 = "throughline.access.account-closed.v1": Access::AccountClosed as AccountClosedV1,
        704 = "throughline.access.token-issued.v1": Access::TokenIssued as TokenIssuedV1,
        705 = "throughline.access.token-revoked.v1": Access::TokenRevoked as TokenRevokedV1,
        706 = "throughline.access.leave-granted.v1": Access::LeaveGranted as LeaveGrantedV1,
        707 = "throughline.access.leave-ended.v1": Access::LeaveEnded as LeaveEndedV1,
        708 = "throughline.access.glass-broken.v1": Access::GlassBroken as GlassBrokenV1,
        709 = "throughline.access.record-read.v1": Access::RecordRead as RecordReadV1,
        710 = "throughline.access.list-read.v1": Access::ListRead as ListReadV1,
        712 = "throughline.access.refused.v1": Access::Refused as RefusedV1,
        713 = "throughline.access.signed-in.v1": Access::SignedIn as SignedInV1,
        714 = "throughline.access.signed-out.v1": Access::SignedOut as SignedOutV1,
        715 = "throughline.access.exported.v2": Access::Exported as ExportedV2,
        716 = "throughline.access.events-brought.v1": Access::EventsBrought as EventsBroughtV1,
        717 = "throughline.access.operated.v1": Access::Operated as OperatedV1,
        720 = "throughline.access.dates-changed.v1": Access::DatesChanged as DatesChangedV1,
    }
    retired {
        711 = "throughline.access.exported.v1": ExportedV1,
    }
}

/// Whether an event must stay readable when its journey is erased, and so is sealed with the log's own key: that a
/// key was destroyed, by whose request and why.
pub(crate) fn outlives_erasure(event: &Event) -> bool {
    matches!(event, Event::Amendment(Amendment::KeyDestroyed(KeyDestroyed { .. })))
}

/// Whether this is the tag of an event that tells that a key was destroyed.
pub(crate) fn is_of_erasure(tag: u16) -> bool {
    tag == 505
}

fn freeze_as<Fact, Form: Current<Fact>>(tag: u16, fact: &Fact) -> Frozen {
    let (facts, personal) = Form::freeze(fact);
    let personal = (personal != Form::Personal::default()).then(|| bytes_of(&personal));
    Frozen { tag, facts: bytes_of(&facts), personal }
}

fn thaw_as<Form: Stored>(facts: &[u8], personal: &[u8]) -> Result<Event, Malformed> {
    let personal = if personal.is_empty() { Form::Personal::default() } else { codec::decode(personal)? };
    codec::decode::<Form>(facts)?.thaw(personal)
}

fn bytes_of(form: &impl Serialize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(BYTES_USUAL);
    codec::encode_into(&mut bytes, form).expect("a fact's fields are bounded, and of plain types");
    bytes
}
