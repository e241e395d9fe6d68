//! `show`: what all views say of a journey on a day.

use anyhow::Result;
use jiff::civil::Date;
use serde_json::{Map, Value as Json, json};
use throughline_log::EventLog as _;

use super::{Context, Outcome, journey, known};
use crate::{args::Show, clock, operator, output};

/// How many entries of a long list people are shown; the last ones, which are the latest.
const ENTRIES_SHOWN: usize = 3;

pub fn run(context: &Context, args: &Show) -> Result<Outcome> {
    let opened = context.data.open_existing(context.clock.clone())?;
    if opened.runtime.applied() < opened.log.events() {
        // An answer of views that lag behind would be taken for what is known now.
        output::say("bringing the views up to date");
        opened.runtime.catch_up()?;
    }
    let journey = journey(&*opened.log, &args.journey)?;
    let on = args.on.unwrap_or_else(|| clock::today(&context.clock));
    let as_of = known(context, &*opened.log, args.as_of)?;
    let mut views = Map::new();
    let mut version = 0;
    for projector in opened.runtime.projectors().iter() {
        let wanted = args.view.as_deref().is_none_or(|view| view == projector.name());
        if wanted {
            let answer = opened.runtime.answer(projector.name(), journey, as_of, None, on)?;
            version = answer.version.0;
            views.insert(projector.name().to_owned(), answer.body);
        }
    }
    operator::reads(&context.data, &context.clock, journey, "views")?;
    let shown = json!({ "journey": journey, "version": version, "on": on, "views": views });
    context.output.result(&shown, || {
        let mut lines = vec![format!("journey {journey}, version {version}, on {}", date(on))];
        for (name, view) in &views {
            lines.extend([String::new(), name.to_uppercase()]);
            outline(&mut lines, view, 1);
        }
        lines.join("\n")
    })?;
    Ok(Outcome::Done)
}

fn date(on: Date) -> String {
    on.strftime("%-d %B %Y").to_string()
}

/// An answer as an indented outline; unset fields and empty lists are left out.
fn outline(lines: &mut Vec<String>, value: &Json, depth: usize) {
    let indent = "  ".repeat(depth);
    match value {
        Json::Object(fields) => {
            for (name, value) in fields.iter().filter(|(_, value)| !is_empty(value)) {
                let label = name.replace('_', " ");
                if let Some(line) = line(value) {
                    lines.push(format!("{indent}{label}: {line}"));
                } else {
                    lines.push(format!("{indent}{label}:"));
                    outline(lines, value, depth + 1);
                }
            }
        }
        Json::Array(entries) => {
            let hidden = entries.len().saturating_sub(ENTRIES_SHOWN);
            if hidden > 0 {
                lines.push(format!("{indent}… {hidden} earlier; --json shows all"));
            }
            for entry in &entries[hidden..] {
                lines.push(format!("{indent}-"));
                outline(lines, entry, depth + 1);
            }
        }
        other => lines.push(format!("{indent}{}", scalar(other))),
    }
}

/// What fits on one line: a single value, a list of them, a small object of them.
fn line(value: &Json) -> Option<String> {
    let plain = |value: &Json| !value.is_object() && !value.is_array();
    match value {
        Json::Array(entries) if entries.len() <= 8 && entries.iter().all(plain) => {
            Some(entries.iter().map(scalar).collect::<Vec<_>>().join(", "))
        }
        Json::Object(fields) if fields.len() <= 4 && fields.values().all(plain) => {
            let shown = fields.iter().filter(|(_, value)| !value.is_null());
            Some(
                shown
                    .map(|(name, value)| format!("{} {}", name.replace('_', " "), scalar(value)))
                    .collect::<Vec<_>>()
                    .join(", "),
            )
        }
        value if plain(value) => Some(scalar(value)),
        _ => None,
    }
}

fn scalar(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => format!("{float:.3}"),
            _ => number.to_string(),
        },
        other => other.to_string(),
    }
}

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Array(entries) => entries.is_empty(),
        Json::Object(fields) => fields.is_empty() || fields.values().all(Json::is_null),
        _ => false,
    }
}
