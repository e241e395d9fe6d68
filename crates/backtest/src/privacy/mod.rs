//! Small counts of people, and those they follow from, are withheld: once, on the page, before anything is rendered.
//!
//! A count below the limit is withheld. What adds up is then looked for: rows and columns with their totals, within a
//! table or on any other of the page. With these sums a [`Ledger`] says what else must be withheld. Whatever adds up by chance
//! is taken for a sum too, which can only withhold more. Numbers beside a withheld count go with it.

mod changes;
mod ledger;
mod steps;
mod sums;

use std::collections::HashSet;

use crate::page::{Cell, Form, Page, Section, Share, Table};
pub use ledger::{Count, Ledger, Piece, Settled};
pub use steps::SINCE;

/// The smallest limit: a spec may raise it and not lower it.
pub const MIN_CELL: u32 = 11;

/// A page of which everything that must not be seen is gone. Renderings take no other.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(transparent)]
pub struct Shown(Page);

impl Shown {
    /// The page.
    pub fn page(&self) -> &Page {
        &self.0
    }

    /// Whether anything is withheld.
    pub fn withholds(&self) -> bool {
        let mut cells = self.0.tables().flat_map(|table| table.rows.iter().flatten());
        cells.any(|cell| *cell == Cell::WITHHELD)
    }
}

impl Page {
    /// Every table.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.sections.iter().flat_map(|section| &section.tables)
    }

    /// Withholds counts of people from 1 to `min_cell` - 1, and what they follow from.
    pub fn withhold(mut self, min_cell: u32) -> Shown {
        let min_cell = u64::from(min_cell.max(MIN_CELL));
        for section in &mut self.sections {
            steps::thin(section, min_cell);
        }
        let withheld = {
            let tables: Vec<&Table> = self.tables().collect();
            let (counts, sums) = sums::of(&tables, min_cell);
            withheld(&counts, &sums)
        };
        let mut veil = Veil { withheld, table: 0, min_cell };
        for section in &mut self.sections {
            veil.draw_over(section);
        }
        Shown(self)
    }
}

/// Where a count stands: table of the page, row, column.
type Place = (usize, usize, usize);

/// What it costs to withhold a total, or any larger count.
const TOTAL_WEIGHT: u32 = 10_000;

/// Where counts stand that must be withheld: small ones, and what tells them. Parts go before totals, small before large.
fn withheld(counts: &sums::Counts, sums: &[sums::Sum]) -> HashSet<Place> {
    let placed: HashSet<usize> = counts.places().map(|(_, variable)| variable).collect();
    let of_placed =
        sums.iter().filter(|sum| sum.parts.len() > 1 && sum.parts.iter().all(|part| placed.contains(part)));
    let totals: HashSet<usize> = of_placed.map(|sum| sum.whole).collect();
    let mut ledger = Ledger::default();
    let noted: Vec<(Count, Piece)> = (0..counts.variables())
        .map(|variable| {
            let value = counts.value(variable);
            let size = u32::try_from(value).unwrap_or(TOTAL_WEIGHT).min(TOTAL_WEIGHT);
            let total = if totals.contains(&variable) { TOTAL_WEIGHT } else { 0 };
            let (count, piece) = (ledger.count(value), ledger.piece(None, total + size));
            if placed.contains(&variable) {
                ledger.write(count, piece);
            }
            if counts.is_sensitive(variable) {
                ledger.keep_secret(count);
                // That none of a few did is not shown either, and is no secret to a ledger.
                ledger.hide(piece);
            }
            (count, piece)
        })
        .collect();
    for sum in sums {
        let parts: Vec<Count> = sum.parts.iter().map(|part| noted[*part].0).collect();
        ledger.adds_up(&parts, &[noted[sum.whole].0]);
    }
    let settled = ledger.settle();
    counts
        .places()
        .filter(|(_, variable)| settled.hides(noted[*variable].1))
        .map(|(place, _)| place)
        .collect()
}

struct Veil {
    withheld: HashSet<Place>,
    table: usize,
    min_cell: u64,
}

impl Veil {
    fn draw_over(&mut self, section: &mut Section) {
        for table in &mut section.tables {
            let labels: Vec<bool> = (0..table.columns.len())
                .map(|column| {
                    column == 0 || section.figures.iter().any(|figure| is_along(&figure.form, table, column))
                })
                .collect();
            let few: Vec<(usize, Vec<usize>)> = sums::people(table)
                .into_iter()
                .filter(|(row, _)| self.withheld.contains(&(self.table, *row, sums::PEOPLE)))
                .collect();
            for (at, row) in table.rows.iter_mut().enumerate() {
                self.draw_over_row(at, row, &labels);
            }
            leave_out(table, &few);
            self.table += 1;
        }
    }

    /// Small in itself, whatever it adds up to.
    fn is_small(&self, cell: &Cell) -> bool {
        let small = |count: u64| (1..self.min_cell).contains(&count);
        match cell {
            Cell::Count(count) => small(*count),
            Cell::Share(Share { count, of }) => {
                small(*count) || small(*of) || small(of.saturating_sub(*count))
            }
            Cell::Person(_) | Cell::Text(_) | Cell::Number(_) | Cell::Withheld(_) | Cell::Empty(()) => false,
        }
    }

    fn draw_over_row(&self, at: usize, row: &mut [Cell], labels: &[bool]) {
        let mut hidden = false;
        for (column, cell) in row.iter_mut().enumerate() {
            if self.withheld.contains(&(self.table, at, column)) || self.is_small(cell) {
                *cell = Cell::WITHHELD;
                hidden = true;
            }
        }
        if hidden {
            let beside = row.iter_mut().zip(labels).filter(|(_, is_label)| !**is_label);
            for (cell, _) in beside {
                if matches!(cell, Cell::Number(_) | Cell::Share(_)) {
                    *cell = Cell::WITHHELD;
                }
            }
        }
    }
}

/// Leaves out rows of people, with one row in place of each group.
fn leave_out(table: &mut Table, few: &[(usize, Vec<usize>)]) {
    let mut at = 0;
    table.rows.retain_mut(|row| {
        let group = few.iter().find(|(_, rows)| rows.contains(&at));
        let is_first = group.is_none_or(|(first, _)| *first == at);
        if group.is_some() {
            let people = row.iter_mut().filter(|cell| matches!(cell, Cell::Person(_)));
            people.for_each(|cell| *cell = Cell::WITHHELD);
        }
        at += 1;
        is_first
    });
}

/// Whether a figure runs along this column, so that its numbers say where and not how many.
fn is_along(form: &Form, table: &Table, column: usize) -> bool {
    match form {
        Form::Steps { x, .. } | Form::Lines { x, .. } => table.columns.get(column) == Some(x),
        Form::Bars { .. } | Form::Intervals { .. } => false,
    }
}

#[cfg(test)]
mod tests;
