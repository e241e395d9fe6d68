//! Small bodies of JSON: bounded in size and time, and refused with a pointer to what is wrong.

use std::{error::Error, time::Duration};

use axum::{
    body::{Bytes, to_bytes},
    extract::{FromRequest, Request},
    http::header,
};
use http_body_util::LengthLimitError;
use serde::de::DeserializeOwned;
use throughline_exchange::json::Sent;

use crate::{
    State,
    conditional::one,
    problem::{Fault, Kind, Problem},
};

/// The media type of small bodies.
pub(crate) const JSON: &str = "application/json";
/// The largest, in bytes.
const BYTES_MAX: usize = 16 * 1024;
/// How long one may take to arrive.
const ARRIVAL_MAX: Duration = Duration::from_secs(10);

/// A small body.
pub(crate) struct SmallBody<T>(pub T);

impl<T: DeserializeOwned> FromRequest<State> for SmallBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &State) -> Result<Self, Problem> {
        let given = one(request.headers(), &header::CONTENT_TYPE)?.unwrap_or_default();
        if !given.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(JSON) {
            return Err(Kind::WrongMediaType
                .because("the body is not JSON by its `Content-Type`")
                .at(Fault::header("Content-Type").hint(format!("send {JSON}"))));
        }
        read(&bounded(request, BYTES_MAX).await?).map(Self)
    }
}

/// The bytes of a body of at most so many, that arrives soon.
pub(crate) async fn bounded(request: Request, bytes_max: usize) -> Result<Bytes, Problem> {
    match tokio::time::timeout(ARRIVAL_MAX, to_bytes(request.into_body(), bytes_max)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if error.source().is_some_and(<dyn Error>::is::<LengthLimitError>) => {
            Err(Kind::TooLarge.because(format!("the body is past the limit of {bytes_max} bytes")))
        }
        Ok(Err(_)) => Err(Kind::MalformedBody.because("the body broke off before its end")),
        Err(_) => Err(Kind::SlowBody.because("the body did not arrive in time")),
    }
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut json);
    // What is JSON and not what is asked for is told as that.
    let sent: Sent = serde_json::from_slice(bytes).map_err(|error| malformed(&error))?;
    sent.once().map_err(|twice| {
        Kind::InvalidBody.because(twice.problem).at(Fault::pointer(twice.pointer).hint(twice.hint))
    })?;
    let error = match read {
        Ok(read) => return Ok(read),
        Err(error) => error,
    };
    let path = error.path().to_string();
    let error = error.into_inner();
    let pointer = if path == "." {
        String::new()
    } else {
        format!("/{}", path.replace(['.', '['], "/").replace(']', ""))
    };
    Err(Kind::InvalidBody.because(error.to_string()).at(Fault::pointer(pointer)))
}

fn malformed(error: &serde_json::Error) -> Problem {
    let fault = Fault { row: Some(error.line()), column: Some(error.column()), ..Fault::default() };
    Kind::MalformedBody.because(error.to_string()).at(fault)
}
