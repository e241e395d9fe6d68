//! What rows refer to: people, enrolments, projects, assessments. Small enough to keep: a few dozen bytes a row of
//! these tables, nothing of all the others.

use std::collections::{HashMap, HashSet};

use jiff::{Timestamp, civil::Date};
use smol_str::SmolStr;
use throughline_domain::{Code, JourneyId, Key};

/// Where a row stands that others refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Standing {
    /// Its row was not read yet, or is not there.
    #[default]
    Unseen,
    /// It came in.
    Live,
    /// The source has deleted it.
    Deleted,
    /// It was rejected.
    Rejected,
}

/// A person.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub journey: JourneyId,
    pub born: Option<Date>,
    /// The earliest day of entry among their enrolments.
    pub first_entry: Option<Date>,
    /// When the source last recorded one of their enrolments.
    pub enrolled_recorded: Option<Timestamp>,
    pub standing: Standing,
}

/// An enrolment.
#[derive(Debug, Clone)]
pub(super) struct Enrolment {
    pub person: SmolStr,
    pub journey: JourneyId,
    pub key: Key,
    pub project: SmolStr,
    pub entry: Option<Date>,
    pub standing: Standing,
}

/// A project.
#[derive(Debug, Clone, Default)]
pub(super) struct Project {
    pub kind: Option<u32>,
    /// Its region, where it has exactly one.
    pub region: Option<Code>,
    pub has_regions: bool,
}

/// An organisation that runs projects.
#[derive(Debug, Clone)]
pub(super) struct Organisation {
    pub name: String,
    pub for_victims: Option<bool>,
}

/// An assessment.
#[derive(Debug, Clone)]
pub(super) struct Assessed {
    pub on: Date,
    pub standing: Standing,
}

/// All that rows refer to.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub people: HashMap<SmolStr, Person>,
    pub enrolments: HashMap<SmolStr, Enrolment>,
    pub projects: HashMap<SmolStr, Project>,
    pub organisations: HashMap<SmolStr, Organisation>,
    /// Organisations that some project belongs to.
    pub running: HashSet<SmolStr>,
    /// The projects of the export, as facts name them.
    pub programmes: HashSet<Code>,
    pub assessments: HashMap<SmolStr, Assessed>,
}
