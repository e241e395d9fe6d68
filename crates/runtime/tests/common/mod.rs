//! A log with views in a directory of its own, and a projector that says plainly what it was told.

#![allow(dead_code, reason = "each test file uses what it needs")]

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use throughline_domain::{
    Code, Draft, Event, Fact, Intake, JourneyId,
    testing::{draft, event, event_id, journey_id},
};
use throughline_log::{AsOf, Error as LogError, EventLog, Log, Receipt};
use throughline_projection::{Answers, Figure, Programmes, Projection, Sums, WorkItem, WorkList};
use throughline_runtime::{Error, Filter, Projectors, Runtime};

/// Set while [`Told`] must panic on what happened on [`FRAGILE_ON`], a day that no other test uses.
pub static FRAGILE: AtomicBool = AtomicBool::new(false);
pub const FRAGILE_ON: &str = "2026-04-04";

/// Tells the facts it was told, in the order it was told them.
pub struct Told;

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Facts {
    facts: Vec<(Date, String)>,
    programme: Option<Code>,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct Said {
    facts: Vec<String>,
    exit_after_days: u16,
}

impl Facts {
    fn until(&self, on: Date) -> impl Iterator<Item = &str> {
        self.facts.iter().filter(move |(day, _)| *day <= on).map(|(_, name)| name.as_str())
    }
}

impl Projection for Told {
    const NAME: &'static str = "told";
    const VERSION: u32 = 1;
    type View = Facts;

    fn fold(view: &mut Facts, fact: &Fact) {
        let fragile = fact.occurred.day() == day(FRAGILE_ON) && FRAGILE.load(Ordering::SeqCst);
        assert!(!fragile, "a projector with a mistake");
        if let Event::Intake(Intake::Enrolled(enrolled)) = &fact.event {
            view.programme = Some(enrolled.programme.clone());
        }
        view.facts.push((fact.occurred.day(), fact.event.fact_name().to_owned()));
    }
}

impl Answers for Told {
    type Answer = Said;
    type Card = Facts;
    type Tally = (u64, u64);
    const WORK_LISTS: &'static [WorkList] =
        &[WorkList { name: "told", about: "Everybody of whom anything is told." }];
    const SUMS: Sums = Sums::NONE;

    fn answer(view: &Facts, on: Date, programmes: &Programmes) -> Said {
        Said {
            facts: view.until(on).map(str::to_owned).collect(),
            exit_after_days: programmes.of(view.programme.as_ref()).exit_after_days,
        }
    }

    fn card(view: &Facts) -> Option<Facts> {
        Some(view.clone())
    }

    fn work(card: &Facts, _: &str, on: Date, _: &Programmes) -> Vec<WorkItem> {
        let days = i32::try_from(card.until(on).count()).expect("few facts");
        let item = WorkItem {
            what: "told".to_owned(),
            level: "due",
            due: None,
            since: None,
            days,
            because: String::new(),
            evidence: Vec::new(),
            entered: None,
        };
        vec![item]
    }

    fn tally(tally: &mut (u64, u64), view: &Facts, on: Date, programmes: &Programmes) {
        tally.0 += view.until(on).count() as u64;
        tally.1 += u64::from(programmes.of(view.programme.as_ref()).exit_after_days);
    }

    fn merge(into: &mut (u64, u64), other: (u64, u64)) {
        into.0 += other.0;
        into.1 += other.1;
    }

    fn figures((facts, days): (u64, u64)) -> Vec<Figure> {
        vec![Figure::count("facts", "facts", facts), Figure::count("exit-after", "days", days)]
    }
}

/// A log with its views, gone when dropped.
pub struct World {
    pub runtime: Arc<Runtime>,
    pub log: Arc<Log>,
    time: Arc<AtomicI64>,
    pub dir: TempDir,
}

impl World {
    pub fn new() -> Self {
        Self::over(|log| log)
    }

    /// A world whose views see the log through something else.
    pub fn over<L: EventLog + 'static>(through: impl FnOnce(Arc<Log>) -> Arc<L>) -> Self {
        let dir = TempDir::new().expect("a temporary directory");
        let time = Arc::new(AtomicI64::new(at("2026-06-01T08:00:00Z").as_microsecond()));
        let hands = Arc::clone(&time);
        let clock = move || Timestamp::from_microsecond(hands.load(Ordering::SeqCst)).expect("a time");
        let log = Arc::new(Log::open(dir.path(), Arc::new(clock)).expect("a new log opens"));
        let projectors = Projectors::new().with::<Told>();
        let runtime = Runtime::open(through(Arc::clone(&log)), &dir.path().join("views"), projectors)
            .expect("new views open");
        Self { runtime, log, time, dir }
    }

    /// A world whose views see a log that can be told to stand as it stands for a moment only.
    pub fn behind_a_seam() -> (Self, Arc<Seam>) {
        let mut seam = None;
        let world = Self::over(|log| {
            let made = Arc::new(Seam { log, unread: AtomicU64::new(0), erased: Mutex::new(None) });
            seam = Some(Arc::clone(&made));
            made
        });
        (world, seam.expect("the views see the log through it"))
    }

    /// Sets the clock that gives recording times.
    pub fn at(&self, time: &str) {
        self.time.store(at(time).as_microsecond(), Ordering::SeqCst);
    }

    /// Appends in one piece, without asking the rules, and brings the views up to date.
    pub fn told(&self, drafts: impl IntoIterator<Item = Draft>) {
        self.log.append(drafts.into_iter().collect(), &[]).expect("the log takes what the test gives");
        self.runtime.catch_up().expect("the views follow");
    }

    /// The facts that the view tells of a journey.
    pub fn facts(&self, journey: u128) -> Vec<String> {
        let answer = self.runtime.answer("told", journey_id(journey), AsOf::Now, None, day("2026-06-01"));
        serde_json::from_value(answer.expect("a known journey").body["facts"].take()).expect("names")
    }

    /// Clients, facts and days that the figures count.
    pub fn counted(&self, filter: &Filter, on: &str) -> (u64, u64, u64) {
        let groups = self.runtime.figures("told", filter, None, day(on)).expect("figures");
        let value = |nth: usize| {
            let count = groups[0].figures[nth].value.expect("a count");
            count.to_string().parse().expect("a whole number")
        };
        (groups[0].clients, value(0), value(1))
    }

    /// Everything the views say of these journeys and of all together.
    pub fn says(&self, journeys: &[u128]) -> Json {
        let on = day("2026-06-01");
        let answers: Vec<Json> = journeys
            .iter()
            .map(|journey| {
                let answer = self.runtime.answer("told", journey_id(*journey), AsOf::Now, None, on);
                answer.map_or_else(|error| json!(error.to_string()), |answer| answer.body)
            })
            .collect();
        let placements: Vec<_> = journeys
            .iter()
            .map(|journey| self.runtime.placement(journey_id(*journey)).expect("readable rows"))
            .collect();
        json!({
            "answers": answers,
            "placements": placements,
            "listed": self.runtime.journeys(&Filter::default(), None, 100).expect("a list"),
            "work": self.runtime.work("told", &Filter::default(), on).expect("a work list"),
            "figures": *self.runtime.figures("told", &Filter::default(), None, on).expect("figures"),
        })
    }

    /// Asserts that views rebuilt from zero say the same.
    pub fn rebuilt_says_the_same(&self, journeys: &[u128]) {
        let live = self.says(journeys);
        self.runtime.rebuild(None, &|_, _| {}).expect("a rebuild");
        assert_eq!(live, self.says(journeys), "live on the left, rebuilt on the right");
    }

    /// Views opened again, over the same log.
    pub fn reopened(self) -> Self {
        let Self { runtime, log, time, dir } = self;
        drop(runtime);
        let seam: Arc<dyn EventLog> = log.clone();
        let projectors = Projectors::new().with::<Told>();
        let runtime = Runtime::open(seam, &dir.path().join("views"), projectors).expect("views open again");
        Self { runtime, log, time, dir }
    }

    /// Records as asked of the service: decided, then appended.
    pub fn record(&self, drafts: &[Draft]) -> Result<Receipt, Error> {
        self.runtime.record(drafts, None, at("2026-06-01T08:00:00Z"))
    }
}

/// A log as it stands for a moment: between a commit and its being visible, or with a journey's key destroyed.
pub struct Seam {
    log: Arc<Log>,
    /// How often more the last event is counted in its journey's version and cannot be read yet.
    pub unread: AtomicU64,
    /// The journey whose key was destroyed.
    pub erased: Mutex<Option<JourneyId>>,
}

impl Seam {
    fn is_erased(&self, journey: JourneyId) -> bool {
        *self.erased.lock().expect("no test fails with it in hand") == Some(journey)
    }
}

impl EventLog for Seam {
    fn events(&self) -> u64 {
        let unread = self.unread.load(Ordering::SeqCst);
        self.unread.store(unread.saturating_sub(1), Ordering::SeqCst);
        self.log.events() - u64::from(unread > 0)
    }

    fn seal(&self, journey: JourneyId, purpose: &str, bytes: &[u8]) -> Result<Option<Vec<u8>>, LogError> {
        if self.is_erased(journey) {
            return Ok(None);
        }
        self.log.seal(journey, purpose, bytes)
    }

    fn open_sealed(
        &self,
        journey: JourneyId,
        purpose: &str,
        sealed: &[u8],
    ) -> Result<Option<Vec<u8>>, LogError> {
        if self.is_erased(journey) {
            return Ok(None);
        }
        self.log.open_sealed(journey, purpose, sealed)
    }

    throughline_log::pass_on!(log: append, wait_beyond, read, read_journey, version, position, tree, find);
    throughline_log::pass_on!(log: head, events_at, scan, scan_journeys, namespace, derive);
}

pub fn at(time: &str) -> Timestamp {
    time.parse().expect("a time in a test")
}

pub fn day(text: &str) -> Date {
    text.parse().expect("a date in a test")
}

pub fn code(text: &str) -> Code {
    Code::new(text).expect("a code in a test")
}

pub fn opened(journey: u128, id: u128, day: &str) -> Draft {
    opened_in("en", journey, id, day)
}

pub fn opened_in(language: &str, journey: u128, id: u128, day: &str) -> Draft {
    let facts = json!({"role": "participant", "language": language, "attributes": {}});
    draft(journey_id(journey), id, day, event("intake.journey-opened", facts))
}

pub fn enrolled(journey: u128, id: u128, day: &str, programme: &str) -> Draft {
    enrolled_at(journey, id, day, programme, "north", "w1")
}

pub fn enrolled_at(journey: u128, id: u128, day: &str, programme: &str, site: &str, worker: &str) -> Draft {
    let facts = json!({
        "enrolment": format!("e-{id}"), "programme": programme, "site": site, "worker": worker, "attributes": {},
    });
    draft(journey_id(journey), id, day, event("intake.enrolled", facts))
}

pub fn exited(journey: u128, id: u128, day: &str, enrolment: &str) -> Draft {
    let facts = json!({"enrolment": enrolment, "reason": "completed"});
    draft(journey_id(journey), id, day, event("milestone.exited", facts))
}

pub fn attempted(journey: u128, id: u128, day: &str) -> Draft {
    let facts = json!({"format": "phone", "begun_by": "staff", "reason": "no-answer"});
    draft(journey_id(journey), id, day, event("transaction.contact-attempted", facts))
}

pub fn contacted(journey: u128, id: u128, day: &str) -> Draft {
    let facts = json!({"format": "phone", "begun_by": "client", "exchange": "two-way"});
    draft(journey_id(journey), id, day, event("transaction.contact-made", facts))
}

pub fn retracted(journey: u128, id: u128, of: u128) -> Draft {
    let facts = json!({"event": event_id(of), "why": "wrong-person"});
    draft(journey_id(journey), id, "2026-05-31", event("amendment.retracted", facts))
}

pub fn merged(journey: u128, id: u128, kept: u128, absorbed: u128) -> Draft {
    let facts = json!({"kept": journey_id(kept), "absorbed": journey_id(absorbed)});
    draft(journey_id(journey), id, "2026-05-31", event("amendment.journeys-merged", facts))
}

pub fn split(journey: u128, id: u128, from: u128, into: u128, events: &[u128]) -> Draft {
    let events: Vec<_> = events.iter().map(|n| event_id(*n)).collect();
    let facts = json!({"from": journey_id(from), "into": journey_id(into), "events": events});
    draft(journey_id(journey), id, "2026-05-31", event("amendment.journeys-split", facts))
}

fn template(programme: &str, exit_after_days: u16) -> Json {
    json!({"programme": programme, "version": "1", "steps": [],
           "settings": {"exit_after_days": exit_after_days, "windows": []}})
}

pub fn published(stream: u128, id: u128, day: &str, programme: &str, exit_after_days: u16) -> Draft {
    let event = event("programme.template-published", template(programme, exit_after_days));
    draft(journey_id(stream), id, day, event)
}

pub fn published_rather(stream: u128, id: u128, of: u128, programme: &str, exit_after_days: u16) -> Draft {
    let facts = json!({
        "event": event_id(of), "why": "typing-error", "type": "throughline.programme.template-published.v1",
        "facts": template(programme, exit_after_days),
    });
    draft(journey_id(stream), id, "2026-05-31", event("amendment.corrected", facts))
}
