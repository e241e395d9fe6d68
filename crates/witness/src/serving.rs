//! `POST /add-checkpoint` for logs, `GET /` for people.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, header},
    response::Response,
    routing::{get, post},
};
use tokio::{task::spawn_blocking, time::timeout};

use crate::{AddCheckpoint, Error, Office, Refusal, asking::SIZE};

/// A request: a checkpoint with its signatures, and 63 hashes at most.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// How long a body may take to arrive.
const ARRIVAL_MAX: Duration = Duration::from_secs(10);

const TEXT: &str = "text/plain; charset=utf-8";

/// Everything the witness answers; over which connections is for others to say.
pub fn app(office: Arc<Office>) -> Router {
    Router::new().route("/", get(standing)).route("/add-checkpoint", post(add_checkpoint)).with_state(office)
}

async fn standing(State(office): State<Arc<Office>>) -> Response {
    match spawn_blocking(move || office.standing()).await {
        Ok(Ok(text)) => answer(200, TEXT, text),
        Ok(Err(error)) => broken(&error),
        Err(error) => broken(&error),
    }
}

async fn add_checkpoint(State(office): State<Arc<Office>>, request: Request) -> Response {
    let body = match timeout(ARRIVAL_MAX, to_bytes(request.into_body(), BODY_BYTES_MAX)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return answer(413, TEXT, format!("the body is past {BODY_BYTES_MAX} bytes\n")),
        Err(_) => return answer(408, TEXT, "the body did not arrive in time\n".to_owned()),
    };
    let decided = spawn_blocking(move || {
        let body = str::from_utf8(&body).map_err(|_| {
            let what = "add-checkpoint request";
            Refusal::Malformed(throughline_proof::Error::Malformed { what, why: "it is no text".to_owned() })
        })?;
        office.add_checkpoint(&AddCheckpoint::parse(body).map_err(Refusal::Malformed)?)
    });
    match decided.await {
        Ok(Ok(seen)) => answer(200, TEXT, seen.cosignature()),
        Ok(Err(Error::Refused(Refusal::OtherSize { seen }))) => answer(409, SIZE, format!("{seen}\n")),
        Ok(Err(Error::Refused(refusal))) => answer(refusal.status(), TEXT, format!("{refusal}\n")),
        Ok(Err(Error::Caught { misdeed, .. })) => answer(409, TEXT, format!("{misdeed}\n")),
        Ok(Err(error)) => broken(&error),
        Err(error) => broken(&error),
    }
}

/// Nothing was signed; why is for the keeper's eyes.
fn broken(error: &dyn std::error::Error) -> Response {
    tracing::error!(%error, "the witness cannot answer");
    answer(500, TEXT, "the witness cannot answer; its keeper is told why\n".to_owned())
}

fn answer(status: u16, content_type: &'static str, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status.try_into().expect("a status");
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
