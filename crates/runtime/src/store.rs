//! Where rows are kept: one tree for each projector and version, its position beside its rows in the same tree, so
//! that both are committed in one batch. Rows are sealed with the keys of every journey that is in them.

use std::{
    collections::{BTreeMap, BTreeSet},
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{
        Arc, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use rayon::prelude::*;
use throughline_domain::{JourneyId, amend};
use throughline_log::{AsOf, EventLog};
use throughline_projection::Programmes;

use crate::{
    Error,
    blocks::{self, Blocks},
    links::Links,
    projector::Projector,
    sealing,
};

const POSITION: &[u8] = b"position";
const ROW: u8 = b'r';
/// Stands where a row was taken away: there may be one in a block.
const NO_ROW: &[u8] = &[];
/// Sled's page cache. Views are read by key and rebuilt at will; the log has first claim on memory.
const CACHE_BYTES: u64 = 128 * 1024 * 1024;

/// How long, and how often, a lock that is about to be given free is waited for.
const RELEASE_WAIT: Duration = Duration::from_millis(50);
const RELEASE_TRIES: u32 = 100;

/// All trees.
pub(crate) struct Store {
    db: sled::Db,
    /// Which generation of a view is served: `engagement@1` → 3.
    generations: sled::Tree,
    links: Arc<Links>,
    /// Streams of programmes that published settings.
    streams: sled::Tree,
    /// What was said once and is said again as it was; no log makes it anew.
    said: sled::Tree,
    pub shelves: Vec<Shelf>,
}

/// One projector with the tree of its rows.
pub(crate) struct Shelf {
    pub projector: Arc<dyn Projector>,
    tree: RwLock<Arc<Rows>>,
    /// Events folded into the generation being built beside the one served; `NOT_REBUILDING` while none is.
    rebuilding: AtomicU64,
}

const NOT_REBUILDING: u64 = u64::MAX;

/// What a journey's row is to be, in plain bytes: none where it keeps none.
pub(crate) type PlainRow = (JourneyId, Option<Vec<u8>>);

/// The rows of one generation of a view: those that a rebuild wrote in [blocks](crate::blocks), those written since each by
/// itself.
pub(crate) struct Rows {
    db: sled::Db,
    tree: sled::Tree,
    links: Arc<Links>,
    purpose: String,
    applied: AtomicU64,
    /// Another generation is served now: the tree goes with the last who reads it.
    retired: AtomicBool,
}

impl Drop for Rows {
    fn drop(&mut self) {
        if self.retired.load(Ordering::SeqCst)
            && let Err(error) = self.db.drop_tree(self.tree.name())
        {
            tracing::warn!(%error, "an old generation of a view is left for the next start to drop");
        }
    }
}

impl Store {
    /// Opens the trees. A view that is ahead of the log cannot be of this log and is begun anew.
    pub fn open(dir: &Path, projectors: &[Arc<dyn Projector>], events: u64) -> Result<Self, Error> {
        let db = open_db(dir)?;
        let generations = db.open_tree("generations")?;
        let links = Arc::new(Links::open(&db)?);
        let streams = db.open_tree("programme-streams")?;
        let said = db.open_tree("said")?;
        let mut shelves = Vec::new();
        for projector in projectors {
            let rows = Rows::open(&db, &links, &generations, &**projector)?;
            if rows.applied() > events {
                tracing::warn!(view = projector.name(), "this view is ahead of the log and is rebuilt");
                rows.tree.clear()?;
                rows.applied.store(0, Ordering::SeqCst);
            }
            shelves.push(Shelf {
                projector: projector.clone(),
                tree: RwLock::new(Arc::new(rows)),
                rebuilding: AtomicU64::new(NOT_REBUILDING),
            });
        }
        let store = Self { db, generations, links, streams, said, shelves };
        store.drop_stale_trees()?;
        Ok(store)
    }

    /// The events that every view has applied.
    pub fn applied(&self) -> u64 {
        self.shelves.iter().map(|shelf| shelf.rows().applied()).min().unwrap_or_default()
    }

    /// The shelf of the projector with this name.
    pub fn shelf(&self, name: &str) -> Result<&Shelf, Error> {
        self.shelves
            .iter()
            .find(|shelf| shelf.projector.name() == name)
            .ok_or_else(|| Error::UnknownProjector(name.chars().take(80).collect()))
    }

    /// A new, empty generation beside the one served.
    pub fn next_generation(&self, shelf: &Shelf) -> Result<(Rows, u64), Error> {
        let key = view_key(&*shelf.projector);
        let next = generation(&self.generations, &key)? + 1;
        let rows = Rows::at(&self.db, &self.links, &key, next)?;
        rows.tree.clear()?;
        rows.applied.store(0, Ordering::SeqCst);
        Ok((rows, next))
    }

    /// Serves this generation from now on. The one before goes once its last reader is done with it.
    pub fn swap(&self, shelf: &Shelf, rows: Rows, number: u64) -> Result<(), Error> {
        rows.tree.flush()?;
        self.generations.insert(view_key(&*shelf.projector), &number.to_be_bytes())?;
        self.generations.flush()?;
        let old =
            std::mem::replace(&mut *shelf.tree.write().expect("trees are replaced whole"), Arc::new(rows));
        old.retired.store(true, Ordering::SeqCst);
        Ok(())
    }

    /// Which lives are linked.
    pub fn links(&self) -> &Links {
        &self.links
    }

    /// Whether this stream was noted as a programme's.
    pub fn is_programme(&self, stream: JourneyId) -> Result<bool, Error> {
        Ok(self.streams.contains_key(stream.bytes())?)
    }

    /// Notes that this stream is a programme's and publishes settings.
    pub fn note_programme(&self, stream: JourneyId) -> Result<(), Error> {
        self.streams.insert(stream.bytes(), &[])?;
        Ok(())
    }

    /// The settings of all programmes whose streams were noted, as known then.
    pub fn programmes(&self, log: &dyn EventLog, as_of: AsOf) -> Result<Programmes, Error> {
        let mut facts = Vec::new();
        for key in self.streams.iter().keys() {
            let stream = journey_from(&key?);
            facts.extend(amend(stream, log.read_journey(stream, as_of)?.events));
        }
        facts.sort_by_cached_key(throughline_domain::Fact::order);
        let mut programmes = Programmes::default();
        for fact in &facts {
            programmes.fold(fact);
        }
        Ok(programmes)
    }

    /// Keeps what is said under this name. It is on disk when this returns.
    pub fn keep_said(&self, name: &str, text: &[u8]) -> Result<(), Error> {
        self.said.insert(name, text)?;
        self.said.flush()?;
        Ok(())
    }

    /// What was said under names that begin so, in the order of the names.
    pub fn said(&self, prefix: &str) -> Result<Vec<Vec<u8>>, Error> {
        self.said.scan_prefix(prefix).values().map(|text| Ok(text?.to_vec())).collect()
    }

    /// Writes everything to disk, as far as it goes: what is lost here is folded again from the log.
    pub fn flush(&self) {
        if let Err(error) = self.db.flush() {
            tracing::warn!(%error, "views could not be flushed; they are caught up from the log on the next start");
        }
    }

    fn drop_stale_trees(&self) -> Result<(), Error> {
        let kept: Vec<sled::IVec> = self
            .shelves
            .iter()
            .map(|shelf| shelf.rows().tree.name())
            .chain([self.generations.name(), self.links.tree_name(), self.streams.name()])
            .chain([self.said.name(), self.db.name()])
            .collect();
        for name in self.db.tree_names() {
            if !kept.contains(&name) {
                self.db.drop_tree(name)?;
            }
        }
        Ok(())
    }
}

impl Shelf {
    /// The rows served now.
    pub fn rows(&self) -> Arc<Rows> {
        self.tree.read().expect("trees are replaced whole").clone()
    }

    /// Events folded into the generation being built beside the one served, while one is.
    pub fn rebuilding(&self) -> Option<u64> {
        Some(self.rebuilding.load(Ordering::Relaxed)).filter(|events| *events != NOT_REBUILDING)
    }

    /// Says how many events a rebuild has folded; none once it is over.
    pub fn note_rebuilding(&self, events: Option<u64>) {
        self.rebuilding.store(events.unwrap_or(NOT_REBUILDING), Ordering::Relaxed);
    }
}

impl Rows {
    fn open(
        db: &sled::Db,
        links: &Arc<Links>,
        generations: &sled::Tree,
        projector: &dyn Projector,
    ) -> Result<Self, Error> {
        let key = view_key(projector);
        Self::at(db, links, &key, generation(generations, &key)?)
    }

    fn at(db: &sled::Db, links: &Arc<Links>, key: &str, generation: u64) -> Result<Self, Error> {
        let tree = db.open_tree(format!("{key}.{generation}"))?;
        let applied = tree.get(POSITION)?.map_or(0, |bytes| number(&bytes));
        Ok(Self {
            db: db.clone(),
            tree,
            links: Arc::clone(links),
            purpose: format!("view/{key}"),
            applied: AtomicU64::new(applied),
            retired: AtomicBool::new(false),
        })
    }

    /// The events applied: positions below are in these rows.
    pub fn applied(&self) -> u64 {
        self.applied.load(Ordering::SeqCst)
    }

    /// The plain row of a journey.
    pub fn get(&self, log: &dyn EventLog, journey: JourneyId) -> Result<Option<Vec<u8>>, Error> {
        let sealed = match self.tree.get(row_key(journey))? {
            Some(sealed) => Some(sealed).filter(|sealed| !sealed.is_empty()),
            None => blocks::find(&self.tree, journey)?,
        };
        sealed.map_or(Ok(None), |sealed| sealing::open(log, &self.purpose, journey, &sealed))
    }

    /// Seals rows to be written; a journey that has none any more, or whose key was destroyed, keeps none, and `rows`
    /// says so afterwards.
    pub fn seal(&self, log: &dyn EventLog, rows: &mut [PlainRow]) -> Result<sled::Batch, Error> {
        let sealed: Vec<Option<Vec<u8>>> = rows
            .par_iter()
            .with_min_len(64)
            .map(|(journey, row)| match row {
                Some(row) => sealing::seal(log, &self.purpose, *journey, &self.links.all_of(*journey), row),
                None => Ok(None),
            })
            .collect::<Result<_, Error>>()?;
        let mut batch = sled::Batch::default();
        for ((journey, row), sealed) in rows.iter_mut().zip(sealed) {
            if let Some(sealed) = sealed {
                batch.insert(&row_key(*journey), sealed);
            } else {
                batch.insert(&row_key(*journey), NO_ROW);
                *row = None;
            }
        }
        Ok(batch)
    }

    /// Seals one row of a generation that is not served yet, to be written with these blocks or by itself; whether its keys
    /// were there. `cluster` has every journey whose life is linked to it.
    pub fn put(
        &self,
        log: &dyn EventLog,
        journey: JourneyId,
        cluster: &BTreeSet<JourneyId>,
        row: &[u8],
        blocks: &Blocks,
    ) -> Result<bool, Error> {
        let sealed = sealing::seal(log, &self.purpose, journey, cluster, row)?;
        let there = sealed.is_some();
        let is_taken = if let Some(sealed) = &sealed {
            blocks.take(&self.tree, journey, sealed)?
        } else {
            blocks.pass(journey);
            false
        };
        if !is_taken {
            self.tree.insert(row_key(journey), sealed.unwrap_or_default())?;
        }
        Ok(there)
    }

    /// Writes the rows of blocks that are not full, and that the rows are those of so many events.
    pub fn finish(&self, blocks: &Blocks, applied: u64) -> Result<(), Error> {
        blocks.finish(&self.tree)?;
        self.commit(sled::Batch::default(), applied)
    }

    /// Writes rows without moving the position.
    pub fn fill(&self, batch: sled::Batch) -> Result<(), Error> {
        Ok(self.tree.apply_batch(batch)?)
    }

    /// Writes rows and position together.
    pub fn commit(&self, mut batch: sled::Batch, applied: u64) -> Result<(), Error> {
        batch.insert(POSITION, &applied.to_be_bytes());
        self.tree.apply_batch(batch)?;
        self.applied.store(applied, Ordering::SeqCst);
        Ok(())
    }

    /// Every journey that has a row, in the order in which rows are read fastest.
    pub fn journeys(&self) -> Result<Vec<JourneyId>, Error> {
        let mut alone = BTreeMap::new();
        for entry in self.tree.scan_prefix([ROW]) {
            let (key, row) = entry?;
            alone.insert(journey_from(&key[1..]), !row.is_empty());
        }
        let mut journeys = blocks::journeys(&self.tree)?;
        journeys.retain(|journey| !alone.contains_key(journey));
        journeys.extend(alone.into_iter().filter(|(_, there)| *there).map(|(journey, _)| journey));
        Ok(journeys)
    }
}

/// Opens the database of views. One that sled cannot open, or panics on, holds nothing that the log does not: it is
/// deleted and the views are begun anew.
fn open_db(dir: &Path) -> Result<sled::Db, Error> {
    let config = sled::Config::new().path(dir).cache_capacity(CACHE_BYTES).flush_every_ms(Some(1000));
    for _ in 0..RELEASE_TRIES {
        match catch_unwind(AssertUnwindSafe(|| config.open())) {
            Ok(Ok(db)) => return Ok(db),
            // Threads of a sled that was just dropped can hold its files for a moment more.
            Ok(Err(sled::Error::Io(error))) if error.to_string().starts_with("could not acquire lock") => {
                std::thread::sleep(RELEASE_WAIT);
            }
            Ok(Err(sled::Error::Io(error))) => {
                return Err(Error::Store(format!("{}: {error}", dir.display())));
            }
            Ok(Err(_)) | Err(_) => {
                tracing::warn!(directory = %dir.display(), "the views were damaged and are rebuilt from the log");
                std::fs::remove_dir_all(dir)
                    .map_err(|error| Error::Store(format!("{}: {error}", dir.display())))?;
            }
        }
    }
    Err(Error::Store(format!("{} is in use by another process", dir.display())))
}

fn view_key(projector: &dyn Projector) -> String {
    format!("{}@{}{}", projector.name(), projector.version(), sealing::LAYOUT)
}

fn generation(generations: &sled::Tree, key: &str) -> Result<u64, Error> {
    Ok(generations.get(key)?.map_or(0, |bytes| number(&bytes)))
}

fn row_key(journey: JourneyId) -> [u8; 17] {
    let mut key = [ROW; 17];
    key[1..].copy_from_slice(&journey.bytes());
    key
}

fn journey_from(bytes: &[u8]) -> JourneyId {
    JourneyId::from_bytes(bytes.try_into().expect("keys of rows and links hold 16-byte journey ids"))
}

fn number(bytes: &[u8]) -> u64 {
    u64::from_be_bytes(bytes.try_into().expect("positions and generations are stored as 8 bytes"))
}
