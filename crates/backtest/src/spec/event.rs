//! Names for facts, and what must come true of them.

use std::{borrow::Cow, collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value as Json;
use throughline_domain::{Code, Event, Fact, TYPE_NAMES};
use utoipa::ToSchema;

use super::Span;

/// Facts of one kind, narrowed by what their fields say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EventPattern {
    /// The fact's name: `service-delivered`, or in full `throughline.transaction.service-delivered.v1`.
    pub fact: String,
    /// Fields of its coded part that must have these values; `attributes.arm` names one within another. Of a list, one.
    #[serde(rename = "where", default)]
    #[schema(value_type = Object)]
    pub equals: BTreeMap<String, Json>,
}

/// The names a spec gives to facts, beside the built-in ones.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Object)]
pub struct Events(BTreeMap<Code, EventPattern>);

/// Short names for facts that stand without being defined. Every fact's own name stands for itself too.
const BUILT_IN: [(&str, &str); 8] = [
    ("service", "service-delivered"),
    ("check-in", "check-in-held"),
    ("missed", "check-in-missed"),
    ("completed", "programme-completed"),
    ("outcome", "outcome-reached"),
    ("lost", "outcome-lost"),
    ("intake", "intake-held"),
    ("opened", "journey-opened"),
];

impl Events {
    /// What this name stands for; else what to write instead.
    pub fn get(&self, name: &str) -> Result<Cow<'_, EventPattern>, String> {
        if let Some((_, pattern)) = self.0.iter().find(|(known, _)| known.as_str() == name) {
            return Ok(Cow::Borrowed(pattern));
        }
        let fact = BUILT_IN.iter().find(|(short, _)| *short == name).map_or(name, |(_, fact)| fact);
        let pattern = EventPattern { fact: fact.to_owned(), equals: BTreeMap::new() };
        match pattern.type_name() {
            Some(_) => Ok(Cow::Owned(pattern)),
            None => {
                Err(format!("define it as [events.{name}], or use the name of a fact such as `enrolled`"))
            }
        }
    }

    /// Every name that stands for a fact.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let own = self.0.keys().map(Code::as_str);
        let facts = TYPE_NAMES.iter().filter_map(|name| name.rsplit('.').nth(1));
        own.chain(BUILT_IN.iter().map(|(short, _)| *short)).chain(facts)
    }

    /// The patterns of several names, which were checked before.
    pub(crate) fn all(&self, names: &[String]) -> Vec<EventPattern> {
        names.iter().filter_map(|name| self.get(name).ok()).map(Cow::into_owned).collect()
    }

    /// The first name that stands for no fact, what is wrong with it, and the remedy.
    pub(super) fn check(&self) -> Result<(), (String, String, String)> {
        for (name, pattern) in &self.0 {
            if pattern.type_name().is_none() {
                let problem = format!("`{}` is no fact", pattern.fact);
                let hint = "use a fact's name such as `service-delivered`; docs/formats/events.md lists them";
                return Err((name.to_string(), problem, hint.to_owned()));
            }
        }
        Ok(())
    }
}

impl EventPattern {
    /// The fact's name on the wire.
    pub fn type_name(&self) -> Option<&'static str> {
        let short = |known: &str| known.rsplit('.').nth(1) == Some(self.fact.as_str());
        TYPE_NAMES.iter().copied().find(|known| *known == self.fact || short(known))
    }

    /// Whether a fact is meant.
    pub fn admits(&self, event: &Event) -> bool {
        if !is_named(event.type_name(), &self.fact) {
            return false;
        }
        if self.equals.is_empty() {
            return true;
        }
        self.admits_json(&event.facts_json())
    }

    /// Whether the coded part of a fact of this name says what it must.
    pub(crate) fn admits_json(&self, facts: &Json) -> bool {
        self.equals.iter().all(|(path, wanted)| {
            let found = path.split('.').try_fold(facts, |json, part| json.get(part));
            found.is_some_and(|found| match wanted.as_array() {
                Some(any) if !found.is_array() => any.iter().any(|wanted| same(found, wanted)),
                _ => same(found, wanted),
            })
        })
    }

    /// Whether this fact is meant.
    pub fn is(&self, fact: &Fact) -> bool {
        self.admits(&fact.event)
    }
}

fn is_named(type_name: &str, name: &str) -> bool {
    type_name == name || type_name.rsplit('.').nth(1) == Some(name)
}

/// Whether two values are the same; numbers by their value, for TOML tells 1 from 1.0.
fn same(found: &Json, wanted: &Json) -> bool {
    match (found.as_f64(), wanted.as_f64()) {
        (Some(found), Some(wanted)) => found.total_cmp(&wanted).is_eq(),
        _ => found == wanted,
    }
}

/// What must come true after time zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// `EVENT`: the first such fact.
    First {
        /// The event's name.
        event: String,
    },
    /// `no EVENT for SPAN`: the first stretch of that length without one, from time zero or from the one before.
    /// It began with the last one, and is known when the stretch is over.
    Silence {
        /// The event's name.
        event: String,
        /// How long.
        length: Span,
    },
    /// `last EVENT before SPAN[, known after SPAN]`: the last such fact ever lies less than that after time zero. It
    /// came true with that last one.
    LastBefore {
        /// The event's name.
        event: String,
        /// How long after time zero the last one would have to be.
        before: Span,
        /// How long after the last one it is known to be the last.
        known_after: Span,
    },
}

impl Condition {
    /// The names of the events it speaks of.
    pub fn events(&self) -> Vec<&String> {
        match self {
            Self::First { event } | Self::Silence { event, .. } | Self::LastBefore { event, .. } => {
                vec![event]
            }
        }
    }
}

/// A text that is no condition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no condition; write `EVENT`, `no EVENT for SPAN`, or `last EVENT before SPAN, known after SPAN`, where a \
     SPAN is such as `14d`"
)]
pub struct InvalidCondition(String);

impl FromStr for Condition {
    type Err = InvalidCondition;

    fn from_str(text: &str) -> Result<Self, InvalidCondition> {
        let invalid = || InvalidCondition(text.chars().take(80).collect());
        let span = |text: &str| text.parse().map_err(|_| invalid());
        let words: Vec<&str> = text.split([' ', ',']).filter(|word| !word.is_empty()).collect();
        match *words.as_slice() {
            [event] => Ok(Self::First { event: event.to_owned() }),
            ["no", event, "for", length] => {
                Ok(Self::Silence { event: event.to_owned(), length: span(length)? })
            }
            ["last", event, "before", before] => {
                let (before, known_after) = (span(before)?, Span::default());
                Ok(Self::LastBefore { event: event.to_owned(), before, known_after })
            }
            ["last", event, "before", before, "known", "after", known_after] => {
                let (before, known_after) = (span(before)?, span(known_after)?);
                Ok(Self::LastBefore { event: event.to_owned(), before, known_after })
            }
            _ => Err(invalid()),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::First { event } => f.write_str(event),
            Self::Silence { event, length } => write!(f, "no {event} for {length}"),
            Self::LastBefore { event, before, known_after } => {
                write!(f, "last {event} before {before}, known after {known_after}")
            }
        }
    }
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
