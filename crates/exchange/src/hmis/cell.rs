//! Reading cells: dates, numbers, codes and texts, each with what is wrong with it.

use jiff::civil::Date;
use throughline_domain::{Code, Score, Text};

use super::{
    codes::{self, List},
    reading::{Reading, code},
};
use crate::import::{Century, Col, Expected, Finding, Problem, read_date};

/// How far ahead a last day can be planned.
const PLANNED_YEARS_MAX: i32 = 100;

impl Reading<'_> {
    /// What is known beforehand about the dates of a column.
    pub fn expected(&self, col: Col, century: Century) -> Expected {
        Expected { order: self.columns.order(col), latest: self.export.made, century }
    }

    /// The date in a column; none where the cell is empty.
    pub fn date(&mut self, col: Col) -> Result<Option<Date>, Problem> {
        let text = self.row.raw(col);
        if text.trim().is_empty() {
            return Ok(None);
        }
        let told = read_date(text, self.expected(col, Century::Recent))
            .map_err(|finding| Problem::at(finding, col.name).showing(text))?;
        if !told.published_form {
            self.warn(Problem::at(Finding::DateForm, col.name).showing(text));
        }
        if told.day > self.export.made {
            self.warn(Problem::at(Finding::DateAfterExport, col.name).showing(text));
        }
        Ok(Some(told.day))
    }

    /// The date that a fact cannot do without.
    pub fn day(&mut self, col: Col) -> Result<Date, Problem> {
        self.date(col)?.ok_or_else(|| Problem::at(Finding::DateMissing, col.name))
    }

    /// A date whose fact is left out where it cannot be read.
    pub fn day_or_warn(&mut self, col: Col) -> Option<Date> {
        self.date(col).unwrap_or_else(|problem| {
            self.warn(problem);
            None
        })
    }

    /// A last day: it may lie far ahead, for grants and leases are agreed for years.
    pub fn planned(&mut self, col: Col) -> Option<Date> {
        let text = self.row.raw(col);
        if text.trim().is_empty() {
            return None;
        }
        let expected = self.expected(col, Century::Recent);
        let latest = expected.latest.saturating_add(jiff::Span::new().years(PLANNED_YEARS_MAX));
        match read_date(text, Expected { latest, ..expected }) {
            Ok(told) => {
                if !told.published_form {
                    self.warn(Problem::at(Finding::DateForm, col.name).showing(text));
                }
                Some(told.day)
            }
            Err(finding) => {
                self.warn(Problem::at(finding, col.name).showing(text));
                None
            }
        }
    }

    /// The date in a column, else the day the row was created, else the day of the export, with a warning.
    pub fn day_or_created(&mut self, col: Col) -> Date {
        if let Some(day) = self.day_or_warn(col) {
            return day;
        }
        self.warn(Problem::at(Finding::DateFallback, col.name));
        self.created()
    }

    /// The day the row was created, else the day of the export.
    pub fn created(&mut self) -> Date {
        let text = self.row.raw(self.base.created);
        read_date(text, self.expected(self.base.created, Century::Recent))
            .map_or(self.export.made, |told| told.day)
    }

    /// The number in a column.
    pub fn number(&mut self, col: Col) -> Option<u32> {
        let text = self.row.cell(col);
        if text.is_empty() {
            return None;
        }
        let whole = text.strip_suffix(".0").unwrap_or(text);
        let number = whole.parse().ok();
        if number.is_none() {
            self.warn(Problem::at(Finding::CodeUnknown, col.name).showing(text));
        }
        number
    }

    /// Yes or no; none where it was not said.
    pub fn flag(&mut self, col: Col) -> Option<bool> {
        match self.number(col)? {
            0 => Some(false),
            1 => Some(true),
            number if codes::is_unsaid(number) => None,
            number => {
                self.warn(Problem::at(Finding::CodeUnknown, col.name).showing(&number.to_string()));
                None
            }
        }
    }

    /// The code of a list's number; none where it was not said. A number of no list keeps itself: `hmis-999`.
    pub fn listed(&mut self, col: Col, list: List) -> Option<Code> {
        let number = self.number(col)?;
        match codes::find(list, number) {
            Some(known) => Some(code(known)),
            None if codes::is_unsaid(number) => None,
            None => {
                self.warn(Problem::at(Finding::CodeUnknown, col.name).showing(&number.to_string()));
                Some(code(&format!("hmis-{number}")))
            }
        }
    }

    /// A plain number with a fraction.
    pub fn amount(&mut self, col: Col) -> Option<Score> {
        let text = self.row.cell(col);
        if text.is_empty() {
            return None;
        }
        let plain = text.trim_start_matches('$').replace(',', "");
        let amount = plain.parse::<f64>().ok().and_then(|number| Score::new(number).ok());
        if amount.is_none() {
            self.warn(Problem::at(Finding::NumberUnreadable, col.name).showing(text));
        }
        amount
    }

    /// A text.
    pub fn text(&mut self, col: Col) -> Option<Text> {
        let cell = self.row.cell(col);
        if cell.is_empty() {
            return None;
        }
        let text = Text::new(cell).ok();
        if text.is_none() {
            self.warn(Problem::at(Finding::TextTooLong, col.name));
        }
        text
    }

    /// The texts of several columns as one.
    pub fn words(&mut self, cols: &[Col], between: &str) -> Option<Text> {
        let cells = cols.iter().map(|col| self.row.cell(*col)).filter(|cell| !cell.is_empty());
        let joined = cells.collect::<Vec<_>>().join(between);
        if joined.is_empty() {
            return None;
        }
        let text = Text::new(joined).ok();
        if text.is_none() {
            self.warn(Problem::at(Finding::TextTooLong, cols.first().map_or("", |col| col.name)));
        }
        text
    }
}
