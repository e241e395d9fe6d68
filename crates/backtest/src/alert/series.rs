//! Features that a spec defines: stretches after time zero with or without an event.

use jiff::civil::Date;
use throughline_projection::{Day, FeatureValue};

use super::pattern::{Asked, Pattern};
use crate::spec::{Count, Series, Spec};

/// A series as a spec defines it.
pub(crate) struct Defined {
    pub name: String,
    patterns: Vec<Pattern>,
    every: i32,
    count: Count,
    last: i32,
}

/// The days of its events, in order, as far as they are known.
#[derive(Debug, Default)]
pub(crate) struct Days(Vec<i32>);

impl Defined {
    pub fn of(name: &str, series: &Series, spec: &Spec) -> Self {
        Self {
            name: name.to_owned(),
            patterns: Pattern::all(&spec.events.all(&series.events)),
            every: i32::try_from(series.every.in_days()).expect("at most a hundred years").max(1),
            count: series.count,
            last: i32::try_from(series.last).expect("at most 520"),
        }
    }

    /// The names of the facts it counts.
    pub fn facts(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.patterns.iter().map(Pattern::short_name)
    }

    /// Takes the next fact, in the order of life.
    pub fn take(&self, days: &mut Days, asked: &Asked<'_>) {
        if self.patterns.iter().any(|pattern| pattern.is(asked)) {
            days.0.push(Day::of(asked.fact.occurred.day()).number());
        }
    }

    /// What it comes to on a day. Looks back over its last stretches and no further.
    pub fn value(&self, days: &Days, zero: Date, on: Date) -> FeatureValue {
        let zero = Day::of(zero).number();
        let over = (Day::of(on).number() - zero).max(0) / self.every;
        let first = (over - self.last).max(0);
        let place = |stretch: i32| days.0.partition_point(|day| *day <= zero + stretch * self.every);
        let within = &days.0[place(first)..place(over)];
        let stretch = |day: i32| (day - zero - 1).div_euclid(self.every) + 1;
        let without_in_a_row = || over - within.last().map_or(first, |day| stretch(*day));
        let with = || {
            let mut with = 0;
            let mut before = 0;
            for day in within {
                with += i32::from(stretch(*day) != before);
                before = stretch(*day);
            }
            with
        };
        let with_in_a_row = || {
            let mut run = 0;
            for day in within.iter().rev() {
                match stretch(*day) {
                    counted if counted == over - run + 1 => {}
                    next if next == over - run => run += 1,
                    _ => break,
                }
            }
            run
        };
        let value = match self.count {
            Count::InARowWithout => without_in_a_row(),
            Count::InARowWith => with_in_a_row(),
            Count::With => with(),
            Count::Without => over - first - with(),
            Count::Events => i32::try_from(within.len()).expect("fewer than two billion events"),
        };
        value.into()
    }
}

impl Days {
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use throughline_projection::FeatureValue;

    use super::{Count, Days, Defined};

    /// What a weekly series says on a day, from the days after time zero on which its event happened.
    fn on(day: i32, happened: &[i32], count: Count, last: i32) -> i64 {
        let zero = date(2025, 1, 6);
        let number = |day: i32| throughline_projection::Day::of(zero).number() + day;
        let defined = Defined { name: String::new(), patterns: Vec::new(), every: 7, count, last };
        let days = Days(happened.iter().map(|day| number(*day)).collect());
        let on = throughline_projection::Day::numbered(number(day)).date();
        match defined.value(&days, zero, on) {
            FeatureValue::Whole(whole) => whole,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_week_is_days_one_to_seven_and_counts_once_it_is_over() {
        // The day of entry itself is in no week; day 7 is the last of the first.
        assert_eq!(on(7, &[0], Count::InARowWithout, 520), 1);
        assert_eq!(on(7, &[7], Count::InARowWithout, 520), 0);
        assert_eq!(on(13, &[7], Count::InARowWithout, 520), 0, "the second week is not over");
        assert_eq!(on(14, &[7], Count::InARowWithout, 520), 1);
        assert_eq!(on(14, &[8], Count::InARowWithout, 520), 0);
        assert_eq!(on(28, &[7], Count::InARowWithout, 520), 3);
        assert_eq!(on(0, &[], Count::InARowWithout, 520), 0);
    }

    #[test]
    fn weeks_with_and_without_are_counted_over_the_last_ones() {
        let happened = [1, 2, 9, 23, 24, 30];
        assert_eq!(on(35, &happened, Count::InARowWith, 520), 2, "weeks 4 and 5, not 3");
        assert_eq!(on(35, &happened, Count::With, 520), 4);
        assert_eq!(on(35, &happened, Count::Without, 520), 1);
        assert_eq!(on(35, &happened, Count::With, 3), 2);
        assert_eq!(on(35, &happened, Count::Without, 3), 1);
        assert_eq!(on(35, &happened, Count::Events, 2), 3);
        assert_eq!(on(35, &happened, Count::InARowWith, 1), 1, "no run is longer than what is looked at");
    }
}
