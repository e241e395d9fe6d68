//! Goal alignment: the client's own goals beside the desired outcomes of the plan, and when they drifted apart.

use std::collections::HashMap;

use throughline_domain::Key;

use crate::{
    answer::{Alignment, Drift, Share},
    days,
    view::{Aim, AimedAt},
};

/// Goals and plans as they stand after the facts taken so far.
#[derive(Default)]
struct Aims<'v> {
    /// The outcome each goal of the client's serves, where it serves one.
    goals: HashMap<&'v Key, Option<&'v Key>>,
    plans: HashMap<&'v Key, &'v [Key]>,
    /// How many goals serve an outcome, and how many plans want it.
    outcomes: HashMap<&'v Key, (u32, u32)>,
    goals_planned: u32,
    outcomes_wanted: u32,
    outcomes_served: u32,
}

/// The alignment after all these facts, with every drift on the way.
pub(crate) fn align(aims: &[Aim]) -> Alignment {
    let mut state = Aims::default();
    let mut drifts = Vec::new();
    for aim in aims {
        let before = (state.goals_in_plan(), state.outcomes_with_goal());
        state.take(&aim.what);
        let after = (state.goals_in_plan(), state.outcomes_with_goal());
        if fell(before.0, after.0) || fell(before.1, after.1) {
            drifts.push(Drift {
                on: days::date(aim.day),
                event: aim.event,
                goals_in_plan: after.0,
                outcomes_with_goal: after.1,
            });
        }
    }
    Alignment {
        goals_in_plan: state.goals_in_plan(),
        outcomes_with_goal: state.outcomes_with_goal(),
        aligned: state.aligned(),
        drifts,
    }
}

/// A share that is not known, before or after, has not fallen.
fn fell(before: Option<Share>, after: Option<Share>) -> bool {
    before.zip(after).is_some_and(|(before, after)| after.is_below(before))
}

impl<'v> Aims<'v> {
    fn take(&mut self, what: &'v AimedAt) {
        match what {
            AimedAt::Goal { goal, outcome } => {
                if let Some(Some(served)) = self.goals.insert(goal, outcome.as_ref()) {
                    self.count(served, |(goals, _)| *goals -= 1);
                }
                if let Some(served) = outcome {
                    self.count(served, |(goals, _)| *goals += 1);
                }
            }
            AimedAt::Plan { plan, outcomes } => {
                for dropped in self.plans.insert(plan, outcomes).unwrap_or_default() {
                    self.count(dropped, |(_, plans)| *plans -= 1);
                }
                for wanted in outcomes {
                    self.count(wanted, |(_, plans)| *plans += 1);
                }
            }
        }
    }

    /// Changes what is counted of one outcome, and the totals with it.
    fn count(&mut self, outcome: &'v Key, change: impl FnOnce(&mut (u32, u32))) {
        let counted = self.outcomes.entry(outcome).or_default();
        let share = |(goals, plans): (u32, u32)| {
            let wanted = u32::from(plans > 0);
            (wanted * goals, wanted, wanted * u32::from(goals > 0))
        };
        let before = share(*counted);
        change(counted);
        let after = share(*counted);
        self.goals_planned = self.goals_planned - before.0 + after.0;
        self.outcomes_wanted = self.outcomes_wanted - before.1 + after.1;
        self.outcomes_served = self.outcomes_served - before.2 + after.2;
    }

    fn goals_in_plan(&self) -> Option<Share> {
        if self.plans.is_empty() {
            return None;
        }
        let goals = u32::try_from(self.goals.len()).expect("fewer than four billion goals");
        Share::of(self.goals_planned, goals)
    }

    fn outcomes_with_goal(&self) -> Option<Share> {
        if self.goals.is_empty() {
            return None;
        }
        Share::of(self.outcomes_served, self.outcomes_wanted)
    }

    /// Whether every goal is in the plan and every desired outcome is a goal; unset until there are both.
    fn aligned(&self) -> Option<bool> {
        let whole = |share: Share| share.numerator == share.denominator;
        Some(whole(self.goals_in_plan()?) && whole(self.outcomes_with_goal()?))
    }
}
