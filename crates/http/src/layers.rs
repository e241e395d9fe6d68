//! What happens around every request: it is named, timed, counted and bounded, and a panic is answered.

use std::{any::Any, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{self, MatchedPath, Request},
    http::{HeaderName, HeaderValue, Method, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use tower_http::{catch_panic::CatchPanicLayer, set_header::SetResponseHeaderLayer};

use throughline_domain::Actor;

use crate::{
    Rates, State,
    problem::{INSTANCE, Kind, Problem},
    refuse::broken,
    visitors::SIGNED_IN_AS,
};

/// How long a request may take until its answer begins, the arrival of its body included.
const ANSWER_MAX: Duration = Duration::from_mins(1);

/// The largest page, in bytes.
const PAGE_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Everything on a page comes from this service, and nothing runs in it.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
                                       form-action 'self'; frame-ancestors 'none'";

/// Puts the layers around the routes; requests pass them from the last line to the first.
pub(crate) fn around(router: Router<State>, state: &State) -> Router<State> {
    router
        .fallback(no_such_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(state.rates.clone(), at_its_rate))
        .layer(middleware::from_fn_with_state(state.clone(), by_its_name))
        .layer(middleware::from_fn(in_time))
        .layer(CatchPanicLayer::custom(|panic: Box<dyn Any + Send>| panicked(&*panic)))
        .layer(middleware::from_fn_with_state(state.clone(), counted))
        .layer(default_header(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .layer(default_header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(default_header(header::REFERRER_POLICY, "no-referrer"))
        .layer(default_header(HeaderName::from_static("cross-origin-resource-policy"), "same-origin"))
        .layer(default_header(header::CACHE_CONTROL, "private, no-cache"))
}

/// Puts the bounds of the service around routes of another: how often one address may ask, and how long an answer may
/// take; a panic is answered.
pub fn bounded(router: Router, rates: Option<Rates>) -> Router {
    router
        .layer(middleware::from_fn_with_state(rates.map(Arc::new), at_its_rate))
        .layer(middleware::from_fn(in_time))
        .layer(CatchPanicLayer::custom(|panic: Box<dyn Any + Send>| panicked(&*panic)))
}

fn default_header(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// Names the request for problems, and counts and times its answer.
async fn counted(extract::State(state): extract::State<State>, request: Request, next: Next) -> Response {
    let method = known_method(request.method());
    // The route's pattern and not the path: an id never enters a log or a label.
    let route =
        request.extensions().get::<MatchedPath>().map_or("none", |matched| matched.as_str()).to_owned();
    let path = instance(request.uri().path());
    let names_nobody = !request.headers().contains_key(header::AUTHORIZATION)
        && crate::sessions::id(request.headers()).is_none();
    let from = state.now();
    let mut response = INSTANCE.scope(path, next.run(request)).await;
    if let Some(account) = state.visitors.demo().filter(|_| names_nobody) {
        response = signed_in_as(account, response).await;
    }
    let (until, status) = (state.now(), response.status().as_u16());
    state.metrics.answered(method, &route, status, from, until);
    tracing::debug!(method, route, status, "answered");
    response
}

/// The path as problems name it. A journey's UUID is a pseudonym; another system's key is not repeated, for what is told
/// of a problem is passed on and kept.
fn instance(path: &str) -> String {
    let known = |part: &str| {
        if part.contains(':') || part.to_ascii_lowercase().contains("%3a") {
            "{id}".to_owned()
        } else {
            part.to_owned()
        }
    };
    let path: String = path.chars().take(512).collect();
    path.split('/').map(known).collect::<Vec<_>>().join("/")
}

/// Says as whom everybody is signed in: in a header, and on a page in words.
async fn signed_in_as(account: &Actor, response: Response) -> Response {
    let (mut parts, mut body) = response.into_parts();
    let name = HeaderValue::try_from(account.as_str()).expect("a pseudonym is a header");
    parts.headers.insert(SIGNED_IN_AS, name);
    let is_page = parts
        .headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|found| found.as_bytes().starts_with(b"text/html"));
    if is_page {
        let Ok(bytes) = to_bytes(body, PAGE_BYTES_MAX).await else {
            return broken("a page could not be read to its end").into_response();
        };
        let html = String::from_utf8_lossy(&bytes);
        let at = html.find("<body").and_then(|at| html[at..].find('>').map(|end| at + end + 1)).unwrap_or(0);
        let (before, after) = html.split_at(at);
        let page = format!(
            "{before}<p role=\"status\">Everybody is signed in here as <strong>{account}</strong>: this is a demo, and no \
             place for real people's records.</p>{after}"
        );
        parts.headers.remove(header::CONTENT_LENGTH);
        body = Body::from(page);
    }
    Response::from_parts(parts, body)
}

fn known_method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// Refuses what was sent to somebody else.
async fn by_its_name(extract::State(state): extract::State<State>, request: Request, next: Next) -> Response {
    match state.hosts.as_ref().map_or(Ok(()), |hosts| hosts.check(&request)) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// Refuses who asks too often.
async fn at_its_rate(
    extract::State(rates): extract::State<Option<Arc<Rates>>>,
    request: Request,
    next: Next,
) -> Response {
    match rates.as_ref().map_or(Ok(()), |rates| rates.take(&request)) {
        Ok(()) => next.run(request).await,
        Err(wait) => Kind::TooOften
            .because(format!(
                "more is asked from one address than it may; ask again in {} s",
                wait.as_secs() + 1
            ))
            .into_response(),
    }
}

async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(ANSWER_MAX, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Kind::TookTooLong
            .because(format!("no answer within {} seconds; ask for less, or try again", ANSWER_MAX.as_secs()))
            .into_response(),
    }
}

fn panicked(panic: &(dyn Any + Send)) -> Response {
    let said = panic.downcast_ref::<String>().map(String::as_str);
    let said = said.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without words");
    broken(said).into_response()
}

async fn no_such_path(request: Request) -> Problem {
    let path: String = request.uri().path().chars().take(120).collect();
    Kind::NoSuchPath.because(format!("nothing is at `{path}`; GET /openapi.json lists every path"))
}

async fn wrong_method(request: Request) -> Problem {
    let method: String = request.method().as_str().chars().take(40).collect();
    Kind::WrongMethod
        .because(format!("this path does not take {method}; the `Allow` header lists what it takes"))
}
