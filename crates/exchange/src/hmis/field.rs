//! Plain columns by a table: which column, under which name, read how.

use throughline_domain::{Attributes, Code, Score, Value};

use super::{
    codes::{self, List},
    reading::{Reading, code},
};
use crate::import::{Col, Columns, Finding, Problem};

/// How a column is read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// 0 or 1.
    Flag,
    /// A number of a list, as its code.
    Listed(List),
    /// A number of a list kept as the number it is: `hmis-3`.
    Numbered,
    /// A count or an amount.
    Amount,
    /// A date, kept as a code: `2019-12-16`.
    Date,
    /// A last day that can be planned far ahead, kept as a code.
    Until,
    /// A key of some list too long to be kept here, in lower case: `636a8`.
    Keyed,
    /// 101 to 112 months; 113 for more.
    Months,
}

/// One plain column.
#[derive(Debug, Clone, Copy)]
pub(super) struct FieldSpec {
    /// Its names in the versions of the format.
    pub columns: &'static [&'static str],
    /// The attribute or indicator.
    pub name: &'static str,
    pub kind: Kind,
    /// The area of life; empty where there is none.
    pub area: &'static str,
}

/// A plain column about an area of life.
pub(super) const fn asked(
    columns: &'static [&'static str],
    name: &'static str,
    kind: Kind,
    area: &'static str,
) -> FieldSpec {
    FieldSpec { columns, name, kind, area }
}

/// A plain column of a file.
pub(super) struct Field {
    pub spec: &'static FieldSpec,
    col: Col,
}

pub(super) const fn field(columns: &'static [&'static str], name: &'static str, kind: Kind) -> FieldSpec {
    FieldSpec { columns, name, kind, area: "" }
}

/// The fields of a file.
pub(super) fn fields(columns: &mut Columns, specs: &'static [FieldSpec]) -> Vec<Field> {
    specs.iter().map(|spec| Field { spec, col: columns.col(spec.columns) }).collect()
}

impl Field {
    /// What the row says; none where it says nothing.
    pub fn value(&self, reading: &mut Reading<'_>) -> Option<Value> {
        match self.spec.kind {
            Kind::Flag => reading.flag(self.col).map(Value::Flag),
            Kind::Listed(list) => reading.listed(self.col, list).map(Value::Code),
            Kind::Numbered => {
                let number = reading.number(self.col).filter(|number| !codes::is_unsaid(*number))?;
                Some(Value::Code(code(&format!("hmis-{number}"))))
            }
            Kind::Amount => reading.amount(self.col).map(Value::Number),
            Kind::Date => reading.day_or_warn(self.col).map(|day| Value::Code(code(&day.to_string()))),
            Kind::Until => reading.planned(self.col).map(|day| Value::Code(code(&day.to_string()))),
            Kind::Keyed => {
                let text = reading.row.cell(self.col);
                let keyed = Code::new(text.to_ascii_lowercase()).ok();
                if keyed.is_none() && !text.is_empty() {
                    reading.warn(Problem::at(Finding::CodeUnknown, self.col.name).showing(text));
                }
                keyed.filter(|keyed| keyed.as_str() != "99").map(Value::Code)
            }
            Kind::Months => self.months(reading),
        }
    }

    fn months(&self, reading: &mut Reading<'_>) -> Option<Value> {
        let number = reading.number(self.col).filter(|number| !codes::is_unsaid(*number))?;
        if !(101..=113).contains(&number) {
            reading.warn(Problem::at(Finding::CodeUnknown, self.col.name).showing(&number.to_string()));
            return None;
        }
        Score::new(f64::from(number - 100)).ok().map(Value::Number)
    }
}

/// All of these fields that say something, as attributes.
pub(super) fn attributes(reading: &mut Reading<'_>, fields: &[Field]) -> Attributes {
    let mut attributes = Attributes::new();
    for field in fields {
        if let Some(value) = field.value(reading) {
            attributes.insert(code(field.spec.name), value);
        }
    }
    attributes
}

/// A coded attribute.
pub(super) fn set(attributes: &mut Attributes, name: &str, value: Option<Code>) {
    if let Some(value) = value {
        attributes.insert(code(name), Value::Code(value));
    }
}
