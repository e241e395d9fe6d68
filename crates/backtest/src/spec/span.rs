//! Lengths of time in whole days.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A length of time in whole days: `14d`, `4w`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(u32);

impl Span {
    /// The longest, in days: a hundred years.
    pub const DAYS_MAX: u32 = 36_525;

    /// So many days; at most [`Span::DAYS_MAX`].
    pub fn days(days: u32) -> Self {
        Self(days.min(Self::DAYS_MAX))
    }

    /// How many days.
    pub fn in_days(self) -> i64 {
        i64::from(self.0)
    }
}

/// A text that is no length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no length of time; write days or weeks up to a hundred years, such as `14d` or `4w`")]
pub struct InvalidSpan(String);

impl FromStr for Span {
    type Err = InvalidSpan;

    fn from_str(text: &str) -> Result<Self, InvalidSpan> {
        let invalid = || InvalidSpan(text.chars().take(40).collect());
        let (number, unit) =
            text.trim().split_at_checked(text.trim().len().saturating_sub(1)).ok_or_else(invalid)?;
        let days_each = match unit {
            "d" => 1,
            "w" => 7,
            _ => return Err(invalid()),
        };
        let number: u32 = number.parse().map_err(|_| invalid())?;
        let days =
            number.checked_mul(days_each).filter(|days| *days <= Self::DAYS_MAX).ok_or_else(invalid)?;
        Ok(Self(days))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}d", self.0)
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for Span {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("a length of time in days or weeks: `14d`, `4w`"))
            .pattern(Some("^[0-9]+[dw]$"))
            .examples(["14d", "4w"])
            .into()
    }
}

impl utoipa::ToSchema for Span {}

#[cfg(test)]
mod tests {
    use super::Span;

    #[test]
    fn days_and_weeks_are_read_and_nothing_else() {
        assert_eq!("14d".parse(), Ok(Span::days(14)));
        assert_eq!("4w".parse(), Ok(Span::days(28)));
        for wrong in ["", "d", "-1d", "3m", "99999999999d", "36526d", "1.5d", "d4", "é"] {
            assert!(wrong.parse::<Span>().is_err(), "{wrong}");
        }
    }
}
