//! The four years as numbered days, and when an entry is written down.

use jiff::{
    Timestamp, ToSpan,
    civil::Date,
    tz::{self, Offset},
};
use throughline_domain::Occurred;

/// South African time all year round.
const OFFSET: Offset = tz::offset(2);
const DAY_SECONDS: i64 = 86_400;
const YEARS: i32 = 4;

/// The hours of a working day at which people write up what they did since the hour before.
const WRITING_HOURS: [i32; 4] = [10, 12, 14, 16];

/// The span of the generated record. Day 0 is its first; the last is the day before `until`.
pub(crate) struct Calendar {
    begins: Date,
    /// Unix second at which day 0 begins.
    midnight: i64,
    /// Days since a Monday on day 0.
    weekday: i32,
    /// The last day on which anything is recorded.
    pub(crate) last: i32,
    dates: Vec<Date>,
}

impl Calendar {
    pub(crate) fn new(until: Date) -> Self {
        let begins = until.saturating_sub(YEARS.years());
        let midnight = OFFSET
            .to_timestamp(begins.to_datetime(jiff::civil::Time::midnight()))
            .expect("a civil date of an organisation's life is within the range of timestamps")
            .as_second();
        let mut dates = Vec::new();
        let mut date = begins;
        // Plans and due dates look up to two and a half years past the end.
        while dates.len() < 2_400 {
            dates.push(date);
            date = date.tomorrow().unwrap_or(date);
        }
        let last = i32::try_from(dates.partition_point(|date| *date < until)).unwrap_or(i32::MAX) - 1;
        let weekday = i32::from(begins.weekday().to_monday_zero_offset());
        Self { begins, midnight, weekday, last, dates }
    }

    pub(crate) fn date(&self, day: i32) -> Date {
        match usize::try_from(day) {
            Ok(day) if day < self.dates.len() => self.dates[day],
            _ => self.begins.saturating_add(day.days()),
        }
    }

    /// The Monday of the week of this day.
    pub(crate) fn monday(&self, day: i32) -> i32 {
        day - (self.weekday + day).rem_euclid(7)
    }

    /// This day, or the Monday after it.
    pub(crate) fn working_day(&self, day: i32) -> i32 {
        let weekday = (self.weekday + day).rem_euclid(7);
        if weekday < 5 { day } else { day + 7 - weekday }
    }

    pub(crate) fn occurred(&self, day: i32, minute: Option<i32>) -> Occurred {
        match minute {
            None => Occurred::On(self.date(day)),
            Some(minute) => Occurred::At(self.timestamp(self.second(day, minute)), OFFSET),
        }
    }

    /// The Unix second at which what happened at this minute of this day is written down: the next hour of writing
    /// on a working day.
    pub(crate) fn written(&self, day: i32, minute: i32) -> i64 {
        let next = WRITING_HOURS.iter().find(|hour| minute <= **hour * 60);
        match next {
            Some(hour) if self.working_day(day) == day => self.second(day, hour * 60),
            Some(_) => self.second(self.working_day(day), WRITING_HOURS[0] * 60),
            None => self.second(self.working_day(day + 1), WRITING_HOURS[0] * 60),
        }
    }

    /// The Unix second at which this day begins.
    pub(crate) fn begin_of(&self, day: i32) -> i64 {
        self.second(day, 0)
    }

    /// The day of a Unix second.
    pub(crate) fn day_of(&self, second: i64) -> i32 {
        i32::try_from((second - self.midnight).div_euclid(DAY_SECONDS)).expect("days of a few years are few")
    }

    pub(crate) fn timestamp(&self, second: i64) -> Timestamp {
        debug_assert!(second >= self.midnight);
        Timestamp::from_second(second).expect("a second of these years is within the range of timestamps")
    }

    fn second(&self, day: i32, minute: i32) -> i64 {
        self.midnight + i64::from(day) * DAY_SECONDS + i64::from(minute) * 60
    }
}
