//! Following the log while serving: new facts are folded on, late and amended ones refold their journey, rows and
//! position are committed together.

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
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
    row::{Known, about_person},
    store::{Rows, Shelf},
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

    pub fn set(&self, events: u64) {
        *self.events.lock().unwrap_or_else(PoisonError::into_inner) = events;
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
    /// Follows the log from a thread of its own until [`Runtime::stop`].
    pub fn start(self: &Arc<Self>) {
        let weak = Arc::downgrade(self);
        let follow = move || {
            while let Some(runtime) = weak.upgrade() {
                if runtime.stopping() {
                    break;
                }
                if let Err(error) = runtime.advance() {
                    tracing::error!(%error, "views could not be brought up to date; trying again");
                    std::thread::sleep(PAUSE_AFTER_FAILURE);
                }
            }
        };
        let thread = std::thread::Builder::new().name("views".into()).spawn(follow);
        match thread {
            Ok(thread) => {
                *self.follower.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
            }
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

    /// Whether work lists are loaded and every view is within one step of the log's end.
    pub fn ready(&self) -> bool {
        self.cards_loaded.load(Ordering::SeqCst) && self.applied() + STEP_EVENTS as u64 > self.log.events()
    }

    /// One step: waits briefly for news, then folds them.
    fn advance(&self) -> Result<(), Error> {
        self.load_cards()?;
        let from = self.store.applied();
        let head = self.log.wait_beyond(from, POLL);
        if head <= from {
            self.applied.set(from);
            return Ok(());
        }
        if from == 0 && head - from > REBUILD_BEYOND_EVENTS {
            let behind: Vec<&Shelf> =
                self.store.shelves.iter().filter(|shelf| shelf.rows().applied() == 0).collect();
            self.rebuild_shelves(&behind, &|_, _| {})?;
            return Ok(());
        }
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let history = self.log.read(Position(from), STEP_EVENTS)?;
        let through = history_end(&history, from);
        self.step(history, from, through)?;
        self.applied.set(self.store.applied());
        Ok(())
    }

    fn step(&self, history: History, from: u64, through: u64) -> Result<(), Error> {
        let mut news: BTreeMap<JourneyId, Vec<Recorded>> = BTreeMap::new();
        let mut settings_changed = false;
        for recorded in history.events {
            if let Event::Programme(Programme::TemplatePublished(_)) = recorded.draft.event {
                self.store.note_programme(recorded.draft.journey)?;
                settings_changed = true;
            }
            news.entry(recorded.draft.journey).or_default().push(recorded);
        }
        for closed in history.closed {
            news.entry(closed.journey).or_default();
        }
        let touched = self.touched(&news)?;
        for shelf in &self.store.shelves {
            let rows = shelf.rows();
            if rows.applied() < through {
                self.step_shelf(shelf, &rows, &news, &touched, from, through)?;
            }
        }
        if settings_changed {
            *self.programmes.write().unwrap_or_else(PoisonError::into_inner) =
                self.store.programmes(&*self.log)?;
        }
        Ok(())
    }

    /// The journeys whose lives these events change: their own, and those linked to them.
    fn touched(&self, news: &BTreeMap<JourneyId, Vec<Recorded>>) -> Result<BTreeMap<JourneyId, bool>, Error> {
        for (journey, events) in news {
            for other in linked(events).into_iter().filter(|other| other != journey) {
                self.store.link(*journey, other)?;
            }
        }
        let mut touched = BTreeMap::new();
        for journey in news.keys() {
            let mut waiting = BTreeSet::from([*journey]);
            let mut cluster = BTreeSet::new();
            while let Some(next) = waiting.pop_first() {
                if cluster.insert(next) {
                    waiting.extend(self.store.linked(next)?);
                }
            }
            let alone = cluster.len() == 1;
            touched.extend(cluster.into_iter().map(|journey| (journey, alone)));
        }
        Ok(touched)
    }

    fn step_shelf(
        &self,
        shelf: &Shelf,
        rows: &Rows,
        news: &BTreeMap<JourneyId, Vec<Recorded>>,
        touched: &BTreeMap<JourneyId, bool>,
        from: u64,
        through: u64,
    ) -> Result<(), Error> {
        let resumed = rows.applied() > from;
        let touched: Vec<(&JourneyId, &bool)> = touched.iter().collect();
        let updated: Vec<(JourneyId, Vec<u8>)> = touched
            .par_iter()
            .with_min_len(16)
            .filter_map(|(journey, alone)| {
                let fresh =
                    news.get(*journey).filter(|_| **alone && !resumed).and_then(|events| fresh(events));
                self.update_row(shelf, rows, **journey, fresh.as_ref(), through).transpose()
            })
            .collect::<Result<_, Error>>()?;
        let batch = rows.seal(&*self.log, &updated)?;
        rows.commit(batch, through)?;
        for (journey, row) in &updated {
            shelf.projector.remember(*journey, Some(row))?;
        }
        Ok(())
    }

    fn update_row(
        &self,
        shelf: &Shelf,
        rows: &Rows,
        journey: JourneyId,
        fresh: Option<&Known>,
        through: u64,
    ) -> Result<Option<(JourneyId, Vec<u8>)>, Error> {
        let kept = rows.get(&*self.log, journey)?;
        let whole = OnceCell::new();
        let refold = || {
            if let Some(known) = whole.get() {
                return Ok(Arc::clone(known));
            }
            let known = Arc::new(life::known(&*self.log, journey, AsOf::Position(Position(through - 1)))?);
            Ok(Arc::clone(whole.get_or_init(|| known)))
        };
        if kept.is_none() {
            let person = match fresh {
                Some(fresh) => about_person(&fresh.facts),
                None => about_person(&refold()?.facts),
            };
            if !person {
                return Ok(None);
            }
        }
        let row = shelf.projector.update(kept.as_deref(), &News { fresh, whole: &refold })?;
        Ok(Some((journey, row)))
    }
}

/// The new facts in the order of life, where they can be folded on as they are.
fn fresh(events: &[Recorded]) -> Option<Known> {
    if events.iter().any(|recorded| amends(&recorded.draft.event)) {
        return None;
    }
    let version = events.last()?.version;
    let mut facts: Vec<Fact> = events.iter().cloned().map(Fact::unamended).collect();
    facts.sort_by_cached_key(Fact::order);
    Some(Known { facts, version })
}

fn amends(event: &Event) -> bool {
    matches!(
        event,
        Event::Amendment(
            Amendment::Corrected(_)
                | Amendment::Retracted(_)
                | Amendment::JourneysMerged(_)
                | Amendment::JourneysSplit(_)
        )
    )
}

/// How many events the log had up to and including these.
fn history_end(history: &History, from: u64) -> u64 {
    let readable = history.events.last().map(|recorded| recorded.position.0 + 1);
    let closed = history.closed.last().map(|closed| closed.position.0 + 1);
    readable.max(closed).unwrap_or(from)
}
