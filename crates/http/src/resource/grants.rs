//! Leave to see a client beyond what roles give: granted, ended, or taken in an emergency.

use axum::{extract, response::Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use throughline_access::{Clients, Grant, Need, NewGrant};
use throughline_domain::{Actor, Code, JourneyId, Text, Version};
use utoipa::ToSchema;

use super::accounts::{Ended, code};
use crate::{
    State, answer,
    api::{Api, Operation, reference},
    gate::Visit,
    parameters::{IdPath, JourneyPath, NoParameters, Query},
    problem::{Fault, Kind, Problem},
    small_body::{JSON, SmallBody},
};

/// The grants there are.
#[derive(Debug, Serialize, ToSchema)]
struct Grants {
    /// By account, oldest first; those that ended among them.
    grants: Vec<GrantTo>,
}

/// A grant, and to whom.
#[derive(Debug, Serialize, ToSchema)]
struct GrantTo {
    /// To whom.
    account: Actor,
    /// The grant.
    #[serde(flatten)]
    grant: Grant,
}

/// Leave to give.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GrantToGive {
    /// To whom.
    account: Actor,
    /// Which client: a UUID, or `source:key`; all where unset.
    client: Option<String>,
    /// Whether names, contacts and words are shown too.
    #[serde(default)]
    names: bool,
    /// Until when; until it is ended where unset.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// Why, in a few words. They are kept: name nobody.
    why: Text,
}

/// A grant that was given.
#[derive(Debug, Serialize, ToSchema)]
struct Granted {
    /// Its id, by which it is ended.
    id: Code,
}

/// Why a record must be seen at once.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Emergency {
    /// Why, in a few words. They are kept: name nobody.
    reason: Text,
}

/// The glass is broken.
#[derive(Debug, Serialize, ToSchema)]
struct Broken {
    /// The client whose record is open to the caller.
    journey: JourneyId,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
}

/// `/v1/grants`, `/v1/grants/{id}` and `/v1/journeys/{id}/break-glass`.
pub(crate) fn routes(api: Api) -> Api {
    let op = |id: &str, summary: &str, about: &str| {
        Operation::new(Need::Grant, "Accounts", id, summary, about).query::<NoParameters>()
    };
    let list = op("grants", "The grants", "").answers::<Grants>("The grants");
    let give = op("give-grant", "Let an account see a client", "Nobody grants to themselves.")
        .body("The grant", &[(JSON, reference("GrantToGive"))],
            &json!({ "account": "worker:w17", "client": "0b0f6a3e-3c0f-4a52-9a3f-2f6c54e1a001", "why": "covers for a colleague" }))
        .describes::<GrantToGive>()
        .describes::<Granted>()
        .answers_as(201, "It is given", JSON, reference("Granted"))
        .refuses(&[Kind::InvalidBody, Kind::InvalidPath, Kind::UnknownAccount, Kind::AccountClosed]);
    let end = op("end-grant", "End a grant", "")
        .path("id", "The grant's id")
        .answers::<Ended>("It has ended")
        .refuses(&[Kind::InvalidPath, Kind::UnknownGrant, Kind::AccountClosed]);
    let about = "For who sees a caseload: opens one client's record outside it for a few hours. That it was done, and the \
                 reason, stands in the access log.";
    let glass =
        Operation::new(Need::ReadClient, "Accounts", "break-glass", "See a record in an emergency", about)
            .any_journey()
            .query::<NoParameters>()
            .body(
                "The reason",
                &[(JSON, reference("Emergency"))],
                &json!({ "reason": "found unconscious; allergies?" }),
            )
            .describes::<Emergency>()
            .describes::<Broken>()
            .answers_as(201, "The record is open to you", JSON, reference("Broken"))
            .refuses(&[Kind::InvalidBody, Kind::AccountClosed, Kind::UnknownAccount]);
    api.get("/v1/grants", grants, list)
        .post("/v1/grants", give_grant, give)
        .delete("/v1/grants/{id}", end_grant, end)
        .post("/v1/journeys/{id}/break-glass", break_glass, glass)
}

async fn grants(
    extract::State(state): extract::State<State>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Response {
    let accounts = state.visitors.access().accounts();
    let grants = accounts.iter().flat_map(|account| {
        account.grants.iter().map(|grant| GrantTo { account: account.name.clone(), grant: grant.clone() })
    });
    answer::page(&Grants { grants: grants.collect() }, None)
}

async fn give_grant(
    extract::State(state): extract::State<State>,
    visit: Visit,
    Query(NoParameters {}): Query<NoParameters>,
    SmallBody(asked): SmallBody<GrantToGive>,
) -> Result<Response, Problem> {
    if asked.account == *visit.account() {
        return Err(Kind::NoLeave.because("nobody grants to themselves; ask somebody else who may grant"));
    }
    let client =
        asked.client.map(|client| state.journey_of(&client, Fault::pointer("/client"))).transpose()?;
    let GrantToGive { account: to, names, until, why, .. } = asked;
    let by = visit.account().clone();
    let new = NewGrant { to, client, names, until, why };
    let id = state.change(move |access| access.grant(&by, new)).await?;
    answer::created(&Granted { id })
}

async fn end_grant(
    extract::State(state): extract::State<State>,
    visit: Visit,
    IdPath(id): IdPath,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Response, Problem> {
    let (by, id) = (visit.account().clone(), code(&id)?);
    let grant = id.clone();
    state.change(move |access| access.end_grant(&by, &grant)).await?;
    Ok(answer::page(&Ended { id }, None))
}

async fn break_glass(
    extract::State(state): extract::State<State>,
    visit: Visit,
    JourneyPath(journey): JourneyPath,
    Query(NoParameters {}): Query<NoParameters>,
    SmallBody(Emergency { reason }): SmallBody<Emergency>,
) -> Result<Response, Problem> {
    if visit.leave.clients != Clients::Caseload {
        return Err(
            Kind::NoLeave.because("the glass is for who sees a caseload; your role sees every record it may")
        );
    }
    // Written down first: that there is such a client is told to nobody who did not give a reason.
    let caller = visit.visitor.caller.clone();
    let until = state.change(move |access| access.break_glass(&caller, journey, reason)).await?;
    if state.runtime.log().version(journey)? == Version(0) {
        return Err(throughline_runtime::Error::UnknownJourney(journey).into());
    }
    answer::created(&Broken { journey, until })
}
