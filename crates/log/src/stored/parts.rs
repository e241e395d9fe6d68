//! Frozen forms of the parts that facts share, and of the personal parts.

use serde::{Deserialize, Serialize};
use throughline_domain::{
    Amount, Contact, Criterion, DesiredOutcome, Destination, Environment, Findings, Fit, FollowUpWindow,
    Identity, ImportAccount, ImportExample, ImportFinding, ImportedFile, IndicatorScore, ItemAnswer, Note,
    Nothing, PlanWords, PlannedIndicator, ProgrammeSettings, Reasoned, Source, Stretch, Subject,
    TemplateChange, TemplateStep, UnreadCells, Words,
};

use super::freeze::{Freeze, ScaleV1, Str};
use crate::codec::Malformed;

/// Frozen structs of parts: fields are never reordered, removed or given another meaning.
macro_rules! forms {
    ($($(#[$attribute:meta])* $form:ident of $domain:ident { $($field:ident: $type:ty,)* })*) => {$(
        $(#[$attribute])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub(crate) struct $form { $($field: $type,)* }

        impl Freeze<$form> for $domain {
            fn freeze(&self) -> $form {
                let $domain { $($field,)* } = self;
                $form { $($field: Freeze::freeze($field),)* }
            }

            fn thaw(form: $form) -> Result<Self, Malformed> {
                let $form { $($field,)* } = form;
                Ok(Self { $($field: Freeze::thaw($field)?,)* })
            }
        }
    )*};
}

forms! {
    FitV1 of Fit {
        needed: Option<bool>, usable: Option<bool>, tailored: Option<bool>, timely: Option<bool>,
    }
    ItemAnswerV1 of ItemAnswer { item: Str, answer: f64, reversed: bool, }
    IndicatorScoreV1 of IndicatorScore { indicator: Str, value: f64, }
    CriterionV1 of Criterion { criterion: Str, met: bool, }
    DesiredOutcomeV1 of DesiredOutcome { outcome: Str, what: Str, life_area: Str, }
    PlannedIndicatorV1 of PlannedIndicator { indicator: Str, life_area: Str, baseline: f64, target: f64, }
    TemplateChangeV1 of TemplateChange { step: Str, departure: u8, reason: Str, }
    FollowUpWindowV1 of FollowUpWindow {
        window: Str, first_day: u16, target_day: u16, last_day: u16, required: bool,
    }
    SubjectV1 of Subject {
        process: Option<Str>, service: Option<Str>, site: Option<Str>, worker: Option<Str>,
    }
    DestinationV1 of Destination { kind: u8, code: Option<Str>, }
    TemplateStepV1 of TemplateStep {
        step: Str, service: Option<Str>, life_area: Option<Str>, week: Option<u16>,
    }
    ProgrammeSettingsV1 of ProgrammeSettings {
        engagement_window_days: Option<u16>, silence_prior_shape: Option<f64>,
        silence_prior_days: Option<f64>, exit_after_days: Option<u16>,
        satisfaction_scale: Option<ScaleV1>, windows: Vec<FollowUpWindowV1>,
    }
    StretchV1 of Stretch { first: u64, last: u64, }
    AmountV1 of Amount { minor: i64, currency: Str, }

    #[derive(Default)]
    NothingV1 of Nothing {}
    #[derive(Default)]
    NoteV1 of Note { note: Option<String>, }
    #[derive(Default)]
    WordsV1 of Words { words: Option<String>, note: Option<String>, }
    #[derive(Default)]
    IdentityV1 of Identity {
        name: Option<String>, called: Option<String>, born: Option<i32>, contacts: Vec<ContactV1>,
        known_as: Vec<String>, note: Option<String>,
    }
    #[derive(Default)]
    EnvironmentV1 of Environment {
        surroundings: Option<String>, challenges: Option<String>, opportunities: Option<String>,
        priorities: Vec<ReasonedV1>, values: Vec<ReasonedV1>, support: Option<String>,
        decisions: Option<String>, capabilities: Option<String>, motivation: Option<String>,
        history: Option<String>, note: Option<String>,
    }
    #[derive(Default)]
    FindingsV1 of Findings { findings: Vec<String>, }
    #[derive(Default)]
    PlanWordsV1 of PlanWords { vision: Option<String>, reasons: Vec<ReasonedV1>, note: Option<String>, }
    ContactV1 of Contact { kind: Str, value: String, }
    ReasonedV1 of Reasoned { what: String, why: Option<String>, }
    #[derive(Default)]
    ImportAccountV1 of ImportAccount {
        files: Vec<ImportedFileV1>, findings: Vec<ImportFindingV1>, findings_left_out: Option<u32>,
        examples_left_out: Option<u32>,
    }
    ImportedFileV1 of ImportedFile {
        file: String, state: Str, rows: u64, clean: u64, merged: u64, warnings: u64, rejected: u64, events: u64,
        unread: Vec<UnreadCellsV1>, columns_missing: Vec<String>,
    }
    UnreadCellsV1 of UnreadCells { column: String, cells: u64, }
    ImportFindingV1 of ImportFinding {
        file: String, column: Option<String>, code: Str, effect: Str, rows: u64, examples: Vec<ImportExampleV1>,
    }
    ImportExampleV1 of ImportExample { row: u64, value: Option<String>, }
}

/// Where a fact was imported from, without the row's own key: that is in the personal part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SourceV1 {
    system: Str,
    table: Str,
    recorded_at: Option<i64>,
}

impl SourceV1 {
    /// The coded part of a source.
    pub(super) fn of(source: &Source) -> Self {
        let Source { system, table, row: _, recorded_at } = source;
        Self { system: system.freeze(), table: table.freeze(), recorded_at: recorded_at.freeze() }
    }

    /// The source again, with the row's key from the personal part.
    pub(super) fn with_row(self, row: Option<String>) -> Result<Source, Malformed> {
        Ok(Source {
            system: Freeze::thaw(self.system)?,
            table: Freeze::thaw(self.table)?,
            row: Freeze::thaw(row)?,
            recorded_at: Freeze::thaw(self.recorded_at)?,
        })
    }
}
