//! One row of a view: what is kept of one journey, and up to where it was folded.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use throughline_domain::{Amendment, Event, EventId, Fact, JourneyId, LifeOrder, Recorded, Version, amend};
use throughline_log::History;
use throughline_projection::Projection;

use crate::life;

/// A view with the place in the life up to which facts were folded.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Row<V> {
    /// How many events of the journey's own stream this view knows.
    pub version: Version,
    /// The latest fact folded. A fact before it cannot be folded on: the journey is folded anew. None where nothing
    /// was folded, or where an amendment awaits its event, so that whatever comes next folds the journey anew.
    pub last: Option<LifeOrder>,
    /// The view.
    pub view: V,
}

impl<V> Row<V> {
    /// Folds more facts, which must come in the order of life, after all before them. What is true of a programme is in no
    /// client's row.
    pub fn fold<P: Projection<View = V>>(&mut self, facts: &[Fact]) {
        let mut facts = facts.iter().filter(|fact| of_person(fact));
        debug_assert!(
            self.last.into_iter().chain(facts.clone().map(Fact::order)).is_sorted(),
            "facts are folded in the order of life"
        );
        facts.clone().for_each(|fact| P::fold(&mut self.view, fact));
        self.last = facts.next_back().map(Fact::order).or(self.last);
    }

    /// Whether these facts, in the order of life, all come after what was folded.
    pub fn precedes(&self, facts: &[Fact]) -> bool {
        match (self.last, facts.first()) {
            (Some(last), Some(first)) => last < first.order(),
            (None, Some(_)) => self.version == Version::default(),
            (_, None) => true,
        }
    }
}

/// Whether a journey with these facts is about a person; a programme's own stream has no row.
pub(crate) fn about_person(facts: &[Fact]) -> bool {
    facts.iter().any(of_person)
}

fn of_person(fact: &Fact) -> bool {
    !matches!(fact.event, Event::Programme(_) | Event::Access(_))
}

/// Facts in the order of life, with the version of the journey's own stream that they reach up to.
#[derive(Debug, Clone)]
pub struct Known {
    pub(crate) facts: Vec<Fact>,
    pub(crate) version: Version,
    /// Whether an amendment names an event that is not recorded yet, as in history that comes in out of order.
    pub(crate) awaits: bool,
}

impl Known {
    /// The life that a journey's own events tell, with those of every journey linked to it.
    pub fn of_history(journey: JourneyId, History { events, closed }: History) -> Self {
        let version = life::own_version(journey, &events, &closed);
        Self::of(journey, events, version)
    }

    /// The life these events tell: the journey's own, and those of every journey linked to it.
    pub(crate) fn of(journey: JourneyId, events: Vec<Recorded>, version: Version) -> Self {
        let awaits = awaits(&events);
        Self { facts: amend(journey, events), version, awaits }
    }

    /// Whether these are all the facts of a journey, from its first event on.
    pub(crate) fn is_beginning(&self) -> bool {
        self.facts.len() as u64 == self.version.0
    }
}

fn awaits(events: &[Recorded]) -> bool {
    let named: Vec<EventId> =
        events.iter().flat_map(|recorded| named(&recorded.draft.event)).copied().collect();
    if named.is_empty() {
        return false;
    }
    let there: HashSet<EventId> = events.iter().map(|recorded| recorded.draft.event_id).collect();
    named.iter().any(|event| !there.contains(event))
}

/// The events that an amendment changes.
fn named(event: &Event) -> &[EventId] {
    match event {
        Event::Amendment(Amendment::Corrected(corrected)) => std::slice::from_ref(&corrected.event),
        Event::Amendment(Amendment::Retracted(retracted)) => std::slice::from_ref(&retracted.event),
        Event::Amendment(Amendment::JourneysSplit(split)) => &split.events,
        _ => &[],
    }
}
