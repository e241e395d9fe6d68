//! Patterns of facts that are asked of every fact: names looked up once, the coded part written out once.

use std::cell::OnceCell;

use serde_json::Value as Json;
use throughline_domain::Fact;

use crate::spec::EventPattern;

/// A pattern, its fact's name on the wire beside it.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    type_name: &'static str,
    pattern: EventPattern,
}

/// A fact that several patterns are asked of.
pub(crate) struct Asked<'f> {
    pub fact: &'f Fact,
    json: OnceCell<Json>,
}

impl<'f> Asked<'f> {
    pub fn of(fact: &'f Fact) -> Self {
        Self { fact, json: OnceCell::new() }
    }
}

impl Pattern {
    pub fn of(pattern: &EventPattern) -> Option<Self> {
        Some(Self { type_name: pattern.type_name()?, pattern: pattern.clone() })
    }

    /// Patterns that a spec's check has let through.
    pub fn all(patterns: &[EventPattern]) -> Vec<Self> {
        patterns.iter().filter_map(Self::of).collect()
    }

    pub fn is(&self, asked: &Asked<'_>) -> bool {
        let event = &asked.fact.event;
        event.type_name() == self.type_name
            && (self.pattern.equals.is_empty()
                || self.pattern.admits_json(asked.json.get_or_init(|| event.facts_json())))
    }

    /// The fact's short name: `service-delivered`.
    pub fn short_name(&self) -> &'static str {
        self.type_name.split('.').nth(2).unwrap_or(self.type_name)
    }
}
