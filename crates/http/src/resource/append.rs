//! Appending: one event or a batch, all or none.

use std::sync::Arc;

use axum::{
    extract,
    http::{HeaderMap, HeaderName},
    response::Response,
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use throughline_access::{Need, stretches};
use throughline_domain::{Draft, JourneyId, Position, Version};
use throughline_exchange::{cloud_event, json::Sent};
use throughline_log::{Error as LogError, LIMITS, Stored};
use throughline_runtime::{Error, Runtime};
use utoipa::ToSchema;

use crate::{
    State, answer,
    api::{Api, Operation, reference},
    body::{EventsBody, MEDIA_TYPES, Shape},
    conditional::{Demand, one},
    gate::Visit,
    once::{Given, Seen},
    openapi,
    parameters::{JourneyPath, NoParameters, Query},
    problem::{Fault, Kind, Problem},
    refuse::{invalid_event, unrecorded, unsigned},
    writing::may_write,
};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// What an append comes back with: where every event stands.
#[derive(Debug, Serialize, ToSchema)]
struct Appended {
    /// The journey.
    journey: JourneyId,
    /// Each event of the batch, in its order; a merge or split also has its twin in the other journey.
    events: Vec<Stored>,
    /// The highest position among them. Give it as `min_position` to read what was written.
    position: Option<Position>,
    /// The version the journey has now, as in the `ETag`.
    version: Version,
}

/// `POST /v1/journeys/{id}/events`.
pub(crate) fn routes(api: Api) -> Api {
    let contents: Vec<_> = MEDIA_TYPES
        .iter()
        .map(|(media_type, shape)| match shape {
            Shape::One => (*media_type, reference("CloudEvent")),
            Shape::Batch => (*media_type, openapi::batch()),
            Shape::Either => (*media_type, openapi::one_or_batch()),
        })
        .collect();
    let about = "One CloudEvent or a batch of them, all or none. `actor` is the account that calls; only machine writers name \
                 another. Staff append to their caseload, and open a journey with a batch that makes them its worker. Each event carries its own id (a UUID chosen by \
                 whoever reports it): the same event again is not written again, for ever. Which account sent them is in the \
                 access log before the answer; where that fails (`unrecorded`) the same is sent again. A batch holds at most \
                 10,000 events, a body at most 17 MiB, an event at most 64 KiB sealed.";
    let example = json!({
        "specversion": "1.0", "id": "0b0f6a3e-3c0f-4a52-9a3f-2f6c54e1a001", "source": "intake-desk",
        "type": "throughline.intake.journey-opened.v1",
        "data": {
            "occurred": "2026-03-01", "eyes": "staff", "actor": "worker:w17",
            "facts": { "role": "participant", "language": "en" }
        }
    });
    let operation = Operation::new(Need::Append, "Journeys", "append", "Append events to a journey", about)
        .any_journey()
        .query::<NoParameters>()
        .header(
            "If-Match",
            "Append only if the journey has this version: an `ETag` as it was given, or `*` for any",
        )
        .header("If-None-Match", "`*`: append only if the journey is not open yet")
        .header(
            "Idempotency-Key",
            "Names this request: sent again with the same body, its answer is given again",
        )
        .body("Events to append", &contents, &example)
        .answers_as(201, "Durable, and readable from now on", "application/json", reference("Appended"))
        .answers_header("ETag", "The journey's version")
        .refuses(&[
            Kind::AnotherName,
            Kind::InvalidEvent,
            Kind::Rejected,
            Kind::EventTooLarge,
            Kind::TooManyEvents,
            Kind::Conflict,
            Kind::EventIdTaken,
            Kind::StaleVersion,
            Kind::InFlight,
            Kind::KeyReused,
            Kind::Erased,
            Kind::Deidentified,
            Kind::ReadOnly,
            Kind::Full,
        ]);
    api.post("/v1/journeys/{id}/events", append, operation).describe(|components| {
        <Appended as ToSchema>::schemas(components);
        components.push(("Appended".to_owned(), <Appended as utoipa::PartialSchema>::schema()));
    })
}

async fn append(
    extract::State(state): extract::State<State>,
    visit: Visit,
    JourneyPath(journey): JourneyPath,
    Query(NoParameters {}): Query<NoParameters>,
    headers: HeaderMap,
    body: EventsBody,
) -> Result<Response, Problem> {
    let demand = Demand::of(&headers)?;
    let key = one(&headers, &IDEMPOTENCY_KEY)?.map(key).transpose()?;
    let worker = state.clone();
    let given = move || {
        // Read before anything is looked up: what is wrong with a body is told without telling whether a client is there.
        let batch = Batch::read(journey, &visit, &body)?;
        may_write(&worker, visit.caseload(&worker).as_ref(), journey, &batch.drafts)?;
        let turn = match key {
            None => None,
            Some(key) => {
                match worker.once.seen(visit.account(), journey, &key, Sha256::digest(&body.bytes).into()) {
                    Seen::New(turn) => Some(turn),
                    Seen::Answered(given) => return Ok(given),
                    Seen::InFlight => {
                        return Err(Kind::InFlight
                    .because("a request with this `Idempotency-Key` is still being answered; try again in a second")
                    .at(Fault::header("Idempotency-Key")));
                    }
                    Seen::OtherBody => {
                        return Err(Kind::KeyReused
                    .because("this `Idempotency-Key` was used with another body; use a new key for a new request")
                    .at(Fault::header("Idempotency-Key")));
                    }
                }
            }
        };
        let (access, caller, what) = (worker.visitors.access(), &visit.visitor.caller, visit.what());
        access.must_take(caller, what, Some(journey)).map_err(|error| unrecorded(&error))?;
        let from = worker.now();
        let appended = record(&worker.runtime, journey, demand, &batch, from)?;
        let fresh = appended.events.iter().filter(|stored| !stored.repeated).count() as u64;
        // Those that were there before too: the answer to whoever sent them may have got lost, and this with it.
        let positions = stretches(appended.events.iter().map(|stored| stored.position));
        let noted = access.record_brought(caller, (what, Some(journey)), &positions, fresh);
        worker.metrics.appended(fresh, from, worker.now());
        noted.map_err(|error| unsigned(&error))?;
        let given = Given { version: appended.version, body: answer::bytes(&appended)?.into() };
        if let Some(turn) = turn {
            turn.answered(given.clone());
        }
        Ok(given)
    };
    Ok(answer::appended(state.blocking.append(given).await?))
}

fn key(key: &str) -> Result<String, Problem> {
    if key.is_empty() || key.len() > 255 {
        return Err(Kind::InvalidHeader
            .because("an `Idempotency-Key` has 1 to 255 visible ASCII characters")
            .at(Fault::header("Idempotency-Key").hint("a fresh UUID does well")));
    }
    Ok(key.to_owned())
}

fn record(
    runtime: &Arc<Runtime>,
    journey: JourneyId,
    demand: Demand,
    batch: &Batch,
    now: Timestamp,
) -> Result<Appended, Problem> {
    let expected = match demand {
        Demand::At(version) => Some(version),
        Demand::New => Some(Version(0)),
        Demand::Open if runtime.log().version(journey)? == Version(0) => {
            return Err(Kind::StaleVersion
                .because("`If-Match: *` asks for an open journey, and this one is not open yet")
                .at(Fault::header("If-Match"))
                .with_version(Version(0)));
        }
        Demand::None | Demand::Open => None,
    };
    let ids: Vec<_> = batch.drafts.iter().map(|draft| draft.event_id).collect();
    let receipt = runtime
        .record(&batch.drafts, expected, now)
        .map_err(|error| refused(error, demand, |index| batch.shape.pointer(index), &ids))?;
    let own = receipt.events.iter().filter(|stored| stored.journey == journey);
    let version = if receipt.events.iter().any(|stored| stored.repeated) {
        runtime.log().version(journey)?
    } else {
        own.map(|stored| stored.version).max().unwrap_or_default()
    };
    Ok(Appended { journey, position: receipt.last(), version, events: receipt.events })
}

/// The problem an append was refused for, with the place of the event it is about.
fn refused(
    error: Error,
    demand: Demand,
    pointer: impl Fn(usize) -> String,
    ids: &[throughline_domain::EventId],
) -> Problem {
    let place = |id| ids.iter().position(|known| *known == id).map_or_else(String::new, &pointer);
    match error {
        Error::Rejected { index, rejection } => {
            let fault = Fault::pointer(format!("{}/data{}", pointer(index), rejection.pointer));
            Kind::Rejected.because(rejection.message).at(fault.hint(format!("rule `{}`", rejection.rule)))
        }
        Error::MixedJourneys { index } => Kind::InvalidEvent
            .because("the event is about another journey than the path names")
            .at(Fault::pointer(format!("{}/subject", pointer(index)))),
        Error::Log(error @ LogError::Conflict { current, .. }) => {
            let said = error.to_string();
            match demand {
                Demand::New => Kind::StaleVersion
                    .because(format!("the journey is already open, at version {current}"))
                    .at(Fault::header("If-None-Match"))
                    .with_version(current),
                Demand::At(_) => {
                    Kind::StaleVersion.because(said).at(Fault::header("If-Match")).with_version(current)
                }
                Demand::None | Demand::Open => error.into(),
            }
        }
        Error::Log(error @ LogError::EventIdTaken { event_id, .. }) => Kind::EventIdTaken
            .because(error.to_string())
            .at(Fault::pointer(format!("{}/id", place(event_id)))),
        Error::Log(error @ LogError::EventTooLarge { event_id, .. }) => {
            Kind::EventTooLarge.because(error.to_string()).at(Fault::pointer(place(event_id)))
        }
        other => other.into(),
    }
}

/// The events of a body.
struct Batch {
    shape: BatchShape,
    drafts: Vec<Draft>,
}

#[derive(Clone, Copy)]
enum BatchShape {
    One,
    Many,
}

impl BatchShape {
    fn pointer(self, index: usize) -> String {
        match self {
            Self::One => String::new(),
            Self::Many => format!("/{index}"),
        }
    }
}

impl Batch {
    fn read(journey: JourneyId, visit: &Visit, body: &EventsBody) -> Result<Self, Problem> {
        let sent: Sent = serde_json::from_slice(&body.bytes).map_err(|error| {
            let fault = Fault { row: Some(error.line()), column: Some(error.column()), ..Fault::default() };
            Kind::MalformedBody
                .because(error.to_string())
                .at(fault.hint("send one CloudEvent as a JSON object, or an array of them"))
        })?;
        let json = sent.once().map_err(|error| invalid_event("", error))?;
        let (shape, events) = match (json, body.shape) {
            (Json::Array(events), Shape::Batch | Shape::Either) => (BatchShape::Many, events),
            (event @ Json::Object(_), Shape::One | Shape::Either) => (BatchShape::One, vec![event]),
            (_, Shape::Batch) => return Err(shapeless("a batch is an array of events")),
            (_, Shape::One) => {
                return Err(shapeless(
                    "an event is an object; send a batch as \
                                                     `application/cloudevents-batch+json`",
                ));
            }
            (_, Shape::Either) => {
                return Err(shapeless("send one event as an object, or a batch as an array"));
            }
        };
        let max = LIMITS.batch_events_max;
        if events.len() > max {
            return Err(LogError::TooManyEvents { events: events.len(), max }.into());
        }
        if events.is_empty() {
            return Err(shapeless("the batch is empty; send at least one event"));
        }
        let drafts = events.into_iter().enumerate().map(|(index, event)| {
            let draft = cloud_event::from_json(event, Some(journey), Some(visit.account().clone()))
                .map_err(|error| invalid_event(&shape.pointer(index), error))?;
            visit.signs(&draft.actor, &format!("{}/data/actor", shape.pointer(index)))?;
            Ok(draft)
        });
        Ok(Self { shape, drafts: drafts.collect::<Result<_, Problem>>()? })
    }
}

fn shapeless(detail: &str) -> Problem {
    Kind::InvalidEvent.because(detail).at(Fault::pointer(""))
}
