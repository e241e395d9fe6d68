//! Where the client lived before entry, and for how long they had been homeless. Asked of heads of households and adults.

use serde::{Deserialize, Serialize};
use throughline_domain::{Attributes, Value};
use throughline_projection::Day;

use super::{Check, entry::at_intake, flag, none, number, stay::Stay, text};
use crate::{
    rules::{Level, rule},
    view::Dated,
};

/// The first day on which rentals with a subsidy were asked for its kind: 1 October 2023.
const SUBSIDY_ASKED_FROM: Day = Day::numbered(19_631);
/// More than 12 months, as the list counts them.
const OVER_A_YEAR: u8 = 13;

/// Where somebody lives, as far as the rules ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Living {
    Homeless,
    Institution,
    SubsidisedRental,
    Elsewhere,
    /// A number of no list.
    Unlisted,
}

/// Where this code says somebody lives; none where it says that nobody knows.
pub(super) fn living(code: &str) -> Option<Living> {
    Some(match code {
        "emergency-shelter" | "place-not-meant-for-habitation" | "safe-haven" => Living::Homeless,
        "psychiatric-facility"
        | "substance-use-treatment-facility"
        | "hospital"
        | "jail-or-prison"
        | "foster-care"
        | "long-term-care" => Living::Institution,
        "rental-with-subsidy" => Living::SubsidisedRental,
        "no-exit-interview" | "worker-unable-to-determine" => return None,
        unlisted if unlisted.starts_with("hmis-") => Living::Unlisted,
        _ => Living::Elsewhere,
    })
}

/// Whether a rental with a subsidy was asked for its kind on this day.
pub(super) fn asks_subsidy(living: Option<Living>, on: Day) -> bool {
    living == Some(Living::SubsidisedRental) && on >= SUBSIDY_ASKED_FROM
}

/// How long somebody had lived there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Stayed {
    UnderAWeek,
    UnderNinetyDays,
    Longer,
}

/// What intakes said, the latest answer to each question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Asked {
    /// The last intake.
    pub at: Option<Dated>,
    living: Option<Living>,
    subsidy: bool,
    stayed: Option<Stayed>,
    under_threshold: Option<bool>,
    street_before: Option<bool>,
    homeless_since: Option<Day>,
    once: Option<bool>,
    months: Option<u8>,
    pub disability: bool,
}

impl Asked {
    pub(super) fn take(&mut self, attributes: &Attributes, at: Dated) {
        self.at = Some(at);
        for (name, value) in attributes {
            match name.as_str() {
                "living-situation" => self.living = text(value).and_then(living),
                "rental-subsidy" => self.subsidy = is_listed(value),
                "length-of-stay" => self.stayed = text(value).map(stayed),
                "stay-under-threshold" => self.under_threshold = flag(value),
                "street-or-shelter-before" => self.street_before = flag(value),
                "homeless-since" => self.homeless_since = text(value).and_then(day),
                "times-homeless-3y" => self.once = text(value).map(|times| times == "once"),
                "months-homeless-3y" => self.months = number(value).map(months),
                "disability" => self.disability = flag(value).is_some(),
                _ => {}
            }
        }
    }

    /// Whether the history of homelessness is asked: of who comes from the street or a shelter, straight or by way of a
    /// short stay elsewhere.
    fn asks_history(&self) -> bool {
        self.living == Some(Living::Homeless)
            || (self.under_threshold == Some(true) && self.street_before == Some(true))
    }

    fn short_stay(&self) -> bool {
        match self.living {
            Some(Living::Institution) => {
                matches!(self.stayed, Some(Stayed::UnderAWeek | Stayed::UnderNinetyDays))
            }
            Some(Living::SubsidisedRental | Living::Elsewhere) => self.stayed == Some(Stayed::UnderAWeek),
            Some(Living::Homeless | Living::Unlisted) | None => false,
        }
    }

    /// Months from the one in which homelessness began to the one of entry, both counted, as the list counts them.
    fn months_until(&self, entry: Day) -> Option<u8> {
        let (since, entry) = (self.homeless_since.filter(|since| *since <= entry)?.date(), entry.date());
        let months = (i32::from(entry.year()) - i32::from(since.year())) * 12 + i32::from(entry.month())
            - i32::from(since.month())
            + 1;
        Some(u8::try_from(months).map_or(OVER_A_YEAR, |months| months.min(OVER_A_YEAR)))
    }

    fn three_years_before(&self, entry: Day) -> bool {
        let mark = entry.date().saturating_sub(jiff::Span::new().months(36));
        self.homeless_since.is_some_and(|since| since.date() <= mark)
    }
}

pub(super) fn is_listed(value: &Value) -> bool {
    text(value).is_some_and(|code| !code.starts_with("hmis-"))
}

fn stayed(code: &str) -> Stayed {
    match code {
        "one-night-or-less" | "two-to-six-nights" => Stayed::UnderAWeek,
        "week-to-month" | "one-to-three-months" => Stayed::UnderNinetyDays,
        _ => Stayed::Longer,
    }
}

fn day(code: &str) -> Option<Day> {
    code.parse().ok().map(Day::of)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what fits")]
fn months(number: f64) -> u8 {
    number.clamp(0.0, f64::from(OVER_A_YEAR)) as u8
}

const fn asked(
    code: &'static str,
    published: &'static [u16],
    level: Level,
    explanation: &'static str,
    broken: fn(&Stay) -> bool,
) -> Check<Stay> {
    let remedy = "correct the intake, or hold another that answers it";
    Check { rule: rule(code, published, level, explanation, remedy), broken, at: at_intake, other: none }
}

pub(super) const CHECKS: &[Check<Stay>] = &[
    asked(
        "prior-living-unknown",
        &[30, 64, 68],
        Level::Error,
        "nobody knows where the client lived before entry",
        |stay| stay.answers_for_itself() && stay.asked.living.is_none(),
    ),
    asked(
        "prior-living-unlisted",
        &[52],
        Level::Error,
        "where the client lived before entry is none of the list",
        |stay| stay.asked.living == Some(Living::Unlisted),
    ),
    asked(
        "prior-subsidy-missing",
        &[130],
        Level::Error,
        "the client came from a rental with a subsidy, and its kind is missing",
        |stay| {
            stay.entry().is_some_and(|entry| asks_subsidy(stay.asked.living, entry.day))
                && !stay.asked.subsidy
        },
    ),
    asked(
        "length-of-stay-unknown",
        &[26, 73],
        Level::Error,
        "nobody knows how long the client had lived where they came from",
        |stay| stay.answers_for_itself() && stay.asked.stayed.is_none(),
    ),
    asked(
        "short-stay-not-asked",
        &[41],
        Level::Error,
        "the client came from a short stay, and whether it was below the threshold, or whether they were on the street \
         or in a shelter before it, is missing",
        |stay| {
            stay.answers_for_itself()
                && stay.is_of(&[2, 3, 6, 9, 10, 11, 12, 13, 14])
                && stay.asked.short_stay()
                && (stay.asked.under_threshold.is_none() || stay.asked.street_before.is_none())
        },
    ),
    asked(
        "street-before-missing",
        &[29],
        Level::Error,
        "the client came from a short stay, and whether they were on the street or in a shelter before it is missing",
        |stay| {
            stay.answers_for_itself()
                && stay.asked.under_threshold == Some(true)
                && stay.asked.street_before.is_none()
        },
    ),
    asked(
        "homeless-since-missing",
        &[28],
        Level::Error,
        "the client came from the street or a shelter by way of a short stay, and since when is missing",
        |stay| {
            stay.answers_for_itself()
                && stay.asked.under_threshold == Some(true)
                && stay.asked.street_before == Some(true)
                && stay.asked.homeless_since.is_none()
        },
    ),
    asked(
        "homeless-times-unknown",
        &[31, 61, 68],
        Level::Error,
        "how often, or for how many months, the client was homeless in three years is not known",
        |stay| {
            stay.answers_for_itself()
                && (stay.is_of(&[0, 1, 4, 8]) || stay.asked.asks_history())
                && (stay.asked.once.is_none() || stay.asked.months.is_none())
        },
    ),
    asked(
        "homeless-since-after-entry",
        &[69],
        Level::Warning,
        "the client is said to have become homeless after entry",
        |stay| {
            asks_dates(stay)
                && stay
                    .entry()
                    .is_some_and(|entry| stay.asked.homeless_since.is_some_and(|since| since > entry.day))
        },
    ),
    asked(
        "homeless-months-derivable",
        &[70],
        Level::Warning,
        "the client was homeless once and since a known day, so that the months are known, but they are missing",
        |stay| {
            asks_dates(stay)
                && stay.asked.once == Some(true)
                && stay.asked.homeless_since.is_some()
                && stay.asked.months.is_none()
        },
    ),
    asked(
        "homeless-months-differ",
        &[71],
        Level::Warning,
        "the client was homeless once and since a known day, but for another number of months",
        |stay| {
            let derived = stay.entry().and_then(|entry| stay.asked.months_until(entry.day));
            asks_dates(stay)
                && stay.asked.once == Some(true)
                && derived.is_some_and(|derived| stay.asked.months.is_some_and(|said| said != derived))
        },
    ),
    asked(
        "homeless-three-years-differ",
        &[105],
        Level::Warning,
        "the client has been homeless for over three years, but not once and for more than 12 months",
        |stay| {
            let over = stay.entry().is_some_and(|entry| stay.asked.three_years_before(entry.day));
            asks_dates(stay)
                && over
                && (stay.asked.once == Some(false)
                    || stay.asked.months.is_some_and(|months| months < OVER_A_YEAR))
        },
    ),
];

/// Whether the dates of homelessness are held against each other: not in homelessness prevention.
fn asks_dates(stay: &Stay) -> bool {
    stay.answers_for_itself() && !stay.is_of(&[12])
}
