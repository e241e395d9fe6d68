//! Programme: what is true of a programme or of the record as a whole, not of a client. Each programme has a stream of
//! its own, and so have the imports.

use jiff::{Timestamp, civil::Date};

use crate::{
    Attributes, Code, Formula, Identity, ImportAccount, Note, ProgrammeSettings, Score, TemplateStep,
};

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
fact! {
    /// A backtest came to its end. Its report is had again by running the spec, which its registration keeps.
    BacktestFinished, Note {
        /// The family of tries it belongs to.
        family: Code,
        /// SHA-256 of the spec, in hexadecimal.
        spec: Code,
        /// Which kind: `remeasure`, `alert`, `causal`, `simulate`.
        kind: Code,
        /// `given`, or `refused` where a guard said no.
        answer: Code,
        /// The guard that said no.
        guard: Option<Code>,
        /// The probability of so much by chance, where the report has one.
        p_value: Option<Score>,
        /// How many events of the log it read, from the first on.
        events: u64,
        /// SHA-256 of the report, in hexadecimal.
        report: Code,
    }
}
fact! {
    /// An import came to its end: what it read and what it wrote. Its account in full is the personal part.
    ImportFinished, ImportAccount {
        /// The source system whose rows these are.
        source: Code,
        /// The format they were in.
        format: Option<Code>,
        /// When the source says it was made; midnight UTC where it names only a day.
        #[schema(value_type = Option<String>, format = DateTime)]
        made: Option<Timestamp>,
        /// Whether it was taken for all that the source has, so that what it no longer holds was taken back.
        full: bool,
        /// A digest of all that was read, keyed with a secret of the log: the same rows, the same digest.
        content: Code,
        /// Rows read.
        rows: u64,
        /// Events written, this one not counted.
        events: u64,
        /// Events that were there before.
        repeated: u64,
        /// Rows with a warning.
        warnings: u64,
        /// Rows rejected.
        rejected: u64,
        /// Corrections among the events.
        corrections: u64,
        /// Retractions among the events.
        retractions: u64,
        /// Facts among the events that an earlier import had taken back and that stand again.
        restored: u64,
    }
}
fact! {
    /// A rule is in force from now on: clients it holds of are named to those who work with them.
    RuleAdopted, Note {
        /// The rule's name.
        rule: Code,
        /// Its version; the same name and version is the same rule for ever.
        rule_version: u32,
        /// When it holds.
        expression: Formula,
        /// The fact that begins the watch over a client, by its short name: `enrolled`.
        enter: Code,
        /// Only enrolments in this programme.
        programme: Option<Code>,
        /// It is asked at the end of the day so many days after that, and again and again.
        every_days: u16,
        /// And whenever something becomes known of the client.
        on_event: bool,
        /// The watch ends so many days after it began.
        until_days: Option<u16>,
    }
}
fact! {
    /// A rule is no longer in force.
    RuleRetired, Note {
        /// The rule's name.
        rule: Code,
    }
}
