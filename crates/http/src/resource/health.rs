//! Whether the service lives, whether it is ready, and what it counts.

use axum::{extract, response::Response};
use serde::Serialize;
use throughline_access::Need;
use throughline_domain::Position;
use utoipa::ToSchema;

use crate::{
    State, answer,
    api::{Api, Operation, text},
    parameters::{NoParameters, Query},
    problem::{Fault, Kind, Problem},
    reading::applied_position,
    resource::cosignatures::LastWitnessed,
};

/// The service lives.
#[derive(Debug, Serialize, ToSchema)]
struct Alive {
    /// Always `ok`.
    status: &'static str,
}

/// The service is ready.
#[derive(Debug, Serialize, ToSchema)]
struct Ready {
    /// Always `ready`.
    status: &'static str,
    /// The last position of the log.
    position: Option<Position>,
    /// How far each view is.
    views: Vec<Standing>,
    /// What each witness of the log cosigned last; empty where nobody witnesses it.
    witnessed: Vec<LastWitnessed>,
}

/// How far a view is.
#[derive(Debug, Serialize, ToSchema)]
struct Standing {
    /// The view.
    name: &'static str,
    /// Its version.
    version: u32,
    /// The last position it has taken in.
    applied_position: Option<Position>,
}

/// `GET /healthz`, `GET /readyz` and `GET /metrics`.
pub(crate) fn routes(api: Api) -> Api {
    let alive = Operation::new(Need::Nothing, "Running", "healthz", "Whether the service lives", "")
        .query::<NoParameters>()
        .answers::<Alive>("It lives");
    let about = "Ready once the views have taken in what the log holds; until then 503 with how far each is.";
    let ready = Operation::new(Need::Nothing, "Running", "readyz", "Whether the service is ready", about)
        .query::<NoParameters>()
        .answers::<Ready>("It is ready")
        .refuses(&[Kind::CatchingUp]);
    let about = "Requests by route and status, appends and how long they take, how far each view is behind the log, \
                 rebuilds under way, memory.";
    let metrics =
        Operation::new(Need::Operate, "Running", "metrics", "What the service counts, for Prometheus", about)
            .query::<NoParameters>()
            .answers_as(200, "Prometheus' text format", "text/plain", text());
    api.get("/healthz", healthz, alive).get("/readyz", readyz, ready).get("/metrics", counted, metrics)
}

async fn healthz(Query(NoParameters {}): Query<NoParameters>) -> Response {
    answer::page(&Alive { status: "ok" }, None)
}

async fn readyz(
    extract::State(state): extract::State<State>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Response, Problem> {
    let progress = state.runtime.progress();
    if !state.runtime.ready() {
        let problem = Kind::CatchingUp.because("the views have not yet taken in what the log holds");
        return Err(progress.iter().fold(problem, |problem, view| {
            let detail = format!("{} has taken in {} of {} events", view.name, view.applied, view.head);
            problem.and(Fault { detail, ..Fault::default() })
        }));
    }
    let views = progress.into_iter().map(|view| Standing {
        name: view.name,
        version: view.version,
        applied_position: applied_position(view.applied),
    });
    let position = applied_position(state.runtime.log().events());
    let (witnessed, now) = (state.witnesses.standing(), state.now());
    let witnessed = witnessed.iter().map(|witnessed| LastWitnessed::new(witnessed, now)).collect();
    Ok(answer::page(&Ready { status: "ready", position, views: views.collect(), witnessed }, None))
}

async fn counted(
    extract::State(state): extract::State<State>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Response, Problem> {
    let (metrics, runtime, witnesses) =
        (state.metrics.clone(), state.runtime.clone(), state.witnesses.clone());
    let now = state.now();
    let text = state.blocking.read(move || Ok(metrics.render(&runtime, &witnesses, now))).await?;
    Ok(answer::plain("text/plain; version=0.0.4; charset=utf-8", text))
}
