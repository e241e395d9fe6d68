//! `POST /v1/journeys/{id}/erasures`: de-identifying and erasing a journey, and the certificate.

use axum::{extract, response::Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use throughline_access::Need;
use throughline_domain::{Actor, Code, ErasureLevel, JourneyId};
use throughline_runtime::{Certificate, Erasure, Runtime};
use utoipa::ToSchema;

use crate::{
    State, answer,
    api::{Api, Operation, reference},
    body::{EventsBody, Shape},
    gate::Visit,
    parameters::{JourneyPath, NoParameters, Query},
    problem::{Fault, Kind, Problem},
};

const MEDIA_TYPE: &str = "application/json";

/// What is to be erased, at whose request and why. Codes are kept and can be read by anyone: nothing about one person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Ordered {
    /// `identity`: names, contacts, words and source rows; coded facts stay under a pseudonym. `all`: everything.
    level: ErasureLevel,
    /// Why: `asked`, `retention-ended`.
    reason: Code,
    /// At whose request: `client`, `guardian`, `court`. Never a name.
    requested_by: Code,
    /// The linked journeys too: they hold facts of the same person.
    #[serde(default)]
    #[schema(required = false)]
    linked: bool,
}

/// What was erased.
#[derive(Debug, Serialize, ToSchema)]
struct Erased {
    /// One for each journey, the one in the path first.
    certificates: Vec<Certificate>,
    /// Journeys that hold facts of the same person and were left as they are.
    linked: Vec<JourneyId>,
}

/// `POST /v1/journeys/{id}/erasures`.
pub(crate) fn routes(api: Api) -> Api {
    let about = "Destroys keys of the journey: what they sealed can no longer be read by anyone, here or in a copy of the log. \
                 The log tells that it was so, the views forget at once, and the answer is a certificate signed by the log. \
                 This cannot be taken back; again it is no error and gives the same certificate. A backup of keys from \
                 before still holds them.";
    let example = json!({ "level": "identity", "reason": "asked", "requested_by": "client" });
    let operation = Operation::new(Need::Erase, "Journeys", "erase", "De-identify or erase a journey", about)
        .journey()
        .query::<NoParameters>()
        .body("What is to be erased, and why", &[(MEDIA_TYPE, reference("Ordered"))], &example)
        .describes::<Ordered>()
        .answers::<Erased>("The certificate, and what else there is of the same person")
        .refuses(&[Kind::InvalidOrder, Kind::Rejected, Kind::ReadOnly, Kind::Full]);
    api.post("/v1/journeys/{id}/erasures", erase, operation)
}

async fn erase(
    extract::State(state): extract::State<State>,
    visit: Visit,
    JourneyPath(journey): JourneyPath,
    Query(NoParameters {}): Query<NoParameters>,
    body: EventsBody,
) -> Result<Response, Problem> {
    let ordered = read(&body)?;
    let (runtime, now) = (state.runtime.clone(), state.now());
    let erased = state
        .blocking
        .append(move || carry_out(&runtime, journey, ordered, visit.account().clone(), now))
        .await?;
    Ok(answer::plain(MEDIA_TYPE, answer::bytes(&erased)?))
}

fn read(body: &EventsBody) -> Result<Ordered, Problem> {
    if body.shape != Shape::Either {
        return Err(Kind::WrongMediaType
            .because("an order to erase is no event")
            .at(Fault::header("Content-Type").hint(format!("send {MEDIA_TYPE}"))));
    }
    let hint = "send `level` (`identity` or `all`), `reason` and `requested_by`, both codes";
    let json: Json = serde_json::from_slice(&body.bytes).map_err(|error| {
        let place = Fault { row: Some(error.line()), column: Some(error.column()), ..Fault::default() };
        Kind::MalformedBody.because(error.to_string()).at(place.hint(hint))
    })?;
    serde_json::from_value(json)
        .map_err(|error| Kind::InvalidOrder.because(error.to_string()).at(Fault::pointer("").hint(hint)))
}

fn carry_out(
    runtime: &Runtime,
    journey: JourneyId,
    ordered: Ordered,
    actor: Actor,
    now: jiff::Timestamp,
) -> Result<Erased, Problem> {
    let Ordered { level, reason, requested_by, linked } = ordered;
    let order = Erasure { requested_by, reason, actor };
    let others = runtime.linked_to(journey)?;
    let (too, left) = if linked { (others, Vec::new()) } else { (Vec::new(), others) };
    let certificates = std::iter::once(journey)
        .chain(too)
        .map(|journey| runtime.erase(journey, level, &order, now))
        .collect::<Result<_, _>>()?;
    Ok(Erased { certificates, linked: left })
}
