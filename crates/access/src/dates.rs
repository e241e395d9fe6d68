//! How exactly an account sees the dates of one client.

use std::{fmt, str::FromStr};

use jiff::civil::{Date, date};
use serde::{Serialize, Serializer};

/// How exactly dates of one client are shown, where clients go by ids of the account's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Dates {
    /// To the day.
    #[default]
    Day,
    /// The first day of the month stands for all of it.
    Month,
    /// The first day of the quarter.
    Quarter,
    /// The first day of the year.
    Year,
}

/// A name that is no such.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` does not say how exactly dates are shown; use one of day, month, quarter, year")]
pub struct UnknownDates(String);

impl Dates {
    /// All of them, from the finest.
    pub const ALL: [Self; 4] = [Self::Day, Self::Month, Self::Quarter, Self::Year];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    /// The day that is shown for this one.
    pub fn shown(self, day: Date) -> Date {
        match self {
            Self::Day => day,
            Self::Month => day.first_of_month(),
            Self::Quarter => date(day.year(), (day.month() - 1) / 3 * 3 + 1, 1),
            Self::Year => date(day.year(), 1, 1),
        }
    }
}

impl Serialize for Dates {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl fmt::Display for Dates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Dates {
    type Err = UnknownDates;

    fn from_str(name: &str) -> Result<Self, UnknownDates> {
        let known = Self::ALL.into_iter().find(|dates| dates.name() == name);
        known.ok_or_else(|| UnknownDates(name.chars().take(40).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_day_of_a_period_stands_for_all_of_it() {
        let day = date(2026, 5, 31);
        let shown = Dates::ALL.map(|dates| dates.shown(day));
        assert_eq!(shown, [day, date(2026, 5, 1), date(2026, 4, 1), date(2026, 1, 1)]);
        assert_eq!(Dates::Quarter.shown(date(2026, 12, 31)), date(2026, 10, 1));
        for dates in Dates::ALL {
            assert_eq!(dates.name().parse(), Ok(dates));
        }
        assert!("week".parse::<Dates>().is_err());
    }
}
