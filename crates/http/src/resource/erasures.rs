//! `POST /v1/journeys/{id}/erasures`: de-identifying and erasing a journey, and the certificate.

use axum::{extract, response::Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use throughline_access::Need;
use throughline_domain::{Actor, Code, ErasureLevel, JourneyId};
use throughline_runtime::{Certificate, Erasure, Runtime};
use utoipa::ToSchema;

use crate::{
    State, answer,
    api::{Api, Operation, reference},
    gate::Visit,
    parameters::{JourneyPath, NoParameters, Query},
    problem::{Kind, Problem},
    small_body::{JSON, SmallBody},
};

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
        .body("What is to be erased, and why", &[(JSON, reference("Ordered"))], &example)
        .describes::<Ordered>()
        .answers::<Erased>("The certificate, and what else there is of the same person")
        .refuses(&[Kind::InvalidBody, Kind::Rejected, Kind::ReadOnly, Kind::Full]);
    api.post("/v1/journeys/{id}/erasures", erase, operation)
}

async fn erase(
    extract::State(state): extract::State<State>,
    visit: Visit,
    JourneyPath(journey): JourneyPath,
    Query(NoParameters {}): Query<NoParameters>,
    SmallBody(ordered): SmallBody<Ordered>,
) -> Result<Response, Problem> {
    let (runtime, now) = (state.runtime.clone(), state.now());
    let erased = state
        .blocking
        .append(move || carry_out(&runtime, journey, ordered, visit.account().clone(), now))
        .await?;
    Ok(answer::plain(JSON, answer::bytes(&erased)?))
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
