//! Would this rule have warned us in time?
//!
//! Each person's history is walked through as it became known ([`replay`]); at every decision the rule is asked with
//! the features it names ([`panel`]), and what it said is held against what came of the person ([`score`]). Nothing
//! here can say whether anybody would have been helped. Start at [`run`].

pub mod live;
#[cfg(test)]
mod live_tests;
mod load;
mod page;
mod panel;
mod past;
mod pattern;
mod performance;
mod prove;
mod replay;
mod rules;
mod score;
mod series;
mod tautology;
mod telling;
#[cfg(test)]
mod tests;

pub use load::{Load, WorkerWeek};
pub use performance::{ByClient, Lead, Performance};
pub use rules::{Adopted, adopted, going_quiet};

use rayon::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Cohort, Error, Features, Guard, History, Looked,
    spec::{Clock, Spec},
};
use panel::{Asker, Panel};
use replay::Watch;
use score::{Case, Told};
use telling::Telling;

/// The seed of the proof: the same on every run, so that a report can be repeated bit for bit.
const SEED: u64 = 0x7468_726f_7567_686c;

/// What no backtest of an alert can say; every report says so.
pub const CANNOT_SAY: &str = "It says who would have been flagged and when, on what was known then. It does not say \
                              that anyone would have been helped: nobody acted on these flags, and those who were \
                              helped for other reasons are counted as they came out.";

/// The report of an alert backtest.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AlertReport {
    /// What was asked.
    pub question: String,
    /// The outcome, in words, and what it looks for.
    pub outcome: String,
    /// When a fact counts as known.
    pub clock: Clock,
    /// When the rule was asked.
    pub evaluated: String,
    /// What the rules rest on.
    pub features: Vec<Rests>,
    /// Who was asked about.
    pub people: People,
    /// The rule on trial.
    pub candidate: Performance,
    /// The rule in force.
    pub baseline: Option<Performance>,
    /// What the one changes against the other.
    pub changed: Option<Changed>,
    /// What the alerts would have asked of people.
    pub load: Load,
    /// The rule on trial, group by group.
    pub subgroups: Vec<Subgroup>,
    /// The guards that were passed, and what each saw.
    pub guards: Vec<Passed>,
    /// What it cannot say.
    pub cannot_say: String,
    /// First flags by days before the outcome was known, for the figure.
    pub flagged_by: Vec<FlaggedBy>,
}

/// A name that a rule uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = alert::Rests)]
pub struct Rests {
    /// The name.
    pub feature: String,
    /// The facts that can change it.
    pub from: Vec<String>,
}

/// Who was asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = alert::People)]
pub struct People {
    /// Everyone in the cohort.
    pub cohort: u64,
    /// For whom the outcome came true.
    pub came_true: u64,
    /// For whom it did not.
    pub did_not: u64,
    /// Of whom it is not known: nobody looked to the end.
    pub unknown: u64,
    /// In the cohort, but no decision fell before the outcome was known.
    pub unevaluable: u64,
    /// Left out: they entered too short a time ago.
    pub immature: u64,
    /// Left out: they were erased.
    pub erased: u64,
    /// Decisions made.
    pub decisions: u64,
}

/// What one rule changes against another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = alert::Changed)]
pub struct Changed {
    /// Decisions made by both.
    pub decisions: u64,
    /// Those on which they differ.
    pub changed: u64,
    /// Clients whom only the rule on trial flags.
    pub only_candidate: u64,
    /// Clients whom only the rule in force flags.
    pub only_baseline: u64,
}

/// The rule on trial in one group.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = alert::Subgroup)]
pub struct Subgroup {
    /// By what: `site`.
    pub by: String,
    /// Which.
    pub group: String,
    /// How many people.
    pub people: u64,
    /// How it did.
    pub performance: Performance,
}

/// A guard that was passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = alert::Passed)]
pub struct Passed {
    /// Which.
    pub guard: Guard,
    /// What it saw; where it begins with `labelled:`, it is to be read beside every figure.
    pub saw: String,
}

/// How many were rightly flagged so long before.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
#[schema(as = alert::FlaggedBy)]
pub struct FlaggedBy {
    /// Days before the outcome was known.
    pub days_before: i64,
    /// Of those for whom it came true, the share flagged by then.
    pub share: f64,
}

/// Runs an alert backtest.
pub fn run(
    spec: &Spec,
    history: &History,
    cohort: &Cohort<'_>,
    features: &Features,
) -> Result<AlertReport, Error> {
    let alert = spec.alert.as_ref().expect("the spec was checked: its kind has its section");
    let candidate = rules::resolve(&alert.candidate, history)?;
    let baseline = alert.baseline.as_deref().map(|baseline| rules::resolve(baseline, history)).transpose()?;
    let texts: Vec<&str> = std::iter::once(&candidate).chain(&baseline).map(String::as_str).collect();
    let panel = Panel::of(&texts, Some(spec), features, history)?;
    let watch = Watch::of(spec, &alert.evaluate)?;
    let looked = Looked::of(spec);
    let horizon = alert.horizon.map(crate::spec::Span::in_days);
    let people: Vec<(Case<'_, '_>, Told)> = cohort
        .entrants
        .par_iter()
        .map_init(
            || Asker::of(&panel),
            |asker, entrant| {
                let case = Case::of(entrant, &looked, spec, cohort.until);
                let told = case.ask(&watch, &panel, asker, horizon)?;
                Ok((case, told))
            },
        )
        .collect::<Result<_, Error>>()?;
    let shared = tautology::shared(&panel, spec);
    tautology::check(&shared, &panel, &watch, spec, &people)?;
    let proof = prove::prove(&watch, &panel, &cohort.entrants, history.as_of, SEED)?;
    let telling = Telling { spec, alert, cohort, panel: &panel, people: &people };
    let mut labels = vec![alert.candidate.clone()];
    labels.extend(alert.baseline.clone());
    Ok(telling.report(&labels, &shared, proof))
}
