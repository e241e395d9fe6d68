//! Where a client stands: role, language, enrolments with programme, site and worker. Filters and groups use it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use throughline_domain::{Attributes, Code, Event, Fact, Intake, Key, Language, Milestone, Role, Value};

/// Where one client stands, folded from their facts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Placement {
    /// What the person is to the organisation.
    pub role: Option<Role>,
    /// The language they wish to be spoken to in.
    pub language: Option<Language>,
    /// The day the journey was opened.
    #[schema(value_type = Option<String>, format = Date)]
    pub opened: Option<Date>,
    /// Enrolments, in the order they began.
    pub places: Vec<Place>,
    /// Coded attributes as last recorded, as text.
    #[schema(value_type = Object)]
    pub attributes: BTreeMap<Code, String>,
    /// The day the client died.
    #[schema(value_type = Option<String>, format = Date)]
    pub died: Option<Date>,
}

/// One enrolment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Place {
    /// Its name in the journey.
    pub enrolment: Key,
    /// The programme.
    pub programme: Code,
    /// Where.
    pub site: Option<Code>,
    /// With whom, as last assigned.
    pub worker: Option<Code>,
    /// The day it began.
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    /// The day a recorded exit ended it.
    #[schema(value_type = Option<String>, format = Date)]
    pub until: Option<Date>,
}

impl Placement {
    /// Takes the next fact, in the order life happened.
    pub fn fold(&mut self, fact: &Fact) {
        let day = fact.occurred.day();
        match &fact.event {
            Event::Intake(Intake::JourneyOpened(opened)) => {
                self.role.get_or_insert(opened.role);
                self.language = Some(opened.language.clone());
                self.opened.get_or_insert(day);
                self.note(&opened.attributes);
            }
            Event::Intake(Intake::IntakeHeld(held)) => self.note(&held.attributes),
            Event::Intake(Intake::Enrolled(enrolled)) => self.places.push(Place {
                enrolment: enrolled.enrolment.clone(),
                programme: enrolled.programme.clone(),
                site: enrolled.site.clone(),
                worker: enrolled.worker.clone(),
                from: day,
                until: None,
            }),
            Event::Intake(Intake::WorkerAssigned(assigned)) => {
                for place in &mut self.places {
                    if assigned.enrolment.as_ref().is_none_or(|enrolment| *enrolment == place.enrolment) {
                        place.worker = Some(assigned.worker.clone());
                    }
                }
            }
            Event::Milestone(Milestone::Exited(exited)) => {
                for place in self.places.iter_mut().filter(|place| place.enrolment == exited.enrolment) {
                    place.until = Some(day);
                }
            }
            Event::Milestone(Milestone::Died(_)) => self.died = Some(day),
            Event::Intake(_)
            | Event::Transaction(_)
            | Event::CheckIn(_)
            | Event::Milestone(_)
            | Event::Amendment(_)
            | Event::Programme(_)
            | Event::Access(_) => {}
        }
    }

    /// The enrolment that last began on or before this day.
    pub fn place(&self, on: Date) -> Option<&Place> {
        self.places.iter().rev().find(|place| place.from <= on)
    }

    fn note(&mut self, attributes: &Attributes) {
        for (name, value) in attributes {
            let text = match value {
                Value::Flag(flag) => flag.to_string(),
                Value::Number(score) => score.get().to_string(),
                Value::Code(code) => code.to_string(),
            };
            self.attributes.insert(name.clone(), text);
        }
    }
}
