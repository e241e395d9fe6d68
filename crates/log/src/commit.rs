//! A commit: the frame to the journal, durable; and then readable, while sled is given it in the background.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crate::{Error, frame, journal::Journal, pending::Next, record::Hash, store::Store};

/// Frames from this size on are hashed while the disk syncs them; smaller ones take less time than waking a thread.
const HASHED_ASIDE_BYTES_MIN: usize = 64 * 1024;

/// How often the room on the disk is measured while nothing is written.
const MEASURE_EVERY: Duration = Duration::from_millis(500);

/// Commits the frames of one log.
pub(crate) struct Committer {
    journal: Arc<Journal>,
    store: Arc<Store>,
    /// Whether the disk had room when it was last measured.
    has_room: AtomicBool,
}

impl Committer {
    /// Commits to this journal and this sled.
    pub(crate) fn new(journal: Arc<Journal>, store: Arc<Store>) -> Self {
        let has_room = AtomicBool::new(journal.check_room().is_ok());
        Self { journal, store, has_room }
    }

    /// Refuses where the disk has no room for a commit.
    pub(crate) fn check_room(&self) -> Result<(), Error> {
        if self.has_room.load(Ordering::Relaxed) {
            return Ok(());
        }
        // Measured anew, so that appends go on as soon as there is room.
        self.journal.check_room()?;
        self.has_room.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// When this returns, the frame is durable and can be read; the hash by which the next one names it. Everything that
    /// must happen between sealing a commit and acknowledging it happens here. After [`Error::Full`] nothing was written
    /// and the next commit can be tried; after any other error it is not known what is on the disk, and there is no next
    /// one.
    pub(crate) fn commit(&self, first: u64, frame: Vec<u8>) -> Result<Hash, Error> {
        self.store.pending.check()?;
        self.journal.write(first, &frame)?;
        let sync = || self.journal.sync();
        let (synced, hash) = if frame.len() < HASHED_ASIDE_BYTES_MIN {
            (sync(), frame::hash(&frame))
        } else {
            rayon::join(sync, || frame::hash(&frame))
        };
        synced?;
        self.store.pending.add(first, frame.into());
        Ok(hash)
    }

    /// Takes what was committed to sled, until the log is closed. Runs on a thread of its own.
    pub(crate) fn apply(&self) {
        let _fails = FailAtEnd(&self.store);
        loop {
            match self.store.pending.next(MEASURE_EVERY) {
                Next::Take(frames) => {
                    for kept in frames {
                        if let Err(error) = self.store.put(kept.first, &kept.bytes) {
                            // It stays readable here, and the next open takes it to sled from the journal.
                            tracing::error!(%error, "sled takes no more; the log is closed to writes");
                            self.journal.stop(&error.to_string());
                            return self.store.pending.fail(&error.to_string());
                        }
                        point!(FrameInSled);
                        self.store.pending.settle(kept.first);
                    }
                }
                Next::Nothing => {}
                Next::Closed => return,
            }
            self.has_room.store(self.journal.check_room().is_ok(), Ordering::Relaxed);
        }
    }
}

/// Says that sled takes no more when the thread that writes to it ends, in whatever way.
struct FailAtEnd<'a>(&'a Store);

impl Drop for FailAtEnd<'_> {
    fn drop(&mut self) {
        self.0.pending.fail("the thread that writes to sled has stopped");
    }
}
