//! Rules by name: the built-in ones, and those that were adopted, each from when and until when.

use jiff::Timestamp;
use throughline_domain::{Code, Event, Formula, Note, Programme, RuleAdopted};

use super::{pattern::Pattern, replay::Watch};
use crate::{
    Error, History,
    spec::{Evaluate, EventPattern, Span},
};

/// A rule as it was adopted.
#[derive(Debug, Clone, PartialEq)]
pub struct Adopted {
    /// What was adopted.
    pub rule: RuleAdopted,
    /// Since when it is known to be in force.
    pub from: Timestamp,
    /// When it was retired, or another version took its place.
    pub until: Option<Timestamp>,
}

/// Engagement's own list as a rule, ready to be adopted: `going-quiet`, version 1.
pub fn going_quiet() -> RuleAdopted {
    RuleAdopted {
        rule: Code::new("going-quiet").expect("a code"),
        rule_version: 1,
        expression: Formula::new("going_quiet").expect("a formula"),
        enter: Code::new("enrolled").expect("a code"),
        programme: None,
        every_days: 1,
        on_event: true,
        until_days: None,
        personal: Note::default(),
    }
}

/// Every adoption, in the order they became known.
pub fn adopted(history: &History) -> Vec<Adopted> {
    let mut all: Vec<Adopted> = Vec::new();
    for known in &history.programmes {
        let ended = match &known.recorded.draft.event {
            Event::Programme(Programme::RuleAdopted(rule)) => &rule.rule,
            Event::Programme(Programme::RuleRetired(retired)) => &retired.rule,
            _ => continue,
        };
        for before in all.iter_mut().filter(|before| before.until.is_none() && before.rule.rule == *ended) {
            before.until = Some(known.at);
        }
        if let Event::Programme(Programme::RuleAdopted(rule)) = &known.recorded.draft.event {
            all.push(Adopted { rule: rule.clone(), from: known.at, until: None });
        }
    }
    all
}

/// The expression that a spec names: itself, or that of `rule:NAME@VERSION`.
pub(crate) fn resolve(text: &str, history: &History) -> Result<String, Error> {
    let Some(named) = text.trim().strip_prefix("rule:") else { return Ok(text.to_owned()) };
    let wrong =
        |problem: &str| Error::Expression { expression: text.to_owned(), problem: problem.to_owned() };
    let (name, version) = named.split_once('@').ok_or_else(|| wrong("write it as `rule:NAME@VERSION`"))?;
    let version: u32 = version.parse().map_err(|_| wrong("the version is no number; write `rule:NAME@1`"))?;
    let is = |rule: &RuleAdopted| rule.rule.as_str() == name && rule.rule_version == version;
    let known = adopted(history).into_iter().map(|adopted| adopted.rule);
    let found = known.chain([going_quiet()]).find(is);
    found.map(|rule| rule.expression.as_str().to_owned()).ok_or_else(|| {
        wrong("no rule of this name and version was adopted; `throughline rule list` names those there are")
    })
}

/// Whom an adopted rule watches, and when it is asked.
pub(crate) fn watch(adopted: &Adopted) -> Result<Watch, Error> {
    let rule = &adopted.rule;
    let enter = EventPattern { fact: rule.enter.to_string(), equals: std::collections::BTreeMap::new() };
    let enter = Pattern::of(&enter).ok_or_else(|| Error::Expression {
        expression: rule.enter.to_string(),
        problem: "it is no fact; `enter` names one such as `enrolled`".to_owned(),
    })?;
    let evaluate = Evaluate {
        every: Span::days(u32::from(rule.every_days)),
        on_event: rule.on_event,
        until: rule.until_days.map(|days| Span::days(u32::from(days))),
        ends: None,
    };
    let mut watch = Watch::over(enter, rule.programme.clone(), &evaluate);
    watch.from = adopted.from;
    Ok(watch)
}
