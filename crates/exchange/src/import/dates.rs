//! Dates as people really write them, with every reading accounted for.

use jiff::{
    Timestamp,
    civil::{Date, Time},
    tz::Offset,
};

use super::Finding;

/// The order of the three parts of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// 2023-02-07.
    YearFirst,
    /// 02/07/2023.
    MonthFirst,
    /// 07.02.2023.
    DayFirst,
}

impl Order {
    /// Every order.
    pub const ALL: [Self; 3] = [Self::YearFirst, Self::MonthFirst, Self::DayFirst];
}

/// Which century a year of two digits is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Century {
    /// The latest one that does not lie after the latest day.
    Recent,
    /// Either, as with days of birth: two digits have a reading only where one century is out of the question.
    Either,
}

/// What is known beforehand about the dates of a column.
#[derive(Debug, Clone, Copy)]
pub struct Expected {
    /// The one order that fits the whole column, where there is one.
    pub order: Option<Order>,
    /// The last day that is not in the future of the source.
    pub latest: Date,
    /// For years of two digits.
    pub century: Century,
}

/// A date that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// The day.
    pub day: Date,
    /// The time of day, where it was told.
    pub time: Option<Time>,
    /// Whether it stood in the form year-month-day.
    pub published_form: bool,
}

impl Told {
    /// The instant, with the clock it was told by taken as UTC; midnight where no time was told.
    pub fn timestamp(self) -> Option<Timestamp> {
        Offset::UTC.to_timestamp(self.day.to_datetime(self.time.unwrap_or(Time::midnight()))).ok()
    }
}

/// The earliest day that can be: nobody in a file of today was served or born before.
const EARLIEST: Date = jiff::civil::date(1900, 1, 1);

/// No row of such a system is older; only the order of a whole column is judged by it.
const FIRST_RECORDS: Date = jiff::civil::date(1970, 1, 1);

/// Reads a date. `text` must not be blank.
///
/// Year-month-day is always read. Otherwise the column's order decides; where it has none, a date with a year of
/// four digits and two readings is read month first, as the format's home country writes it, and a date with a
/// year of two digits and two readings is ambiguous.
pub fn read(text: &str, expected: Expected) -> Result<Told, Finding> {
    if let Some(told) = published(text, expected.latest) {
        return Ok(told);
    }
    let trimmed = text.trim();
    let (date, time) = date_and_time(trimmed);
    let parts = Parts::of(date).ok_or(Finding::DateUnreadable)?;
    let time = match time {
        None | Some("") => None,
        Some(time) => Some(time_of_day(time).ok_or(Finding::DateUnreadable)?),
    };
    let published_form = parts.published && trimmed.len() == text.len();
    let day = parts.day(expected)?;
    if day < EARLIEST || (day > expected.latest && day > limit(expected.latest)) {
        return Err(Finding::DateImpossible);
    }
    Ok(Told { day, time, published_form })
}

/// Reads just the published form, `2022-02-18` or `2022-02-18 13:37:26`, where the day is not after `latest`: most dates
/// of most files, in a small part of the time. None for any other text, which [`read`] then judges.
pub(crate) fn published(text: &str, latest: Date) -> Option<Told> {
    let bytes = text.as_bytes();
    let digits = |from: usize, to: usize| {
        let digit =
            |number: i16, byte: &u8| byte.is_ascii_digit().then(|| number * 10 + i16::from(byte - b'0'));
        bytes[from..to].iter().try_fold(0_i16, digit)
    };
    let small = |from: usize| i8::try_from(digits(from, from + 2)?).ok();
    let time = match bytes.len() {
        10 => None,
        19 if matches!(bytes[10], b' ' | b'T') && bytes[13] == b':' && bytes[16] == b':' => {
            Some(Time::new(small(11)?, small(14)?, small(17)?, 0).ok()?)
        }
        _ => return None,
    };
    if bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let day = Date::new(digits(0, 4)?, small(5)?, small(8)?).ok()?;
    (day >= EARLIEST && day <= latest).then_some(Told { day, time, published_form: true })
}

/// Whether a text is a date that only its column's order can settle, and which orders it allows.
pub fn orders(text: &str, latest: Date) -> Option<[bool; 3]> {
    let parts = Parts::of(date_and_time(text.trim()).0)?;
    if parts.published || parts.month_named {
        return None;
    }
    Some(Order::ALL.map(|order| {
        parts
            .in_order(order, latest, Century::Recent)
            .is_some_and(|day| day >= FIRST_RECORDS && day <= limit(latest))
    }))
}

/// A year after the last day of the source: schedules reach that far, slips of the pen reach further.
fn limit(latest: Date) -> Date {
    latest.saturating_add(jiff::Span::new().days(366))
}

fn date_and_time(text: &str) -> (&str, Option<&str>) {
    if let Some((date, time)) = text.split_once(char::is_whitespace) {
        return (date, Some(time.trim()));
    }
    match text.as_bytes().get(10) {
        Some(b'T' | b't') if text.is_ascii() => (&text[..10], Some(&text[11..])),
        _ => (text, None),
    }
}

/// Three numbers of a date as they stood.
struct Parts {
    numbers: [u16; 3],
    digits: [usize; 3],
    month_named: bool,
    published: bool,
}

impl Parts {
    fn of(date: &str) -> Option<Self> {
        if date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit()) {
            let numbers = [date[..4].parse().ok()?, date[4..6].parse().ok()?, date[6..].parse().ok()?];
            return Some(Self { numbers, digits: [4, 2, 2], month_named: false, published: false });
        }
        let separator = date.chars().find(|c| matches!(c, '-' | '/' | '.'))?;
        let mut numbers = [0; 3];
        let mut digits = [0; 3];
        let mut month_named = false;
        let mut parts = date.split(separator);
        for place in 0..3 {
            let part = parts.next()?;
            if let Some(month) = month_of(part) {
                if month_named {
                    return None;
                }
                (numbers[place], digits[place], month_named) = (month, 0, true);
            } else {
                if part.len() > 4 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
                    return None;
                }
                (numbers[place], digits[place]) = (part.parse().ok()?, part.len());
            }
        }
        let published = separator == '-' && digits[0] == 4 && digits[1] > 0;
        parts.next().is_none().then_some(Self { numbers, digits, month_named, published })
    }

    fn day(&self, expected: Expected) -> Result<Date, Finding> {
        let reading = |order| self.in_order(order, expected.latest, expected.century);
        if let Some(order) = expected.order
            && self.digits[0] != 4
        {
            return reading(order).ok_or(Finding::DateUnreadable);
        }
        let mut readings: Vec<Date> = Order::ALL.into_iter().filter_map(reading).collect();
        readings.dedup();
        match (readings.as_slice(), self.digits.contains(&4)) {
            ([], _) if self.century_open(expected) => Err(Finding::DateAmbiguous),
            ([], _) => Err(Finding::DateUnreadable),
            ([day], _) => Ok(*day),
            // Order::ALL puts month first before day first.
            ([month_first, ..], true) => Ok(*month_first),
            (_, false) => Err(Finding::DateAmbiguous),
        }
    }

    /// Whether the date would have a reading if only its century were known.
    fn century_open(&self, expected: Expected) -> bool {
        expected.century == Century::Either
            && Order::ALL
                .into_iter()
                .any(|order| self.in_order(order, expected.latest, Century::Recent).is_some())
    }

    /// The day in this order, if the parts allow it.
    fn in_order(&self, order: Order, latest: Date, century: Century) -> Option<Date> {
        let [year, month, day] = match order {
            Order::YearFirst => [0, 1, 2],
            Order::MonthFirst => [2, 0, 1],
            Order::DayFirst => [2, 1, 0],
        };
        // A named month says its own place; two-digit numbers around it put the year last.
        if self.month_named
            && (self.digits[month] != 0 || (order == Order::YearFirst && self.digits[year] != 4))
        {
            return None;
        }
        if self.digits[month] > 2 || self.digits[day] > 2 || self.digits[day] == 0 {
            return None;
        }
        let told = i16::try_from(self.numbers[year]).ok()?;
        let month_number = i8::try_from(self.numbers[month]).ok()?;
        let day_number = i8::try_from(self.numbers[day]).ok()?;
        let full = match self.digits[year] {
            4 => told,
            2 => {
                let recent = Date::new(2000 + told, month_number, day_number).ok();
                let is_past = recent.is_some_and(|day| day <= latest);
                match (is_past, century) {
                    (true, Century::Either) => return None,
                    (true, Century::Recent) => 2000 + told,
                    (false, _) => 1900 + told,
                }
            }
            _ => return None,
        };
        Date::new(full, month_number, day_number).ok()
    }
}

fn month_of(part: &str) -> Option<u16> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let start = part.get(..3)?.to_ascii_lowercase();
    let at = MONTHS.iter().position(|month| *month == start)?;
    part.bytes().all(|byte| byte.is_ascii_alphabetic()).then_some(u16::try_from(at).ok()? + 1)
}

/// Hours, minutes, perhaps seconds and AM or PM; a fraction of a second and an offset are left aside.
fn time_of_day(text: &str) -> Option<Time> {
    let (clock, afternoon) = match text.to_ascii_lowercase() {
        lower if lower.ends_with("pm") => (lower[..lower.len() - 2].trim().to_owned(), Some(true)),
        lower if lower.ends_with("am") => (lower[..lower.len() - 2].trim().to_owned(), Some(false)),
        lower => (lower, None),
    };
    let clock = clock.split(['z', '+', '.', '-']).next()?;
    let mut parts = clock.split(':').map(|part| part.trim().parse::<i8>().ok());
    let hour = parts.next()??;
    let minute = parts.next()??;
    let second = match parts.next() {
        None => 0,
        Some(second) => second?,
    };
    let hour = match afternoon {
        Some(true) if hour < 12 => hour + 12,
        Some(false) if hour == 12 => 0,
        _ => hour,
    };
    Time::new(hour, minute, second, 0).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const EXPECTED: Expected = Expected { order: None, latest: date(2023, 9, 8), century: Century::Recent };

    fn day(text: &str) -> Result<Date, Finding> {
        read(text, EXPECTED).map(|told| told.day)
    }

    #[test]
    fn the_published_form_is_read_as_every_form_is() {
        for text in [
            "2022-02-18",
            "2022-02-30",
            "2022-13-01",
            "1899-12-31",
            "1900-01-01",
            "2023-09-08",
            "2023-09-09",
            "2022-02-18 13:37:26",
            "2022-02-18T00:00:00",
            "2022-02-18 24:00:00",
            "2022-02-18 13:60:00",
            "2022-02-18 13:37:2x",
            "0022-02-18",
            "2022-2-18",
            "+022-02-18",
            "2022-02-18 1:37:26",
        ] {
            let Some(told) = published(text, EXPECTED.latest) else { continue };
            let parts = Parts::of(&text[..10]).expect("three numbers");
            assert_eq!(parts.day(EXPECTED), Ok(told.day), "{text}");
            assert_eq!(told.time, text.get(11..).map(|time| time_of_day(time).expect("a time")), "{text}");
            assert!(parts.published && told.day >= EARLIEST && told.day <= EXPECTED.latest, "{text}");
        }
        assert!(published("2022-02-18 13:37:26", EXPECTED.latest).is_some());
        assert!(published("2023-09-09", EXPECTED.latest).is_none(), "after the latest day");
    }

    #[test]
    fn dates_of_the_field_are_read() {
        assert_eq!(day("2022-02-18"), Ok(date(2022, 2, 18)));
        assert_eq!(day("2015-6-30\t"), Ok(date(2015, 6, 30)));
        assert_eq!(day("2013-5-1"), Ok(date(2013, 5, 1)));
        assert_eq!(day("12-31-2015"), Ok(date(2015, 12, 31)));
        assert_eq!(day("31/12/2015"), Ok(date(2015, 12, 31)));
        assert_eq!(day("08-MAY-67"), Ok(date(1967, 5, 8)));
        assert_eq!(day("May/8/1967"), Ok(date(1967, 5, 8)));
        assert_eq!(day("20220218"), Ok(date(2022, 2, 18)));
        let told = read("02-07-2023 12:00:00", EXPECTED).expect("month first");
        assert_eq!((told.day, told.published_form), (date(2023, 2, 7), false));
        assert_eq!(told.timestamp().map(|at| at.to_string()), Some("2023-02-07T12:00:00Z".to_owned()));
        assert!(read("2022-02-18 13:37:26", EXPECTED).is_ok_and(|told| told.published_form));
    }

    #[test]
    fn two_digits_of_a_year_need_a_column_that_settles_them() {
        assert_eq!(day("03-11-21"), Err(Finding::DateAmbiguous));
        assert_eq!(day("13-06-19"), Err(Finding::DateAmbiguous));
        let day_first = Expected { order: Some(Order::DayFirst), ..EXPECTED };
        assert_eq!(read("03-11-21", day_first).map(|told| told.day), Ok(date(2021, 11, 3)));
        assert_eq!(read("13-06-19", day_first).map(|told| told.day), Ok(date(2019, 6, 13)));
        assert_eq!(orders("13-06-19", EXPECTED.latest), Some([true, false, true]));
        assert_eq!(orders("31-07-09", EXPECTED.latest), Some([false, false, true]));
        assert_eq!(orders("2022-02-18", EXPECTED.latest), None);
    }

    #[test]
    fn a_birth_with_two_digits_is_read_only_where_one_century_is_left() {
        let birth = Expected { latest: date(2017, 10, 3), century: Century::Either, order: None };
        assert_eq!(read("08-MAY-67", birth).map(|told| told.day), Ok(date(1967, 5, 8)));
        assert_eq!(read("17-JUN-12", birth).map(|told| told.day), Err(Finding::DateAmbiguous));
    }

    #[test]
    fn what_cannot_be_is_said_so() {
        assert_eq!(day("3013-7-31"), Err(Finding::DateImpossible));
        assert_eq!(day("1899-12-31"), Err(Finding::DateImpossible));
        assert_eq!(day("2022-02-30"), Err(Finding::DateUnreadable));
        assert_eq!(day("b6585c2320f69a2b920adb507cc9d82f"), Err(Finding::DateUnreadable));
        assert_eq!(day("2022-02-18 25:00"), Err(Finding::DateUnreadable));
        assert_eq!(day("3"), Err(Finding::DateUnreadable));
    }
}
