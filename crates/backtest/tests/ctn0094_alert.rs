//! The early-warning figures of three trials, told by alert backtests over the facts of the published tables.
//!
//! The definitions are those of `EXPECTED.json`; each rule is a spec as an evaluator would write it. A week is days 1
//! to 7 after randomisation and so on; the package that the figures come from lays its calendar from consent and ends
//! it 168 days on, which `ends` says.

#![allow(clippy::unwrap_used, reason = "a test panics on what it did not expect")]

mod common;

use std::{collections::HashMap, fs, path::Path};

use common::data;
use jiff::{SignedDuration, Timestamp, civil::date};
use serde_json::{Value as Json, json};
use throughline_backtest::{Cohort, Features, History, Spec, alert};
use throughline_domain::{
    Actor, Draft, Event, EventId, Eyes, JourneyId, Occurred, Position, Recorded, Version,
};

/// The rows of a table, each by the names of its columns. No cell of these tables has a comma.
fn rows(dir: &Path, name: &str) -> Vec<HashMap<String, String>> {
    let text = fs::read_to_string(dir.join(name)).unwrap();
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned));
    let columns: Vec<String> = lines.next().unwrap().collect();
    lines.map(|cells| columns.iter().cloned().zip(cells).collect()).collect()
}

#[derive(Default)]
struct Facts(Vec<Recorded>);

impl Facts {
    fn add(&mut self, who: &str, day: &str, name: &str, facts: Json) {
        let n = self.0.len() as u64;
        let who: u128 = who.parse().unwrap();
        #[allow(clippy::cast_possible_truncation, reason = "days are whole")]
        let hours = 24 * day.parse::<f64>().unwrap() as i64;
        let occurred = date(2000, 1, 1).saturating_add(SignedDuration::from_hours(hours));
        let event = Event::from_json(&format!("throughline.{name}.v1"), facts, Json::Null).unwrap();
        self.0.push(Recorded {
            position: Position(n),
            version: Version(n),
            recorded_at: Timestamp::UNIX_EPOCH,
            draft: Draft {
                event_id: EventId::from_bytes(u128::from(n + 1).to_be_bytes()),
                journey: JourneyId::from_bytes(who.to_be_bytes()),
                actor: Actor::new("system:import").unwrap(),
                on_behalf_of: None,
                eyes: Eyes::System,
                occurred: Occurred::On(occurred),
                cause: None,
                source: None,
                event,
            },
        });
    }
}

/// The facts of CTN-0027 that the rules and the outcome speak of, as the mapping of the import has them.
fn facts(dir: &Path) -> Vec<Recorded> {
    let mut facts = Facts::default();
    let mut trials = HashMap::new();
    for row in rows(dir, "everybody.csv") {
        if row["project"] == "27" {
            facts.add(&row["who"], "0", "intake.intake-held", json!({}));
            trials.insert(row["who"].clone(), "ctn-0027");
        }
    }
    let of_trial = |table: &str| {
        let mut rows = rows(dir, table);
        rows.retain(|row| trials.contains_key(&row["who"]));
        rows
    };
    for row in of_trial("randomization.csv").iter().filter(|row| row["which"] == "1") {
        let arm = row["treatment"].to_lowercase().replace([' ', '+'], "-");
        let trial = trials[&row["who"]];
        let enrolled = json!({"enrolment": "trial", "programme": trial, "attributes": {"arm": arm}});
        facts.add(&row["who"], &row["when"], "intake.enrolled", enrolled);
    }
    for row in of_trial("treatment.csv") {
        let dose = json!({"service": "medication-dose", "life_area": "substance-use", "format": "in-person"});
        facts.add(&row["who"], &row["when"], "transaction.service-delivered", dose);
    }
    for row in of_trial("visit.csv").iter().filter(|row| ["visit", "final"].contains(&row["what"].as_str())) {
        let held = json!({"format": "in-person", "begun_by": "staff", "exchange": "two-way"});
        facts.add(&row["who"], &row["when"], "check-in.check-in-held", held);
    }
    for row in of_trial("uds.csv") {
        let screen = format!("urine-screen-{}", row["what"].to_lowercase().replace([' ', '/'], "-"));
        let found = json!({"indicator": screen, "value": 1.0, "life_area": "substance-use"});
        facts.add(&row["who"], &row["when"], "milestone.indicator-measured", found);
    }
    facts.0
}

/// The spec of one rule.
fn spec(candidate: &str, evaluate: &str) -> Spec {
    let text = format!(
        r#"
        version = 1
        kind = "alert"
        question = "Would a missed weekly screen have warned of a dropout?"
        [history]
        clock = "occurred"
        as_of = "2010-01-01T00:00:00Z"
        [cohort]
        enter = "enrolled"
        programme = "ctn-0027"
        having = ["dose"]
        [events]
        dose = {{ fact = "service-delivered", where = {{ service = "medication-dose" }} }}
        opioid = {{ fact = "indicator-measured", where = {{ indicator = "urine-screen-opioid" }} }}
        methadone = {{ fact = "indicator-measured", where = {{ indicator = "urine-screen-methadone" }} }}
        buprenorphine = {{ fact = "indicator-measured", where = {{ indicator = "urine-screen-buprenorphine" }} }}
        [features.missed]
        events = ["check-in-held", "opioid", "methadone"]
        count = "in-a-row-without"
        [features.weeks]
        events = ["enrolled"]
        count = "without"
        [features.positive_on_methadone]
        events = ["opioid", "buprenorphine"]
        count = "in-a-row-with"
        [features.positive_on_buprenorphine]
        events = ["opioid", "methadone"]
        count = "in-a-row-with"
        [outcome]
        name = "dropped out"
        when = "last dose before 161d, known after 14d"
        [alert]
        candidate = '{candidate}'
        horizon = "28d"
        evaluate = {evaluate}
        "#
    );
    Spec::parse(&text).unwrap_or_else(|error| panic!("{error}"))
}

const AS_PUBLISHED: &str =
    r#"{ every = "7d", until = "161d", ends = { event = "intake-held", after = "168d" } }"#;

fn close(found: Option<f64>, expected: &Json, tolerance: f64, what: &str) {
    let (found, expected) = (found.unwrap(), expected.as_f64().unwrap());
    assert!((found - expected).abs() <= tolerance, "{what}: {found}, expected {expected}");
}

#[test]
fn the_published_early_warnings_come_out_of_specs() {
    let Some(dir) = data("ctn0094") else { return };
    let expected = fs::read_to_string(dir.join("EXPECTED.json")).unwrap();
    let expected: Json = serde_json::from_str(&expected).unwrap();
    let rules = &expected["early_warning_ctn0027"]["rules"];
    let arm = "attributes.arm == \"methadone\"";
    let positive = format!("({arm} ? positive_on_methadone : positive_on_buprenorphine) >= 2");
    let tried = [
        ("R1: 1 missed weekly screen", "missed >= 1"),
        ("R2: 2 consecutive missed", "missed >= 2"),
        ("R3: missed now after attending before", "missed == 1 && weeks >= 2"),
        ("R5: 2 consecutive positive", positive.as_str()),
    ];
    let sources = spec(tried[0].1, AS_PUBLISHED).history;
    let history = History::of(facts(&dir), &sources, sources.as_of.unwrap());
    for (name, candidate) in tried {
        let spec = spec(candidate, AS_PUBLISHED);
        let cohort = Cohort::of(&history, &spec).unwrap();
        let report = alert::run(&spec, &history, &cohort, &Features::new()).unwrap();
        let (rule, told) = (&rules[name], &report.candidate);
        let by = told.by_client[0];
        assert_eq!(report.people.cohort, 1247, "{name}");
        let counts = json!([rule["TP"], rule["FP"], rule["FN"], rule["TN"]]);
        assert_eq!(json!([by.tp, by.fp, by.r#fn, by.tn]), counts, "{name}");
        close(by.precision, &rule["precision"], 5e-6, name);
        close(by.recall, &rule["recall"], 5e-6, name);
        close(by.specificity, &rule["specificity"], 5e-6, name);
        close(Some(told.client_weeks), &rule["client_weeks"], 0.0, name);
        close(Some(told.flagged_client_weeks), &rule["flagged_client_weeks"], 0.0, name);
        close(told.flags_per_100_client_weeks, &rule["flags_per_100_client_weeks"], 5.1e-4, name);
        close(told.per_flag_ppv_known, &rule["per_flag_ppv_28d"], 5.1e-6, name);
        close(told.lead_to_known.median_days, &rule["median_lead_days"], 0.0, name);
        close(told.lead_to_known.q25_days, &rule["q25_q75_lead"][0], 0.051, name);
        close(told.lead_to_known.q75_days, &rule["q25_q75_lead"][1], 0.051, name);
        // The outcome began fourteen days before it was known.
        let onset = told.lead_to_onset.median_days.map(|days| days + 14.0);
        close(onset, &rule["median_lead_days"], 0.0, name);
    }
    // Whole weeks from randomisation, without the calendar of the package, are another watch and give other figures.
    let spec = spec("missed >= 1", r#"{ every = "7d", until = "161d" }"#);
    let cohort = Cohort::of(&history, &spec).unwrap();
    let told = alert::run(&spec, &history, &cohort, &Features::new()).unwrap().candidate;
    assert_eq!((told.by_client[0].tp, told.by_client[0].fp), (512, 636));
    assert!((told.flagged_client_weeks - 4408.0).abs() < 0.1, "{}", told.flagged_client_weeks);
}
