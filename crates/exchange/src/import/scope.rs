//! Of what a source is all there is: which facts should be in it, so that their absence says something.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use serde::Serialize;
use throughline_domain::{Code, Event, EventId, Intake, Key, Milestone, Recorded};

use super::life::Life;

/// Whether a source is taken for all that there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Completeness {
    /// As the source says of itself.
    #[default]
    AsTheSourceSays,
    /// It holds everything its system has: what it does not hold any more is taken back.
    Full,
    /// It holds a part: what it does not hold stays as it is.
    Partial,
}

/// Which of the facts that the log has from this source should be in it.
#[derive(Debug, Default)]
pub(crate) enum Scope {
    /// None.
    #[default]
    Nothing,
    /// All.
    Everything,
    /// Those of stays in these programmes that touch these days.
    Stays { programmes: HashSet<Code>, from: Date, until: Date },
}

/// A stay as the log knows it.
struct Stay {
    programme: Code,
    from: Date,
    until: Option<Date>,
}

impl Scope {
    pub const fn is_full(&self) -> bool {
        !matches!(self, Self::Nothing)
    }

    fn has_stay(&self, stay: &Stay) -> bool {
        match self {
            Self::Nothing => false,
            Self::Everything => true,
            Self::Stays { programmes, from, until } => {
                programmes.contains(&stay.programme)
                    && stay.from <= *until
                    && stay.until.is_none_or(|left| left >= *from)
            }
        }
    }

    /// The earliest day on which a stay begins that stands in the log, is not in this source, and need not be.
    pub(super) fn earliest_beyond(
        &self,
        life: &Life,
        awaited: &HashSet<EventId>,
        system: &Code,
    ) -> Option<Date> {
        let stays = stays(life, system);
        let beyond = life.standing_facts().filter_map(|fact| match &fact.event {
            Event::Intake(Intake::Enrolled(enrolled)) if !awaited.contains(&fact.id) => {
                let stay = stays.get(&enrolled.enrolment)?;
                (!self.has_stay(stay)).then(|| fact.occurred.day())
            }
            _ => None,
        });
        beyond.min()
    }
}

/// One life held against a scope.
pub(super) struct Held<'a> {
    scope: &'a Scope,
    stays: HashMap<Key, Stay>,
    /// The enrolments that facts of a row speak of.
    rows: HashMap<(String, String), HashSet<Key>>,
}

impl<'a> Held<'a> {
    pub fn new(scope: &'a Scope, life: &Life, system: &Code) -> Self {
        let mut rows: HashMap<_, HashSet<Key>> = HashMap::new();
        if let Scope::Stays { .. } = scope {
            for known in of_system(life, system) {
                if let (Some(row), Some(enrolment)) = (row_of(known), enrolment_of(&known.draft.event)) {
                    rows.entry(row).or_default().insert(enrolment);
                }
            }
        }
        Self { scope, stays: stays(life, system), rows }
    }

    /// Whether this fact should be in the source, were it still true there.
    pub fn covers(&self, known: &Recorded) -> bool {
        let until = match self.scope {
            Scope::Nothing => return false,
            Scope::Everything => return true,
            Scope::Stays { until, .. } => *until,
        };
        if known.draft.occurred.day() > until {
            return false;
        }
        let in_scope = |key: &Key| self.stays.get(key).is_some_and(|stay| self.scope.has_stay(stay));
        let of_row = row_of(known).and_then(|row| self.rows.get(&row));
        match of_row {
            Some(enrolments) => enrolments.iter().all(in_scope),
            // About the person and no stay: expected only where every stay of theirs is.
            None => !self.stays.is_empty() && self.stays.keys().all(in_scope),
        }
    }
}

fn of_system<'a>(life: &'a Life, system: &'a Code) -> impl Iterator<Item = &'a Recorded> {
    life.facts()
        .filter(move |known| known.draft.source.as_ref().is_some_and(|source| source.system == *system))
}

/// Every stay this source ever told of, as last told. One that was taken back counts too, so that an import that was
/// cut short between the retractions of one stay goes on as it began.
fn stays(life: &Life, system: &Code) -> HashMap<Key, Stay> {
    let told: Vec<_> = of_system(life, system).filter_map(|known| life.told(known.draft.event_id)).collect();
    let mut stays = HashMap::new();
    for told in &told {
        if let Event::Intake(Intake::Enrolled(enrolled)) = told.event {
            let stay = Stay { programme: enrolled.programme.clone(), from: told.occurred.day(), until: None };
            stays.insert(enrolled.enrolment.clone(), stay);
        }
    }
    for told in &told {
        if let Event::Milestone(Milestone::Exited(exited)) = told.event
            && let Some(stay) = stays.get_mut(&exited.enrolment)
        {
            stay.until = Some(told.occurred.day());
        }
    }
    stays
}

fn row_of(known: &Recorded) -> Option<(String, String)> {
    let source = known.draft.source.as_ref()?;
    Some((source.table.to_string(), source.row.as_ref()?.as_str().to_owned()))
}

/// The enrolment a fact names, whichever fact it is.
fn enrolment_of(event: &Event) -> Option<Key> {
    event.facts_json().get("enrolment")?.as_str().and_then(|key| Key::new(key).ok())
}
