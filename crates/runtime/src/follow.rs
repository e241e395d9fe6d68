//! Following the log while serving: new facts are folded on, late and amended ones refold their journey, rows and
//! position are committed together.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};

use rayon::prelude::*;
use serde::Serialize;
use throughline_domain::{Amendment, Event, Fact, JourneyId, Position, Programme, Recorded, linked};
use throughline_log::{AsOf, History};

use crate::{
    Error, Runtime, life,
    projector::News,
    rebuild::Building,
    row::Known,
    store::{PlainRow, Rows, Shelf},
};

/// Events folded in one step; their rows are committed in one batch per view.
const STEP_EVENTS: usize = 10_000;
/// A view further behind than this is rebuilt journey by journey rather than followed.
const REBUILD_BEYOND_EVENTS: u64 = 50_000;
const POLL: Duration = Duration::from_millis(200);
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(2);

/// How far one view is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Progress {
    /// The view.
    pub name: &'static str,
    /// Its version.
    pub version: u32,
    /// The events applied.
    pub applied: u64,
    /// The events the log has.
    pub head: u64,
    /// The events that a rebuild beside it has folded, while one runs.
    pub rebuilding: Option<u64>,
}

/// How many events every view has applied, and a bell for those who wait.
pub(crate) struct Applied {
    events: Mutex<u64>,
    risen: Condvar,
}

impl Applied {
    pub fn new(events: u64) -> Self {
        Self { events: Mutex::new(events), risen: Condvar::new() }
    }

    /// Never falls: whoever was told of a position reads at least that much from then on.
    pub fn rise(&self, events: u64) {
        let mut held = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        *held = events.max(*held);
        self.risen.notify_all();
    }

    fn get(&self) -> u64 {
        *self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, events: u64, at_most: Duration) -> bool {
        let held = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let (held, _) = self
            .risen
            .wait_timeout_while(held, at_most, |applied| *applied < events)
            .unwrap_or_else(PoisonError::into_inner);
        *held >= events
    }
}

impl Runtime {
    /// Follows the log from a thread of its own until [`Runtime::stop`]. Once it follows, this does nothing.
    pub fn start(self: &Arc<Self>) {
        let mut follower = self.follower.lock().unwrap_or_else(PoisonError::into_inner);
        if follower.is_some() {
            return;
        }
        let weak = Arc::downgrade(self);
        let follow = move || {
            while let Some(runtime) = weak.upgrade() {
                if runtime.stopping() {
                    break;
                }
                // A projector that panics leaves rows and position as they were; the step is tried again.
                let failed = match catch_unwind(AssertUnwindSafe(|| runtime.advance())) {
                    Ok(Ok(()) | Err(Error::Stopped)) => false,
                    Ok(Err(error)) => {
                        tracing::error!(%error, "views could not be brought up to date; trying again");
                        true
                    }
                    Err(_) => {
                        tracing::error!("a projector panicked, views stand still; trying again");
                        true
                    }
                };
                runtime.failing.store(failed, Ordering::SeqCst);
                if failed {
                    drop(runtime);
                    std::thread::sleep(PAUSE_AFTER_FAILURE);
                }
            }
        };
        let thread = std::thread::Builder::new().name("views".into()).spawn(follow);
        match thread {
            Ok(thread) => *follower = Some(thread),
            Err(error) => tracing::error!(%error, "no thread to follow the log; views stand still"),
        }
    }

    /// Brings every view up to the log's present end, in the caller's thread.
    pub fn catch_up(&self) -> Result<(), Error> {
        while self.applied() < self.log.events() && !self.stopping() {
            self.advance()?;
        }
        Ok(())
    }

    /// The events that every view has applied.
    pub fn applied(&self) -> u64 {
        self.applied.get()
    }

    /// Waits until every view has applied this many events or the time is up; whether they have.
    pub fn wait_applied(&self, events: u64, at_most: Duration) -> bool {
        self.applied.wait(events, at_most)
    }

    /// How far each view is.
    pub fn progress(&self) -> Vec<Progress> {
        let head = self.log.events();
        let of = |shelf: &Shelf| Progress {
            name: shelf.projector.name(),
            version: shelf.projector.version(),
            applied: shelf.rows().applied(),
            head,
            rebuilding: shelf.rebuilding(),
        };
        self.store.shelves.iter().map(of).collect()
    }

    /// Whether work lists are loaded, every view is within one step of the log's end, and the last step went well.
    pub fn ready(&self) -> bool {
        self.cards_loaded.load(Ordering::SeqCst)
            && !self.failing.load(Ordering::SeqCst)
            && self.applied() + STEP_EVENTS as u64 > self.log.events()
    }

    /// One step: waits briefly for news, then folds them.
    fn advance(&self) -> Result<(), Error> {
        self.load_cards()?;
        let from = self.store.applied();
        let head = self.log.wait_beyond(from, POLL);
        if head <= from {
            self.applied.rise(from);
            return Ok(());
        }
        if from == 0 && head - from > REBUILD_BEYOND_EVENTS {
            let behind: Vec<&Shelf> =
                self.store.shelves.iter().filter(|shelf| shelf.rows().applied() == 0).collect();
            self.rebuild_shelves(&behind, &|_, _| {})?;
            return Ok(());
        }
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have stepped or swapped views since.
        let from = self.store.applied();
        self.step(&self.news(from, STEP_EVENTS)?)?;
        self.applied.rise(self.store.applied());
        Ok(())
    }

    fn step(&self, news: &Step) -> Result<(), Error> {
        // Before the rows: a step that fails later is done again as a whole.
        if news.settings_changed {
            *self.programmes.write().unwrap_or_else(PoisonError::into_inner) =
                self.store.programmes(&*self.log, AsOf::Now)?;
        }
        for shelf in &self.store.shelves {
            let rows = shelf.rows();
            if rows.applied() < news.through {
                for (journey, row) in self.step_rows(shelf, &rows, news)? {
                    shelf.projector.remember(journey, row.as_deref())?;
                }
            }
        }
        Ok(())
    }

    /// Brings rows that are not served yet up to where the log has this many events.
    pub(crate) fn bring_up(&self, building: &Building<'_>, events: u64) -> Result<(), Error> {
        let Building { shelf, rows, fresh, .. } = building;
        while rows.applied() < events {
            let wanted = usize::try_from(events - rows.applied()).unwrap_or(STEP_EVENTS);
            let news = self.news(rows.applied(), wanted.min(STEP_EVENTS))?;
            for (journey, row) in self.step_rows(shelf, rows, &news)? {
                fresh.remember(journey, row.as_deref())?;
            }
            self.go_on()?;
        }
        Ok(())
    }

    /// What the log has to tell from this position on.
    fn news(&self, from: u64, limit: usize) -> Result<Step, Error> {
        let history = self.log.read(Position(from), limit)?;
        let through = history_end(&history, from);
        let mut news: BTreeMap<JourneyId, Vec<Recorded>> = BTreeMap::new();
        for recorded in history.events {
            if matches!(recorded.draft.event, Event::Programme(Programme::TemplatePublished(_))) {
                self.store.note_programme(recorded.draft.journey)?;
            }
            news.entry(recorded.draft.journey).or_default().push(recorded);
        }
        for closed in history.closed {
            news.entry(closed.journey).or_default();
        }
        let mut settings_changed = false;
        for journey in news.keys() {
            settings_changed |= self.store.is_programme(*journey)?;
        }
        let touched = self.touched(&news)?;
        Ok(Step { from, through, news, touched, settings_changed })
    }

    /// The journeys whose lives these events change: their own, and those linked to them.
    fn touched(&self, news: &BTreeMap<JourneyId, Vec<Recorded>>) -> Result<BTreeMap<JourneyId, bool>, Error> {
        for (journey, events) in news {
            for other in linked(events).into_iter().filter(|other| other != journey) {
                self.store.links().link(*journey, other)?;
            }
        }
        let mut touched = BTreeMap::new();
        for journey in news.keys() {
            let cluster = self.store.links().all_of(*journey);
            let alone = cluster.len() == 1;
            touched.extend(cluster.into_iter().map(|journey| (journey, alone)));
        }
        Ok(touched)
    }

    /// Folds the news into these rows and commits them with their position; what became of each row.
    fn step_rows(&self, shelf: &Shelf, rows: &Rows, step: &Step) -> Result<Vec<PlainRow>, Error> {
        // No key of a life that is being folded is destroyed before its row is sealed with it.
        let _folding = self.folding.read().unwrap_or_else(PoisonError::into_inner);
        let resumed = rows.applied() > step.from;
        let touched: Vec<(&JourneyId, &bool)> = step.touched.iter().collect();
        let mut updated: Vec<PlainRow> = touched
            .par_iter()
            .with_min_len(16)
            .map(|(journey, alone)| {
                let own = step.news.get(*journey).filter(|_| **alone && !resumed);
                let fresh = own.and_then(|events| fresh(events));
                let row = self.update_row(shelf, rows, **journey, fresh.as_ref(), step.through)?;
                Ok((**journey, row))
            })
            .collect::<Result<_, Error>>()?;
        let batch = rows.seal(&*self.log, &mut updated)?;
        rows.commit(batch, step.through)?;
        Ok(updated)
    }

    pub(crate) fn update_row(
        &self,
        shelf: &Shelf,
        rows: &Rows,
        journey: JourneyId,
        fresh: Option<&Known>,
        through: u64,
    ) -> Result<Option<Vec<u8>>, Error> {
        let kept = rows.get(&*self.log, journey)?;
        let whole = || life::known(&*self.log, journey, AsOf::Position(Position(through - 1)));
        shelf.projector.update(kept.as_deref(), &News { fresh, whole: &whole })
    }
}

/// What the log has to tell between two positions.
struct Step {
    from: u64,
    /// How many events the log has up to the end of this step.
    through: u64,
    news: BTreeMap<JourneyId, Vec<Recorded>>,
    /// The journeys whose lives change, and whether each is linked to none.
    touched: BTreeMap<JourneyId, bool>,
    settings_changed: bool,
}

/// The new facts in the order of life, where they can be folded on as they are.
fn fresh(events: &[Recorded]) -> Option<Known> {
    if events.iter().any(|recorded| amends(&recorded.draft.event)) {
        return None;
    }
    let version = events.last()?.version;
    let mut facts: Vec<Fact> = events.iter().cloned().map(Fact::unamended).collect();
    facts.sort_by_cached_key(Fact::order);
    Some(Known { facts, version, awaits: false })
}

fn amends(event: &Event) -> bool {
    matches!(
        event,
        Event::Amendment(
            Amendment::Corrected(_)
                | Amendment::Retracted(_)
                | Amendment::JourneysMerged(_)
                | Amendment::JourneysSplit(_)
                | Amendment::KeyDestroyed(_)
        )
    )
}

/// How many events the log had up to and including these.
fn history_end(history: &History, from: u64) -> u64 {
    let readable = history.events.last().map(|recorded| recorded.position.0 + 1);
    let closed = history.closed.last().map(|closed| closed.position.0 + 1);
    readable.max(closed).unwrap_or(from)
}
