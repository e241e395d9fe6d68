//! What is wrong with a spec, with its line and the remedy.

use throughline_domain::vocabulary::distance;
use toml::de::{DeTable, DeValue};

/// A spec that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}; {hint}")]
pub struct InvalidSpec {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub hint: String,
}

impl InvalidSpec {
    pub(super) fn new(line: usize, problem: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { line, problem: problem.into(), hint: hint.into() }
    }
}

/// Finds the lines of a spec by the names of what stands there.
pub(super) struct Lines<'a>(&'a str);

impl<'a> Lines<'a> {
    pub fn of(text: &'a str) -> Self {
        Self(text)
    }

    /// The line of a byte.
    pub fn at(&self, byte: usize) -> usize {
        self.0.bytes().take(byte).filter(|byte| *byte == b'\n').count() + 1
    }

    /// The line of the value at this path, or of the last table on the way that is there.
    pub fn find(&self, path: &[&str]) -> usize {
        let Ok(table) = DeTable::parse(self.0) else { return 1 };
        let mut line = 1;
        let mut table = table.into_inner();
        for name in path {
            let found = table.into_iter().find(|(key, _)| key.get_ref() == name);
            let Some((key, value)) = found else { return line };
            line = self.at(key.span().start);
            match value.into_inner() {
                DeValue::Table(inner) => table = inner,
                _ => return line,
            }
        }
        line
    }
}

/// The known name that a misspelt one is nearest to, if it is near to any.
pub(super) fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let name = name.to_lowercase();
    let best = known.into_iter().map(|one| (distance(&name, one), one)).min()?;
    (best.0 * 2 <= name.len()).then_some(best.1)
}

/// What the reader of TOML says, as a problem and a remedy.
pub(super) fn explained(message: &str) -> (String, String) {
    let message = message.trim().replace('\n', ", ");
    let quoted = quoted(&message);
    let said = |problem: &str, hint: &str| (problem.to_owned(), hint.to_owned());
    if let Some(split) = message.find("; write ").or_else(|| message.find(": write ")) {
        return said(&message[..split], &message[split + 2..]);
    }
    match (message.split('`').next().unwrap_or_default(), &*quoted) {
        ("unknown field ", [name, known @ ..]) => {
            let near = nearest(name, known.iter().copied());
            let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
            (format!("there is no field `{name}` here"), format!("{near}known are {}", known.join(", ")))
        }
        ("unknown variant ", [name, known @ ..]) => {
            let near = nearest(name, known.iter().copied());
            let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
            (
                format!("`{name}` is none of the words that may stand here"),
                format!("{near}write {}", or(known)),
            )
        }
        ("missing field ", [name]) => (format!("`{name}` is missing"), missing(name)),
        ("duplicate key", _) => said(&message, "write it once"),
        _ => (message.clone(), remedy(&message).to_owned()),
    }
}

fn quoted(message: &str) -> Vec<&str> {
    message.split('`').skip(1).step_by(2).collect()
}

fn or(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" or ")
}

/// What to write for a field that must be there.
fn missing(name: &str) -> String {
    let example = match name {
        "version" => "version = 1",
        "kind" => "kind = \"alert\"",
        "question" => "question = \"Would two missed check-ins have warned us?\"",
        "history" => "[history]",
        "cohort" => "[cohort]",
        "outcome" => "[outcome]",
        "enter" => "enter = \"enrolled\"",
        "name" => "name = \"dropped out\"",
        "when" => "when = \"no service for 14d\"",
        "candidate" => "candidate = \"missed_run >= 2\"",
        _ => return format!("write `{name} = …`; docs/backtest.md says what it takes"),
    };
    format!("write `{example}`")
}

/// What to write where something else was expected.
fn remedy(message: &str) -> &'static str {
    let is_about = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if is_about(&["timestamp", "time component"]) {
        "write a time in quotes, such as `\"2025-06-30T00:00:00Z\"`"
    } else if is_about(&["parsed date", "parse date", "expected a date", "failed to find"]) {
        "write a day in quotes, such as `\"2024-06-30\"`"
    } else if is_about(&["tuple of size 2"]) {
        "write two in brackets: the first and the last"
    } else if is_about(&["expected a sequence"]) {
        "write a list in brackets: `[\"one\", \"another\"]`"
    } else if is_about(&["expected u32", "expected u64", "expected f64", "expected usize"]) {
        "write a number without quotes, 0 or more"
    } else if is_about(&["expected a string", "must be quoted", "basic string", "literal string"]) {
        "write it in double quotes on one line"
    } else if is_about(&["expected a boolean"]) {
        "write `true` or `false` without quotes"
    } else if is_about(&["unclosed table"]) {
        "close the brackets of the section's name: `[history]`"
    } else {
        "docs/backtest.md names every field; the form is that of TOML"
    }
}
