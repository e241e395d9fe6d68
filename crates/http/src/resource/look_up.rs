//! Finding a client by another system's key without writing that key into an address, which others log.

use axum::{extract, response::Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use throughline_access::Need;
use throughline_domain::{JourneyId, Version};
use utoipa::ToSchema;

use crate::{
    State, answer,
    api::{Api, Operation, reference},
    gate::Visit,
    parameters::{NoParameters, Query},
    problem::{Fault, Kind, Problem},
    small_body::{JSON, SmallBody},
};

/// Whom to find.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LookUp {
    /// The key of the system that the client was imported from: `hmis:62547`.
    key: String,
}

/// Who was found.
#[derive(Debug, Serialize, ToSchema)]
struct Found {
    /// The journey.
    journey: JourneyId,
    /// Where it is.
    link: String,
}

/// `POST /v1/journeys/look-up`.
pub(crate) fn routes(api: Api) -> Api {
    let about = "Addresses are logged on their way. Here another system's key is in the body; what comes back can stand in \
                 an address.";
    let operation = Operation::new(
        Need::ReadClient,
        "Journeys",
        "look-up",
        "Find a client by another system's key",
        about,
    )
    .journey_in_body()
    .query::<NoParameters>()
    .body("The key", &[(JSON, reference("LookUp"))], &json!({ "key": "hmis:62547" }))
    .describes::<LookUp>()
    .answers::<Found>("The journey")
    .refuses(&[Kind::InvalidBody, Kind::InvalidPath]);
    api.post("/v1/journeys/look-up", look_up, operation)
}

async fn look_up(
    extract::State(state): extract::State<State>,
    visit: Visit,
    Query(NoParameters {}): Query<NoParameters>,
    SmallBody(LookUp { key }): SmallBody<LookUp>,
) -> Result<Response, Problem> {
    let journey = state.journey_of(&key, Fault::pointer("/key"))?;
    visit.is_about(journey);
    state.must_see(&visit, journey).await?;
    if state.runtime.log().version(journey)? == Version(0) {
        return Err(throughline_runtime::Error::UnknownJourney(journey).into());
    }
    Ok(answer::page(&Found { journey, link: format!("/v1/journeys/{journey}") }, None))
}
