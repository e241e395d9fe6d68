//! `history`: a journey's events, as recorded or as amended.

use anyhow::Result;
use serde::Serialize;
use serde_json::{Value as Json, json};
use throughline_domain::{Amendment, Event, EventId, Fact, Recorded};
use throughline_exchange::cloud_event;
use throughline_log::Closed;
use throughline_runtime::Life;

use super::{Context, Outcome, journey, known};
use crate::{args::History, operator, output::table};

/// How much of a fact's content a table shows.
const SHOWN_CHARS_MAX: usize = 96;

#[derive(Serialize)]
struct Shown {
    journey: String,
    version: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    merged_into: Option<String>,
    events: Vec<Json>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    closed: Vec<Closed>,
}

pub fn run(context: &Context, args: &History) -> Result<Outcome> {
    let opened = context.data.open_existing(context.clock.clone())?;
    let journey = journey(&*opened.log, &args.journey)?;
    let as_of = known(context, &*opened.log, args.as_of)?;
    let mut life = opened.runtime.life(journey, as_of)?;
    operator::reads(&context.data, &context.clock, journey, "history")?;
    if let Some(valid_at) = args.valid_at {
        life.facts.retain(|fact| fact.occurred.day() <= valid_at);
        life.recorded.retain(|recorded| recorded.draft.occurred.day() <= valid_at);
    }
    let events = if args.amended {
        life.facts.iter().map(fact_json).collect()
    } else {
        life.recorded.iter().map(cloud_event::to_json).collect()
    };
    let shown = Shown {
        journey: journey.to_string(),
        version: life.version.0,
        merged_into: life.merged_into.map(|kept| kept.to_string()),
        events,
        closed: life.closed.clone(),
    };
    context.output.result(&shown, || text(&life, args.amended))?;
    Ok(Outcome::Done)
}

fn text(life: &Life, amended: bool) -> String {
    let head = format!("journey {}, version {}\n", life.journey, life.version);
    let merged = life.merged_into.map(|kept| format!("merged into {kept}\n")).unwrap_or_default();
    let closed = match life.closed.len() {
        0 => String::new(),
        count => format!("{count} events can no longer be read: their keys were destroyed\n"),
    };
    let rows = if amended {
        let rows = life.facts.iter().map(|fact| {
            [
                fact.occurred.to_string(),
                fact.event.fact_name().into(),
                fact.eyes.to_string(),
                shown(&fact.event),
            ]
        });
        table(["occurred", "fact", "eyes", "what"], rows)
    } else {
        let rows = life.recorded.iter().map(|recorded| {
            let draft = &recorded.draft;
            [
                recorded.position.to_string(),
                draft.occurred.to_string(),
                recorded.recorded_at.strftime("%Y-%m-%d %H:%M").to_string(),
                draft.event.fact_name().into(),
                format!("{}{}", shown(&draft.event), mark(life, recorded)),
            ]
        });
        table(["position", "occurred", "recorded (UTC)", "fact", "what"], rows)
    };
    format!("{head}{merged}{closed}{rows}")
}

fn fact_json(fact: &Fact) -> Json {
    json!({
        "id": fact.id,
        "type": fact.event.type_name(),
        "occurred": fact.occurred,
        "eyes": fact.eyes,
        "actor": fact.actor,
        "facts": fact.event.facts_json(),
        "personal": fact.event.personal_json(),
    })
}

/// A fact's content on one line, cut to fit.
fn shown(event: &Event) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in [event.facts_json(), event.personal_json()] {
        if let Json::Object(fields) = part {
            parts.extend(fields.iter().map(|(name, value)| match value {
                Json::String(text) => format!("{name}={text}"),
                other => format!("{name}={other}"),
            }));
        }
    }
    let line = parts.join(" ").replace('\n', " ");
    if line.chars().count() <= SHOWN_CHARS_MAX {
        return line;
    }
    line.chars().take(SHOWN_CHARS_MAX - 1).chain(['…']).collect()
}

/// Says of a record that it was put right or taken back, and by which position.
fn mark(life: &Life, recorded: &Recorded) -> String {
    let by = |aims: fn(&Amendment) -> Option<EventId>| {
        life.recorded.iter().find(|other| match &other.draft.event {
            Event::Amendment(amendment) => aims(amendment) == Some(recorded.draft.event_id),
            _ => false,
        })
    };
    let corrected = by(|amendment| match amendment {
        Amendment::Corrected(corrected) => Some(corrected.event),
        _ => None,
    });
    let retracted = by(|amendment| match amendment {
        Amendment::Retracted(retracted) => Some(retracted.event),
        _ => None,
    });
    match (retracted, corrected) {
        (Some(other), _) => format!("  [taken back at {}]", other.position),
        (None, Some(other)) => format!("  [corrected at {}]", other.position),
        (None, None) => String::new(),
    }
}
