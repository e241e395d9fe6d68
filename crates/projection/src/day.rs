//! Days as numbers, so that views stay small, and working days.

use jiff::{SignedDuration, civil::Date};
use serde::{Deserialize, Serialize};

/// A civil day, as days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(i32);

const FIRST: Date = jiff::civil::date(1970, 1, 1);

impl Day {
    /// The day of this date.
    pub fn of(date: Date) -> Self {
        let days = FIRST.duration_until(date).as_hours() / 24;
        Self(i32::try_from(days).expect("a civil date lies within ten thousand years of 1970"))
    }

    /// The civil date; days past the last one a calendar knows come back as that one.
    pub fn date(self) -> Date {
        FIRST.saturating_add(SignedDuration::from_hours(i64::from(self.0) * 24))
    }

    /// So many days later.
    #[must_use]
    pub fn plus(self, days: u16) -> Self {
        Self(self.0.saturating_add(i32::from(days)))
    }

    /// So many days earlier.
    #[must_use]
    pub fn minus(self, days: u16) -> Self {
        Self(self.0.saturating_sub(i32::from(days)))
    }

    /// Days since 1970-01-01.
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The day so many days after 1970-01-01.
    pub const fn numbered(number: i32) -> Self {
        Self(number)
    }

    /// Whole days from `earlier` to this day; negative where this day comes first.
    pub fn since(self, earlier: Self) -> i32 {
        self.0.saturating_sub(earlier.0)
    }

    /// The `days`-th working day after this one. Working days are Monday to Friday; public holidays are not known.
    #[must_use]
    pub fn plus_working(self, days: u16) -> Self {
        let days = i32::from(days);
        // Day 0 was a Thursday, so Mondays are 4 days on. A weekend day counts from its Friday.
        let weekday = (self.0 + 3).rem_euclid(7);
        let (weekday, start) =
            if weekday > 4 && days > 0 { (4, self.0 - (weekday - 4)) } else { (weekday, self.0) };
        let weekends = (weekday + days) / 5;
        Self(start + days + if days > 0 { weekends * 2 } else { 0 })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Weekday, date};

    use super::*;

    #[test]
    fn a_day_number_leads_back_to_its_date() {
        for day in
            [date(1969, 12, 31), date(1970, 1, 1), date(2024, 2, 29), date(9999, 12, 31), date(-9999, 1, 1)]
        {
            assert_eq!(Day::of(day).date(), day);
        }
    }

    #[test]
    fn working_days_skip_saturdays_and_sundays() {
        for start in 0..14 {
            let start = Day(20_000 + start);
            for days in 0..30 {
                let mut counted = start.date();
                for _ in 0..days {
                    counted = counted.tomorrow().expect("far from the end of the calendar");
                    while matches!(counted.weekday(), Weekday::Saturday | Weekday::Sunday) {
                        counted = counted.tomorrow().expect("far from the end of the calendar");
                    }
                }
                assert_eq!(
                    start.plus_working(days).date(),
                    counted,
                    "{days} working days after {}",
                    start.date()
                );
            }
        }
    }
}
