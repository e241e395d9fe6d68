//! The seam between the log and everything above it.

use std::{path::PathBuf, time::Duration};

use jiff::Timestamp;
use serde::Serialize;
use throughline_domain::{Actor, Draft, ErasureLevel, EventId, JourneyId, Position, Recorded, Version};
use throughline_vault::Standing;
use uuid::Uuid;

use crate::{Certificate, Erasure, tree::PublishedTree};

/// How far back to look: what was known then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AsOf {
    /// Everything recorded.
    #[default]
    Now,
    /// What was recorded at or before this time.
    Time(Timestamp),
    /// What stands at or before this position.
    Position(Position),
}

/// The version a writer believes a journey to have; the append is refused where it has another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// The journey.
    pub journey: JourneyId,
    /// Its version; 0 for a journey that must not exist yet.
    pub version: Version,
}

/// Where an appended event stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Stored {
    /// The event.
    pub event_id: EventId,
    /// Its journey.
    pub journey: JourneyId,
    /// Its place in the log.
    pub position: Position,
    /// Its place in its journey.
    pub version: Version,
    /// When the log wrote it down.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Timestamp,
    /// Whether it was there before: the same event reported again.
    pub repeated: bool,
}

/// What an append comes back with: every event of the batch, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Receipt {
    /// One entry per event of the batch.
    pub events: Vec<Stored>,
}

impl Receipt {
    /// The highest position among them; none for an empty batch.
    pub fn last(&self) -> Option<Position> {
        self.events.iter().map(|stored| stored.position).max()
    }
}

/// An event whose key was destroyed: that it happened is known, what it said is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Closed {
    /// Its place in the log.
    pub position: Position,
    /// Its journey.
    pub journey: JourneyId,
    /// Its place in its journey.
    pub version: Version,
    /// The event's id.
    pub event_id: EventId,
    /// The fact's name on the wire.
    pub type_name: String,
    /// Who recorded it.
    pub actor: Actor,
    /// When the log wrote it down.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Timestamp,
}

/// Events in the order of their positions, and those among them that can no longer be read.
///
/// An event whose personal key alone was destroyed is in `events` with an empty personal part.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    /// What can be read.
    pub events: Vec<Recorded>,
    /// What can not.
    pub closed: Vec<Closed>,
}

/// What the log refuses to take in one piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Events in one batch.
    pub batch_events_max: usize,
    /// Sealed bytes of one event, both parts together.
    pub event_bytes_max: usize,
    /// Sealed bytes of one batch.
    pub batch_bytes_max: usize,
    /// Events of one journey. What the log itself says of a journey, such as that it was erased, is taken beyond.
    pub journey_events_max: u64,
    /// Appends that wait for the writer; more wait two seconds for room and are refused then.
    pub queue_appends_max: usize,
    /// Sealed bytes of the appends that wait.
    pub queue_bytes_max: usize,
}

/// The limits in force.
pub const LIMITS: Limits = Limits {
    batch_events_max: 10_000,
    event_bytes_max: 64 * 1024,
    batch_bytes_max: 16 * 1024 * 1024,
    // The log's own tests reach the end of a shorter journey.
    journey_events_max: if cfg!(test) { 1000 } else { 1_000_000 },
    queue_appends_max: 4096,
    queue_bytes_max: 64 * 1024 * 1024,
};

/// The log. Calls block until done; an append returns once durable and visible.
pub trait EventLog: Send + Sync {
    /// Appends all events or none, in this order. Events already there with the same content are not written again
    /// and come back as `repeated`; a batch that only repeats is never a conflict.
    fn append(&self, batch: Vec<Draft>, expected: &[Expected]) -> Result<Receipt, Error>;

    /// The same, of drafts that the caller keeps.
    fn append_kept(&self, batch: &[Draft], expected: &[Expected]) -> Result<Receipt, Error> {
        self.append(batch.to_vec(), expected)
    }

    /// How many events the log has; the position of the next one.
    fn events(&self) -> u64;

    /// Waits until the log has more than `events` events or the time is up; how many it has then.
    fn wait_beyond(&self, events: u64, at_most: Duration) -> u64;

    /// Up to `limit` events from this position on. Fewer only at the end of the log.
    fn read(&self, from: Position, limit: usize) -> Result<History, Error>;

    /// One journey's own events, as recorded; nothing for an unknown journey.
    fn read_journey(&self, journey: JourneyId, as_of: AsOf) -> Result<History, Error>;

    /// How many events a journey has; 0 for an unknown one.
    fn version(&self, journey: JourneyId) -> Result<Version, Error>;

    /// The event with this id, if the log has it and it can be read.
    fn find(&self, event: EventId) -> Result<Option<Recorded>, Error>;

    /// Where the event with this id stands, also where it can no longer be read.
    fn position(&self, event: EventId) -> Result<Option<Position>, Error>;

    /// The log's transparency tree: checkpoint, tiles, proofs.
    fn tree(&self) -> &dyn PublishedTree;

    /// How many events were recorded at or before this time.
    fn events_at(&self, time: Timestamp) -> Result<u64, Error>;

    /// SHA-256 of the frame that holds the last of the first `events` events. Each frame holds the hash of the one
    /// before, so it stands for all that was written until then; erasing a journey does not change it. Zeros for an
    /// empty log.
    fn head(&self, events: u64) -> Result<[u8; 32], Error>;

    /// Reads the whole log up to `events`, in order, opening only events of journeys that `select` names.
    /// `visit` gets them in portions, with how many events have been passed so far.
    fn scan(
        &self,
        events: u64,
        select: &(dyn Fn(JourneyId) -> bool + Sync),
        visit: &mut dyn FnMut(History, u64) -> Result<(), Error>,
    ) -> Result<(), Error>;

    /// Seals bytes kept elsewhere about a journey with that journey's key, bound to `purpose`.
    /// None where the key was destroyed or the journey is unknown.
    fn seal(&self, journey: JourneyId, purpose: &str, bytes: &[u8]) -> Result<Option<Vec<u8>>, Error>;

    /// Opens what [`EventLog::seal`] sealed for the same journey and purpose. None where the key was destroyed.
    fn open_sealed(&self, journey: JourneyId, purpose: &str, sealed: &[u8])
    -> Result<Option<Vec<u8>>, Error>;

    /// Destroys keys of a journey: what they sealed can no longer be read by anyone, and the log tells that it was so, at
    /// whose request and why. How many events must be applied for views to have heard of it; [`EventLog::certify`] comes
    /// after. Again is no error and destroys nothing more.
    fn destroy_keys(&self, journey: JourneyId, level: ErasureLevel, order: &Erasure) -> Result<u64, Error> {
        let _ = (level, order);
        Err(Error::UnknownJourney(journey))
    }

    /// The certificate of an erasure, signed the first time it is asked for and the same ever after.
    fn certify(&self, journey: JourneyId, level: ErasureLevel) -> Result<Certificate, Error> {
        let _ = level;
        Err(Error::UnknownJourney(journey))
    }

    /// What has become of a journey's keys.
    fn standing(&self, journey: JourneyId) -> Standing {
        let _ = journey;
        Standing::Open
    }

    /// A secret UUID of this log's, made once: the namespace of ids derived from other systems' keys (UUIDv5), so
    /// that the same source row gives the same id here and nobody outside can derive it.
    fn namespace(&self) -> Uuid;

    /// A secret of this log for one purpose, the same each time. Purposes are storage formats: never change one.
    fn derive(&self, purpose: &str) -> Secret;
}

/// 32 bytes that nobody outside can know; gone from memory when dropped.
pub type Secret = zeroize::Zeroizing<[u8; 32]>;

/// Why the log refused or could not.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Somebody else appended to the journey meanwhile.
    #[error("journey {journey} is at version {current}, not {expected}; read it again and decide anew")]
    Conflict {
        /// The journey.
        journey: JourneyId,
        /// The version the writer believed in.
        expected: Version,
        /// The version it has.
        current: Version,
    },
    /// The event id was used before for something else.
    #[error(
        "event id {event_id} is taken by another event at position {position}; send a new id for a new event"
    )]
    EventIdTaken {
        /// The id.
        event_id: EventId,
        /// Where the other event stands.
        position: Position,
    },
    /// A batch past the limit.
    #[error("a batch of {events} events is past the limit of {max}; send it in parts")]
    TooManyEvents {
        /// How many were sent.
        events: usize,
        /// How many may be.
        max: usize,
    },
    /// An event past the limit.
    #[error(
        "event {event_id} takes {bytes} bytes, past the limit of {max}; keep documents elsewhere and refer to them"
    )]
    EventTooLarge {
        /// The event.
        event_id: EventId,
        /// Its sealed size.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// A batch past the limit in bytes.
    #[error("a batch of {bytes} bytes is past the limit of {max}; send it in parts")]
    BatchTooLarge {
        /// Its sealed size.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// A journey past the limit.
    #[error(
        "journey {journey} has {max} events, as many as a journey may have; open a new journey and link it"
    )]
    JourneyTooLong {
        /// The journey.
        journey: JourneyId,
        /// The limit.
        max: u64,
    },
    /// The log has no event of the journey.
    #[error("journey {0} is unknown to the log; check its id")]
    UnknownJourney(JourneyId),
    /// A certificate of an erasure, or the order to erase, is not what was written here.
    #[error("{path}: {what}; take it from where it was kept, or leave it out")]
    BadCertificate {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The journey's key was destroyed: nothing more can be written to it.
    #[error("journey {0} was erased; open a new journey instead")]
    Erased(JourneyId),
    /// The journey's personal key was destroyed: only coded facts can be written to it.
    #[error("journey {0} was de-identified; record its facts without names, words and source rows")]
    Deidentified(JourneyId),
    /// The queue of writers is full.
    #[error("the log is busy; try again in a second")]
    Busy,
    /// The disk has no room. Nothing of the append was written, and the log goes on once there is room again.
    #[error("{path}: the disk is full, {room_bytes} bytes are free; make room and send the events again")]
    Full {
        /// The directory.
        path: PathBuf,
        /// Bytes that are still free.
        room_bytes: u64,
    },
    /// The log takes no writes any more.
    #[error("the log is closed to writes: {0}; restart the service once the cause is gone")]
    ReadOnly(String),
    /// Another process has the directory.
    #[error("{0} is in use by another process; stop it, or ask the server that holds it")]
    Locked(PathBuf),
    /// Written by a newer program.
    #[error("{path} has format {found}, newer than this program's {known}; upgrade throughline to read it")]
    NewerFormat {
        /// The file or directory.
        path: PathBuf,
        /// The format found.
        found: u32,
        /// The newest this program knows.
        known: u32,
    },
    /// What was written is not what is there.
    #[error(
        "{file}, position {position}: {what}; run `throughline verify --deep` to see all that is wrong, `throughline \
         repair` to heal it from the log's other copy, and restore from a backup what neither has"
    )]
    Damaged {
        /// The file or store.
        file: String,
        /// The first position concerned.
        position: Position,
        /// What is wrong.
        what: String,
    },
    /// A backup is not what was written.
    #[error(
        "{file}, position {position}: {what}; take another backup, or restore what lies before with `--to`"
    )]
    BackupDamaged {
        /// The file.
        file: String,
        /// The first position concerned.
        position: Position,
        /// What is wrong.
        what: String,
    },
    /// A log was being restored into this directory, and is there in part.
    #[error("{0}: a restore into it was cut short; restore into it again, which begins anew")]
    RestoreUnfinished(PathBuf),
    /// A backup was being taken into this directory, and is there in part.
    #[error("{0}: a backup into it was cut short; take it again, which begins anew")]
    BackupUnfinished(PathBuf),
    /// A backup, where a log is to be opened.
    #[error("{0} is a backup; `throughline --data NEW restore {0}` makes a log of it")]
    IsBackup(PathBuf),
    /// The keys cannot be used.
    #[error(transparent)]
    Vault(#[from] throughline_vault::Error),
    /// The disk said no.
    #[error("{path}: {source}")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}
