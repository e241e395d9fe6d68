//! Which backtests were asked, and when: each is registered on the log before its results are read, and each that came
//! to its end is noted there.
//!
//! The text of the spec is kept with its registration, the report only as its hash: whoever has the log can run the
//! spec again and gets the same bytes. A spec is its text; another text is another try. Tries that name no family are
//! one family.

use jiff::{Timestamp, tz::Offset};
use serde::Serialize;
use sha2::{Digest, Sha256};
use throughline_domain::{
    Actor, BacktestFinished, BacktestRegistered, Code, Draft, Event, EventId, Eyes, JourneyId, Note,
    Occurred, Programme, Recorded, Score, Text,
};
use throughline_log::{AsOf, Error as LogError, EventLog, hexadecimal};
use throughline_stats::holm;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Error, Guard, Spec, spec::Kind};

/// The family of specs that name none.
const UNNAMED: &str = "unnamed";

/// How early a spec was registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = backtest::Standing)]
pub enum Standing {
    /// Before the last day it asks about was over: what it asks about had not all happened.
    BeforeTheFacts,
    /// Before any result of its family was read.
    BeforeTheResults,
    /// After results of its family were read: what it finds is a guess to be tried on new data.
    Exploratory,
}

/// A spec's registration, as its report tells it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = backtest::Registration)]
pub struct Registration {
    /// SHA-256 of the spec's text, in hexadecimal.
    pub spec: String,
    /// The family of tries it belongs to.
    #[schema(value_type = String)]
    pub family: Code,
    /// When it was registered.
    #[schema(value_type = String, format = DateTime)]
    pub registered_at: Timestamp,
    /// Where the registration stands in the log.
    pub position: u64,
    /// How early that was.
    pub standing: Standing,
    /// How many specs of the family were registered, this one counted.
    pub tries: u64,
    /// How many specs of any family were.
    pub tries_in_all: u64,
}

/// One try of the family that gave a p-value.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = backtest::Tried)]
pub struct Tried {
    /// SHA-256 of its spec.
    pub spec: String,
    /// Whether it is the one reported.
    pub this: bool,
    /// Its p-value.
    pub p_value: f64,
    /// Adjusted after Holm for every try of the family; one of which nothing is known as yet counts as if it had
    /// found nothing.
    pub adjusted: f64,
}

/// SHA-256 of a spec's text, in hexadecimal.
pub fn hash_of(text: &str) -> String {
    hexadecimal(&Sha256::digest(text.as_bytes()))
}

/// The family that a spec belongs to.
pub fn family_of(spec: &Spec) -> Code {
    spec.report.family.clone().unwrap_or_else(|| code(UNNAMED))
}

/// The stream on which all tries of a log stand.
pub fn stream(namespace: Uuid) -> JourneyId {
    JourneyId::new(Uuid::new_v5(&namespace, b"journey/throughline-backtest:tries"))
}

/// The id of the event that registers the spec with this hash. It names the backtest over HTTP too.
pub fn id_of(namespace: Uuid, hash: &str) -> EventId {
    EventId::new(Uuid::new_v5(&namespace, format!("throughline/backtest/{hash}/registered").as_bytes()))
}

fn finished_id(namespace: Uuid, hash: &str) -> EventId {
    EventId::new(Uuid::new_v5(&namespace, format!("throughline/backtest/{hash}/finished").as_bytes()))
}

/// Registers a spec; one that is registered already stays as it was.
pub fn register(log: &dyn EventLog, text: &str, now: Timestamp) -> Result<Recorded, Error> {
    let spec = Spec::parse(text)?;
    let (family, hash) = (family_of(&spec), hash_of(text));
    let id = id_of(log.namespace(), &hash);
    if let Some(registered) = log.find(id)? {
        return Ok(registered);
    }
    let note = Text::new(text).expect("a spec is no longer than a text may be");
    let event = BacktestRegistered { family, spec: code(&hash), personal: Note { note: Some(note) } };
    match log.append(vec![draft(log.namespace(), id, now, event.into())], &[]) {
        // Somebody else registered it at the same time, on another day of theirs.
        Ok(_) | Err(LogError::EventIdTaken { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    log.find(id)?.ok_or(Error::Log(LogError::Erased(stream(log.namespace()))))
}

/// The text of a registered spec; none where it is not registered, or was erased.
pub fn text_of(log: &dyn EventLog, id: EventId) -> Result<Option<String>, Error> {
    Ok(log.find(id)?.and_then(|recorded| match recorded.draft.event {
        Event::Programme(Programme::BacktestRegistered(told)) => {
            told.personal.note.map(|text| text.as_str().to_owned())
        }
        _ => None,
    }))
}

/// What a backtest came to, to be noted.
pub(crate) struct Ended<'a> {
    pub spec: &'a str,
    pub family: &'a Code,
    pub kind: Kind,
    pub refused: Option<Guard>,
    pub p_value: Option<f64>,
    pub events: u64,
    pub report: &'a str,
}

impl Ended<'_> {
    /// Notes it. Where the spec came to its end before, that stays.
    pub fn note(&self, log: &dyn EventLog, now: Timestamp) -> Result<(), Error> {
        let id = finished_id(log.namespace(), self.spec);
        if log.find(id)?.is_some() {
            return Ok(());
        }
        let event = BacktestFinished {
            family: self.family.clone(),
            spec: code(self.spec),
            kind: code(self.kind.name()),
            answer: code(if self.refused.is_some() { "refused" } else { "given" }),
            guard: self.refused.map(|guard| code(guard.name())),
            p_value: self.p_value.and_then(|p_value| Score::new(p_value).ok()),
            events: self.events,
            report: code(self.report),
            personal: Note::default(),
        };
        match log.append(vec![draft(log.namespace(), id, now, event.into())], &[]) {
            Ok(_) | Err(LogError::EventIdTaken { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn draft(namespace: Uuid, event_id: EventId, now: Timestamp, event: Event) -> Draft {
    Draft {
        event_id,
        journey: stream(namespace),
        actor: Actor::new("system:backtest").expect("an actor"),
        on_behalf_of: None,
        eyes: Eyes::System,
        occurred: Occurred::On(Offset::UTC.to_datetime(now).date()),
        cause: None,
        source: None,
        event,
    }
}

/// Every try of a log.
#[derive(Debug)]
pub struct Tries {
    registered: Vec<(u64, Timestamp, BacktestRegistered)>,
    finished: Vec<(u64, BacktestFinished)>,
}

impl Tries {
    /// Reads them.
    pub fn read(log: &dyn EventLog) -> Result<Self, Error> {
        let (mut registered, mut finished) = (Vec::new(), Vec::new());
        for recorded in log.read_journey(stream(log.namespace()), AsOf::Now)?.events {
            let position = recorded.position.0;
            match recorded.draft.event {
                Event::Programme(Programme::BacktestRegistered(told)) => {
                    registered.push((position, recorded.recorded_at, told));
                }
                Event::Programme(Programme::BacktestFinished(told)) => finished.push((position, told)),
                _ => {}
            }
        }
        Ok(Self { registered, finished })
    }

    /// How this spec came to its end the first time.
    pub fn finished(&self, hash: &str) -> Option<&BacktestFinished> {
        self.finished.iter().map(|(_, told)| told).find(|told| told.spec.as_str() == hash)
    }

    /// The registration of a spec, as one who reads the first `events` events knows it. None where it is not
    /// registered there.
    pub(crate) fn registration(&self, hash: &str, as_of: Timestamp, events: u64) -> Option<Registration> {
        let within = || self.registered.iter().filter(|(position, ..)| *position < events);
        let (position, registered_at, told) = within().find(|(.., told)| told.spec.as_str() == hash)?;
        let read_before = self
            .finished
            .iter()
            .any(|(at, other)| at < position && other.family == told.family && other.spec != told.spec);
        let standing = if read_before {
            Standing::Exploratory
        } else if as_of > *registered_at {
            Standing::BeforeTheFacts
        } else {
            Standing::BeforeTheResults
        };
        Some(Registration {
            spec: hash.to_owned(),
            family: told.family.clone(),
            registered_at: *registered_at,
            position: *position,
            standing,
            tries: within().filter(|(.., other)| other.family == told.family).count() as u64,
            tries_in_all: within().count() as u64,
        })
    }

    /// The p-values of a family, as one who reads the first `events` events knows them, with this one's; adjusted
    /// after Holm. Empty where this one has none.
    pub(crate) fn adjusted(
        &self,
        registration: &Registration,
        p_value: Option<f64>,
        events: u64,
    ) -> Result<Vec<Tried>, Error> {
        let Some(p_value) = p_value else { return Ok(Vec::new()) };
        let others = || {
            self.finished.iter().filter(|(position, told)| {
                *position < events
                    && told.family == registration.family
                    && told.spec.as_str() != registration.spec
            })
        };
        let with_p = others().filter_map(|(_, told)| Some((told.spec.to_string(), told.p_value?.get())));
        let mut known: Vec<(String, f64)> = with_p.chain([(registration.spec.clone(), p_value)]).collect();
        known.sort_by(|one, other| one.0.cmp(&other.0));
        let without_p = others().filter(|(_, told)| told.p_value.is_none()).count();
        let unknown =
            usize::try_from(registration.tries).unwrap_or(usize::MAX).saturating_sub(known.len() + without_p);
        let values: Vec<f64> =
            known.iter().map(|(_, value)| *value).chain(std::iter::repeat_n(1.0, unknown)).collect();
        let adjusted = holm(&values)?;
        let tried = known.into_iter().zip(adjusted).map(|((spec, p_value), adjusted)| Tried {
            this: spec == registration.spec,
            spec,
            p_value,
            adjusted,
        });
        Ok(tried.collect())
    }
}

fn code(text: &str) -> Code {
    Code::new(text).expect("a digest, a name of this crate: a code")
}
