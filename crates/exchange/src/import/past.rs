//! What the log knows of earlier imports: which facts were amended since, and how new their sources were.

use std::collections::HashSet;

use jiff::Timestamp;
use throughline_domain::{Amendment, Code, Event, EventId, Position, Programme};
use throughline_log::{AsOf, EventLog};

use super::{Error, finished};

/// Earlier imports.
#[derive(Debug, Default)]
pub(super) struct Past {
    /// Every event that was ever corrected or taken back: only these can stand otherwise than they were written.
    pub amended: HashSet<EventId>,
    /// Where each finished import of this source ends in the log, and when its source was made.
    finished: Vec<(Position, Timestamp)>,
    /// Whether the log held anything when this import began.
    pub is_empty: bool,
}

impl Past {
    /// Reads the log once; one that is empty costs nothing.
    pub fn read(log: &dyn EventLog, system: &Code) -> Result<Self, Error> {
        let events = log.events();
        let mut past = Self { is_empty: events == 0, ..Self::default() };
        if past.is_empty {
            return Ok(past);
        }
        log.scan(events, &|_| true, &mut |history, _| {
            for known in history.events {
                match known.draft.event {
                    Event::Amendment(Amendment::Corrected(corrected)) => past.amended.insert(corrected.event),
                    Event::Amendment(Amendment::Retracted(retracted)) => past.amended.insert(retracted.event),
                    _ => continue,
                };
            }
            Ok(())
        })?;
        for known in log.read_journey(finished::stream(log.namespace()), AsOf::Now)?.events {
            if let Event::Programme(Programme::ImportFinished(told)) = &known.draft.event
                && told.source == *system
                && let Some(made) = told.made
            {
                past.finished.push((known.position, made));
            }
        }
        Ok(past)
    }

    /// When the source of what stands at this position was made: that of the next import of this source to end.
    pub fn made(&self, position: Position) -> Option<Timestamp> {
        self.finished.iter().find(|(end, _)| *end > position).map(|(_, made)| *made)
    }

    /// When the newest source imported so far was made.
    pub fn newest(&self) -> Option<Timestamp> {
        self.finished.iter().map(|(_, made)| *made).max()
    }
}
