//! Intake: who comes, with what, and what is agreed.

use jiff::civil::Date;

use crate::{
    Attributes, Code, Criterion, DesiredOutcome, Environment, Eyes, Findings, FollowUpWindow, Identity,
    IndicatorScore, Key, Language, Note, PlanWords, PlannedIndicator, Role, TemplateChange, WindowAnchor,
    Words,
};

fact! {
    /// A journey begins.
    JourneyOpened, Identity {
        /// What the person is to the organisation.
        role: Role,
        /// The language they wish to be spoken to in.
        language: Language,
        /// Coded attributes.
        #[serde(default)]
        #[schema(value_type = Object)]
        attributes: Attributes,
    }
}
fact! {
    /// The client agrees to a use of their data or to a service.
    ConsentGiven, Note {
        /// What for.
        scope: Code,
        /// The last day on which it holds; open where unset.
        #[schema(value_type = Option<String>, format = Date)]
        until: Option<Date>,
    }
}
fact! {
    /// The client takes a consent back.
    ConsentWithdrawn, Note {
        /// What for.
        scope: Code,
    }
}
fact! {
    /// The client's whole environment was asked about.
    IntakeHeld, Box<Environment> {
        /// The enrolment it belongs to.
        enrolment: Option<Key>,
        /// What surrounds the client, coded.
        #[serde(default)]
        surroundings: Vec<Code>,
        /// What stands in the way, coded.
        #[serde(default)]
        challenges: Vec<Code>,
        /// What could help, coded.
        #[serde(default)]
        opportunities: Vec<Code>,
        /// What comes first for the client, coded.
        #[serde(default)]
        priorities: Vec<Code>,
        /// What the client holds dear, coded.
        #[serde(default)]
        values: Vec<Code>,
        /// What the support system needs, coded.
        #[serde(default)]
        support_needs: Vec<Code>,
        /// How decisions are made, coded: `alone`, `with-family`.
        decisions: Option<Code>,
        /// What the client can do, coded.
        #[serde(default)]
        capabilities: Vec<Code>,
        /// Coded attributes, demographics among them.
        #[serde(default)]
        #[schema(value_type = Object)]
        attributes: Attributes,
    }
}
fact! {
    /// Findings about the client, in words and as scores.
    AnalysisMade, Findings {
        /// The enrolment it belongs to.
        enrolment: Option<Key>,
        /// The scores.
        #[serde(default)]
        scores: Vec<IndicatorScore>,
    }
}
fact! {
    /// Somebody decided whether the client may take part, by criteria as they then stood.
    EligibilityDecided, Note {
        /// The programme.
        programme: Code,
        /// Which version of its criteria.
        criteria_version: Code,
        /// Each criterion, met or not.
        #[serde(default)]
        criteria: Vec<Criterion>,
        /// Whether the client was accepted.
        accepted: bool,
        /// Why, where that is not plain from the criteria.
        reason: Option<Code>,
    }
}
fact! {
    /// The client begins a programme.
    Enrolled, Note {
        /// The enrolment's name in this journey.
        enrolment: Key,
        /// The programme.
        programme: Code,
        /// Which version of its service-delivery template.
        template_version: Option<Code>,
        /// Where.
        site: Option<Code>,
        /// With whom.
        worker: Option<Code>,
        /// Those who enrolled together.
        household: Option<Key>,
        /// The client's place in that household: `head`, `child`.
        relationship: Option<Code>,
        /// Coded attributes of this enrolment.
        #[serde(default)]
        #[schema(value_type = Object)]
        attributes: Attributes,
    }
}
fact! {
    /// A worker takes over.
    WorkerAssigned, Note {
        /// In which enrolment; in all where unset.
        enrolment: Option<Key>,
        /// The worker.
        worker: Code,
    }
}
fact! {
    /// A goal, as the client or somebody around them states it.
    GoalStated, Words {
        /// The goal's name in this journey.
        goal: Key,
        /// Who states it.
        by: Eyes,
        /// The area of life.
        life_area: Code,
        /// The desired outcome it serves, where it serves one: this is what goal alignment counts.
        outcome: Option<Key>,
    }
}
fact! {
    /// The client and the programme agree on a plan.
    PlanAgreed, PlanWords {
        /// The plan's name in this journey.
        plan: Key,
        /// The enrolment it belongs to.
        enrolment: Option<Key>,
        /// The desired outcomes.
        #[serde(default)]
        outcomes: Vec<DesiredOutcome>,
        /// Indicators with baseline and target.
        #[serde(default)]
        indicators: Vec<PlannedIndicator>,
        /// How it departs from the template.
        #[serde(default)]
        changes: Vec<TemplateChange>,
        /// Follow-up windows; the programme's where empty.
        #[serde(default)]
        windows: Vec<FollowUpWindow>,
        /// From when the windows are counted; from the outcome where unset.
        windows_from: Option<WindowAnchor>,
    }
}
fact! {
    /// The plan is changed; what it says now replaces what it said.
    PlanRevised, PlanWords {
        /// The plan.
        plan: Key,
        /// Why.
        reason: Code,
        /// The desired outcomes.
        #[serde(default)]
        outcomes: Vec<DesiredOutcome>,
        /// Indicators with baseline and target.
        #[serde(default)]
        indicators: Vec<PlannedIndicator>,
        /// How it departs from the template.
        #[serde(default)]
        changes: Vec<TemplateChange>,
        /// Follow-up windows; the programme's where empty.
        #[serde(default)]
        windows: Vec<FollowUpWindow>,
        /// From when the windows are counted; from the outcome where unset.
        windows_from: Option<WindowAnchor>,
    }
}
