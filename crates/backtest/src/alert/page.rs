//! The report laid out.

use std::collections::BTreeMap;

use super::{AlertReport, Lead, Performance};
use crate::{
    page::{Cell, Figure, Form, Page, Section, Table},
    privacy::SINCE,
    spec::Clock,
};

impl AlertReport {
    /// The report, laid out.
    pub fn page(&self) -> Page {
        Page {
            title: self.question.clone(),
            sections: vec![
                self.asked(),
                self.people_told(),
                self.clients(),
                self.lead(),
                self.load_told(),
                self.groups(),
                self.guards_told(),
            ],
        }
    }

    fn asked(&self) -> Section {
        let clock = match self.clock {
            Clock::Recorded => "A fact was known when this log wrote it down.",
            Clock::Source => "A fact was known when the system it came from says it wrote it down.",
            Clock::Occurred => "A fact is taken to have been known when it happened: an assumption.",
        };
        let mut words = vec![
            format!("Outcome: {}.", self.outcome),
            format!("Rule: {}. Asked {}.", self.candidate.rule, self.evaluated),
        ];
        words.extend(self.baseline.as_ref().map(|baseline| format!("Rule in force: {}.", baseline.rule)));
        words.extend([clock.to_owned(), self.cannot_say.clone()]);
        let rows = self.features.iter();
        let rows = rows.map(|rests| vec![text(&rests.feature), text(&rests.from.join(", "))]).collect();
        Section {
            heading: "What was asked".to_owned(),
            words,
            tables: vec![table("features", "What the rules rest on", &["feature", "changed by"], rows)],
            figures: Vec::new(),
        }
    }

    fn people_told(&self) -> Section {
        let people = &self.people;
        let row = |what: &str, count: u64| vec![text(what), Cell::Count(count)];
        let rows = vec![
            row("in the cohort", people.cohort),
            row("the outcome came true", people.came_true),
            row("it did not", people.did_not),
            row("not known: nobody looked to the end", people.unknown),
            row("unevaluable: no decision before it was known", people.unevaluable),
            row("left out: entered too short a time ago", people.immature),
            row("left out: erased", people.erased),
        ];
        Section {
            heading: "Who was asked about".to_owned(),
            words: Vec::new(),
            tables: vec![
                table("people", "Who was asked about", &["who", "clients"], rows),
                table("decisions", "Decisions", &["what", "how many"], vec![row("made", people.decisions)]),
            ],
            figures: Vec::new(),
        }
    }

    fn rules(&self) -> impl Iterator<Item = (&'static str, &Performance)> {
        [("on trial", Some(&self.candidate)), ("in force", self.baseline.as_ref())]
            .into_iter()
            .filter_map(|(name, performance)| Some((name, performance?)))
    }

    fn clients(&self) -> Section {
        let rows = self.rules().flat_map(|(name, performance)| {
            performance.by_client.iter().map(move |by| {
                let unknown = format!("{:?}", by.unknown_as).to_lowercase();
                let clients = by.tp + by.r#fn + by.fp + by.tn;
                let mut row = vec![text(name), text(&unknown), Cell::Count(clients)];
                row.extend([by.tp, by.r#fn, by.fp, by.tn].map(Cell::Count));
                row.extend([by.precision, by.recall, by.specificity, by.base_rate].map(number));
                row
            })
        });
        let columns = [
            "rule",
            "unknown counted as",
            "clients",
            "tp",
            "fn",
            "fp",
            "tn",
            "precision",
            "recall",
            "specificity",
            "base rate",
        ];
        let words = vec![
            "A client is flagged where the rule held at any decision before the outcome was known. Hold precision \
             against the base rate: those who stay longer can be flagged more often."
                .to_owned(),
        ];
        let mut tables = vec![table("confusion", "Flagged or not, and what came", &columns, rows.collect())];
        tables.extend(self.changed.map(|changed| {
            let row = |what: &str, count: u64| vec![text(what), Cell::Count(count)];
            let rows = vec![
                row("clients flagged only by the rule on trial", changed.only_candidate),
                row("clients flagged only by the rule in force", changed.only_baseline),
                row("decisions that differ", changed.changed),
                row("decisions by both", changed.decisions),
            ];
            table("changed", "What changes against the rule in force", &["what", "how many"], rows)
        }));
        Section { heading: "By client".to_owned(), words, tables, figures: Vec::new() }
    }

    fn lead(&self) -> Section {
        let row = |name: &str, until: &str, lead: Lead, late: u64| {
            let mut row = vec![text(name), text(until), Cell::Count(lead.clients), Cell::Count(late)];
            row.extend([lead.q25_days, lead.median_days, lead.q75_days].map(number));
            row
        };
        let rows = self.rules().flat_map(|(name, performance)| {
            let late = performance.first_flag_after_onset;
            [
                row(name, "began", performance.lead_to_onset, late),
                row(name, "was known", performance.lead_to_known, 0),
            ]
        });
        // A share of the same whole: how many came with each day is told, so that few are not drawn.
        let of = self.people.came_true;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of people")]
        let flagged = |share: f64| (share * of as f64).round() as u64;
        let counts = self.flagged_by.iter().map(|by| (by.days_before, flagged(by.share)));
        let mut before = 0;
        let mut by: Vec<Vec<Cell>> = Vec::new();
        // The longest time before comes first: fewest were flagged by then.
        let mut counts: Vec<(i64, u64)> = counts.collect();
        counts.sort_by_key(|(days, _)| std::cmp::Reverse(*days));
        for (days, count) in counts {
            let since = Cell::Count(count.saturating_sub(before));
            by.push(vec![Cell::Number(days as f64), Cell::share(count, of), since]);
            before = count;
        }
        let (x, y) = ("days before it was known", "share flagged");
        Section {
            heading: "How long before".to_owned(),
            words: Vec::new(),
            tables: vec![
                table(
                    "lead",
                    "Days from the first flag until the outcome",
                    &[
                        "rule",
                        "until it",
                        "clients",
                        "flagged only after it",
                        "a quarter less than",
                        "median",
                        "a quarter more than",
                    ],
                    rows.collect(),
                ),
                table(
                    "flagged-by",
                    "Of those for whom it came true, the share flagged by then",
                    &[x, y, SINCE],
                    by,
                ),
            ],
            figures: vec![Figure {
                table: "flagged-by".to_owned(),
                caption: "Of those for whom it came true, the share flagged so long before it was known"
                    .to_owned(),
                form: Form::Steps { x: x.to_owned(), y: y.to_owned(), band: None, series: None },
            }],
        }
    }

    fn load_told(&self) -> Section {
        let weeks = self.rules().map(|(name, performance)| {
            let mut row = vec![text(name), Cell::Number(performance.client_weeks)];
            row.push(Cell::Number(performance.flagged_client_weeks));
            row.extend(
                [
                    performance.flags_per_100_client_weeks,
                    performance.per_flag_ppv_known,
                    performance.per_flag_ppv_onset,
                ]
                .map(number),
            );
            row.push(Cell::Count(performance.alerts));
            row
        });
        let columns = [
            "rule",
            "client-weeks",
            "flagged",
            "flagged in 100",
            "right: known within",
            "right: began within",
            "alerts",
        ];
        let mut by_worker: BTreeMap<&str, u64> = BTreeMap::new();
        for week in &self.load.by_worker_week {
            *by_worker.entry(week.worker.as_str()).or_default() += week.alerts;
        }
        let rows = by_worker.into_iter().map(|(worker, alerts)| vec![text(worker), Cell::Count(alerts)]);
        let busiest = self.load.by_worker_week.iter().map(|week| week.alerts).max().unwrap_or(0);
        let over = self.load.capacity.zip(self.load.worker_weeks_over).zip(self.load.alerts_over);
        let weeks_of = [
            Some(("weeks of a worker with an alert", self.load.by_worker_week.len() as f64)),
            Some(("alerts in the busiest of them", busiest as f64)),
            over.map(|((capacity, _), _)| {
                ("alerts that one worker can look at in a week", f64::from(capacity))
            }),
            over.map(|((_, weeks), _)| ("weeks of a worker with more", weeks as f64)),
            over.map(|(_, alerts)| ("alerts beyond that, in all", alerts as f64)),
        ];
        let weeks_of =
            weeks_of.into_iter().flatten().map(|(what, value)| vec![text(what), Cell::Number(value)]);
        Section {
            heading: "What it asks of people".to_owned(),
            words: Vec::new(),
            tables: vec![
                table("client-weeks", "Weeks in which the rule held", &columns, weeks.collect()),
                table("load", "Alerts in a week", &["what", "how many"], weeks_of.collect()),
                table("load-by-worker", "Alerts by worker", &["worker", "alerts"], rows.collect()),
            ],
            figures: Vec::new(),
        }
    }

    fn groups(&self) -> Section {
        let rows = self.subgroups.iter().filter_map(|group| {
            let by = group.performance.by_client.first()?;
            let mut row = vec![text(&group.by), text(&group.group), Cell::Count(group.people)];
            row.extend([by.tp, by.r#fn, by.fp, by.tn].map(Cell::Count));
            row.extend([by.precision, by.recall, by.specificity, by.base_rate].map(number));
            row.push(number(group.performance.flags_per_100_client_weeks));
            Some(row)
        });
        let columns = [
            "by",
            "group",
            "clients",
            "tp",
            "fn",
            "fp",
            "tn",
            "precision",
            "recall",
            "specificity",
            "base rate",
            "flagged in 100 client-weeks",
        ];
        Section {
            heading: "Group by group".to_owned(),
            words: Vec::new(),
            tables: vec![table("subgroups", "The rule on trial in each group", &columns, rows.collect())],
            figures: Vec::new(),
        }
    }

    fn guards_told(&self) -> Section {
        let rows = self.guards.iter().map(|passed| vec![text(passed.guard.name()), text(&passed.saw)]);
        Section {
            heading: "Guards".to_owned(),
            words: Vec::new(),
            tables: vec![table("guards", "What each guard saw", &["guard", "what it saw"], rows.collect())],
            figures: Vec::new(),
        }
    }
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn number(number: Option<f64>) -> Cell {
    number.map_or(Cell::Empty(()), Cell::Number)
}

fn table(name: &str, caption: &str, columns: &[&str], rows: Vec<Vec<Cell>>) -> Table {
    let columns = columns.iter().map(|column| (*column).to_owned()).collect();
    Table { name: name.to_owned(), caption: caption.to_owned(), columns, rows }
}
