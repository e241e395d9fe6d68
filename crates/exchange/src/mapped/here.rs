//! One row under a mapping: its values, and whether conditions hold.

use std::borrow::Cow;

use super::{
    cell::{Cell, flag},
    files::Bound,
    lookup::{Lookups, key_of},
    spec::{
        Cells, ColumnUse, Comparison, Condition, Constant, Expr, Mapping, Origin, Otherwise, Piece, Test,
    },
};
use crate::import::{Finding, Ids, Problem, Row};

/// A row, and all that is needed to read it.
#[derive(Clone, Copy)]
pub(super) struct Here<'a> {
    pub row: &'a Row,
    pub bound: &'a Bound,
    pub columns: &'a [ColumnUse],
    /// The key of whose row it is.
    pub owner: &'a str,
    pub lookups: &'a Lookups,
    pub mapping: &'a Mapping,
    pub ids: &'a Ids,
}

/// What stands between the cells of a key of several columns.
const BETWEEN: &str = "/";

impl<'a> Here<'a> {
    /// The cell in a column; empty where the mapping says that what stands there says nothing.
    pub fn cell(&self, column: usize) -> &'a str {
        let text = self.row.at(self.bound.places[column]).trim();
        if self.mapping.empty.iter().any(|empty| empty == text) { "" } else { text }
    }

    /// The cells of several columns as one name; empty where all are.
    pub fn joined(&self, columns: &[usize]) -> Cow<'a, str> {
        if let [column] = columns {
            return Cow::Borrowed(self.cell(*column));
        }
        let cells: Vec<&str> = columns.iter().map(|column| self.cell(*column)).collect();
        if cells.iter().all(|cell| cell.is_empty()) {
            return Cow::Borrowed("");
        }
        Cow::Owned(cells.join(BETWEEN))
    }

    /// A value of the row; none where nothing is said.
    pub fn value(&self, expr: &'a Expr, found: &mut Vec<Problem>) -> Result<Option<Cell<'a>>, Problem> {
        if !expr.filter.iter().all(|condition| self.holds(condition)) {
            return Ok(None);
        }
        let mut value = self.origin(expr, found);
        if let (Some(map), Some(cell)) = (&expr.map, &value) {
            let text = cell.text();
            let mapped = map.pairs.iter().find(|(from, _)| *from == text).map(|(_, to)| Cell::of(to));
            match (mapped, map.otherwise) {
                (Some(mapped), _) => value = Some(mapped),
                (None, Otherwise::Keep) => {}
                (None, Otherwise::LeaveOut) => value = None,
                (None, Otherwise::Find) => return Err(self.problem(Finding::ValueUnmapped, expr, &text)),
            }
        }
        if let (Some(times), Some(cell)) = (expr.times, &value) {
            let Some(number) = cell.number(self.mapping.decimal_comma) else {
                return Err(self.problem(Finding::NumberUnreadable, expr, &cell.text()));
            };
            value = Some(Cell::Number(number * times));
        }
        Ok(value.or_else(|| expr.default.as_ref().map(Cell::of)))
    }

    fn origin(&self, expr: &'a Expr, found: &mut Vec<Problem>) -> Option<Cell<'a>> {
        let filled = |text: Cow<'a, str>| (!text.is_empty()).then_some(Cell::Text(text));
        match &expr.origin {
            Origin::Constant(constant) => Some(Cell::of(constant)),
            Origin::Column(column) => filled(Cow::Borrowed(self.cell(*column))),
            Origin::Lookup { lookup, by } => {
                let entry = self.lookups.get(*lookup, &key_of(self, by.as_deref()))?;
                if entry.differs {
                    found.push(self.problem(Finding::LookupDiffers, expr, ""));
                }
                Some(Cell::Text(Cow::Borrowed(entry.value.as_str())))
            }
            Origin::FirstTrue(choices) => {
                let chosen = choices.iter().find(|(column, _)| flag(self.cell(*column)) == Some(true));
                chosen.map(|(_, meaning)| Cell::of(meaning))
            }
            Origin::Template(pieces) => filled(Cow::Owned(self.made(pieces))),
            Origin::Key(columns) => {
                let name = self.joined(columns);
                (!name.is_empty())
                    .then(|| Cell::Text(Cow::Owned(self.ids.key('k', "key", &name).to_string())))
            }
            Origin::RowNumber => Some(Cell::Text(Cow::Owned(self.row.number.to_string()))),
        }
    }

    /// A text put together; empty where every cell in it is.
    pub fn made(&self, pieces: &[Piece]) -> String {
        let mut text = String::new();
        let (mut cells, mut filled) = (0, 0);
        for piece in pieces {
            match piece {
                Piece::Text(words) => text.push_str(words),
                Piece::Column(column) => {
                    let cell = self.cell(*column);
                    cells += 1;
                    filled += usize::from(!cell.is_empty());
                    text.push_str(cell);
                }
            }
        }
        if cells > 0 && filled == 0 { String::new() } else { text.trim().to_owned() }
    }

    /// Whether a condition holds. A value that cannot be read meets no condition but `not`.
    pub fn holds(&self, condition: &'a Condition) -> bool {
        let value = self.compared(&condition.expr);
        condition.tests.iter().all(|test| match test {
            Test::Is(wanted) => wanted.iter().any(|one| self.equals(value.as_ref(), one)),
            Test::Not(unwanted) => !unwanted.iter().any(|one| self.equals(value.as_ref(), one)),
            Test::Filled(filled) => value.is_some() == *filled,
            Test::Compare(comparison, against) => {
                let ordering =
                    value.as_ref().zip(self.compared(against).as_ref()).and_then(|(a, b)| self.order(a, b));
                ordering.is_some_and(|ordering| match comparison {
                    Comparison::Above => ordering.is_gt(),
                    Comparison::AtLeast => ordering.is_ge(),
                    Comparison::Below => ordering.is_lt(),
                    Comparison::AtMost => ordering.is_le(),
                })
            }
        })
    }

    /// A value for a condition; what is wrong with it is told where a field needs it.
    fn compared(&self, expr: &'a Expr) -> Option<Cell<'a>> {
        self.value(expr, &mut Vec::new()).ok().flatten()
    }

    fn equals(&self, value: Option<&Cell<'_>>, wanted: &Constant) -> bool {
        match (value, wanted) {
            (None, Constant::Text(text)) => text.is_empty(),
            (None, _) => false,
            (Some(value), Constant::Text(text)) => value.text() == *text,
            (Some(value), Constant::Number(number)) => {
                value.number(self.mapping.decimal_comma) == Some(*number)
            }
            (Some(value), Constant::Flag(flag)) => value.flag() == Some(*flag),
        }
    }

    /// Numbers by size; anything else as text, which puts dates written year first in order.
    fn order(&self, a: &Cell<'_>, b: &Cell<'_>) -> Option<std::cmp::Ordering> {
        let comma = self.mapping.decimal_comma;
        match (a.number(comma), b.number(comma)) {
            (Some(a), Some(b)) => a.partial_cmp(&b),
            (None, None) => Some(a.text().cmp(&b.text())),
            _ => None,
        }
    }

    /// A finding at the column a value comes from. What stands there is shown where it may be.
    pub fn problem(&self, finding: Finding, expr: &Expr, text: &str) -> Problem {
        let (column, private) = match &expr.origin {
            Origin::Column(column) => (self.columns[*column].name.clone(), self.columns[*column].private),
            Origin::Lookup { lookup, .. } => (format!("lookup {}", self.mapping.lookups[*lookup].name), true),
            Origin::FirstTrue(choices) => (
                choices.first().map_or_else(String::new, |(column, _)| self.columns[*column].name.clone()),
                true,
            ),
            Origin::Template(pieces) => {
                let column = pieces.iter().find_map(|piece| match piece {
                    Piece::Column(column) => Some(self.columns[*column].name.clone()),
                    Piece::Text(_) => None,
                });
                (column.unwrap_or_default(), true)
            }
            Origin::Key(columns) => (self.columns[columns[0]].name.clone(), true),
            Origin::Constant(_) | Origin::RowNumber => (String::new(), true),
        };
        let problem = Problem { finding, column: Cow::Owned(column), value: None };
        if private || text.is_empty() { problem } else { problem.showing(text) }
    }

    /// A finding at the first of the columns that name something.
    pub fn lacking(&self, finding: Finding, cells: &Cells) -> Problem {
        let column = cells.columns().first().map_or_else(String::new, |at| self.columns[*at].name.clone());
        Problem { finding, column: Cow::Owned(column), value: None }
    }
}
