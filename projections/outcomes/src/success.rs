//! How widely and how far a client's life improved, and what stood in the way.

use std::collections::BTreeSet;

use throughline_domain::EventId;

use throughline_projection::Day;

use crate::{
    life::Life,
    spells::Traced,
    view::{Aim, CodeAt, Dated, KeyAt, What},
};

/// One indicator of a client's plan, and how far it came.
pub(crate) struct Progress<'a> {
    pub(crate) aim: &'a Aim,
    /// The plan version that set this baseline.
    pub(crate) set_by: &'a Dated,
    /// The last number on or after that.
    pub(crate) latest: Option<(&'a Dated, f64)>,
    /// `(latest − baseline) / (target − baseline)`, clamped to 0 and 1; none where nothing was measured or target and
    /// baseline are one.
    pub(crate) share: Option<f64>,
}

/// The indicators of the plans in force, as the plan that last names each one sets it.
pub(crate) fn indicators<'a>(life: &Life<'a>) -> Vec<Progress<'a>> {
    let mut in_force: Vec<(KeyAt, &Dated, &Vec<Aim>)> = Vec::new();
    for (fact, plan) in life.plans() {
        in_force.retain(|(known, _, _)| *known != plan.name);
        in_force.push((plan.name, fact, &plan.indicators));
    }
    let mut aims: Vec<&'a Aim> = Vec::new();
    for aim in in_force.iter().flat_map(|(_, _, aims)| aims.iter()) {
        aims.retain(|known| known.indicator != aim.indicator);
        aims.push(aim);
    }
    aims.into_iter().filter_map(|aim| progress(life, aim)).collect()
}

fn progress<'a>(life: &Life<'a>, aim: &'a Aim) -> Option<Progress<'a>> {
    // Restating a baseline changes nothing; a new baseline begins anew.
    let mut set_by: Option<(&Dated, &Aim)> = None;
    for (fact, plan) in life.plans() {
        if let Some(said) = plan.indicators.iter().find(|said| said.indicator == aim.indicator)
            && set_by.is_none_or(|(_, known)| known.baseline != said.baseline)
        {
            set_by = Some((fact, said));
        }
    }
    let (set_by, _) = set_by?;
    let latest = life.facts.iter().rev().take_while(|fact| !std::ptr::eq(*fact, set_by)).find_map(|fact| {
        match fact.what {
            What::Measured { indicator, value } if indicator == aim.indicator => Some((fact, value.get())),
            _ => None,
        }
    });
    let share = latest.and_then(|(_, value)| share(aim.baseline.get(), aim.target.get(), value));
    Some(Progress { aim, set_by, latest, share })
}

/// How much of the way from baseline to target was covered, 0 to 1. It works the same where less is better.
fn share(baseline: f64, target: f64, latest: f64) -> Option<f64> {
    // Halved, so that the greatest numbers do not overflow into infinity.
    let way = target / 2.0 - baseline / 2.0;
    let covered = latest / 2.0 - baseline / 2.0;
    let share = covered / way;
    (way != 0.0 && share.is_finite()).then(|| share.clamp(0.0, 1.0))
}

/// Areas of life that improved: an indicator moved toward its target, or an outcome was reached and is not lost.
pub(crate) fn improved(progress: &[Progress<'_>], outcomes: &[Traced<'_>]) -> BTreeSet<CodeAt> {
    let moved = progress
        .iter()
        .filter(|progress| progress.share.is_some_and(|share| share > 0.0))
        .map(|progress| progress.aim.life_area);
    moved.chain(outcomes.iter().filter(|traced| traced.stands()).map(|traced| traced.life_area)).collect()
}

/// Areas of life that the plans in force aim at, and those of outcomes reached.
pub(crate) fn aimed(progress: &[Progress<'_>], outcomes: &[Traced<'_>]) -> BTreeSet<CodeAt> {
    let outcomes = outcomes
        .iter()
        .filter(|traced| traced.withdrawn.is_none() || !traced.spells.is_empty())
        .map(|traced| traced.life_area);
    progress.iter().map(|progress| progress.aim.life_area).chain(outcomes).collect()
}

/// A difficulty from the day it was reported to the day it was overcome; one that comes back is another.
pub(crate) struct Difficulty<'a> {
    pub(crate) name: KeyAt,
    pub(crate) met: &'a Dated,
    pub(crate) life_area: CodeAt,
    pub(crate) kind: CodeAt,
    pub(crate) severity: Option<CodeAt>,
    pub(crate) overcome: Option<&'a Dated>,
}

impl Difficulty<'_> {
    pub(crate) fn days(&self) -> Option<i32> {
        self.overcome.map(|overcome| overcome.day.since(self.met.day))
    }
}

/// Every difficulty, in the order they were met. One reported again while it lasts is the same difficulty.
pub(crate) fn difficulties<'a>(life: &Life<'a>) -> Vec<Difficulty<'a>> {
    let mut met: Vec<Difficulty<'a>> = Vec::new();
    let open = |met: &[Difficulty<'a>], key: KeyAt| {
        met.iter().rposition(|known| known.name == key && known.overcome.is_none())
    };
    for fact in life.facts {
        match fact.what {
            What::DifficultyMet { difficulty, life_area, kind, severity }
                if open(&met, difficulty).is_none() =>
            {
                met.push(Difficulty {
                    name: difficulty,
                    met: fact,
                    life_area,
                    kind,
                    severity,
                    overcome: None,
                });
            }
            What::DifficultyOvercome { difficulty } => {
                if let Some(at) = open(&met, difficulty) {
                    met[at].overcome = Some(fact);
                }
            }
            _ => {}
        }
    }
    met
}

/// Difficulties met by a day and, of those, overcome by then.
pub(crate) fn on_the_way(difficulties: &[Difficulty<'_>], until: Day) -> (u32, u32) {
    let by = |fact: &Dated| fact.day <= until;
    let met = difficulties.iter().filter(|difficulty| by(difficulty.met));
    met.fold((0, 0), |(met, overcome), difficulty| {
        (met + 1, overcome + u32::from(difficulty.overcome.is_some_and(by)))
    })
}

/// A later enrolment, as a possible sign of return.
pub(crate) struct Later<'a> {
    pub(crate) begun: &'a Dated,
    pub(crate) enrolment: KeyAt,
    pub(crate) programme: CodeAt,
}

/// Enrolments that began on or after the day the outcome was first reached, its own left out.
pub(crate) fn later_enrolments<'a>(life: &Life<'a>, traced: &Traced<'a>) -> Vec<Later<'a>> {
    let Some(first) = traced.spells.first() else {
        return Vec::new();
    };
    let mut later = Vec::new();
    for fact in life.facts.iter().filter(|fact| fact.day >= first.reached.day) {
        if let What::Enrolled { enrolment, programme, .. } = fact.what
            && Some(enrolment) != traced.enrolment
        {
            later.push(Later { begun: fact, enrolment, programme });
        }
    }
    later
}

/// The events behind the areas that improved, for one who asks why.
pub(crate) fn improved_by(area: CodeAt, progress: &[Progress<'_>], outcomes: &[Traced<'_>]) -> Vec<EventId> {
    let moved = progress
        .iter()
        .filter(|progress| progress.aim.life_area == area && progress.share.is_some_and(|share| share > 0.0))
        .filter_map(|progress| progress.latest.map(|(fact, _)| fact.event));
    let reached = outcomes
        .iter()
        .filter(|traced| traced.life_area == area && traced.stands())
        .filter_map(|traced| traced.current().map(|spell| spell.reached.event));
    moved.chain(reached).collect()
}
