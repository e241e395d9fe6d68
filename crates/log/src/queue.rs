//! Appends on their way to the one writer.

use std::{
    collections::VecDeque,
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::SyncSender,
    },
    time::Duration,
};

use rayon::prelude::*;
use throughline_domain::{Actor, Draft, EventId, JourneyId};
use throughline_vault::TAG_BYTES;

use crate::{
    Error, Expected, LIMITS, Receipt,
    stored::{self, Plain},
};

/// Fewer events than this are packed on the caller's own thread.
const PARALLEL_MIN: usize = 64;

/// How long an append waits for room.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often the writer lets others run before it takes what waits.
const GATHERING_TURNS_MAX: usize = 64;

/// One append.
pub(crate) struct Request {
    pub batch: Vec<Prepared>,
    pub expected: Vec<Expected>,
    pub reply: SyncSender<Result<Receipt, Error>>,
}

/// A draft with its parts packed, so that the writer has little left to do. Two with the same content are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prepared {
    pub event_id: EventId,
    pub journey: JourneyId,
    pub actor: Actor,
    pub precision: u8,
    pub sealed_by: u8,
    pub plain: Plain,
}

impl Prepared {
    /// Packs a batch; refuses one that is past the limits.
    pub(crate) fn all_of(batch: &[Draft]) -> Result<Vec<Self>, Error> {
        let batch: Vec<Self> = if batch.len() < PARALLEL_MIN {
            batch.iter().map(Self::of).collect()
        } else {
            batch.par_iter().with_min_len(PARALLEL_MIN / 2).map(Self::of).collect()
        };
        let mut batch_bytes = 0;
        for prepared in &batch {
            let bytes = prepared.sealed_bytes();
            if bytes > LIMITS.event_bytes_max {
                let event_id = prepared.event_id;
                return Err(Error::EventTooLarge { event_id, bytes, max: LIMITS.event_bytes_max });
            }
            batch_bytes += bytes;
        }
        if batch_bytes > LIMITS.batch_bytes_max {
            return Err(Error::BatchTooLarge { bytes: batch_bytes, max: LIMITS.batch_bytes_max });
        }
        Ok(batch)
    }

    pub(crate) fn of(draft: &Draft) -> Self {
        Self {
            event_id: draft.event_id,
            journey: draft.journey,
            actor: draft.actor.clone(),
            precision: stored::precision(draft.occurred),
            sealed_by: u8::from(stored::outlives_erasure(&draft.event)),
            plain: stored::pack(draft),
        }
    }

    /// Bytes of both parts once sealed.
    pub(crate) fn sealed_bytes(&self) -> usize {
        let personal = if self.plain.personal.is_empty() { 0 } else { self.plain.personal.len() + TAG_BYTES };
        self.plain.facts.len() + TAG_BYTES + personal
    }
}

impl Request {
    fn bytes(&self) -> usize {
        self.batch.iter().map(Prepared::sealed_bytes).sum()
    }
}

/// The queue.
#[derive(Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
    /// Told when there is work for the writer, if it waits for some.
    work: Condvar,
    /// Told when there is room, if somebody waits for it.
    room: Condvar,
    /// Appends under way, from their beginning to their answer.
    under_way: AtomicUsize,
}

/// An append under way, until dropped.
pub(crate) struct UnderWay<'a>(&'a AtomicUsize);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[derive(Default)]
struct State {
    requests: VecDeque<Request>,
    bytes: usize,
    closed: Option<String>,
    /// Whether the writer waits. Telling nobody takes a call to the system all the same.
    writer_waits: bool,
    /// How many wait for room.
    waiting_for_room: usize,
}

impl State {
    fn is_full(&self) -> bool {
        self.requests.len() >= LIMITS.queue_appends_max || self.bytes >= LIMITS.queue_bytes_max
    }
}

impl Queue {
    /// Says that an append is under way, and whether it is the only one.
    pub(crate) fn enter(&self) -> (UnderWay<'_>, bool) {
        let before = self.under_way.fetch_add(1, Ordering::SeqCst);
        (UnderWay(&self.under_way), before == 0)
    }

    /// Hands an append to the writer; waits a little where the queue is full.
    pub(crate) fn push(&self, request: Request) -> Result<(), Error> {
        let mut state = self.lock();
        if state.is_full() {
            state = self.wait_for_room(state);
        }
        if let Some(reason) = &state.closed {
            return Err(Error::ReadOnly(reason.clone()));
        }
        if state.is_full() {
            return Err(Error::Busy);
        }
        state.bytes += request.bytes();
        state.requests.push_back(request);
        if state.writer_waits {
            self.work.notify_one();
        }
        Ok(())
    }

    fn wait_for_room<'a>(&'a self, mut state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        state.waiting_for_room += 1;
        let full = |state: &mut State| state.closed.is_none() && state.is_full();
        let (mut state, _) =
            self.room.wait_timeout_while(state, PATIENCE, full).unwrap_or_else(PoisonError::into_inner);
        state.waiting_for_room -= 1;
        state
    }

    /// Waits for an append. False once the queue is closed and empty.
    pub(crate) fn wait(&self) -> bool {
        let mut state = self.lock();
        while state.requests.is_empty() && state.closed.is_none() {
            state.writer_waits = true;
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.writer_waits = false;
        }
        !state.requests.is_empty()
    }

    /// Everything that waits, up to what fits one frame.
    pub(crate) fn take(&self) -> Vec<Request> {
        self.gather();
        let mut state = self.lock();
        let (mut events, mut bytes) = (0, 0);
        let mut group = Vec::new();
        while let Some(request) = state.requests.front() {
            events += request.batch.len();
            bytes += request.bytes();
            if !group.is_empty() && (events > LIMITS.batch_events_max || bytes > LIMITS.batch_bytes_max) {
                break;
            }
            state.bytes -= request.bytes();
            group.extend(state.requests.pop_front());
        }
        if state.waiting_for_room > 0 {
            self.room.notify_all();
        }
        group
    }

    /// Lets those come in who are on their way: who was answered and has not gone on yet, who is preparing an append. They
    /// would just miss this commit, and every commit would take half of those who wait. There is no timer: each turn gives
    /// the processor to whoever can use it, and there are only so many turns.
    fn gather(&self) {
        for _ in 0..GATHERING_TURNS_MAX {
            if self.lock().requests.len() >= self.under_way.load(Ordering::SeqCst) {
                return;
            }
            std::thread::yield_now();
        }
    }

    /// Takes no more appends, for this reason; those that wait are still drained.
    pub(crate) fn close(&self, reason: &str) {
        self.lock().closed.get_or_insert_with(|| reason.to_owned());
        self.work.notify_all();
        self.room.notify_all();
    }

    /// Why it is closed, if it is.
    pub(crate) fn closed(&self) -> Option<String> {
        self.lock().closed.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
