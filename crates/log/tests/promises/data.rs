//! A data directory, a clock that is set by hand, and a few facts.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use jiff::Timestamp;
use throughline_domain::{
    Actor, Code, ContactMade, Draft, Event, EventId, Exchange, Eyes, Format, Identity, JourneyId,
    JourneyOpened, Key, Language, Note, Occurred, Role, ServiceDelivered, Source, Text, Words,
};
use throughline_log::{Clock, Log};

pub struct Data {
    directory: tempfile::TempDir,
    seconds: Arc<AtomicI64>,
}

impl Data {
    pub fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap(), seconds: Arc::new(AtomicI64::new(1000)) }
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    pub fn clock(&self) -> Clock {
        let seconds = Arc::clone(&self.seconds);
        Arc::new(move || second(seconds.load(Ordering::SeqCst)))
    }

    pub fn clock_at(&self, seconds: i64) {
        self.seconds.store(seconds, Ordering::SeqCst);
    }

    pub fn open(&self) -> Log {
        Log::open(self.path(), self.clock()).unwrap()
    }
}

pub fn second(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

pub fn journey(n: u64) -> JourneyId {
    JourneyId::from_bytes((0xabcd_0000_u128 + u128::from(n)).to_be_bytes())
}

pub fn event_id(n: u64) -> EventId {
    EventId::from_bytes((0x1234_0000_0000_u128 + u128::from(n)).to_be_bytes())
}

pub fn draft(of: JourneyId, id: u64, event: impl Into<Event>) -> Draft {
    Draft {
        event_id: event_id(id),
        journey: of,
        actor: Actor::new("worker:w1").unwrap(),
        on_behalf_of: None,
        eyes: Eyes::Staff,
        occurred: "2026-03-01T09:30:00+02:00".parse::<Occurred>().unwrap(),
        cause: None,
        source: Some(Source {
            system: Code::new("hmis").unwrap(),
            table: Code::new("services").unwrap(),
            row: Some(Text::new("hmis-row-4711").unwrap()),
            recorded_at: None,
        }),
        event: event.into(),
    }
}

pub fn opened(of: JourneyId, id: u64) -> Draft {
    let name = Some(Text::new("Thandi Mokoena").unwrap());
    let personal = Identity { name, ..Identity::default() };
    let language = Language::new("zu").unwrap();
    draft(of, id, JourneyOpened { role: Role::Participant, language, attributes: [].into(), personal })
}

pub fn served(of: JourneyId, id: u64) -> Draft {
    draft(
        of,
        id,
        ServiceDelivered {
            enrolment: Some(Key::new("e-1").unwrap()),
            service: Code::new("job-readiness-service").unwrap(),
            life_area: Code::new("work").unwrap(),
            format: Format::InPerson,
            minutes: Some(45),
            worker: Some(Code::new("w1").unwrap()),
            with: Vec::new(),
            fit: None,
            cost: None,
            personal: Note::default(),
        },
    )
}

/// A contact with the words said, and the remark of it as often as `times` fits.
pub fn with_words(of: JourneyId, id: u64, words: &str, times: usize) -> Draft {
    let mut draft = draft(
        of,
        id,
        ContactMade {
            format: Format::Phone,
            begun_by: Eyes::Client,
            exchange: Exchange::TwoWay,
            with: vec![Eyes::Caregiver],
            minutes: None,
            worker: None,
            fit: None,
            personal: Words { words: Some(Text::new(words).unwrap()), note: None },
        },
    );
    if times > 4 {
        let text = || Some(Text::new(words).unwrap());
        draft.event = throughline_domain::IntakeHeld {
            enrolment: None,
            surroundings: Vec::new(),
            challenges: Vec::new(),
            opportunities: Vec::new(),
            priorities: Vec::new(),
            values: Vec::new(),
            support_needs: Vec::new(),
            decisions: None,
            capabilities: Vec::new(),
            attributes: [].into(),
            personal: Box::new(throughline_domain::Environment {
                surroundings: text(),
                challenges: text(),
                opportunities: text(),
                support: text(),
                history: text(),
                ..Default::default()
            }),
        }
        .into();
    }
    draft
}

/// Files below `directory` that hold these bytes.
pub fn files_with(directory: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, bytes));
            continue;
        }
        let read = match fs::read(&path) {
            // The tree and sled put files in the place of others while the log is open.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            read => read.unwrap(),
        };
        if read.windows(bytes.len()).any(|window| window == bytes) {
            found.push(path);
        }
    }
    found
}
