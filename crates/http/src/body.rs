//! The body of an append: read within bounds of size and time, and only of a type that can hold events.

use std::{error::Error, time::Duration};

use axum::{
    body::{Bytes, to_bytes},
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use http_body_util::LengthLimitError;

use crate::{
    State,
    conditional::one,
    problem::{Fault, Kind, Problem},
};

/// The largest body, in bytes: the largest batch as JSON, with room for its names.
pub(crate) const BYTES_MAX: usize = 17 * 1024 * 1024;
/// How long a body may take to arrive.
const ARRIVAL_MAX: Duration = Duration::from_secs(30);

/// The media types that hold events, and how many.
pub(crate) const MEDIA_TYPES: &[(&str, Shape)] = &[
    ("application/cloudevents+json", Shape::One),
    ("application/cloudevents-batch+json", Shape::Batch),
    ("application/json", Shape::Either),
];

/// How many events a body holds, by its media type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    One,
    Batch,
    Either,
}

/// A body that can hold events.
pub(crate) struct EventsBody {
    pub shape: Shape,
    pub bytes: Bytes,
}

impl FromRequest<State> for EventsBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &State) -> Result<Self, Problem> {
        let shape = shape(request.headers())?;
        let body = request.into_body();
        let read = tokio::time::timeout(ARRIVAL_MAX, to_bytes(body, BYTES_MAX)).await;
        let Ok(read) = read else {
            return Err(Kind::SlowBody
                .because(format!("the body did not arrive within {} seconds", ARRIVAL_MAX.as_secs())));
        };
        match read {
            Ok(bytes) => Ok(Self { shape, bytes }),
            Err(error) if error.source().is_some_and(<dyn Error>::is::<LengthLimitError>) => {
                Err(Kind::TooLarge.because(format!(
                    "the body is past the limit of {BYTES_MAX} bytes; send the events in parts"
                )))
            }
            Err(_) => Err(Kind::MalformedBody.because("the body broke off before its end")),
        }
    }
}

fn shape(headers: &HeaderMap) -> Result<Shape, Problem> {
    let given = one(headers, &header::CONTENT_TYPE)?.unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let known = MEDIA_TYPES.iter().find(|(media_type, _)| *media_type == essence);
    known.map(|(_, shape)| *shape).ok_or_else(|| {
        let given: String = given.chars().take(80).collect();
        let detail = match given.as_str() {
            "" => "the body has no `Content-Type`".to_owned(),
            given => format!("`{given}` is no type that events are taken in"),
        };
        let types: Vec<&str> = MEDIA_TYPES.iter().map(|(media_type, _)| *media_type).collect();
        let hint = format!("send {}", types.join(", "));
        Kind::WrongMediaType.because(detail).at(Fault::header("Content-Type").hint(hint))
    })
}
