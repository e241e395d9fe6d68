//! One row of a view: what is kept of one journey, and up to where it was folded.

use serde::{Deserialize, Serialize};
use throughline_domain::{Event, Fact, LifeOrder, Version};
use throughline_projection::Projection;

/// A view with the place in the life up to which facts were folded.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Row<V> {
    /// How many events of the journey's own stream this view knows.
    pub version: Version,
    /// The latest fact folded. A fact before it cannot be folded on: the journey is folded anew.
    pub last: Option<LifeOrder>,
    /// The view.
    pub view: V,
}

impl<V> Row<V> {
    /// Folds one more fact, which must come after all before it. What is true of a programme is in no client's row.
    pub fn fold<P: Projection<View = V>>(&mut self, fact: &Fact) {
        if matches!(fact.event, Event::Programme(_)) {
            return;
        }
        let order = fact.order();
        debug_assert!(self.last.is_none_or(|last| last <= order), "facts are folded in the order of life");
        self.last = Some(order);
        P::fold(&mut self.view, fact);
    }

    /// Whether these facts, in the order of life, all come after what was folded.
    pub fn precedes(&self, facts: &[Fact]) -> bool {
        match (self.last, facts.first()) {
            (Some(last), Some(first)) => last < first.order(),
            _ => true,
        }
    }
}

/// Whether a journey with these facts is about a person; a programme's own stream has no row.
pub(crate) fn about_person(facts: &[Fact]) -> bool {
    facts.iter().any(|fact| !matches!(fact.event, Event::Programme(_)))
}

/// Facts in the order of life, with the version of the journey's own stream that they reach up to.
#[derive(Debug, Clone)]
pub struct Known {
    pub(crate) facts: Vec<Fact>,
    pub(crate) version: Version,
}
