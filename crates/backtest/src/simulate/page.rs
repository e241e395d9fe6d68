//! A simulation, laid out.

use crate::{
    causal::page::{section, table, text, way},
    page::{Cell, Page},
};

use super::SimulateReport;

impl SimulateReport {
    /// Its sections: what would follow, what it rests on, every corner.
    pub fn page(&self) -> Page {
        let words =
            ["No figure here was observed. Each holds only if all the assumptions beside it do.".to_owned()];
        let mut follows = section("What would follow", &words);
        let rows = self.results.iter().map(|it| {
            let (low, high) = (Cell::Number(it.range.low()), Cell::Number(it.range.high()));
            let about = [self.badly, self.unknown].map(Cell::Count);
            let row = [text(&it.name), low, high, text(&it.unit), text(&it.range.assumptions().join("; "))];
            row.into_iter().chain(about).collect()
        });
        // The ranges are multiples of these counts, so they are withheld with them.
        let columns = ["what", "least", "most", "unit", "if", "went badly", "not known"];
        follows.tables.push(table("results", "From the least to the most", &columns, rows.collect()));

        let mut rests = section("What it rests on", &[]);
        let counts = [
            ("in the cohort", self.entered),
            ("for whom it went badly", self.badly),
            ("for whom it went well", self.well),
            ("of whom it is not known", self.unknown),
            ("entered too late", self.immature),
            ("erased", self.erased),
        ];
        let rows = counts.iter().map(|(name, count)| vec![text(name), Cell::Count(*count)]).collect();
        rests.tables.push(table("people", "By the record", &["who", "clients"], rows));
        let rows = self.assumptions.iter().map(|it| {
            let label = [text(it.about.name()), text(&it.says)];
            label.into_iter().chain([it.low, it.high].map(Cell::Number)).collect()
        });
        let columns = ["about", "what is assumed", "least", "most"];
        rests.tables.push(table("assumptions", "Assumptions", &columns, rows.collect()));

        let mut corners = section("Every corner", &[]);
        let names = self.assumptions.iter().map(|it| it.about.name());
        let columns: Vec<&str> = names
            .chain([
                "unknown",
                "changed",
                "reached in all",
                "cost in all",
                "cost of each",
                "went badly",
                "not known",
            ])
            .collect();
        let rows = self.corners.iter().map(|it| {
            let at = it.at.iter().map(|value| Cell::Number(*value));
            let maybe = |value: Option<f64>| value.map_or(Cell::Empty(()), Cell::Number);
            let figures =
                [Cell::Number(it.changed), Cell::Number(it.reached), maybe(it.cost), maybe(it.cost_each)];
            let about = [self.badly, self.unknown].map(Cell::Count);
            at.chain([text(way(it.unknown))]).chain(figures).chain(about).collect()
        });
        corners.tables.push(table("corners", "Each assumption at one of its ends", &columns, rows.collect()));
        Page { title: format!("What if? {}", self.outcome), sections: vec![follows, rests, corners] }
    }
}
