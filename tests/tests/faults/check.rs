//! The checker: what was acknowledged against what is read. It opens the directory with the log as it is in the
//! product, on a disk that does as it is told.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
};

use throughline_cli::clock;
use throughline_domain::{EventId, JourneyId, Position, Recorded, Version};
use throughline_log::{AsOf, Error, EventLog, Log, verify};
use throughline_tests::faults::{Dice, draft, event_number, wait_until_free};

use crate::{
    counts::Counts,
    history::{History, Place, Standing},
};

/// Broken promises told; past these more would not help.
const TOLD_MAX: usize = 12;

/// What is read from one opening, and what is wrong with it.
struct Check<'a> {
    log: &'a Log,
    read: Vec<Recorded>,
    history: &'a History,
    broken: Vec<String>,
}

/// Opens the directory, compares everything, sends what is not settled again, opens once more and compares again. What
/// is wrong, empty where nothing is.
pub fn check(dir: &Path, history: &mut History, dice: &mut Dice, counts: &mut Counts) -> Vec<String> {
    let mut broken = std::mem::take(&mut history.broken);
    wait_until_free(dir);
    let log = match Log::open(dir, clock::system()) {
        Ok(log) => log,
        Err(error) => {
            broken.push(format!("it does not open: {error}"));
            return broken;
        }
    };
    let read = match Check::of(&log, history) {
        Ok(check) => {
            broken.extend(check.broken);
            check.read
        }
        Err(error) => {
            broken.push(error);
            return broken;
        }
    };
    if broken.is_empty() {
        send_again(&log, history, &read, dice, counts);
        broken.append(&mut history.broken);
    }
    counts.many("acknowledged events looked for", count_there(history));
    drop(log);
    if broken.is_empty() {
        broken = again(dir, history);
    }
    broken.truncate(TOLD_MAX);
    broken
}

/// Opened once more, it says the same, and nothing is wrong with any byte of it.
fn again(dir: &Path, history: &History) -> Vec<String> {
    wait_until_free(dir);
    let log = match Log::open(dir, clock::system()) {
        Ok(log) => log,
        Err(error) => return vec![format!("opened a second time, it does not open: {error}")],
    };
    let mut broken = Check::of(&log, history).map_or_else(|error| vec![error], |check| check.broken);
    drop(log);
    wait_until_free(dir);
    match verify(dir, true, &|_, _| {}) {
        Ok(found) => broken.extend(found.problems.iter().map(|problem| format!("verify finds {problem:?}"))),
        Err(error) => broken.push(format!("verify: {error}")),
    }
    broken
}

fn count_there(history: &History) -> u64 {
    history.events.values().filter(|standing| matches!(standing, Standing::There(_))).count() as u64
}

impl<'a> Check<'a> {
    fn of(log: &'a Log, history: &'a History) -> Result<Self, String> {
        let mut read = Vec::new();
        let mut keep = |portion: throughline_log::History, _| {
            read.extend(portion.events);
            Ok(())
        };
        log.scan(log.events(), &|_| true, &mut keep)
            .map_err(|error| format!("it cannot be scanned: {error}"))?;
        let mut check = Self { log, read, history, broken: Vec::new() };
        check.order();
        check.every_event();
        check.all_or_none();
        check.ways_of_reading().map_err(|error| format!("it cannot be read: {error}"))?;
        Ok(check)
    }

    fn wrong(&mut self, what: Vec<String>) {
        self.broken.extend(what);
        self.broken.truncate(TOLD_MAX);
    }

    /// Positions and versions without gaps, times that never fall, no event twice and none that nobody sent.
    fn order(&mut self) {
        let mut wrong = Vec::new();
        let mut versions: HashMap<JourneyId, u64> = HashMap::new();
        let mut ids: BTreeSet<EventId> = BTreeSet::new();
        let mut time = i64::MIN;
        for (position, recorded) in (0..).zip(&self.read) {
            let at = recorded.position;
            if at.0 != position {
                wrong.push(format!("position {at} stands where {position} should"));
            }
            let version = versions.entry(recorded.draft.journey).or_default();
            *version += 1;
            if recorded.version.0 != *version {
                wrong.push(format!("at {at} version {} stands where {version} should", recorded.version));
            }
            let micros = recorded.recorded_at.as_microsecond();
            if micros < time {
                wrong.push(format!("at {at} the time of recording falls from {time} to {micros}"));
            }
            time = micros;
            if !ids.insert(recorded.draft.event_id) {
                wrong.push(format!("at {at} event {} stands a second time", recorded.draft.event_id));
            }
            let known =
                event_number(recorded.draft.event_id).filter(|of| self.history.events.contains_key(of));
            match known {
                None => wrong.push(format!("at {at} stands an event that nobody sent")),
                Some(of) if draft(of) != recorded.draft => {
                    wrong.push(format!("at {at} event {of:#x} is not what was sent"));
                }
                Some(_) => {}
            }
        }
        if self.read.len() as u64 != self.log.events() {
            wrong.push(format!("{} events are read of {}", self.read.len(), self.log.events()));
        }
        self.wrong(wrong);
    }

    /// What was acknowledged is where it was said to be; what was refused is not there.
    fn every_event(&mut self) {
        let mut wrong = Vec::new();
        let there = places(&self.read);
        for (of, standing) in &self.history.events {
            match (standing, there.get(of)) {
                (Standing::There(place), Some(found)) if place == found => {}
                (Standing::There(place), Some(found)) => {
                    wrong.push(format!("event {of:#x} was acknowledged at {place:?} and is at {found:?}"));
                }
                (Standing::There(place), None) => {
                    wrong.push(format!("LOST: event {of:#x} was acknowledged at {place:?} and is not there"));
                }
                (Standing::Refused, Some(found)) => {
                    wrong.push(format!("event {of:#x} was refused and is there, at {found:?}"));
                }
                (Standing::Refused | Standing::Unsure, _) => {}
            }
        }
        self.wrong(wrong);
    }

    /// Of an append of which nobody knows whether it was made, all events are there in their order, or none.
    fn all_or_none(&mut self) {
        let mut wrong = Vec::new();
        let there = places(&self.read);
        for together in &self.history.together {
            let found: Vec<u64> =
                together.iter().filter_map(|of| there.get(of)).map(|at| at.position).collect();
            let in_order = found.windows(2).all(|pair| pair[0] + 1 == pair[1]);
            if !found.is_empty() && (found.len() < together.len() || !in_order) {
                wrong.push(format!("of one append of {} events only {found:?} are there", together.len()));
            }
        }
        self.wrong(wrong);
    }

    /// Scanning, reading a journey, finding an event, versions and times all tell the same.
    fn ways_of_reading(&mut self) -> Result<(), Error> {
        let mut wrong = Vec::new();
        let mut journeys: BTreeMap<JourneyId, Vec<&Recorded>> = BTreeMap::new();
        for recorded in &self.read {
            journeys.entry(recorded.draft.journey).or_default().push(recorded);
            if self.log.find(recorded.draft.event_id)?.as_ref() != Some(recorded) {
                wrong.push(format!("the event at {} is not found by its id", recorded.position));
            }
        }
        for (journey, events) in journeys {
            let told = self.log.read_journey(journey, AsOf::Now)?;
            if !told.events.iter().eq(events.iter().copied()) {
                wrong.push(format!("journey {journey} read alone is not what a scan says of it"));
            }
            if self.log.version(journey)? != Version(events.len() as u64) {
                wrong.push(format!("journey {journey} has another version than events"));
            }
        }
        for (position, event) in self.history.events.iter().filter_map(|(of, standing)| match standing {
            Standing::Refused => Some((of, draft(*of).event_id)),
            _ => None,
        }) {
            if self.log.find(event)?.is_some() {
                wrong.push(format!("event {position:#x} was refused and is found by its id"));
            }
        }
        let read = self.log.read(Position(0), usize::MAX)?;
        if read.events != self.read {
            wrong.push("reading from the start is not what a scan says".to_owned());
        }
        if let Some(last) = self.read.last()
            && self.log.events_at(last.recorded_at)? != self.read.len() as u64
        {
            wrong.push("by the time of the last event not all were recorded".to_owned());
        }
        self.wrong(wrong);
        Ok(())
    }
}

/// Where every event was read.
fn places(read: &[Recorded]) -> HashMap<u64, Place> {
    let place = |recorded: &Recorded| Place {
        position: recorded.position.0,
        version: recorded.version.0,
        recorded_at: recorded.recorded_at.as_microsecond(),
    };
    read.iter()
        .filter_map(|recorded| Some((event_number(recorded.draft.event_id)?, place(recorded))))
        .collect()
}

/// Sends again what nobody knows of, which settles it, and a few that were acknowledged, which changes nothing.
fn send_again(log: &Log, history: &mut History, read: &[Recorded], dice: &mut Dice, counts: &mut Counts) {
    let there = places(read);
    let known: Vec<u64> = there.keys().copied().collect();
    let mut batches = std::mem::take(&mut history.together);
    counts.many("appends without an answer, sent again", batches.len() as u64);
    if !known.is_empty() {
        batches.extend((0..5).map(|_| vec![known[dice.place(known.len())]]));
    }
    for numbers in batches {
        let sent = log.append(numbers.iter().map(|of| draft(*of)).collect(), &[]);
        let stored = match sent {
            Ok(receipt) => receipt.events,
            Err(error) => {
                history.broken.push(format!("sent again, {} events are refused: {error}", numbers.len()));
                continue;
            }
        };
        for (of, stored) in numbers.iter().zip(stored) {
            let place = Place {
                position: stored.position.0,
                version: stored.version.0,
                recorded_at: stored.recorded_at.as_microsecond(),
            };
            if stored.repeated != there.contains_key(of) || there.get(of).is_some_and(|known| *known != place)
            {
                history.broken.push(format!(
                    "event {of:#x} sent again is put at {place:?}, repeated: {}, and was at {:?}",
                    stored.repeated,
                    there.get(of)
                ));
            }
            history.settle(*of, place, stored.repeated, false);
        }
    }
}
