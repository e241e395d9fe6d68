//! Programme: what is true of a programme, not of a client. Each programme has a stream of its own.

use jiff::civil::Date;

use crate::{Attributes, Code, Identity, Note, ProgrammeSettings, TemplateStep};

fact! {
    /// What a programme is, as now known; later descriptions replace earlier attributes of the same name.
    ProgrammeDescribed, Note {
        /// The programme.
        programme: Code,
        /// What kind: `emergency-shelter`, `job-readiness`.
        kind: Option<Code>,
        /// Who runs it.
        organisation: Option<Code>,
        /// Where.
        site: Option<Code>,
        /// Coded attributes.
        #[serde(default)]
        #[schema(value_type = Object)]
        attributes: Attributes,
    }
}
fact! {
    /// Who a worker is.
    WorkerDescribed, Identity {
        /// The worker, as facts name them.
        worker: Code,
        /// Where they work.
        site: Option<Code>,
    }
}
fact! {
    /// A service-delivery template, and what the programme sets for its views.
    TemplatePublished, Note {
        /// The programme.
        programme: Code,
        /// The template's version.
        version: Code,
        /// Its steps.
        #[serde(default)]
        steps: Vec<TemplateStep>,
        /// What the programme sets for its views.
        settings: ProgrammeSettings,
    }
}
fact! {
    /// A change in how a programme works: what a causal backtest studies.
    ProgrammeChanged, Note {
        /// The programme.
        programme: Code,
        /// What changed.
        change: Code,
        /// The first day on which it held.
        #[schema(value_type = String, format = Date)]
        from: Date,
        /// Where; everywhere where empty.
        #[serde(default)]
        sites: Vec<Code>,
    }
}
fact! {
    /// A published measure, in a version, is in use from a day on.
    MeasureAdopted, Note {
        /// The programme.
        programme: Code,
        /// The measure.
        measure: Code,
        /// Its version.
        version: Code,
        /// The first day.
        #[schema(value_type = String, format = Date)]
        from: Date,
    }
}
fact! {
    /// A backtest was registered before its results were read.
    BacktestRegistered, Note {
        /// The family of tries it belongs to.
        family: Code,
        /// SHA-256 of the spec, in hexadecimal.
        spec: Code,
    }
}
