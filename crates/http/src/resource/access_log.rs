//! Who read what.

use std::sync::Arc;

use axum::{extract, http::Uri, response::Response};
use serde::{Deserialize, Serialize};
use throughline_access::{Entry, Need, Wanted};
use throughline_domain::{Actor, Position};
use utoipa::{IntoParams, ToSchema};

use crate::{
    State, answer,
    api::{Api, Operation},
    cursor,
    gate::Visit,
    parameters::{Limit, Query},
    problem::{Fault, Problem},
    reading::next_page,
};

#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct AccessQuery {
    /// What concerns this client: who read the record, who was refused, who was granted leave. A UUID, or `source:key`.
    client: Option<String>,
    /// What this account did, and what was done to it.
    #[param(value_type = Option<String>)]
    account: Option<Actor>,
    /// Who brought the event at this position of the record in.
    brought: Option<u64>,
    /// Where to go on, as `next` gave it.
    cursor: Option<String>,
    /// Lines on a page, 1 to 1000; 100 unless set.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Limit,
}

/// A page of the access log, oldest first.
#[derive(Debug, Serialize, ToSchema)]
struct AccessPage {
    /// The lines.
    entries: Vec<Entry>,
    /// The next page, where there is one.
    next: Option<String>,
}

/// `GET /v1/access-log`.
pub(crate) fn routes(api: Api) -> Api {
    let about = "Every look at a client's record, every list, export and refusal was written down before it was answered, and \
                 for every append and import, which account sent it and where its events stand.";
    let operation = Operation::new(Need::ReadAccess, "Accounts", "access-log", "Who read what", about)
        .query::<AccessQuery>()
        .answers::<AccessPage>("A page of the access log")
        .paged()
        .refuses(&[crate::problem::Kind::InvalidPath]);
    api.get("/v1/access-log", access_log, operation)
}

async fn access_log(
    extract::State(state): extract::State<State>,
    visit: Visit,
    Query(query): Query<AccessQuery>,
    uri: Uri,
) -> Result<Response, Problem> {
    let client =
        query.client.map(|client| state.journey_of(&client, Fault::parameter("client"))).transpose()?;
    let walk = cursor::Query::of(visit.account(), &("access-log", client, &query.account, query.brought));
    let from = query.cursor.map(|cursor| walk.place::<8>(&cursor)).transpose()?;
    let from = from.map(|place| Position(u64::from_be_bytes(place)));
    let brought = query.brought.map(Position);
    let wanted = Wanted { client, account: query.account, brought, since: None, from };
    let access = Arc::clone(state.visitors.access());
    let page = state.blocking.read(move || Ok(access.log(&wanted, query.limit.0)?)).await?;
    let next = page.next.map(|next| next_page(&uri, &[("cursor", &walk.cursor(&next.0.to_be_bytes()))]));
    Ok(answer::page(&AccessPage { entries: page.entries, next: next.clone() }, next.as_deref()))
}
