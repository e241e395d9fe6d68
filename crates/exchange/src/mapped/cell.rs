//! What a cell can be read as: text, a number, yes or no; and as what a fact's field takes.

use std::borrow::Cow;

use serde_json::{Number, Value as Json};
use throughline_domain::{Code, Key, Language, Text};

use super::{shape::Shape, spec::Constant};
use crate::import::{Expected, Finding, read_date};

/// A value on its way from a cell to a field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'a> {
    /// As it stood.
    Text(Cow<'a, str>),
    /// As the mapping says it: nothing is done to it.
    Said(&'a str),
    Number(f64),
    Flag(bool),
}

impl<'a> Cell<'a> {
    pub fn of(constant: &'a Constant) -> Self {
        match constant {
            Constant::Text(text) => Self::Said(text),
            Constant::Number(number) => Self::Number(*number),
            Constant::Flag(flag) => Self::Flag(*flag),
        }
    }

    /// As text.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Said(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Flag(flag) => Cow::Owned(flag.to_string()),
        }
    }

    /// As a number.
    pub fn number(&self, decimal_comma: bool) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => number(text, decimal_comma),
            Self::Said(text) => number(text, false),
            Self::Flag(_) => None,
        }
    }

    /// As yes or no.
    pub fn flag(&self) -> Option<bool> {
        match self {
            Self::Flag(flag) => Some(*flag),
            Self::Number(1.0) => Some(true),
            Self::Number(0.0) => Some(false),
            Self::Number(_) => None,
            Self::Text(_) | Self::Said(_) => flag(&self.text()),
        }
    }

    /// As JSON of what the field takes; the finding where it is not that.
    pub fn json(&self, shape: &Shape, decimal_comma: bool, expected: Expected) -> Result<Json, Finding> {
        match shape {
            Shape::Code => self.code(),
            Shape::Any => match self {
                Self::Text(_) | Self::Said(_) => self.code(),
                Self::Number(number) => json_number(*number),
                Self::Flag(flag) => Ok(Json::Bool(*flag)),
            },
            Shape::Key => self.checked(|text| Key::new(text).is_ok(), Finding::FieldInvalid),
            Shape::Language => self.checked(|text| Language::new(text).is_ok(), Finding::FieldInvalid),
            Shape::Text => self.checked(|text| text.len() <= Text::BYTES_MAX, Finding::TextTooLong),
            Shape::Uuid => self.checked(|text| uuid::Uuid::parse_str(text).is_ok(), Finding::FieldInvalid),
            Shape::Date => {
                let told = read_date(&self.text(), expected)?;
                Ok(Json::String(told.day.to_string()))
            }
            Shape::Number => self.number(decimal_comma).map_or(Err(Finding::NumberUnreadable), json_number),
            Shape::Integer => self
                .number(decimal_comma)
                .and_then(whole)
                .map_or(Err(Finding::NumberUnreadable), |number| Ok(Json::from(number))),
            Shape::Flag => self.flag().map(Json::Bool).ok_or(Finding::FieldInvalid),
            Shape::Choice(choices) => {
                let text = self.text();
                let slug = slug(&text);
                let fits = |choice: &&String| **choice == text || Some(choice.as_str()) == slug.as_deref();
                choices
                    .iter()
                    .find(fits)
                    .map(|choice| Json::String(choice.clone()))
                    .ok_or(Finding::FieldInvalid)
            }
            Shape::Attributes | Shape::List(_) | Shape::Object(_) => Err(Finding::FieldInvalid),
        }
    }

    fn code(&self) -> Result<Json, Finding> {
        let code = match self {
            Self::Said(text) => Code::new(text).ok().map(|code| code.to_string()),
            _ => slug(&self.text()),
        };
        code.map(Json::String).ok_or(Finding::FieldInvalid)
    }

    fn checked(&self, holds: impl Fn(&str) -> bool, finding: Finding) -> Result<Json, Finding> {
        let text = self.text();
        if holds(&text) { Ok(Json::String(text.into_owned())) } else { Err(finding) }
    }
}

/// Words as a code: lower case, and a hyphen for whatever a code does not take. Letters beyond a-z have no such
/// reading, for two words could become one.
pub(super) fn slug(text: &str) -> Option<String> {
    let mut slug = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c.to_ascii_lowercase() {
            c if c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_') => slug.push(c),
            c if c.is_alphanumeric() => return None,
            _ if slug.ends_with('-') => {}
            _ => slug.push('-'),
        }
    }
    let slug = slug.trim_matches(|c| matches!(c, '-' | '.' | '_'));
    Code::new(slug).ok().map(|code| code.to_string())
}

/// Yes or no, as forms say it.
pub(super) fn flag(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "1.0" | "true" | "t" | "yes" | "y" | "x" => Some(true),
        "0" | "0.0" | "false" | "f" | "no" | "n" => Some(false),
        _ => None,
    }
}

/// A plain number; marks between thousands are passed over where they stand between thousands.
pub(super) fn number(text: &str, decimal_comma: bool) -> Option<f64> {
    let (point, mark) = if decimal_comma { (',', '.') } else { ('.', ',') };
    let text = text.trim();
    let (sign, digits) = text.strip_prefix('-').map_or((1.0, text), |digits| (-1.0, digits));
    let (whole, fraction) = digits.split_once(point).unwrap_or((digits, ""));
    let mut groups = whole.split([mark, ' ', '\u{a0}', '\'']);
    let first = groups.next()?;
    let mut plain = first.to_owned();
    for group in groups {
        if group.len() != 3 || first.is_empty() || first.len() > 3 {
            return None;
        }
        plain.push_str(group);
    }
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if plain.is_empty()
        || plain.len() > 15
        || !are_digits(&plain)
        || !are_digits(fraction)
        || fraction.len() > 15
    {
        return None;
    }
    format!("{plain}.{fraction}0").parse::<f64>().ok().map(|number| sign * number)
}

/// A number as JSON; whole ones without a fraction.
fn json_number(number: f64) -> Result<Json, Finding> {
    Number::from_f64(number).map(Json::Number).ok_or(Finding::NumberUnreadable)
}

/// A number that is whole, but for what binary fractions leave behind.
pub(super) fn whole(number: f64) -> Option<i64> {
    let rounded = number.round();
    #[allow(clippy::cast_possible_truncation, reason = "within 2^53, which is checked first")]
    let fits = (rounded.abs() < 9.0e15 && (rounded - number).abs() < 1e-6).then_some(rounded as i64);
    fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them_and_no_further() {
        for (text, told) in [("7.0", 7.0), ("-3", -3.0), ("1,234.5", 1234.5), ("12 500", 12500.0), ("0", 0.0)]
        {
            assert_eq!(number(text, false), Some(told), "{text}");
        }
        assert_eq!(number("1.234,5", true), Some(1234.5));
        assert_eq!(number("12,5", true), Some(12.5));
        for text in ["12,5", "1e5", "inf", "nan", "", "-", "1,23,456", "R 20", ".", "1.2.3", "٣"] {
            assert_eq!(number(text, false), None, "{text}");
        }
    }

    #[test]
    fn words_become_codes_and_letters_are_never_lost() {
        assert_eq!(slug("Married or Partnered").as_deref(), Some("married-or-partnered"));
        assert_eq!(slug(" HS/GED ").as_deref(), Some("hs-ged"));
        assert_eq!(slug("Zoë"), None);
        assert_eq!(slug("***"), None);
        assert_eq!(slug(&"x".repeat(65)), None);
    }
}
