//! The data-quality checks that users of HMIS run, as far as one client's facts can state them.
//!
//! Each file holds the state that its rules need and the rules as data. After every fact of a stay the rules are asked
//! again: what has become wrong stands from that day on, what has been put right ends. Only enrolments that say the type
//! of an HMIS project are asked. Which published check is which rule is in `docs/views/data-quality.md`.

mod entry;
mod exit;
mod living;
mod money;
mod nights;
mod person;
mod stay;
mod time;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use throughline_domain::{Attributes, Event, Fact, Intake, Key, Value};
use throughline_projection::Day;

use crate::{
    rules::HistoryRule,
    things::enrolment,
    view::{Dated, Problem, code},
};

use self::{person::Person, stay::Stay, time::Now};

/// Every rule of HMIS, in the order in which they are asked.
pub fn rules() -> impl Iterator<Item = &'static HistoryRule> {
    let of_stays = stay_checks().map(|check| &check.rule);
    person::CHECKS.iter().map(|check| &check.rule).chain(of_stays).chain(time::RULES)
}

/// A rule, and how to see that it is broken.
pub(crate) struct Check<T: 'static> {
    rule: HistoryRule,
    broken: fn(&T) -> bool,
    /// The fact to look at.
    at: fn(&T) -> Option<Dated>,
    /// The one it is at odds with.
    other: fn(&T) -> Option<Dated>,
}

fn stay_checks() -> impl Iterator<Item = &'static Check<Stay>> {
    [entry::CHECKS, living::CHECKS, money::CHECKS, exit::CHECKS, nights::CHECKS, stay::CHECKS]
        .into_iter()
        .flatten()
}

/// What is known of a client as HMIS asks for it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Hud {
    person: Person,
    /// By enrolment: those of HMIS, and those not told of yet.
    stays: BTreeMap<Key, Stay>,
    of_person: Vec<Stood>,
    /// What time alone made wrong, and is no more.
    lapsed: Vec<Problem>,
}

/// A rule broken from one day to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Stood {
    /// Its place among the rules; the view's version rises whenever that changes.
    rule: u8,
    at: Dated,
    other: Option<Dated>,
    from: Day,
    until: Option<Day>,
}

/// Takes the next fact. `known` says whether its enrolment has been told of.
pub(crate) fn fold(hud: &mut Hud, fact: &Fact, at: Dated, known: bool, died: Option<Day>) {
    let now = Now { day: at.day, died };
    let key = enrolment(&fact.event);
    if let Event::Intake(Intake::JourneyOpened(opened)) = &fact.event {
        let before = time::waits(hud, None);
        hud.person.open(opened, at);
        judge(&mut hud.of_person, person::CHECKS.iter(), &hud.person, at.day);
        time::settle(hud, before, None, now);
    }
    time::close_referral(hud, &fact.event, now);
    if let Some(key) = key.filter(|key| asks(hud, key, &fact.event, known)) {
        let before = time::waits(hud, Some(key));
        take(hud, key, &fact.event, at);
        judge(&mut hud.of_person, person::CHECKS.iter(), &hud.person, at.day);
        time::settle(hud, before, Some(key), now);
    }
}

/// Whether this fact says something of an enrolment in HMIS, or of one not told of yet, which may turn out to be.
fn asks(hud: &mut Hud, key: &Key, event: &Event, known: bool) -> bool {
    if !stay::concerns(event) {
        return false;
    }
    if let Event::Intake(Intake::Enrolled(enrolled)) = event {
        let begun = hud.stays.get(key).is_some_and(|stay| stay.entry().is_some());
        if begun || known || stay::project_type(enrolled).is_none() {
            if !begun {
                hud.stays.remove(key);
            }
            return false;
        }
        return true;
    }
    !known || hud.stays.contains_key(key)
}

fn take(hud: &mut Hud, key: &Key, event: &Event, at: Dated) {
    let others = stay::others(&hud.stays, key, event);
    let stay = hud.stays.entry(key.clone()).or_default();
    stay.take(event, at, &others);
    judge_stay(stay, at.day);
    hud.person.seen_in(stay, at.day);
    let left_today = stay.left().filter(|left| left.day == at.day).and(stay.entry());
    if let Some(entry) = left_today {
        for other in hud.stays.values_mut() {
            if other.no_overlap_with(entry, at.day) {
                judge_stay(other, at.day);
            }
        }
    }
}

fn judge_stay(stay: &mut Stay, day: Day) {
    if stay.entry().is_none() {
        return;
    }
    let mut stood = std::mem::take(&mut stay.stood);
    judge(&mut stood, stay_checks(), stay, day);
    stay.stood = stood;
}

/// Asks the rules again: what is newly broken stands from this day, what no longer is ends on it. What is broken and put
/// right on one day never was.
fn judge<'a, T: 'static>(
    stood: &mut Vec<Stood>,
    checks: impl Iterator<Item = &'a Check<T>>,
    of: &T,
    day: Day,
) {
    for (nr, check) in checks.enumerate() {
        let nr = u8::try_from(nr).expect("fewer than 256 rules");
        let open = stood.iter().position(|stood| stood.rule == nr && stood.until.is_none());
        match (open, (check.broken)(of)) {
            (None, true) => {
                let ended = stood.iter_mut().find(|stood| stood.rule == nr && stood.until == Some(day));
                if let Some(ended) = ended {
                    ended.until = None;
                } else if let Some(at) = (check.at)(of) {
                    stood.push(Stood { rule: nr, at, other: (check.other)(of), from: day, until: None });
                }
            }
            (Some(open), false) if stood[open].from == day => {
                stood.remove(open);
            }
            (Some(open), false) => stood[open].until = Some(day),
            (Some(_), true) | (None, false) => {}
        }
    }
}

/// Every problem there ever was.
pub(crate) fn problems(hud: &Hud, died: Option<Day>) -> Vec<Problem> {
    let mut problems = hud.lapsed.clone();
    let problem = |rule: &HistoryRule, stood: &Stood, enrolment: Option<&Key>| Problem {
        rule: code(rule.code),
        event: stood.at.event,
        by: stood.at.by,
        other: stood.other.map(|other| other.event),
        enrolment: enrolment.cloned(),
        from: stood.from,
        until: stood.until,
    };
    for stood in &hud.of_person {
        problems.push(problem(&person::CHECKS[usize::from(stood.rule)].rule, stood, None));
    }
    let checks: Vec<&Check<Stay>> = stay_checks().collect();
    for (key, stay) in &hud.stays {
        for stood in &stay.stood {
            problems.push(problem(&checks[usize::from(stood.rule)].rule, stood, Some(key)));
        }
    }
    problems.extend(time::standing(hud, died));
    problems
}

/// At odds with nothing.
fn none<T>(_: &T) -> Option<Dated> {
    None
}

fn flag(value: &Value) -> Option<bool> {
    if let Value::Flag(flag) = value { Some(*flag) } else { None }
}

fn text(value: &Value) -> Option<&str> {
    if let Value::Code(code) = value { Some(code.as_str()) } else { None }
}

fn number(value: &Value) -> Option<f64> {
    if let Value::Number(number) = value { Some(number.get()) } else { None }
}

fn attribute<'a>(attributes: &'a Attributes, name: &str) -> Option<&'a Value> {
    attributes.iter().find(|(known, _)| known.as_str() == name).map(|(_, value)| value)
}
