//! The one writer: plans what waits, seals it into a frame, commits it, and answers.

use std::{
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        mpsc::{SendError, Sender},
    },
    time::Duration,
};

use jiff::Timestamp;
use throughline_domain::{Position, Version};
use throughline_vault::Vault;

use crate::{
    Clock, Error, Receipt, Stored,
    commit::Committer,
    frame,
    group::{Answer, Group, Planned},
    index::Index,
    overlay::Indexed,
    queue::{Queue, Request},
    sealing::{self, Sealed},
    store::{End, Store},
    tree::Published,
};

/// Appends that the writer answers itself.
const ANSWERED_HERE_MAX: usize = 2;

/// Writes one log.
pub(crate) struct Writer {
    pub store: Arc<Store>,
    pub committer: Arc<Committer>,
    pub index: Arc<Index>,
    pub vault: Arc<Vault>,
    pub clock: Clock,
    pub end: End,
    pub visible: Arc<Visible>,
    pub tree: Arc<Published>,
    /// Where answers are given that several wait for; none once the log is being closed.
    pub answers: Option<Sender<Answering>>,
}

/// Gives the answers of one commit.
pub(crate) type Answering = Box<dyn FnOnce() + Send>;

/// How many events can be read.
pub(crate) struct Visible {
    events: Mutex<u64>,
    grown: Condvar,
}

impl Writer {
    /// Answers these appends in one commit.
    pub(crate) fn answer(&mut self, requests: Vec<Request>, queue: &Queue) {
        match queue.closed().filter(|reason| reason != CLOSED) {
            None => self.serve(requests, queue),
            Some(reason) => {
                for request in requests {
                    answer(&request, Err(Error::ReadOnly(reason.clone())));
                }
            }
        }
    }

    fn serve(&mut self, requests: Vec<Request>, queue: &Queue) {
        let mut group = Group::new(self.end.events);
        let mut waiting = Vec::new();
        for mut request in requests {
            match group.plan(self, &mut request) {
                Ok(answers) => waiting.push((request, answers)),
                Err(error) => answer(&request, Err(error)),
            }
        }
        if group.events.is_empty() {
            for (request, answers) in waiting {
                answer(&request, Ok(receipt(answers, &group.events, self.end.recorded_at)));
            }
            return;
        }
        match self.write(&group, queue) {
            Ok(recorded_at) => self.acknowledge(group, waiting, recorded_at),
            Err(error) => {
                tracing::error!(%error, "a commit failed");
                for (request, _) in waiting {
                    answer(&request, Err(once_more(&error)));
                }
            }
        }
    }

    /// Answers those whose events were committed. To wake each takes a while, in which the next commit can begin: where
    /// several wait, another thread does it.
    fn acknowledge(&self, group: Group, waiting: Vec<(Request, Vec<Answer>)>, recorded_at: i64) {
        let aside = self.answers.as_ref().filter(|_| waiting.len() > ANSWERED_HERE_MAX);
        let give: Answering = Box::new(move || {
            for (request, answers) in waiting {
                answer(&request, Ok(receipt(answers, &group.events, recorded_at)));
            }
        });
        match aside {
            Some(answers) => {
                if let Err(SendError(give)) = answers.send(give) {
                    give();
                }
            }
            None => give(),
        }
    }

    /// Seals and commits the group; when its events were recorded.
    fn write(&mut self, group: &Group, queue: &Queue) -> Result<i64, Error> {
        self.committer.check_room()?;
        self.vault.ensure(&group.new_journeys)?;
        point!(KeysWritten);
        let recorded_at = (self.clock)().as_microsecond().max(self.end.recorded_at);
        let first = self.end.events;
        let Sealed { mut frame, entries } = sealing::seal(self, &group.events, first, recorded_at)?;
        let count = u32::try_from(entries.len()).expect("a commit is limited in events");
        frame::close(&mut frame, first, count, &self.end.hash);
        let hash = self.committer.commit(first, frame).inspect_err(|error| {
            if !matches!(error, Error::Full { .. }) {
                // Whether it is on the disk is not known, so nothing may follow it until the log is opened again.
                queue.close(&error.to_string());
            }
        })?;
        point!(FrameReadable);
        self.end = End { events: first + u64::from(count), hash, recorded_at };
        self.tree.offer(first, entries.iter().map(|entry| entry.leaf).collect());
        self.index.add(Indexed { end: self.end.events, hash: self.end.hash, entries });
        self.visible.grow(self.end.events);
        Ok(recorded_at)
    }
}

/// Why the queue of a log that is being dropped is closed; what waits is still written.
pub(crate) const CLOSED: &str = "the log is being closed";

impl Visible {
    pub(crate) fn new(events: u64) -> Self {
        Self { events: Mutex::new(events), grown: Condvar::new() }
    }

    pub(crate) fn events(&self) -> u64 {
        *self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn wait_beyond(&self, events: u64, at_most: Duration) -> u64 {
        let known = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, _) = self
            .grown
            .wait_timeout_while(known, at_most, |known| *known <= events)
            .unwrap_or_else(PoisonError::into_inner);
        *known
    }

    /// Waits until there are more than `events` events, or something else ended the wait and was followed by
    /// [`Visible::wake`].
    pub(crate) fn wait_growth(&self, events: u64, ended: impl Fn() -> bool) {
        let known = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.grown.wait_while(known, |known| *known <= events && !ended()));
    }

    /// Lets [`Visible::wait_growth`] see that it was ended.
    pub(crate) fn wake(&self) {
        drop(self.events.lock().unwrap_or_else(PoisonError::into_inner));
        self.grown.notify_all();
    }

    fn grow(&self, events: u64) {
        *self.events.lock().unwrap_or_else(PoisonError::into_inner) = events;
        self.grown.notify_all();
    }
}

fn receipt(answers: Vec<Answer>, events: &[Planned], recorded_at: i64) -> Receipt {
    let recorded_at = Timestamp::from_microsecond(recorded_at).expect("the clock gave this time");
    let stored = |answer| match answer {
        Answer::There(stored) => stored,
        Answer::Planned { nth, repeated } => {
            let planned: &Planned = &events[nth];
            Stored {
                event_id: planned.prepared.event_id,
                journey: planned.prepared.journey,
                position: Position(planned.position),
                version: Version(planned.version),
                recorded_at,
                repeated,
            }
        }
    };
    Receipt { events: answers.into_iter().map(stored).collect() }
}

fn answer(request: &Request, result: Result<Receipt, Error>) {
    // An append that no longer waits for its answer was still made.
    let _ = request.reply.send(result);
}

/// The error for one more of the appends that shared a commit.
fn once_more(error: &Error) -> Error {
    let io = |source: &std::io::Error| std::io::Error::new(source.kind(), source.to_string());
    match error {
        Error::Io { path, source } => Error::Io { path: path.clone(), source: io(source) },
        Error::Vault(throughline_vault::Error::Io { path, source }) => {
            throughline_vault::Error::Io { path: path.clone(), source: io(source) }.into()
        }
        Error::Erased(journey) => Error::Erased(*journey),
        Error::Full { path, room_bytes } => Error::Full { path: path.clone(), room_bytes: *room_bytes },
        other => Error::ReadOnly(other.to_string()),
    }
}
