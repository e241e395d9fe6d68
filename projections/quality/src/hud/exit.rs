//! Where the client went, as the number of the list says it.

use serde::{Deserialize, Serialize};
use throughline_domain::{Code, DestinationKind, Exited};

use super::{Check, none, stay::Stay};
use crate::{
    rules::{Level, rule},
    view::Dated,
};

/// A recorded exit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Left {
    pub at: Dated,
    to: To,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum To {
    SubsidisedRental,
    Unlisted,
    Elsewhere,
}

impl Left {
    pub(super) fn of(exited: &Exited, at: Dated) -> Self {
        let to = exited.destination.as_ref().map_or(To::Elsewhere, |to| {
            match (to.kind, to.code.as_ref().map(Code::as_str)) {
                (_, Some("hmis-435")) => To::SubsidisedRental,
                // Numbers that say nobody knows; every other number of no kind is of no list.
                (DestinationKind::Unknown, Some("hmis-8" | "hmis-9" | "hmis-30" | "hmis-37" | "hmis-99")) => {
                    To::Elsewhere
                }
                (DestinationKind::Unknown, Some(code)) if code.starts_with("hmis-") => To::Unlisted,
                _ => To::Elsewhere,
            }
        });
        Self { at, to }
    }
}

pub(super) const CHECKS: &[Check<Stay>] = &[
    Check {
        rule: rule(
            "destination-subsidy-missing",
            &[121],
            Level::Error,
            "the client left to a rental with a subsidy, and its kind is missing",
            "record the kind of subsidy at exit",
        ),
        broken: |stay| {
            stay.exit.is_some_and(|left| left.to == To::SubsidisedRental) && !stay.destination_subsidy
        },
        at: Stay::left,
        other: none,
    },
    Check {
        rule: rule(
            "destination-unlisted",
            &[54],
            Level::Error,
            "where the client went is none of the list",
            "correct the exit with one of the listed destinations",
        ),
        broken: |stay| stay.exit.is_some_and(|left| left.to == To::Unlisted),
        at: Stay::left,
        other: none,
    },
];
