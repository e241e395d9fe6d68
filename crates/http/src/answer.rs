//! Answers that are no refusals.

use axum::{
    Json,
    body::Bytes,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use throughline_domain::Version;

use crate::{
    conditional::ETag,
    once::Given,
    problem::{ACCEPTED, CREATED, Problem, SEE_OTHER},
    reading::link_next,
    refuse::broken,
};

/// A page of a list, with a link to the next where there is one.
pub(crate) fn page(body: &impl Serialize, next: Option<&str>) -> Response {
    (link_next(next), Json(body)).into_response()
}

/// A journey answer with its tag, or 304 where the reader has it.
///
/// `known` is what the tag stands for besides the version: the content, or nothing where the version says it all.
pub(crate) fn tagged<T: Serialize>(
    asked: &HeaderMap,
    version: Version,
    known: Option<&T>,
    body: &impl Serialize,
) -> Result<Response, Problem> {
    let tag = match known {
        None => ETag::version(version),
        Some(content) => ETag::content(version, &bytes(content)?),
    };
    Ok(tag.answer(asked, "application/json", bytes(body)?.into()))
}

/// An append that is done.
pub(crate) fn appended(given: Given) -> Response {
    let tag = HeaderValue::try_from(format!("\"{}\"", given.version)).expect("a version is digits");
    let headers = [(header::ETAG, tag), (header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    (CREATED, headers, given.body).into_response()
}

/// Work that is begun, and where it tells how far it is.
pub(crate) fn accepted(location: &str, body: &impl Serialize) -> Result<Response, Problem> {
    let location = HeaderValue::try_from(location).expect("a path of ASCII is a header");
    let headers = [
        (header::LOCATION, location),
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((ACCEPTED, headers, bytes(body)?).into_response())
}

/// Something that was made.
pub(crate) fn created(body: &impl Serialize) -> Result<Response, Problem> {
    let content_type = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    let mut response = (CREATED, content_type, bytes(body)?).into_response();
    never_stored(&mut response);
    Ok(response)
}

/// To another address, with a cookie where one is given.
pub(crate) fn see_other(location: &'static str, cookie: Option<HeaderValue>) -> Response {
    let mut response = (SEE_OTHER, [(header::LOCATION, HeaderValue::from_static(location))]).into_response();
    response.headers_mut().extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
    never_stored(&mut response);
    response
}

/// Says that nobody keeps a copy.
pub(crate) fn never_stored(response: &mut Response) {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

/// A body of this type.
pub(crate) fn plain(content_type: &'static str, body: impl Into<Bytes>) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static(content_type))], body.into()).into_response()
}

/// JSON, as bytes.
pub(crate) fn bytes(body: &impl Serialize) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(body).map_err(|error| broken(&format!("an answer could not be written: {error}")))
}
