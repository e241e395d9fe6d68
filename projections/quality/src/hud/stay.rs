//! One enrolment in an HMIS project: what the rules need of it, and the rules about its days.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use throughline_domain::{
    CheckIn, Code, Enrolled, Event, IndicatorMeasured, Intake, Key, Milestone, Transaction,
};
use throughline_projection::Day;

use super::{
    Check, Stood, attribute,
    exit::Left,
    living::{Asked, Living, asks_subsidy, is_listed, living},
    money::Money,
    nights::Nights,
    none, text,
};
use crate::{
    likeness::fingerprint,
    rules::{Level, rule},
    view::Dated,
};

/// Permanent housing: from move-in on, not from entry.
pub(super) const PERMANENT: &[u8] = &[3, 9, 10, 13];
/// Rapid rehousing, which may go beside a place in other permanent housing.
const RAPID: u8 = 13;
/// Projects that give a bed from entry on. Shelter by the night gives single nights.
const BEDS: &[u8] = &[0, 2, 8];

/// The client's place in the household.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
enum Role {
    #[default]
    Missing,
    Head,
    Member,
    /// A number of no list.
    Unlisted,
}

/// One enrolment, as its facts tell it so far.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Stay {
    entry: Option<Dated>,
    /// The type of the project.
    kind: u8,
    programme: Option<Code>,
    /// A number that stands for the household.
    household: Option<u64>,
    role: Role,
    adult: Option<bool>,
    /// A site or region is told.
    pub placed: bool,
    pub asked: Asked,
    pub money: Money,
    pub nights: Nights,
    pub moved_in: Option<Dated>,
    pub exit: Option<Left>,
    pub destination_subsidy: bool,
    now: Now,
    /// The last contact at which somebody asked where the client lives.
    pub contact: Option<Dated>,
    /// Referrals to a place to live that are open.
    pub referrals: Vec<(Key, Dated)>,
    /// The stay that held a bed when this one began to, and the day.
    overlap: Option<(Dated, Day)>,
    pub twin: Option<Dated>,
    pub household_used: Option<Dated>,
    pub stood: Vec<Stood>,
}

/// Where the client lives now, as last asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Now {
    living: Option<(Living, Dated)>,
    subsidy: Option<Day>,
}

/// Another stay of the client, as far as two stays can be at odds.
pub(super) struct Other {
    entry: Dated,
    kind: u8,
    programme: Option<Code>,
    household: Option<u64>,
    lodged: Option<Day>,
    left: Option<Day>,
}

/// The type of the HMIS project, where the enrolment says one.
pub(super) fn project_type(enrolled: &Enrolled) -> Option<u8> {
    text(attribute(&enrolled.attributes, "project-type")?)?.strip_prefix("hmis-")?.parse().ok()
}

/// Whether this fact can change what the rules say of its enrolment.
pub(super) fn concerns(event: &Event) -> bool {
    match event {
        Event::Intake(intake) => matches!(intake, Intake::Enrolled(_) | Intake::IntakeHeld(_)),
        Event::Transaction(Transaction::ServiceDelivered(service)) => service.service.as_str() == "bed-night",
        Event::Transaction(Transaction::ReferralMade(made)) => houses(made.to.as_str()),
        Event::CheckIn(CheckIn::CheckInHeld(_)) => true,
        Event::Milestone(Milestone::MilestoneReached(reached)) => reached.milestone.as_str() == "moved-in",
        Event::Milestone(milestone) => {
            matches!(milestone, Milestone::IndicatorMeasured(_) | Milestone::Exited(_))
        }
        // No rule asks for these.
        Event::Transaction(_)
        | Event::CheckIn(_)
        | Event::Amendment(_)
        | Event::Programme(_)
        | Event::Access(_) => false,
    }
}

/// Referrals of coordinated entry to a place to live, which end with a result.
fn houses(to: &str) -> bool {
    matches!(
        to,
        "emergency-shelter"
            | "transitional-housing"
            | "joint-transitional-rapid-rehousing"
            | "rapid-rehousing"
            | "permanent-supportive-housing"
            | "other-permanent-housing"
            | "emergency-assistance"
            | "emergency-housing-voucher"
            | "housing-stability-voucher"
    )
}

/// The client's other stays, where this fact can be at odds with them.
pub(super) fn others(stays: &BTreeMap<Key, Stay>, key: &Key, event: &Event) -> Vec<Other> {
    let begins = match event {
        Event::Intake(Intake::Enrolled(_)) => true,
        Event::Milestone(Milestone::MilestoneReached(reached)) => reached.milestone.as_str() == "moved-in",
        // Nothing else begins a stay or a place in a bed.
        _ => false,
    };
    let others = stays.iter().filter(|(other, _)| begins && *other != key);
    others.filter_map(|(_, stay)| stay.as_other()).collect()
}

impl Stay {
    pub(super) fn entry(&self) -> Option<Dated> {
        self.entry
    }

    pub(super) fn left(&self) -> Option<Dated> {
        self.exit.map(|left| left.at)
    }

    pub(super) fn is_of(&self, kinds: &[u8]) -> bool {
        kinds.contains(&self.kind)
    }

    pub(super) fn is_head(&self) -> bool {
        self.role == Role::Head
    }

    pub(super) fn relationship_missing(&self) -> bool {
        self.role == Role::Missing
    }

    pub(super) fn relationship_unlisted(&self) -> bool {
        self.role == Role::Unlisted
    }

    /// Known to be grown up, or head of a household with no age told.
    pub(super) fn is_adult(&self) -> bool {
        self.adult.unwrap_or(self.role == Role::Head)
    }

    /// Heads of households and adults are asked for themselves; the others through their head.
    pub(super) fn answers_for_itself(&self) -> bool {
        self.is_head() || self.adult == Some(true)
    }

    /// The day from which the stay gives a bed.
    fn lodged(&self) -> Option<Day> {
        let entry = self.entry?.day;
        if self.is_of(BEDS) {
            return Some(entry);
        }
        self.moved_in.map(|at| at.day).filter(|day| self.is_of(PERMANENT) && *day >= entry)
    }

    fn as_other(&self) -> Option<Other> {
        Some(Other {
            entry: self.entry?,
            kind: self.kind,
            programme: self.programme.clone(),
            household: self.household,
            lodged: self.lodged(),
            left: self.left().map(|left| left.day),
        })
    }

    pub(super) fn take(&mut self, event: &Event, at: Dated, others: &[Other]) {
        match event {
            Event::Intake(Intake::Enrolled(enrolled)) if self.entry.is_none() => {
                self.begin(enrolled, at, others);
            }
            Event::Intake(Intake::IntakeHeld(held)) => {
                self.asked.take(&held.attributes, at);
                let band = attribute(&held.attributes, "age-band").and_then(text);
                self.adult = band.map(|band| !matches!(band, "0-4" | "5-12" | "13-17")).or(self.adult);
            }
            Event::Transaction(Transaction::ServiceDelivered(_)) => {
                self.nights.spent(at, self.entry, self.left());
            }
            Event::Transaction(Transaction::ReferralMade(made)) => {
                self.referrals.push((made.referral.clone(), at));
            }
            Event::CheckIn(CheckIn::CheckInHeld(_)) => self.met(at),
            Event::Milestone(Milestone::MilestoneReached(_)) => {
                self.moved_in = Some(at);
                self.find_overlap(at.day, others);
            }
            Event::Milestone(Milestone::IndicatorMeasured(measured)) => self.measure(measured, at),
            Event::Milestone(Milestone::Exited(exited)) if self.exit.is_none() => {
                self.exit = Some(Left::of(exited, at));
                self.nights.left(at);
                // Who leaves on the day they came never took the bed.
                self.overlap = self.overlap.filter(|(_, since)| *since < at.day);
            }
            // `concerns` lets no other fact through.
            Event::Intake(_)
            | Event::Transaction(_)
            | Event::CheckIn(_)
            | Event::Milestone(_)
            | Event::Amendment(_)
            | Event::Programme(_)
            | Event::Access(_) => {}
        }
    }

    fn begin(&mut self, enrolled: &Enrolled, at: Dated, others: &[Other]) {
        self.entry = Some(at);
        self.kind = project_type(enrolled).unwrap_or(u8::MAX);
        self.programme = Some(enrolled.programme.clone());
        self.household = enrolled.household.as_ref().map(|household| fingerprint(household.as_str()));
        self.role = match enrolled.relationship.as_ref().map(Code::as_str) {
            None => Role::Missing,
            Some("head") => Role::Head,
            Some(code) if code.starts_with("hmis-") => Role::Unlisted,
            Some(_) => Role::Member,
        };
        self.placed |= enrolled.site.is_some();
        self.nights.entered(at);
        let same = || others.iter().filter(|other| other.programme == self.programme);
        self.twin = same().find(|other| other.entry.day == at.day).map(|other| other.entry);
        let again = |other: &&Other| other.entry.day < at.day && other.household == self.household;
        self.household_used = self.household.and_then(|_| same().find(again)).map(|other| other.entry);
        self.find_overlap(at.day, others);
    }

    /// A place to live in another project that is not given up when this one is taken. Two stays in one project have a
    /// rule of their own.
    fn find_overlap(&mut self, day: Day, others: &[Other]) {
        if self.lodged() != Some(day) || self.overlap.is_some() {
            return;
        }
        let beside = |other: &Other| {
            (self.kind == RAPID) != (other.kind == RAPID)
                && self.is_of(PERMANENT)
                && PERMANENT.contains(&other.kind)
        };
        let other = others.iter().find(|other| {
            other.lodged.is_some()
                && other.left.is_none()
                && other.programme != self.programme
                && !beside(other)
        });
        self.overlap = other.map(|other| (other.entry, day));
    }

    /// That stay was left on the day this one began to give a bed: the client was never in both.
    pub(super) fn no_overlap_with(&mut self, entry: Dated, day: Day) -> bool {
        let none = self.overlap.is_some_and(|(other, since)| other.event == entry.event && since == day);
        if none {
            self.overlap = None;
        }
        none
    }

    fn measure(&mut self, measured: &IndicatorMeasured, at: Dated) {
        let updated = measured.stage.as_ref().is_some_and(|stage| stage.as_str() == "update");
        match measured.indicator.as_str() {
            "region" => self.placed = true,
            "destination-subsidy" => self.destination_subsidy |= is_listed(&measured.value),
            "living-situation" if updated => {
                self.now.living = text(&measured.value).and_then(living).map(|living| (living, at));
                self.met(at);
            }
            "rental-subsidy" if updated && is_listed(&measured.value) => self.now.subsidy = Some(at.day),
            _ => self.money.take(measured, at),
        }
    }

    fn met(&mut self, at: Dated) {
        if self.contact.is_none_or(|contact| contact.day < at.day) {
            self.contact = Some(at);
        }
    }
}

pub(super) const CHECKS: &[Check<Stay>] = &[
    Check {
        rule: rule(
            "move-in-outside-stay",
            &[40],
            Level::Error,
            "the client moved in before entry or after exit",
            "correct the day of the move-in, of the entry or of the exit",
        ),
        broken: |stay| {
            let before = |at: Dated| stay.entry.is_some_and(|entry| at.day < entry.day);
            let after = |at: Dated| stay.left().is_some_and(|left| at.day > left.day);
            stay.is_of(PERMANENT) && stay.moved_in.is_some_and(|at| before(at) || after(at))
        },
        at: |stay| stay.moved_in,
        other: Stay::entry,
    },
    Check {
        rule: rule(
            "housed-twice",
            &[77],
            Level::Warning,
            "the client has a bed in two projects for the same night",
            "correct the entry or move-in, or record the exit from the first",
        ),
        broken: |stay| stay.overlap.is_some(),
        at: Stay::entry,
        other: |stay| stay.overlap.map(|(other, _)| other),
    },
    Check {
        rule: rule(
            "current-living-unlisted",
            &[55],
            Level::Error,
            "where the client lives now is none of the list",
            "correct the contact with one of the listed situations",
        ),
        broken: |stay| stay.now.living.is_some_and(|(living, _)| living == Living::Unlisted),
        at: |stay| stay.now.living.map(|(_, at)| at),
        other: none,
    },
    Check {
        rule: rule(
            "current-subsidy-missing",
            &[129],
            Level::Error,
            "the client lives in a rental with a subsidy, and its kind is missing",
            "record the kind of subsidy with the contact",
        ),
        broken: |stay| {
            stay.now.living.is_some_and(|(living, at)| {
                asks_subsidy(Some(living), at.day) && stay.now.subsidy.is_none_or(|day| day < at.day)
            })
        },
        at: |stay| stay.now.living.map(|(_, at)| at),
        other: none,
    },
];
