//! A TOML document with the line of everything in it, in the order it was written.

use std::ops::Range;

use jiff::civil::Date;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::fault::{Faults, nearest};

/// The longest mapping, in bytes.
pub(super) const BYTES_MAX: usize = 1024 * 1024;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub line: usize,
    pub value: Value,
}

/// What a value is.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Text(String),
    Integer(i64),
    Number(f64),
    Flag(bool),
    Date(Date),
    List(Vec<Node>),
    Table(Section),
    /// A value no mapping has a use for.
    Other,
}

/// A table; keys are taken out one by one, and what is left over is a fault.
#[derive(Debug, Clone)]
pub(super) struct Section {
    pub line: usize,
    pub entries: Vec<Entry>,
}

/// One key of a table.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub name: String,
    pub line: usize,
    pub node: Node,
}

/// Reads a document; faults of its grammar are added.
pub(super) fn read(text: &str, faults: &mut Faults) -> Option<Section> {
    if text.len() > BYTES_MAX {
        faults.add(
            1,
            format!("the mapping is longer than {BYTES_MAX} bytes"),
            "split it into one for each source",
        );
        return None;
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = Lines::of(text);
    match DeTable::parse(text) {
        Ok(table) => {
            let span = table.span();
            Some(lines.section(table.into_inner(), &span))
        }
        Err(error) => {
            let line = error.span().map_or(1, |span| lines.at(span.start));
            faults.add(line, error.message().trim().replace('\n', ", "), "write it as TOML 1.1");
            None
        }
    }
}

/// Where lines begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect())
    }

    fn at(&self, byte: usize) -> usize {
        self.0.partition_point(|end| *end < byte) + 1
    }

    fn section(&self, table: DeTable<'_>, span: &Range<usize>) -> Section {
        let mut entries: Vec<(usize, Entry)> = table
            .into_iter()
            .map(|(key, value)| {
                let start = key.span().start;
                let node = self.node(value);
                (start, Entry { name: key.into_inner().into_owned(), line: self.at(start), node })
            })
            .collect();
        entries.sort_by_key(|(start, _)| *start);
        Section { line: self.at(span.start), entries: entries.into_iter().map(|(_, entry)| entry).collect() }
    }

    fn node(&self, value: Spanned<DeValue<'_>>) -> Node {
        let span = value.span();
        let line = self.at(span.start);
        let value = match value.into_inner() {
            DeValue::String(text) => Value::Text(text.into_owned()),
            DeValue::Integer(number) => {
                i64::from_str_radix(number.as_str(), number.radix()).map_or(Value::Other, Value::Integer)
            }
            DeValue::Float(number) => number.as_str().parse().map_or(Value::Other, |number: f64| {
                if number.is_finite() { Value::Number(number) } else { Value::Other }
            }),
            DeValue::Boolean(flag) => Value::Flag(flag),
            DeValue::Datetime(told) => match (told.date, told.time) {
                (Some(date), None) => date.to_string().parse().map_or(Value::Other, Value::Date),
                _ => Value::Other,
            },
            DeValue::Array(items) => Value::List(items.into_iter().map(|item| self.node(item)).collect()),
            DeValue::Table(table) => Value::Table(self.section(table, &span)),
        };
        Node { line, value }
    }
}

impl Node {
    /// What kind of value it is, in words.
    pub const fn kind(&self) -> &'static str {
        match &self.value {
            Value::Text(_) => "a text",
            Value::Integer(_) | Value::Number(_) => "a number",
            Value::Flag(_) => "true or false",
            Value::Date(_) => "a date",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
            Value::Other => "a value of another kind",
        }
    }

    /// The text it is, or a fault.
    pub fn text(self, what: &str, faults: &mut Faults) -> Option<String> {
        if let Value::Text(text) = self.value {
            Some(text)
        } else {
            faults.add(self.line, format!("`{what}` is {}", self.kind()), "write a text in quotes");
            None
        }
    }

    /// The texts it lists, or the one it is.
    pub fn texts(self, what: &str, faults: &mut Faults) -> Vec<(String, usize)> {
        let items = match self.value {
            Value::List(items) => items,
            _ => vec![self],
        };
        let mut texts = Vec::new();
        for item in items {
            let line = item.line;
            texts.extend(item.text(what, faults).map(|text| (text, line)));
        }
        texts
    }

    /// The table it is, or a fault.
    pub fn section(self, what: &str, faults: &mut Faults) -> Option<Section> {
        if let Value::Table(section) = self.value {
            Some(section)
        } else {
            faults.add(self.line, format!("`{what}` is {}", self.kind()), "write a table: `{ … }`");
            None
        }
    }

    /// The tables it lists, or the one it is.
    pub fn sections(self, what: &str, faults: &mut Faults) -> Vec<Section> {
        match self.value {
            Value::List(items) => items.into_iter().filter_map(|item| item.section(what, faults)).collect(),
            _ => self.section(what, faults).into_iter().collect(),
        }
    }

    /// True or false, or a fault.
    pub fn flag(self, what: &str, faults: &mut Faults) -> Option<bool> {
        if let Value::Flag(flag) = self.value {
            Some(flag)
        } else {
            faults.add(self.line, format!("`{what}` is {}", self.kind()), "write `true` or `false`");
            None
        }
    }
}

impl Section {
    /// Takes a key out.
    pub fn take(&mut self, name: &str) -> Option<Node> {
        let at = self.entries.iter().position(|entry| entry.name == name)?;
        Some(self.entries.remove(at).node)
    }

    /// Whether it has this key still.
    pub fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.name == name)
    }

    /// Everything that was not taken out is a fault.
    pub fn close(self, what: &str, known: &[&str], faults: &mut Faults) {
        for entry in self.entries {
            let hint = nearest(&entry.name, known.iter().copied());
            faults.add(entry.line, format!("{what} has no key `{}`", entry.name), hint);
        }
    }
}
