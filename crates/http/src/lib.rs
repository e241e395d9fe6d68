//! Throughline over HTTP: JSON under `/v1`, events as CloudEvents, every refusal a problem document (RFC 9457),
//! described by OpenAPI 3.1 at `/openapi.json` and for people at `/docs`.
//!
//! It parses, calls and answers; it decides nothing and knows no projector by name: their routes come from the
//! registry of the runtime. It does not know how facts are stored, nor the time, which [`State`] is given.
//! Start at [`app`] for the routes, at `resource` for what each answers, at `gate` for who is let in, at `problem` for
//! what is refused and how.

mod answer;
mod api;
mod backtesting;
mod blocking;
mod body;
mod conditional;
mod cursor;
mod gate;
mod importing;
mod jobs;
mod layers;
mod lines;
mod live;
mod manual;
mod metrics;
mod once;
mod openapi;
mod parameters;
mod problem;
mod pseudonyms;
mod reading;
mod refuse;
mod resource;
mod sessions;
mod sight;
mod small_body;
mod state;
mod strangers;
mod visitors;
mod wire;
mod writing;

use std::{future::Future, io, time::Duration};

use axum::Router;
use tokio::net::TcpListener;

pub use state::{Clock, State};
pub use throughline_backtest::{Bench, Features};
pub use visitors::Visitors;

/// How long requests under way may take to end once the service is told to stop.
const DRAIN_MAX: Duration = Duration::from_secs(20);

/// Everything the service answers.
pub fn app(state: State) -> Router {
    let pages = resource::Pages::default();
    let projectors = state.runtime.projectors();
    let (router, paths, components) = resource::routes(&state, projectors, &pages).into_parts();
    pages.write(&openapi::document(paths, components, projectors));
    layers::around(router, &state).with_state(state)
}

/// Serves until `shutdown` comes true; then takes no more connections and finishes the requests under way, as far as
/// they end within 20 seconds. What was acknowledged is durable in any case.
pub async fn serve(
    listener: TcpListener,
    state: State,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let mut closing = state.closing();
    let stopping = {
        let state = state.clone();
        async move {
            shutdown.await;
            state.close();
        }
    };
    let served = axum::serve(listener, app(state)).with_graceful_shutdown(stopping);
    let overdue = async move {
        // The state outlives the service, so the flag turns true and is not dropped.
        let _ = closing.wait_for(|closing| *closing).await;
        tokio::time::sleep(DRAIN_MAX).await;
    };
    tokio::select! {
        served = served.into_future() => served,
        () = overdue => {
            tracing::warn!("requests still under way were cut off {} seconds after the stop", DRAIN_MAX.as_secs());
            Ok(())
        }
    }
}
