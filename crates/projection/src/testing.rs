//! Facts and lives for the tests of projectors, behind the feature `testing`.
//!
//! [`fact`] writes one down as it stands on the wire; [`given`] folds several and answers on a date:
//! `given::<Engagement>([fact("2025-03-01", Eyes::Staff, "contact-made", json!({..}))]).on("2025-06-01")`.
//! Everything here panics on a mistake in the test, and says which.

use jiff::civil::Date;
use serde_json::Value as Json;
use throughline_domain::{Actor, Event, EventId, Eyes, Fact, Occurred, TYPE_NAMES};

use crate::{Answers, Programmes, WorkItem};

/// A fact by its short name and its coded fields: `fact("2025-03-01", Eyes::Client, "goal-stated", json!({..}))`.
///
/// `when` is a date or an RFC 3339 instant. The id follows from everything said, so the same fact written twice is
/// the same event; [`nth`] tells two alike apart.
pub fn fact(when: &str, eyes: Eyes, name: &str, facts: Json) -> Fact {
    fact_in_words(when, eyes, name, facts, Json::Null)
}

/// A fact with its personal part: `json!({"words": ".."})`.
pub fn fact_in_words(when: &str, eyes: Eyes, name: &str, facts: Json, personal: Json) -> Fact {
    let said = format!("{when}/{eyes}/{name}/{facts}");
    let event = Event::from_json(type_name(name), facts, personal)
        .unwrap_or_else(|error| panic!("{name} on {when}: {error}"));
    Fact { id: event_id(&said), ..fact_of(when, eyes, event) }
}

/// A fact around an event made elsewhere. Its id follows from the time, the eyes and the event.
pub fn fact_of(when: &str, eyes: Eyes, event: impl Into<Event>) -> Fact {
    let event = event.into();
    let occurred: Occurred = when.parse().unwrap_or_else(|error| panic!("{error}"));
    let said = format!("{when}/{eyes}/{event:?}");
    let actor = Actor::new("worker:test").expect("a valid actor");
    Fact { id: event_id(&said), occurred, eyes, actor, on_behalf_of: None, event }
}

/// The same again as another event: of two phone calls on one day, the second is `nth(2, call)`.
#[must_use]
pub fn nth(nth: u32, fact: Fact) -> Fact {
    Fact { id: event_id(&format!("{}/{nth}", fact.id)), ..fact }
}

/// The same fact, entered for this worker: `worker:w17`.
#[must_use]
pub fn entered_for(worker: &str, fact: Fact) -> Fact {
    Fact { on_behalf_of: Some(Actor::new(worker).expect("a valid actor")), ..fact }
}

/// A date: `2025-03-01`.
pub fn date(text: &str) -> Date {
    text.parse().unwrap_or_else(|_| panic!("`{text}` is not a date; write it as 2025-03-01"))
}

/// An event id that follows from a text alone (FNV-1a over 128 bits).
pub fn event_id(text: &str) -> EventId {
    let hash = text.bytes().fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128, |hash, byte| {
        (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
    });
    EventId::from_bytes(hash.to_be_bytes())
}

/// A life, put in the order it happened, to be asked about.
pub fn given<P: Answers>(facts: impl IntoIterator<Item = Fact>) -> Given<P> {
    let mut facts: Vec<Fact> = facts.into_iter().collect();
    facts.sort_by_key(Fact::order);
    let mut view = P::View::default();
    for fact in &facts {
        P::fold(&mut view, fact);
    }
    Given { facts, view, programmes: Programmes::default() }
}

/// What was given.
#[derive(Debug, Clone)]
pub struct Given<P: Answers> {
    /// The facts, in the order they happened.
    pub facts: Vec<Fact>,
    /// The view they fold to.
    pub view: P::View,
    /// What programmes set; nothing unless [`Given::under`] says so.
    pub programmes: Programmes,
}

impl<P: Answers> Given<P> {
    /// Takes a fact of a programme's own stream.
    #[must_use]
    pub fn under(mut self, programme: &Fact) -> Self {
        self.programmes.fold(programme);
        self
    }

    /// The answer on a date.
    pub fn on(&self, on: &str) -> P::Answer {
        P::answer(&self.view, date(on), &self.programmes)
    }

    /// The answer on a date where nothing after that date was ever folded.
    pub fn cut_on(&self, on: &str) -> P::Answer {
        let on = date(on);
        let known = self.facts.iter().filter(|fact| fact.occurred.day() <= on).cloned();
        P::answer(&given::<P>(known).view, on, &self.programmes)
    }

    /// What this client adds to a work list on a date.
    pub fn work(&self, list: &str, on: &str) -> Vec<WorkItem> {
        P::card(&self.view).map_or_else(Vec::new, |card| P::work(&card, list, date(on), &self.programmes))
    }
}

fn type_name(name: &str) -> &'static str {
    TYPE_NAMES
        .iter()
        .copied()
        .find(|full| *full == name || full.split('.').nth(2) == Some(name))
        .unwrap_or_else(|| panic!("no fact is called `{name}`"))
}
