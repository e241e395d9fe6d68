//! Features that a spec defines itself: stretches of equal length, counted from time zero, with or without an event.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Span;

/// Stretches of equal length after time zero, and which of them are counted.
///
/// Stretch w of length `every` is the days from `(w - 1) * every + 1` to `w * every` after time zero; only stretches
/// that are over by the day of the decision count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Series {
    /// The facts looked for, by their names in `events` or built-in ones: any of them will do.
    pub events: Vec<String>,
    /// How long a stretch is.
    #[serde(default = "weekly")]
    pub every: Span,
    /// What is counted.
    pub count: Count,
    /// Look at the last so many stretches only; 520 where it is not set.
    #[serde(default = "most")]
    pub last: u32,
}

/// What is counted of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Count {
    /// Stretches without any of the events, in a row up to the last one.
    InARowWithout,
    /// Stretches with one, in a row up to the last one.
    InARowWith,
    /// Stretches without.
    Without,
    /// Stretches with.
    With,
    /// The events themselves.
    Events,
}

/// The most stretches that are looked at: ten years of weeks. It keeps the cost of a decision from growing without end.
pub const STRETCHES_MAX: u32 = 520;

fn weekly() -> Span {
    Span::days(7)
}

fn most() -> u32 {
    STRETCHES_MAX
}

impl Series {
    /// What is wrong with it, and the remedy.
    pub(super) fn check(&self, name: &str) -> Result<(), (String, &'static str)> {
        let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if !name.starts_with(|first: char| first.is_ascii_lowercase()) || !name.bytes().all(letters) {
            return Err((
                format!("`{name}` cannot be named in a rule"),
                "use a-z, 0-9 and `_`, a letter first",
            ));
        }
        if self.events.is_empty() {
            return Err((format!("`{name}` looks for no event"), "name one under `events`"));
        }
        if self.every == Span::default() {
            return Err((format!("`{name}` has stretches of no length"), "write at least `1d`"));
        }
        if self.last == 0 || self.last > STRETCHES_MAX {
            return Err((
                format!("`{name}` looks at the last {} stretches", self.last),
                "write between 1 and 520",
            ));
        }
        Ok(())
    }
}
