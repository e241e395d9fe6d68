//! The closed catalogue of events: families, names on the wire, order within a day, JSON of both parts.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value as Json;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

#[allow(clippy::wildcard_imports, reason = "the catalogue is the list of all facts")]
use crate::facts::*;
use crate::part_json::{from_part, to_json};

/// A JSON event that is none of the catalogue, or not as its fact demands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEvent {
    /// No fact has this name.
    #[error("unknown fact `{name}`; did you mean `{nearest}`? GET /v1/vocabularies/facts lists all")]
    UnknownType {
        /// The name given.
        name: String,
        /// The fact whose name is nearest.
        nearest: &'static str,
    },
    /// A field is missing, unknown, or does not hold what it should.
    #[error("{pointer}: {problem}")]
    Field {
        /// RFC 6901 pointer from the event: `/facts/service`.
        pointer: String,
        /// What is wrong.
        problem: String,
    },
}

/// A fact as its two parts.
pub(crate) trait Parts: Serialize + DeserializeOwned + ToSchema {
    type Personal: Serialize + DeserializeOwned + Default + ToSchema;
    fn personal(&self) -> &Self::Personal;
    fn with_personal(self, personal: Self::Personal) -> Self;
}

/// How one fact looks on the wire, for an API description.
pub struct FactSchema {
    /// `throughline.<family>.<fact>.v<n>`.
    pub type_name: &'static str,
    /// The coded part.
    pub facts: RefOr<Schema>,
    /// The personal part.
    pub personal: RefOr<Schema>,
}

/// The end of a fact's name on the wire: its first version, unless another is named.
macro_rules! version {
    () => {
        ".v1"
    };
    ($version:literal) => {
        $version
    };
}

macro_rules! catalogue {
    ($(
        $(#[$family_doc:meta])*
        $family:ident = $family_name:literal { $($fact:ident = $name:literal $(version $version:literal)? at $rank:literal,)* }
    )*) => {
        /// Everything that can be written down about a journey. Closed: a new fact makes every projector decide.
        #[derive(Debug, Clone, PartialEq)]
        #[allow(clippy::large_enum_variant, reason = "events pass by in streams; a box each would cost more")]
        pub enum Event {
            $($(#[$family_doc])* $family($family),)*
        }

        /// The families of facts.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Family {
            $($(#[$family_doc])* $family,)*
        }

        impl Family {
            /// The family's name on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$family => $family_name,)* }
            }

            /// Every family.
            pub const ALL: &'static [Self] = &[$(Self::$family),*];
        }

        $(
            $(#[$family_doc])*
            #[derive(Debug, Clone, PartialEq)]
            #[allow(missing_docs, reason = "each variant is documented on the struct of the same name")]
            #[allow(clippy::large_enum_variant, reason = "events pass by in streams; a box each would cost more")]
            pub enum $family { $($fact($fact),)* }

            $(impl From<$fact> for Event {
                fn from(fact: $fact) -> Self {
                    Self::$family($family::$fact(fact))
                }
            })*
        )*

        /// The wire name of every fact.
        pub const TYPE_NAMES: &[&str] =
            &[$($(concat!("throughline.", $family_name, ".", $name, version!($($version)?)),)*)*];

        impl Event {
            /// The family.
            pub const fn family(&self) -> Family {
                match self { $(Self::$family(_) => Family::$family,)* }
            }

            /// The name on the wire: `throughline.<family>.<fact>.v<n>`.
            pub const fn type_name(&self) -> &'static str {
                match self {
                    $($(Self::$family($family::$fact(_)) =>
                        concat!("throughline.", $family_name, ".", $name, version!($($version)?)),)*)*
                }
            }

            /// The fact's own short name: `service-delivered`.
            pub const fn fact_name(&self) -> &'static str {
                match self { $($(Self::$family($family::$fact(_)) => $name,)*)* }
            }

            /// The natural place among facts of one day: opened before enrolled before served before exited.
            pub const fn rank(&self) -> u8 {
                match self { $($(Self::$family($family::$fact(_)) => $rank,)*)* }
            }

            /// The coded part as JSON; unset fields are left out.
            pub fn facts_json(&self) -> Json {
                match self { $($(Self::$family($family::$fact(fact)) => Wire::facts(fact),)*)* }
            }

            /// The personal part as JSON; unset fields are left out, and `{}` says there is none.
            pub fn personal_json(&self) -> Json {
                match self { $($(Self::$family($family::$fact(fact)) => Wire::personal(fact),)*)* }
            }

            /// An event from its wire name and both parts; `null` stands for an empty part.
            pub fn from_json(type_name: &str, facts: Json, personal: Json) -> Result<Self, InvalidEvent> {
                match type_name {
                    $($(concat!("throughline.", $family_name, ".", $name, version!($($version)?)) =>
                        <$fact as Wire>::read(facts, personal).map(Self::from),)*)*
                    _ => Err(unknown_type(type_name)),
                }
            }

            /// How every fact looks on the wire; schemas they refer to by name are added to `components`.
            pub fn schemas(components: &mut Vec<(String, RefOr<Schema>)>) -> Vec<FactSchema> {
                vec![$($(<$fact as Wire>::schema(
                    concat!("throughline.", $family_name, ".", $name, version!($($version)?)), components),)*)*]
            }
        }
    };
}

catalogue! {
    /// Who comes, with what, and what is agreed.
    Intake = "intake" {
        JourneyOpened = "journey-opened" at 0,
        ConsentGiven = "consent-given" at 1,
        ConsentWithdrawn = "consent-withdrawn" at 28,
        IntakeHeld = "intake-held" at 2,
        AnalysisMade = "analysis-made" at 3,
        EligibilityDecided = "eligibility-decided" at 4,
        Enrolled = "enrolled" at 5,
        WorkerAssigned = "worker-assigned" at 6,
        GoalStated = "goal-stated" at 8,
        PlanAgreed = "plan-agreed" at 7,
        PlanRevised = "plan-revised" at 9,
    }
    /// What passes between the client and the organisation.
    Transaction = "transaction" {
        ServiceDelivered = "service-delivered" at 20,
        ContactMade = "contact-made" at 20,
        ContactAttempted = "contact-attempted" at 20,
        ReferralMade = "referral-made" at 18,
        ReferralClosed = "referral-closed" at 26,
        RequestReceived = "request-received" at 18,
        RequestAnswered = "request-answered" at 26,
        ExpectationSet = "expectation-set" at 17,
        ExpectationSettled = "expectation-settled" at 26,
        ConcernRaised = "concern-raised" at 18,
        ConcernAcknowledged = "concern-acknowledged" at 24,
        ConcernUpdated = "concern-updated" at 25,
        ConcernResolved = "concern-resolved" at 26,
        ConcernReopened = "concern-reopened" at 27,
        SupportPaid = "support-paid" at 20,
        GiftReceived = "gift-received" at 18,
        ShiftWorked = "shift-worked" at 18,
        ThanksSent = "thanks-sent" at 26,
        ImpactShared = "impact-shared" at 27,
    }
    /// What happens and is felt between the transactions.
    CheckIn = "check-in" {
        CheckInHeld = "check-in-held" at 20,
        CheckInMissed = "check-in-missed" at 20,
        ReadingTaken = "reading-taken" at 21,
        SatisfactionRated = "satisfaction-rated" at 23,
        SurveySent = "survey-sent" at 22,
        SurveyDeclined = "survey-declined" at 23,
        DifficultyReported = "difficulty-reported" at 18,
        DifficultyOvercome = "difficulty-overcome" at 26,
        LifeEventNoted = "life-event-noted" at 19,
        AlertRaised = "alert-raised" at 42,
        AlertCleared = "alert-cleared" at 42,
    }
    /// What was reached, left, followed up, kept or lost.
    Milestone = "milestone" {
        MilestoneReached = "milestone-reached" at 30,
        MilestoneMissed = "milestone-missed" at 30,
        IndicatorMeasured = "indicator-measured" at 21,
        ProgrammeCompleted = "programme-completed" at 32,
        Exited = "exited" at 33,
        OutcomeReached = "outcome-reached" at 34,
        FollowUpHeld = "follow-up-held" at 38,
        FollowUpAttempted = "follow-up-attempted" at 37,
        OutcomeLost = "outcome-lost" at 36,
        RelationshipGrown = "relationship-grown" at 40,
        Died = "died" at 50,
    }
    /// How the record is put right.
    Amendment = "amendment" {
        Corrected = "corrected" at 60,
        Retracted = "retracted" at 60,
        JourneysMerged = "journeys-merged" at 60,
        JourneysSplit = "journeys-split" at 60,
        KeyDestroyed = "key-destroyed" at 61,
    }
    /// What is true of a programme, not of a client.
    Programme = "programme" {
        ProgrammeDescribed = "programme-described" at 10,
        WorkerDescribed = "worker-described" at 10,
        TemplatePublished = "template-published" at 11,
        ProgrammeChanged = "programme-changed" at 12,
        MeasureAdopted = "measure-adopted" at 12,
        BacktestRegistered = "backtest-registered" at 12,
        BacktestFinished = "backtest-finished" at 13,
        ImportFinished = "import-finished" at 13,
        RuleAdopted = "rule-adopted" at 12,
        RuleRetired = "rule-retired" at 12,
    }
    /// Who may do what, and who did: in a log of its own, and in no journey.
    Access = "access" {
        AccountOpened = "account-opened" at 10,
        RolesChanged = "roles-changed" at 11,
        DatesChanged = "dates-changed" at 11,
        AccountClosed = "account-closed" at 15,
        TokenIssued = "token-issued" at 11,
        TokenRevoked = "token-revoked" at 14,
        LeaveGranted = "leave-granted" at 11,
        LeaveEnded = "leave-ended" at 14,
        GlassBroken = "glass-broken" at 12,
        RecordRead = "record-read" at 13,
        ListRead = "list-read" at 13,
        Exported = "exported" version ".v2" at 13,
        Refused = "refused" at 13,
        SignedIn = "signed-in" at 12,
        SignedOut = "signed-out" at 14,
        EventsBrought = "events-brought" at 13,
        Operated = "operated" at 13,
    }
}

/// A fact as JSON. [`Corrected`] carries another fact inside and writes its own; all others are their parts.
trait Wire: Sized {
    fn facts(&self) -> Json;
    fn personal(&self) -> Json;
    fn read(facts: Json, personal: Json) -> Result<Self, InvalidEvent>;
    fn schema(type_name: &'static str, components: &mut Vec<(String, RefOr<Schema>)>) -> FactSchema;
}

impl<F: Parts> Wire for F {
    fn facts(&self) -> Json {
        to_json(self)
    }

    fn personal(&self) -> Json {
        to_json(Parts::personal(self))
    }

    fn read(facts: Json, personal: Json) -> Result<Self, InvalidEvent> {
        let facts: F = from_part("/facts", facts)?;
        Ok(facts.with_personal(from_part("/personal", personal)?))
    }

    fn schema(type_name: &'static str, components: &mut Vec<(String, RefOr<Schema>)>) -> FactSchema {
        schema_of::<F, F::Personal>(type_name, components)
    }
}

impl Wire for Corrected {
    fn facts(&self) -> Json {
        to_json(&CorrectedFacts {
            event: self.event,
            occurred: self.occurred,
            why: self.why.clone(),
            type_name: self.fact.type_name().to_owned(),
            facts: self.fact.facts_json(),
        })
    }

    fn personal(&self) -> Json {
        let inner = self.fact.personal_json();
        let personal =
            if inner.as_object().is_some_and(serde_json::Map::is_empty) { Json::Null } else { inner };
        to_json(&CorrectedPersonal { note: self.personal.note.clone(), personal })
    }

    fn read(facts: Json, personal: Json) -> Result<Self, InvalidEvent> {
        let facts: CorrectedFacts = from_part("/facts", facts)?;
        let personal: CorrectedPersonal = from_part("/personal", personal)?;
        let fact =
            Event::from_json(&facts.type_name, facts.facts, personal.personal).map_err(
                |error| match error {
                    InvalidEvent::Field { pointer, problem } => {
                        let (part, rest) = pointer[1..].split_once('/').unwrap_or((&pointer[1..], ""));
                        let outer = if part == "facts" { "/facts/facts" } else { "/personal/personal" };
                        let slash = if rest.is_empty() { "" } else { "/" };
                        InvalidEvent::Field { pointer: format!("{outer}{slash}{rest}"), problem }
                    }
                    unknown @ InvalidEvent::UnknownType { .. } => unknown,
                },
            )?;
        if let Event::Amendment(_) = fact {
            return Err(InvalidEvent::Field {
                pointer: "/facts/type".to_owned(),
                problem: "a correction replaces a fact, not an amendment; retract the amendment instead"
                    .to_owned(),
            });
        }
        let personal = Note { note: personal.note };
        Ok(Self {
            event: facts.event,
            occurred: facts.occurred,
            fact: Box::new(fact),
            why: facts.why,
            personal,
        })
    }

    fn schema(type_name: &'static str, components: &mut Vec<(String, RefOr<Schema>)>) -> FactSchema {
        schema_of::<CorrectedFacts, CorrectedPersonal>(type_name, components)
    }
}

fn schema_of<F: ToSchema, P: ToSchema>(
    type_name: &'static str,
    components: &mut Vec<(String, RefOr<Schema>)>,
) -> FactSchema {
    F::schemas(components);
    P::schemas(components);
    FactSchema { type_name, facts: <F as PartialSchema>::schema(), personal: <P as PartialSchema>::schema() }
}

fn unknown_type(name: &str) -> InvalidEvent {
    let shared = |known: &str| known.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
    let ending =
        |known: &str| known.bytes().rev().zip(name.bytes().rev()).take_while(|(a, b)| a == b).count();
    let nearest =
        TYPE_NAMES.iter().copied().max_by_key(|known| shared(known) + ending(known)).unwrap_or_default();
    InvalidEvent::UnknownType { name: name.chars().take(120).collect(), nearest }
}
