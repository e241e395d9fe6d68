//! Which counts of a page add up to which.

use std::collections::{BTreeMap, HashMap};

use super::Place;
use crate::page::{Cell, Share, Table};

/// The column under which a row stands for a count of people that are listed one by one.
pub(super) const PEOPLE: usize = usize::MAX;
/// Rows with more counts are looked at as a whole only.
const COLUMNS_MAX: usize = 6;
/// Tables with more rows are looked at as a whole only.
const ROWS_MAX: usize = 200;

/// The counts of a page, those behind its shares too. Counts that are one and the same are one variable.
#[derive(Debug, Default)]
pub(super) struct Counts {
    values: Vec<u64>,
    /// Small, or what is left of a share is.
    sensitive: Vec<bool>,
    at: BTreeMap<Place, usize>,
    /// What nobody wrote down: what is left of one count beside another that is a part of it.
    rests: Vec<Sum>,
}

/// Counts that add up: the variable of the whole, and those of its parts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sum {
    pub whole: usize,
    pub parts: Vec<usize>,
}

impl Counts {
    pub fn value(&self, variable: usize) -> u64 {
        self.values[variable]
    }

    pub fn variables(&self) -> usize {
        self.values.len()
    }

    pub fn places(&self) -> impl Iterator<Item = (Place, usize)> + '_ {
        self.at.iter().map(|(place, variable)| (*place, *variable))
    }

    pub fn is_sensitive(&self, variable: usize) -> bool {
        self.sensitive[variable]
    }

    /// A large count that stands in two tables is taken for the same, a small one where its row and column are named
    /// the same: were it another, the page would only be taken to tell more than it does.
    fn of(tables: &[&Table], min_cell: u64) -> Self {
        let mut counts = Self::default();
        let is_small = |count: u64| (1..min_cell).contains(&count);
        let mut known: HashMap<(u64, String), (usize, usize)> = HashMap::new();
        for (at, row, column, cell) in cells(tables) {
            let Cell::Count(value) = *cell else { continue };
            let name = if is_small(value) { named(tables[at], row, column) } else { String::new() };
            let same = known.get(&(value, name.clone())).filter(|(_, home)| *home != at);
            let variable = match same {
                Some((variable, _)) => *variable,
                None => counts.add(value, is_small(value)),
            };
            known.entry((value, name)).or_insert((variable, at));
            counts.at.insert((at, row, column), variable);
        }
        for (at, table) in tables.iter().enumerate() {
            for (row, people) in people(table) {
                let value = people.len() as u64;
                let same = known.get(&(value, String::new())).filter(|_| !is_small(value));
                let variable = match same {
                    Some((variable, _)) => *variable,
                    None => counts.add(value, is_small(value)),
                };
                counts.at.insert((at, row, PEOPLE), variable);
            }
        }
        for (at, row, column, cell) in cells(tables) {
            let Cell::Share(Share { count, of }) = *cell else { continue };
            let beside = counts.at.range((at, row, 0)..(at, row + 1, 0)).map(|(_, variable)| *variable);
            let same = beside.into_iter().find(|variable| counts.values[*variable] == count);
            let variable = same.or_else(|| known.get(&(count, String::new())).map(|(variable, _)| *variable));
            let variable = variable.unwrap_or_else(|| counts.add(count, false));
            counts.sensitive[variable] |=
                is_small(count) || is_small(of) || is_small(of.saturating_sub(count));
            counts.at.insert((at, row, column), variable);
        }
        counts
    }

    /// Notes what is left of a count beside a part of it: a secret where that is few, and never less than nobody.
    fn rest(&mut self, whole: usize, part: usize, min_cell: u64) {
        let rest = self.values[whole].saturating_sub(self.values[part]);
        if whole != part {
            let rest = (rest > 0).then(|| self.add(rest, rest < min_cell));
            self.rests.push(Sum { whole, parts: [part].into_iter().chain(rest).collect() });
        }
    }

    fn add(&mut self, value: u64, sensitive: bool) -> usize {
        self.values.push(value);
        self.sensitive.push(sensitive);
        self.values.len() - 1
    }
}

/// Every cell but those of curves in steps, which were thinned until none is of few.
fn cells<'a>(tables: &'a [&Table]) -> impl Iterator<Item = (usize, usize, usize, &'a Cell)> + 'a {
    let told =
        tables.iter().enumerate().filter(|(_, table)| !table.columns.iter().any(|name| name == super::SINCE));
    told.flat_map(|(at, table)| {
        table.rows.iter().enumerate().flat_map(move |(row, cells)| {
            cells.iter().enumerate().map(move |(column, cell)| (at, row, column, cell))
        })
    })
}

/// Rows of people, by the first row of those that say the same.
pub(super) fn people(table: &Table) -> BTreeMap<usize, Vec<usize>> {
    let mut groups: Vec<(Vec<&Cell>, Vec<usize>)> = Vec::new();
    for (at, row) in table.rows.iter().enumerate() {
        if !row.iter().any(|cell| matches!(cell, Cell::Person(_))) {
            continue;
        }
        let said: Vec<&Cell> = row.iter().filter(|cell| !matches!(cell, Cell::Person(_))).collect();
        match groups.iter_mut().find(|(known, _)| *known == said) {
            Some((_, rows)) => rows.push(at),
            None => groups.push((said, vec![at])),
        }
    }
    groups.into_iter().map(|(_, rows)| (rows[0], rows)).collect()
}

fn named(table: &Table, row: usize, column: usize) -> String {
    let label = table.rows[row].iter().find_map(|cell| match cell {
        Cell::Text(text) => Some(text.as_str()),
        _ => None,
    });
    format!("{}\u{0}{}", label.unwrap_or_default(), table.columns.get(column).map_or("", String::as_str))
}

/// The counts of these tables, and everything that adds up among them.
pub(super) fn of(tables: &[&Table], min_cell: u64) -> (Counts, Vec<Sum>) {
    let mut counts = Counts::of(tables, min_cell);
    for (at, table) in tables.iter().enumerate() {
        rests(at, table, &mut counts, min_cell);
    }
    let mut elsewhere: HashMap<u64, Vec<(usize, usize)>> = HashMap::new();
    for ((at, _, _), variable) in counts.places() {
        elsewhere.entry(counts.value(variable)).or_default().push((at, variable));
    }
    let mut sums = counts.rests.clone();
    for (at, table) in tables.iter().enumerate() {
        let is_count = |cell: &Cell| matches!(cell, Cell::Count(_));
        let is_share = |cell: &Cell| matches!(cell, Cell::Share(_));
        for grid in [Grid::of(at, table, &counts, is_count), Grid::of(at, table, &counts, is_share)] {
            grid.add_up_rows(&mut sums);
            grid.add_up_columns(&mut sums);
            for parts in grid.groups(table) {
                let total: u64 = parts.iter().map(|part| counts.value(*part)).sum();
                let wholes = elsewhere.get(&total).into_iter().flatten();
                // A small whole is never shown, and small numbers are alike by chance.
                let wholes = wholes.filter(|(other, _)| *other != at && total >= min_cell);
                sums.extend(wholes.map(|(_, whole)| Sum { whole: *whole, parts: parts.clone() }));
            }
        }
    }
    sums.retain(|sum| !sum.parts.contains(&sum.whole));
    sums.sort_unstable();
    sums.dedup();
    (counts, sums)
}

/// Notes what is left between counts that lie within each other: a column that no row has more of than of another, and
/// counts that only grow, or only fall, along the numbers of a first column.
fn rests(at: usize, table: &Table, counts: &mut Counts, min_cell: u64) {
    let grid = Grid::of(at, table, counts, |cell| matches!(cell, Cell::Count(_)));
    let mut within = Vec::new();
    let explicit = grid.column_sums();
    for whole in &grid.columns {
        // Parts that are told beside their whole are looked after one by one, and do not lie within each other.
        let is_told = |part: &usize| {
            explicit.iter().any(|(sum, run)| run.contains(part) && (sum == whole || run.contains(whole)))
        };
        for part in grid.columns.iter().filter(|part| *part != whole && !is_told(part)) {
            let both = || grid.rows.iter().filter_map(|row| grid.both((*row, *whole), (*row, *part)));
            if both().all(|(whole, part)| counts.value(part) <= counts.value(whole)) {
                within.extend(both());
            }
        }
        for run in along(table) {
            let steps: Vec<(usize, usize)> =
                run.windows(2).filter_map(|rows| grid.both((rows[1], *whole), (rows[0], *whole))).collect();
            let grows = |(later, earlier): &(usize, usize)| counts.value(*later) >= counts.value(*earlier);
            if steps.iter().all(grows) {
                within.extend(steps);
            } else if !steps.iter().any(|step| grows(step) && counts.value(step.0) != counts.value(step.1)) {
                within.extend(steps.into_iter().map(|(later, earlier)| (earlier, later)));
            }
        }
    }
    for (whole, part) in within {
        counts.rest(whole, part, min_cell);
    }
}

/// Rows that say the same in words, in the order of a number in one of their first two columns. None where there is no
/// such number.
fn along(table: &Table) -> Vec<Vec<usize>> {
    let number = |row: usize| {
        table.rows[row].iter().take(2).find_map(|cell| match cell {
            Cell::Number(value) => Some(*value),
            _ => None,
        })
    };
    let words = |row: usize| -> Vec<&Cell> {
        table.rows[row].iter().filter(|cell| matches!(cell, Cell::Text(_))).collect()
    };
    let mut runs: Vec<Vec<usize>> = Vec::new();
    for row in (0..table.rows.len()).filter(|row| number(*row).is_some()) {
        match runs.iter_mut().find(|run| words(run[0]) == words(row)) {
            Some(run) => run.push(row),
            None => runs.push(vec![row]),
        }
    }
    for run in &mut runs {
        run.sort_by(|one, other| number(*one).unwrap_or(0.0).total_cmp(&number(*other).unwrap_or(0.0)));
    }
    runs
}

/// The counts of one table, by row and by column.
struct Grid<'a> {
    counts: &'a Counts,
    /// Columns with a count in any row.
    columns: Vec<usize>,
    /// Rows with a count in any of these columns.
    rows: Vec<usize>,
    at: usize,
}

impl<'a> Grid<'a> {
    fn of(at: usize, table: &Table, counts: &'a Counts, is_meant: fn(&Cell) -> bool) -> Self {
        let is_count = |row: usize, column: usize| table.rows[row].get(column).is_some_and(is_meant);
        let rows = 0..table.rows.len();
        let columns: Vec<usize> = (0..table.columns.len())
            .filter(|column| rows.clone().any(|row| is_count(row, *column)))
            .collect();
        let rows = rows.filter(|row| columns.iter().any(|column| is_count(*row, *column))).collect();
        Self { counts, columns, rows, at }
    }

    fn variable(&self, row: usize, column: usize) -> Option<usize> {
        self.counts.at.get(&(self.at, row, column)).copied()
    }

    fn both(&self, one: (usize, usize), other: (usize, usize)) -> Option<(usize, usize)> {
        Some((self.variable(one.0, one.1)?, self.variable(other.0, other.1)?))
    }

    fn value(&self, row: usize, column: usize) -> Option<u64> {
        self.variable(row, column).map(|variable| self.counts.value(variable))
    }

    /// A row that is the sum of those right above or right below it, in every column.
    fn add_up_rows(&self, sums: &mut Vec<Sum>) {
        if self.rows.len() > ROWS_MAX {
            return;
        }
        let add = |row: usize, run: &[usize], sums: &mut Vec<Sum>| {
            if !self
                .columns
                .iter()
                .all(|column| self.is_sum(run.iter().map(|part| (*part, *column)), (row, *column)))
            {
                return;
            }
            for column in &self.columns {
                let parts = run.iter().filter_map(|part| self.variable(*part, *column)).collect();
                sums.extend(self.variable(row, *column).map(|whole| Sum { whole, parts }));
            }
        };
        for (place, row) in self.rows.iter().enumerate() {
            for length in 2..self.rows.len() {
                if let Some(start) = place.checked_sub(length) {
                    add(*row, &self.rows[start..place], sums);
                }
                if let Some(run) = self.rows.get(place + 1..=place + length) {
                    add(*row, run, sums);
                }
            }
        }
    }

    /// A column that is the sum of those right before or right after it, in every row; or another column again.
    fn add_up_columns(&self, sums: &mut Vec<Sum>) {
        for (column, run) in self.column_sums() {
            for row in &self.rows {
                let parts: Vec<usize> = run.iter().filter_map(|part| self.variable(*row, *part)).collect();
                let whole = self.variable(*row, column).filter(|_| !parts.is_empty());
                sums.extend(whole.map(|whole| Sum { whole, parts }));
            }
        }
    }

    /// Such columns, each with its parts.
    fn column_sums(&self) -> Vec<(usize, Vec<usize>)> {
        let mut found = Vec::new();
        for (place, column) in self.columns.iter().enumerate() {
            for start in 0..self.columns.len() {
                for end in start + 1..=self.columns.len() {
                    let run = &self.columns[start..end];
                    let is_sum =
                        |row: &usize| self.is_sum(run.iter().map(|part| (*row, *part)), (*row, *column));
                    if !(start..end).contains(&place) && self.rows.iter().all(is_sum) {
                        found.push((*column, run.to_vec()));
                    }
                }
            }
        }
        found
    }

    /// Whether what is at these places adds up to what is there. A place without a count counts nothing.
    fn is_sum(&self, parts: impl Iterator<Item = (usize, usize)>, whole: (usize, usize)) -> bool {
        let total: u64 = parts.filter_map(|(row, column)| self.value(row, column)).sum();
        self.value(whole.0, whole.1).is_none_or(|whole| whole == total)
    }

    /// What may add up to a total that stands in another table: a row, a column, all rows of one label, everything.
    fn groups(&self, table: &Table) -> Vec<Vec<usize>> {
        let among = |rows: &[usize], columns: &[usize]| -> Vec<usize> {
            rows.iter()
                .flat_map(|row| columns.iter().filter_map(|column| self.variable(*row, *column)))
                .collect()
        };
        let mut groups = vec![among(&self.rows, &self.columns)];
        for column in &self.columns {
            groups.push(among(&self.rows, &[*column]));
            for run in self.rows.chunk_by(|one, next| table.rows[*one].first() == table.rows[*next].first()) {
                groups.push(among(run, &[*column]));
            }
        }
        for row in &self.rows {
            let mut cells = among(&[*row], &self.columns);
            cells.retain(|cell| self.counts.value(*cell) > 0);
            // Any two of a few, and all: that the flagged add up is not said by where they stand. Any number of them would
            // meet too many totals by chance.
            if cells.len() > COLUMNS_MAX {
                groups.push(cells);
                continue;
            }
            let all = u32::try_from(cells.len()).unwrap_or(u32::MAX);
            let some = (0_u32..1 << cells.len()).filter(|which| [2, all].contains(&which.count_ones()));
            for which in some {
                let chosen = cells.iter().enumerate().filter(|(at, _)| which & (1 << at) != 0);
                groups.push(chosen.map(|(_, cell)| *cell).collect());
            }
        }
        groups.retain(|group| group.len() > 1);
        groups
    }
}
