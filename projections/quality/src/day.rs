//! Days as numbers, so that views stay small.

use jiff::{SignedDuration, civil::Date};
use serde::{Deserialize, Serialize};

/// A civil day, as days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Day(i32);

const FIRST: Date = jiff::civil::date(1970, 1, 1);

impl Day {
    pub(crate) fn of(date: Date) -> Self {
        let days = FIRST.duration_until(date).as_hours() / 24;
        Self(i32::try_from(days).expect("a civil date lies within ten thousand years of 1970"))
    }

    /// The civil date; days past the last one a calendar knows come back as that one.
    pub(crate) fn date(self) -> Date {
        FIRST.saturating_add(SignedDuration::from_hours(i64::from(self.0) * 24))
    }

    pub(crate) fn plus(self, days: u16) -> Self {
        Self(self.0 + i32::from(days))
    }

    /// Whole days from `earlier` to this day; negative where this day comes first.
    pub(crate) fn since(self, earlier: Self) -> i32 {
        self.0 - earlier.0
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_day_number_leads_back_to_its_date() {
        for day in
            [date(1969, 12, 31), date(1970, 1, 1), date(2024, 2, 29), date(9999, 12, 31), date(-9999, 1, 1)]
        {
            assert_eq!(Day::of(day).date(), day);
        }
    }
}
