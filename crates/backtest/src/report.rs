//! What leaves this crate: a report whose small counts are withheld, with what it rests on.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Refusal,
    page::{Cell, Page, Section, Table},
    privacy::{MIN_CELL, Shown},
    register::{Registration, Standing, Tried},
    spec::{Clock, Kind, Span, Spec},
};

/// A report. Two runs of the same spec by the same program give the same bytes of it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = BacktestReport)]
pub struct Report {
    /// The version of this form: 1.
    pub version: u32,
    /// Which kind.
    pub kind: Kind,
    /// What was asked, in words.
    pub question: String,
    /// Whether there is an answer.
    pub answer: Answer,
    /// The guard that said no, and why.
    pub refused: Option<Refusal>,
    /// When the spec was registered, and as which try.
    pub registration: Registration,
    /// Every p-value of the family, adjusted.
    pub family: Vec<Tried>,
    /// What was read.
    pub read: Read,
    /// By which program.
    pub program: Program,
    /// Counts of people below this are withheld.
    pub min_cell: u32,
    /// The findings: words, tables and figures. Small counts, and those they follow from, are the word `withheld`.
    #[schema(value_type = Page)]
    pub page: Shown,
}

/// Whether there is an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = backtest::Answer)]
pub enum Answer {
    /// There is.
    Given,
    /// A guard said no.
    Refused,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = backtest::Read)]
pub struct Read {
    /// So many events of the log, from the first on.
    pub events: u64,
    /// SHA-256 of the log's frame that holds the last of them, which stands for all before it too.
    pub head: String,
    /// Nothing known only after this counts.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// By which clock a fact was known.
    pub clock: Clock,
    /// With `occurred`: how long after it happened.
    pub lag: Span,
}

/// A program, by its version and its own hash.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, ToSchema)]
#[schema(as = backtest::Program)]
pub struct Program {
    /// Its version.
    pub version: String,
    /// SHA-256 of its file, in hexadecimal, where it can be had.
    pub sha256: Option<String>,
}

/// What a kind of backtest found.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Found {
    pub page: Page,
    pub p_value: Option<f64>,
}

/// What a report is made of.
pub(crate) struct Parts<'a> {
    pub spec: &'a Spec,
    pub found: Result<Found, Refusal>,
    pub registration: Registration,
    pub family: Vec<Tried>,
    pub read: Read,
    pub program: &'a Program,
}

impl Report {
    pub(crate) fn of(parts: Parts<'_>) -> Self {
        let Parts { spec, found, registration, family, read, program } = parts;
        let min_cell = spec.report.min_cell.max(MIN_CELL);
        let (found, refused) = match found {
            Ok(found) => (found, None),
            Err(refusal) => (Found::default(), Some(refusal)),
        };
        let mut page = Page { title: spec.question.clone(), ..found.page };
        if let Some(refusal) = &refused {
            page.sections.insert(0, told(refusal));
        }
        let mut report = Self {
            version: 1,
            kind: spec.kind,
            question: spec.question.clone(),
            answer: if refused.is_some() { Answer::Refused } else { Answer::Given },
            refused,
            registration,
            family,
            read,
            program: program.clone(),
            min_cell,
            page: Page::default().withhold(min_cell),
        };
        page.sections.push(report.rests_on());
        report.page = page.withhold(min_cell);
        report
    }

    /// The report as JSON.
    pub fn json(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).expect("a report has text keys only");
        json.push(b'\n');
        json
    }

    /// What the figures rest on, as a section of the page.
    fn rests_on(&self) -> Section {
        let registration = &self.registration;
        let mut words = vec![standing(registration.standing).to_owned()];
        if registration.tries > 1 {
            words.push(format!(
                "It is one of {} tries of its family. The more are tried, the less one of them proves.",
                registration.tries
            ));
        }
        let clock = match self.read.clock {
            Clock::Recorded => "when this log wrote it down".to_owned(),
            Clock::Source => "when the source system says it wrote it down".to_owned(),
            Clock::Occurred => format!("assumed: {} after it happened", self.read.lag),
        };
        let rows = [
            ("kind of backtest", self.kind.name().to_owned()),
            ("spec, SHA-256", registration.spec.clone()),
            ("registered", registration.registered_at.to_string()),
            ("registration's position", registration.position.to_string()),
            ("family", registration.family.to_string()),
            ("tries in the family", registration.tries.to_string()),
            ("tries in all families", registration.tries_in_all.to_string()),
            ("events read", self.read.events.to_string()),
            ("log head, SHA-256", self.read.head.clone()),
            ("known until", self.read.as_of.to_string()),
            ("a fact counts as known", clock),
            ("program", format!("throughline {}", self.program.version)),
            ("program, SHA-256", self.program.sha256.clone().unwrap_or_else(|| "not known".to_owned())),
            ("counts of people withheld", format!("1 to {}", self.min_cell - 1)),
        ];
        let rows = rows.map(|(name, value)| vec![Cell::Text(name.to_owned()), Cell::Text(value)]);
        let mut tables = vec![Table {
            name: "rests-on".to_owned(),
            caption: "Spec, log and program".to_owned(),
            columns: vec!["what".to_owned(), "value".to_owned()],
            rows: rows.into(),
        }];
        if !self.family.is_empty() {
            tables.push(self.tried());
        }
        Section { heading: "What this rests on".to_owned(), words, tables, figures: Vec::new() }
    }

    fn tried(&self) -> Table {
        let row = |tried: &Tried| {
            let this = if tried.this { "this one" } else { "" };
            let spec = tried.spec.chars().take(12).collect();
            [
                Cell::Text(spec),
                Cell::Text(this.to_owned()),
                Cell::Number(tried.p_value),
                Cell::Number(tried.adjusted),
            ]
        };
        Table {
            name: "family".to_owned(),
            caption: "P-values of the family, adjusted after Holm".to_owned(),
            columns: ["spec", "", "p", "adjusted p"].map(str::to_owned).into(),
            rows: self.family.iter().map(|tried| row(tried).into()).collect(),
        }
    }
}

fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::BeforeTheFacts => "The spec was registered before all that it asks about had happened.",
        Standing::BeforeTheResults => {
            "The spec was registered before any result of its family was read; what it asks about had happened by then."
        }
        Standing::Exploratory => {
            "Exploratory: the spec was registered after results of its family were read. What it finds is a guess, to be \
             tried on new data."
        }
    }
}

fn told(refusal: &Refusal) -> Section {
    Section {
        heading: "No answer".to_owned(),
        words: vec![
            format!("The guard `{}` refuses: {}.", refusal.guard, refusal.why),
            format!("What would make it possible: {}.", refusal.remedy),
        ],
        ..Section::default()
    }
}
