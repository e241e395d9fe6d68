//! Milestones: what was reached, left, followed up, kept or lost.

use crate::{
    Code, Destination, EventId, FollowUpResult, Format, Key, Note, Nothing, Reached, Relationship, Value,
    Words,
};

fact! {
    /// A step on the way was reached. Never counted as an outcome.
    MilestoneReached, Note {
        /// In which enrolment.
        enrolment: Option<Key>,
        /// The milestone.
        milestone: Code,
        /// The area of life.
        life_area: Option<Code>,
    }
}
fact! {
    /// A step on the way was missed.
    MilestoneMissed, Note {
        /// In which enrolment.
        enrolment: Option<Key>,
        /// The milestone.
        milestone: Code,
        /// Why.
        reason: Option<Code>,
    }
}
fact! {
    /// An indicator was measured.
    IndicatorMeasured, Note {
        /// In which enrolment.
        enrolment: Option<Key>,
        /// The indicator.
        indicator: Code,
        /// Its value.
        value: Value,
        /// The area of life.
        life_area: Option<Code>,
        /// At which point of the programme: `entry`, `update`, `annual`, `exit`, `after-exit`.
        stage: Option<Code>,
    }
}
fact! {
    /// The client finished the programme. A milestone of the programme's, not an outcome of the client's.
    ProgrammeCompleted, Note {
        /// Which enrolment.
        enrolment: Key,
    }
}
fact! {
    /// The client left the programme.
    Exited, Note {
        /// Which enrolment.
        enrolment: Key,
        /// Why.
        reason: Option<Code>,
        /// Where to.
        destination: Option<Destination>,
    }
}
fact! {
    /// A desired outcome was reached.
    OutcomeReached, Note {
        /// The outcome's name in this journey.
        outcome: Key,
        /// What it is: `stable-housing`, `stable-employment`.
        what: Code,
        /// The area of life.
        life_area: Code,
        /// In which enrolment.
        enrolment: Option<Key>,
        /// On what evidence: `lease-seen`, `payslip`, `client-said`.
        evidence: Code,
        /// The events that show it.
        #[serde(default)]
        shown_by: Vec<EventId>,
    }
}
fact! {
    /// Somebody looked whether an outcome still holds.
    FollowUpHeld, Words {
        /// Which outcome; none where the contact was after exit without one.
        outcome: Option<Key>,
        /// After which enrolment.
        enrolment: Option<Key>,
        /// For which window.
        window: Option<Code>,
        /// How the client was reached.
        format: Format,
        /// What was found.
        result: FollowUpResult,
    }
}
fact! {
    /// Somebody tried to look.
    FollowUpAttempted, Note {
        /// Which outcome.
        outcome: Option<Key>,
        /// After which enrolment.
        enrolment: Option<Key>,
        /// For which window.
        window: Option<Code>,
        /// How.
        format: Format,
        /// Whether the client was reached.
        reached: Reached,
        /// Why not.
        reason: Option<Code>,
    }
}
fact! {
    /// An outcome no longer holds.
    OutcomeLost, Note {
        /// Which outcome.
        outcome: Key,
        /// Why.
        reason: Option<Code>,
    }
}
fact! {
    /// The client became a donor, volunteer, referral source or advocate.
    RelationshipGrown, Note {
        /// What they became.
        into: Relationship,
    }
}
fact! {
    /// The client died.
    Died, Nothing {}
}
