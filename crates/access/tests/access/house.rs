//! A house with an access log, a clock one can turn, and a log that can be made to fail.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
};

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use throughline_access::{Access, Caller, NewAccount, Role};
use throughline_domain::{Actor, Code, Draft, JourneyId, Position, Text, testing::journey_id};
use throughline_log::{AsOf, Clock, Error, EventLog, Expected, History, Log, Receipt};

/// The log of a house, which can be told to refuse.
pub struct Stubborn {
    log: Log,
    /// Whether appends fail as a full disk fails them.
    pub full: AtomicBool,
    /// How many events a stream takes before it is full.
    pub stream_max: AtomicU64,
    /// Events read so far.
    pub read: AtomicU64,
}

pub struct House {
    pub access: Arc<Access>,
    pub log: Arc<Stubborn>,
    pub dir: Arc<TempDir>,
    time: Arc<AtomicI64>,
}

impl House {
    pub fn new() -> Self {
        Self::on(Arc::new(TempDir::new().expect("a temporary directory")), Arc::default())
    }

    fn on(dir: Arc<TempDir>, time: Arc<AtomicI64>) -> Self {
        time.fetch_max(1_780_000_000_000_000, Ordering::SeqCst);
        let hands = Arc::clone(&time);
        let clock: Clock = Arc::new(move || {
            Timestamp::from_microsecond(hands.load(Ordering::SeqCst)).expect("a time in a test")
        });
        let log = Arc::new(Stubborn {
            log: Log::open(dir.path(), clock.clone()).expect("a log"),
            full: AtomicBool::new(false),
            stream_max: AtomicU64::new(u64::MAX),
            read: AtomicU64::new(0),
        });
        let access = Arc::new(Access::open(log.clone(), clock).expect("the accounts are read"));
        Self { access, log, dir, time }
    }

    /// The same house, read from its log anew.
    pub fn again(self) -> Self {
        let Self { access, log, dir, time } = self;
        drop(access);
        drop(Arc::into_inner(log).expect("nobody else has the log"));
        Self::on(dir, time)
    }

    pub fn pass(&self, hours: i64) {
        self.time.fetch_add(hours * 3_600_000_000, Ordering::SeqCst);
    }

    pub fn now(&self) -> Timestamp {
        self.access.now()
    }

    pub fn in_hours(&self, hours: i64) -> Timestamp {
        self.now() + SignedDuration::from_hours(hours)
    }

    /// Opens an account.
    pub fn open(&self, name: &str, roles: &[Role]) -> Actor {
        let new =
            NewAccount { roles: set(roles), worker: Some(code("w17")), ..NewAccount::named(actor(name)) };
        self.access.open_account(&keeper(), new).expect("an account opens");
        actor(name)
    }

    /// Opens an account, and lets it in.
    pub fn caller(&self, name: &str, roles: &[Role]) -> Caller {
        let name = self.open(name, roles);
        let token = self.access.issue_token(&keeper(), &name, None, None).expect("a token");
        self.access.caller(&token.text).expect("a good token")
    }
}

pub fn keeper() -> Actor {
    actor("admin:first")
}

pub fn actor(name: &str) -> Actor {
    Actor::new(name).expect("a pseudonym")
}

pub fn code(text: &str) -> Code {
    Code::new(text).expect("a code")
}

pub fn text(words: &str) -> Text {
    Text::new(words).expect("words")
}

pub fn set(roles: &[Role]) -> BTreeSet<Role> {
    roles.iter().copied().collect()
}

/// The n-th client.
pub fn client(n: u128) -> JourneyId {
    journey_id(n)
}

/// Every file below a directory, with its bytes.
pub fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.display().to_string(), std::fs::read(&path).expect("a file")));
        }
    }
    found
}

impl EventLog for Stubborn {
    fn append(&self, batch: Vec<Draft>, expected: &[Expected]) -> Result<Receipt, Error> {
        if self.full.load(Ordering::SeqCst) {
            return Err(Error::Full { path: "access".into(), room_bytes: 0 });
        }
        for draft in &batch {
            let max = self.stream_max.load(Ordering::SeqCst);
            if self.log.version(draft.journey)?.0 >= max {
                return Err(Error::JourneyTooLong { journey: draft.journey, max });
            }
        }
        self.log.append(batch, expected)
    }

    fn read(&self, from: Position, limit: usize) -> Result<History, Error> {
        self.log.read(from, limit).inspect(|history| self.count(history))
    }

    fn read_journey(&self, journey: JourneyId, as_of: AsOf) -> Result<History, Error> {
        self.log.read_journey(journey, as_of).inspect(|history| self.count(history))
    }

    throughline_log::pass_on!(log: events, wait_beyond, version, position, tree, find, events_at, head);
    throughline_log::pass_on!(log: scan, scan_journeys, seal, open_sealed, namespace, derive);
}

impl Stubborn {
    fn count(&self, history: &History) {
        self.read.fetch_add(history.events.len() as u64, Ordering::SeqCst);
    }
}
