//! When a fact of a row happened.

use std::borrow::Cow;

use jiff::{Span, Timestamp, civil::Date, tz::Offset};
use throughline_domain::Occurred;

use super::{
    cell::whole,
    here::Here,
    spec::{Anchor, Expr, When},
};
use crate::import::{Century, Expected, Finding, Problem, Told, read_date};

/// The earliest day that can be, as for dates that are written out.
const EARLIEST: Date = jiff::civil::date(1900, 1, 1);

impl<'a> Here<'a> {
    /// When it happened: the first way that gives a day. `first` is the journey's first day, where it is known.
    pub fn occurred(
        &self,
        ways: &'a [When],
        first: Option<Date>,
        today: Date,
        found: &mut Vec<Problem>,
    ) -> Result<Occurred, Problem> {
        for way in ways {
            let occurred = match way {
                When::Date(column) => self.told(*column, today, found)?.map(|told| Occurred::On(told.day)),
                When::Instant(column, offset) => self.instant(*column, *offset, today, found)?,
                When::Days { count, unit, after } => {
                    self.counted(count, *unit, after.as_deref(), today, found)?.map(Occurred::On)
                }
                When::Day(day) => Some(Occurred::On(*day)),
                When::First => first.map(Occurred::On),
            };
            if let Some(occurred) = occurred {
                return Ok(occurred);
            }
        }
        Err(ways.iter().find_map(|way| self.lacks(way)).unwrap_or(Problem::row(Finding::DateMissing)))
    }

    /// When the source recorded the row, as far as it can be read.
    pub fn recorded(&self, column: usize, today: Date, found: &mut Vec<Problem>) -> Option<Timestamp> {
        match self.told(column, today, found) {
            Ok(told) => told.and_then(Told::timestamp),
            Err(problem) => {
                found.push(problem);
                None
            }
        }
    }

    /// What is known beforehand about the dates in a column.
    pub fn expected(&self, column: Option<usize>, today: Date) -> Expected {
        let order = column.and_then(|column| self.bound.orders[column]);
        Expected { order, latest: today, century: Century::Recent }
    }

    fn told(&self, column: usize, today: Date, found: &mut Vec<Problem>) -> Result<Option<Told>, Problem> {
        let text = self.cell(column);
        if text.is_empty() {
            return Ok(None);
        }
        let at = |finding| self.at_column(finding, column);
        let told = read_date(text, self.expected(Some(column), today)).map_err(at)?;
        if !told.published_form {
            found.push(at(Finding::DateForm));
        }
        if told.day > today {
            found.push(at(Finding::DateAfterExport));
        }
        Ok(Some(told))
    }

    /// An instant with its own offset, or the mapping's; the day alone where no time was told.
    fn instant(
        &self,
        column: usize,
        offset: Offset,
        today: Date,
        found: &mut Vec<Problem>,
    ) -> Result<Option<Occurred>, Problem> {
        let text = self.cell(column);
        if let Ok(occurred @ Occurred::At(..)) = text.replacen(' ', "T", 1).parse::<Occurred>() {
            return self.within(occurred.day(), column, today).map(|_| Some(occurred));
        }
        let Some(told) = self.told(column, today, found)? else { return Ok(None) };
        let Some(time) = told.time else { return Ok(Some(Occurred::On(told.day))) };
        let instant = offset.to_timestamp(told.day.to_datetime(time));
        instant
            .map(|instant| Some(Occurred::At(instant, offset)))
            .map_err(|_| self.at_column(Finding::DateImpossible, column))
    }

    fn within(&self, day: Date, column: usize, today: Date) -> Result<Date, Problem> {
        if is_possible(day, today) { Ok(day) } else { Err(self.at_column(Finding::DateImpossible, column)) }
    }

    /// So many days after the anchor, and after as many more; none where a count is not told.
    fn counted(
        &self,
        count: &'a Expr,
        unit: i64,
        after: Option<&'a Expr>,
        today: Date,
        found: &mut Vec<Problem>,
    ) -> Result<Option<Date>, Problem> {
        let Some(mut days) = self.days(count, found)? else { return Ok(None) };
        days = days.saturating_mul(unit);
        if let Some(after) = after {
            let Some(more) = self.days(after, found)? else { return Ok(None) };
            days = days.saturating_add(more);
        }
        let Some(anchor) = self.anchor(today) else { return Ok(None) };
        let span = Span::new().try_days(days).ok();
        let day = span.and_then(|span| anchor.checked_add(span).ok()).filter(|day| is_possible(*day, today));
        day.map(Some).ok_or_else(|| self.problem(Finding::DateImpossible, count, &days.to_string()))
    }

    fn days(&self, count: &'a Expr, found: &mut Vec<Problem>) -> Result<Option<i64>, Problem> {
        let Some(value) = self.value(count, found)? else { return Ok(None) };
        let days = value.number(self.mapping.decimal_comma).and_then(whole);
        days.map(Some).ok_or_else(|| self.problem(Finding::NumberUnreadable, count, &value.text()))
    }

    fn anchor(&self, today: Date) -> Option<Date> {
        match self.mapping.anchor.as_ref()? {
            Anchor::Day(day) => Some(*day),
            Anchor::Lookup(lookup) => {
                let entry = self.lookups.get(*lookup, self.owner)?;
                read_date(&entry.value, self.expected(None, today)).ok().map(|told| told.day)
            }
        }
    }

    /// The column in which a day is missing.
    fn lacks(&self, way: &'a When) -> Option<Problem> {
        match way {
            When::Date(column) | When::Instant(column, _) => {
                Some(self.at_column(Finding::DateMissing, *column))
            }
            When::Days { count, .. } => Some(self.problem(Finding::DateMissing, count, "")),
            When::Day(_) | When::First => None,
        }
    }

    fn at_column(&self, finding: Finding, column: usize) -> Problem {
        let (name, private) = (&self.columns[column].name, self.columns[column].private);
        let problem = Problem { finding, column: Cow::Owned(name.clone()), value: None };
        let text = self.cell(column);
        if private || text.is_empty() { problem } else { problem.showing(text) }
    }
}

/// Whether a day can be: not before 1900, and not more than a year ahead.
fn is_possible(day: Date, today: Date) -> bool {
    day >= EARLIEST && day <= today.saturating_add(Span::new().days(366))
}
