//! What is asked of everybody, or of the head of the household, at entry.

use super::{Check, none, stay::Stay};
use crate::{
    rules::{Level, rule},
    view::Dated,
};

const fn asked(
    code: &'static str,
    published: &'static [u16],
    level: Level,
    explanation: &'static str,
    remedy: &'static str,
    broken: fn(&Stay) -> bool,
) -> Check<Stay> {
    Check { rule: rule(code, published, level, explanation, remedy), broken, at: Stay::entry, other: none }
}

/// The fact that says what was asked, where there is one.
pub(super) fn at_intake(stay: &Stay) -> Option<Dated> {
    stay.asked.at.or(stay.entry())
}

pub(super) const CHECKS: &[Check<Stay>] = &[
    asked(
        "relationship-missing",
        &[4],
        Level::High,
        "the client's place in the household is missing",
        "correct the enrolment with the relationship to the head of the household",
        Stay::relationship_missing,
    ),
    asked(
        "relationship-unlisted",
        &[53],
        Level::Error,
        "the client's place in the household is none of the list",
        "correct the enrolment with one of the listed relationships",
        Stay::relationship_unlisted,
    ),
    asked(
        "region-missing",
        &[27],
        Level::Error,
        "the region that serves the household is missing",
        "correct the enrolment with its site, or record the region",
        |stay| stay.is_head() && !stay.placed,
    ),
    Check {
        rule: rule(
            "enrolled-twice-on-one-day",
            &[1],
            Level::High,
            "the client has two enrolments in one project from the same day",
            "retract one of the two",
        ),
        broken: |stay| stay.twin.is_some(),
        at: Stay::entry,
        other: |stay| stay.twin,
    },
    Check {
        rule: rule(
            "household-used-again",
            &[98],
            Level::High,
            "an enrolment carries the household of an earlier stay in the same project",
            "correct the enrolment: each stay of a household has an identifier of its own",
        ),
        broken: |stay| stay.household_used.is_some(),
        at: Stay::entry,
        other: |stay| stay.household_used,
    },
    Check {
        rule: rule(
            "disability-unknown",
            &[32],
            Level::Warning,
            "nobody knows whether the client has a disabling condition",
            "correct the intake, or hold another, with yes or no",
        ),
        broken: |stay| !stay.asked.disability,
        at: at_intake,
        other: none,
    },
];
