//! A remeasure, laid out.

use crate::{
    causal::page::{guards, section, table, text, way},
    page::{Cell, Page},
    spec::Counting,
};

use super::RemeasureReport;

impl RemeasureReport {
    /// Its sections: both ways to count, who changes.
    pub fn page(&self) -> Page {
        let words = [
            format!("As it is counted: {}.", in_words(&self.now)),
            format!("As it would be counted: {}.", in_words(&self.instead)),
            "Both are counts of the same history: there is nothing to estimate, and no interval.".to_owned(),
        ];
        let mut moved = section("From which status to which", &words);
        let rows = self
            .transitions
            .iter()
            .map(|it| vec![text(it.now.name()), text(it.instead.name()), Cell::Count(it.clients)]);
        let columns = ["as it is counted", "as it would be", "clients"];
        moved.tables.push(table("transitions", "Clients by status, both ways", &columns, rows.collect()));

        let rows = self.shares.iter().map(|it| {
            let which = if it.instead { "as it would be counted" } else { "as it is counted" };
            vec![text(&format!("{which} ({})", way(it.unknown))), Cell::Count(it.held), Cell::Count(it.of)]
        });
        let columns = ["way to count", "hold", "of"];
        moved.tables.push(table("held", "How many hold", &columns, rows.collect()));
        let people =
            [("in the cohort", self.entered), ("entered too late", self.immature), ("erased", self.erased)];
        let rows = people.iter().map(|(name, count)| vec![text(name), Cell::Count(*count)]).collect();
        moved.tables.push(table("people", "Who was looked at", &["who", "clients"], rows));
        if !self.guards.is_empty() {
            moved.tables.push(guards(&self.guards));
        }

        let rows = self.changed.iter().map(|it| {
            vec![Cell::Person(it.journey.to_string()), text(it.now.name()), text(it.instead.name())]
        });
        let columns = ["journey", "as it is counted", "as it would be"];
        let mut changed = section("Whose status changes", &[]);
        changed.tables.push(table("changed", "Journeys, by their ids", &columns, rows.collect()));
        Page { title: format!("Counted another way: {}", self.outcome), sections: vec![moved, changed] }
    }
}

fn in_words(counting: &Counting) -> String {
    let parts = [
        counting.when.as_ref().map(|when| format!("when {when}")),
        counting.holds.map(|span| format!("it must hold for {span}")),
        counting.missing.map(|unknown| way(unknown).to_owned()),
        counting.check_ins_every.map(|every| format!("check-ins at least {every} apart")),
        counting.require.as_ref().map(|require| format!("only those with {require}")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "as the outcome says".to_owned() } else { parts.join(", ") }
}
