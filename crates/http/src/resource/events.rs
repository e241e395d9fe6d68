//! The whole log, in pages or as it grows.

use axum::{
    extract,
    http::{HeaderMap, HeaderName, Uri, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use throughline_access::Need;
use throughline_domain::Position;
use utoipa::{IntoParams, ToSchema};

use crate::{
    State, answer,
    api::{Api, Operation, text},
    conditional::one,
    gate::Visit,
    live,
    openapi::WrittenEvent,
    parameters::{Limit, Query},
    problem::{Fault, Kind, Problem},
    reading::{applied_position, next_page},
    wire::{Written, in_order},
};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct EventsQuery {
    /// Only events after this position; from the beginning unless set.
    after: Option<u64>,
    /// Events on a page, 1 to 1000; 100 unless set. A live stream has no pages.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Limit,
    /// Refuse to answer before this position is recorded.
    min_position: Option<u64>,
}

/// A page of the log, in the order of positions.
#[derive(Debug, Serialize, ToSchema)]
struct EventsPage {
    /// The last position of the log.
    applied_position: Option<Position>,
    /// The events: CloudEvents with `position`, `version` and `recordedat`.
    #[schema(value_type = Vec<WrittenEvent>)]
    events: Vec<Json>,
    /// The next page, where there is one already.
    next: Option<String>,
}

/// `GET /v1/events`.
pub(crate) fn routes(api: Api) -> Api {
    let about = "Every event of every journey, by position. With `Accept: text/event-stream` the same as server-sent \
                 events, each with its position as `id`, going on as the log grows; a reader who reconnects sends the \
                 last one as `Last-Event-ID` and misses nothing. A silent stream says so every 15 seconds.";
    let operation = Operation::new(Need::ReadFeed, "Events", "events", "The whole log", about)
        .query::<EventsQuery>()
        .header("Last-Event-ID", "The last position a live reader has seen; it goes before `after`")
        .answers::<EventsPage>("A page of the log, or the log as it grows")
        .answers_as(200, "", "text/event-stream", text())
        .paged();
    api.get("/v1/events", events, operation)
}

async fn events(
    extract::State(state): extract::State<State>,
    visit: Visit,
    Query(query): Query<EventsQuery>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    state.recorded(query.min_position)?;
    let after = match one(&headers, &LAST_EVENT_ID)?.filter(|last| !last.is_empty()) {
        Some(last) => Some(last.parse().map_err(|_| {
            Kind::InvalidHeader
                .because("`Last-Event-ID` is no position of this log")
                .at(Fault::header("Last-Event-ID").hint("send the `id` of the last event seen"))
        })?),
        None => query.after,
    };
    // A reader who has seen the last event may ask for what comes after it; past that nothing can have been seen.
    if let Some(after) = after {
        state.as_of("after", Some(crate::parameters::Moment::Position(Position(after))))?;
    }
    let from = after.map_or(0, |after| after + 1);
    if wants_stream(&headers) {
        return Ok(live::events(state, visit, from).into_response());
    }
    let (runtime, Limit(limit)) = (state.runtime.clone(), query.limit);
    let (written, total) = state
        .blocking
        .read(move || {
            let total = runtime.log().events();
            Ok((in_order(runtime.log().read(Position(from), limit)?), total))
        })
        .await?;
    let last = written.last().map(Written::position);
    let next =
        last.filter(|last| last.0 + 1 < total).map(|last| next_page(&uri, &[("after", &last.to_string())]));
    let events = written.iter().map(|written| written.json(visit.names(&state, written.journey()))).collect();
    let page = EventsPage { applied_position: applied_position(total), events, next: next.clone() };
    Ok(answer::page(&page, next.as_deref()))
}

fn wants_stream(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|range| {
        range.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("text/event-stream")
    })
}
