//! `import explain`: the rows of a source beside the events they gave, in the order of life.

use std::collections::HashMap;

use anyhow::Result;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value as Json;
use throughline_domain::{Amendment, Event, EventId, LifeOrder, Recorded};
use throughline_log::AsOf;
use throughline_runtime::Life;

use super::{Context, Outcome, journey};
use crate::{operator, output::table};

/// How much of a fact's content a table shows.
const SHOWN_CHARS_MAX: usize = 72;

/// A journey, and where each of its facts comes from.
#[derive(Serialize)]
struct Explained {
    journey: String,
    /// Rows of sources that gave facts.
    rows: usize,
    /// Facts that stand.
    standing: usize,
    /// Events that can no longer be read, and so cannot be explained.
    closed: usize,
    facts: Vec<ExplainedFact>,
}

/// A fact, and what became of it.
#[derive(Serialize)]
struct ExplainedFact {
    #[serde(flatten)]
    told: Telling,
    /// Whether it stands today.
    stands: bool,
    /// Corrections and retractions of it, and retractions of those, in the order they were written down.
    amended: Vec<Telling>,
}

/// One event, and the row that gave it.
#[derive(Serialize)]
struct Telling {
    position: u64,
    event: EventId,
    occurred: String,
    recorded_at: String,
    fact: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<String>,
    /// The row's own key; gone where the personal key was destroyed.
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<String>,
    /// When the source says it recorded the row.
    #[serde(skip_serializing_if = "Option::is_none")]
    source_recorded_at: Option<Timestamp>,
    /// Why, for a correction or retraction.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    facts: Json,
}

pub fn run(context: &Context, named: &str) -> Result<Outcome> {
    let opened = context.data.open_existing(context.clock.clone())?;
    let journey = journey(&*opened.log, named)?;
    let life = opened.runtime.life(journey, AsOf::Now)?;
    operator::reads(&context.data, &context.clock, journey, "sources")?;
    let explained = explain(&life);
    context.output.result(&explained, || text(&explained))?;
    Ok(Outcome::Done)
}

fn explain(life: &Life) -> Explained {
    let mut by: HashMap<EventId, Vec<&Recorded>> = HashMap::new();
    for recorded in &life.recorded {
        if let Some(aim) = aim(recorded) {
            by.entry(aim).or_default().push(recorded);
        }
    }
    let mut facts: Vec<&Recorded> = life.recorded.iter().filter(|recorded| aim(recorded).is_none()).collect();
    facts.sort_by_cached_key(|recorded| {
        let draft = &recorded.draft;
        LifeOrder::of(draft.occurred, &draft.event, draft.event_id)
    });
    let stands = |id| life.facts.iter().any(|fact| fact.id == id);
    let facts: Vec<ExplainedFact> = facts
        .into_iter()
        .map(|recorded| ExplainedFact {
            told: Telling::of(recorded),
            stands: stands(recorded.draft.event_id),
            amended: amendments(recorded.draft.event_id, &by).into_iter().map(Telling::of).collect(),
        })
        .collect();
    let mut rows: Vec<_> = facts
        .iter()
        .filter_map(|fact| {
            Some((fact.told.system.as_deref()?, fact.told.table.as_deref()?, fact.told.row.as_deref()?))
        })
        .collect();
    rows.sort_unstable();
    rows.dedup();
    Explained {
        journey: life.journey.to_string(),
        rows: rows.len(),
        standing: facts.iter().filter(|fact| fact.stands).count(),
        closed: life.closed.len(),
        facts,
    }
}

/// The event that a correction or retraction is about.
fn aim(recorded: &Recorded) -> Option<EventId> {
    match &recorded.draft.event {
        Event::Amendment(Amendment::Corrected(corrected)) => Some(corrected.event),
        Event::Amendment(Amendment::Retracted(retracted)) => Some(retracted.event),
        _ => None,
    }
}

/// Corrections and retractions of an event, and of those, in the order they were written down.
fn amendments<'a>(event: EventId, by: &HashMap<EventId, Vec<&'a Recorded>>) -> Vec<&'a Recorded> {
    let (mut found, mut waiting): (Vec<&Recorded>, Vec<EventId>) = (Vec::new(), vec![event]);
    while let Some(next) = waiting.pop() {
        for recorded in by.get(&next).into_iter().flatten() {
            found.push(recorded);
            waiting.push(recorded.draft.event_id);
        }
    }
    found.sort_by_key(|recorded| recorded.position);
    found
}

impl Telling {
    fn of(recorded: &Recorded) -> Self {
        let draft = &recorded.draft;
        let source = draft.source.as_ref();
        let why = match &draft.event {
            Event::Amendment(Amendment::Corrected(corrected)) => Some(corrected.why.to_string()),
            Event::Amendment(Amendment::Retracted(retracted)) => Some(retracted.why.to_string()),
            _ => None,
        };
        let mut facts = draft.event.facts_json();
        // A correction is read by what the fact now says.
        if let Some(inner) = facts.get_mut("facts").map(Json::take) {
            facts = inner;
        }
        Self {
            position: recorded.position.0,
            event: draft.event_id,
            occurred: draft.occurred.to_string(),
            recorded_at: recorded.recorded_at.to_string(),
            fact: draft.event.fact_name(),
            system: source.map(|source| source.system.to_string()),
            table: source.map(|source| source.table.to_string()),
            row: source.and_then(|source| source.row.as_ref()).map(|row| row.as_str().to_owned()),
            source_recorded_at: source.and_then(|source| source.recorded_at),
            why,
            facts,
        }
    }

    /// Where it comes from: `services s2`.
    fn origin(&self) -> String {
        match (&self.table, &self.row) {
            (Some(table), Some(row)) => format!("{table} {row}"),
            (Some(table), None) => format!("{table} (key gone)"),
            (None, _) => "recorded here".to_owned(),
        }
    }

    fn said(&self) -> String {
        let Json::Object(fields) = &self.facts else { return String::new() };
        let parts = fields.iter().map(|(name, value)| match value {
            Json::String(text) => format!("{name}={text}"),
            other => format!("{name}={other}"),
        });
        let line = parts.collect::<Vec<_>>().join(" ");
        if line.chars().count() <= SHOWN_CHARS_MAX {
            return line;
        }
        line.chars().take(SHOWN_CHARS_MAX - 1).chain(['…']).collect()
    }
}

fn text(explained: &Explained) -> String {
    let closed = match explained.closed {
        0 => String::new(),
        closed => format!("{closed} events can no longer be read: their keys were destroyed\n"),
    };
    let head = format!(
        "journey {}: {} rows gave {} facts, of which {} stand\n{closed}",
        explained.journey,
        explained.rows,
        explained.facts.len(),
        explained.standing
    );
    let changed = |told: &Telling| {
        told.source_recorded_at.map_or_else(String::new, |at| at.strftime("%Y-%m-%d").to_string())
    };
    let mut rows = Vec::new();
    for fact in &explained.facts {
        let mark = if fact.stands { "" } else { "  [does not stand]" };
        rows.push([
            fact.told.origin(),
            changed(&fact.told),
            fact.told.occurred.clone(),
            fact.told.fact.to_owned(),
            format!("{}{mark}", fact.told.said()),
        ]);
        for amendment in &fact.amended {
            let why = amendment.why.as_deref().unwrap_or_default();
            let said = match amendment.fact {
                "corrected" => format!("{why}: {}", amendment.said()),
                _ => why.to_owned(),
            };
            rows.push([
                String::new(),
                changed(amendment),
                String::new(),
                format!("  {} at {}", amendment.fact, amendment.position),
                said,
            ]);
        }
    }
    head + &table(["row", "changed there", "occurred", "fact", "what"], rows)
}
