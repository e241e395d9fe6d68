//! The five elements, alliance and goal agreement: readings at irregular times, smoothed, by whose eyes saw them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use throughline_domain::{EventId, Eyes};

use crate::{
    answer::{Alliance, Elements, Measured, Seen, rounded},
    days,
    view::Reading,
};

/// Days after which an older reading weighs about a third (1/e) of what it did: monthly readings then give the
/// newest about two thirds of the weight.
pub(crate) const TAU_DAYS: f64 = 30.0;

/// What readings of the relationship measure. Any other measure (`wellbeing`, an indicator) is no part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Measure {
    Collaboration,
    Engagement,
    Impact,
    Trust,
    Teamwork,
    AllianceGoal,
    AllianceTask,
    AllianceBond,
    GoalAgreement,
}

impl Measure {
    pub(crate) const ALL: [Self; 9] = [
        Self::Collaboration,
        Self::Engagement,
        Self::Impact,
        Self::Trust,
        Self::Teamwork,
        Self::AllianceGoal,
        Self::AllianceTask,
        Self::AllianceBond,
        Self::GoalAgreement,
    ];
    /// The five elements, which come first in [`Measure::ALL`].
    pub(crate) const ELEMENTS: usize = 5;

    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Collaboration => "collaboration",
            Self::Engagement => "engagement",
            Self::Impact => "impact",
            Self::Trust => "trust",
            Self::Teamwork => "teamwork",
            Self::AllianceGoal => "alliance-goal",
            Self::AllianceTask => "alliance-task",
            Self::AllianceBond => "alliance-bond",
            Self::GoalAgreement => "goal-agreement",
        }
    }

    pub(crate) fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.code() == code)
    }
}

/// An exponentially weighted moving average over irregular readings: `s += (1 - e^(-dt/tau)) (x - s)`, beginning
/// with `s = x` (Eckner, "Algorithms for unevenly spaced time series", 2019, the EMA of the last point).
///
/// With dt = 0 that rule would ignore every reading of a day but the first, so the readings of one day count as one,
/// their mean.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Smoothed {
    before: f64,
    weight: f64,
    day: i32,
    day_sum: f64,
    day_readings: u32,
    pub(crate) readings: u32,
}

impl Smoothed {
    /// Takes the next reading; its day is never before the last one's.
    pub(crate) fn take(&mut self, day: i32, x: f64, tau_days: f64) {
        if self.readings == 0 || day != self.day {
            self.before = self.value().unwrap_or(x);
            self.weight =
                if self.readings == 0 { 1.0 } else { 1.0 - (-f64::from(day - self.day) / tau_days).exp() };
            (self.day, self.day_sum, self.day_readings) = (day, 0.0, 0);
        }
        self.day_sum += x;
        self.day_readings += 1;
        self.readings += 1;
    }

    /// Where it stands; unset before the first reading.
    pub(crate) fn value(&self) -> Option<f64> {
        (self.readings > 0).then(|| {
            let x = self.day_sum / f64::from(self.day_readings);
            self.before + self.weight * (x - self.before)
        })
    }
}

/// Every measure as it stands after the readings taken so far.
#[derive(Default)]
pub(crate) struct Readings {
    overall: [Smoothed; Measure::ALL.len()],
    by_eyes: [BTreeMap<Eyes, Smoothed>; Measure::ALL.len()],
    last: [Option<EventId>; Measure::ALL.len()],
    /// The mean of the elements after each day that had a reading of one.
    means: Vec<(i32, f64)>,
}

impl Readings {
    pub(crate) fn take(&mut self, reading: &Reading) {
        let measure = reading.measure as usize;
        self.overall[measure].take(reading.day, reading.share, TAU_DAYS);
        self.by_eyes[measure].entry(reading.eyes).or_default().take(reading.day, reading.share, TAU_DAYS);
        self.last[measure] = Some(reading.event);
        if let Some(mean) = self.element_mean() {
            match self.means.last_mut() {
                Some((day, last)) if *day == reading.day => *last = mean,
                _ => self.means.push((reading.day, mean)),
            }
        }
    }

    /// The mean of those of the five elements that were ever read.
    pub(crate) fn element_mean(&self) -> Option<f64> {
        let values = || self.overall[..Measure::ELEMENTS].iter().filter_map(Smoothed::value);
        let read = values().count();
        (read > 0).then(|| values().sum::<f64>() / read as f64)
    }

    /// The same as it stood on an earlier day.
    pub(crate) fn element_mean_on(&self, day: i32) -> Option<f64> {
        let after = self.means.partition_point(|(read, _)| *read <= day);
        Some(self.means[after.checked_sub(1)?].1)
    }

    pub(crate) fn overall(&self, measure: Measure) -> Option<f64> {
        self.overall[measure as usize].value()
    }

    pub(crate) fn elements(&self) -> Elements {
        Elements {
            collaboration: self.measured(Measure::Collaboration),
            engagement: self.measured(Measure::Engagement),
            impact: self.measured(Measure::Impact),
            trust: self.measured(Measure::Trust),
            teamwork: self.measured(Measure::Teamwork),
        }
    }

    pub(crate) fn alliance(&self) -> Alliance {
        Alliance {
            goal: self.measured(Measure::AllianceGoal),
            task: self.measured(Measure::AllianceTask),
            bond: self.measured(Measure::AllianceBond),
        }
    }

    pub(crate) fn measured(&self, measure: Measure) -> Option<Measured> {
        let place = measure as usize;
        let overall = &self.overall[place];
        let by_eyes = self.by_eyes[place].iter().filter_map(|(eyes, smoothed)| {
            Some((*eyes, Seen { value: rounded(smoothed.value()?), readings: smoothed.readings }))
        });
        Some(Measured {
            value: rounded(overall.value()?),
            readings: overall.readings,
            last_on: days::date(overall.day),
            last: self.last[place]?,
            by_eyes: by_eyes.collect(),
        })
    }
}
