//! Stays in programmes and how they end: a recorded exit, and an exit derived from silence of services.
//!
//! A derived exit lies on the day of the last service, is known only once the programme's number of service-free
//! days has passed (90 unless set), and is undone by a later service. Only services count: follow-up, contact and
//! payments neither prevent nor undo it.

use throughline_domain::EventId;

use throughline_projection::Day;

use crate::{
    life::Life,
    view::{CodeAt, Dated, KeyAt, What},
};

/// One enrolment, or the whole journey where services name none.
pub(crate) struct Stay<'a> {
    /// The enrolment; none for services that name none.
    pub(crate) enrolment: Option<KeyAt>,
    pub(crate) begun: Option<&'a Dated>,
    pub(crate) programme: Option<CodeAt>,
    pub(crate) last_service: Option<&'a Dated>,
    /// Service-free days after which an exit is known.
    pub(crate) after_days: u16,
    /// Exits that a later service undid: the exit's day and the service that came back.
    pub(crate) reopened: Vec<(Day, &'a Dated)>,
    /// The last exit on record.
    pub(crate) recorded: Option<&'a Dated>,
    pub(crate) completed: Option<&'a Dated>,
    pub(crate) end: End,
}

/// How a stay stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = outcomes::End)]
pub enum End {
    /// It goes on, as far as is known.
    Open,
    /// An exit is on record, and no service came after it.
    Recorded,
    /// No service for as many days as the programme sets; a later service undoes it.
    Derived,
    /// The client died before any other end was known.
    Died,
}

impl Stay<'_> {
    /// The day of the exit, where it is known and stands.
    pub(crate) fn exit(&self) -> Option<Day> {
        match self.end {
            End::Recorded => self.recorded.map(|fact| fact.day),
            End::Derived => self.last_service.map(|fact| fact.day),
            End::Open | End::Died => None,
        }
    }

    /// The event that the exit rests on.
    pub(crate) fn exit_event(&self) -> Option<EventId> {
        match self.end {
            End::Recorded => self.recorded.map(|fact| fact.event),
            End::Derived => self.last_service.map(|fact| fact.event),
            End::Open | End::Died => None,
        }
    }
}

/// Every stay of this life, in the order they are first mentioned; services that name no enrolment come last.
pub(crate) fn stays<'a>(life: &Life<'a>) -> Vec<Stay<'a>> {
    let mut keys: Vec<KeyAt> = Vec::new();
    let mut unnamed = false;
    for fact in life.facts {
        let named = match fact.what {
            What::Enrolled { enrolment, .. } | What::Exited { enrolment, .. } => Some(enrolment),
            What::Served { enrolment } => {
                unnamed |= enrolment.is_none();
                enrolment
            }
            _ => None,
        };
        if let Some(key) = named.filter(|key| !keys.contains(key)) {
            keys.push(key);
        }
    }
    let mut stays: Vec<Stay> = keys.into_iter().map(|key| stay(life, Some(key))).collect();
    if unnamed {
        stays.push(stay(life, None));
    }
    stays
}

/// The stay that an outcome's exit is read from: its enrolment's, else that of services which name none, else the
/// only one there is.
pub(crate) fn stay_of<'s, 'a>(stays: &'s [Stay<'a>], enrolment: Option<KeyAt>) -> Option<&'s Stay<'a>> {
    let of = |wanted: Option<KeyAt>| stays.iter().find(|stay| stay.enrolment == wanted);
    match enrolment {
        Some(_) => of(enrolment),
        None => of(None).or(match stays {
            [only] => Some(only),
            _ => None,
        }),
    }
}

/// Whether the client has left everything they were in.
pub(crate) fn has_left(stays: &[Stay<'_>]) -> bool {
    !stays.is_empty() && stays.iter().all(|stay| stay.exit().is_some())
}

fn stay<'a>(life: &Life<'a>, enrolment: Option<KeyAt>) -> Stay<'a> {
    let begun = enrolment.and_then(|enrolment| life.enrolled(enrolment));
    let programme = begun.and_then(|fact| match fact.what {
        What::Enrolled { programme, .. } => Some(programme),
        _ => None,
    });
    let set_by = programme.map(|at| life.view.code(at)).or_else(|| life.programme_on(life.on));
    let after_days = life.programmes.of(set_by).exit_after_days;
    let last = |is: &dyn Fn(&What) -> bool| life.facts.iter().rev().find(|fact| is(&fact.what));
    let recorded = last(&|what| matches!(what, What::Exited { enrolment: of, .. } if Some(*of) == enrolment));
    let services = services(life, enrolment, begun, recorded);
    let reopened = services
        .windows(2)
        .filter(|pair| pair[1].day.since(pair[0].day) > i32::from(after_days))
        .map(|pair| (pair[0].day, pair[1]))
        .collect();
    let completed = last(&|what| matches!(what, What::Completed { enrolment: of } if Some(*of) == enrolment));
    let last_service = services.last().copied();
    let end = end(life, last_service, recorded, after_days);
    Stay { enrolment, begun, programme, last_service, after_days, reopened, recorded, completed, end }
}

/// The services of an enrolment; where none names it, those that name no enrolment at all, from its beginning to its
/// recorded exit: one that names nothing cannot undo what was written down.
fn services<'a>(
    life: &Life<'a>,
    enrolment: Option<KeyAt>,
    begun: Option<&Dated>,
    recorded: Option<&Dated>,
) -> Vec<&'a Dated> {
    let naming = |wanted: Option<KeyAt>| -> Vec<&'a Dated> {
        life.facts.iter().filter(|fact| fact.what == What::Served { enrolment: wanted }).collect()
    };
    let mut services = naming(enrolment);
    if services.is_empty() && enrolment.is_some() {
        services = naming(None);
        services.retain(|service| {
            begun.is_some_and(|begun| begun.day <= service.day)
                && recorded.is_none_or(|exit| service.day <= exit.day)
        });
    }
    services
}

fn end(life: &Life<'_>, last_service: Option<&Dated>, recorded: Option<&Dated>, after_days: u16) -> End {
    let served_after = |exit: &Dated| last_service.is_some_and(|service| service.day > exit.day);
    if let Some(exit) = recorded.filter(|exit| !served_after(exit)) {
        // An exit written down because the client died is a death, not a leaving.
        let by_death = life.died.is_some_and(|died| died.day <= exit.day);
        return if by_death { End::Died } else { End::Recorded };
    }
    // Silence after a death says nothing about leaving.
    let until = life.died.map_or(life.on, |died| died.day);
    match last_service {
        Some(service) if until >= service.day.plus(after_days) => End::Derived,
        _ if life.died.is_some() => End::Died,
        _ => End::Open,
    }
}
