//! Would this rule have warned us in time?
//!
//! Each person's history is walked through as it became known ([`replay`]); at every decision the rule is asked with
//! the features it names ([`panel`]), and what it said is held against what came of the person ([`score`]). Nothing
//! here can say whether anybody would have been helped. Start at [`run`].

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
#[cfg(test)]
mod tests;

pub use load::{Load, WorkerWeek};
pub use performance::{ByClient, Lead, Performance};

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Cohort, Entrant, Error, Features, Guard, History, Looked,
    spec::{Alert, Clock, Spec, Unknown},
};
use panel::{Asker, Panel};
use performance::share;
use replay::Watch;
use score::{Came, Case, Told};

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
    let texts: Vec<&str> =
        std::iter::once(&candidate).chain(&baseline).map(|rule| rule.text.as_str()).collect();
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

/// Everything a report is told from.
struct Telling<'t, 'h> {
    spec: &'t Spec,
    alert: &'t Alert,
    cohort: &'t Cohort<'h>,
    panel: &'t Panel,
    people: &'t [(Case<'t, 'h>, Told)],
}

impl Telling<'_, '_> {
    fn report(
        &self,
        labels: &[String],
        shared: &[(String, Vec<&'static str>)],
        proof: prove::Proof,
    ) -> AlertReport {
        let rule = |place: usize| {
            let text = self.panel.rules[place].expression.text();
            if labels[place] == text { text.to_owned() } else { format!("{}: {text}", labels[place]) }
        };
        AlertReport {
            question: self.spec.question.clone(),
            outcome: format!("{} ({})", self.spec.outcome.name, self.spec.outcome.when),
            clock: self.spec.history.clock,
            evaluated: self.evaluated(),
            features: self.rests(),
            people: self.counted(),
            candidate: self.performance(rule(0), 0, |_| true),
            baseline: (labels.len() > 1).then(|| self.performance(rule(1), 1, |_| true)),
            changed: (labels.len() > 1).then(|| self.changed()),
            load: Load::of(
                self.people.iter().map(|(case, told)| (case, &told.rules[0])),
                self.alert.capacity,
            ),
            subgroups: self.subgroups(&rule(0)),
            guards: self.guards(shared, proof),
            cannot_say: CANNOT_SAY.to_owned(),
            flagged_by: self.flagged_by(),
        }
    }

    /// The ways the unknown are counted: as the spec says, and both extremes always.
    fn ways(&self) -> Vec<Unknown> {
        let missing = &self.spec.outcome.missing;
        let mut ways = vec![missing.primary];
        for way in [Unknown::Worst, Unknown::Best].into_iter().chain(missing.also.iter().copied()) {
            if !ways.contains(&way) {
                ways.push(way);
            }
        }
        ways
    }

    fn performance(
        &self,
        rule: String,
        place: usize,
        of: impl Fn(&Entrant<'_>) -> bool + Clone,
    ) -> Performance {
        let people = self.people.iter().filter(move |(case, _)| of(case.entrant));
        let people = people.map(|(case, told)| (case.came, &told.rules[place]));
        Performance::of(rule, self.alert.evaluate.every.in_days(), &self.ways(), people)
    }

    fn counted(&self) -> People {
        let count = |is: fn(&(Case<'_, '_>, Told)) -> bool| {
            self.people.iter().filter(|person| is(person)).count() as u64
        };
        People {
            cohort: self.people.len() as u64,
            came_true: count(|(case, _)| matches!(case.came, Came::True { .. })),
            did_not: count(|(case, _)| case.came == Came::NotTrue),
            unknown: count(|(case, _)| case.came == Came::Unknown),
            unevaluable: count(|(_, told)| told.decisions == 0),
            immature: self.cohort.immature,
            erased: self.cohort.erased,
            decisions: self.people.iter().map(|(_, told)| told.decisions).sum(),
        }
    }

    fn changed(&self) -> Changed {
        let flagged = |told: &Told, place: usize| told.rules[place].first.is_some();
        let only = |one: usize, other: usize| {
            self.people.iter().filter(|(_, told)| flagged(told, one) && !flagged(told, other)).count() as u64
        };
        Changed {
            decisions: self.people.iter().map(|(_, told)| told.decisions).sum(),
            changed: self.people.iter().map(|(_, told)| told.changed).sum(),
            only_candidate: only(0, 1),
            only_baseline: only(1, 0),
        }
    }

    fn subgroups(&self, rule: &str) -> Vec<Subgroup> {
        let mut told = Vec::new();
        for by in &self.spec.report.subgroups {
            let mut groups: BTreeMap<String, u64> = BTreeMap::new();
            for (case, _) in self.people {
                *groups.entry(group_of(case.entrant, by.as_str())).or_default() += 1;
            }
            told.extend(groups.into_iter().map(|(group, people)| Subgroup {
                by: by.to_string(),
                people,
                performance:
                    self.performance(rule.to_owned(), 0, |entrant| group_of(entrant, by.as_str()) == group),
                group,
            }));
        }
        told
    }

    fn flagged_by(&self) -> Vec<FlaggedBy> {
        let mut leads: Vec<i64> = Vec::new();
        let mut all = 0;
        for (case, told) in self.people {
            if let Came::True { known, .. } = case.came {
                all += 1;
                leads.extend(told.rules[0].first.map(|first| known - first));
            }
        }
        leads.sort_unstable_by(|a, b| b.cmp(a));
        let mut told: Vec<FlaggedBy> = Vec::new();
        for (flagged, days_before) in (1..).zip(leads) {
            let share = share(flagged, all).unwrap_or(0.0);
            match told.last_mut() {
                Some(last) if last.days_before == days_before => last.share = share,
                _ => told.push(FlaggedBy { days_before, share }),
            }
        }
        told
    }

    fn rests(&self) -> Vec<Rests> {
        let asked = self.panel.asked.iter();
        asked
            .map(|asked| Rests {
                feature: asked.name.clone(),
                from: asked.from.iter().map(|fact| (*fact).to_owned()).collect(),
            })
            .collect()
    }

    fn evaluated(&self) -> String {
        let evaluate = &self.alert.evaluate;
        let mut told = format!("at the end of every {} after time zero", evaluate.every);
        if evaluate.on_event {
            told.push_str(", and whenever something became known");
        }
        if let Some(until) = evaluate.until {
            told.push_str(&format!(", until {until} after time zero"));
        }
        if let Some(ends) = &evaluate.ends {
            told.push_str(&format!(", until {} after `{}`", ends.after, ends.event));
        }
        told
    }

    fn guards(&self, shared: &[(String, Vec<&'static str>)], proof: prove::Proof) -> Vec<Passed> {
        let overlap = if shared.is_empty() {
            "the rule and the outcome rest on different facts".to_owned()
        } else {
            let names: Vec<String> =
                shared.iter().map(|(name, facts)| format!("`{name}` ({})", facts.join(", "))).collect();
            format!(
                "labelled: the outcome is defined by facts that the rule rests on too: {}; part of what the rule says \
                 is the outcome itself, so read the lead to onset, not the one to when it was known",
                names.join("; ")
            )
        };
        vec![
            Passed {
                guard: Guard::NoLookAhead,
                saw: "every decision was made from a cursor that gives out what was known by then".to_owned(),
            },
            Passed {
                guard: Guard::Proved,
                saw: format!(
                    "{} decisions stayed as they were under {} other futures",
                    proof.decisions, proof.futures
                ),
            },
            Passed { guard: Guard::Tautology, saw: overlap },
            Passed {
                guard: Guard::Missingness,
                saw: "those of whom the outcome is not known are counted in every way, beside each other"
                    .to_owned(),
            },
        ]
    }
}

/// The group of a person at time zero.
fn group_of(entrant: &Entrant<'_>, by: &str) -> String {
    let place = entrant.placement.place(entrant.zero);
    let told = match by {
        "site" => place.and_then(|place| place.site.as_ref()).map(ToString::to_string),
        "worker" => place.and_then(|place| place.worker.as_ref()).map(ToString::to_string),
        "programme" => place.map(|place| place.programme.to_string()),
        "language" => entrant.placement.language.as_ref().map(ToString::to_string),
        _ => None,
    };
    let attribute = || {
        let found = entrant.placement.attributes.iter().find(|(name, _)| name.as_str() == by);
        found.map(|(_, value)| value.clone())
    };
    told.or_else(attribute).unwrap_or_else(|| "not known".to_owned())
}
