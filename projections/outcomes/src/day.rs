//! Civil days as whole numbers, so that a view stays small and days can be counted.

use jiff::{ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

const FIRST: Date = Date::constant(1970, 1, 1);

/// A civil day, counted from 1 January 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Day(i32);

impl Day {
    /// The day of this date.
    pub(crate) fn of(date: Date) -> Self {
        let days = date.duration_since(FIRST).as_hours() / 24;
        Self(i32::try_from(days).expect("a civil date lies within 2^31 days of 1970"))
    }

    /// The date of this day; a day past the calendar's end is its last.
    pub(crate) fn date(self) -> Date {
        FIRST.saturating_add(self.0.days())
    }

    /// The day so many days later.
    pub(crate) fn plus(self, days: u16) -> Self {
        Self(self.0.saturating_add(i32::from(days)))
    }

    /// Days from an earlier day to this one; negative where the other is later.
    pub(crate) fn since(self, earlier: Self) -> i32 {
        self.0.saturating_sub(earlier.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_agree_at_both_ends_of_the_calendar() {
        for date in [Date::MIN, Date::constant(1969, 12, 31), FIRST, Date::constant(2024, 2, 29), Date::MAX] {
            assert_eq!(Day::of(date).date(), date);
        }
        assert_eq!(Day::of(Date::MAX).plus(u16::MAX).date(), Date::MAX);
        assert_eq!(
            Day::of(Date::constant(2024, 3, 1)).since(Day::of(Date::constant(2024, 2, 1))),
            29,
            "February 2024 has a 29th"
        );
    }
}
