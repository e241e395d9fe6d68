//! What is wrong with a mapping: every fault at once, each with its line and the remedy.

use std::fmt;

/// One thing wrong with a mapping.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The line of the mapping, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub hint: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}; {}", self.line, self.problem, self.hint)
    }
}

/// A mapping that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct InvalidMapping {
    /// Everything that is wrong with it, in the order of its lines.
    pub faults: Vec<Fault>,
}

impl fmt::Display for InvalidMapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.faults.len();
        write!(f, "the mapping has {count} fault{}", if count == 1 { "" } else { "s" })?;
        self.faults.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

/// Faults as they are found.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    pub fn add(&mut self, line: usize, problem: impl Into<String>, hint: impl Into<String>) {
        self.0.push(Fault { line, problem: problem.into(), hint: hint.into() });
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Everything found, or what was asked for where nothing was.
    pub fn or<T>(mut self, value: Option<T>) -> Result<T, InvalidMapping> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => {
                self.0.sort();
                self.0.dedup();
                Err(InvalidMapping { faults: self.0 })
            }
        }
    }
}

/// The known name that is nearest to a misspelt one, as a hint.
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let wanted = name.to_ascii_lowercase();
    let best = known.iter().map(|one| (distance(&wanted, &one.to_ascii_lowercase()), *one)).min();
    match best {
        Some((steps, one)) if steps * 2 <= name.chars().count() => format!("did you mean `{one}`?"),
        _ => format!("it can be {}", list(&known)),
    }
}

fn list(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(30).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > shown.len() { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// Letters to add, drop or change between two words (Levenshtein); long words count as far apart.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(80).collect(), b.chars().take(80).collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let change = corner + usize::from(left != right);
            corner = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_finds_its_word() {
        assert_eq!(distance("colum", "column"), 1);
        assert_eq!(nearest("colum", ["column", "lookup"]), "did you mean `column`?");
        assert_eq!(nearest("xyz", ["column", "lookup"]), "it can be `column`, `lookup`");
    }
}
