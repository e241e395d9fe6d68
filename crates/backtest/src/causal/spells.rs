//! From what came of each client to the spells that the statistics of survival take.

use throughline_stats::{End, Spell};

use crate::{
    Cohort, Judgement, Looked, judge,
    spec::{Causal, Spec, Unknown},
};

use super::groups::Groups;

/// How long each client was without the outcome, and how that ended; in the order of the groups' members.
pub(crate) struct Spells {
    /// In days.
    days: Vec<(i64, Judgement)>,
    /// How far the restricted mean goes, in days.
    pub horizon: i64,
    unit_days: f64,
    desired: bool,
}

impl Spells {
    pub fn of(spec: &Spec, causal: &Causal, groups: &Groups<'_, '_>, cohort: &Cohort<'_>) -> Self {
        let looked = Looked::of(spec);
        let days: Vec<(i64, Judgement)> = groups
            .members
            .iter()
            .map(|member| {
                let came = judge(&looked, member.entrant, cohort.until);
                let end = match came {
                    Judgement::Happened { onset, .. } => onset,
                    Judgement::Competing { day, .. } => day,
                    Judgement::Not { .. } => looked.sure_until(member.entrant, cohort.until),
                };
                (end, came)
            })
            .collect();
        let last = |treated: bool| {
            let own = days.iter().zip(&groups.members).filter(|(_, member)| member.treated == treated);
            own.map(|((end, _), _)| *end).max().unwrap_or(0)
        };
        let seen = last(true).min(last(false));
        let horizon = causal.horizon.or(spec.outcome.within).map_or(seen, |span| span.in_days().min(seen));
        Self { days, horizon, unit_days: causal.unit.days(), desired: spec.outcome.desired }
    }

    /// A number of days in the unit of the spec.
    pub fn told(&self, days: i64) -> f64 {
        days as f64 / self.unit_days
    }

    /// Whether it came true, for those of whom that is known up to the horizon.
    pub fn by_horizon(&self) -> Vec<Option<bool>> {
        self.days
            .iter()
            .map(|(end, came)| match came {
                Judgement::Happened { onset, .. } => Some(*onset <= self.horizon),
                Judgement::Competing { .. } => Some(false),
                Judgement::Not { .. } => (*end >= self.horizon).then_some(false),
            })
            .collect()
    }

    /// How many had the outcome at all.
    pub fn happened(&self, row: usize) -> bool {
        matches!(self.days[row].1, Judgement::Happened { .. })
    }

    /// Spells whose only event is the outcome. Those of whom it is not known up to the horizon are censored, or
    /// taken for the worst or the best: as if it had happened on the last day they were seen, or never.
    pub fn of_outcome(&self, unknown: Unknown) -> Vec<Spell> {
        let until = |days: i64| self.told(days);
        self.days
            .iter()
            .map(|(end, came)| match came {
                Judgement::Happened { onset, .. } => Spell::event(until(*onset)),
                Judgement::Not { .. } if *end < self.horizon => match (unknown, self.desired) {
                    (Unknown::Unknown, _) => Spell::censored(until(*end)),
                    (Unknown::Worst, false) | (Unknown::Best, true) => Spell::event(until(*end)),
                    (Unknown::Worst, true) | (Unknown::Best, false) => Spell::censored(until(self.horizon)),
                },
                Judgement::Competing { .. } | Judgement::Not { .. } => Spell::censored(until(*end)),
            })
            .collect()
    }

    /// Spells that end by the outcome (cause 0) or by what competes with it (cause 1 and on, in the spec's order).
    pub fn with_competing(&self) -> Vec<Spell> {
        self.days
            .iter()
            .map(|(end, came)| {
                let end_by = match came {
                    Judgement::Happened { .. } => End::Event(0),
                    Judgement::Competing { risk, .. } => {
                        End::Event(u32::try_from(*risk).map_or(u32::MAX, |risk| risk.saturating_add(1)))
                    }
                    Judgement::Not { .. } => End::Censored,
                };
                Spell { entry: None, exit: self.told(*end), end: end_by }
            })
            .collect()
    }
}
