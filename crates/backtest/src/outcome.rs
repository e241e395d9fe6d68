//! Whether what was looked for came true, when, and since when it could be known.

use jiff::{Span as JiffSpan, civil::Date};
use throughline_domain::Fact;

use crate::{
    Entrant,
    cohort::days_between,
    spec::{Condition, EventPattern, Events, Spec},
};

/// What came of one person by the last day that is known. Days are counted from time zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// It came true.
    Happened {
        /// The day it came true.
        onset: i64,
        /// The first day on which that could be known, were every fact written down on its day.
        known: i64,
    },
    /// Something else made it impossible; `risk` is its place in the spec's list.
    Competing {
        /// The day.
        day: i64,
        /// Which.
        risk: usize,
    },
    /// It had not come true when nobody looked any further.
    Not {
        /// The last day looked at.
        until: i64,
    },
}

/// What an outcome looks for, its names made patterns.
#[derive(Debug, Clone)]
pub struct Looked {
    condition: Condition,
    event: EventPattern,
    censored_by: Vec<EventPattern>,
    competing: Vec<EventPattern>,
    within: Option<i64>,
}

impl Looked {
    /// What a spec looks for.
    pub fn of(spec: &Spec) -> Self {
        let outcome = &spec.outcome;
        Self {
            censored_by: spec.events.all(&outcome.censored_by),
            competing: spec.events.all(&outcome.competing),
            within: outcome.within.map(crate::spec::Span::in_days),
            ..Self::for_condition(&outcome.when, &spec.events)
        }
    }

    /// The same with another condition.
    #[must_use]
    pub fn instead(self, condition: &Condition, events: &Events) -> Self {
        let Self { condition, event, .. } = Self::for_condition(condition, events);
        Self { condition, event, ..self }
    }

    /// What a condition alone looks for.
    pub fn for_condition(condition: &Condition, events: &Events) -> Self {
        let names: Vec<String> = condition.events().into_iter().cloned().collect();
        let event = events.all(&names).into_iter().next().expect("the spec was checked");
        Self {
            condition: condition.clone(),
            event,
            censored_by: Vec::new(),
            competing: Vec::new(),
            within: None,
        }
    }
}

/// How long it takes until it is known that an outcome did not come true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Until somebody looked on this day after time zero.
    Looked(i64),
    /// Until it is sure up to this day.
    Sure(i64),
    /// For ever: it is looked for without an end.
    Open,
}

impl Looked {
    /// Whether it came true; none where that is not known.
    pub fn came_true(&self, entrant: &Entrant<'_>, last: Date) -> Option<bool> {
        match judge(self, entrant, last) {
            Judgement::Happened { .. } => Some(true),
            Judgement::Competing { .. } => Some(false),
            Judgement::Not { until } => match self.reach() {
                Reach::Looked(day) => (until >= day).then_some(false),
                Reach::Sure(day) => (self.sure_until(entrant, last) >= day).then_some(false),
                Reach::Open => None,
            },
        }
    }

    /// Whether it is looked for without an end: that it did not come true is then never known.
    pub fn is_open(&self) -> bool {
        self.reach() == Reach::Open
    }

    /// How long it takes until it is known that it did not come true.
    fn reach(&self) -> Reach {
        match (&self.condition, self.within) {
            (Condition::LastBefore { before, .. }, within) => {
                Reach::Sure(within.unwrap_or(i64::MAX).min(before.in_days()))
            }
            (_, Some(within)) => Reach::Looked(within),
            (_, None) => Reach::Open,
        }
    }

    /// Of somebody for whom it did not come true: until which day after time zero that is sure. A silence that had
    /// begun when nobody looked any further may have been the one, so it is sure up to the last event alone.
    pub fn sure_until(&self, entrant: &Entrant<'_>, last: Date) -> i64 {
        let until = self.until(entrant, last).min(self.within.unwrap_or(i64::MAX));
        let days = entrant.life.iter().filter(|fact| fact.occurred.day() >= entrant.zero);
        let days = days.filter(|fact| self.event.is(fact));
        let mut days = days.map(|fact| days_between(entrant.zero, fact.occurred.day()));
        match &self.condition {
            Condition::First { .. } => until,
            Condition::Silence { .. } => days.take_while(|day| *day <= until).last().unwrap_or(0),
            Condition::LastBefore { before, .. } => {
                days.next_back().unwrap_or(0).min(before.in_days()).min(until)
            }
        }
    }

    /// The last day after time zero on which anything is known of somebody, whatever is looked for.
    pub fn until(&self, entrant: &Entrant<'_>, last: Date) -> i64 {
        let censored = entrant
            .life
            .iter()
            .filter(|fact| fact.occurred.day() >= entrant.zero)
            .find(|fact| self.censored_by.iter().any(|pattern| pattern.is(fact)))
            .map_or(i64::MAX, |fact| days_between(entrant.zero, fact.occurred.day()));
        days_between(entrant.zero, last).min(censored).max(0)
    }
}

/// What came of one person by `last`, the last day that is known.
pub fn judge(looked: &Looked, entrant: &Entrant<'_>, last: Date) -> Judgement {
    let day = |fact: &Fact| days_between(entrant.zero, fact.occurred.day());
    let after = || entrant.life.iter().filter(|fact| fact.occurred.day() >= entrant.zero);
    let first = |patterns: &[EventPattern]| {
        let found = |fact: &&Fact| patterns.iter().any(|pattern| pattern.is(fact));
        after().find(found).map(day)
    };
    let until = looked.until(entrant, last).min(looked.within.unwrap_or(i64::MAX));
    let competing = (0..looked.competing.len())
        .filter_map(|risk| Some((first(std::slice::from_ref(&looked.competing[risk]))?, risk)))
        .min()
        .filter(|(day, _)| *day <= until);
    let days: Vec<i64> = after().filter(|fact| looked.event.is(fact)).map(day).collect();
    let happened = came_true(&looked.condition, &days, until);
    match (happened, competing) {
        (Some((onset, known)), competing) if competing.is_none_or(|(day, _)| onset <= day) => {
            Judgement::Happened { onset, known }
        }
        (_, Some((day, risk))) => Judgement::Competing { day, risk },
        (_, None) => Judgement::Not { until },
    }
}

/// The day it came true and the day that was known, from the days of its event, in order.
fn came_true(condition: &Condition, days: &[i64], until: i64) -> Option<(i64, i64)> {
    match condition {
        Condition::First { .. } => {
            let first = *days.first()?;
            (first <= until).then_some((first, first))
        }
        Condition::Silence { length, .. } => {
            let length = length.in_days();
            let mut last = 0;
            for day in days.iter().copied().chain([i64::MAX]) {
                // On the last day that is known a stretch is over too, if it was long enough by then.
                if day.min(until.saturating_add(1)) - last > length {
                    return Some((last, last + length));
                }
                last = day;
            }
            None
        }
        Condition::LastBefore { before, known_after, .. } => {
            // Who never had one had the last of them, as far as anyone saw, on the day they came.
            let last = days.last().copied().unwrap_or(0);
            let known = last + known_after.in_days();
            (last < before.in_days() && known <= until).then_some((last, known))
        }
    }
}

/// A day so long after another.
pub fn day_after(zero: Date, days: i64) -> Date {
    zero.checked_add(JiffSpan::new().days(days)).unwrap_or(Date::MAX)
}
