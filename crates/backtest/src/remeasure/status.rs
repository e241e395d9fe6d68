//! What one client's outcome counts as, by one way to count.

use serde::Serialize;
use throughline_domain::{Event, Fact, Milestone};
use utoipa::ToSchema;

use crate::{
    Cohort, Entrant, Error, Expression, Judgement, Looked,
    cohort::days_between,
    judge,
    spec::{Counting, EventPattern, Remeasure, Spec, Unknown},
};

/// What an outcome counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It came true, and held as long as is asked.
    Held,
    /// It came true, and was lost before that.
    Lost,
    /// It did not come true.
    NotReached,
    /// Nobody knows, or not yet.
    NotYetKnown,
    /// The client would not have been admitted.
    NotAdmitted,
}

impl Status {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Lost => "lost",
            Self::NotReached => "not reached",
            Self::NotYetKnown => "not yet known",
            Self::NotAdmitted => "not admitted",
        }
    }

    /// With what is not known taken for the worst or the best.
    pub(super) fn settled(self, unknown: Unknown, desired: bool) -> Self {
        match (self, unknown) {
            (Self::NotYetKnown, Unknown::Worst) => {
                if desired {
                    Self::Lost
                } else {
                    Self::Held
                }
            }
            (Self::NotYetKnown, Unknown::Best) => {
                if desired {
                    Self::Held
                } else {
                    Self::NotReached
                }
            }
            _ => self,
        }
    }
}

/// One way to count, its names made patterns.
pub(super) struct Way<'c> {
    looked: Looked,
    lost: Vec<EventPattern>,
    holds_days: i64,
    counting: &'c Counting,
    missing: Unknown,
    desired: bool,
    require: Option<Expression>,
    last_day: jiff::civil::Date,
}

impl<'c> Way<'c> {
    pub fn of(
        spec: &Spec,
        remeasure: &Remeasure,
        counting: &'c Counting,
        cohort: &Cohort<'_>,
    ) -> Result<Self, Error> {
        let looked = Looked::of(spec);
        Ok(Self {
            looked: match &counting.when {
                Some(condition) => looked.instead(condition, &spec.events),
                None => looked,
            },
            lost: spec.events.all(&remeasure.lost),
            holds_days: counting.holds.map_or(0, crate::spec::Span::in_days),
            counting,
            // Left as they are, unless this way to count says otherwise.
            missing: counting.missing.unwrap_or(Unknown::Unknown),
            desired: spec.outcome.desired,
            require: counting.require.as_deref().map(Expression::over_attributes).transpose()?,
            last_day: cohort.until,
        })
    }

    /// What this client's outcome counts as.
    pub fn status(&self, entrant: &Entrant<'_>) -> Result<Status, Error> {
        if let Some(require) = &self.require
            && !require.holds_for(&entrant.attributes)?
        {
            return Ok(Status::NotAdmitted);
        }
        let status = match self.counting.check_ins_every {
            Some(every) => {
                let life = thinned(&entrant.life, every.in_days());
                self.came_to(&Entrant { life, ..entrant.clone() })
            }
            None => self.came_to(entrant),
        };
        Ok(status.settled(self.missing, self.desired))
    }

    fn came_to(&self, entrant: &Entrant<'_>) -> Status {
        let reached = match judge(&self.looked, entrant, self.last_day) {
            Judgement::Happened { onset, .. } => onset,
            Judgement::Competing { .. } => return Status::NotReached,
            Judgement::Not { .. } => {
                let known = self.looked.came_true(entrant, self.last_day).is_some();
                return if known { Status::NotReached } else { Status::NotYetKnown };
            }
        };
        // What is lost on the day it was reached was written down in that order or in the other: it does not count.
        let days = entrant.life.iter().filter(|fact| self.lost.iter().any(|pattern| pattern.is(fact)));
        let lost =
            days.map(|fact| days_between(entrant.zero, fact.occurred.day())).find(|day| *day > reached);
        let must_hold_until = reached + self.holds_days;
        if lost.is_some_and(|day| day <= must_hold_until) {
            Status::Lost
        } else if self.looked.until(entrant, self.last_day) >= must_hold_until {
            Status::Held
        } else {
            Status::NotYetKnown
        }
    }
}

/// The life had check-ins been at least so many days apart: what was learnt in those between was not.
fn thinned(life: &[Fact], every_days: i64) -> Vec<Fact> {
    let mut last = None;
    life.iter()
        .filter(|fact| {
            if !is_check_in(fact) {
                return true;
            }
            let day = fact.occurred.day();
            let keep = last.is_none_or(|last| day == last || days_between(last, day) >= every_days);
            if keep {
                last = Some(day);
            }
            keep
        })
        .cloned()
        .collect()
}

/// What is known only because somebody asked.
fn is_check_in(fact: &Fact) -> bool {
    matches!(
        &fact.event,
        Event::CheckIn(_) | Event::Milestone(Milestone::FollowUpHeld(_) | Milestone::FollowUpAttempted(_))
    )
}

/// The days between one check-in and the next, over everybody, shortest first.
pub(super) fn check_in_gaps(cohort: &Cohort<'_>, now: &Counting) -> Vec<i64> {
    let mut gaps = Vec::new();
    for entrant in &cohort.entrants {
        let life = match now.check_ins_every {
            Some(every) => thinned(&entrant.life, every.in_days()),
            None => entrant.life.clone(),
        };
        let mut days: Vec<_> =
            life.iter().filter(|fact| is_check_in(fact)).map(|fact| fact.occurred.day()).collect();
        days.dedup();
        gaps.extend(days.windows(2).map(|pair| days_between(pair[0], pair[1])));
    }
    gaps.sort_unstable();
    gaps
}
