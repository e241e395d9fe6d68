//! A number for each client: what groups are compared by.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use throughline_domain::Code;

use super::{Events, Span};

/// A number for each client, over days counted from time zero.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Measure {
    /// `outcome`: 1 where what is looked for came true, else 0.
    #[default]
    Outcome,
    /// `no outcome`: 1 where it did not, else 0.
    NoOutcome,
    /// `count of EVENT within SPAN`: how many such facts.
    Count {
        /// The event's name.
        event: String,
        /// On which days.
        window: Window,
    },
    /// `share with EVENT within SPAN`: 1 where there is such a fact, else 0.
    Share {
        /// The event's name.
        event: String,
        /// On which days.
        window: Window,
    },
    /// `last INDICATOR within SPAN`: the indicator as last measured; a yes is 1, a no is 0.
    Last {
        /// The indicator.
        indicator: Code,
        /// On which days.
        window: Window,
    },
}

/// The days from one to another, both among them: `within 90d`, `from 30d within 90d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first.
    pub from: Span,
    /// The last.
    pub within: Span,
}

impl Measure {
    /// The name of the event it speaks of, where it speaks of one.
    pub fn event(&self) -> Option<&str> {
        match self {
            Self::Count { event, .. } | Self::Share { event, .. } => Some(event),
            Self::Outcome | Self::NoOutcome | Self::Last { .. } => None,
        }
    }

    /// Whether it is 0 or 1 for each client.
    pub fn is_share(&self) -> bool {
        matches!(self, Self::Outcome | Self::NoOutcome | Self::Share { .. })
    }

    /// Its days, where it names any.
    pub fn window(&self) -> Option<Window> {
        match self {
            Self::Count { window, .. } | Self::Share { window, .. } | Self::Last { window, .. } => {
                Some(*window)
            }
            Self::Outcome | Self::NoOutcome => None,
        }
    }

    /// What is wrong with it, and the remedy.
    pub(super) fn check(&self, events: &Events) -> Result<(), (String, String)> {
        if let Some(name) = self.event() {
            events.get(name).map_err(|hint| (format!("`{name}` is no event"), hint))?;
        }
        match self.window() {
            Some(Window { from, within }) if from > within => {
                Err((format!("{from} is after {within}"), "write the earlier day first".into()))
            }
            _ => Ok(()),
        }
    }
}

/// A text that is no measure.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no measure; write `outcome`, `no outcome`, `count of EVENT within SPAN`, `share with EVENT within SPAN` \
     or `last INDICATOR within SPAN`, with `from SPAN` before `within` where the days begin later"
)]
pub struct InvalidMeasure(String);

impl FromStr for Measure {
    type Err = InvalidMeasure;

    fn from_str(text: &str) -> Result<Self, InvalidMeasure> {
        let invalid = || InvalidMeasure(text.chars().take(80).collect());
        let words: Vec<&str> = text.split_whitespace().collect();
        let window = |rest: &[&str]| {
            let span = |text: &str| text.parse().map_err(|_| invalid());
            match *rest {
                ["within", within] => Ok(Window { from: Span::default(), within: span(within)? }),
                ["from", from, "within", within] => Ok(Window { from: span(from)?, within: span(within)? }),
                _ => Err(invalid()),
            }
        };
        match words.as_slice() {
            ["outcome"] => Ok(Self::Outcome),
            ["no", "outcome"] => Ok(Self::NoOutcome),
            ["count", "of", event, rest @ ..] => {
                Ok(Self::Count { event: (*event).to_owned(), window: window(rest)? })
            }
            ["share", "with", event, rest @ ..] => {
                Ok(Self::Share { event: (*event).to_owned(), window: window(rest)? })
            }
            ["last", indicator, rest @ ..] => {
                let indicator = Code::new(indicator).map_err(|_| invalid())?;
                Ok(Self::Last { indicator, window: window(rest)? })
            }
            _ => Err(invalid()),
        }
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.from > Span::default() {
            write!(f, "from {} ", self.from)?;
        }
        write!(f, "within {}", self.within)
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outcome => f.write_str("outcome"),
            Self::NoOutcome => f.write_str("no outcome"),
            Self::Count { event, window } => write!(f, "count of {event} {window}"),
            Self::Share { event, window } => write!(f, "share with {event} {window}"),
            Self::Last { indicator, window } => write!(f, "last {indicator} {window}"),
        }
    }
}

impl Serialize for Measure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Measure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Measure;

    #[test]
    fn measures_are_read_as_they_are_written() {
        for text in [
            "outcome",
            "no outcome",
            "count of service within 90d",
            "share with service from 30d within 90d",
            "last income within 365d",
        ] {
            assert_eq!(text.parse::<Measure>().map(|measure| measure.to_string()), Ok(text.to_owned()));
        }
        for wrong in ["", "mean", "count of service", "share with within 90d", "last Income within 9d"] {
            assert!(wrong.parse::<Measure>().is_err(), "{wrong}");
        }
    }
}
