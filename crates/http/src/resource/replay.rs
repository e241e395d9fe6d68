//! A journey's record step by step, as a page for people.

use axum::{extract, response::Response};
use jiff::civil::Date;
use serde::Deserialize;
use throughline_access::{Names, Need};
use throughline_domain::Position;
use throughline_log::AsOf;
use throughline_replay::Replay;
use throughline_runtime::Life;
use utoipa::IntoParams;

use crate::{
    State,
    answer::{self, never_stored},
    api::{Api, Operation, text},
    gate::Visit,
    manual::head,
    parameters::{JourneyPath, Query},
    problem::Problem,
    sight::Sight,
};

#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct ReplayQuery {
    /// The step: the event at this position, or the first after it; the last one unless set.
    position: Option<u64>,
    /// The day on which the views are asked; today (UTC) unless set.
    #[param(value_type = Option<String>, format = Date)]
    on: Option<Date>,
}

/// `GET /v1/journeys/{id}/replay`.
pub(crate) fn routes(api: Api) -> Api {
    let about = "One event of the record: what it says, what it put right and why, what became of it since, and what it \
                 changed in the views; with links to the events before and after.";
    let operation = Operation::new(Need::ReadClient, "Journeys", "replay", "The record, step by step", about)
        .journey()
        .query::<ReplayQuery>()
        .answers_as(200, "A page", "text/html", text());
    api.get("/v1/journeys/{id}/replay", replay, operation)
}

async fn replay(
    extract::State(state): extract::State<State>,
    visit: Visit,
    JourneyPath(journey): JourneyPath,
    Query(query): Query<ReplayQuery>,
) -> Result<Response, Problem> {
    let on = query.on.unwrap_or_else(|| state.today());
    let blocking = state.blocking.clone();
    let work = move || {
        let life = state.runtime.life(journey, AsOf::Now)?;
        let sight = Sight::of(&state, &visit, &life)?;
        // A step shows what it put right too, wherever that was written down.
        let mut journeys = throughline_domain::linked(&life.recorded);
        journeys.insert(journey);
        let named = journeys.into_iter().all(|journey| sight.names(journey) == Names::Shown);
        let names = if named { Names::Shown } else { Names::Withheld };
        let position = query.position.map(Position);
        let shows = |written: &_| sight.shows(written);
        let keep = |life: &mut Life| -> Result<(), Problem> {
            Sight::of(&state, &visit, life)?.keep_to(life);
            Ok(())
        };
        let step = Replay::of(&state.runtime, life, position, on, names, &shows, &keep)?;
        let link = |position: Position| match query.on {
            Some(on) => format!("/v1/journeys/{journey}/replay?position={position}&on={on}"),
            None => format!("/v1/journeys/{journey}/replay?position={position}"),
        };
        Ok(format!("{}{}</body></html>", head("The record, step by step", "en"), step.body(&link)))
    };
    let mut page = answer::plain("text/html; charset=utf-8", blocking.read(work).await?);
    never_stored(&mut page);
    Ok(page)
}
