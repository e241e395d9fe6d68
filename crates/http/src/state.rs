//! What every handler shares.

use std::sync::Arc;

use axum::http::HeaderMap;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use throughline_backtest::Bench;
use throughline_runtime::Runtime;
use tokio::sync::watch;

use crate::{
    backtesting::Backtests,
    blocking::Blocking,
    hosts::Hosts,
    importing::Imports,
    live::Head,
    metrics::Metrics,
    once::Once,
    problem::Problem,
    pseudonyms::{PURPOSE, Pseudonyms},
    rates::Rates,
    resource::Releases,
    sessions::Sessions,
    strangers::Strangers,
    visitors::{Visitor, Visitors},
    witnesses::Witnesses,
};

/// Reads the time. The service itself has no clock; whoever starts it hands one in.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What every handler shares: the views and the log behind them, the clock, and what is counted.
#[derive(Clone)]
pub struct State {
    pub(crate) runtime: Arc<Runtime>,
    clock: Clock,
    pub(crate) visitors: Visitors,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) strangers: Arc<Strangers>,
    pub(crate) pseudonyms: Arc<Pseudonyms>,
    pub(crate) releases: Arc<Releases>,
    pub(crate) blocking: Arc<Blocking>,
    pub(crate) once: Arc<Once>,
    pub(crate) imports: Arc<Imports>,
    pub(crate) backtests: Arc<Backtests>,
    pub(crate) bench: Arc<Bench>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) head: Arc<Head>,
    pub(crate) rates: Option<Arc<Rates>>,
    pub(crate) hosts: Option<Arc<Hosts>>,
    pub(crate) witnesses: Arc<Witnesses>,
    closing: Arc<watch::Sender<bool>>,
}

impl State {
    /// A service over these views, by this clock, for these visitors.
    pub fn new(runtime: Arc<Runtime>, clock: Clock, visitors: Visitors) -> Self {
        Self {
            visitors,
            sessions: Arc::new(Sessions::default()),
            strangers: Arc::new(Strangers::default()),
            pseudonyms: Arc::new(Pseudonyms::new(&runtime.log().derive(PURPOSE))),
            head: Arc::new(Head::new(&runtime)),
            runtime,
            clock,
            releases: Arc::new(Releases::default()),
            blocking: Arc::new(Blocking::new()),
            once: Arc::new(Once::new()),
            imports: Arc::new(Imports::default()),
            backtests: Arc::new(Backtests::default()),
            bench: Arc::new(Bench::default()),
            metrics: Arc::new(Metrics::new()),
            rates: None,
            hosts: None,
            witnesses: Arc::default(),
            closing: Arc::new(watch::Sender::new(false)),
        }
    }

    /// The same with what backtests run with.
    #[must_use]
    pub fn with_bench(self, bench: Bench) -> Self {
        Self { bench: Arc::new(bench), ..self }
    }

    /// The same with a bound on how often one address may ask; there is none unless set.
    #[must_use]
    pub fn with_rates(self, rates: Option<Rates>) -> Self {
        Self { rates: rates.map(Arc::new), ..self }
    }

    /// The same for who asks by a name of the service alone; whatever name is asked for is answered unless set.
    #[must_use]
    pub fn with_hosts(self, hosts: Option<Hosts>) -> Self {
        Self { hosts: hosts.map(Arc::new), ..self }
    }

    /// The same with who witnesses the log; nobody does unless set.
    #[must_use]
    pub fn with_witnesses(self, witnesses: Arc<Witnesses>) -> Self {
        Self { witnesses, ..self }
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// The day on which a question is asked that names none: today in UTC.
    pub fn today(&self) -> Date {
        TimeZone::UTC.to_datetime(self.now()).date()
    }

    /// Who calls.
    pub(crate) fn visitor(&self, headers: &HeaderMap) -> Result<Visitor, Problem> {
        self.visitors.visitor(&self.sessions, headers, self.now())
    }

    /// Ends answers that would otherwise go on for ever, so that a graceful shutdown can end.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Turns true once the service is closing.
    pub(crate) fn closing(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }
}
