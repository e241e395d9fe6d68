//! The one writer: plans what waits, seals it into a frame, commits it, and answers.

use std::{
    collections::HashMap,
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        mpsc::{SendError, Sender},
    },
    time::Duration,
};

use jiff::Timestamp;
use rayon::prelude::*;
use throughline_domain::{JourneyId, Position, Version};
use throughline_vault::{Nonce, Owner, Part, Vault};

use crate::{
    Clock, Error, Receipt, Stored,
    codec::Malformed,
    commit::Committer,
    frame,
    group::{Answer, Group, Planned},
    index::Index,
    overlay::{Entry, Indexed, Place},
    queue::{Queue, Request},
    record::{Bytes, Hash, Record},
    store::{End, Store},
};

/// Fewer events than this are sealed on the writer's own thread.
const PARALLEL_MIN: usize = 64;

/// Appends that the writer answers itself.
const ANSWERED_HERE_MAX: usize = 2;

/// Room for what a record has besides its sealed parts.
const RECORD_BYTES_BESIDES: usize = 160;

/// Writes one log.
pub(crate) struct Writer {
    pub store: Arc<Store>,
    pub committer: Arc<Committer>,
    pub index: Arc<Index>,
    pub vault: Arc<Vault>,
    pub clock: Clock,
    pub end: End,
    pub visible: Arc<Visible>,
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

/// What sealing an event gives.
struct Sealed {
    nonce: Nonce,
    previous_leaf: Hash,
    leaf: Hash,
    facts: Vec<u8>,
    personal: Vec<u8>,
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
        let sealed = self.seal(&group.events, recorded_at)?;
        let first = self.end.events;
        let bytes: usize = sealed.iter().map(|one| one.facts.len() + one.personal.len()).sum();
        let mut body = Vec::with_capacity(bytes + sealed.len() * RECORD_BYTES_BESIDES);
        let mut entries = Vec::with_capacity(sealed.len());
        for (planned, sealed) in group.events.iter().zip(&sealed) {
            let offset = u32::try_from(body.len()).expect("a commit is limited far below 4 GiB");
            record(planned, sealed, recorded_at).write(&mut body);
            entries.push(Entry {
                event_id: planned.prepared.event_id,
                journey: planned.prepared.journey,
                position: planned.position,
                version: planned.version,
                place: Place { frame: first, offset },
                leaf: sealed.leaf,
            });
        }
        let count = u32::try_from(entries.len()).expect("a commit is limited in events");
        let frame = frame::build(first, count, &self.end.hash, &body);
        let hash = self.committer.commit(first, frame).inspect_err(|error| {
            if !matches!(error, Error::Full { .. }) {
                // Whether it is on the disk is not known, so nothing may follow it until the log is opened again.
                queue.close(&error.to_string());
            }
        })?;
        point!(FrameReadable);
        self.end = End { events: first + u64::from(count), hash, recorded_at };
        self.index.add(Indexed { end: self.end.events, hash: self.end.hash, entries });
        self.visible.grow(self.end.events);
        Ok(recorded_at)
    }

    /// Seals every event. Events of one journey follow each other, for each is bound to the one before.
    fn seal(&self, events: &[Planned], recorded_at: i64) -> Result<Vec<Sealed>, Error> {
        let nonces = self.vault.nonces(events.len())?;
        let mut journeys: HashMap<JourneyId, Vec<usize>> = HashMap::new();
        for (nth, planned) in events.iter().enumerate() {
            journeys.entry(planned.prepared.journey).or_default().push(nth);
        }
        let seal_journey = |(journey, members): (&JourneyId, &Vec<usize>)| {
            let mut leaf = self.index.head(*journey)?.map_or([0; 32], |head| head.leaf);
            let mut sealed = Vec::with_capacity(members.len());
            for nth in members {
                let one = self.seal_one(&events[*nth], nonces[*nth], leaf, recorded_at)?;
                leaf = one.leaf;
                sealed.push((*nth, one));
            }
            Ok(sealed)
        };
        let sealed: Vec<Vec<(usize, Sealed)>> = if events.len() < PARALLEL_MIN {
            journeys.iter().map(seal_journey).collect::<Result<_, Error>>()?
        } else {
            journeys.par_iter().map(seal_journey).collect::<Result<_, Error>>()?
        };
        let mut sealed: Vec<(usize, Sealed)> = sealed.into_iter().flatten().collect();
        sealed.sort_unstable_by_key(|(nth, _)| *nth);
        Ok(sealed.into_iter().map(|(_, sealed)| sealed).collect())
    }

    fn seal_one(
        &self,
        planned: &Planned,
        nonce: Nonce,
        previous_leaf: Hash,
        recorded_at: i64,
    ) -> Result<Sealed, Error> {
        let malformed = |error: Malformed| self.store.damaged(planned.position, error);
        let mut sealed =
            Sealed { nonce, previous_leaf, leaf: [0; 32], facts: Vec::new(), personal: Vec::new() };
        let unsealed = record(planned, &sealed, recorded_at);
        let header = unsealed.header(planned.position).map_err(malformed)?;
        let owner = unsealed.owner().map_err(malformed)?;
        let seal = |part, plain: &[u8]| -> Result<Vec<u8>, Error> {
            let bound_to = header.associated_data(planned.prepared.event_id.bytes(), part);
            let sealed = self.vault.seal(owner, part, &nonce, &bound_to, plain)?;
            sealed.ok_or(match owner {
                Owner::Journey(journey) => Error::Erased(journey),
                Owner::Log => Error::Erased(planned.prepared.journey),
            })
        };
        let plain = &planned.prepared.plain;
        let facts = seal(Part::Facts, &plain.facts)?;
        let personal = match plain.personal.as_slice() {
            [] => Vec::new(),
            personal => seal(Part::Personal, personal)?,
        };
        sealed.leaf = header.leaf(&facts, &personal).map_err(malformed)?;
        (sealed.facts, sealed.personal) = (facts, personal);
        Ok(sealed)
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

    fn grow(&self, events: u64) {
        *self.events.lock().unwrap_or_else(PoisonError::into_inner) = events;
        self.grown.notify_all();
    }
}

fn record<'a>(planned: &'a Planned, sealed: &'a Sealed, recorded_at: i64) -> Record<'a> {
    let prepared = &planned.prepared;
    Record {
        event_id: prepared.event_id.bytes(),
        journey: prepared.journey.bytes(),
        version: planned.version,
        tag: prepared.plain.tag,
        sealed_by: prepared.sealed_by,
        precision: prepared.precision,
        actor: prepared.actor.as_str(),
        recorded_at,
        previous_leaf: sealed.previous_leaf,
        nonce: sealed.nonce,
        facts: Bytes(&sealed.facts),
        personal: Bytes(&sealed.personal),
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
