//! Which clients a list or figure is about, and how they are grouped.

use std::{collections::BTreeSet, fmt, str::FromStr};

use jiff::civil::Date;
use throughline_domain::{Code, JourneyId, Language, Role};
use throughline_projection::{Place, Placement};

use crate::Error;

/// Which clients. Unset sides let everyone through.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Filter {
    /// Ever enrolled in this programme.
    pub programme: Option<Code>,
    /// Ever enrolled at this site.
    pub site: Option<Code>,
    /// Ever with this worker.
    pub worker: Option<Code>,
    /// Spoken to in this language.
    pub language: Option<Language>,
    /// In this role.
    pub role: Option<Role>,
    /// Only those in this caseload, whatever day is asked about; unset for everyone.
    pub caseload: Option<Caseload>,
}

/// Whose records somebody may see: those whose worker they are, and those named one by one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Caseload {
    /// The worker; unset for one who has no clients of their own.
    pub worker: Option<Code>,
    /// Clients named one by one.
    pub named: BTreeSet<JourneyId>,
}

impl Caseload {
    /// Whether the client is in it: named, or with this worker now. A client is with the worker of every enrolment that
    /// has not ended; where all have, with that of the one that last began, who still follows up.
    pub fn admits(&self, journey: JourneyId, placement: &Placement) -> bool {
        self.named.contains(&journey)
            || self.worker.as_ref().is_some_and(|worker| {
                let with = |place: &Place| place.worker.as_ref() == Some(worker);
                let mut open = placement.places.iter().filter(|place| place.until.is_none()).peekable();
                if open.peek().is_some() { open.any(with) } else { placement.places.last().is_some_and(with) }
            })
    }
}

impl Filter {
    /// Whether the client is one of them on this day: one enrolment, begun by then, must satisfy programme, site and
    /// worker together.
    pub fn admits(&self, journey: JourneyId, placement: &Placement, on: Date) -> bool {
        self.admits_person(journey, placement, on)
            && (self.is_anywhere()
                || placement.places.iter().any(|place| {
                    place.from <= on
                        && self.admits_place(
                            Some(&place.programme),
                            place.site.as_ref(),
                            place.worker.as_ref(),
                        )
                }))
    }

    /// Whether the client is one of them by caseload, role and language, wherever they are enrolled.
    pub(crate) fn admits_person(&self, journey: JourneyId, placement: &Placement, on: Date) -> bool {
        self.caseload.as_ref().is_none_or(|caseload| caseload.admits(journey, placement))
            && self.role.is_none_or(|role| placement.role == Some(role))
            && self.language.as_ref().is_none_or(|language| placement.language.as_ref() == Some(language))
            && placement.opened.is_none_or(|opened| opened <= on)
    }

    /// Whether programme, site and worker are those asked for.
    pub(crate) fn admits_place(
        &self,
        programme: Option<&Code>,
        site: Option<&Code>,
        worker: Option<&Code>,
    ) -> bool {
        let alike = |wanted: &Option<Code>, found: Option<&Code>| {
            wanted.as_ref().is_none_or(|code| Some(code) == found)
        };
        alike(&self.programme, programme) && alike(&self.site, site) && alike(&self.worker, worker)
    }

    fn is_anywhere(&self) -> bool {
        self.programme.is_none() && self.site.is_none() && self.worker.is_none()
    }
}

/// What clients are grouped by. Programme, site and worker are those of the enrolment that last began.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum GroupBy {
    /// The programme.
    Programme,
    /// The site.
    Site,
    /// The worker.
    Worker,
    /// The language spoken.
    Language,
    /// The role.
    Role,
    /// A coded attribute.
    Attribute(Code),
}

impl GroupBy {
    /// The client's group on this day; none where nothing is recorded.
    pub fn key(&self, placement: &Placement, on: Date) -> Option<String> {
        let place = placement.place(on);
        match self {
            Self::Programme => place.map(|place| place.programme.to_string()),
            Self::Site => place.and_then(|place| place.site.as_ref()).map(Code::to_string),
            Self::Worker => place.and_then(|place| place.worker.as_ref()).map(Code::to_string),
            Self::Language => placement.language.as_ref().map(Language::to_string),
            Self::Role => placement.role.map(|role| role.to_string()),
            Self::Attribute(name) => placement.attributes.get(name).cloned(),
        }
    }
}

impl fmt::Display for GroupBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Programme => f.write_str("programme"),
            Self::Site => f.write_str("site"),
            Self::Worker => f.write_str("worker"),
            Self::Language => f.write_str("language"),
            Self::Role => f.write_str("role"),
            Self::Attribute(name) => write!(f, "attribute:{name}"),
        }
    }
}

impl FromStr for GroupBy {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let unknown = || Error::UnknownGrouping(text.chars().take(80).collect());
        Ok(match text {
            "programme" => Self::Programme,
            "site" => Self::Site,
            "worker" => Self::Worker,
            "language" => Self::Language,
            "role" => Self::Role,
            other => {
                let name = other.strip_prefix("attribute:").ok_or_else(unknown)?;
                Self::Attribute(Code::new(name).map_err(|_| unknown())?)
            }
        })
    }
}
