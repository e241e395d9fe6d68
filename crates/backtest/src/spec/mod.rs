//! What an evaluator writes: one question, in TOML, checked as a whole before anything is read.

mod alert;
mod causal;
mod event;
mod fault;
mod measure;
mod remeasure;
mod reporting;
mod schema;
mod series;
mod simulate;
mod span;

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use throughline_domain::Code;
use utoipa::ToSchema;

pub use alert::{Alert, Capacity, Ends, Evaluate};
pub use causal::{Arms, Assigned, Causal, Change, Estimand, Method, Placebo, Unit};
pub use event::{Condition, EventPattern, Events};
pub use fault::InvalidSpec;
pub use measure::{Measure, Window};
pub use remeasure::{Counting, Remeasure};
pub use reporting::Reporting;
pub use schema::schema;
pub use series::{Count, STRETCHES_MAX, Series};
pub use simulate::{About, Assumption, Simulate};
pub use span::Span;

use fault::{Lines, explained, nearest};

use crate::privacy::MIN_CELL;

/// The longest spec, in bytes: its registration keeps it whole.
pub const BYTES_MAX: usize = throughline_domain::Text::BYTES_MAX;

/// A backtest, as its evaluator asks for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The version of this form: 1.
    pub version: u32,
    /// Which kind; the section of that name must be there.
    pub kind: Kind,
    /// What is asked, in words.
    pub question: String,
    /// What may be known.
    pub history: Sources,
    /// Who is asked about.
    pub cohort: Entry,
    /// Names for facts, used in conditions.
    #[serde(default)]
    pub events: Events,
    /// Features of its own, for rules: by name, each a series of stretches with or without an event.
    #[serde(default)]
    pub features: BTreeMap<String, Series>,
    /// What is looked for.
    pub outcome: Outcome,
    /// The settings of `kind = "remeasure"`.
    pub remeasure: Option<Remeasure>,
    /// The settings of `kind = "alert"`.
    pub alert: Option<Alert>,
    /// The settings of `kind = "causal"`.
    pub causal: Option<Causal>,
    /// The settings of `kind = "simulate"`.
    pub simulate: Option<Simulate>,
    /// How it is told.
    #[serde(default)]
    pub report: Reporting,
}

/// The four kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = backtest::Kind)]
pub enum Kind {
    /// Had we counted differently, who would change status?
    Remeasure,
    /// Would this rule have warned us in time?
    Alert,
    /// What did a change that really happened do?
    Causal,
    /// What would follow under stated assumptions?
    Simulate,
}

impl Kind {
    /// Its name, which is that of its section too.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Remeasure => "remeasure",
            Self::Alert => "alert",
            Self::Causal => "causal",
            Self::Simulate => "simulate",
        }
    }
}

/// What may be known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Sources {
    /// Nothing known only after this time counts; the time of the run where it is not set.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub as_of: Option<Timestamp>,
    /// By which clock a fact was known.
    #[serde(default)]
    pub clock: Clock,
    /// With `clock = "occurred"`: how long after it happened a fact was known.
    #[serde(default)]
    pub lag: Span,
}

/// By which clock a fact was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = backtest::Clock)]
pub enum Clock {
    /// When this log wrote it down. The only one nobody outside can set.
    #[default]
    Recorded,
    /// When the system it was imported from says it wrote it down; where that system does not say, when this log did.
    Source,
    /// When it happened, and `lag` later: an assumption, and the report says so.
    Occurred,
}

/// Who is asked about: everyone with the entering fact, once, from its first day on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The fact that makes time zero, by its name in `events` or a built-in one such as `enrolled`.
    pub enter: String,
    /// Only enrolments in this programme.
    pub programme: Option<Code>,
    /// Only who entered from the first of these days to the last.
    #[schema(value_type = Option<Vec<String>>)]
    pub between: Option<(Date, Date)>,
    /// Who entered less than this before `as_of` is immature: counted, and left out of every figure.
    #[serde(default)]
    pub mature: Span,
    /// A condition on attributes at time zero, in CEL: `attributes.trial == "ctn-0027"`.
    #[serde(rename = "where")]
    pub condition: Option<String>,
    /// Only who has one of these facts at all.
    #[serde(default)]
    pub having: Vec<String>,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// Its name in words.
    pub name: String,
    /// Whether it is what one hopes for; else it is what one hopes to prevent. Best and worst follow from it.
    #[serde(default)]
    pub desired: bool,
    /// What must come true: `exited`, `no service for 14d`, `last dose before 161d, known after 14d`.
    #[schema(value_type = String)]
    pub when: Condition,
    /// Facts after which nobody looked any further.
    #[serde(default)]
    pub censored_by: Vec<String>,
    /// Facts that make the outcome impossible, each a risk that competes with it.
    #[serde(default)]
    pub competing: Vec<String>,
    /// How long after time zero it is looked for; without an end where it is not set.
    pub within: Option<Span>,
    /// How those of whom it is not known are counted.
    #[serde(default)]
    pub missing: Missing,
}

/// How those are counted of whom the outcome is not known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Missing {
    /// In the figure that comes first.
    pub primary: Unknown,
    /// In the figures beside it: both extremes are always shown.
    #[serde(default)]
    pub also: Vec<Unknown>,
}

impl Default for Missing {
    fn default() -> Self {
        Self { primary: Unknown::Unknown, also: vec![Unknown::Worst, Unknown::Best] }
    }
}

/// One way to count those of whom the outcome is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Unknown {
    /// Left out, and counted as left out.
    Unknown,
    /// As if it had gone badly for every one of them.
    Worst,
    /// As if it had gone well for every one of them.
    Best,
}

impl Spec {
    /// Reads a spec and checks it as a whole.
    pub fn parse(text: &str) -> Result<Self, InvalidSpec> {
        if text.len() > BYTES_MAX {
            let problem = format!("the spec is longer than {BYTES_MAX} bytes");
            return Err(InvalidSpec::new(1, problem, "ask one question in one spec"));
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let lines = Lines::of(text);
        let spec: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| lines.at(span.start));
            let (problem, hint) = explained(error.message());
            InvalidSpec::new(line, problem, hint)
        })?;
        spec.check(&lines)?;
        Ok(spec)
    }

    fn check(&self, lines: &Lines<'_>) -> Result<(), InvalidSpec> {
        let at = |path: &[&str], problem: String, hint: &str| {
            Err(InvalidSpec::new(lines.find(path), problem, hint))
        };
        if self.version != 1 {
            return at(&["version"], format!("version {} is not known", self.version), "write `version = 1`");
        }
        if self.question.trim().is_empty() {
            return at(&["question"], "the question is empty".into(), "say in words what is asked");
        }
        if self.history.lag != Span::default() && self.history.clock != Clock::Occurred {
            return at(
                &["history", "lag"],
                "a lag is only for `clock = \"occurred\"`".into(),
                "leave it out",
            );
        }
        if self.report.min_cell < MIN_CELL {
            return at(
                &["report", "min_cell"],
                format!(
                    "{} is below {MIN_CELL}, under which counts of people are never shown",
                    self.report.min_cell
                ),
                "raise it, or leave it out",
            );
        }
        let (named, section) = self.section();
        if !named {
            return at(
                &["kind"],
                format!("there is no section [{section}]"),
                "write one, or choose another kind",
            );
        }
        if let Some((first, last)) = self.cohort.between
            && first > last
        {
            return at(
                &["cohort", "between"],
                format!("{first} is after {last}"),
                "write the earlier day first",
            );
        }
        let names = [
            (&["cohort", "enter"][..], vec![&self.cohort.enter]),
            (&["cohort", "having"], self.cohort.having.iter().collect()),
            (&["outcome", "when"], self.outcome.when.events()),
            (&["outcome", "censored_by"], self.outcome.censored_by.iter().collect()),
            (&["outcome", "competing"], self.outcome.competing.iter().collect()),
        ];
        for (path, used) in names {
            for name in used {
                if let Err(hint) = self.events.get(name) {
                    let hint = nearest(name, self.events.names())
                        .map_or(hint.clone(), |near| format!("did you mean `{near}`? else {hint}"));
                    return at(path, format!("`{name}` is no event"), &hint);
                }
            }
        }
        if let Err((section, field, problem, hint)) = self.check_section() {
            return at(&[section, field], problem, &hint);
        }
        self.check_features(lines)?;
        self.events.check().or_else(|(name, problem, hint)| at(&["events", &name], problem, &hint))
    }

    fn check_features(&self, lines: &Lines<'_>) -> Result<(), InvalidSpec> {
        for (name, series) in &self.features {
            let line = lines.find(&["features", name]);
            series.check(name).map_err(|(problem, hint)| InvalidSpec::new(line, problem, hint))?;
            for event in &series.events {
                let no_event = |hint| InvalidSpec::new(line, format!("`{event}` is no event"), hint);
                self.events.get(event).map_err(no_event)?;
            }
        }
        let Some(alert) = &self.alert else { return Ok(()) };
        if alert.evaluate.every == Span::default() {
            let line = lines.find(&["alert", "evaluate"]);
            return Err(InvalidSpec::new(line, "a rule asked every 0 days", "write at least `1d`"));
        }
        if let Some(ends) = &alert.evaluate.ends
            && let Err(hint) = self.events.get(&ends.event)
        {
            let line = lines.find(&["alert", "evaluate"]);
            return Err(InvalidSpec::new(line, format!("`{}` is no event", ends.event), hint));
        }
        Ok(())
    }

    /// What is wrong with the section of a kind in itself: section, field, problem, remedy.
    fn check_section(&self) -> Result<(), (&'static str, &'static str, String, String)> {
        let within = |section| move |(field, problem, hint)| (section, field, problem, hint);
        self.causal.as_ref().map_or(Ok(()), |it| it.check(&self.events)).map_err(within("causal"))?;
        self.remeasure.as_ref().map_or(Ok(()), |it| it.check(&self.events)).map_err(within("remeasure"))?;
        self.simulate.as_ref().map_or(Ok(()), Simulate::check).map_err(within("simulate"))
    }

    /// Whether the section of the kind is there, and its name.
    fn section(&self) -> (bool, &'static str) {
        match self.kind {
            Kind::Remeasure => (self.remeasure.is_some(), "remeasure"),
            Kind::Alert => (self.alert.is_some(), "alert"),
            Kind::Causal => (self.causal.is_some(), "causal"),
            Kind::Simulate => (self.simulate.is_some(), "simulate"),
        }
    }
}

#[cfg(test)]
mod wrong;
