//! Each outcome's life: when it was planned, worked on, reached, lost and reached again.

use throughline_domain::{Code, FollowUpResult, WindowAnchor};

use crate::{
    exits::{Stay, stay_of},
    life::Life,
    view::{CodeAt, Dated, Found, KeyAt, Look, Plan, What},
    windows::{Rule, Watched, watch},
};

/// One outcome of a client, traced through the life.
pub(crate) struct Traced<'a> {
    pub(crate) outcome: KeyAt,
    /// As last said.
    pub(crate) what: CodeAt,
    /// As last said.
    pub(crate) life_area: CodeAt,
    /// The first plan that names it.
    pub(crate) planned: Option<&'a Dated>,
    /// The revision that no longer names it, where no plan in force does.
    pub(crate) withdrawn: Option<&'a Dated>,
    /// The plan version that last named it.
    pub(crate) plan: Option<&'a Plan>,
    /// The first service, check-in or milestone after it was planned.
    pub(crate) worked: Option<&'a Dated>,
    /// The enrolment it was first reached in, else that of its plan.
    pub(crate) enrolment: Option<KeyAt>,
    /// Each time it was reached, until it was lost.
    pub(crate) spells: Vec<Spell<'a>>,
}

/// From a day the outcome was reached until it was lost.
pub(crate) struct Spell<'a> {
    pub(crate) reached: &'a Dated,
    pub(crate) lost: Option<&'a Dated>,
    pub(crate) watched: Watched<'a>,
}

impl<'a> Traced<'a> {
    /// The spell that began last.
    pub(crate) fn current(&self) -> Option<&Spell<'a>> {
        self.spells.last()
    }

    /// Whether it was reached and not lost since.
    pub(crate) fn stands(&self) -> bool {
        self.current().is_some_and(|spell| spell.lost.is_none())
    }
}

/// Every outcome that a plan named or that was reached, in the order they are first mentioned.
pub(crate) fn trace<'a>(life: &Life<'a>, stays: &[Stay<'a>]) -> Vec<Traced<'a>> {
    let mut keys: Vec<KeyAt> = Vec::new();
    for fact in life.facts {
        match &fact.what {
            What::Planned(plan) => keys.extend(plan.outcomes.iter().map(|desired| desired.outcome)),
            What::Reached { outcome, .. } => keys.push(*outcome),
            _ => {}
        }
    }
    let mut seen = Vec::new();
    keys.retain(|key| {
        let new = !seen.contains(key);
        seen.push(*key);
        new
    });
    keys.into_iter().filter_map(|key| trace_one(life, stays, key)).collect()
}

fn trace_one<'a>(life: &Life<'a>, stays: &[Stay<'a>], outcome: KeyAt) -> Option<Traced<'a>> {
    let names = |plan: &Plan| plan.outcomes.iter().any(|desired| desired.outcome == outcome);
    let planned = life.plans().find(|(_, plan)| names(plan)).map(|(fact, _)| fact);
    let plan = life.plans().rev().find(|(_, plan)| names(plan)).map(|(_, plan)| plan);
    let (what, life_area) = last_said(life, outcome)?;
    let worked = planned.and_then(|planned| {
        let since = life.facts.iter().skip_while(move |fact| !std::ptr::eq(*fact, planned));
        since.into_iter().find(|fact| matches!(fact.what, What::Served { .. } | What::Worked))
    });
    let stretches = stretches(life, outcome);
    let reached_in = stretches.first().and_then(|stretch| match stretch.reached.what {
        What::Reached { enrolment, .. } => enrolment,
        _ => None,
    });
    let enrolment = reached_in.or(plan.and_then(|plan| plan.enrolment));
    let programme = enrolment
        .and_then(|enrolment| life.programme(enrolment))
        .or_else(|| stretches.first().and_then(|stretch| life.programme_on(stretch.reached.day)));
    let rules = rules(life, plan, programme);
    let anchor = plan.map_or(WindowAnchor::Outcome, |plan| plan.windows_from);
    let exit = match anchor {
        WindowAnchor::Outcome => None,
        WindowAnchor::Exit => stay_of(stays, enrolment).and_then(Stay::exit),
    };
    let spells = stretches
        .into_iter()
        .map(|Stretch { reached, lost, looks }| {
            let opens = match anchor {
                WindowAnchor::Outcome => Some(reached.day),
                WindowAnchor::Exit => exit.map(|exit| exit.max(reached.day)),
            };
            Spell { reached, lost, watched: watch(life, &rules, opens, lost, looks) }
        })
        .collect();
    let withdrawn = planned.and_then(|_| withdrawn(life, outcome));
    Some(Traced { outcome, what, life_area, planned, withdrawn, plan, worked, enrolment, spells })
}

/// What the outcome is and which area of life it is in, as last said.
fn last_said(life: &Life<'_>, of: KeyAt) -> Option<(CodeAt, CodeAt)> {
    life.facts.iter().rev().find_map(|fact| match &fact.what {
        What::Reached { outcome, what, life_area, .. } if *outcome == of => Some((*what, *life_area)),
        What::Planned(plan) => plan
            .outcomes
            .iter()
            .find(|desired| desired.outcome == of)
            .map(|desired| (desired.what, desired.life_area)),
        _ => None,
    })
}

/// The last revision that left the outcome out, where no plan in force still names it.
fn withdrawn<'a>(life: &Life<'a>, outcome: KeyAt) -> Option<&'a Dated> {
    let mut in_force: Vec<(&Dated, &Plan)> = Vec::new();
    let mut left_out = None;
    for (fact, plan) in life.plans() {
        let names = |plan: &Plan| plan.outcomes.iter().any(|desired| desired.outcome == outcome);
        if let Some(at) = in_force.iter().position(|(_, known)| known.name == plan.name) {
            if names(in_force[at].1) && !names(plan) {
                left_out = Some(fact);
            }
            in_force[at] = (fact, plan);
        } else {
            in_force.push((fact, plan));
        }
        if in_force.iter().any(|(_, plan)| names(plan)) {
            left_out = None;
        }
    }
    left_out
}

/// The windows of the plan; the programme's where it sets none. In the order they come due.
fn rules<'a>(life: &Life<'a>, plan: Option<&'a Plan>, programme: Option<&Code>) -> Vec<Rule<'a>> {
    let mut rules: Vec<Rule> = match plan {
        Some(plan) if !plan.windows.is_empty() => plan
            .windows
            .iter()
            .map(|window| Rule {
                window: life.view.code(window.name),
                first_day: window.first_day,
                target_day: window.target_day,
                last_day: window.last_day,
                required: window.required,
            })
            .collect(),
        _ => life
            .programmes
            .of(programme)
            .windows
            .iter()
            .map(|window| Rule {
                window: &window.window,
                first_day: window.first_day,
                target_day: window.target_day,
                last_day: window.last_day,
                required: window.required,
            })
            .collect(),
    };
    rules.sort_by_key(|rule| (rule.last_day, rule.target_day, rule.first_day));
    rules
}

/// A spell before its windows are laid out.
struct Stretch<'a> {
    reached: &'a Dated,
    lost: Option<&'a Dated>,
    looks: Vec<(&'a Dated, &'a Look)>,
}

/// Reached, lost, reached again: what was said of one outcome, in the order of life. Looks belong to the spell that
/// began last before them, also after it ended.
fn stretches<'a>(life: &Life<'a>, of: KeyAt) -> Vec<Stretch<'a>> {
    let mut stretches: Vec<Stretch<'a>> = Vec::new();
    // What is told of a time after the client's death is shown as a loose end and decides nothing.
    let lived = |fact: &Dated| life.died.is_none_or(|died| fact.day <= died.day);
    for fact in life.facts {
        match &fact.what {
            What::Reached { outcome, .. }
                if *outcome == of
                    && lived(fact)
                    && stretches.last().is_none_or(|last| last.lost.is_some()) =>
            {
                stretches.push(Stretch { reached: fact, lost: None, looks: Vec::new() });
            }
            What::Lost { outcome, .. } if *outcome == of && lived(fact) => {
                if let Some(last) = stretches.last_mut() {
                    last.lost.get_or_insert(fact);
                }
            }
            What::Looked(look) => {
                if let Some(last) = stretches.last_mut()
                    && concerns(life, fact, look, of)
                {
                    if lived(fact) && lost_by(life, fact, look) {
                        last.lost.get_or_insert(fact);
                    }
                    last.looks.push((fact, look));
                }
            }
            _ => {}
        }
    }
    stretches
}

/// Whether a look is about this outcome: it names it, or it names none and the outcome had been reached by then (in
/// the enrolment that the look names, where it names one).
fn concerns(life: &Life<'_>, fact: &Dated, look: &Look, of: KeyAt) -> bool {
    match look.outcome {
        Some(outcome) => outcome == of,
        None => reached_before(life, fact, look.enrolment).contains(&of),
    }
}

fn lost_by(life: &Life<'_>, fact: &Dated, look: &Look) -> bool {
    look.found == Found::Held(FollowUpResult::Lost) && speaks_for_one(life, fact, look)
}

/// What a look found counts for an outcome it names; where it names none, only if there is one it can be about.
pub(crate) fn speaks_for_one(life: &Life<'_>, fact: &Dated, look: &Look) -> bool {
    look.outcome.is_some() || reached_before(life, fact, look.enrolment).len() == 1
}

/// The outcomes reached before this fact, in an enrolment where one is named.
fn reached_before(life: &Life<'_>, fact: &Dated, enrolment: Option<KeyAt>) -> Vec<KeyAt> {
    let mut reached = Vec::new();
    for known in life.facts.iter().take_while(|known| !std::ptr::eq(*known, fact)) {
        if let What::Reached { outcome, enrolment: of, .. } = known.what
            && (enrolment.is_none() || of == enrolment)
            && !reached.contains(&outcome)
        {
            reached.push(outcome);
        }
    }
    reached
}
