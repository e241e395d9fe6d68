//! How a rule did: over people, over weeks, and how long before.

use serde::Serialize;
use utoipa::ToSchema;

use super::score::{Came, Said};
use crate::spec::Unknown;

/// How one rule did.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = alert::Performance)]
pub struct Performance {
    /// The rule, as it was written.
    pub rule: String,
    /// By client, once for each way to count those of whom the outcome is not known; the first is the primary one.
    pub by_client: Vec<ByClient>,
    /// From the first flag to the day the outcome was known, over clients rightly flagged.
    pub lead_to_known: Lead,
    /// From the first flag to the day it began; below nothing where the flag came after.
    pub lead_to_onset: Lead,
    /// Of the clients rightly flagged, those whose first flag came on the day the outcome began or later.
    pub first_flag_after_onset: u64,
    /// Decisions by the calendar, in weeks.
    pub client_weeks: f64,
    /// Of them, those in which the rule held.
    pub flagged_client_weeks: f64,
    /// The one for a hundred of the other.
    pub flags_per_100_client_weeks: Option<f64>,
    /// Flagged client-weeks after which the outcome was known within the horizon, of all flagged.
    pub per_flag_ppv_known: Option<f64>,
    /// The same where it had not begun and then began within the horizon.
    pub per_flag_ppv_onset: Option<f64>,
    /// How often the rule began to hold: each time is one alert for somebody to look at.
    pub alerts: u64,
}

/// How a rule did, by client.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
#[schema(as = alert::ByClient)]
pub struct ByClient {
    /// How those were counted of whom the outcome is not known.
    pub unknown_as: Unknown,
    /// Flagged, and it came true.
    pub tp: u64,
    /// Flagged, and it did not.
    pub fp: u64,
    /// Not flagged, and it came true.
    pub r#fn: u64,
    /// Not flagged, and it did not.
    pub tn: u64,
    /// Of those flagged, the share for whom it came true.
    pub precision: Option<f64>,
    /// Of those for whom it came true, the share flagged.
    pub recall: Option<f64>,
    /// Of those for whom it did not, the share not flagged.
    pub specificity: Option<f64>,
    /// Of all, the share for whom it came true: what precision is to be held against.
    pub base_rate: Option<f64>,
}

/// How long before, in days.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, ToSchema)]
#[schema(as = alert::Lead)]
pub struct Lead {
    /// Over how many clients.
    pub clients: u64,
    /// A quarter had less.
    pub q25_days: Option<f64>,
    /// Half had less.
    pub median_days: Option<f64>,
    /// A quarter had more.
    pub q75_days: Option<f64>,
}

impl ByClient {
    fn count<'s>(unknown_as: Unknown, people: impl Iterator<Item = (Came, &'s Said)>) -> Self {
        let (mut tp, mut fp, mut missed, mut tn) = (0, 0, 0, 0);
        for (came, said) in people {
            let came = match (came, unknown_as) {
                (Came::True { .. }, _) | (Came::Unknown, Unknown::Worst) => true,
                (Came::NotTrue, _) | (Came::Unknown, Unknown::Best) => false,
                (Came::Unknown, Unknown::Unknown) => continue,
            };
            match (said.first.is_some(), came) {
                (true, true) => tp += 1,
                (true, false) => fp += 1,
                (false, true) => missed += 1,
                (false, false) => tn += 1,
            }
        }
        Self {
            unknown_as,
            tp,
            fp,
            r#fn: missed,
            tn,
            precision: share(tp, tp + fp),
            recall: share(tp, tp + missed),
            specificity: share(tn, tn + fp),
            base_rate: share(tp + missed, tp + fp + missed + tn),
        }
    }
}

impl Lead {
    /// Quartiles by linear interpolation between the two nearest (type 7 of Hyndman and Fan 1996).
    fn of(mut days: Vec<i64>) -> Self {
        days.sort_unstable();
        let quantile = |share: f64| {
            let last = days.len().checked_sub(1)?;
            let place = share * last as f64;
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the list")]
            let below = place.floor() as usize;
            let (low, high) = (days[below] as f64, days[(below + 1).min(last)] as f64);
            Some(low + (high - low) * (place - below as f64))
        };
        Self {
            clients: days.len() as u64,
            q25_days: quantile(0.25),
            median_days: quantile(0.5),
            q75_days: quantile(0.75),
        }
    }
}

impl Performance {
    pub(crate) fn of<'s>(
        rule: String,
        every: i64,
        counted: &[Unknown],
        people: impl Iterator<Item = (Came, &'s Said)> + Clone,
    ) -> Self {
        let rightly = people.clone().filter_map(|(came, said)| match (came, said.first) {
            (Came::True { onset, known }, Some(first)) => Some((onset - first, known - first)),
            _ => None,
        });
        let sum = |what: fn(&Said) -> u64| people.clone().map(|(_, said)| what(said)).sum::<u64>();
        let weeks = |stretches: u64| stretches as f64 * every as f64 / 7.0;
        let (stretches, flagged) = (sum(|said| said.stretches), sum(|said| said.flagged));
        Self {
            rule,
            by_client: counted.iter().map(|unknown| ByClient::count(*unknown, people.clone())).collect(),
            lead_to_known: Lead::of(rightly.clone().map(|(_, known)| known).collect()),
            lead_to_onset: Lead::of(rightly.clone().map(|(onset, _)| onset).collect()),
            first_flag_after_onset: rightly.filter(|(onset, _)| *onset <= 0).count() as u64,
            client_weeks: weeks(stretches),
            flagged_client_weeks: weeks(flagged),
            flags_per_100_client_weeks: share(flagged, stretches).map(|share| share * 100.0),
            per_flag_ppv_known: share(sum(|said| said.right_by_known), flagged),
            per_flag_ppv_onset: share(sum(|said| said.right_by_onset), flagged),
            alerts: sum(|said| said.raised.len() as u64),
        }
    }
}

pub(crate) fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
