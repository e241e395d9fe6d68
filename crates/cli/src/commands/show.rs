//! `show`: what all views say of a journey on a day.

use anyhow::Result;
use jiff::civil::Date;
use serde_json::{Map, Value as Json, json};
use throughline_log::AsOf;

use super::{Context, Outcome, journey};
use crate::{args::Show, clock};

/// How many entries of a long list people are shown; the last ones, which are the latest.
const ENTRIES_SHOWN: usize = 3;

pub fn run(context: &Context, args: &Show) -> Result<Outcome> {
    let opened = context.data.open_existing(context.clock.clone())?;
    let journey = journey(&*opened.log, &args.journey)?;
    let on = args.on.unwrap_or_else(|| clock::today(&context.clock));
    let as_of = args.as_of.unwrap_or(AsOf::Now);
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
    if let Some(unknown) = args.view.as_deref().filter(|_| views.is_empty()) {
        opened.runtime.projectors().get(unknown)?;
    }
    let shown = json!({ "journey": journey, "version": version, "on": on, "views": views });
    context.output.result(&shown, || {
        let mut text = format!("journey {journey}, version {version}, on {}\n", date(on));
        for (name, view) in &views {
            text.push_str(&format!("\n{}\n", name.to_uppercase()));
            outline(&mut text, view, 1);
        }
        text
    })?;
    Ok(Outcome::Done)
}

fn date(on: Date) -> String {
    on.strftime("%-d %B %Y").to_string()
}

/// An answer as an indented outline; unset fields and empty lists are left out.
fn outline(text: &mut String, value: &Json, depth: usize) {
    let indent = "  ".repeat(depth);
    match value {
        Json::Object(fields) => {
            for (name, value) in fields.iter().filter(|(_, value)| !is_empty(value)) {
                let label = name.replace('_', " ");
                match line(value) {
                    Some(line) => text.push_str(&format!("{indent}{label}: {line}\n")),
                    None => {
                        text.push_str(&format!("{indent}{label}:\n"));
                        outline(text, value, depth + 1);
                    }
                }
            }
        }
        Json::Array(entries) => {
            let hidden = entries.len().saturating_sub(ENTRIES_SHOWN);
            if hidden > 0 {
                text.push_str(&format!("{indent}… {hidden} earlier; --json shows all\n"));
            }
            for entry in &entries[hidden..] {
                text.push_str(&format!("{indent}-\n"));
                outline(text, entry, depth + 1);
            }
        }
        other => text.push_str(&format!("{indent}{}\n", scalar(other))),
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
