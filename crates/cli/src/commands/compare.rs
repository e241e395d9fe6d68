//! `compare`: what was learned of a journey between two moments, by whom and why.

use anyhow::Result;
use serde_json::Value as Json;
use throughline_access::Names;
use throughline_log::AsOf;
use throughline_replay::{
    Comparison, Moment,
    compare::{Change, ChangedBy, Lives},
};

use super::{Context, Outcome, journey, reached};
use crate::{args::Compare, clock, operator, output::table};

pub fn run(context: &Context, args: &Compare) -> Result<Outcome> {
    let opened = context.data.open_existing(context.clock.clone())?;
    let journey = journey(&*opened.log, &args.journey)?;
    let moment = |as_of: Option<AsOf>, remedy| -> Result<Moment> {
        let as_of = reached(context, &*opened.log, as_of, remedy)?;
        let said = match as_of {
            AsOf::Now => None,
            AsOf::Time(time) => Some(time.to_string()),
            AsOf::Position(position) => Some(position.to_string()),
        };
        Ok(Moment { as_of, said })
    };
    let from = moment(Some(args.from), "name an earlier moment with --from")?;
    let to = moment(args.to, "leave --to out for what is known now")?;
    let on = args.on.unwrap_or_else(|| clock::today(&context.clock));
    let lives = Lives::read(&opened.runtime, journey, from, to)?;
    let comparison = lives.compare(&opened.runtime, on, Names::Shown)?;
    operator::reads(&context.data, &context.clock, journey, "compare")?;
    context.output.result(&comparison, || text(&comparison))?;
    Ok(Outcome::Done)
}

fn text(comparison: &Comparison) -> String {
    let Comparison { journey, from, to, on, added, corrected, removed, views } = comparison;
    let moment = |known: &throughline_replay::compare::Known| {
        let as_of = known.as_of.as_deref().unwrap_or("now");
        let position = known.position.map_or_else(|| "nothing".to_owned(), |last| format!("position {last}"));
        format!("{as_of} ({position}, version {})", known.version)
    };
    let mut lines = vec![format!("journey {journey}: {} against {}", moment(from), moment(to))];
    if added.is_empty() && corrected.is_empty() && removed.is_empty() && views.is_empty() {
        lines.push("nothing differs".to_owned());
    }
    section(&mut lines, "ADDED", added.len());
    lines.extend(added.iter().map(|event| format!("  {}", told(event))));
    section(&mut lines, "CORRECTED", corrected.len());
    for change in corrected {
        lines.push(format!("  {}", told(&change.before)));
        lines.extend(fields(change));
        lines.extend(change.by.as_ref().map(by));
    }
    section(&mut lines, "REMOVED", removed.len());
    for change in removed {
        lines.push(format!("  {}", told(&change.before)));
        lines
            .push(change.by.as_ref().map_or_else(|| "    its key was destroyed, or it moved".to_owned(), by));
    }
    section(&mut lines, &format!("VIEWS ON {on}"), views.len());
    for view in views {
        let rows = view
            .fields
            .iter()
            .map(|field| [field.pointer.clone(), shown(field.before.as_ref()), shown(field.after.as_ref())]);
        lines.push(format!("  {}", view.view));
        lines.push(table(["field", "before", "after"], rows));
        if view.more {
            lines.push("  … and more".to_owned());
        }
    }
    lines.join("\n")
}

fn section(lines: &mut Vec<String>, name: &str, count: usize) {
    if count > 0 {
        lines.extend([String::new(), name.to_owned()]);
    }
}

/// An event in a line: when, what, where.
fn told(event: &Json) -> String {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let name = text(&event["type"]);
    let name = name.split('.').nth(2).unwrap_or_default().replace('-', " ");
    format!(
        "{}  {name}  (position {}, by {})",
        text(&event["data"]["occurred"]),
        event["position"],
        text(&event["data"]["actor"])
    )
}

/// What a correction changed.
fn fields(change: &Change) -> Vec<String> {
    let Some(after) = &change.after else { return Vec::new() };
    throughline_replay::differences(&change.before["data"], &after["data"])
        .iter()
        .map(|field| {
            format!(
                "    {}: {} → {}",
                field.pointer,
                shown(field.before.as_ref()),
                shown(field.after.as_ref())
            )
        })
        .collect()
}

fn by(by: &ChangedBy) -> String {
    let why = by.why.as_ref().map_or("no reason given", |why| why.as_str());
    format!("    at position {} by {}, {}: {why}", by.position, by.actor, by.recorded_at)
}

fn shown(value: Option<&Json>) -> String {
    match value {
        None => "—".to_owned(),
        Some(Json::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
