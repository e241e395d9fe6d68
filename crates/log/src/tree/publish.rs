//! Writes the tree behind the commits: tiles first, durable, and only then the checkpoint that needs them.

use std::{
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use throughline_proof::{Checkpoint, Hash, Note, SigningKey, TiledTree};

use super::{Files, Upkeep, leaves, offered::Offered};
use crate::{Clock, Error, journal::Journal, mending::mending, store::Store, writer::Visible};

/// The least time between two checkpoints, and so how far one is behind the events at most while the disk is well.
const PUBLISH_EVERY: Duration = Duration::from_millis(500);

/// How long after a failure it is tried again.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Leaves of one checkpoint, about: what is written is kept at least so often, however far behind the tree is.
const LEAVES_AT_ONCE: usize = 64 * 1024;

/// What is published of a log's tree, and what is on its way there.
pub(crate) struct Published {
    pub files: Files,
    pub key: SigningKey,
    pub upkeep: Upkeep,
    state: Mutex<State>,
    changed: Condvar,
    closing: AtomicBool,
}

#[derive(Default)]
struct State {
    head: Option<Arc<SignedHead>>,
    offered: Offered,
    failing: Option<String>,
}

/// A checkpoint, as it is in its file, and when it was signed.
pub(crate) struct SignedHead {
    pub checkpoint: Checkpoint,
    pub note: Note,
    pub at: Timestamp,
}

/// Writes the tree of one log.
pub(crate) struct Publisher {
    pub published: Arc<Published>,
    pub store: Arc<Store>,
    pub journal: Arc<Journal>,
    pub clock: Clock,
    /// What the files have.
    pub tree: TiledTree,
    /// Size of the checkpoint before the last: who has just read it still finds its partial tiles.
    pub before: u64,
}

impl Published {
    pub(crate) fn new(files: Files, key: SigningKey, upkeep: Upkeep, head: Option<SignedHead>) -> Self {
        let state = State { head: head.map(Arc::new), ..State::default() };
        let (state, changed, closing) = (Mutex::new(state), Condvar::new(), AtomicBool::new(false));
        Self { files, key, upkeep, state, changed, closing }
    }

    /// The last checkpoint; none before the first.
    pub(crate) fn head(&self) -> Option<Arc<SignedHead>> {
        self.lock().head.clone()
    }

    /// How many events the last checkpoint covers.
    pub(crate) fn covered(&self) -> u64 {
        self.lock().covered()
    }

    /// Why no checkpoint can be written at the moment.
    pub(crate) fn failing(&self) -> Option<String> {
        self.lock().failing.clone()
    }

    /// Waits until a checkpoint covers so many events, or the time is up; whether one does.
    pub(crate) fn wait_covered(&self, events: u64, at_most: Duration) -> bool {
        let uncovered = |state: &mut State| state.covered() < events;
        let (state, _) = self
            .changed
            .wait_timeout_while(self.lock(), at_most, uncovered)
            .unwrap_or_else(PoisonError::into_inner);
        state.covered() >= events
    }

    /// Takes in the leaves of a commit.
    pub(crate) fn offer(&self, first: u64, leaves: Vec<Hash>) {
        if self.upkeep == Upkeep::Kept {
            self.lock().offered.add(first, leaves);
        }
    }

    /// Lets [`Publisher::run`] come to its end, with a checkpoint over everything.
    pub(crate) fn close(&self, visible: &Visible) {
        // In hand while the flag is set: whoever is about to wait sees it, or is woken.
        drop((self.lock(), self.closing.store(true, Ordering::SeqCst)));
        self.changed.notify_all();
        visible.wake();
    }

    fn is_closing(&self) -> bool {
        self.closing.load(Ordering::SeqCst)
    }

    /// Waits for so long, or until the log is closed.
    fn pause(&self, at_most: Duration) {
        let open = |_: &mut State| !self.is_closing();
        drop(self.changed.wait_timeout_while(self.lock(), at_most, open));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn covered(&self) -> u64 {
        self.head.as_ref().map_or(0, |head| head.checkpoint.size)
    }
}

impl Publisher {
    /// Follows the log until it is closed. Runs on a thread of its own.
    pub(crate) fn run(mut self, visible: &Visible) {
        while self.published.upkeep == Upkeep::Kept {
            let closing = self.published.is_closing();
            let written = self.begin().and_then(|()| self.catch_up(visible.events()));
            self.tell(written.as_ref().err());
            if closing {
                return;
            }
            if written.is_ok() {
                self.published.pause(PUBLISH_EVERY);
                visible.wait_growth(self.tree.size(), || self.published.is_closing());
            } else {
                self.published.pause(TRY_AGAIN_AFTER);
            }
        }
    }

    /// The public key in its place, and a checkpoint where there is none yet: so one that is missing later was lost.
    pub(crate) fn begin(&mut self) -> Result<(), Error> {
        if self.published.upkeep == Upkeep::Off {
            return Ok(());
        }
        self.write_key()?;
        if self.published.head().is_none() { self.grow(Vec::new()) } else { Ok(()) }
    }

    /// Writes the tree up to so many events, and a checkpoint over them.
    pub(crate) fn catch_up(&mut self, events: u64) -> Result<(), Error> {
        while self.tree.size() < events {
            let leaves = self.leaves(events)?;
            self.grow(leaves)?;
        }
        Ok(())
    }

    /// The next leaves: those that the writer gave, or from the frames.
    fn leaves(&self, events: u64) -> Result<Vec<Hash>, Error> {
        let from = self.tree.size();
        let (mut leaves, first) = {
            let mut state = self.published.lock();
            (state.offered.take(from, LEAVES_AT_ONCE), state.offered.first())
        };
        let until = first.map_or(events, |first| first.clamp(from, events));
        while leaves.is_empty() || leaves.len() < LEAVES_AT_ONCE && from + (leaves.len() as u64) < until {
            let next = from + leaves.len() as u64;
            let read = || leaves::portion(&self.store, next, events);
            leaves.extend(mending(&self.store, &self.journal, read)?);
        }
        Ok(leaves)
    }

    /// Adds leaves: their tiles, durable, then the checkpoint over them, and then what nobody needs any more is removed.
    fn grow(&mut self, leaves: Vec<Hash>) -> Result<(), Error> {
        let files = self.published.files.clone();
        let (mut tree, mut full) = (self.tree.clone(), Vec::new());
        for leaf in leaves {
            full.extend(tree.push(leaf));
        }
        let sign_first = planted!(files, SignBeforeTiles);
        if sign_first {
            self.sign(&tree)?;
        }
        let mut written = files.write();
        for (tile, hashes) in &full {
            written.tile(tile, hashes)?;
        }
        for (tile, hashes) in tree.partial() {
            written.tile(&tile, hashes)?;
        }
        written.sync()?;
        point!(TilesWritten);
        if !sign_first {
            self.sign(&tree)?;
        }
        point!(CheckpointWritten);
        for (tile, _) in &full {
            files.remove_partial(tile, &[]);
        }
        for (tile, hashes) in tree.partial() {
            let width = |size: u64| {
                let then = throughline_proof::Tile::within(tile.level, tile.index, size);
                then.map_or(0, |then| then.width)
            };
            let now = u16::try_from(hashes.len()).expect("a partial tile is small");
            let covered = width(self.published.covered());
            files.remove_partial(&tile, &[width(self.before), width(self.tree.size()), covered, now]);
        }
        self.before = self.tree.size();
        self.tree = tree;
        Ok(())
    }

    /// Signs the head of this tree, and puts it where it is read; one that covers less than the last is not.
    fn sign(&self, tree: &TiledTree) -> Result<(), Error> {
        let Published { files, key, .. } = &*self.published;
        if self.published.head().is_some_and(|head| head.checkpoint.size >= tree.size()) {
            return Ok(());
        }
        let checkpoint =
            Checkpoint::new(key.name(), tree.size(), tree.root()).expect("the key's name can be an origin");
        let note = checkpoint.sign(key).expect("a checkpoint can be a note");
        let mut written = files.write();
        written.put(&files.checkpoint(), note.to_string().as_bytes())?;
        written.sync()?;
        let head = SignedHead { checkpoint, note, at: (self.clock)() };
        self.published.lock().head = Some(Arc::new(head));
        self.published.changed.notify_all();
        Ok(())
    }

    /// Puts the public key where it is read.
    fn write_key(&self) -> Result<(), Error> {
        let Published { files, key, .. } = &*self.published;
        let mut written = files.write();
        written.put(&files.vkey(), format!("{}\n", key.verifier()).as_bytes())?;
        written.sync()
    }

    /// Says once that writing fails, and once that it is well again.
    fn tell(&self, error: Option<&Error>) {
        let told = error.map(Error::to_string);
        let before = std::mem::replace(&mut self.published.lock().failing, told);
        match (before, error) {
            (None, Some(error)) => tracing::error!(
                %error,
                "the transparency tree cannot be written; appends go on, and it is tried again every second"
            ),
            (Some(_), None) => tracing::info!("the transparency tree is written again"),
            _ => {}
        }
    }
}
