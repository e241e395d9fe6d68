//! Shelter by the night: a bed night on the day of entry, none on the day of exit.

use serde::{Deserialize, Serialize};

use super::{Check, none, stay::Stay};
use crate::{
    rules::{Level, rule},
    view::Dated,
};

/// The project type of a shelter by the night.
pub(super) const BY_NIGHT: u8 = 1;

/// The bed nights of a stay, as far as the rules ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Nights {
    /// The first of the last day with one.
    pub last: Option<Dated>,
    at_entry: bool,
    at_exit: Option<Dated>,
}

impl Nights {
    pub(super) fn entered(&mut self, at: Dated) {
        self.at_entry = self.last.is_some_and(|last| last.day == at.day);
    }

    pub(super) fn left(&mut self, at: Dated) {
        self.at_exit = self.last.filter(|last| last.day == at.day);
    }

    pub(super) fn spent(&mut self, at: Dated, entry: Option<Dated>, exit: Option<Dated>) {
        if self.last.is_none_or(|last| last.day < at.day) {
            self.last = Some(at);
        }
        self.at_entry |= entry.is_some_and(|entry| entry.day == at.day);
        if exit.is_some_and(|exit| exit.day == at.day) {
            self.at_exit = self.at_exit.or(Some(at));
        }
    }
}

pub(super) const CHECKS: &[Check<Stay>] = &[
    Check {
        rule: rule(
            "entry-night-missing",
            &[107],
            Level::Error,
            "a stay in a shelter by the night has no bed night on the day of entry",
            "record the bed night of that day, or correct the day of entry",
        ),
        broken: |stay| stay.is_of(&[BY_NIGHT]) && !stay.nights.at_entry,
        at: Stay::entry,
        other: none,
    },
    Check {
        rule: rule(
            "night-on-exit-day",
            &[108],
            Level::Error,
            "a stay in a shelter by the night has a bed night on the day of exit",
            "retract the bed night, or correct the day of exit",
        ),
        broken: |stay| stay.is_of(&[BY_NIGHT]) && stay.nights.at_exit.is_some(),
        at: |stay| stay.nights.at_exit,
        other: Stay::left,
    },
];
