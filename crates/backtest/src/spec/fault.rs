//! What is wrong with a spec, with its line and the remedy.

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
