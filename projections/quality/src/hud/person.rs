//! Who the client is: names, numbers, birth, race, service in the forces. Asked once an HMIS project has enrolled them.

use serde::{Deserialize, Serialize};
use throughline_domain::JourneyOpened;

use throughline_projection::Day;

use super::{Check, attribute, flag, living::is_listed, none, number, stay::Stay, text};
use crate::{
    rules::{Level, rule},
    view::Dated,
};

/// Theatres of operation that a veteran is asked about.
const THEATRES: [&str; 8] = [
    "served-world-war-ii",
    "served-korea",
    "served-vietnam",
    "served-desert-storm",
    "served-afghanistan",
    "served-iraq-oif",
    "served-iraq-ond",
    "served-elsewhere",
];
/// The oldest a client may be without being asked about.
const AGE_MAX: i16 = 100;

/// How well something is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
enum Known {
    #[default]
    Not,
    InPart,
    Fully,
}

/// What the opening says of a client, without a word that is personal: what is known, never what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "one answer each")]
pub(super) struct Person {
    opened: Option<Dated>,
    /// From when on they are asked: the first day in an HMIS project.
    asked: Option<Day>,
    /// Grown up in one of those enrolments.
    adult: bool,
    name: Known,
    number: Known,
    birth: Known,
    over_age: bool,
    race: bool,
    veteran: Option<bool>,
    branch: bool,
    discharge: bool,
    theatres: bool,
    pub(super) service_from: Option<i16>,
    pub(super) service_until: Option<i16>,
}

impl Person {
    pub(super) fn open(&mut self, opened: &JourneyOpened, at: Dated) {
        let said = |name: &str| attribute(&opened.attributes, name);
        let known = |name: &str| match said(name).and_then(text) {
            Some("full") => Known::Fully,
            Some("partial") => Known::InPart,
            _ => Known::Not,
        };
        let year = |name: &str| said(name).and_then(number).and_then(whole_year);
        let born = opened.personal.born;
        *self = Self {
            opened: Some(at),
            name: known("name-quality"),
            number: known("ssn-quality"),
            birth: if born.is_some() { known("birth-quality") } else { Known::Not },
            over_age: born.is_some_and(|born| at.day.date().year() - born.year() > AGE_MAX),
            race: said("race").is_some(),
            veteran: said("veteran").and_then(flag),
            branch: said("military-branch").is_some_and(is_listed),
            discharge: said("discharge").is_some_and(is_listed),
            theatres: THEATRES.iter().all(|theatre| said(theatre).is_some()),
            service_from: year("service-from-year"),
            service_until: year("service-until-year"),
            ..*self
        };
    }

    pub(super) fn seen_in(&mut self, stay: &Stay, day: Day) {
        if stay.entry().is_some() {
            self.asked.get_or_insert(day);
            self.adult |= stay.is_adult();
        }
    }

    /// The first day on which what the opening says is asked for.
    pub(super) fn asked_from(&self) -> Option<Day> {
        self.opened.map(|at| at.day).max(self.asked).filter(|_| self.opened().is_some())
    }

    pub(super) fn opened(&self) -> Option<Dated> {
        self.opened.filter(|_| self.asked.is_some())
    }

    pub(super) fn is_veteran(&self) -> bool {
        self.asked.is_some() && self.veteran == Some(true)
    }
}

#[allow(clippy::cast_possible_truncation, reason = "within the years a calendar knows")]
fn whole_year(number: f64) -> Option<i16> {
    (1.0..=9999.0).contains(&number).then(|| number.trunc() as i16)
}

const fn asked(
    code: &'static str,
    published: &'static [u16],
    level: Level,
    explanation: &'static str,
    remedy: &'static str,
    broken: fn(&Person) -> bool,
) -> Check<Person> {
    Check { rule: rule(code, published, level, explanation, remedy), broken, at: Person::opened, other: none }
}

pub(super) const CHECKS: &[Check<Person>] = &[
    asked(
        "name-incomplete",
        &[78],
        Level::Warning,
        "the client's name is not known in full",
        "correct the opening once the name is known",
        |person| person.name != Known::Fully,
    ),
    asked(
        "number-unknown",
        &[67],
        Level::Warning,
        "the client's social security number is not known",
        "correct the opening once the number is known, in part if need be",
        |person| person.number == Known::Not,
    ),
    asked(
        "birth-unknown",
        &[34, 60],
        Level::Error,
        "the client's day of birth is not known",
        "correct the opening with the day of birth and how well it is known",
        |person| person.birth == Known::Not,
    ),
    asked(
        "age-over-100",
        &[143],
        Level::Warning,
        "the client was over 100 years old when the journey was opened",
        "check the day of birth; if it is right, nothing is to be done",
        |person| person.over_age,
    ),
    asked(
        "race-unknown",
        &[63],
        Level::Warning,
        "the client's race and ethnicity are not known",
        "correct the opening once the client has said",
        |person| !person.race,
    ),
    asked(
        "veteran-unknown",
        &[66],
        Level::Warning,
        "nobody knows whether the client, an adult, is a veteran",
        "correct the opening with yes or no",
        |person| person.adult && person.veteran.is_none(),
    ),
    asked(
        "service-start-missing",
        &[15],
        Level::Error,
        "the year in which the veteran entered service is missing",
        "correct the opening with the year",
        |person| person.is_veteran() && person.service_from.is_none(),
    ),
    asked(
        "service-end-missing",
        &[17],
        Level::Error,
        "the year in which the veteran left service is missing",
        "correct the opening with the year",
        |person| person.is_veteran() && person.service_until.is_none(),
    ),
    asked(
        "theatre-missing",
        &[19, 57],
        Level::Error,
        "for some theatre of war nobody knows whether the veteran served there",
        "correct the opening with yes or no for each",
        |person| person.is_veteran() && !person.theatres,
    ),
    asked(
        "branch-missing",
        &[20, 58],
        Level::Error,
        "the veteran's branch of the forces is missing",
        "correct the opening with the branch",
        |person| person.is_veteran() && !person.branch,
    ),
    asked(
        "discharge-missing",
        &[21, 56],
        Level::Error,
        "how the veteran was discharged is missing",
        "correct the opening with the discharge",
        |person| person.is_veteran() && !person.discharge,
    ),
];
