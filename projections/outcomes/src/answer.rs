//! What is said of one client on a date.

use jiff::civil::Date;
use serde::Serialize;
use throughline_domain::{Code, EventId, Key, Relationship};
use throughline_projection::Programmes;

use crate::{
    exits::stays,
    life::{IntakeFrom, Life},
    loose_ends::{LooseEnd, loose_ends},
    outcome::{Mark, Outcome, outcome},
    plan::{PlanOnDate, plans},
    spells::{Traced, trace},
    stay::{StayOnDate, stay_on_date},
    success::{Difficulty, Progress, aimed, difficulties, improved, improved_by, indicators},
    view::{View, What},
};

/// Outcomes of one client on a date, with the events behind them.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = outcomes::Answer)]
pub struct Answer {
    /// When the journey began: its opening, else the first enrolment.
    pub intake: Option<IntakeMark>,
    /// When the client died.
    pub died: Option<Mark>,
    /// When the journey was erased; everything else is then empty but the names of outcomes still readable.
    pub erased: Option<Mark>,
    /// Every outcome that a plan named or that was reached.
    pub outcomes: Vec<Outcome>,
    /// Every enrolment and how it ended.
    pub stays: Vec<StayOnDate>,
    /// What stood in the way.
    pub difficulties: Difficulties,
    /// In how many areas of life the client improved.
    pub breadth: Breadth,
    /// How far the client came.
    pub depth: Depth,
    /// The plans in force, and how far each departs from its template.
    pub plans: Vec<PlanOnDate>,
    /// What the client became to the organisation.
    pub relationships: Vec<Grown>,
    /// What does not fit together on the record.
    pub loose_ends: Vec<LooseEnd>,
}

/// The day of intake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = outcomes::Intake)]
pub struct IntakeMark {
    /// When.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// The event.
    pub event: EventId,
    /// What the day is taken from.
    pub from: IntakeFrom,
}

/// What stood in the client's way.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = outcomes::Difficulties)]
pub struct Difficulties {
    /// How many were met.
    pub met: u32,
    /// How many of those were overcome.
    pub overcome: u32,
    /// Each, in the order they were met.
    pub list: Vec<DifficultyMet>,
}

/// One difficulty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = outcomes::Difficulty)]
pub struct DifficultyMet {
    /// Its name in this journey.
    pub difficulty: Key,
    /// The area of life.
    pub life_area: Code,
    /// What kind.
    pub kind: Code,
    /// How grave.
    pub severity: Option<Code>,
    /// When it was met.
    pub met: Mark,
    /// When it was overcome.
    pub overcome: Option<Mark>,
    /// Days from the one to the other.
    pub days: Option<i32>,
}

/// In how many areas of life the client improved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = outcomes::Breadth)]
pub struct Breadth {
    /// How many areas improved.
    pub improved: u32,
    /// How many areas plans in force aim at or outcomes were reached in.
    pub aimed: u32,
    /// Each area that improved, with the events that show it.
    pub areas: Vec<ImprovedArea>,
}

/// An area of life that improved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = outcomes::ImprovedArea)]
pub struct ImprovedArea {
    /// The area.
    pub life_area: Code,
    /// The measurements and outcomes that show it.
    pub evidence: Vec<EventId>,
}

/// How far the client came toward the targets of the plans in force.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = outcomes::Depth)]
pub struct Depth {
    /// The sum of the indicators' shares; one not measured adds nothing.
    pub sum: f64,
    /// How many indicators there are: the most that the sum can be.
    pub of: u32,
    /// How many of them have no share: not measured since the plan, or without a way from baseline to target.
    pub without_share: u32,
    /// Each indicator.
    pub indicators: Vec<Indicator>,
}

/// One indicator of the plans in force.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = outcomes::Indicator)]
pub struct Indicator {
    /// The indicator.
    pub indicator: Code,
    /// The area of life.
    pub life_area: Code,
    /// Where it stood when the plan was made, in the indicator's unit.
    pub baseline: f64,
    /// Where it should get to; below the baseline where less is better.
    pub target: f64,
    /// The plan that set the baseline.
    pub set_by: Mark,
    /// Its last value since.
    pub latest: Option<f64>,
    /// When that was measured.
    pub measured: Option<Mark>,
    /// The share of the way covered, 0 to 1.
    pub share: Option<f64>,
}

/// What the client became to the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = outcomes::Grown)]
pub struct Grown {
    /// What they became.
    pub into: Relationship,
    /// When.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// The event.
    pub event: EventId,
}

/// What is said of this client on this date.
pub(crate) fn answer(view: &View, on: Date, programmes: &Programmes) -> Answer {
    let life = Life::until(view, on, programmes);
    if life.erased.is_some() {
        return erased(&life);
    }
    let stays = stays(&life);
    let traced = trace(&life, &stays);
    let difficulties = difficulties(&life);
    let progress = indicators(&life);
    Answer {
        intake: life.intake().map(|(fact, from)| IntakeMark {
            date: fact.day.date(),
            event: fact.event,
            from,
        }),
        died: life.died.map(Mark::of),
        erased: None,
        outcomes: traced.iter().map(|traced| outcome(&life, &stays, &difficulties, traced)).collect(),
        loose_ends: loose_ends(&life, &stays, &traced),
        stays: stays.iter().map(|stay| stay_on_date(&life, stay)).collect(),
        difficulties: difficulties_met(&life, &difficulties),
        breadth: breadth(&life, &progress, &traced),
        depth: depth(&life, &progress),
        plans: plans(&life),
        relationships: relationships(&life),
    }
}

/// Erasure leaves nothing to say but that it happened, and to which outcomes where their names still came through.
fn erased(life: &Life<'_>) -> Answer {
    let bare: Vec<Traced> =
        trace(life, &[]).into_iter().map(|traced| Traced { spells: Vec::new(), ..traced }).collect();
    let blank =
        |traced: &Traced<'_>| Outcome { planned: None, worked: None, ..outcome(life, &[], &[], traced) };
    Answer {
        intake: None,
        died: None,
        erased: life.erased.map(Mark::of),
        outcomes: bare.iter().map(blank).collect(),
        stays: Vec::new(),
        difficulties: difficulties_met(life, &[]),
        breadth: breadth(life, &[], &[]),
        depth: depth(life, &[]),
        plans: Vec::new(),
        relationships: Vec::new(),
        loose_ends: Vec::new(),
    }
}

fn difficulties_met(life: &Life<'_>, difficulties: &[Difficulty<'_>]) -> Difficulties {
    Difficulties {
        met: count(difficulties.len()),
        overcome: count(difficulties.iter().filter(|difficulty| difficulty.overcome.is_some()).count()),
        list: difficulties
            .iter()
            .map(|difficulty| DifficultyMet {
                difficulty: life.view.key(difficulty.name).clone(),
                life_area: life.code(difficulty.life_area),
                kind: life.code(difficulty.kind),
                severity: life.view.code_if(difficulty.severity),
                met: Mark::of(difficulty.met),
                overcome: difficulty.overcome.map(Mark::of),
                days: difficulty.days(),
            })
            .collect(),
    }
}

fn breadth(life: &Life<'_>, progress: &[Progress<'_>], traced: &[Traced<'_>]) -> Breadth {
    let improved = improved(progress, traced);
    Breadth {
        improved: count(improved.len()),
        aimed: count(aimed(progress, traced).len()),
        areas: improved
            .into_iter()
            .map(|area| ImprovedArea {
                life_area: life.code(area),
                evidence: improved_by(area, progress, traced),
            })
            .collect(),
    }
}

fn depth(life: &Life<'_>, progress: &[Progress<'_>]) -> Depth {
    Depth {
        // Folded from 0, for the sum of no numbers is -0.
        sum: progress.iter().filter_map(|progress| progress.share).fold(0.0, |sum, share| sum + share),
        of: count(progress.len()),
        without_share: count(progress.iter().filter(|progress| progress.share.is_none()).count()),
        indicators: progress
            .iter()
            .map(|progress| Indicator {
                indicator: life.code(progress.aim.indicator),
                life_area: life.code(progress.aim.life_area),
                baseline: progress.aim.baseline.get(),
                target: progress.aim.target.get(),
                set_by: Mark::of(progress.set_by),
                latest: progress.latest.map(|(_, value)| value),
                measured: progress.latest.map(|(fact, _)| Mark::of(fact)),
                share: progress.share,
            })
            .collect(),
    }
}

fn relationships(life: &Life<'_>) -> Vec<Grown> {
    life.facts
        .iter()
        .filter_map(|fact| match fact.what {
            What::Grown(into) => Some(Grown { into, date: fact.day.date(), event: fact.event }),
            _ => None,
        })
        .collect()
}

fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}
