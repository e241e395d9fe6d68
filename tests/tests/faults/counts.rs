//! What was done and what was found, counted; and words that are seen even where tests are quiet.

use std::{
    collections::BTreeMap,
    io::Write as _,
    sync::{Mutex, PoisonError},
};

/// How often what was done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<String, u64>);

/// All counts of this process.
static ALL: Mutex<Counts> = Mutex::new(Counts(BTreeMap::new()));

impl Counts {
    /// Counts one.
    pub fn one(&mut self, what: impl Into<String>) {
        self.many(what, 1);
    }

    /// Counts several.
    pub fn many(&mut self, what: impl Into<String>, count: u64) {
        *self.0.entry(what.into()).or_default() += count;
    }

    /// Adds others.
    pub fn add(&mut self, others: &Self) {
        for (what, count) in &others.0 {
            self.many(what.clone(), *count);
        }
    }

    /// Adds these to those of the process.
    pub fn keep(&self) {
        ALL.lock().unwrap_or_else(PoisonError::into_inner).add(self);
    }

    /// Shows them.
    pub fn show(&self, title: &str) {
        say(&format!("{title}\n{}", self.table()));
    }

    /// One line each.
    pub fn table(&self) -> String {
        self.0.iter().fold(String::new(), |table, (what, count)| format!("{table}  {count:>9}  {what}\n"))
    }

    /// What another process showed as its table.
    pub fn read(table: &str) -> Self {
        let mut counts = Self::default();
        for (count, what) in table.lines().filter_map(|line| line.trim().split_once("  ")) {
            counts.many(what, count.parse().unwrap_or_default());
        }
        counts
    }

    /// All counts of this process so far.
    pub fn all() -> Self {
        ALL.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Says something that is seen even where the test runner keeps back what tests print.
pub fn say(text: &str) {
    let mut out = std::io::stderr().lock();
    let _ = writeln!(out, "{text}");
}

/// Says loudly that something was not tested here.
pub fn skipped(what: &str, why: &str) {
    say(&format!("SKIPPED: {what}: {why}"));
}
