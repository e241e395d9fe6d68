//! The guard against a rule made of what it is to foretell.
//!
//! The rule of it. A rule and an outcome *share facts* where a name the rule uses can be changed by a fact the outcome
//! is defined by. Then part of what the rule says is the outcome itself, and the report is labelled so. Where besides
//! not one flag came before the outcome was known, though some came on that day or after it, the rule says nothing
//! but that the outcome has come true, and the backtest is refused.

use std::collections::BTreeSet;

use super::{
    panel::{Asker, Panel},
    past::Past,
    replay::{Watch, replay},
    score::{Came, Case, Told},
};
use crate::{Error, Guard, Refusal, cohort::days_between, history::end_of, outcome::day_after, spec::Spec};

/// What the rule and the outcome share: the names of the rule, each with the facts.
pub(crate) fn shared(panel: &Panel, spec: &Spec) -> Vec<(String, Vec<&'static str>)> {
    let outcome: Vec<String> = spec.outcome.when.events().into_iter().cloned().collect();
    let patterns = super::pattern::Pattern::all(&spec.events.all(&outcome));
    let facts: BTreeSet<&str> = patterns.iter().map(super::pattern::Pattern::short_name).collect();
    let uses = panel.rules[0].uses.iter().map(|place| &panel.asked[*place]);
    uses.filter_map(|asked| {
        let both: Vec<&'static str> =
            asked.from.iter().copied().filter(|fact| facts.contains(fact)).collect();
        (!both.is_empty()).then(|| (asked.name.clone(), both))
    })
    .collect()
}

/// Refuses a rule that only ever says what has already come true.
pub(crate) fn check(
    shared: &[(String, Vec<&'static str>)],
    panel: &Panel,
    watch: &Watch,
    spec: &Spec,
    people: &[(Case<'_, '_>, Told)],
) -> Result<(), Error> {
    if shared.is_empty() || people.iter().any(|(_, told)| told.rules[0].first.is_some()) {
        return Ok(());
    }
    let mut asker = Asker::of(panel);
    let mut too_late = 0_u64;
    for (case, _) in people {
        let Came::True { known, .. } = case.came else { continue };
        let timeline = case.entrant.timeline;
        // A week past the day it was known: every weekly rule was asked once more by then.
        let until = end_of(day_after(case.entrant.zero, known + 7));
        let mut flagged = false;
        replay(watch, &mut asker, Past::of(watch, panel, timeline), timeline, until, &mut |decision| {
            flagged |= decision.holds[0] && days_between(case.entrant.zero, decision.on) >= known;
        })?;
        too_late += u64::from(flagged);
    }
    if too_late == 0 {
        return Ok(());
    }
    let names: Vec<&str> = shared.iter().map(|(name, _)| name.as_str()).collect();
    Err(Refusal::new(
        Guard::Tautology,
        format!(
            "`{}` is made of the facts that `{}` is defined by, and of {too_late} flags not one came before the outcome \
             was known",
            names.join("`, `"),
            spec.outcome.when
        ),
        "use a rule that can hold before the outcome does, or other facts",
    )
    .into())
}
