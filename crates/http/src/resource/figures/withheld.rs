//! Figures for those who may not see small counts. Every way the clients are split is laid on one page together, in the
//! same way whatever was asked, and what a report of a backtest withholds is withheld there; then the part that was asked
//! for is read off. So two answers of one day never say more together than the page.
//!
//! Filters, attributes and single days are not taken: answers about sets that differ by a few would be subtracted.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;
use throughline_backtest::{Cell, MIN_CELL, Page, Section, Table};
use throughline_projection::Figure;
use throughline_runtime::{Filter, Group, GroupBy, Runtime};

use super::{FiguresQuery, GroupFigures, beside};
use crate::problem::{Fault, Kind, Problem};

/// Every way clients are split, in the order of the page; all together first.
const WAYS: [Option<GroupBy>; 6] = [
    None,
    Some(GroupBy::Programme),
    Some(GroupBy::Site),
    Some(GroupBy::Worker),
    Some(GroupBy::Language),
    Some(GroupBy::Role),
];

/// The day on which a question is asked that names none: the first of the month.
pub(super) fn day(today: Date) -> Date {
    today.first_of_month()
}

/// Refuses what could be asked twice, with a few people between the answers.
pub(super) fn check(query: &FiguresQuery, on: Date) -> Result<(), Problem> {
    let refuse = |parameter: &str, hint: &'static str| {
        let detail = format!("`{parameter}` is not open to who sees counts with the small ones withheld");
        Err(Kind::InvalidQuery.because(detail).at(Fault::parameter(parameter).hint(hint)))
    };
    let group = "leave it out and use `group_by`, or ask with a backtest";
    let filters = [
        ("programme", query.programme.is_some()),
        ("site", query.site.is_some()),
        ("worker", query.worker.is_some()),
        ("language", query.language.is_some()),
        ("role", query.role.is_some()),
        ("group_by", query.group_by.as_deref().is_some_and(|by| by.starts_with("attribute:"))),
    ];
    if let Some((parameter, _)) = filters.into_iter().find(|(_, is_set)| *is_set) {
        return refuse(parameter, group);
    }
    if on != day(on) {
        return refuse("on", "ask about the first day of a month");
    }
    Ok(())
}

/// The figures of one way to split, withheld on the page of all.
pub(super) fn figures(
    runtime: &Runtime,
    view: &str,
    by: Option<&GroupBy>,
    on: Date,
    last_year: Option<Date>,
) -> Result<Vec<GroupFigures>, Problem> {
    let days: Vec<Date> = std::iter::once(on).chain(last_year).collect();
    let mut sheets = Vec::new();
    for day in &days {
        for way in &WAYS {
            let groups = runtime.figures(view, &Filter::default(), way.as_ref(), *day)?;
            sheets.push(Sheet { way: way.clone(), day: *day, groups: groups.to_vec() });
        }
    }
    let (mut tables, mut places) = (Vec::new(), HashMap::new());
    for (nth, sheet) in sheets.iter().enumerate() {
        for figure in sheet.figures() {
            places.insert((nth, figure), tables.len());
            tables.push(sheet.table(nth, figure));
        }
    }
    let page = Page { sections: vec![Section { tables, ..Section::default() }], ..Page::default() };
    let shown = page.withhold(MIN_CELL);
    let tables: Vec<&Table> = shown.page().tables().collect();
    let of = |day: Date| -> Vec<Read> {
        let at = sheets.iter().position(|sheet| sheet.day == day && sheet.way.as_ref() == by);
        let Some(at) = at else { return Vec::new() };
        let row = |figure, row: usize| &tables[places[&(at, figure)]].rows[row];
        let groups = sheets[at].groups.iter().enumerate();
        groups.map(|(nth, group)| Read::of(group, |figure| row(figure, nth))).collect()
    };
    let (now, then) = (of(on), last_year.map(of).unwrap_or_default());
    Ok(laid_together(&now, &then, last_year))
}

/// What was read off for two days, beside each other as exact figures are.
fn laid_together(now: &[Read], then: &[Read], last_year: Option<Date>) -> Vec<GroupFigures> {
    let same = |groups: &[Read], key: &Option<String>| groups.iter().position(|read| read.group.key == *key);
    let gone = then.iter().filter(|read| same(now, &read.group.key).is_none());
    let pairs = now
        .iter()
        .map(|one| (Some(one), same(then, &one.group.key).map(|nth| &then[nth])))
        .chain(gone.map(|one| (None, Some(one))));
    let mut groups: Vec<GroupFigures> = pairs
        .map(|(now, then)| {
            let mut figures = beside(now.map(|one| &one.group), then.map(|one| &one.group), last_year);
            if now.is_some_and(|one| one.hides_clients) {
                figures.clients = None;
            }
            if then.is_some_and(|one| one.hides_clients) {
                figures.clients_last_year = None;
            }
            figures.withheld = now.into_iter().chain(then).any(|one| one.hides_something);
            figures
        })
        .collect();
    groups.sort_by(|a, b| a.key.cmp(&b.key));
    groups
}

/// One way to split, on one day.
struct Sheet {
    way: Option<GroupBy>,
    day: Date,
    groups: Vec<Group>,
}

impl Sheet {
    /// The names of its figures; of none at least the number of clients is told.
    fn figures(&self) -> BTreeSet<&str> {
        let figures = self.groups.iter().flat_map(|group| &group.figures);
        figures.map(|figure| figure.name.as_str()).chain([""]).collect()
    }

    /// The whole numbers of one figure, a row for each group; narrow, so that what adds up in a figure is found.
    fn table(&self, nth: usize, name: &str) -> Table {
        let mut columns = vec!["group".to_owned(), "clients".to_owned()];
        let found: Vec<Vec<(String, u64)>> = self
            .groups
            .iter()
            .map(|group| group.figures.iter().find(|figure| figure.name == name).map(counts).unwrap_or_default())
            .collect();
        for (column, _) in found.iter().flatten() {
            if !columns.contains(column) {
                columns.push(column.clone());
            }
        }
        let rows = self.groups.iter().zip(&found).map(|(group, found)| {
            // A label of its own for every sheet: that two sheets have a small count by the same name does not make it
            // the same count.
            let label = Cell::Text(format!("{nth}: {}", group.key.as_deref().unwrap_or_default()));
            let cells = columns[2..].iter().map(|column| {
                let count = found.iter().find(|(name, _)| name == column);
                count.map_or(Cell::EMPTY, |(_, count)| Cell::Count(*count))
            });
            [label, Cell::Count(group.clients)].into_iter().chain(cells).collect()
        });
        let rows = rows.collect();
        Table { name: format!("{nth}-{name}"), caption: String::new(), columns, rows }
    }
}

/// A group as it may be shown.
struct Read {
    group: Group,
    hides_clients: bool,
    hides_something: bool,
}

impl Read {
    fn of<'a>(group: &'a Group, row: impl Fn(&'a str) -> &'a Vec<Cell>) -> Self {
        // Of a group too small to be counted, nothing is shown.
        let hides_clients = row("")[1] == Cell::WITHHELD;
        let mut hides_something = hides_clients;
        let figures = group.figures.iter().map(|figure| {
            let hidden = hides_clients || row(&figure.name).contains(&Cell::WITHHELD);
            hides_something |= hidden;
            if hidden { Figure::of(figure.name.clone(), figure.unit, None) } else { figure.clone() }
        });
        let figures = figures.collect();
        let group = Group { key: group.key.clone(), clients: group.clients, figures };
        Self { group, hides_clients, hides_something }
    }
}

/// The whole numbers a figure is counted from.
fn counts(figure: &Figure) -> Vec<(String, u64)> {
    let whole = |value: f64| (value >= 0.0 && value.fract() == 0.0).then_some(value as u64);
    let is_count = figure.denominator.is_none() && figure.unit != "share";
    let counted = figure.numerator.or(figure.value.filter(|_| is_count));
    let counted = counted.and_then(whole).map(|count| ("counted".to_owned(), count));
    let of = figure.denominator.map(|count| ("of".to_owned(), count));
    let missing = figure.missing.iter().map(|missing| (missing.reason.to_owned(), missing.count));
    counted.into_iter().chain(of).chain(missing).collect()
}
