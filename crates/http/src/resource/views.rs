//! What each projector says of one client. The routes come from the registry: a projector removed there is gone here.

use axum::{extract, http::HeaderMap, response::Response};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use throughline_access::Need;
use throughline_domain::{JourneyId, Position, Version};
use throughline_log::AsOf;
use throughline_runtime::Projectors;
use utoipa::IntoParams;

use crate::{
    State, answer,
    api::{Api, Operation, reference},
    gate::Visit,
    openapi,
    parameters::{Moment, Query},
    problem::{Kind, Problem},
    reading::applied_position,
    sight::Sight,
};

#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct ViewQuery {
    /// As known then: a time with its offset, or a position.
    #[param(value_type = Option<String>)]
    as_of: Option<Moment>,
    /// As lived until this day: facts that happened later are left out.
    #[param(value_type = Option<String>, format = Date)]
    valid_at: Option<Date>,
    /// The day on which it is asked; today (UTC) unless set, or `valid_at` where that is set.
    #[param(value_type = Option<String>, format = Date)]
    on: Option<Date>,
    /// Wait until the views have taken in this position.
    min_position: Option<u64>,
}

/// What a projector says of one client, and what it rests on.
#[derive(Debug, Serialize)]
struct View {
    journey: JourneyId,
    version: Version,
    applied_position: Option<Position>,
    as_of: Option<String>,
    valid_at: Option<Date>,
    on: Date,
    #[serde(rename = "view")]
    said: Json,
}

/// `GET /v1/journeys/{id}/{projector}`, for each projector registered.
pub(crate) fn routes(mut api: Api, projectors: &Projectors) -> Api {
    for projector in projectors.iter() {
        let name = projector.name();
        let schema = openapi::view_name(name);
        let about =
            "From the facts as known at `as_of` and lived until `valid_at`, as it stands on the day `on`.";
        let operation = Operation::new(
            Need::ReadClient,
            "Views",
            &format!("{name}-of-journey"),
            &format!("One client's {name}"),
            about,
        )
        .journey()
        .query::<ViewQuery>()
        .answers_as(200, "What the view says of this client", "application/json", reference(&schema))
        .refuses(&[Kind::Erased])
        .tagged();
        let handler =
            move |extract::State(state): extract::State<State>,
                  visit: Visit,
                  Query(query): Query<ViewQuery>,
                  headers: HeaderMap| view(state, visit, name, query, headers);
        api = api.get(&format!("/v1/journeys/{{id}}/{name}"), handler, operation);
    }
    api
}

async fn view(
    state: State,
    visit: Visit,
    name: &'static str,
    query: ViewQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    state.reach(query.min_position).await?;
    let as_of = state.as_of("as_of", query.as_of)?;
    let on = query.on.or(query.valid_at).unwrap_or_else(|| state.today());
    let (runtime, blocking) = (state.runtime.clone(), state.blocking.clone());
    let journey = visit.must_be_about()?;
    let work = move || {
        let mut answer = runtime.answer(name, journey, as_of, query.valid_at, on)?;
        if as_of != AsOf::Now {
            let mut life = runtime.life(journey, as_of)?;
            let facts = life.facts.len();
            Sight::of(&state, &visit, &life)?.keep_to(&mut life);
            if life.facts.len() < facts {
                life.facts
                    .retain(|fact| query.valid_at.is_none_or(|valid_at| fact.occurred.day() <= valid_at));
                answer.body = runtime.answer_from(name, &life.facts, on)?;
            }
        }
        let view = View {
            journey,
            version: answer.version,
            applied_position: applied_position(answer.applied),
            as_of: query.as_of.map(|moment| moment.to_string()),
            valid_at: query.valid_at,
            on,
            said: answer.body,
        };
        answer::tagged(&headers, view.version, Some(&(on, &view.said)), &view)
    };
    blocking.read(work).await
}
