//! Data quality: what in a client's history breaks a rule, kept as it was written down and shown until it is put right.
//!
//! It asks the rules of `throughline_domain` of every fact, as if it were new, and those that only a history can show
//! (`rules.rs`). It changes nothing and refuses nothing: a correction or retraction in the journey heals what it finds.
//! Start at `fold.rs`.
//!
//! ```
//! use throughline_domain::Eyes;
//! use throughline_projection::testing::{fact, given};
//! use throughline_quality::Quality;
//!
//! let opened = serde_json::json!({"role": "participant", "language": "und"});
//! let client = given::<Quality>([fact("2026-03-02", Eyes::Staff, "journey-opened", opened)]);
//! assert_eq!(client.on("2026-03-02").problems[0].rule.as_str(), "language-missing");
//! ```

mod fold;
mod hud;
mod likeness;
mod rules;
mod sums;
mod things;
mod view;

pub use hud::rules as hmis_rules;
pub use rules::{HISTORY_RULES, HistoryRule, Level, STALE_AFTER_DAYS};
pub use view::View;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use throughline_domain::{Actor, Code, EventId, Fact, Key};
use throughline_projection::{
    Answers, Day, Entered, Figure, Programmes, Projection, Sums, WorkItem, WorkList,
};

use crate::view::{Problem, Stay};

/// The data-quality projector.
#[derive(Debug, Clone, Copy)]
pub struct Quality;

/// What is wrong in one client's history on a date.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = QualityAnswer)]
pub struct Answer {
    /// The date: nothing after it is taken into account.
    #[schema(value_type = String, format = Date)]
    pub on: Date,
    /// How many problems stand.
    pub count: u64,
    /// How many by rule.
    pub by_rule: Vec<RuleCount>,
    /// Each problem, oldest first.
    pub problems: Vec<ProblemAnswer>,
}

/// How many problems break one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RuleCount {
    /// The rule.
    pub rule: Code,
    /// What is wrong, in plain words.
    pub explanation: &'static str,
    /// How grave it is.
    pub level: Level,
    /// The ids of the published data-quality checks of HMIS that say the same.
    pub published: &'static [u16],
    /// How many.
    pub count: u64,
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ProblemAnswer {
    /// The rule it breaks.
    pub rule: Code,
    /// What is wrong, in plain words.
    pub explanation: &'static str,
    /// How grave it is.
    pub level: Level,
    /// The ids of the published data-quality checks of HMIS that say the same.
    pub published: &'static [u16],
    /// What puts it right.
    pub remedy: &'static str,
    /// The first day on which the history shows it.
    #[schema(value_type = String, format = Date)]
    pub since: Date,
    /// The event, and the one it is at odds with.
    #[schema(value_type = Vec<String>)]
    pub evidence: Vec<EventId>,
    /// Who entered the event: the one it was recorded for, else the one who recorded it.
    pub entered_by: Actor,
    /// The enrolment it belongs to.
    pub enrolment: Option<Key>,
    /// The programme of that enrolment; where there is none, of the one that last began.
    pub programme: Option<Code>,
    /// Its site.
    pub site: Option<Code>,
    /// Its worker; where it names none, the worker who entered the event.
    pub worker: Option<Code>,
}

/// What the work list `data-quality` needs of one client.
#[derive(Debug, Clone)]
pub struct Card {
    problems: Box<[Problem]>,
    whereabouts: Whereabouts,
}

/// Who entered what, and where.
#[derive(Debug, Clone)]
struct Whereabouts {
    enterers: Vec<Actor>,
    stays: BTreeMap<Key, Stay>,
}

/// Counts over clients.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    clients: u64,
    with_problems: u64,
    rules: BTreeMap<Code, OfRule>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct OfRule {
    problems: u64,
    clients: u64,
}

impl Projection for Quality {
    const NAME: &'static str = "quality";
    const VERSION: u32 = 2;
    type View = View;

    fn fold(view: &mut View, fact: &Fact) {
        fold::fold(view, fact);
    }
}

impl Answers for Quality {
    type Answer = Answer;
    type Card = Card;
    type Tally = Tally;
    const WORK_LISTS: &'static [WorkList] = &[WorkList {
        name: "data-quality",
        about: "What in a client's history breaks a rule, and what puts it right.",
    }];
    const SUMS: Sums = sums::SUMS;

    fn answer(view: &View, on: Date, _programmes: &Programmes) -> Answer {
        let day = Day::of(on);
        let problems = standing(fold::problems(view), day);
        let whereabouts = Whereabouts::of(view);
        let by_rule = count(&problems).into_iter().map(|(rule, count)| {
            let HistoryRule { explanation, level, published, .. } = rules::explain(rule.as_str());
            RuleCount { rule: rule.clone(), explanation, level, published, count }
        });
        Answer {
            on,
            count: problems.len() as u64,
            by_rule: by_rule.collect(),
            problems: problems.iter().map(|problem| whereabouts.answer(problem, day)).collect(),
        }
    }

    fn card(view: &View) -> Option<Card> {
        let problems: Box<[Problem]> = fold::problems(view).collect();
        (!problems.is_empty()).then(|| Card { problems, whereabouts: Whereabouts::of(view) })
    }

    fn work(card: &Card, list: &str, on: Date, _programmes: &Programmes) -> Vec<WorkItem> {
        if list != "data-quality" {
            return Vec::new();
        }
        let day = Day::of(on);
        let item = |problem: &Problem| card.whereabouts.answer(problem, day).item(day.since(problem.from));
        standing(card.problems.iter().cloned(), day).iter().map(item).collect()
    }

    fn tally(tally: &mut Tally, view: &View, on: Date, _programmes: &Programmes) {
        let on = Day::of(on);
        if view.first.is_none_or(|first| first > on) {
            return;
        }
        let problems = standing(fold::problems(view), on);
        tally.clients += 1;
        tally.with_problems += u64::from(!problems.is_empty());
        for (rule, count) in count(&problems) {
            let of_rule = tally.rules.entry(rule.clone()).or_default();
            of_rule.problems += count;
            of_rule.clients += 1;
        }
    }

    fn merge(into: &mut Tally, other: Tally) {
        into.clients += other.clients;
        into.with_problems += other.with_problems;
        for (rule, count) in other.rules {
            let of_rule = into.rules.entry(rule).or_default();
            of_rule.problems += count.problems;
            of_rule.clients += count.clients;
        }
    }

    fn figures(tally: Tally) -> Vec<Figure> {
        let problems = tally.rules.values().map(|of_rule| of_rule.problems).sum();
        let mut figures = vec![
            Figure::share("clients-with-problems-share", tally.with_problems, tally.clients),
            Figure::count("problems", "problems", problems),
        ];
        for (rule, of_rule) in tally.rules {
            figures.push(Figure::count(format!("problems.{rule}"), "problems", of_rule.problems));
            figures.push(Figure::share(format!("clients-with.{rule}-share"), of_rule.clients, tally.clients));
        }
        figures
    }
}

/// The problems that stand on this day, oldest first.
fn standing(problems: impl Iterator<Item = Problem>, on: Day) -> Vec<Problem> {
    let mut problems: Vec<Problem> = problems.filter(|problem| problem.stands(on)).collect();
    problems.sort_by(|a, b| (a.from, &a.rule, a.event).cmp(&(b.from, &b.rule, b.event)));
    problems
}

fn count(problems: &[Problem]) -> BTreeMap<&Code, u64> {
    let mut counts = BTreeMap::new();
    for problem in problems {
        *counts.entry(&problem.rule).or_default() += 1;
    }
    counts
}

impl Whereabouts {
    fn of(view: &View) -> Self {
        Self { enterers: view.enterers.clone(), stays: view.stays.clone() }
    }

    fn answer(&self, problem: &Problem, on: Day) -> ProblemAnswer {
        let HistoryRule { explanation, remedy, level, published, .. } = rules::explain(problem.rule.as_str());
        let last_begun = || {
            let begun = self.stays.values().filter(|stay| stay.entry.day <= on);
            begun.max_by_key(|stay| (stay.entry.day, stay.entry.event))
        };
        let stay = match &problem.enrolment {
            Some(key) => self.stays.get(key).filter(|stay| stay.entry.day <= on),
            None => last_begun(),
        };
        let entered_by = self.enterers[usize::from(problem.by)].clone();
        let worker = stay.and_then(|stay| stay.worker(on)).cloned();
        ProblemAnswer {
            rule: problem.rule.clone(),
            explanation,
            level,
            published,
            remedy,
            since: problem.from.date(),
            evidence: std::iter::once(problem.event).chain(problem.other).collect(),
            enrolment: problem.enrolment.clone(),
            programme: stay.map(|stay| stay.programme.clone()),
            site: stay.and_then(|stay| stay.site.clone()),
            worker: worker.or_else(|| worker_of(&entered_by)),
            entered_by,
        }
    }
}

/// The worker an actor is, where the actor is one: `worker:w17` is `w17`.
fn worker_of(actor: &Actor) -> Option<Code> {
    actor.as_str().strip_prefix("worker:").and_then(|worker| Code::new(worker).ok())
}

impl ProblemAnswer {
    fn item(self, days: i32) -> WorkItem {
        WorkItem {
            what: self.rule.to_string(),
            level: self.level.code(),
            due: None,
            since: Some(self.since),
            days,
            because: format!("{}; {}", self.explanation, self.remedy),
            evidence: self.evidence,
            entered: Some(Entered {
                by: self.entered_by,
                enrolment: self.enrolment,
                published: self.published.to_vec(),
                programme: self.programme,
                site: self.site,
                worker: self.worker,
            }),
        }
    }
}
