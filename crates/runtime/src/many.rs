//! Answers over many journeys: lists of clients, work lists, programme figures.

use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    ops::Bound,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::civil::Date;
use lru::LruCache;
use serde::Serialize;
use throughline_domain::{Code, JourneyId};
use throughline_projection::{Figure, Placement, WorkItem};

use crate::{Error, Filter, GroupBy, Runtime, blocks::place};

const FIGURES_KEPT: NonZeroUsize = NonZeroUsize::new(64).expect("64 is not zero");

/// One line of a work list, with where the client stands.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Work {
    /// The client's journey.
    pub journey: JourneyId,
    /// The programme of the enrolment that last began.
    pub programme: Option<Code>,
    /// Its site.
    pub site: Option<Code>,
    /// Its worker.
    pub worker: Option<Code>,
    /// What is to be done.
    #[serde(flatten)]
    pub item: WorkItem,
}

/// The figures of one group of clients.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Group {
    /// The group; unset for all clients, and for those of whom nothing is recorded.
    pub key: Option<String>,
    /// How many clients are in it.
    pub clients: u64,
    /// Their figures.
    pub figures: Vec<Figure>,
}

type FigureKey = (String, Filter, Option<GroupBy>, Date);

/// The events applied when figures were computed, and the rebuilds there had been.
type Basis = (u64, u64);

type Computed = (Basis, Arc<Vec<Group>>);

/// Figures as last computed, good until another event is applied or a view is rebuilt.
pub(crate) struct FigureCache {
    kept: Mutex<LruCache<FigureKey, Computed>>,
    rebuilds: AtomicU64,
}

impl FigureCache {
    pub fn new() -> Self {
        Self { kept: Mutex::new(LruCache::new(FIGURES_KEPT)), rebuilds: AtomicU64::new(0) }
    }

    /// Another generation of a view is served from now on.
    pub fn rebuilt(&self) {
        self.rebuilds.fetch_add(1, Ordering::SeqCst);
    }

    fn basis(&self, applied: u64) -> Basis {
        (applied, self.rebuilds.load(Ordering::SeqCst))
    }

    fn get(&self, key: &FigureKey, basis: Basis) -> Option<Arc<Vec<Group>>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(key).filter(|(of, _)| *of == basis).map(|(_, groups)| Arc::clone(groups))
    }

    fn put(&self, key: FigureKey, basis: Basis, groups: &Arc<Vec<Group>>) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).put(key, (basis, Arc::clone(groups)));
    }
}

/// A line with its programme, site and worker, where the filter admits it: those of the enrolment it is about where it
/// says so, else those of the client.
fn line(
    journey: JourneyId,
    mut item: WorkItem,
    placement: &Placement,
    filter: &Filter,
    on: Date,
) -> Option<Work> {
    let (programme, site, worker) = if let Some(entered) = &mut item.entered {
        let place = (entered.programme.take(), entered.site.take(), entered.worker.take());
        filter.admits_place(place.0.as_ref(), place.1.as_ref(), place.2.as_ref()).then_some(place)?
    } else {
        let place = filter.admits(journey, placement, on).then(|| placement.place(on))?;
        (
            place.map(|place| place.programme.clone()),
            place.and_then(|place| place.site.clone()),
            place.and_then(|place| place.worker.clone()),
        )
    };
    Some(Work { journey, programme, site, worker, item })
}

impl Runtime {
    /// Clients after this one in the order of their ids, at most `limit`.
    pub fn journeys(
        &self,
        filter: &Filter,
        after: Option<JourneyId>,
        limit: usize,
    ) -> Result<Vec<(JourneyId, Placement)>, Error> {
        self.load_cards()?;
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        Ok(self.placements.with_cards(|cards| {
            cards
                .range((from, Bound::Unbounded))
                .filter(|(journey, placement)| filter.admits(**journey, placement, Date::MAX))
                .take(limit)
                .map(|(journey, placement)| (*journey, Placement::clone(placement)))
                .collect()
        }))
    }

    /// A work list on a date: the longest overdue first.
    pub fn work(&self, list: &str, filter: &Filter, on: Date) -> Result<Vec<Work>, Error> {
        let fills = |name: &str| name == list;
        let projector = self
            .projectors
            .iter()
            .find(|projector| projector.work_lists().iter().any(|work_list| fills(work_list.name)))
            .ok_or_else(|| Error::UnknownWorkList(list.chars().take(80).collect()))?;
        self.load_cards()?;
        let programmes = self.programmes();
        let mut work = self.placements.with_cards(|placements| {
            let mut admits = |journey: JourneyId| {
                placements.get(&journey).is_some_and(|placement| filter.admits_person(journey, placement, on))
            };
            let items = projector.work(list, &mut admits, on, &programmes);
            let placed = items.into_iter().filter_map(|(journey, item)| {
                placements.get(&journey).and_then(|placement| line(journey, item, placement, filter, on))
            });
            placed.collect::<Vec<_>>()
        });
        work.sort_by(|a, b| {
            b.item
                .days
                .cmp(&a.item.days)
                .then(a.journey.cmp(&b.journey))
                .then_with(|| a.item.what.cmp(&b.item.what))
        });
        Ok(work)
    }

    /// A projector's figures over the clients that the filter admits, for each group or for all together.
    pub fn figures(
        &self,
        projector: &str,
        filter: &Filter,
        group_by: Option<&GroupBy>,
        on: Date,
    ) -> Result<Arc<Vec<Group>>, Error> {
        let projector = self.projectors.get(projector)?;
        let basis = self.figures.basis(self.applied());
        let key = (projector.name().to_owned(), filter.clone(), group_by.cloned(), on);
        if let Some(groups) = self.figures.get(&key, basis) {
            return Ok(groups);
        }
        let programmes = self.programmes();
        let rows = self.store.shelf(projector.name())?.rows();
        let row = |journey| rows.get(&*self.log, journey);
        let mut groups = Vec::new();
        for (name, mut journeys) in self.grouped(filter, group_by, on)? {
            journeys.sort_unstable_by_key(|journey| place(*journey));
            let figures = projector.figures(&journeys, &row, on, &programmes)?;
            groups.push(Group { key: name, clients: journeys.len() as u64, figures });
        }
        let groups = Arc::new(groups);
        self.figures.put(key, basis, &groups);
        Ok(groups)
    }

    fn grouped(
        &self,
        filter: &Filter,
        group_by: Option<&GroupBy>,
        on: Date,
    ) -> Result<BTreeMap<Option<String>, Vec<JourneyId>>, Error> {
        self.load_cards()?;
        let mut groups: BTreeMap<Option<String>, Vec<JourneyId>> = BTreeMap::new();
        if group_by.is_none() {
            groups.insert(None, Vec::new());
        }
        self.placements.with_cards(|cards| {
            for (journey, placement) in
                cards.iter().filter(|(journey, placement)| filter.admits(**journey, placement, on))
            {
                let key = group_by.and_then(|group_by| group_by.key(placement, on));
                groups.entry(key).or_default().push(*journey);
            }
        });
        Ok(groups)
    }
}
