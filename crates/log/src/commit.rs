//! A commit: the frame to the journal, and to sled; where it is large, while the disk syncs the journal.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use crate::{Error, frame, journal::Journal, record::Hash, store::Store};

/// Frames below this go to sled on the writer's own thread: that takes less time than waking another.
const HANDED_BYTES_MIN: usize = 16 * 1024;

/// How often the room on the disk is measured while nothing large is written.
const MEASURE_EVERY: Duration = Duration::from_millis(500);

/// Commits the frames of one log.
pub(crate) struct Committer {
    journal: Arc<Journal>,
    store: Arc<Store>,
    /// Whether the disk had room when it was last measured.
    has_room: Arc<AtomicBool>,
    jobs: Option<Sender<Job>>,
    applied: Mutex<Receiver<Result<Hash, Error>>>,
    thread: Option<JoinHandle<()>>,
}

struct Job {
    first: u64,
    frame: Vec<u8>,
}

impl Committer {
    /// Commits to this journal and this sled. Large frames go to sled on a thread of its own, so that the time it takes
    /// is spent while the journal is synced.
    pub(crate) fn start(journal: Arc<Journal>, store: Arc<Store>) -> std::io::Result<Self> {
        let (jobs, received) = channel::<Job>();
        let (answer, applied) = channel();
        let has_room = Arc::new(AtomicBool::new(journal.check_room().is_ok()));
        let apply = {
            let (journal, store, has_room) =
                (Arc::clone(&journal), Arc::clone(&store), Arc::clone(&has_room));
            move || loop {
                match received.recv_timeout(MEASURE_EVERY) {
                    Ok(job) if answer.send(apply_one(&store, &job)).is_ok() => {}
                    Err(RecvTimeoutError::Timeout) => {}
                    Ok(_) | Err(RecvTimeoutError::Disconnected) => break,
                }
                has_room.store(journal.check_room().is_ok(), Ordering::Relaxed);
            }
        };
        let thread = thread::Builder::new().name("log-apply".to_owned()).spawn(apply)?;
        let (jobs, applied, thread) = (Some(jobs), Mutex::new(applied), Some(thread));
        Ok(Self { journal, store, has_room, jobs, applied, thread })
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

    /// When this returns, the frame is durable and can be read; the hash by which the next one names it. Everything that must happen between sealing a commit
    /// and acknowledging it happens here. After [`Error::Full`] nothing was written and the next commit can be tried;
    /// after any other error it is not known what is on the disk, and there is no next one.
    pub(crate) fn commit(&self, first: u64, frame: Vec<u8>) -> Result<Hash, Error> {
        self.journal.write(first, &frame)?;
        let job = Job { first, frame };
        let done = if job.frame.len() < HANDED_BYTES_MIN {
            self.journal.sync().and_then(|()| apply_one(&self.store, &job))
        } else {
            self.sync_and_apply(job)
        };
        done.inspect_err(|error| self.journal.stop(&error.to_string()))
    }

    fn sync_and_apply(&self, job: Job) -> Result<Hash, Error> {
        let handed = self.jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok());
        let synced = self.journal.sync();
        let applied = match self.applied.lock().unwrap_or_else(PoisonError::into_inner).recv() {
            Ok(applied) if handed => applied,
            _ => Err(Error::ReadOnly("the thread that writes to sled has stopped".to_owned())),
        };
        synced.and(applied)
    }
}

fn apply_one(store: &Store, job: &Job) -> Result<Hash, Error> {
    store.put(job.first, &job.frame)?;
    Ok(frame::hash(&job.frame))
}

impl Drop for Committer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that writes to sled panicked; the next open looks at what it left");
        }
    }
}
