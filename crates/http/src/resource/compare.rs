//! What was known of a journey at one moment against another: what changed between two audits, by whom and why.

use axum::{extract, http::HeaderMap, response::Response};
use jiff::civil::Date;
use serde::Deserialize;
use throughline_access::Need;
use throughline_replay::{Comparison, compare::Lives};
use utoipa::IntoParams;

use crate::{
    State, answer,
    api::{Api, Operation},
    gate::Visit,
    parameters::{JourneyPath, Moment, Query},
    problem::Problem,
    sight::Sight,
};

#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct CompareQuery {
    /// The earlier moment: a time with its offset, or a position.
    #[param(value_type = String)]
    from: Moment,
    /// The later moment; now unless set.
    #[param(value_type = Option<String>)]
    to: Option<Moment>,
    /// The day on which both are asked; today (UTC) unless set.
    #[param(value_type = Option<String>, format = Date)]
    on: Option<Date>,
    /// Refuse to answer before this position is recorded.
    min_position: Option<u64>,
}

/// `GET /v1/journeys/{id}/compare`.
pub(crate) fn routes(api: Api) -> Api {
    let about = "What was learned between two moments: facts added, corrected (before and after, by whom and why) and \
                 removed, and the fields of each view that differ.";
    let operation = Operation::new(
        Need::ReadClient,
        "Journeys",
        "compare",
        "What was known then against what is known later",
        about,
    )
    .journey()
    .query::<CompareQuery>()
    .answers::<Comparison>("What differs")
    .tagged();
    api.get("/v1/journeys/{id}/compare", compare, operation)
}

async fn compare(
    extract::State(state): extract::State<State>,
    visit: Visit,
    JourneyPath(journey): JourneyPath,
    Query(query): Query<CompareQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    state.recorded(query.min_position)?;
    let moment = |name, moment: Option<Moment>| -> Result<_, Problem> {
        let as_of = state.as_of(name, moment)?;
        Ok(throughline_replay::Moment { as_of, said: moment.map(|moment| moment.to_string()) })
    };
    let (from, to) = (moment("from", Some(query.from))?, moment("to", query.to)?);
    let on = query.on.unwrap_or_else(|| state.today());
    let (runtime, blocking) = (state.runtime.clone(), state.blocking.clone());
    let names = visit.names(&state, journey);
    let work = move || {
        let mut lives = Lives::read(&runtime, journey, from, to)?;
        for life in [&mut lives.before, &mut lives.after] {
            Sight::of(&state, &visit, life)?.keep_to(life);
        }
        let comparison = lives.compare(&runtime, on, names)?;
        let Comparison { added, corrected, removed, views, .. } = &comparison;
        let content = (on, added, corrected, removed, views);
        answer::tagged(&headers, comparison.to.version, Some(&content), &comparison)
    };
    blocking.read(work).await
}
