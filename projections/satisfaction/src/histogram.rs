//! How many took how many whole days. Joined in any order it is the same, so medians over clients are exact.

use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Histogram(BTreeMap<i32, u64>);

impl Histogram {
    pub(crate) fn add(&mut self, days: i32) {
        *self.0.entry(days).or_default() += 1;
    }

    pub(crate) fn merge(&mut self, other: Self) {
        for (days, count) in other.0 {
            *self.0.entry(days).or_default() += count;
        }
    }

    pub(crate) fn count(&self) -> u64 {
        self.0.values().sum()
    }

    pub(crate) fn median(&self) -> Option<i32> {
        self.within(1, 2)
    }

    pub(crate) fn ninetieth(&self) -> Option<i32> {
        self.within(9, 10)
    }

    /// The fewest days within which this share lies (the nearest-rank quantile: always a value that was counted).
    fn within(&self, share: u64, of: u64) -> Option<i32> {
        let rank = (self.count() * share).div_ceil(of);
        let mut counted = 0;
        self.0.iter().find_map(|(days, count)| {
            counted += count;
            (counted >= rank).then_some(*days)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_were_counted() {
        let mut days = Histogram::default();
        assert_eq!(days.median(), None);
        (1..=10).for_each(|day| days.add(day));
        assert_eq!((days.median(), days.ninetieth()), (Some(5), Some(9)));
        days.add(11);
        assert_eq!((days.median(), days.ninetieth()), (Some(6), Some(10)));
    }
}
