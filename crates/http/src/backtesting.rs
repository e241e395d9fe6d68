//! Backtests under way and lately done: one at a time, with how far it is, and a way to stop it. That a spec was
//! registered, and how it came to its end, is kept by the log; the report is kept here, and gone after a restart.

use std::sync::{
    Arc, Mutex, MutexGuard,
    atomic::{AtomicBool, Ordering},
};

use jiff::Timestamp;
use serde::Serialize;
use throughline_backtest::{Error, Finished, Progress};
use throughline_domain::{Actor, EventId};
use utoipa::ToSchema;

use crate::{
    State,
    jobs::{self, Jobs, Turn, held},
    problem::Problem,
};

/// How a backtest stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BacktestState {
    /// Its spec is registered; it was not run to its end here since the service was started.
    Registered,
    /// It is under way.
    Running,
    /// It came to its end: there is a report, which may say that a guard refuses an answer.
    Done,
    /// It was stopped. The spec stays registered.
    Cancelled,
    /// It could not go on.
    Failed,
}

/// One backtest.
pub(crate) struct Job {
    pub id: EventId,
    pub spec: String,
    /// Who began it.
    pub by: Actor,
    pub begun: Timestamp,
    cancel: AtomicBool,
    stands: Mutex<Stands>,
}

/// How far a backtest is.
#[derive(Clone)]
pub(crate) struct Stands {
    pub state: BacktestState,
    pub ended: Option<Timestamp>,
    pub events: u64,
    pub events_total: u64,
    pub people: Option<u64>,
    pub failed: Option<String>,
    pub finished: Option<Arc<Finished>>,
}

/// The backtests this service knows of.
pub(crate) type Backtests = Jobs<Job>;

impl jobs::Job for Job {
    fn id(&self) -> EventId {
        self.id
    }

    fn is_running(&self) -> bool {
        self.stands().state == BacktestState::Running
    }

    fn broke_off(&self) {
        let mut stands = self.stands();
        stands.state = BacktestState::Failed;
        stands.failed = Some("the service failed; its own log says why".to_owned());
    }
}

impl Job {
    /// A backtest that begins.
    pub fn new(id: EventId, spec: String, by: Actor, begun: Timestamp) -> Self {
        let stands = Stands {
            state: BacktestState::Running,
            ended: None,
            events: 0,
            events_total: 0,
            people: None,
            failed: None,
            finished: None,
        };
        Self { id, spec, by, begun, cancel: AtomicBool::new(false), stands: Mutex::new(stands) }
    }

    fn stands(&self) -> MutexGuard<'_, Stands> {
        held(&self.stands)
    }

    /// How far it is.
    pub fn so_far(&self) -> Stands {
        self.stands().clone()
    }

    /// Stops it before the next portion of the log, or before its report is noted.
    pub fn cancel(&self) {
        self.cancel.store(true, Ordering::Relaxed);
    }

    fn note(&self, progress: Progress) {
        let mut stands = self.stands();
        match progress {
            Progress::Reading { events, of } => (stands.events, stands.events_total) = (events, of),
            Progress::Judging { people } => stands.people = Some(people),
        }
    }
}

/// Runs a backtest to its end. The turn is given back when it is done.
pub(crate) fn run(state: &State, turn: Turn<Job>, job: &Job, text: &str) {
    let ran =
        throughline_backtest::run(&**state.runtime.log(), text, &state.bench, state.now(), &mut |progress| {
            job.note(progress);
            !job.cancel.load(Ordering::Relaxed) && !*state.closing().borrow()
        });
    let now = state.now();
    let mut stands = job.stands();
    stands.ended = Some(now);
    stands.state = match ran {
        Ok(finished) => {
            stands.finished = Some(Arc::new(finished));
            BacktestState::Done
        }
        Err(Error::Cancelled) => BacktestState::Cancelled,
        Err(error) => {
            stands.failed = Some(Problem::from(error).detail().to_owned());
            BacktestState::Failed
        }
    };
    drop(stands);
    drop(turn);
}
