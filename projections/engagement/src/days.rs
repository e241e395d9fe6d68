//! Days as numbers: a view holds four bytes where a date written out takes ten.

use jiff::civil::Date;
use throughline_projection::Day;

/// Days from 1 January 1970.
pub(crate) fn number(date: Date) -> i32 {
    Day::of(date).number()
}

/// The date of a day number; the last date there is for numbers beyond it.
pub(crate) fn date(number: i32) -> Date {
    Day::numbered(number).date()
}

/// The last days of the months between two days, both included.
pub(crate) fn month_ends(from: i32, to: i32) -> impl Iterator<Item = i32> {
    let first = date(from).last_of_month();
    std::iter::successors(Some(first), |end| Some(end.tomorrow().ok()?.last_of_month()))
        .map(number)
        .take_while(move |end| *end <= to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_and_its_number_stand_for_each_other() {
        for text in ["1969-12-31", "1970-01-01", "2024-02-29", "2026-11-21"] {
            let day: Date = text.parse().unwrap();
            assert_eq!(date(number(day)), day);
        }
        assert_eq!(number(Date::constant(1970, 1, 1)), 0);
        assert_eq!(number(Date::constant(2025, 1, 1)), 20_089);
    }

    #[test]
    fn months_end_on_their_own_last_day() {
        let day = |text: &str| number(text.parse().unwrap());
        let ends: Vec<Date> = month_ends(day("2024-01-31"), day("2024-03-30")).map(date).collect();
        assert_eq!(ends, [date(day("2024-01-31")), date(day("2024-02-29"))]);
    }
}
