//! Figures for those who may not see small counts. Whatever was asked, every way the clients are split is laid out, and
//! what a report of a backtest withholds is withheld there; then the part that was asked for is read off. So two answers
//! of one day never say more together than the whole.
//!
//! Filters, attributes and single days are not taken: answers about sets that differ by a few would be subtracted.

use std::{
    collections::{BTreeSet, HashSet, VecDeque},
    sync::{Arc, Mutex},
};

use jiff::civil::Date;
use throughline_backtest::{Cell, MIN_CELL, Page, Section, Table};
use throughline_projection::Figure;
use throughline_runtime::{Filter, Group, GroupBy, Runtime};

use super::{FiguresQuery, GroupFigures, beside};
use crate::{
    State,
    jobs::held,
    problem::{Fault, Kind, Problem},
};

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

/// The figures of one way to split.
pub(super) fn figures(
    state: &State,
    view: &'static str,
    by: Option<&GroupBy>,
    on: Date,
    last_year: Option<Date>,
) -> Result<Vec<GroupFigures>, Problem> {
    let laid = state.laid_out.get(&state.runtime, (view, on, last_year))?;
    let of = |day: Date| -> Vec<Read> {
        let at = laid.sheets.iter().position(|sheet| sheet.day == day && sheet.way.as_ref() == by);
        let Some(at) = at else { return Vec::new() };
        let groups = laid.sheets[at].groups.iter().enumerate();
        groups.map(|(nth, group)| Read::of(group, |figure| laid.hidden.has(at, nth, figure))).collect()
    };
    let (now, then) = (of(on), last_year.map(of).unwrap_or_default());
    Ok(laid_together(&now, &then, last_year))
}

/// A view, the day asked about, and the day a year before where that is compared.
type Asked = (&'static str, Date, Option<Date>);

/// What was laid out lately: to find what must be hidden takes long, and is the same however it is split.
#[derive(Default)]
pub(crate) struct LaidOut(Mutex<VecDeque<(Asked, u64, Arc<Laid>)>>);

/// Every way to split, and what of it is hidden.
struct Laid {
    sheets: Vec<Sheet>,
    hidden: Hidden,
}

impl LaidOut {
    const KEPT_MAX: usize = 16;

    /// Whoever asks meanwhile waits, so that nothing is laid out twice.
    fn get(&self, runtime: &Runtime, asked: Asked) -> Result<Arc<Laid>, Problem> {
        let mut kept = held(&self.0);
        let applied = runtime.applied();
        if let Some((_, _, laid)) = kept.iter().find(|(of, at, _)| (*of, *at) == (asked, applied)) {
            return Ok(Arc::clone(laid));
        }
        let laid = Arc::new(Laid::of(runtime, asked)?);
        if runtime.applied() == applied {
            kept.push_back((asked, applied, Arc::clone(&laid)));
            if kept.len() > Self::KEPT_MAX {
                kept.pop_front();
            }
        }
        Ok(laid)
    }
}

impl Laid {
    fn of(runtime: &Runtime, (view, on, last_year): Asked) -> Result<Self, Problem> {
        let mut sheets = Vec::new();
        for day in std::iter::once(on).chain(last_year) {
            for way in &WAYS {
                let groups = runtime.figures(view, &Filter::default(), way.as_ref(), day)?;
                sheets.push(Sheet { way: way.clone(), day, groups: groups.to_vec() });
            }
        }
        let hidden = Hidden::of(&sheets);
        Ok(Self { sheets, hidden })
    }
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

/// What is not shown: figures of groups, and by no name the number of clients itself.
#[derive(Default)]
struct Hidden(HashSet<(usize, usize, String)>);

impl Hidden {
    /// What small counts, and all they follow from, hide: figure by figure over all groups of all ways to split, and group
    /// by group over all its figures. Hiding more never tells more, so what one page hides is hidden from all.
    fn of(sheets: &[Sheet]) -> Self {
        let mut hidden = Self::default();
        let figures = sheets.iter().flat_map(|sheet| &sheet.groups).flat_map(|group| &group.figures);
        let names: BTreeSet<&str> = figures.map(|figure| figure.name.as_str()).chain([""]).collect();
        for name in names {
            let tables = sheets.iter().enumerate().map(|(nth, sheet)| sheet.table(nth, name)).collect();
            for (sheet, table) in withheld(tables).iter().enumerate() {
                for (group, _) in
                    table.rows.iter().enumerate().filter(|(_, row)| row.contains(&Cell::WITHHELD))
                {
                    hidden.0.insert((sheet, group, name.to_owned()));
                }
            }
        }
        for (nth, sheet) in sheets.iter().enumerate() {
            for (at, group) in sheet.groups.iter().enumerate() {
                for (figure, row) in group.figures.iter().zip(&withheld(vec![side_by_side(group)])[0].rows) {
                    if row.contains(&Cell::WITHHELD) {
                        hidden.0.insert((nth, at, figure.name.clone()));
                    }
                }
            }
        }
        hidden
    }

    fn has(&self, sheet: usize, group: usize, figure: &str) -> bool {
        self.0.contains(&(sheet, group, figure.to_owned()))
    }
}

/// The tables of a page as it may be shown.
fn withheld(tables: Vec<Table>) -> Vec<Table> {
    let page = Page { sections: vec![Section { tables, ..Section::default() }], ..Page::default() };
    page.withhold(MIN_CELL).page().tables().cloned().collect()
}

impl Sheet {
    /// The whole numbers of one figure, a row for each group, and how many clients are not in it; of no figure the number
    /// of clients.
    fn table(&self, nth: usize, name: &str) -> Table {
        let rows = self.groups.iter().map(|group| {
            let figure = group.figures.iter().find(|figure| figure.name == name);
            let found = match figure {
                Some(figure) => {
                    let others = figure.denominator.and_then(|of| group.clients.checked_sub(of));
                    counts(figure)
                        .into_iter()
                        .chain(others.map(|others| ("others".to_owned(), others)))
                        .collect()
                }
                None if name.is_empty() => vec![("clients".to_owned(), group.clients)],
                None => Vec::new(),
            };
            // A label of its own for every sheet: that two sheets have a small count by the same name does not make it
            // the same count.
            (format!("{nth}: {}", group.key.as_deref().unwrap_or_default()), found)
        });
        laid_out(format!("{nth}-{name}"), rows.collect())
    }
}

/// The whole numbers of one group, a row for each figure.
fn side_by_side(group: &Group) -> Table {
    let rows = group.figures.iter().map(|figure| (figure.name.clone(), counts(figure)));
    laid_out("figures".to_owned(), rows.collect())
}

/// A table of these rows: each its label, and its counts by the names of their columns.
fn laid_out(name: String, rows: Vec<(String, Vec<(String, u64)>)>) -> Table {
    let mut columns = vec!["row".to_owned()];
    for (column, _) in rows.iter().flat_map(|(_, counts)| counts) {
        if !columns.contains(column) {
            columns.push(column.clone());
        }
    }
    let row = |(label, counts): (String, Vec<(String, u64)>)| {
        let cells = columns[1..].iter().map(|column| {
            let count = counts.iter().find(|(name, _)| name == column);
            count.map_or(Cell::EMPTY, |(_, count)| Cell::Count(*count))
        });
        std::iter::once(Cell::Text(label)).chain(cells).collect()
    };
    let rows = rows.into_iter().map(row).collect();
    Table { name, caption: String::new(), columns, rows }
}

/// A group as it may be shown.
struct Read {
    group: Group,
    hides_clients: bool,
    hides_something: bool,
}

impl Read {
    fn of(group: &Group, is_hidden: impl Fn(&str) -> bool) -> Self {
        // Of a group whose clients are not counted, nothing is shown.
        let hides_clients = is_hidden("");
        let mut hides_something = hides_clients;
        let figures = group.figures.iter().map(|figure| {
            let hidden = hides_clients || is_hidden(&figure.name);
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
    // A sum that is no whole number counts nobody.
    let whole =
        |value: f64| (value >= 0.0 && value.fract() == 0.0).then(|| format!("{value:.0}").parse().ok());
    let is_count = figure.denominator.is_none() && figure.unit != "share";
    let counted = figure.numerator.or(figure.value.filter(|_| is_count));
    let counted = counted.and_then(whole).flatten().map(|count| ("counted".to_owned(), count));
    let of = figure.denominator.map(|count| ("of".to_owned(), count));
    let missing = figure.missing.iter().map(|missing| (missing.reason.to_owned(), missing.count));
    counted.into_iter().chain(of).chain(missing).collect()
}
