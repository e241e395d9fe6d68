//! Which of a journey's events a pack shows.

use jiff::civil::Date;
use throughline_domain::{Actor, Family, TYPE_NAMES};

use crate::written::Written;

/// Amendments are always shown: a fact without its correction would say what is known to be wrong.
const ALWAYS: Family = Family::Amendment;

/// Which events are asked for. Nothing set asks for all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Only facts of this family.
    pub family: Option<Family>,
    /// Only this fact, by its name on the wire.
    pub fact: Option<&'static str>,
    /// Only what this actor recorded.
    pub actor: Option<Actor>,
    /// Only what was lived until this day.
    pub valid_at: Option<Date>,
}

/// A filter that asks for what there is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFilter {
    /// No family has this name.
    #[error("`{0}` is no family of facts; use one of {1}")]
    Family(String, String),
    /// No fact has this name.
    #[error("`{0}` is no fact; write its short name, such as `service-delivered`, or its whole name")]
    Fact(String),
}

impl Filter {
    /// A filter from names as people write them.
    pub fn of(
        family: Option<&str>,
        fact: Option<&str>,
        actor: Option<Actor>,
        valid_at: Option<Date>,
    ) -> Result<Self, InvalidFilter> {
        let shown = |text: &str| -> String { text.chars().take(80).collect() };
        let family = family.map(|name| {
            let names: Vec<&str> = Family::ALL.iter().map(|family| family.name()).collect();
            let found = Family::ALL.iter().copied().find(|family| family.name() == name);
            found.ok_or_else(|| InvalidFilter::Family(shown(name), names.join(", ")))
        });
        let fact = fact.map(|name| {
            let short = |known: &str| known.split('.').nth(2) == Some(name);
            let found = TYPE_NAMES.iter().copied().find(|known| *known == name || short(known));
            found.ok_or_else(|| InvalidFilter::Fact(shown(name)))
        });
        Ok(Self { family: family.transpose()?, fact: fact.transpose()?, actor, valid_at })
    }

    /// Whether an event of this type by this actor is shown, where the day does not forbid it.
    pub(super) fn takes(&self, type_name: &str, actor: &str) -> bool {
        is_of(type_name, ALWAYS)
            || (self.family.is_none_or(|family| is_of(type_name, family))
                && self.fact.is_none_or(|fact| fact == type_name)
                && self.actor.as_ref().is_none_or(|wanted| wanted.as_str() == actor))
    }

    /// Whether this event is shown. One that nobody can read has no day.
    pub(super) fn shows(&self, written: &Written) -> bool {
        let (actor, day) = match written {
            Written::Open(recorded) => (&recorded.draft.actor, Some(recorded.draft.occurred.day())),
            Written::Closed(closed) => (&closed.actor, None),
        };
        let lived = self.valid_at.is_none_or(|valid_at| day.is_none_or(|day| day <= valid_at));
        self.takes(written.type_name(), actor.as_str()) && (lived || written.is_of(ALWAYS))
    }

    /// In words; none where everything is asked for.
    pub(super) fn words(&self) -> Option<String> {
        let parts = [
            self.family.map(|family| format!("family {}", family.name())),
            self.fact.map(|fact| format!("fact {fact}")),
            self.actor.as_ref().map(|actor| format!("recorded by {actor}")),
        ];
        let said: Vec<String> = parts.into_iter().flatten().collect();
        (!said.is_empty()).then(|| said.join("; "))
    }
}

fn is_of(type_name: &str, family: Family) -> bool {
    type_name.split('.').nth(1) == Some(family.name())
}
