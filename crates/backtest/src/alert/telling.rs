//! From what the rules said to the report.

use std::collections::BTreeMap;

use super::{
    AlertReport, CANNOT_SAY, Changed, FlaggedBy, Load, Passed, People, Performance, Rests, Subgroup,
    panel::Panel,
    performance::share,
    prove::Proof,
    score::{Came, Case, Told},
};
use crate::{
    Cohort, Entrant, Guard,
    spec::{Alert, Spec, Unknown},
};

/// Everything a report is told from.
pub(super) struct Telling<'t, 'h> {
    pub spec: &'t Spec,
    pub alert: &'t Alert,
    pub cohort: &'t Cohort<'h>,
    pub panel: &'t Panel,
    pub people: &'t [(Case<'t, 'h>, Told)],
}

impl Telling<'_, '_> {
    pub fn report(
        &self,
        labels: &[String],
        shared: &[(String, Vec<&'static str>)],
        proof: Proof,
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
            guards: Self::guards(shared, proof),
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
        Performance::of(rule, self.alert.evaluate.every.in_days(), &self.ways(), &people)
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
        let on_event = if evaluate.on_event { ", and whenever something became known" } else { "" };
        let until = evaluate.until.map(|until| format!(", until {until} after time zero"));
        let ends =
            evaluate.ends.as_ref().map(|ends| format!(", until {} after `{}`", ends.after, ends.event));
        let (until, ends) = (until.unwrap_or_default(), ends.unwrap_or_default());
        format!("at the end of every {} after time zero{on_event}{until}{ends}", evaluate.every)
    }

    fn guards(shared: &[(String, Vec<&'static str>)], proof: Proof) -> Vec<Passed> {
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
