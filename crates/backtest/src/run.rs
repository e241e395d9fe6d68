//! One backtest from its text to its report: registered, read, judged, withheld, noted.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use throughline_domain::{EventId, Position};
use throughline_log::{EventLog, hexadecimal};

use crate::{
    Cohort, Error, Features, History, Refusal, Spec, kinds,
    register::{self, Ended, Tries},
    report::{Found, Parts, Program, Read, Report},
};

/// How far a backtest is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Events are read.
    Reading {
        /// So many.
        events: u64,
        /// Of so many.
        of: u64,
    },
    /// So many people are judged.
    Judging {
        /// How many.
        people: u64,
    },
}

/// Hears how far a backtest is, and says whether it goes on.
pub type Watch<'a> = &'a mut dyn FnMut(Progress) -> bool;

/// A backtest that came to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    /// The event that registered it.
    pub id: EventId,
    /// Its report.
    pub report: Report,
    /// The report as JSON.
    pub json: Vec<u8>,
    /// SHA-256 of that, in hexadecimal.
    pub sha256: String,
    /// The hash its first run noted, where this one has another: something was erased since, or the program is another.
    pub differs_from: Option<String>,
}

/// What a backtest runs with, beside the log: all that is not in the spec.
#[derive(Clone, Default)]
pub struct Bench {
    /// The program that runs it.
    pub program: Program,
    /// The features that rules can name.
    pub features: Features,
}

/// Runs a spec to its end. It is registered first, where it was not yet. `now` is the time of the run.
///
/// # Errors
/// [`Error::Spec`] and [`Error::Expression`] for a spec that is wrong, [`Error::Cancelled`] where `watch` says no. A guard
/// that refuses is no error: the report says so.
pub fn run(
    log: &dyn EventLog,
    text: &str,
    bench: &Bench,
    now: Timestamp,
    watch: Watch<'_>,
) -> Result<Finished, Error> {
    let judge = |spec: &Spec, history: &History, cohort: &Cohort<'_>| {
        kinds::found(spec, history, cohort, &bench.features)
    };
    with(log, text, &bench.program, now, &judge, watch)
}

/// What judges a cohort.
type Judge<'a> = &'a dyn Fn(&Spec, &History, &Cohort<'_>) -> Result<Found, Error>;

/// Runs a spec. It is registered first, where it was not yet. What was read the first time is what every later run of
/// the same text reads.
pub(crate) fn with(
    log: &dyn EventLog,
    text: &str,
    program: &Program,
    now: Timestamp,
    judge: Judge<'_>,
    watch: Watch<'_>,
) -> Result<Finished, Error> {
    let spec = Spec::parse(text)?;
    let registered = register::register(log, text, now)?;
    let hash = register::hash_of(text);
    let tries = Tries::read(log)?;
    let before = tries.finished(&hash).cloned();
    let events = before.as_ref().map_or_else(|| log.events(), |before| before.events);
    // Without a time of its own a spec asks about what was known when the last of these events was written down.
    let as_of = spec.history.as_of.map_or_else(|| last_recorded(log, events), Ok)?;
    let registration = tries
        .registration(&hash, as_of, events)
        .ok_or(throughline_log::Error::Erased(registered.draft.journey))?;
    let history = History::read_until(log, events, &spec.history, as_of, &mut |events, of| {
        watch(Progress::Reading { events, of })
    })?;
    let found = judged(&spec, &history, judge, watch)?;
    let p_value = found.as_ref().ok().and_then(|found| found.p_value);
    let refused = found.as_ref().err().map(|refusal| refusal.guard);
    let family = tries.adjusted(&registration, p_value, events)?;
    let read = Read {
        events,
        head: hexadecimal(&log.head(events)?),
        as_of,
        clock: spec.history.clock,
        lag: spec.history.lag,
    };
    let report = Report::of(Parts { spec: &spec, found, registration, family, read, program });
    let json = report.json();
    let sha256 = hexadecimal(&Sha256::digest(&json));
    let family = &report.registration.family;
    let ended = Ended { spec: &hash, family, kind: spec.kind, refused, p_value, events, report: &sha256 };
    ended.note(log, now)?;
    let differs_from = before.map(|before| before.report.to_string()).filter(|noted| *noted != sha256);
    Ok(Finished { id: registered.draft.event_id, report, json, sha256, differs_from })
}

/// What the kind found, or why a guard refuses.
fn judged(
    spec: &Spec,
    history: &History,
    judge: Judge<'_>,
    watch: Watch<'_>,
) -> Result<Result<Found, Refusal>, Error> {
    let cohort = match Cohort::of(history, spec) {
        Ok(cohort) => cohort,
        Err(Error::Refused(refusal)) => return Ok(Err(refusal)),
        Err(error) => return Err(error),
    };
    if !watch(Progress::Judging { people: cohort.entrants.len() as u64 }) {
        return Err(Error::Cancelled);
    }
    let found = judge(spec, history, &cohort);
    // Asked to stop meanwhile: then nothing is noted, and the next run is the first.
    if !watch(Progress::Judging { people: cohort.entrants.len() as u64 }) {
        return Err(Error::Cancelled);
    }
    match found {
        Ok(found) => Ok(Ok(found)),
        Err(Error::Refused(refusal)) => Ok(Err(refusal)),
        Err(error) => Err(error),
    }
}

/// When the last of the first `events` events was written down.
fn last_recorded(log: &dyn EventLog, events: u64) -> Result<Timestamp, Error> {
    let last = log.read(Position(events.saturating_sub(1)), 1)?;
    let open = last.events.first().map(|recorded| recorded.recorded_at);
    let closed = last.closed.first().map(|closed| closed.recorded_at);
    Ok(open.or(closed).unwrap_or(Timestamp::MIN))
}

#[cfg(test)]
mod tests;
