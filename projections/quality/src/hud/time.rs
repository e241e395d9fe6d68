//! What only time makes wrong: a stay without an exit, a shelter without a night, a referral without a result. After how
//! many days is this product's default; local rules differ.

use throughline_domain::{Event, Key, Transaction};
use throughline_projection::Day;

use super::{
    Hud,
    nights::BY_NIGHT,
    person::Person,
    stay::{PERMANENT, Stay},
};
use crate::{
    rules::{HistoryRule, Level, rule},
    view::{Dated, Problem, code},
};

/// Days without a bed night, or without a contact on the street or in coordinated entry.
const SILENT_AFTER_DAYS: u16 = 90;
/// Days in a shelter or safe haven.
const SHELTERED_DAYS_MAX: u16 = 365;
/// Days in transitional housing, rapid rehousing or prevention.
const SUPPORTED_DAYS_MAX: u16 = 730;
/// Days from entry to move-in.
const MOVE_IN_DAYS_MAX: u16 = 180;
/// Days in which a referral finds a result.
const REFERRAL_DAYS_MAX: u16 = 30;

const NIGHT: &HistoryRule = &rule(
    "night-overdue",
    &[142],
    Level::Warning,
    "a stay in a shelter by the night has no exit and no bed night for more than 90 days",
    "record the exit, or the nights that are missing",
);
const CONTACT: &HistoryRule = &rule(
    "contact-overdue",
    &[103],
    Level::Warning,
    "an enrolment in street outreach or coordinated entry has no exit and no contact for more than 90 days",
    "record the exit, or where the client lives now",
);
const LONG: &HistoryRule = &rule(
    "stay-long",
    &[102],
    Level::Warning,
    "the stay has no exit after more days than are usual in such a project",
    "record the exit; if the client is still there, nothing is to be done",
);
const MOVE_IN: &HistoryRule = &rule(
    "move-in-overdue",
    &[72],
    Level::Warning,
    "the head of the household has neither moved in nor left for more than 180 days",
    "record the move-in or the exit; if the household is still waiting, nothing is to be done",
);
const REFERRAL: &HistoryRule = &rule(
    "referral-open",
    &[100],
    Level::Warning,
    "a referral to a place to live has no result for more than 30 days",
    "close the referral with its result",
);
const SERVICE_START: &HistoryRule = &rule(
    "service-start-ahead",
    &[16],
    Level::Error,
    "the year in which the veteran entered service is yet to come",
    "correct the opening",
);
const SERVICE_END: &HistoryRule = &rule(
    "service-end-ahead",
    &[18],
    Level::Error,
    "the year in which the veteran left service is yet to come",
    "correct the opening",
);

pub(super) const RULES: [&HistoryRule; 7] =
    [NIGHT, CONTACT, LONG, MOVE_IN, REFERRAL, SERVICE_START, SERVICE_END];

/// The day of the fact at hand, and of the client's death.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    pub day: Day,
    pub died: Option<Day>,
}

impl Now {
    /// The day on which a wait ends that is ended now: nothing is waited for after a death.
    fn until(self) -> Day {
        self.died.map_or(self.day, |died| died.min(self.day))
    }
}

/// Something that becomes wrong on a day unless it is ended before.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wait {
    rule: &'static HistoryRule,
    at: Dated,
    enrolment: Option<Key>,
    from: Day,
    until: Option<Day>,
}

impl Wait {
    /// The problem it is where it ends on this day, or never.
    fn problem(&self, ends: Option<Day>) -> Problem {
        Problem {
            rule: code(self.rule.code),
            event: self.at.event,
            by: self.at.by,
            other: None,
            enrolment: self.enrolment.clone(),
            from: self.from,
            until: ends.into_iter().chain(self.until).min(),
        }
    }
}

/// What is waited for, of the person and of one stay.
pub(super) fn waits(hud: &Hud, key: Option<&Key>) -> Vec<Wait> {
    let mut waits = Vec::new();
    of_person(&hud.person, &mut waits);
    if let Some((key, stay)) = key.and_then(|key| hud.stays.get_key_value(key)) {
        of_stay(key, stay, &mut waits);
    }
    waits
}

/// Keeps what was wrong for a time, of what was waited for before this fact and is no more.
pub(super) fn settle(hud: &mut Hud, before: Vec<Wait>, key: Option<&Key>, now: Now) {
    let after = waits(hud, key);
    let ended = before.into_iter().filter(|wait| !after.contains(wait));
    hud.lapsed.extend(ended.map(|wait| wait.problem(Some(now.until()))).filter(Problem::ever_stood));
}

/// What is wrong by now, or will be if nothing more happens.
pub(super) fn standing(hud: &Hud, died: Option<Day>) -> Vec<Problem> {
    let mut waits = Vec::new();
    of_person(&hud.person, &mut waits);
    for (key, stay) in &hud.stays {
        of_stay(key, stay, &mut waits);
    }
    waits.iter().map(|wait| wait.problem(died)).collect()
}

/// Ends the referral that this fact closes.
pub(super) fn close_referral(hud: &mut Hud, event: &Event, now: Now) {
    let Event::Transaction(Transaction::ReferralClosed(closed)) = event else { return };
    let of = hud.stays.iter().find(|(_, stay)| stay.referrals.iter().any(|(key, _)| *key == closed.referral));
    let Some(key) = of.map(|(key, _)| key.clone()) else { return };
    let before = waits(hud, Some(&key));
    if let Some(stay) = hud.stays.get_mut(&key) {
        stay.referrals.retain(|(known, _)| *known != closed.referral);
    }
    settle(hud, before, Some(&key), now);
}

fn of_person(person: &Person, waits: &mut Vec<Wait>) {
    let years = [(SERVICE_START, person.service_from), (SERVICE_END, person.service_until)];
    let Some(at) = person.opened().filter(|_| person.is_veteran()) else { return };
    for (rule, year) in years {
        let begins = year.and_then(|year| jiff::civil::Date::new(year, 1, 1).ok()).map(Day::of);
        if let (Some(begins), Some(from)) = (begins, person.asked_from()) {
            waits.push(Wait { rule, at, enrolment: None, from, until: Some(begins) });
        }
    }
}

fn of_stay(key: &Key, stay: &Stay, waits: &mut Vec<Wait>) {
    let Some(entry) = stay.entry() else { return };
    let mut wait = |rule, at: Dated, days: u16| {
        let from = at.day.max(entry.day).plus(days).plus(1);
        waits.push(Wait { rule, at, enrolment: Some(key.clone()), from, until: None });
    };
    for (_, made) in &stay.referrals {
        wait(REFERRAL, *made, REFERRAL_DAYS_MAX);
    }
    if stay.left().is_some() {
        return;
    }
    if stay.is_of(&[BY_NIGHT]) {
        wait(NIGHT, stay.nights.last.unwrap_or(entry), SILENT_AFTER_DAYS);
    }
    if stay.is_of(&[4, 14]) {
        wait(CONTACT, stay.contact.unwrap_or(entry), SILENT_AFTER_DAYS);
    }
    if stay.is_of(&[0, 1, 8]) {
        wait(LONG, entry, SHELTERED_DAYS_MAX);
    }
    if stay.is_of(&[2, 12, 13]) {
        wait(LONG, entry, SUPPORTED_DAYS_MAX);
    }
    if stay.is_of(PERMANENT) && stay.is_head() && stay.moved_in.is_none() {
        wait(MOVE_IN, entry, MOVE_IN_DAYS_MAX);
    }
}
