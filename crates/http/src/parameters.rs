//! Parameters of paths and queries: parsed once, bounded, and refused with the name of what is wrong.

use std::{fmt, str::FromStr};

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use throughline_domain::{EventId, JourneyId, Position};
use throughline_log::AsOf;
use utoipa::{IntoParams, openapi::path::ParameterIn};

use crate::{
    State,
    gate::Visit,
    problem::{Fault, Kind, Problem},
};

/// The query, as a struct that names every parameter the path takes.
pub(crate) struct Query<T>(pub T);

impl<T: DeserializeOwned + IntoParams> FromRequestParts<State> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Problem> {
        let query = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(query)).map(Self).map_err(
            |error| {
                let path = error.path().to_string();
                let said = error.into_inner().to_string();
                let named = |what: &str| {
                    let name = said.strip_prefix(what).and_then(|rest| rest.split_once('`'));
                    name.map(|(name, _)| shown(name))
                };
                let (name, detail) = if let Some(name) = named("unknown field `") {
                    (name.clone(), format!("`{name}` is no parameter of this path"))
                } else if let Some(name) = named("duplicate field `") {
                    (name.clone(), format!("`{name}` is given more than once"))
                } else if let Some(name) = named("missing field `") {
                    (name.clone(), format!("`{name}` is missing"))
                } else if is_of_no_number(&said) {
                    (shown(&path), format!("`{}`: write a whole number such as 1204", shown(&path)))
                } else {
                    (shown(&path), format!("`{}`: {said}", shown(&path)))
                };
                let known: Vec<String> = names::<T>();
                let hint = match known.as_slice() {
                    [] => "this path takes no parameters".to_owned(),
                    known => format!("this path takes {}", known.join(", ")),
                };
                Kind::InvalidQuery.because(detail).at(Fault::parameter(name).hint(hint))
            },
        )
    }
}

/// Whether the standard library says it of a text that is no whole number, or one too large.
fn is_of_no_number(said: &str) -> bool {
    ["", "x", "99999999999999999999"]
        .iter()
        .any(|text| text.parse::<u64>().is_err_and(|error| error.to_string() == said))
}

fn names<T: IntoParams>() -> Vec<String> {
    T::into_params(|| Some(ParameterIn::Query)).into_iter().map(|parameter| parameter.name).collect()
}

fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}

/// The query of a path that takes no parameters.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoParameters {}

/// The journey in the path, as the gate let it through.
pub(crate) struct JourneyPath(pub JourneyId);

impl FromRequestParts<State> for JourneyPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let visit = Visit::from_request_parts(parts, state).await?;
        visit.must_be_about().map(Self)
    }
}

/// The import in the path.
pub(crate) struct ImportPath(pub EventId);

impl FromRequestParts<State> for ImportPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let text = path_parameter(parts, state, "id").await?;
        text.parse().map(Self).map_err(|_| {
            Kind::InvalidPath
                .because(format!("`{}` is no import's id", shown(&text)))
                .at(Fault::parameter("id").hint("write the id as `GET /v1/imports` lists it: a UUID"))
        })
    }
}

/// The backtest in the path.
pub(crate) struct BacktestPath(pub EventId);

impl FromRequestParts<State> for BacktestPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let text = path_parameter(parts, state, "id").await?;
        text.parse().map(Self).map_err(|_| {
            Kind::InvalidPath
                .because(format!("`{}` is no backtest's id", shown(&text)))
                .at(Fault::parameter("id").hint("write the id as `POST /v1/backtests` gave it: a UUID"))
        })
    }
}

/// The id in the path, of whatever has one.
pub(crate) struct IdPath(pub String);

impl FromRequestParts<State> for IdPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        path_parameter(parts, state, "id").await.map(Self)
    }
}

/// The name in the path.
pub(crate) struct NamePath(pub String);

impl FromRequestParts<State> for NamePath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        path_parameter(parts, state, "name").await.map(Self)
    }
}

async fn path_parameter(parts: &mut Parts, state: &State, name: &str) -> Result<String, Problem> {
    let parameters = RawPathParams::from_request_parts(parts, state).await.map_err(|_| {
        Kind::InvalidPath.because("the path holds bytes that are not UTF-8").at(Fault::parameter(name))
    })?;
    let value = parameters.iter().find(|(found, _)| *found == name);
    Ok(value.map(|(_, value)| value.to_owned()).expect("the route names the parameter"))
}

/// A moment of the record: a time, or a position in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    Time(Timestamp),
    Position(Position),
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(position) = text.parse() {
            return Ok(Self::Position(Position(position)));
        }
        // An unescaped `+` of an offset arrives as a space.
        text.replace(' ', "+").parse().map(Self::Time).map_err(|_| {
            format!(
                "`{}` is neither a time with its offset (2026-03-01T09:30:00Z) nor a position (1204)",
                shown(text)
            )
        })
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(time) => time.fmt(f),
            Self::Position(position) => position.fmt(f),
        }
    }
}

impl From<Moment> for AsOf {
    fn from(moment: Moment) -> Self {
        match moment {
            Moment::Time(time) => Self::Time(time),
            Moment::Position(position) => Self::Position(position),
        }
    }
}

/// How many entries a page holds at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit(pub usize);

impl Limit {
    const MAX: usize = 1000;
}

impl Default for Limit {
    fn default() -> Self {
        Self(100)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.parse() {
            Ok(limit) if (1..=Self::MAX).contains(&limit) => Ok(Self(limit)),
            _ => Err(serde::de::Error::custom(format!(
                "`{}` is not between 1 and {}",
                shown(&text),
                Self::MAX
            ))),
        }
    }
}
