//! The embedded log.

use std::{
    ops::ControlFlow,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{RecvError, channel, sync_channel},
    },
    thread::JoinHandle,
    time::Duration,
};

use jiff::Timestamp;
use throughline_domain::{Draft, ErasureLevel, EventId, JourneyId, Position, Recorded, Version};
use throughline_vault::{MasterKey, NONCE_BYTES, Nonce, Owner, Part, Standing, TAG_BYTES, Vault};
use uuid::Uuid;

use crate::{
    AsOf, Error, EventLog, Expected, History, LIMITS, Receipt, Secret,
    commit::Committer,
    directory::{Directory, check_no_backup},
    erasing::{Certificate, Erasure, Erasures},
    healing::{self, Depth, Healed},
    index::Index,
    journal::{Journal, Setup},
    keys,
    opening::bound_to,
    queue::{Prepared, Queue, Request},
    serving::{CloseAtEnd, serve, spawn},
    store::Store,
    tree::{self, Files, Published, PublishedTree},
    writer::{Answering, CLOSED, Visible, Writer},
};

/// Gives the time of recording. The log never goes back behind the last event it has, whatever the clock says.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// A log in a directory of its own, held by one process at a time. Dropping it finishes what is under way.
pub struct Log {
    pub(crate) store: Arc<Store>,
    pub(crate) vault: Arc<Vault>,
    pub(crate) journal: Arc<Journal>,
    index: Arc<Index>,
    queue: Arc<Queue>,
    pub(crate) writer: Arc<Mutex<Writer>>,
    visible: Arc<Visible>,
    pub(crate) tree: Arc<Published>,
    threads: Vec<JoinHandle<()>>,
    pub(crate) erasures: Erasures,
    /// Last, so that the directory is free only once everything else is gone.
    _directory: Directory,
}

impl Log {
    /// Opens the log in `path`, making it where there is none. What the journal or sled lost is restored from the other.
    pub fn open(path: &Path, clock: Clock) -> Result<Self, Error> {
        Self::open_with(path, None, clock, Setup::default())
    }

    /// The same without its transparency tree: to measure what that costs, and for nothing else.
    #[doc(hidden)]
    pub fn open_without_tree(path: &Path, clock: Clock) -> Result<Self, Error> {
        Self::open_with(path, None, clock, Setup { tree: tree::Upkeep::Off, ..Setup::default() })
    }

    /// The same, with a master key that is kept elsewhere than in `keys/master.key`.
    pub fn open_with_key(path: &Path, master: &MasterKey, clock: Clock) -> Result<Self, Error> {
        Self::open_with(path, Some(master), clock, Setup::default())
    }

    pub(crate) fn open_with(
        path: &Path,
        master: Option<&MasterKey>,
        clock: Clock,
        setup: Setup,
    ) -> Result<Self, Error> {
        let directory = Directory::take(path)?;
        check_no_backup(path)?;
        let vault = Arc::new(keys::open(&directory, master)?);
        let (files, upkeep) = (Files::of(&directory, &setup), setup.tree);
        let Healed { journal, store, .. } = healing::open(&directory, setup, Depth::Tail)?;
        let end = store.end()?;
        let index = Arc::new(Index::open(&directory.index(), &store, end.events)?);
        let mut tree = tree::open(
            &files,
            (&store, &journal),
            &vault,
            (end.events, !directory.is_marked()),
            (Arc::clone(&clock), upkeep),
        )?;
        if !directory.is_marked() {
            tree.begin()?;
            store.flush()?;
            point!(LogMade);
            directory.mark()?;
        }
        let erasures = Erasures::new(directory.erasures(), Arc::clone(&clock));
        let (queue, visible) = (Arc::new(Queue::default()), Arc::new(Visible::new(end.events)));
        let committer = Arc::new(Committer::new(Arc::clone(&journal), Arc::clone(&store)));
        let (answers, given) = channel::<Answering>();
        let writer = Arc::new(Mutex::new(Writer {
            store: Arc::clone(&store),
            committer: Arc::clone(&committer),
            index: Arc::clone(&index),
            vault: Arc::clone(&vault),
            clock,
            end,
            visible: Arc::clone(&visible),
            tree: Arc::clone(&tree.published),
            answers: Some(answers),
        }));
        // They end in the reverse order: each writes what those after it have left to it.
        let published = Arc::clone(&tree.published);
        let threads = vec![
            spawn("log-tree", &directory, {
                let visible = Arc::clone(&visible);
                move || tree.run(&visible)
            })?,
            spawn("log-apply", &directory, move || committer.apply())?,
            spawn("log-index", &directory, {
                let index = Arc::clone(&index);
                move || index.work()
            })?,
            spawn("log-answers", &directory, move || given.into_iter().for_each(|give| give()))?,
            spawn("log-writer", &directory, {
                let (queue, writer) = (Arc::clone(&queue), Arc::clone(&writer));
                move || serve(&queue, &writer)
            })?,
        ];
        let log = Self {
            store,
            vault,
            journal,
            index,
            queue,
            writer,
            visible,
            tree: published,
            threads,
            erasures,
            _directory: directory,
        };
        log.settle_erasures()?;
        Ok(log)
    }
}

impl EventLog for Log {
    fn append(&self, batch: Vec<Draft>, expected: &[Expected]) -> Result<Receipt, Error> {
        self.append_kept(&batch, expected)
    }

    fn append_kept(&self, batch: &[Draft], expected: &[Expected]) -> Result<Receipt, Error> {
        if batch.len() > LIMITS.batch_events_max {
            return Err(Error::TooManyEvents { events: batch.len(), max: LIMITS.batch_events_max });
        }
        if batch.is_empty() {
            return Ok(Receipt { events: Vec::new() });
        }
        let (_under_way, alone) = self.queue.enter();
        let batch = Prepared::all_of(batch)?;
        let (reply, answer) = sync_channel(1);
        let request = Request { batch, expected: expected.to_vec(), reply };
        // Who is alone does the writer's work: nobody is there to share a commit with, and nobody need be woken.
        let writer = if alone { self.writer.try_lock().ok() } else { None };
        if let Some(mut writer) = writer {
            let _closes = CloseAtEnd { queue: &self.queue, only_in_panic: true };
            writer.answer(vec![request], &self.queue);
        } else {
            self.queue.push(request)?;
        }
        answer.recv().unwrap_or_else(|RecvError| Err(Error::ReadOnly("its writer has stopped".to_owned())))
    }

    fn events(&self) -> u64 {
        self.visible.events()
    }

    fn wait_beyond(&self, events: u64, at_most: Duration) -> u64 {
        self.visible.wait_beyond(events, at_most)
    }

    fn read(&self, from: Position, limit: usize) -> Result<History, Error> {
        let end = from.0.saturating_add(limit as u64).min(self.events());
        let mut history = History::default();
        let mut next = from.0;
        while next < end {
            let (opened, after) = self.open_portion(next, end, &|_| true)?;
            history.events.extend(opened.events);
            history.closed.extend(opened.closed);
            next = after;
        }
        Ok(history)
    }

    fn read_journey(&self, journey: JourneyId, as_of: AsOf) -> Result<History, Error> {
        let end = self.events_as_of(as_of)?;
        let places = self.index.places(journey, end)?;
        self.mending(|| self.open_places(journey, &places))
    }

    fn version(&self, journey: JourneyId) -> Result<Version, Error> {
        Ok(Version(self.index.head(journey)?.map_or(0, |head| head.version)))
    }

    fn find(&self, event: EventId) -> Result<Option<Recorded>, Error> {
        let Some(found) = self.index.find(event)? else { return Ok(None) };
        self.mending(|| self.open_found(event, found))
    }

    fn events_at(&self, time: Timestamp) -> Result<u64, Error> {
        self.mending(|| self.events_by(time))
    }

    fn position(&self, event: EventId) -> Result<Option<Position>, Error> {
        Ok(self.index.find(event)?.map(|found| Position(found.position)))
    }

    fn tree(&self) -> &dyn PublishedTree {
        self
    }

    fn head(&self, events: u64) -> Result<[u8; 32], Error> {
        self.store.head(events)
    }

    fn scan(
        &self,
        events: u64,
        select: &(dyn Fn(JourneyId) -> bool + Sync),
        visit: &mut dyn FnMut(History, u64) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let end = events.min(self.events());
        let mut next = 0;
        while next < end {
            let (history, after) = self.open_portion(next, end, select)?;
            next = after;
            visit(history, next)?;
        }
        Ok(())
    }

    fn scan_journeys(
        &self,
        events: u64,
        visit: &(dyn Fn(JourneyId, History) -> ControlFlow<()> + Sync),
    ) -> Result<(), Error> {
        self.visit_journeys(events, visit)
    }

    fn seal(&self, journey: JourneyId, purpose: &str, bytes: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        if matches!(self.vault.standing(journey), Standing::Unknown | Standing::Erased) {
            return Ok(None);
        }
        let nonce = self.vault.nonces(1)?[0];
        let bound_to = bound_to(journey, purpose);
        let mut sealed = Vec::with_capacity(NONCE_BYTES + bytes.len() + TAG_BYTES);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(bytes);
        let message = &mut sealed[NONCE_BYTES..];
        let owner = Owner::Journey(journey);
        let tag = self.vault.seal_in_place(owner, Part::Facts, &nonce, &bound_to, message)?;
        Ok(tag.map(|tag| {
            sealed.extend_from_slice(&tag);
            sealed
        }))
    }

    fn open_sealed(
        &self,
        journey: JourneyId,
        purpose: &str,
        sealed: &[u8],
    ) -> Result<Option<Vec<u8>>, Error> {
        // A key that is not known was lost: there was one when the bytes were sealed.
        if self.vault.standing(journey) == Standing::Erased {
            return Ok(None);
        }
        let (nonce, sealed): (&Nonce, &[u8]) = sealed
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(Error::Vault(throughline_vault::Error::DoesNotOpen))?;
        let bound_to = bound_to(journey, purpose);
        Ok(self.vault.unseal(Owner::Journey(journey), Part::Facts, nonce, &bound_to, sealed)?)
    }

    fn destroy_keys(&self, journey: JourneyId, level: ErasureLevel, order: &Erasure) -> Result<u64, Error> {
        self.destroy(journey, level, order)
    }

    fn certify(&self, journey: JourneyId, level: ErasureLevel) -> Result<Certificate, Error> {
        self.certificate(journey, level)
    }

    fn standing(&self, journey: JourneyId) -> Standing {
        self.vault.standing(journey)
    }

    fn namespace(&self) -> Uuid {
        self.vault.namespace()
    }

    fn derive(&self, purpose: &str) -> Secret {
        self.vault.derive(purpose)
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.queue.close(CLOSED);
        // The writer last in the list ends first: only then is all known that the index and sled must be given.
        while let Some(thread) = self.threads.pop() {
            if thread.join().is_err() {
                tracing::error!("a thread of the log panicked; the next open looks at what it left");
            }
            self.writer.lock().unwrap_or_else(PoisonError::into_inner).answers = None;
            self.index.close();
            self.tree.close(&self.visible);
            if self.threads.len() < 3 {
                self.store.pending.close();
            }
        }
        if let Err(error) = self.store.flush() {
            tracing::error!(%error, "the log was not flushed at its end");
        }
    }
}
