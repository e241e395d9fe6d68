//! The rules that only a history can show, beside those of `throughline_domain::RULES`.

use throughline_domain::RULES;

/// A rule that only a history can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryRule {
    /// Its stable code.
    pub code: &'static str,
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

/// Every rule that only a history can show.
pub const HISTORY_RULES: &[HistoryRule] = &[
    HistoryRule {
        code: EXIT_BEFORE_ENTRY,
        explanation: "the client left an enrolment before the day it began",
        remedy: "correct the day of the exit or of the enrolment",
    },
    HistoryRule {
        code: BEFORE_ENROLMENT,
        explanation: "a fact in an enrolment lies before the day the enrolment began",
        remedy: "correct the day of the fact or of the enrolment",
    },
    HistoryRule {
        code: SERVICE_AFTER_EXIT,
        explanation: "a service in an enrolment lies after the day the client left it",
        remedy: "correct the day of the service or of the exit, or record the enrolment it belongs to",
    },
    HistoryRule {
        code: FOLLOW_UP_BEFORE_OUTCOME,
        explanation: "a follow-up or loss of an outcome lies before the day the outcome was reached",
        remedy: "correct the day of the follow-up or of the outcome",
    },
    HistoryRule {
        code: BEFORE_OPENING,
        explanation: "a fact lies before the day the journey was opened",
        remedy: "correct the day of the fact or of the opening",
    },
    HistoryRule {
        code: DUPLICATE,
        explanation: "the same fact was written down twice for one day",
        remedy: "retract one of the two, or give both their hours if it did happen twice",
    },
    HistoryRule {
        code: OVERLAPPING_ENROLMENT,
        explanation: "an enrolment begins while another in the same programme is open",
        remedy: "retract one of the two, or record the exit from the first",
    },
    HistoryRule {
        code: BORN_AFTER_OPENING,
        explanation: "the client was born after the journey was opened",
        remedy: "correct the day of birth or of the opening",
    },
    HistoryRule {
        code: NO_SERVICE_FOR_A_YEAR,
        explanation: "an enrolment has no exit and no service for a year",
        remedy: "record the exit, or the services that are missing",
    },
    HistoryRule {
        code: DESTINATION_MISSING,
        explanation: "nobody wrote down where the client went when they left",
        remedy: "correct the exit with its destination",
    },
    HistoryRule {
        code: LANGUAGE_MISSING,
        explanation: "nobody knows which language the client wishes to be spoken to in",
        remedy: "correct the opening with the language (it says `und`, undetermined)",
    },
];

/// What is wrong, in plain words, and what puts it right.
pub(crate) fn explain(code: &str) -> (String, &'static str) {
    if let Some(rule) = HISTORY_RULES.iter().find(|rule| rule.code == code) {
        return (rule.explanation.to_owned(), rule.remedy);
    }
    let refuses = RULES
        .iter()
        .find(|rule| rule.code == code)
        .map_or("a rule of an earlier version", |rule| rule.refuses);
    (refuses.to_owned(), "correct or retract the event")
}
