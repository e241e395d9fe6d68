//! From a report to the log: each fact is decided against the journey as it stands, and all are appended or none.

use std::{
    collections::{BTreeSet, HashSet},
    num::NonZeroUsize,
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;
use lru::LruCache;
use throughline_domain::{
    Amendment, Draft, Event, EventId, Fact, Journey, JourneyId, Position, Recorded, Version, decide, linked,
};
use throughline_log::{AsOf, Error as LogError, EventLog, Expected, Receipt};

use crate::{Error, Runtime, life};

const JOURNEYS_KEPT: NonZeroUsize = NonZeroUsize::new(4096).expect("4096 is not zero");
/// How often a report is decided anew because somebody else wrote to the journey meanwhile.
const ATTEMPTS_MAX: usize = 16;

/// Journeys as decisions need them, as of a version, so that the next report need not read the whole life.
pub(crate) struct Decisions(Mutex<LruCache<JourneyId, (Version, Journey)>>);

impl Decisions {
    pub fn new() -> Self {
        Self(Mutex::new(LruCache::new(JOURNEYS_KEPT)))
    }

    fn get(&self, journey: JourneyId, version: Version) -> Option<Journey> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(&journey).filter(|(at, _)| *at == version).map(|(_, state)| state.clone())
    }

    fn put(&self, journey: JourneyId, version: Version, state: Journey) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put(journey, (version, state));
    }

    /// Forgets a journey.
    pub fn forget(&self, journey: JourneyId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop(&journey);
    }
}

impl Runtime {
    /// Records facts of one journey: each is decided in turn, after those before it, and all are appended or none.
    ///
    /// With `expected`, only if the journey has that version (0: not opened yet). Facts reported before with the same
    /// content are not decided again and come back as repeated.
    pub fn record(
        &self,
        drafts: &[Draft],
        expected: Option<Version>,
        now: Timestamp,
    ) -> Result<Receipt, Error> {
        let Some(first) = drafts.first() else { return Ok(Receipt { events: Vec::new() }) };
        let journey = first.journey;
        if let Some(index) = drafts.iter().position(|draft| draft.journey != journey) {
            return Err(Error::MixedJourneys { index });
        }
        let erases = |draft: &Draft| matches!(draft.event, Event::Amendment(Amendment::KeyDestroyed(_)));
        if let Some(index) = drafts.iter().position(erases) {
            // It would say what is not so.
            return Err(Error::OnlyByErasing { index });
        }
        let mut attempt = 1;
        loop {
            match self.record_once(journey, drafts, expected, now) {
                Err(Error::Log(LogError::Conflict { journey: of, current, .. }))
                    if attempt < ATTEMPTS_MAX
                        && (of != journey || expected.is_none_or(|expected| expected == current)) =>
                {
                    attempt += 1;
                }
                other => return other,
            }
        }
    }

    fn record_once(
        &self,
        journey: JourneyId,
        drafts: &[Draft],
        expected: Option<Version>,
        now: Timestamp,
    ) -> Result<Receipt, Error> {
        let version = self.log.version(journey)?;
        let mut known = HashSet::new();
        for draft in drafts {
            if self.log.find(draft.event_id)?.is_some() {
                known.insert(draft.event_id);
            }
        }
        if drafts.iter().all(|draft| known.contains(&draft.event_id)) {
            return Ok(self.log.append(drafts.to_vec(), &[])?);
        }
        if self.log.standing(journey) == throughline_log::Standing::Erased {
            return Err(LogError::Erased(journey).into());
        }
        if let Some(expected) = expected.filter(|expected| *expected != version) {
            return Err(LogError::Conflict { journey, expected, current: version }.into());
        }
        let Standing { state, rests_on, alone } = self.standing(journey, version)?;
        let (batch, state) = self.decide_all(state, drafts, known, now)?;
        let receipt = self.log.append(batch, &rests_on)?;
        let fresh = receipt.events.iter().filter(|stored| stored.journey == journey && !stored.repeated);
        if let Some(version) = fresh.map(|stored| stored.version).max()
            && let Some(state) = state.filter(|_| alone)
        {
            self.decisions.put(journey, version, state);
        }
        Ok(receipt)
    }

    /// The journey as it stands, and the versions that this rests on.
    pub(crate) fn standing(&self, journey: JourneyId, version: Version) -> Result<Standing, Error> {
        if let Some(state) = self.decisions.get(journey, version) {
            return Ok(Standing { state, rests_on: vec![Expected { journey, version }], alone: true });
        }
        let gathered = life::gather(&*self.log, journey, AsOf::Now)?;
        // The versions are those of what was read. The log can already count an event that is not readable yet, and
        // what was decided without that event must not be appended after it.
        let mut read: BTreeSet<JourneyId> =
            gathered.events.iter().map(|recorded| recorded.draft.journey).collect();
        read.insert(journey);
        let of = |journey| life::own_version(journey, &gathered.events, &gathered.closed);
        let rests_on = read.into_iter().map(|journey| Expected { journey, version: of(journey) }).collect();
        Ok(Standing {
            state: Journey::of_recorded(journey, &gathered.events),
            rests_on,
            alone: linked(&gathered.events).is_empty(),
        })
    }

    /// The drafts to append, and the journey after them where it is cheaply known.
    fn decide_all(
        &self,
        mut state: Journey,
        drafts: &[Draft],
        mut known: HashSet<EventId>,
        now: Timestamp,
    ) -> Result<(Vec<Draft>, Option<Journey>), Error> {
        let mut amended = Amended::default();
        let mut batch = Vec::with_capacity(drafts.len());
        for (index, draft) in drafts.iter().enumerate() {
            if !known.insert(draft.event_id) {
                batch.push(draft.clone());
                continue;
            }
            let decided = decide(&state, draft.clone(), now)
                .map_err(|rejection| Error::Rejected { index, rejection })?;
            for draft in decided.iter().filter(|decided| decided.journey == draft.journey) {
                amended.take(&*self.log, &mut state, draft, now)?;
            }
            batch.extend(decided);
        }
        Ok((batch, amended.recorded.is_none().then_some(state)))
    }
}

/// A journey as a decision needs it.
pub(crate) struct Standing {
    pub state: Journey,
    /// What must still be so when the decision is appended.
    rests_on: Vec<Expected>,
    /// Whether no other journey has a part in it: only then does its own version say that it is unchanged.
    alone: bool,
}

/// The journey's records with those of this batch, once an amendment asks for them.
#[derive(Default)]
struct Amended {
    recorded: Option<Vec<Recorded>>,
    batch: Vec<Recorded>,
}

impl Amended {
    /// Brings the state past one more draft. An amendment changes facts before it, so from there on the state is
    /// folded anew from the records.
    fn take(
        &mut self,
        log: &dyn EventLog,
        state: &mut Journey,
        draft: &Draft,
        now: Timestamp,
    ) -> Result<(), Error> {
        let recorded = Recorded {
            position: Position(u64::MAX),
            version: Version::default(),
            recorded_at: now,
            draft: draft.clone(),
        };
        self.batch.push(recorded.clone());
        if self.recorded.is_none() && !matches!(draft.event, Event::Amendment(_)) {
            state.fold(&Fact::unamended(recorded));
            return Ok(());
        }
        if self.recorded.is_none() {
            self.recorded = Some(life::gather(log, draft.journey, AsOf::Now)?.events);
        }
        let mut all = self.recorded.clone().unwrap_or_default();
        all.extend(self.batch.iter().cloned());
        *state = Journey::of_recorded(draft.journey, &all);
        Ok(())
    }
}
