//! Parts that several facts share.

use serde::{Deserialize, Serialize};

use crate::{Code, Departure, DestinationKind, Key, Position, Scale, Score};

/// A part of a fact.
macro_rules! part {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }
    };
}

part! {
    /// Whether the client got the information needed, in a usable format, tailored, at the right moment. A side
    /// that nobody rated stays unset and is counted nowhere.
    #[derive(Copy, Eq, Default)]
    Fit {
        /// It was needed.
        needed: Option<bool>,
        /// Its format could be used.
        usable: Option<bool>,
        /// It was tailored to this client.
        tailored: Option<bool>,
        /// It came at the right moment.
        timely: Option<bool>,
    }
}
part! {
    /// One answered item of an instrument.
    ItemAnswer {
        /// The item.
        item: Code,
        /// The answer as given, before any reversal.
        answer: Score,
        /// Set for an item worded the other way round; totals count it as `min + max - answer`.
        #[serde(default)]
        reversed: bool,
    }
}
part! {
    /// A value of an indicator found by an analysis.
    IndicatorScore {
        /// The indicator.
        indicator: Code,
        /// Its value.
        value: Score,
    }
}
part! {
    /// One criterion of intake as it stood at the decision.
    #[derive(Eq)]
    Criterion {
        /// The criterion.
        criterion: Code,
        /// Whether the client met it.
        met: bool,
    }
}
part! {
    /// An outcome the client and programme want.
    #[derive(Eq)]
    DesiredOutcome {
        /// Its name in this journey.
        outcome: Key,
        /// What it is: `stable-housing`, `stable-employment`.
        what: Code,
        /// The area of life.
        life_area: Code,
    }
}
part! {
    /// An indicator of success for this client, with where it stands and where it should get to.
    PlannedIndicator {
        /// The indicator.
        indicator: Code,
        /// The area of life.
        life_area: Code,
        /// Where it stood when the plan was made.
        baseline: Score,
        /// Where it should get to; below the baseline where less is better.
        target: Score,
    }
}
part! {
    /// How the plan departs from its template at one step.
    #[derive(Eq)]
    TemplateChange {
        /// The step.
        step: Code,
        /// What is done to it.
        departure: Departure,
        /// Why.
        reason: Code,
    }
}
part! {
    /// A window for looking whether an outcome still holds, in days from its anchor.
    #[derive(Eq)]
    FollowUpWindow {
        /// Its name: `90d`.
        window: Code,
        /// The first day on which looking counts.
        first_day: u16,
        /// The day aimed at.
        target_day: u16,
        /// The last day on which looking counts.
        last_day: u16,
        /// Whether the outcome is durable only when this window holds.
        required: bool,
    }
}
part! {
    /// What a rating is about; unset sides are unknown.
    #[derive(Eq, Default)]
    Subject {
        /// The process: `intake`, `referral`, `aftercare`.
        process: Option<Code>,
        /// The service.
        service: Option<Code>,
        /// The site.
        site: Option<Code>,
        /// The worker.
        worker: Option<Code>,
    }
}
part! {
    /// Where somebody went.
    #[derive(Eq)]
    Destination {
        /// The category that outcomes turn on.
        kind: DestinationKind,
        /// The source's own code, such as `hmis-410`.
        code: Option<Code>,
    }
}
part! {
    /// One step of a service-delivery template.
    #[derive(Eq)]
    TemplateStep {
        /// The step.
        step: Code,
        /// The service it uses.
        service: Option<Code>,
        /// The area of life.
        life_area: Option<Code>,
        /// In which week after enrolment it is due.
        week: Option<u16>,
    }
}
part! {
    /// What a programme sets for its views. Unset sides take the product's defaults.
    #[derive(Default)]
    ProgrammeSettings {
        /// Days over which breadth and depth are taken; 90 unless set.
        engagement_window_days: Option<u16>,
        /// Shape r of the gamma prior of the contact rate; 1 unless set.
        silence_prior_shape: Option<Score>,
        /// Rate alpha of that prior, in days; 7 unless set.
        silence_prior_days: Option<Score>,
        /// Service-free days after which an exit is derived; 90 unless set.
        exit_after_days: Option<u16>,
        /// Ends of the satisfaction scale the programme uses by default.
        satisfaction_scale: Option<Scale>,
        /// Follow-up windows, where a plan sets none.
        #[serde(default)]
        windows: Vec<FollowUpWindow>,
    }
}
part! {
    /// Positions of the record that follow each other.
    #[derive(Copy, Eq)]
    Stretch {
        /// The first of them.
        first: Position,
        /// The last of them.
        last: Position,
    }
}
