//! Who is asked about: everyone with the entering fact, once, from its day on.

use jiff::civil::Date;
use rayon::prelude::*;
use throughline_domain::{Attributes, Event, Fact, Intake, Key};
use throughline_projection::Placement;

use crate::{
    Error, History, Timeline,
    expression::Expression,
    spec::{Entry, EventPattern, Spec},
};

/// One person of the cohort.
#[derive(Debug, Clone)]
pub struct Entrant<'h> {
    /// What was known of them, and when.
    pub timeline: &'h Timeline,
    /// Their life as known in the end.
    pub life: Vec<Fact>,
    /// Time zero.
    pub zero: Date,
    /// The enrolment that began then, where the entering fact is one.
    pub enrolment: Option<Key>,
    /// Where they stood on that day.
    pub placement: Placement,
    /// Coded attributes as of that day: of the opening, the intake and the enrolment, the later over the earlier.
    pub attributes: Attributes,
}

/// Everyone asked about, and who was left out.
#[derive(Debug, Clone)]
pub struct Cohort<'h> {
    /// In the order of their journeys' ids.
    pub entrants: Vec<Entrant<'h>>,
    /// The last day of which something may be known.
    pub until: Date,
    /// Entered too short a time before that day.
    pub immature: u64,
    /// Cannot be read any more.
    pub erased: u64,
}

impl<'h> Cohort<'h> {
    /// The cohort of a spec.
    pub fn of(history: &'h History, spec: &Spec) -> Result<Self, Error> {
        let condition = spec.cohort.condition.as_deref().map(Expression::over_attributes).transpose()?;
        let enter = spec
            .events
            .get(&spec.cohort.enter)
            .map_err(|hint| Error::Expression { expression: spec.cohort.enter.clone(), problem: hint })?;
        let having = spec.events.all(&spec.cohort.having);
        let until = history.last_day();
        let mut cohort = Self { entrants: Vec::new(), until, immature: 0, erased: history.erased };
        let entrants: Vec<Entrant<'h>> = history
            .timelines
            .par_iter()
            .filter_map(|timeline| Entrant::of(timeline, &spec.cohort, &enter, &having))
            .collect();
        for entrant in entrants {
            if let Some(condition) = &condition
                && !condition.holds_for(&entrant.attributes)?
            {
                continue;
            }
            if days_between(entrant.zero, until) < spec.cohort.mature.in_days() {
                cohort.immature += 1;
            } else {
                cohort.entrants.push(entrant);
            }
        }
        Ok(cohort)
    }
}

impl<'h> Entrant<'h> {
    fn of(
        timeline: &'h Timeline,
        entry: &Entry,
        enter: &EventPattern,
        having: &[EventPattern],
    ) -> Option<Self> {
        let life = timeline.life();
        let entered = life.iter().find(|fact| enter.is(fact) && is_in_programme(fact, entry))?;
        let zero = entered.occurred.day();
        if entry.between.is_some_and(|(first, last)| zero < first || last < zero) {
            return None;
        }
        if !having.iter().all(|pattern| life.iter().any(|fact| pattern.is(fact))) {
            return None;
        }
        let enrolment = match &entered.event {
            Event::Intake(Intake::Enrolled(enrolled)) => Some(enrolled.enrolment.clone()),
            _ => None,
        };
        let (mut placement, mut attributes) = (Placement::default(), Attributes::default());
        for fact in life.iter().take_while(|fact| fact.occurred.day() <= zero) {
            placement.fold(fact);
            note(&mut attributes, &fact.event);
        }
        Some(Self { timeline, life, zero, enrolment, placement, attributes })
    }
}

fn is_in_programme(fact: &Fact, entry: &Entry) -> bool {
    let Some(wanted) = &entry.programme else { return true };
    matches!(&fact.event, Event::Intake(Intake::Enrolled(enrolled)) if enrolled.programme == *wanted)
}

/// Takes the attributes that a fact tells.
pub(crate) fn note(attributes: &mut Attributes, event: &Event) {
    let Event::Intake(intake) = event else { return };
    let told = match intake {
        Intake::JourneyOpened(opened) => &opened.attributes,
        Intake::IntakeHeld(held) => &held.attributes,
        Intake::Enrolled(enrolled) => &enrolled.attributes,
        _ => return,
    };
    attributes.extend(told.iter().map(|(name, value)| (name.clone(), value.clone())));
}

/// Days from one day to another.
pub fn days_between(from: Date, to: Date) -> i64 {
    i64::from(from.until(to).map_or(0, |span| span.get_days()))
}
