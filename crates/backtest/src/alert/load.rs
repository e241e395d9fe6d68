//! What the alerts would have asked of people: by worker and week, held against what one worker can look at.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};
use serde::Serialize;
use throughline_projection::Placement;
use utoipa::ToSchema;

use super::score::{Case, Said};
use crate::{outcome::day_after, spec::Capacity};

/// The worker named where nobody was assigned.
const NOBODY: &str = "nobody";

/// What the alerts would have asked.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = alert::Load)]
pub struct Load {
    /// Alerts raised, by worker and week; a week with none is left out.
    pub by_worker_week: Vec<WorkerWeek>,
    /// How many of them one worker can look at in a week, where the spec says.
    pub capacity: Option<u32>,
    /// Weeks of a worker with more than that.
    pub worker_weeks_over: Option<u64>,
    /// Alerts beyond it.
    pub alerts_over: Option<u64>,
}

/// One worker's alerts of one week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = alert::WorkerWeek)]
pub struct WorkerWeek {
    /// The worker the client was assigned to on that day.
    pub worker: String,
    /// The Monday of the week.
    #[schema(value_type = String, format = Date)]
    pub week: Date,
    /// How many alerts.
    pub alerts: u64,
}

impl Load {
    pub(crate) fn of<'a, 'c: 'a, 'h: 'c>(
        people: impl Iterator<Item = (&'a Case<'c, 'h>, &'a Said)>,
        capacity: Option<Capacity>,
    ) -> Self {
        let mut alerts: BTreeMap<(Date, String), u64> = BTreeMap::new();
        for (case, said) in people {
            let mut life = case.entrant.life.iter().peekable();
            let mut placement = Placement::default();
            for day in &said.raised {
                let on = day_after(case.entrant.zero, *day);
                while let Some(fact) = life.next_if(|fact| fact.occurred.day() <= on) {
                    placement.fold(fact);
                }
                let worker = placement.place(on).and_then(|place| place.worker.as_ref());
                let worker = worker.map_or_else(|| NOBODY.to_owned(), ToString::to_string);
                *alerts.entry((monday(on), worker)).or_default() += 1;
            }
        }
        let capacity = capacity.map(|capacity| capacity.flags_per_worker_week);
        let over = |most: u32| alerts.values().map(move |alerts| alerts.saturating_sub(u64::from(most)));
        Self {
            capacity,
            worker_weeks_over: capacity.map(|most| over(most).filter(|over| *over > 0).count() as u64),
            alerts_over: capacity.map(|most| over(most).sum()),
            by_worker_week: alerts
                .into_iter()
                .map(|((week, worker), alerts)| WorkerWeek { worker, week, alerts })
                .collect(),
        }
    }
}

fn monday(day: Date) -> Date {
    let back = i64::from(day.weekday().since(Weekday::Monday));
    day_after(day, -back)
}
