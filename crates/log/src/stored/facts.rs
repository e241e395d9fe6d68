//! One frozen struct per (fact, version), in the order of the catalogue.

use serde::{Deserialize, Serialize};
use throughline_domain::*;

use super::{
    Current, Stored,
    freeze::{Freeze, ScaleV1, Str, ValueV1},
    parts::*,
};
use crate::codec::Malformed;

type AttributesV1 = Vec<(Str, ValueV1)>;

/// Frozen structs of facts: fields are never reordered, removed or given another meaning.
macro_rules! facts {
    ($($form:ident of $fact:ident with $personal:ident { $($field:ident: $type:ty,)* })*) => {$(
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub(crate) struct $form { $($field: $type,)* }

        impl Current<$fact> for $form {
            fn freeze(fact: &$fact) -> (Self, $personal) {
                let $fact { $($field,)* personal } = fact;
                (Self { $($field: Freeze::freeze($field),)* }, Freeze::freeze(personal))
            }
        }

        impl Stored for $form {
            type Personal = $personal;

            fn thaw(self, personal: $personal) -> Result<Event, Malformed> {
                let Self { $($field,)* } = self;
                Ok($fact { $($field: Freeze::thaw($field)?,)* personal: Freeze::thaw(personal)? }.into())
            }
        }
    )*};
}

facts! {
    JourneyOpenedV1 of JourneyOpened with IdentityV1 { role: u8, language: Str, attributes: AttributesV1, }
    ConsentGivenV1 of ConsentGiven with NoteV1 { scope: Str, until: Option<i32>, }
    ConsentWithdrawnV1 of ConsentWithdrawn with NoteV1 { scope: Str, }
    IntakeHeldV1 of IntakeHeld with EnvironmentV1 {
        enrolment: Option<Str>, surroundings: Vec<Str>, challenges: Vec<Str>, opportunities: Vec<Str>,
        priorities: Vec<Str>, values: Vec<Str>, support_needs: Vec<Str>, decisions: Option<Str>,
        capabilities: Vec<Str>, attributes: AttributesV1,
    }
    AnalysisMadeV1 of AnalysisMade with FindingsV1 { enrolment: Option<Str>, scores: Vec<IndicatorScoreV1>, }
    EligibilityDecidedV1 of EligibilityDecided with NoteV1 {
        programme: Str, criteria_version: Str, criteria: Vec<CriterionV1>, accepted: bool,
        reason: Option<Str>,
    }
    EnrolledV1 of Enrolled with NoteV1 {
        enrolment: Str, programme: Str, template_version: Option<Str>, site: Option<Str>,
        worker: Option<Str>, household: Option<Str>, relationship: Option<Str>, attributes: AttributesV1,
    }
    WorkerAssignedV1 of WorkerAssigned with NoteV1 { enrolment: Option<Str>, worker: Str, }
    GoalStatedV1 of GoalStated with WordsV1 { goal: Str, by: u8, life_area: Str, outcome: Option<Str>, }
    PlanAgreedV1 of PlanAgreed with PlanWordsV1 {
        plan: Str, enrolment: Option<Str>, outcomes: Vec<DesiredOutcomeV1>,
        indicators: Vec<PlannedIndicatorV1>, changes: Vec<TemplateChangeV1>,
        windows: Vec<FollowUpWindowV1>, windows_from: Option<u8>,
    }
    PlanRevisedV1 of PlanRevised with PlanWordsV1 {
        plan: Str, reason: Str, outcomes: Vec<DesiredOutcomeV1>, indicators: Vec<PlannedIndicatorV1>,
        changes: Vec<TemplateChangeV1>, windows: Vec<FollowUpWindowV1>, windows_from: Option<u8>,
    }

    ServiceDeliveredV1 of ServiceDelivered with NoteV1 {
        enrolment: Option<Str>, service: Str, life_area: Str, format: u8, minutes: Option<u32>,
        worker: Option<Str>, with: Vec<u8>, fit: Option<FitV1>, cost: Option<AmountV1>,
    }
    ContactMadeV1 of ContactMade with WordsV1 {
        format: u8, begun_by: u8, exchange: u8, with: Vec<u8>, minutes: Option<u32>, worker: Option<Str>,
        fit: Option<FitV1>,
    }
    ContactAttemptedV1 of ContactAttempted with NoteV1 {
        format: u8, begun_by: u8, reason: Option<Str>, worker: Option<Str>,
    }
    ReferralMadeV1 of ReferralMade with NoteV1 {
        referral: Str, enrolment: Option<Str>, to: Str, life_area: Option<Str>,
    }
    ReferralClosedV1 of ReferralClosed with NoteV1 { referral: Str, result: Str, }
    RequestReceivedV1 of RequestReceived with WordsV1 {
        request: Str, about: Str, format: u8, due: Option<i32>,
    }
    RequestAnsweredV1 of RequestAnswered with NoteV1 { request: Str, answer: u8, worker: Option<Str>, }
    ExpectationSetV1 of ExpectationSet with NoteV1 { expectation: Str, about: Str, due: Option<i32>, }
    ExpectationSettledV1 of ExpectationSettled with NoteV1 { expectation: Str, kept: u8, }
    ConcernRaisedV1 of ConcernRaised with WordsV1 {
        concern: Str, about: Str, severity: Option<Str>, acknowledge_days: Option<u16>,
        answer_days: Option<u16>, update_days: Option<u16>,
    }
    ConcernAcknowledgedV1 of ConcernAcknowledged with NoteV1 { concern: Str, worker: Option<Str>, }
    ConcernUpdatedV1 of ConcernUpdated with NoteV1 { concern: Str, worker: Option<Str>, }
    ConcernResolvedV1 of ConcernResolved with NoteV1 { concern: Str, put_right: u8, worker: Option<Str>, }
    ConcernReopenedV1 of ConcernReopened with WordsV1 { concern: Str, }
    SupportPaidV1 of SupportPaid with NoteV1 {
        enrolment: Option<Str>, purpose: Str, life_area: Option<Str>, amount: AmountV1,
    }
    GiftReceivedV1 of GiftReceived with NoteV1 {
        gift: Str, kind: Str, amount: Option<AmountV1>, programme: Option<Str>,
    }
    ShiftWorkedV1 of ShiftWorked with NoteV1 {
        shift: Str, task: Str, programme: Option<Str>, site: Option<Str>, minutes: u32,
    }
    ThanksSentV1 of ThanksSent with NoteV1 { for_gift: Option<Str>, format: u8, worker: Option<Str>, }
    ImpactSharedV1 of ImpactShared with NoteV1 { for_gift: Option<Str>, format: u8, }

    CheckInHeldV1 of CheckInHeld with WordsV1 {
        enrolment: Option<Str>, format: u8, begun_by: u8, exchange: u8, planned: Option<i32>, with: Vec<u8>,
        minutes: Option<u32>, worker: Option<Str>, fit: Option<FitV1>,
    }
    CheckInMissedV1 of CheckInMissed with NoteV1 {
        enrolment: Option<Str>, planned: Option<i32>, reason: Str, worker: Option<Str>,
    }
    ReadingTakenV1 of ReadingTaken with WordsV1 {
        enrolment: Option<Str>, instrument: Str, measure: Str, value: f64, scale: ScaleV1,
        items: Vec<ItemAnswerV1>,
    }
    SatisfactionRatedV1 of SatisfactionRated with WordsV1 {
        survey: Option<Str>, of: Option<[u8; 16]>, about: SubjectV1, instrument: Str, value: f64,
        scale: ScaleV1, items: Vec<ItemAnswerV1>,
    }
    SurveySentV1 of SurveySent with NoteV1 {
        survey: Str, instrument: Str, about: SubjectV1, format: u8, closes: Option<i32>,
    }
    SurveyDeclinedV1 of SurveyDeclined with NoteV1 { survey: Str, reason: Option<Str>, }
    DifficultyReportedV1 of DifficultyReported with WordsV1 {
        difficulty: Str, life_area: Str, kind: Str, severity: Option<Str>,
    }
    DifficultyOvercomeV1 of DifficultyOvercome with WordsV1 { difficulty: Str, }
    LifeEventNotedV1 of LifeEventNoted with WordsV1 {
        kind: Str, life_area: Option<Str>, effect: Option<u8>,
    }
    AlertRaisedV1 of AlertRaised with NoteV1 { rule: Str, rule_version: u32, values: AttributesV1, }
    AlertClearedV1 of AlertCleared with NoteV1 { rule: Str, rule_version: u32, values: AttributesV1, }

    MilestoneReachedV1 of MilestoneReached with NoteV1 {
        enrolment: Option<Str>, milestone: Str, life_area: Option<Str>,
    }
    MilestoneMissedV1 of MilestoneMissed with NoteV1 {
        enrolment: Option<Str>, milestone: Str, reason: Option<Str>,
    }
    IndicatorMeasuredV1 of IndicatorMeasured with NoteV1 {
        enrolment: Option<Str>, indicator: Str, value: ValueV1, life_area: Option<Str>, stage: Option<Str>,
    }
    ProgrammeCompletedV1 of ProgrammeCompleted with NoteV1 { enrolment: Str, }
    ExitedV1 of Exited with NoteV1 {
        enrolment: Str, reason: Option<Str>, destination: Option<DestinationV1>,
    }
    OutcomeReachedV1 of OutcomeReached with NoteV1 {
        outcome: Str, what: Str, life_area: Str, enrolment: Option<Str>, evidence: Str,
        shown_by: Vec<[u8; 16]>,
    }
    FollowUpHeldV1 of FollowUpHeld with WordsV1 {
        outcome: Option<Str>, enrolment: Option<Str>, window: Option<Str>, format: u8, result: u8,
    }
    FollowUpAttemptedV1 of FollowUpAttempted with NoteV1 {
        outcome: Option<Str>, enrolment: Option<Str>, window: Option<Str>, format: u8, reached: u8,
        reason: Option<Str>,
    }
    OutcomeLostV1 of OutcomeLost with NoteV1 { outcome: Str, reason: Option<Str>, }
    RelationshipGrownV1 of RelationshipGrown with NoteV1 { into: u8, }
    DiedV1 of Died with NothingV1 {}

    RetractedV1 of Retracted with NoteV1 { event: [u8; 16], why: Str, }
    JourneysMergedV1 of JourneysMerged with NoteV1 { kept: [u8; 16], absorbed: [u8; 16], }
    JourneysSplitV1 of JourneysSplit with NoteV1 { from: [u8; 16], into: [u8; 16], events: Vec<[u8; 16]>, }
    KeyDestroyedV1 of KeyDestroyed with NothingV1 { level: u8, requested_by: Str, reason: Str, }

    ProgrammeDescribedV1 of ProgrammeDescribed with NoteV1 {
        programme: Str, kind: Option<Str>, organisation: Option<Str>, site: Option<Str>,
        attributes: AttributesV1,
    }
    WorkerDescribedV1 of WorkerDescribed with IdentityV1 { worker: Str, site: Option<Str>, }
    TemplatePublishedV1 of TemplatePublished with NoteV1 {
        programme: Str, version: Str, steps: Vec<TemplateStepV1>, settings: ProgrammeSettingsV1,
    }
    ProgrammeChangedV1 of ProgrammeChanged with NoteV1 {
        programme: Str, change: Str, from: i32, sites: Vec<Str>,
    }
    MeasureAdoptedV1 of MeasureAdopted with NoteV1 { programme: Str, measure: Str, version: Str, from: i32, }
    BacktestRegisteredV1 of BacktestRegistered with NoteV1 { family: Str, spec: Str, }
    BacktestFinishedV1 of BacktestFinished with NoteV1 {
        family: Str, spec: Str, kind: Str, answer: Str, guard: Option<Str>, p_value: Option<f64>, events: u64,
        report: Str,
    }
    ImportFinishedV1 of ImportFinished with ImportAccountV1 {
        source: Str, format: Option<Str>, made: Option<i64>, full: bool, content: Str, rows: u64, events: u64,
        repeated: u64, warnings: u64, rejected: u64, corrections: u64, retractions: u64, restored: u64,
    }
    RuleAdoptedV1 of RuleAdopted with NoteV1 {
        rule: Str, rule_version: u32, expression: Str, enter: Str, programme: Option<Str>, every_days: u16,
        on_event: bool, until_days: Option<u16>,
    }
    RuleRetiredV1 of RuleRetired with NoteV1 { rule: Str, }

    AccountOpenedV1 of AccountOpened with NoteV1 { account: Str, roles: Vec<Str>, worker: Option<Str>, }
    RolesChangedV1 of RolesChanged with NoteV1 { account: Str, roles: Vec<Str>, worker: Option<Str>, }
    AccountClosedV1 of AccountClosed with NoteV1 { account: Str, }
    TokenIssuedV1 of TokenIssued with NoteV1 { account: Str, token: Str, digest: Str, expires: i64, }
    TokenRevokedV1 of TokenRevoked with NoteV1 { account: Str, token: Str, }
    LeaveGrantedV1 of LeaveGranted with NoteV1 {
        account: Str, grant: Str, client: Option<[u8; 16]>, names: bool, until: Option<i64>,
    }
    LeaveEndedV1 of LeaveEnded with NoteV1 { account: Str, grant: Str, }
    GlassBrokenV1 of GlassBroken with NoteV1 { account: Str, client: [u8; 16], until: i64, }
    RecordReadV1 of RecordRead with NoteV1 { client: [u8; 16], what: Str, }
    ListReadV1 of ListRead with NoteV1 { what: Str, clients: Option<u64>, }
    ExportedV2 of Exported with NoteV1 { client: Option<[u8; 16]>, what: Str, purpose: Option<Str>, }
    RefusedV1 of Refused with NoteV1 { client: Option<[u8; 16]>, what: Str, why: Str, }
    SignedInV1 of SignedIn with NoteV1 { account: Str, }
    SignedOutV1 of SignedOut with NoteV1 { account: Str, }
    EventsBroughtV1 of EventsBrought with NoteV1 {
        what: Str, client: Option<[u8; 16]>, positions: Vec<StretchV1>, events: u64,
    }
    OperatedV1 of Operated with NoteV1 { what: Str, client: Option<[u8; 16]>, }
    DatesChangedV1 of DatesChanged with NoteV1 { account: Str, dates: Str, }
}

/// From before exports said for which purpose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ExportedV1 {
    client: Option<[u8; 16]>,
    what: Str,
}

impl Stored for ExportedV1 {
    type Personal = NoteV1;

    fn thaw(self, personal: NoteV1) -> Result<Event, Malformed> {
        ExportedV2 { client: self.client, what: self.what, purpose: None }.thaw(personal)
    }
}
