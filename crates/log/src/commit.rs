//! A commit: the frame to the journal, and, while the disk syncs it, to sled.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread::{self, JoinHandle},
};

use crate::{Error, journal::Journal, store::Store};

/// Commits the frames of one log.
pub(crate) struct Committer {
    journal: Arc<Journal>,
    jobs: Option<Sender<Job>>,
    applied: Mutex<Receiver<Result<(), Error>>>,
    thread: Option<JoinHandle<()>>,
}

struct Job {
    first: u64,
    frame: Arc<Vec<u8>>,
}

impl Committer {
    /// Commits to this journal and this sled; the latter on a thread of its own, so that the time it takes is spent
    /// while the journal is synced.
    pub(crate) fn start(journal: Arc<Journal>, store: Arc<Store>) -> std::io::Result<Self> {
        let (jobs, received) = channel::<Job>();
        let (answer, applied) = channel();
        let thread = thread::Builder::new().name("log-apply".to_owned()).spawn(move || {
            while let Ok(job) = received.recv() {
                if answer.send(store.put(job.first, &job.frame)).is_err() {
                    break;
                }
            }
        })?;
        Ok(Self { journal, jobs: Some(jobs), applied: Mutex::new(applied), thread: Some(thread) })
    }

    /// Refuses where the disk has no room for a commit.
    pub(crate) fn check_room(&self) -> Result<(), Error> {
        self.journal.check_room()
    }

    /// When this returns, the frame is durable and can be read. Everything that must happen between sealing a commit
    /// and acknowledging it happens here. After [`Error::Full`] nothing was written and the next commit can be tried;
    /// after any other error it is not known what is on the disk, and there is no next one.
    pub(crate) fn commit(&self, first: u64, frame: Vec<u8>) -> Result<(), Error> {
        self.journal.write(first, &frame)?;
        let stopped = || Error::ReadOnly("the thread that writes to sled has stopped".to_owned());
        let job = Job { first, frame: Arc::new(frame) };
        let handed = self.jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok());
        let synced = self.journal.sync();
        let applied = match self.applied.lock().unwrap_or_else(PoisonError::into_inner).recv() {
            Ok(applied) if handed => applied,
            _ => Err(stopped()),
        };
        synced.and(applied).inspect_err(|error| self.journal.stop(&error.to_string()))
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that writes to sled panicked; the next open looks at what it left");
        }
    }
}
