//! The settings of a remeasure.

use serde::{Deserialize, Serialize};
use throughline_domain::Code;
use utoipa::ToSchema;

use super::{Condition, Events, Span, Unknown};

/// Had we counted differently, who would change status?
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Remeasure {
    /// Facts after which an outcome that was reached holds no more.
    #[serde(default)]
    pub lost: Vec<String>,
    /// How it is counted.
    #[serde(default)]
    pub now: Counting,
    /// How it would be counted; what it does not say stays as it is counted now.
    pub instead: Counting,
}

/// A way to count.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Counting {
    /// What must come true, where it is not the outcome's own `when`: another rule of exit, say.
    #[schema(value_type = Option<String>)]
    pub when: Option<Condition>,
    /// How long the outcome must hold after it was reached.
    pub holds: Option<Span>,
    /// How those of whom it is not known are counted.
    pub missing: Option<Unknown>,
    /// Check-ins closer together than this are taken as if they had not been held.
    pub check_ins_every: Option<Span>,
    /// What is asked of a client at intake, in CEL over attributes: those who do not meet it are taken out.
    pub require: Option<String>,
    /// Criteria of intake that are dropped. Nobody they kept out has a record, so this is always refused.
    #[serde(default)]
    pub waive: Vec<Code>,
}

impl Counting {
    /// This way where it says something, the other where it does not.
    #[must_use]
    pub fn over(&self, other: &Self) -> Self {
        Self {
            when: self.when.clone().or_else(|| other.when.clone()),
            holds: self.holds.or(other.holds),
            missing: self.missing.or(other.missing),
            check_ins_every: self.check_ins_every.or(other.check_ins_every),
            require: self.require.clone().or_else(|| other.require.clone()),
            waive: if self.waive.is_empty() { other.waive.clone() } else { self.waive.clone() },
        }
    }
}

impl Remeasure {
    /// The field that is wrong, the problem, and the remedy.
    pub(super) fn check(&self, events: &Events) -> Result<(), (&'static str, String, String)> {
        let named = self.lost.iter().map(|name| ("lost", name));
        let when = |field, counting: &'_ Counting| -> Vec<(&'static str, String)> {
            let names = counting.when.iter().flat_map(Condition::events).cloned();
            names.map(|name| (field, name)).collect()
        };
        let all = named
            .map(|(field, name)| (field, name.clone()))
            .chain(when("now", &self.now))
            .chain(when("instead", &self.instead));
        for (field, name) in all {
            events.get(&name).map_err(|hint| (field, format!("`{name}` is no event"), hint))?;
        }
        if self.instead == Counting::default() || self.instead.over(&self.now) == self.now {
            let hint = "write what would differ, such as `holds = \"180d\"`".to_owned();
            return Err(("instead", "both ways count alike".into(), hint));
        }
        Ok(())
    }
}
