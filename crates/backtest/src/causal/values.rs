//! A number for each client, and what is not known of it.

use jiff::civil::Date;
use throughline_domain::{Event, Fact, Milestone};

use crate::{
    Cohort, Entrant, Error, Guard, Looked, Refusal,
    cohort::days_between,
    spec::{Causal, EventPattern, Measure, Spec, Unknown, Window},
};

use super::groups::number;

/// What is measured, its names made patterns.
pub(crate) struct Measured<'s> {
    measure: &'s Measure,
    pattern: Option<EventPattern>,
    looked: Looked,
    last_day: Date,
    range: Option<(f64, f64)>,
    more_is_better: bool,
}

impl<'s> Measured<'s> {
    pub fn of(spec: &'s Spec, causal: &'s Causal, cohort: &Cohort<'_>) -> Self {
        Self::with(spec, &causal.measure, causal.range, cohort)
    }

    /// A measure of the days before time zero: nothing that came later can have moved it.
    pub fn with(
        spec: &'s Spec,
        measure: &'s Measure,
        range: Option<(f64, f64)>,
        cohort: &Cohort<'_>,
    ) -> Self {
        let range = if measure.is_share() { Some((0.0, 1.0)) } else { range };
        Self {
            measure,
            pattern: measure
                .event()
                .and_then(|name| spec.events.get(name).ok())
                .map(std::borrow::Cow::into_owned),
            looked: Looked::of(spec),
            last_day: cohort.until,
            range,
            more_is_better: spec.outcome.desired != matches!(measure, Measure::NoOutcome),
        }
    }

    /// The client's number; none where it is not known.
    pub fn value(&self, entrant: &Entrant<'_>) -> Option<f64> {
        match self.measure {
            Measure::Outcome => self.looked.came_true(entrant, self.last_day).map(one_or_nought),
            Measure::NoOutcome => {
                self.looked.came_true(entrant, self.last_day).map(|came| one_or_nought(!came))
            }
            Measure::Count { window, .. } => {
                let found = self.days(entrant, *window, false).len();
                self.is_over(entrant, *window).then_some(found as f64)
            }
            Measure::Share { window, .. } => {
                if self.days(entrant, *window, false).is_empty() {
                    self.is_over(entrant, *window).then_some(0.0)
                } else {
                    Some(1.0)
                }
            }
            Measure::Last { window, .. } => self.last(entrant, *window, false),
        }
    }

    /// The same over the days before time zero, all of which are over.
    pub fn value_before(&self, entrant: &Entrant<'_>) -> Option<f64> {
        match self.measure {
            Measure::Count { window, .. } => Some(self.days(entrant, *window, true).len() as f64),
            Measure::Share { window, .. } => {
                Some(one_or_nought(!self.days(entrant, *window, true).is_empty()))
            }
            Measure::Last { window, .. } => self.last(entrant, *window, true),
            Measure::Outcome | Measure::NoOutcome => None,
        }
    }

    /// The value that those get of whom it is not known, under this way to count them.
    pub fn filled(&self, unknown: Unknown) -> Option<f64> {
        let (low, high) = self.range?;
        match unknown {
            Unknown::Unknown => None,
            Unknown::Worst => Some(if self.more_is_better { low } else { high }),
            Unknown::Best => Some(if self.more_is_better { high } else { low }),
        }
    }

    /// The least and the most it can be.
    pub fn range(&self) -> Option<(f64, f64)> {
        self.range
    }

    /// Guard of missingness: the extremes can be told, and every number lies between them.
    pub fn check(&self, values: &[Option<f64>]) -> Result<(), Error> {
        if matches!(self.measure, Measure::Outcome | Measure::NoOutcome) && self.looked.is_open() {
            let why = "the outcome is looked for without an end, so that it did not come true is never known";
            return Err(Refusal::new(Guard::Missingness, why, "give the outcome a `within`").into());
        }
        let unknown = values.iter().filter(|value| value.is_none()).count();
        let Some((low, high)) = self.range else {
            return if unknown == 0 {
                Ok(())
            } else {
                let share = unknown as f64 / values.len() as f64;
                Err(Refusal::new(
                    Guard::Missingness,
                    format!("of a share of {share:.3} it is not known, and nothing says how bad or good it could be"),
                    "write `range = [least, most]` in [causal]",
                )
                .into())
            };
        };
        match values.iter().flatten().find(|value| **value < low || **value > high) {
            Some(value) => Err(Refusal::new(
                Guard::Missingness,
                format!("{value} lies outside the range from {low} to {high}, so its ends are no extremes"),
                "widen `range` in [causal]",
            )
            .into()),
            None => Ok(()),
        }
    }

    /// The days of its facts within the window, before the last day that is known of the client.
    fn days(&self, entrant: &Entrant<'_>, window: Window, before: bool) -> Vec<i64> {
        let Some(pattern) = &self.pattern else { return Vec::new() };
        let until = if before { i64::MAX } else { self.looked.until(entrant, self.last_day) };
        let facts = entrant.life.iter().filter(|fact| pattern.is(fact));
        facts
            .filter_map(|fact| day_within(entrant, fact, window, before))
            .filter(|day| *day <= until)
            .collect()
    }

    fn is_over(&self, entrant: &Entrant<'_>, window: Window) -> bool {
        self.looked.until(entrant, self.last_day) >= window.within.in_days()
    }

    fn last(&self, entrant: &Entrant<'_>, window: Window, before: bool) -> Option<f64> {
        let Measure::Last { indicator, .. } = self.measure else { return None };
        let within = entrant.life.iter().filter(|fact| day_within(entrant, fact, window, before).is_some());
        within.rev().find_map(|fact| match &fact.event {
            Event::Milestone(Milestone::IndicatorMeasured(measured)) if measured.indicator == *indicator => {
                number(&measured.value)
            }
            _ => None,
        })
    }
}

/// How long after time zero, or before it, a fact lies, where that is within the window. Time zero itself is after.
fn day_within(entrant: &Entrant<'_>, fact: &Fact, window: Window, before: bool) -> Option<i64> {
    let day = days_between(entrant.zero, fact.occurred.day());
    let day = if before { -day } else { day };
    let first = if before { window.from.in_days().max(1) } else { window.from.in_days() };
    (first..=window.within.in_days()).contains(&day).then_some(day)
}

fn one_or_nought(yes: bool) -> f64 {
    f64::from(u8::from(yes))
}
