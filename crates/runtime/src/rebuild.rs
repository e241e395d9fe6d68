//! Rebuilding views from zero: the log is read in order, each event opened once, journeys gathered in memory part by
//! part and folded whole; the new rows take over at one position.

use std::{
    collections::HashMap,
    sync::{PoisonError, atomic::Ordering},
};

use rayon::prelude::*;
use serde::Serialize;
use throughline_domain::{Amendment, Event, JourneyId, Position, Programme, Recorded, linked};
use throughline_log::AsOf;

use crate::{
    Error, Runtime, life,
    row::{Known, about_person},
    store::{PlainRow, Rows, Shelf},
};

/// Events of the journeys gathered at a time; it bounds the memory of a rebuild at about a gigabyte. Each part reads the
/// whole log once, so a larger part is a faster rebuild.
const PART_EVENTS: u64 = 1_000_000;
/// Journeys folded before their rows are written.
const CHUNK_JOURNEYS: usize = 4096;

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
        let fresh: Vec<(&Shelf, Rows, u64)> = shelves
            .iter()
            .map(|shelf| {
                let (rows, generation) = self.store.next_generation(shelf)?;
                Ok((*shelf, rows, generation))
            })
            .collect::<Result<_, Error>>()?;
        let parts = events.div_ceil(PART_EVENTS).max(1);
        let mut journeys = 0;
        for part in 0..parts {
            let passed = |passed: u64| progress((part * events + passed) / parts, events);
            self.go_on()?;
            let gathered = self.gather_part(events, part, parts, &passed)?;
            journeys += self.fold_part(&fresh, gathered, events)?;
        }
        for (shelf, rows, _) in &fresh {
            rows.commit(sled::Batch::default(), events)?;
            self.bring_up(shelf, rows, shelf.rows().applied())?;
        }
        self.take_over(fresh)?;
        progress(events, events);
        Ok(Rebuilt { events, journeys })
    }

    /// Serves the new generations from now on, each as far as the one it follows.
    fn take_over(&self, fresh: Vec<(&Shelf, Rows, u64)>) -> Result<(), Error> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        *self.programmes.write().unwrap_or_else(PoisonError::into_inner) =
            self.store.programmes(&*self.log, AsOf::Now)?;
        for (shelf, rows, generation) in fresh {
            // Only a step that holds `writing` moves the rows served now.
            self.bring_up(shelf, &rows, shelf.rows().applied())?;
            self.load_cards_of(shelf, &rows)?;
            self.store.swap(shelf, rows, generation)?;
            self.figures.rebuilt();
        }
        self.applied.rise(self.store.applied());
        Ok(())
    }

    /// The events of every journey of this part.
    fn gather_part(
        &self,
        events: u64,
        part: u64,
        parts: u64,
        passed: &(dyn Fn(u64) + Sync),
    ) -> Result<Vec<(JourneyId, Vec<Recorded>)>, Error> {
        let mut gathered: HashMap<JourneyId, Vec<Recorded>> = HashMap::new();
        let mut streams = Vec::new();
        let mut links = Vec::new();
        let select = |journey: JourneyId| journey.uuid().as_u128() % u128::from(parts) == u128::from(part);
        self.log.scan(events, &select, &mut |history, done| {
            for recorded in history.events {
                let journey = recorded.draft.journey;
                match &recorded.draft.event {
                    Event::Programme(Programme::TemplatePublished(_)) => streams.push(journey),
                    Event::Amendment(Amendment::JourneysMerged(_) | Amendment::JourneysSplit(_)) => {
                        links.extend(linked([&recorded]).into_iter().map(|other| (journey, other)));
                    }
                    _ => {}
                }
                gathered.entry(journey).or_default().push(recorded);
            }
            passed(done);
            Ok(())
        })?;
        for stream in streams {
            self.store.note_programme(stream)?;
        }
        for (journey, other) in links.into_iter().filter(|(journey, other)| journey != other) {
            self.store.links().link(journey, other)?;
        }
        Ok(gathered.into_iter().collect())
    }

    fn fold_part(
        &self,
        fresh: &[(&Shelf, Rows, u64)],
        mut gathered: Vec<(JourneyId, Vec<Recorded>)>,
        events: u64,
    ) -> Result<u64, Error> {
        gathered.par_sort_unstable_by_key(|(journey, _)| *journey);
        let mut journeys = 0;
        while !gathered.is_empty() {
            self.go_on()?;
            // No key of a life that is being folded is destroyed before its row is sealed with it.
            let _folding = self.folding.read().unwrap_or_else(PoisonError::into_inner);
            let rest = gathered.split_off(gathered.len().min(CHUNK_JOURNEYS));
            let lives: Vec<(JourneyId, Known)> = std::mem::replace(&mut gathered, rest)
                .into_par_iter()
                .map(|(journey, events_of)| Ok((journey, self.known(journey, events_of, events)?)))
                .collect::<Result<_, Error>>()?;
            let lives: Vec<_> = lives.into_iter().filter(|(_, life)| about_person(&life.facts)).collect();
            journeys += lives.len() as u64;
            for (shelf, rows, _) in fresh {
                let mut folded: Vec<PlainRow> = lives
                    .par_iter()
                    .map(|(journey, life)| Ok((*journey, Some(shelf.projector.fold(life)?))))
                    .collect::<Result<_, Error>>()?;
                rows.fill(rows.seal(&*self.log, &mut folded)?)?;
            }
        }
        Ok(journeys)
    }

    /// A journey's life from its own events; from the log where others are part of it.
    fn known(&self, journey: JourneyId, own: Vec<Recorded>, events: u64) -> Result<Known, Error> {
        if linked(&own).is_empty() {
            let version = own.last().map(|recorded| recorded.version).unwrap_or_default();
            return Ok(Known::of(journey, own, version));
        }
        life::known(&*self.log, journey, AsOf::Position(Position(events.saturating_sub(1))))
    }

    fn load_cards_of(&self, shelf: &Shelf, rows: &Rows) -> Result<(), Error> {
        let journeys: Vec<JourneyId> = rows.journeys().collect::<Result<_, Error>>()?;
        journeys.par_iter().with_min_len(256).try_for_each(|journey| {
            let row = rows.get(&*self.log, *journey)?;
            shelf.projector.remember(*journey, row.as_deref())
        })?;
        shelf.projector.keep(&journeys.into_iter().collect());
        Ok(())
    }
}
