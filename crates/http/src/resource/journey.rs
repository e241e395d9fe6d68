//! One journey at a glance: where the client stands, and where to look further.

use std::collections::BTreeMap;

use axum::{extract, http::HeaderMap, response::Response};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use throughline_access::Need;
use throughline_domain::{JourneyId, Position, Version};
use throughline_projection::Placement;
use throughline_runtime::Projectors;
use utoipa::{IntoParams, ToSchema};

use crate::{
    State, answer,
    api::{Api, Operation},
    gate::Visit,
    parameters::{Moment, Query},
    problem::Problem,
    reading::applied_position,
    resource::history::is_alone,
    sight::Sight,
};

#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct JourneyQuery {
    /// As known then: a time with its offset, or a position.
    #[param(value_type = Option<String>)]
    as_of: Option<Moment>,
    /// As lived until this day.
    #[param(value_type = Option<String>, format = Date)]
    valid_at: Option<Date>,
    /// Refuse to answer before this position is recorded.
    min_position: Option<u64>,
}

/// A journey at a glance.
#[derive(Debug, Serialize, ToSchema)]
struct Overview {
    /// The journey.
    journey: JourneyId,
    /// Its version, as known then.
    version: Version,
    /// The last position of the log that was looked at.
    applied_position: Option<Position>,
    /// As known then; unset for now.
    as_of: Option<String>,
    /// As lived until then; unset for all.
    #[schema(value_type = Option<String>, format = Date)]
    valid_at: Option<Date>,
    /// Where the client stands: role, language, enrolments with programme, site and worker.
    placement: Placement,
    /// The day of the first and of the last fact of the life.
    #[schema(value_type = Option<Vec<String>>)]
    lived: Option<(Date, Date)>,
    /// Facts in the life, amendments applied.
    facts: usize,
    /// Events of the journey that nobody can read any more.
    closed: usize,
    /// The journey this one was merged into.
    merged_into: Option<JourneyId>,
    /// Where to look further, by name.
    links: BTreeMap<&'static str, String>,
}

/// `GET /v1/journeys/{id}`.
pub(crate) fn routes(api: Api, projectors: &Projectors) -> Api {
    let views: Vec<&'static str> = projectors.iter().map(|projector| projector.name()).collect();
    let about =
        "Where the client stands, from the facts as known and as lived then, with links to everything else.";
    let operation = Operation::new(Need::ReadClient, "Journeys", "journey", "A journey at a glance", about)
        .journey()
        .query::<JourneyQuery>()
        .answers::<Overview>("The journey")
        .tagged();
    let handler = move |extract::State(state): extract::State<State>,
                        visit: Visit,
                        Query(query): Query<JourneyQuery>,
                        headers: HeaderMap| overview(state, visit, query, headers, views);
    api.get("/v1/journeys/{id}", handler, operation)
}

async fn overview(
    state: State,
    visit: Visit,
    query: JourneyQuery,
    headers: HeaderMap,
    views: Vec<&'static str>,
) -> Result<Response, Problem> {
    state.recorded(query.min_position)?;
    let as_of = state.as_of("as_of", query.as_of)?;
    let (runtime, blocking) = (state.runtime.clone(), state.blocking.clone());
    let journey = visit.must_be_about()?;
    let work = move || {
        let applied_position = applied_position(runtime.log().events());
        let mut life = runtime.life(journey, as_of)?;
        Sight::of(&state, &visit, &life)?.keep_to(&mut life);
        life.facts.retain(|fact| query.valid_at.is_none_or(|valid_at| fact.occurred.day() <= valid_at));
        let mut placement = Placement::default();
        life.facts.iter().for_each(|fact| placement.fold(fact));
        let days = life.facts.iter().map(|fact| fact.occurred.day());
        let overview = Overview {
            journey,
            version: life.version,
            applied_position,
            as_of: query.as_of.map(|moment| moment.to_string()),
            valid_at: query.valid_at,
            lived: days.clone().min().zip(days.max()),
            facts: life.facts.len(),
            closed: life.closed.len(),
            merged_into: life.merged_into,
            links: links(journey, views),
            placement,
        };
        let plain = query.as_of.is_none() && is_alone(&life);
        let content =
            (&overview.placement, overview.lived, overview.facts, overview.closed, overview.merged_into);
        answer::tagged(&headers, life.version, (!plain).then_some(&content), &overview)
    };
    blocking.read(work).await
}

/// Where to look further from a journey.
pub(crate) fn links(journey: JourneyId, views: Vec<&'static str>) -> BTreeMap<&'static str, String> {
    let link = |name: &'static str| (name, format!("/v1/journeys/{journey}/{name}"));
    let own = ("self", format!("/v1/journeys/{journey}"));
    views.into_iter().chain(["history"]).map(link).chain([own]).collect()
}
