//! The rules that only a history can show, beside those of `throughline_domain::RULES`.

use serde::Serialize;
use throughline_domain::RULES;

use crate::hud;

/// How grave a problem is, in the words of the published checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Figures are wrong until it is put right.
    High,
    /// Something is missing or contradicts itself.
    Error,
    /// It may be right: somebody should look.
    Warning,
}

impl Level {
    /// As it stands on the wire.
    pub const fn code(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A rule that only a history can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryRule {
    /// Its stable code.
    pub code: &'static str,
    /// The ids of the published data-quality checks of HMIS that say the same.
    pub published: &'static [u16],
    /// How grave it is.
    pub level: Level,
    /// What is wrong, in plain words.
    pub explanation: &'static str,
    /// What puts it right.
    pub remedy: &'static str,
}

pub(crate) const EXIT_BEFORE_ENTRY: &str = "exit-before-entry";
pub(crate) const BEFORE_ENROLMENT: &str = "before-enrolment";
pub(crate) const SERVICE_AFTER_EXIT: &str = "service-after-exit";
pub(crate) const FOLLOW_UP_BEFORE_OUTCOME: &str = "follow-up-before-outcome";
pub(crate) const BEFORE_OPENING: &str = "before-opening";
pub(crate) const DUPLICATE: &str = "duplicate";
pub(crate) const OVERLAPPING_ENROLMENT: &str = "overlapping-enrolment";
pub(crate) const BORN_AFTER_OPENING: &str = "born-after-opening";
pub(crate) const NO_SERVICE_FOR_A_YEAR: &str = "no-service-for-a-year";
pub(crate) const DESTINATION_MISSING: &str = "destination-missing";
pub(crate) const LANGUAGE_MISSING: &str = "language-missing";

/// Days without a service after which an enrolment with no exit is asked about.
pub const STALE_AFTER_DAYS: u16 = 365;

/// A rule as data.
pub(crate) const fn rule(
    code: &'static str,
    published: &'static [u16],
    level: Level,
    explanation: &'static str,
    remedy: &'static str,
) -> HistoryRule {
    HistoryRule { code, published, level, explanation, remedy }
}

/// Every rule that only a history can show.
pub const HISTORY_RULES: &[HistoryRule] = &[
    rule(
        EXIT_BEFORE_ENTRY,
        &[99],
        Level::Error,
        "the client left an enrolment before the day it began",
        "correct the day of the exit or of the enrolment",
    ),
    rule(
        BEFORE_ENROLMENT,
        &[],
        Level::Error,
        "a fact in an enrolment lies before the day the enrolment began",
        "correct the day of the fact or of the enrolment",
    ),
    rule(
        SERVICE_AFTER_EXIT,
        &[],
        Level::Error,
        "a service in an enrolment lies after the day the client left it",
        "correct the day of the service or of the exit, or record the enrolment it belongs to",
    ),
    rule(
        FOLLOW_UP_BEFORE_OUTCOME,
        &[],
        Level::Error,
        "a follow-up or loss of an outcome lies before the day the outcome was reached",
        "correct the day of the follow-up or of the outcome",
    ),
    rule(
        BEFORE_OPENING,
        &[],
        Level::Error,
        "a fact lies before the day the journey was opened",
        "correct the day of the fact or of the opening",
    ),
    rule(
        DUPLICATE,
        &[],
        Level::Warning,
        "the same fact was written down twice for one day",
        "retract one of the two, or give both their hours if it did happen twice",
    ),
    rule(
        OVERLAPPING_ENROLMENT,
        &[77],
        Level::Warning,
        "an enrolment begins while another in the same programme is open",
        "retract one of the two, or record the exit from the first",
    ),
    rule(
        BORN_AFTER_OPENING,
        &[84],
        Level::Error,
        "the client was born after the journey was opened",
        "correct the day of birth or of the opening",
    ),
    rule(
        NO_SERVICE_FOR_A_YEAR,
        &[],
        Level::Warning,
        "an enrolment has no exit and no service for a year",
        "record the exit, or the services that are missing",
    ),
    rule(
        DESTINATION_MISSING,
        &[59],
        Level::Warning,
        "nobody wrote down where the client went when they left",
        "correct the exit with its destination",
    ),
    rule(
        LANGUAGE_MISSING,
        &[],
        Level::Warning,
        "nobody knows which language the client wishes to be spoken to in",
        "correct the opening with the language (it says `und`, undetermined)",
    ),
];

/// What a rule says of a problem. A rule of the domain that is broken is an error.
pub(crate) fn explain(code: &str) -> HistoryRule {
    let known = HISTORY_RULES.iter().chain(hud::rules()).find(|rule| rule.code == code);
    known.copied().unwrap_or_else(|| {
        let refused = RULES.iter().find(|rule| rule.code == code);
        let explanation = refused.map_or("a rule of an earlier version", |rule| rule.refuses);
        rule("", &[], Level::Error, explanation, "correct or retract the event")
    })
}
