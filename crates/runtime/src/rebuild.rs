//! Rebuilding views from zero: the log shows every journey whole, each is folded into all views while it is at hand, and
//! its rows written; the new rows take over at one position.

use std::{
    collections::{BTreeSet, HashMap},
    ops::ControlFlow,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use rayon::prelude::*;
use serde::Serialize;
use throughline_domain::{Event, JourneyId, Position, Programme, linked};
use throughline_log::{AsOf, History, Standing};

use crate::{
    Error, Runtime,
    blocks::Blocks,
    life,
    projector::Fresh,
    row::{Known, about_person},
    store::{Rows, Shelf},
};

/// Events of linked journeys held until all are there; past these, linked lives are read from the log one by one.
const LINKED_EVENTS_MAX: usize = 200_000;

/// Linked lives folded before somebody who waits to destroy a key has a turn.
const LINKED_AT_A_TIME: usize = 256;

/// What a rebuild went through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Rebuilt {
    /// Events read.
    pub events: u64,
    /// Journeys folded.
    pub journeys: u64,
}

impl Runtime {
    /// Rebuilds one view or all from zero, beside those served, which go on until the new ones take over.
    /// `progress` hears how many events of how many are done.
    pub fn rebuild(
        &self,
        only: Option<&str>,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Rebuilt, Error> {
        let shelves = match only {
            Some(name) => {
                self.projectors.get(name)?;
                vec![self.store.shelf(name)?]
            }
            None => self.store.shelves.iter().collect(),
        };
        self.rebuild_shelves(&shelves, progress)
    }

    /// Reads the cards of every client, once.
    pub(crate) fn load_cards(&self) -> Result<(), Error> {
        if self.cards_loaded.load(Ordering::SeqCst) {
            return Ok(());
        }
        // Whoever loads must not put an old card over one that a step has just made.
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.cards_loaded.load(Ordering::SeqCst) {
            for shelf in &self.store.shelves {
                self.load_cards_of(shelf, &shelf.rows())?;
            }
            self.cards_loaded.store(true, Ordering::SeqCst);
        }
        Ok(())
    }

    pub(crate) fn rebuild_shelves(
        &self,
        shelves: &[&Shelf],
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Rebuilt, Error> {
        let note = |events| shelves.iter().for_each(|shelf| shelf.note_rebuilding(events));
        let noted = |done, whole| {
            note(Some(done));
            progress(done, whole);
        };
        let rebuilt = self.rebuild_beside(shelves, &noted);
        note(None);
        rebuilt
    }

    fn rebuild_beside(
        &self,
        shelves: &[&Shelf],
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Rebuilt, Error> {
        let _rebuilding = self.rebuilding.lock().unwrap_or_else(PoisonError::into_inner);
        let events = self.log.events();
        let fresh = shelves
            .iter()
            .map(|shelf| {
                let (rows, generation) = self.store.next_generation(shelf)?;
                let (blocks, fresh) = (Blocks::new(), shelf.projector.fresh());
                Ok(Building { shelf, rows, blocks, generation, fresh })
            })
            .collect::<Result<Vec<_>, Error>>()?;
        let rebuild = Rebuild::of(self, &fresh, events, progress);
        self.log.scan_journeys(events, &|journey, history| rebuild.take(journey, history))?;
        let journeys = rebuild.finish()?;
        for building in &fresh {
            building.rows.finish(&building.blocks, events)?;
            self.bring_up(building, building.shelf.rows().applied())?;
        }
        self.take_over(fresh)?;
        progress(events, events);
        Ok(Rebuilt { events, journeys })
    }

    /// Serves the new generations from now on, each as far as the one it follows.
    fn take_over(&self, fresh: Vec<Building<'_>>) -> Result<(), Error> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        *self.programmes.write().unwrap_or_else(PoisonError::into_inner) =
            self.store.programmes(&*self.log, AsOf::Now)?;
        for building in fresh {
            // Only a step that holds `writing` moves the rows served now.
            self.bring_up(&building, building.shelf.rows().applied())?;
            self.forget_erased(&building)?;
            let Building { shelf, rows, generation, fresh, .. } = building;
            self.store.swap(shelf, rows, generation)?;
            fresh.serve();
            self.figures.rebuilt();
        }
        self.applied.rise(self.store.applied());
        Ok(())
    }

    /// Whoever was erased after their row was folded is on no card either: the row can be opened no more.
    fn forget_erased(&self, Building { rows, fresh, .. }: &Building<'_>) -> Result<(), Error> {
        let is_erased = |journey: &JourneyId| self.log.standing(*journey) == Standing::Erased;
        for journey in rows.journeys()? {
            let touched = self.store.links().all_of(journey).iter().any(is_erased);
            if touched && rows.get(&*self.log, journey)?.is_none() {
                fresh.remember(journey, None)?;
            }
        }
        Ok(())
    }

    fn load_cards_of(&self, shelf: &Shelf, rows: &Rows) -> Result<(), Error> {
        rows.journeys()?.par_iter().with_min_len(256).try_for_each(|journey| {
            let row = rows.get(&*self.log, *journey)?;
            shelf.projector.remember(*journey, row.as_deref())
        })
    }
}

/// A generation of one view beside the one served.
pub(crate) struct Building<'a> {
    pub shelf: &'a Shelf,
    pub rows: Rows,
    blocks: Blocks,
    pub generation: u64,
    pub fresh: Box<dyn Fresh + 'a>,
}

/// What is done with each journey that the log shows.
struct Rebuild<'a> {
    runtime: &'a Runtime,
    fresh: &'a [Building<'a>],
    /// How many events the log had.
    events: u64,
    progress: &'a (dyn Fn(u64, u64) + Sync),
    passed: AtomicU64,
    journeys: AtomicU64,
    linked: Mutex<Linked>,
    /// Why it broke off.
    failed: Mutex<Option<Error>>,
}

/// Journeys whose lives rest on others too, folded once all have been seen.
#[derive(Default)]
struct Linked {
    waiting: BTreeSet<JourneyId>,
    /// Their own events, as far as there is room.
    held: HashMap<JourneyId, History>,
    held_events: usize,
}

impl<'a> Rebuild<'a> {
    fn of(
        runtime: &'a Runtime,
        fresh: &'a [Building<'a>],
        events: u64,
        progress: &'a (dyn Fn(u64, u64) + Sync),
    ) -> Self {
        Self {
            runtime,
            fresh,
            events,
            progress,
            passed: AtomicU64::new(0),
            journeys: AtomicU64::new(0),
            linked: Mutex::default(),
            failed: Mutex::default(),
        }
    }

    /// Folds a journey into every view.
    fn take(&self, journey: JourneyId, history: History) -> ControlFlow<()> {
        let count = (history.events.len() + history.closed.len()) as u64;
        if let Err(error) = self.try_take(journey, history) {
            self.failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            return ControlFlow::Break(());
        }
        let passed = self.passed.fetch_add(count, Ordering::Relaxed) + count;
        (self.progress)(passed.min(self.events), self.events);
        ControlFlow::Continue(())
    }

    fn try_take(&self, journey: JourneyId, history: History) -> Result<(), Error> {
        self.runtime.go_on()?;
        let store = &self.runtime.store;
        let publishes = |event: &Event| matches!(event, Event::Programme(Programme::TemplatePublished(_)));
        if history.events.iter().any(|recorded| publishes(&recorded.draft.event)) {
            store.note_programme(journey)?;
        }
        let others = linked(&history.events);
        if others.is_empty() {
            // No key of a life that is being folded is destroyed before its row is sealed with it. Nothing in here waits
            // for other threads of the log's visits: one of theirs could wait for this lock.
            let _folding = self.runtime.folding.read().unwrap_or_else(PoisonError::into_inner);
            return self.fold(journey, &Known::of_history(journey, history));
        }
        for other in others.into_iter().filter(|other| *other != journey) {
            store.links().link(journey, other)?;
        }
        self.linked.lock().unwrap_or_else(PoisonError::into_inner).take(journey, history);
        Ok(())
    }

    /// Folds what rests on several journeys; how many were folded in all.
    fn finish(self) -> Result<u64, Error> {
        if let Some(error) = self.failed.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Err(error);
        }
        let runtime = self.runtime;
        runtime.go_on()?;
        let Linked { waiting, held, .. } =
            std::mem::take(&mut *self.linked.lock().unwrap_or_else(PoisonError::into_inner));
        let as_of = AsOf::Position(Position(self.events.saturating_sub(1)));
        // What was opened before a key was destroyed must be in nobody's row.
        let read = |journey| match held.get(&journey) {
            Some(history) if runtime.log.standing(journey) == Standing::Open => Ok(history.clone()),
            _ => Ok(runtime.log.read_journey(journey, as_of)?),
        };
        let waiting: Vec<JourneyId> = waiting.into_iter().collect();
        for some in waiting.chunks(LINKED_AT_A_TIME) {
            runtime.go_on()?;
            let _folding = runtime.folding.read().unwrap_or_else(PoisonError::into_inner);
            some.par_iter().try_for_each(|journey| {
                let life = Known::of_history(*journey, life::gather_by(*journey, &read)?);
                self.fold(*journey, &life)
            })?;
        }
        Ok(self.journeys.into_inner())
    }

    fn fold(&self, journey: JourneyId, life: &Known) -> Result<(), Error> {
        if !about_person(&life.facts) {
            return Ok(());
        }
        let Runtime { log, store, .. } = self.runtime;
        let cluster = store.links().all_of(journey);
        for Building { rows, blocks, fresh, .. } in self.fresh {
            let row = fresh.fold(journey, life)?;
            if !rows.put(&**log, journey, &cluster, &row, blocks)? {
                fresh.remember(journey, None)?;
            }
        }
        self.journeys.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

impl Linked {
    fn take(&mut self, journey: JourneyId, history: History) {
        self.waiting.insert(journey);
        self.held_events += history.events.len();
        if self.held_events <= LINKED_EVENTS_MAX {
            self.held.insert(journey, history);
        }
    }
}
