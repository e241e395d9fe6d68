//! Rules in force, kept up with: what they raise is written down as time goes on.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use anyhow::Result;
use jiff::SignedDuration;
use throughline_backtest::{
    History,
    alert::live,
    spec::{Clock as KnownBy, Sources, Span},
};
use throughline_domain::JourneyId;
use throughline_log::{AsOf, EventLog};
use throughline_runtime::Runtime;
use uuid::Uuid;

use crate::{
    clock::{Clock, Stopwatch},
    features,
};

/// What is younger than this may still be on its way to the log, and is left to the next time.
const SETTLED: SignedDuration = SignedDuration::from_secs(5);
/// How often a server looks.
const EVERY: Duration = Duration::from_secs(5);
/// A server that reads the whole log rests so many times as long as that took.
const REST: u32 = 20;
/// Where time alone makes a rule be asked, no event says so.
const AT_LEAST_EVERY: Duration = Duration::from_mins(10);

/// The stream of rules that were adopted.
pub fn stream(log: &dyn EventLog) -> JourneyId {
    JourneyId::new(Uuid::new_v5(&log.namespace(), b"rules"))
}

/// What the log tells now, by when it was written down.
pub fn history(
    log: &dyn EventLog,
    clock: &Clock,
    progress: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<History> {
    let sources = Sources { as_of: None, clock: KnownBy::Recorded, lag: Span::default() };
    Ok(History::read(log, &sources, clock(), progress)?)
}

/// Writes down every alert that was due by now and is not on the log, and says how many. One that the journey's rules
/// refuse is told and left out.
pub fn catch_up(runtime: &Runtime, clock: &Clock, going_on: &dyn Fn() -> bool) -> Result<u64> {
    let log = runtime.log();
    let now = clock();
    let history = history(&**log, clock, &mut |_, _| going_on())?;
    let due = live::due(&history, &features(), now - SETTLED, log.namespace())?;
    let mut written = 0;
    for draft in due {
        if !going_on() {
            break;
        }
        let (journey, fact) = (draft.journey, draft.event.fact_name());
        match runtime.record(&[draft], None, clock()) {
            Ok(_) => written += 1,
            Err(error) => tracing::warn!(%journey, fact, %error, "an alert cannot be written down"),
        }
    }
    Ok(written)
}

/// Keeps up with the rules in force beside a server, until dropped.
pub struct KeepingUp {
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl KeepingUp {
    /// Begins.
    pub fn start(runtime: &Arc<Runtime>, clock: &Clock) -> std::io::Result<Self> {
        let stopping = Arc::new(AtomicBool::new(false));
        let (runtime, clock, stop) = (Arc::clone(runtime), Arc::clone(clock), Arc::clone(&stopping));
        let thread = thread::Builder::new()
            .name("rules".to_owned())
            .spawn(move || keep_up(&runtime, &clock, &stop))?;
        Ok(Self { stopping, thread: Some(thread) })
    }
}

impl Drop for KeepingUp {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            if thread.join().is_err() {
                tracing::error!(
                    "the thread that asks the rules had failed; `throughline rule catch-up` makes up for it"
                );
            }
        }
    }
}

fn keep_up(runtime: &Runtime, clock: &Clock, stop: &AtomicBool) {
    let going_on = || !stop.load(Ordering::SeqCst);
    // Events at the last look, and at the last two where both saw the same: what was too young for the one, the next
    // has asked about.
    let (mut looked, mut settled) = (u64::MAX, u64::MAX);
    let (mut idle, mut rest) = (Duration::ZERO, Duration::ZERO);
    while going_on() {
        idle += EVERY;
        let log = runtime.log();
        let events = log.events();
        let any = log.read_journey(stream(&**log), AsOf::Now).is_ok_and(|known| !known.events.is_empty());
        if any && (events != settled || idle >= AT_LEAST_EVERY) && idle >= rest {
            let watch = Stopwatch::start();
            if let Err(error) = catch_up(runtime, clock, &going_on)
                && going_on()
            {
                tracing::warn!(%error, "the rules in force could not be asked");
            }
            settled = if events == looked { events } else { u64::MAX };
            (looked, idle) = (events, Duration::ZERO);
            rest = Duration::from_secs_f64(watch.seconds()) * REST;
        }
        thread::park_timeout(EVERY);
    }
}
