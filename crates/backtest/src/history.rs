//! What was known, and when: every journey's facts in the order they became known, and a cursor that cannot look ahead.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::{SignedDuration, Timestamp, civil::Date, tz::Offset};
use throughline_domain::{Event, Fact, JourneyId, Recorded, amend, linked, merged_into};
use throughline_log::{EventLog, History as Portion};

use crate::{
    Error,
    spec::{Clock, Sources},
};

/// A recorded fact, and when it was known by the clock of the spec.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// When it was known.
    pub at: Timestamp,
    /// What was recorded.
    pub recorded: Recorded,
}

/// Everything that was known of one journey, in the order it became known. A journey that others were merged into
/// has their facts too.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    /// The journey.
    pub journey: JourneyId,
    known: Vec<Known>,
}

/// Everything that may be known.
#[derive(Debug, Clone)]
pub struct History {
    /// Nothing known after this is in it.
    pub as_of: Timestamp,
    /// By which clock.
    pub sources: Sources,
    /// How many events the log had when it was read.
    pub events: u64,
    /// One for each person, in the order of their ids.
    pub timelines: Vec<Timeline>,
    /// The streams of programmes, in the order they became known.
    pub programmes: Vec<Known>,
    /// Journeys of which something can no longer be read: they were erased, and are left out and counted.
    pub erased: u64,
}

impl History {
    /// Reads the whole log. `now` is the time of the run; `progress` is told how many events were read, of how many,
    /// and says whether to go on.
    pub fn read(
        log: &dyn EventLog,
        sources: &Sources,
        now: Timestamp,
        progress: &mut dyn FnMut(u64, u64) -> bool,
    ) -> Result<Self, Error> {
        Self::read_until(log, log.events(), sources, now, progress)
    }

    /// Reads the first `events` events of the log, as [`History::read`] reads all.
    pub fn read_until(
        log: &dyn EventLog,
        events: u64,
        sources: &Sources,
        now: Timestamp,
        progress: &mut dyn FnMut(u64, u64) -> bool,
    ) -> Result<Self, Error> {
        let as_of = sources.as_of.unwrap_or(now);
        let mut reading = Reading { as_of, sources, ..Reading::new(sources) };
        let mut cancelled = false;
        log.scan(events, &|_| true, &mut |portion, read| {
            if !cancelled {
                reading.take(portion);
                cancelled = !progress(read, events);
            }
            Ok(())
        })?;
        if cancelled {
            return Err(Error::Cancelled);
        }
        Ok(reading.finish(events))
    }

    /// A history of these facts, however they came.
    pub fn of(recorded: Vec<Recorded>, sources: &Sources, as_of: Timestamp) -> Self {
        let events = recorded.len() as u64;
        let mut reading = Reading { as_of, ..Reading::new(sources) };
        reading.take(Portion { events: recorded, closed: Vec::new() });
        reading.finish(events)
    }

    /// The last day of which something may be known.
    pub fn last_day(&self) -> Date {
        Offset::UTC.to_datetime(self.as_of).date()
    }
}

struct Reading<'a> {
    as_of: Timestamp,
    sources: &'a Sources,
    journeys: HashMap<JourneyId, Vec<Known>>,
    programmes: Vec<Known>,
    erased: HashSet<JourneyId>,
}

impl<'a> Reading<'a> {
    fn new(sources: &'a Sources) -> Self {
        Self {
            as_of: Timestamp::MAX,
            sources,
            journeys: HashMap::new(),
            programmes: Vec::new(),
            erased: HashSet::new(),
        }
    }

    fn take(&mut self, portion: Portion) {
        self.erased.extend(portion.closed.iter().map(|closed| closed.journey));
        for recorded in portion.events {
            let at = known_at(&recorded, self.sources);
            if at > self.as_of {
                continue;
            }
            if matches!(recorded.draft.event, Event::Programme(_)) {
                self.programmes.push(Known { at, recorded });
            } else {
                self.journeys.entry(recorded.draft.journey).or_default().push(Known { at, recorded });
            }
        }
    }

    fn finish(mut self, events: u64) -> History {
        for erased in &self.erased {
            self.journeys.remove(erased);
        }
        self.join_linked();
        let timelines: BTreeMap<JourneyId, Vec<Known>> = self.journeys.into_iter().collect();
        let timelines = timelines
            .into_iter()
            .map(|(journey, mut known)| {
                in_order(&mut known);
                Timeline { journey, known }
            })
            .collect();
        in_order(&mut self.programmes);
        History {
            as_of: self.as_of,
            sources: self.sources.clone(),
            events,
            timelines,
            programmes: self.programmes,
            erased: self.erased.len() as u64,
        }
    }

    /// Gives journeys that were merged with or split from others the facts of all of them; one that was merged away
    /// has no timeline of its own.
    fn join_linked(&mut self) {
        let mut joined = HashMap::new();
        for (journey, known) in &self.journeys {
            let mut waiting = linked(known.iter().map(|known| &known.recorded));
            if waiting.is_empty() {
                continue;
            }
            let mut members = HashSet::from([*journey]);
            while let Some(other) = waiting.pop_first() {
                if members.insert(other)
                    && let Some(known) = self.journeys.get(&other)
                {
                    waiting.extend(linked(known.iter().map(|known| &known.recorded)));
                }
            }
            let mut all: Vec<Known> =
                members.iter().filter_map(|member| self.journeys.get(member)).flatten().cloned().collect();
            all.sort_by_key(|known| known.recorded.position);
            let recorded: Vec<Recorded> = all.iter().map(|known| known.recorded.clone()).collect();
            let gone = merged_into(*journey, &recorded).is_some();
            joined.insert(*journey, (!gone).then_some(all));
        }
        for (journey, known) in joined {
            match known {
                Some(known) => self.journeys.insert(journey, known),
                None => self.journeys.remove(&journey),
            };
        }
    }
}

fn in_order(known: &mut [Known]) {
    known.sort_by_key(|known| (known.at, known.recorded.position));
}

/// When a fact was known by this clock.
fn known_at(recorded: &Recorded, sources: &Sources) -> Timestamp {
    match sources.clock {
        Clock::Recorded => recorded.recorded_at,
        Clock::Source => {
            let source = recorded.draft.source.as_ref().and_then(|source| source.recorded_at);
            source.unwrap_or(recorded.recorded_at)
        }
        Clock::Occurred => {
            let midnight = midnight(recorded.draft.occurred.day());
            let lag = SignedDuration::from_hours(24 * sources.lag.in_days());
            midnight.checked_add(lag).unwrap_or(Timestamp::MAX)
        }
    }
}

/// The first moment of a day.
pub fn midnight(day: Date) -> Timestamp {
    Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(Timestamp::MAX)
}

/// The last moment of a day: a decision of that day is made then.
pub fn end_of(day: Date) -> Timestamp {
    midnight(day).checked_add(SignedDuration::from_micros(86_400_000_000 - 1)).unwrap_or(Timestamp::MAX)
}

impl Timeline {
    /// A timeline of these facts, in whatever order they come.
    pub fn new(journey: JourneyId, mut known: Vec<Known>) -> Self {
        in_order(&mut known);
        Self { journey, known }
    }

    /// Every fact of it. For outcomes and for those who try to break the guards; never for what decides something.
    pub(crate) fn known(&self) -> &[Known] {
        &self.known
    }

    /// A cursor before the first of them.
    pub fn cursor(&self) -> Cursor<'_> {
        Cursor { known: &self.known, given: 0 }
    }

    /// The life as it is known in the end, amended and in the order it happened. For outcomes, which may look back;
    /// what decides something goes by a [`Cursor`].
    pub fn life(&self) -> Vec<Fact> {
        life(self.journey, &self.known)
    }
}

/// The life that these facts tell.
pub(crate) fn life(journey: JourneyId, known: &[Known]) -> Vec<Fact> {
    let mut recorded: Vec<Recorded> = known.iter().map(|known| known.recorded.clone()).collect();
    recorded.sort_by_key(|recorded| recorded.position);
    amend(journey, recorded)
}

/// Walks a timeline and gives out only what was known at or before the time it is asked for. It holds the rest, and
/// there is no other way to it:
///
/// ```compile_fail
/// # fn peek(timeline: &throughline_backtest::Timeline) {
/// let cursor = timeline.cursor();
/// let future = &cursor.known;
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Cursor<'a> {
    known: &'a [Known],
    given: usize,
}

impl<'a> Cursor<'a> {
    /// What became known since the last call, up to and including this time.
    pub fn advance(&mut self, until: Timestamp) -> &'a [Known] {
        let later = &self.known[self.given..];
        let count = later.partition_point(|known| known.at <= until);
        self.given += count;
        &later[..count]
    }

    /// What became known next, all of the same moment; none where nothing did up to and including this time.
    pub fn step(&mut self, until: Timestamp) -> Option<(Timestamp, &'a [Known])> {
        let at = self.known.get(self.given).map(|next| next.at).filter(|at| *at <= until)?;
        let later = &self.known[self.given..];
        let count = later.iter().take_while(|known| known.at == at).count();
        self.given += count;
        Some((at, &later[..count]))
    }

    /// Everything it has given out, in the order it became known.
    pub fn past(&self) -> &'a [Known] {
        &self.known[..self.given]
    }
}
