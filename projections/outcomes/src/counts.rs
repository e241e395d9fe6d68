//! What is counted over clients. Only whole numbers are added, so that tallies join to the same figures in any order.

use std::collections::BTreeMap;

use throughline_domain::{Code, Relationship};

/// Counts over clients.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    pub(crate) clients: u64,
    pub(crate) erased: u64,
    pub(crate) aims: Aims,
    pub(crate) outcomes: Outcomes,
    pub(crate) follow_ups: FollowUps,
    /// Windows that ended, of the first time each outcome was reached, by name.
    pub(crate) windows: BTreeMap<Code, WindowCount>,
    pub(crate) difficulties: DifficultyCount,
    pub(crate) exits: Exits,
    pub(crate) success: Success,
    /// Clients by what they became.
    pub(crate) grown: BTreeMap<Relationship, u64>,
    pub(crate) grown_clients: u64,
}

/// Clients with a desired outcome.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Aims {
    pub(crate) clients: u64,
    pub(crate) reached: u64,
    pub(crate) left_without: u64,
    pub(crate) still_working: u64,
    pub(crate) died_before: u64,
    /// Days from intake to the first outcome.
    pub(crate) days: Histogram,
    pub(crate) no_intake: u64,
    pub(crate) before_intake: u64,
}

/// Outcomes that were reached, and what is known of them at their last required window.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Outcomes {
    pub(crate) reached: u64,
    pub(crate) withdrawn: u64,
    pub(crate) durable: u64,
    pub(crate) not_durable: u64,
    pub(crate) missed: u64,
    pub(crate) unreachable: u64,
    pub(crate) died: u64,
    pub(crate) not_yet_due: u64,
    pub(crate) awaiting_exit: u64,
    pub(crate) no_window: u64,
    pub(crate) slipped_ever: u64,
    pub(crate) reached_again: u64,
    pub(crate) enrolled_later: u64,
}

/// Required windows that ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct FollowUps {
    pub(crate) known: u64,
    pub(crate) missed: u64,
    pub(crate) unreachable: u64,
}

/// Outcomes at one window.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct WindowCount {
    pub(crate) held: u64,
    pub(crate) not: u64,
    pub(crate) missed: u64,
    pub(crate) unreachable: u64,
    pub(crate) died: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct DifficultyCount {
    /// Met before the first outcome, or until now, by clients with a desired outcome.
    pub(crate) on_the_way: u64,
    pub(crate) met: u64,
    pub(crate) overcome: u64,
    pub(crate) days: Histogram,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Exits {
    pub(crate) recorded: u64,
    pub(crate) derived: u64,
    pub(crate) open: u64,
    pub(crate) died: u64,
    pub(crate) reopened: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Success {
    pub(crate) areas_improved: u64,
    /// Sum of indicators' shares, in millionths, so that it adds up exactly.
    pub(crate) share_millionths: u64,
    pub(crate) indicators_measured: u64,
    pub(crate) indicators_without_share: u64,
    pub(crate) plans: u64,
    pub(crate) departures: u64,
}

/// Whole days and how often each occurred.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Histogram(BTreeMap<i32, u64>);

impl Histogram {
    pub(crate) fn add(&mut self, days: i32) {
        *self.0.entry(days).or_default() += 1;
    }

    fn merge(&mut self, other: Self) {
        for (days, count) in other.0 {
            *self.0.entry(days).or_default() += count;
        }
    }

    pub(crate) fn count(&self) -> u64 {
        self.0.values().sum()
    }

    /// The middle value; the mean of the two in the middle where the count is even.
    pub(crate) fn median(&self) -> Option<f64> {
        let count = self.count();
        let upper = self.nth(count / 2)?;
        let lower = if count.is_multiple_of(2) { self.nth(count / 2 - 1)? } else { upper };
        Some(f64::midpoint(f64::from(lower), f64::from(upper)))
    }

    fn nth(&self, nth: u64) -> Option<i32> {
        let mut before = 0;
        self.0.iter().find_map(|(days, count)| {
            before += count;
            (before > nth).then_some(*days)
        })
    }
}

/// Joins two tallies of different clients.
pub(crate) fn merge(into: &mut Tally, other: Tally) {
    into.clients += other.clients;
    into.erased += other.erased;
    into.aims.merge(other.aims);
    into.outcomes.merge(&other.outcomes);
    into.follow_ups.merge(&other.follow_ups);
    for (window, count) in other.windows {
        into.windows.entry(window).or_default().merge(&count);
    }
    into.difficulties.on_the_way += other.difficulties.on_the_way;
    into.difficulties.met += other.difficulties.met;
    into.difficulties.overcome += other.difficulties.overcome;
    into.difficulties.days.merge(other.difficulties.days);
    into.exits.merge(&other.exits);
    into.success.merge(&other.success);
    for (relationship, count) in other.grown {
        *into.grown.entry(relationship).or_default() += count;
    }
    into.grown_clients += other.grown_clients;
}

impl Aims {
    fn merge(&mut self, other: Self) {
        self.clients += other.clients;
        self.reached += other.reached;
        self.left_without += other.left_without;
        self.still_working += other.still_working;
        self.died_before += other.died_before;
        self.days.merge(other.days);
        self.no_intake += other.no_intake;
        self.before_intake += other.before_intake;
    }
}

/// Adds up structs of plain counts; every field is named, so that none is forgotten.
macro_rules! add_counts {
    ($($name:ident { $($field:ident),* $(,)? })*) => {$(
        impl $name {
            fn merge(&mut self, other: &Self) {
                let Self { $($field),* } = other;
                $(self.$field += $field;)*
            }
        }
    )*};
}

add_counts! {
    Outcomes {
        reached, withdrawn, durable, not_durable, missed, unreachable, died, not_yet_due, awaiting_exit, no_window,
        slipped_ever, reached_again, enrolled_later,
    }
    FollowUps { known, missed, unreachable }
    WindowCount { held, not, missed, unreachable, died }
    Exits { recorded, derived, open, died, reopened }
    Success {
        areas_improved, share_millionths, indicators_measured, indicators_without_share, plans, departures,
    }
}
