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
mod connections;
mod cursor;
mod gate;
mod hosts;
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
mod rates;
mod reading;
mod refuse;
mod resource;
mod sessions;
mod sight;
mod small_body;
mod state;
mod strangers;
mod tls;
mod visitors;
mod wire;
mod witnesses;
mod writing;

use std::{future::Future, io};

use axum::Router;
use tokio::net::TcpListener;

pub use connections::serve_routes;
pub use hosts::{Host, Hosts, NoHost};
pub use layers::bounded;
pub use rates::Rates;
pub use state::{Clock, State};
pub use throughline_backtest::{Bench, Features};
pub use tls::{Tls, TlsError};
pub use visitors::Visitors;
pub use witnesses::{Unwitnessed, Witnessed, Witnesses};

/// Everything the service answers.
pub fn app(state: State) -> Router {
    let pages = resource::Pages::default();
    let projectors = state.runtime.projectors();
    let (router, paths, components) = resource::routes(&state, projectors, &pages).into_parts();
    pages.write(&openapi::document(paths, components, projectors));
    layers::around(router, &state).with_state(state)
}

/// Serves until `shutdown` resolves, as [`serve_routes`] does. What was acknowledged is durable in any case.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Tls>,
    state: State,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let stop = {
        let state = state.clone();
        async move {
            shutdown.await;
            state.close();
        }
    };
    serve_routes(listener, tls, app(state), stop).await
}
