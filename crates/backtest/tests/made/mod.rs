//! Made histories: a client in a line.
#![allow(dead_code, reason = "each test file uses its own part")]

use serde_json::json;
use throughline_backtest::{
    Cohort, Error, History, InvalidSpec, Refusal, Spec,
    causal::{self, CausalReport, Effect},
    spec::Unknown,
};
use throughline_domain::{Draft, testing};

/// What happened to one client; days are counted from the day they came.
#[derive(Clone)]
pub struct Client {
    pub treated: bool,
    /// Days after 2020-01-02.
    pub entered: u64,
    pub old: Option<bool>,
    pub children: Option<u8>,
    pub outcome: Option<u64>,
    pub left: Option<u64>,
    pub died: Option<u64>,
    pub services: Vec<i64>,
    pub income: Option<f64>,
    /// Days of check-ins.
    pub asked: Vec<u64>,
}

impl Client {
    pub fn new(treated: bool) -> Self {
        let (old, children, outcome, left, died, income) = (None, None, None, None, None, None);
        Self {
            treated,
            entered: 0,
            old,
            children,
            outcome,
            left,
            died,
            services: Vec::new(),
            income,
            asked: Vec::new(),
        }
    }
}

pub fn clients(count: u64, make: impl Fn(u64) -> Client) -> Vec<Client> {
    (0..count).map(make).collect()
}

/// What they would leave on a log, and one change of the programme.
pub fn history(clients: &[Client]) -> History {
    let mut drafts: Vec<Draft> = Vec::new();
    let mut add = |journey: u128, day: i64, name: &str, facts: serde_json::Value| {
        let day = testing::day("2020-01-02").checked_add(jiff::Span::new().days(day)).expect("a day");
        let id = drafts.len() as u128 + 1;
        let event = testing::event(name, facts);
        drafts.push(testing::draft(testing::journey_id(journey), id, &day.to_string(), event));
    };
    for (journey, client) in clients.iter().enumerate() {
        let (journey, zero) = (journey as u128, i64::try_from(client.entered).expect("a day"));
        let after = |days: u64| zero + i64::try_from(days).expect("a day");
        let mut attributes = json!({ "arm": if client.treated { "new" } else { "old" } });
        if let Some(old) = client.old {
            attributes["old"] = json!(old);
        }
        if let Some(children) = client.children {
            attributes["children"] = json!(children);
        }
        let enrolled = json!({ "enrolment": "e1", "programme": "recovery", "attributes": attributes });
        add(journey, zero, "intake.enrolled", enrolled);
        for day in &client.services {
            let service =
                json!({ "service": "counselling", "life_area": "employment", "format": "in-person" });
            add(journey, zero + day, "transaction.service-delivered", service);
        }
        if let Some(income) = client.income {
            add(
                journey,
                zero + 30,
                "milestone.indicator-measured",
                json!({ "indicator": "income", "value": income }),
            );
        }
        for days in &client.asked {
            let held = json!({ "format": "phone", "begun_by": "staff", "exchange": "two-way" });
            add(journey, after(*days), "check-in.check-in-held", held);
        }
        if let Some(days) = client.outcome {
            let relapse = json!({ "kind": "relapse", "effect": "hindered", "life_area": "substance-use" });
            add(journey, after(days), "check-in.life-event-noted", relapse);
        }
        if let Some(days) = client.left {
            add(journey, after(days), "milestone.exited", json!({ "enrolment": "e1" }));
        }
        if let Some(days) = client.died {
            add(journey, after(days), "milestone.died", json!({}));
        }
    }
    let change = json!({ "programme": "recovery", "change": "peer-support", "from": "2021-01-01" });
    add(9_999_999, 365, "programme.programme-changed", change);
    let sources = spec("method = \"interrupted-series\"\n[causal.change]\nnamed = \"any\"").history;
    History::of(testing::recorded(drafts), &sources, "2023-01-01T00:00:00Z".parse().expect("a time"))
}

/// A causal spec with these settings.
pub fn spec(causal: &str) -> Spec {
    try_spec(causal).unwrap_or_else(|invalid| panic!("{invalid}\n{causal}"))
}

pub fn try_spec(causal: &str) -> Result<Spec, InvalidSpec> {
    let text = format!(
        r#"
        version = 1
        kind = "causal"
        question = "Did it help?"
        [history]
        clock = "occurred"
        [cohort]
        enter = "enrolled"
        [events.relapse]
        fact = "life-event-noted"
        where = {{ kind = "relapse" }}
        [outcome]
        name = "relapse"
        when = "relapse"
        within = "90d"
        censored_by = ["exited"]
        competing = ["died"]
        [causal]
        {causal}
        "#
    );
    Spec::parse(&text)
}

pub fn run(clients: &[Client], spec: &Spec) -> Result<CausalReport, Error> {
    let history = history(clients);
    causal::run(spec, &history, &Cohort::of(&history, spec)?)
}

pub fn refused(result: Result<CausalReport, Error>) -> Refusal {
    match result {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

/// Two groups by lot: outcomes within 90 days for 100 of 200, and for 60 of 200.
pub fn by_lot() -> Vec<Client> {
    clients(400, |n| {
        let treated = n % 2 == 0;
        let came = n / 2 < if treated { 100 } else { 60 };
        Client { outcome: came.then_some(10 + n % 50), ..Client::new(treated) }
    })
}

pub const SHARE: &str = "method = \"difference\"\narms = { attribute = \"arm\", treated = \"new\", control = \"old\", assigned = \"by-lot\" }";

pub fn of<'a>(effects: &'a [Effect], unknown: Unknown, name: &str) -> &'a Effect {
    let found = effects.iter().find(|effect| effect.unknown == unknown && effect.name.contains(name));
    found.unwrap_or_else(|| panic!("{name} under {unknown:?} among {effects:?}"))
}

/// A covariate moves both who gets the change and the outcome; the change itself does nothing.
pub fn confounded(chance: [u64; 2]) -> Vec<Client> {
    clients(2000, |n| {
        let old = n % 2;
        let treated = (n / 2) % 100 < chance[usize::from(old == 1)];
        let came = (n / 200) % 10 < if old == 1 { 6 } else { 2 };
        Client { old: Some(old == 1), outcome: came.then_some(20), ..Client::new(treated) }
    })
}

pub const CHOSEN: &str =
    "arms = { attribute = \"arm\", treated = \"new\", control = \"old\" }\ncovariates = [\"old\"]";

/// Clients enter over two years; the change comes to one site after one.
pub fn two_sites(share: impl Fn(bool, u64) -> u64) -> Vec<Client> {
    clients(1600, |n| {
        let (treated, entered) = (n % 2 == 0, n / 2 * 730 / 800);
        let came = (n * 7919 / 2) % 100 < share(treated, entered);
        Client { entered, outcome: came.then_some(5), ..Client::new(treated) }
    })
}
