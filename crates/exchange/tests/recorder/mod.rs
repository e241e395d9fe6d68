//! A log in memory: what an import writes, to be looked at.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Mutex,
    time::Duration,
};

use jiff::Timestamp;
use throughline_domain::{Draft, EventId, Fact, JourneyId, Position, Recorded, Version, amend};
use throughline_log::{AsOf, Error, EventLog, Expected, History, Receipt, Stored};
use uuid::Uuid;

#[derive(Default)]
pub struct Recorder {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// Appends that still go well; every one where unset.
    appends_left: Option<usize>,
    events: Vec<Recorded>,
    by_id: HashMap<EventId, usize>,
    by_journey: BTreeMap<JourneyId, Vec<usize>>,
    erased: Vec<JourneyId>,
}

pub const NAMESPACE: Uuid = Uuid::from_u128(0x6ba7_b810_9dad_11d1_80b4_00c0_4fd4_30c8);

/// Events of one portion of a scan.
const PORTION: usize = 1_000;

fn at() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().expect("an instant")
}

#[allow(dead_code, reason = "each test file uses its own part")]
impl Recorder {
    pub fn all(&self) -> Vec<Recorded> {
        self.kept.lock().expect("no test panics while it holds the lock").events.clone()
    }

    /// Everything it holds, but what the reports of imports count: that is of the run which came to the end.
    pub fn held(&self) -> BTreeMap<EventId, Option<Draft>> {
        let told = |draft: Draft| {
            let is_report = draft.event.fact_name() == "import-finished";
            (draft.event_id, (!is_report).then_some(draft))
        };
        self.all().into_iter().map(|recorded| told(recorded.draft)).collect()
    }

    pub fn life(&self, journey: JourneyId) -> Vec<Fact> {
        amend(journey, self.read_journey(journey, AsOf::Now).expect("memory").events)
    }

    /// Lets appends fail after this many.
    pub fn fail_after(&self, appends: Option<usize>) {
        self.kept.lock().expect("no test panics while it holds the lock").appends_left = appends;
    }

    pub fn erase(&self, journey: JourneyId) {
        self.kept.lock().expect("no test panics while it holds the lock").erased.push(journey);
    }
}

impl EventLog for Recorder {
    fn append(&self, batch: Vec<Draft>, _: &[Expected]) -> Result<Receipt, Error> {
        let mut kept = self.kept.lock().expect("no test panics while it holds the lock");
        match &mut kept.appends_left {
            Some(0) => return Err(Error::ReadOnly("the test says so".into())),
            Some(left) => *left -= 1,
            None => {}
        }
        for draft in &batch {
            if kept.erased.contains(&draft.journey) {
                return Err(Error::Erased(draft.journey));
            }
            if let Some(at) = kept.by_id.get(&draft.event_id)
                && kept.events[*at].draft != *draft
            {
                let position = kept.events[*at].position;
                return Err(Error::EventIdTaken { event_id: draft.event_id, position });
            }
        }
        let mut receipt = Receipt { events: Vec::new() };
        for draft in batch {
            let known = kept.by_id.get(&draft.event_id).copied();
            let place = known.unwrap_or_else(|| {
                let place = kept.events.len();
                let own = kept.by_journey.entry(draft.journey).or_default();
                own.push(place);
                let version = Version(own.len() as u64);
                kept.by_id.insert(draft.event_id, place);
                let position = Position(place as u64);
                kept.events.push(Recorded { position, version, recorded_at: at(), draft });
                place
            });
            let recorded = &kept.events[place];
            receipt.events.push(Stored {
                event_id: recorded.draft.event_id,
                journey: recorded.draft.journey,
                position: recorded.position,
                version: recorded.version,
                recorded_at: recorded.recorded_at,
                repeated: known.is_some(),
            });
        }
        Ok(receipt)
    }

    fn events(&self) -> u64 {
        self.kept.lock().expect("no test panics while it holds the lock").events.len() as u64
    }

    fn wait_beyond(&self, _: u64, _: Duration) -> u64 {
        self.events()
    }

    fn read(&self, from: Position, limit: usize) -> Result<History, Error> {
        let kept = self.kept.lock().expect("no test panics while it holds the lock");
        let from = usize::try_from(from.0).unwrap_or(usize::MAX);
        let events = kept.events.iter().skip(from).take(limit).cloned().collect();
        Ok(History { events, closed: Vec::new() })
    }

    fn read_journey(&self, journey: JourneyId, _: AsOf) -> Result<History, Error> {
        let kept = self.kept.lock().expect("no test panics while it holds the lock");
        let places = kept.by_journey.get(&journey).into_iter().flatten();
        Ok(History { events: places.map(|at| kept.events[*at].clone()).collect(), closed: Vec::new() })
    }

    fn version(&self, journey: JourneyId) -> Result<Version, Error> {
        Ok(Version(self.read_journey(journey, AsOf::Now)?.events.len() as u64))
    }

    fn position(&self, event: EventId) -> Result<Option<Position>, Error> {
        Ok(self.find(event)?.map(|recorded| recorded.position))
    }

    fn tree(&self) -> &dyn throughline_log::PublishedTree {
        panic!("a recorder signs nothing")
    }

    fn find(&self, event: EventId) -> Result<Option<Recorded>, Error> {
        let kept = self.kept.lock().expect("no test panics while it holds the lock");
        Ok(kept.by_id.get(&event).map(|at| kept.events[*at].clone()))
    }

    fn head(&self, _: u64) -> Result<[u8; 32], Error> {
        Ok([0; 32])
    }

    fn events_at(&self, _: Timestamp) -> Result<u64, Error> {
        Ok(self.events())
    }

    fn scan_journeys(
        &self,
        _events: u64,
        _visit: &(dyn Fn(JourneyId, History) -> std::ops::ControlFlow<()> + Sync),
    ) -> Result<(), Error> {
        unreachable!("an import reads no journey by itself")
    }

    fn scan(
        &self,
        events: u64,
        select: &(dyn Fn(JourneyId) -> bool + Sync),
        visit: &mut dyn FnMut(History, u64) -> Result<(), Error>,
    ) -> Result<(), Error> {
        // In portions, as a log does: a copy of everything at once costs more than the import.
        for from in (0..events).step_by(PORTION) {
            let portion =
                self.read(Position(from), PORTION.min(usize::try_from(events - from).expect("fits")))?;
            let passed = from + portion.events.len() as u64;
            let events =
                portion.events.into_iter().filter(|recorded| select(recorded.draft.journey)).collect();
            visit(History { events, closed: Vec::new() }, passed)?;
        }
        Ok(())
    }

    fn seal(&self, _: JourneyId, _: &str, bytes: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        Ok(Some(bytes.to_vec()))
    }

    fn open_sealed(&self, _: JourneyId, _: &str, sealed: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        Ok(Some(sealed.to_vec()))
    }

    fn namespace(&self) -> Uuid {
        NAMESPACE
    }

    fn derive(&self, _: &str) -> throughline_log::Secret {
        throughline_log::Secret::default()
    }
}
