//! `ETag`, `If-Match` and `If-None-Match`: a journey's version as a condition.
//!
//! The tag of every journey answer begins with the journey's version: `"7"` where the answer depends on nothing else,
//! `"7-1f0c…"` where it also depends on the day asked about or on linked journeys. A writer may send either back.

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};
use throughline_domain::Version;

use crate::problem::{Fault, Kind, NOT_MODIFIED, Problem};

/// Names a state of a journey answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ETag(String);

impl ETag {
    /// The tag of an answer that depends on the journey's own events alone.
    pub fn version(version: Version) -> Self {
        Self(format!("\"{version}\""))
    }

    /// The tag of an answer that depends on more.
    pub fn content(version: Version, content: &[u8]) -> Self {
        let digest = Sha256::digest(content);
        let short = u64::from_be_bytes(std::array::from_fn(|nth| digest[nth]));
        Self(format!("\"{version}-{short:016x}\""))
    }

    /// The answer with this tag, or 304 where the reader has it already.
    pub fn answer(&self, asked: &HeaderMap, content_type: &'static str, body: Bytes) -> Response {
        let tag = HeaderValue::try_from(&self.0).expect("a tag is digits and hexadecimal");
        let known = asked
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|candidate| candidate.trim().trim_start_matches("W/") == self.0 || candidate.trim() == "*");
        let tagged = [(header::ETAG, tag)];
        if known {
            return (NOT_MODIFIED, tagged).into_response();
        }
        (tagged, [(header::CONTENT_TYPE, HeaderValue::from_static(content_type))], body).into_response()
    }
}

/// What a writer demands of the journey before anything is appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Demand {
    /// Nothing.
    None,
    /// It is at this version.
    At(Version),
    /// It is open.
    Open,
    /// It is not open yet.
    New,
}

impl Demand {
    /// What the headers demand.
    pub fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let if_match = one(headers, &header::IF_MATCH)?;
        let if_none_match = one(headers, &header::IF_NONE_MATCH)?;
        match (if_match, if_none_match) {
            (None, None) => Ok(Self::None),
            (Some("*"), None) => Ok(Self::Open),
            (Some(tag), None) => version_of(tag).map(Self::At),
            (None, Some("*")) => Ok(Self::New),
            (None, Some(_)) => Err(Kind::InvalidHeader
                .because("`If-None-Match` of an append can only be `*`, to open a journey")
                .at(Fault::header("If-None-Match").hint("to append at a version, send `If-Match: \"7\"`"))),
            (Some(_), Some(_)) => Err(Kind::InvalidHeader
                .because("`If-Match` and `If-None-Match` cannot both hold; send one")
                .at(Fault::header("If-None-Match"))),
        }
    }
}

fn version_of(tag: &str) -> Result<Version, Problem> {
    let refuse = || {
        Kind::InvalidHeader
            .because(format!("`{}` is no tag of a journey", tag.chars().take(60).collect::<String>()))
            .at(Fault::header("If-Match").hint("send one `ETag` as it was given, with its quotes: `\"7\"`"))
    };
    let inner = tag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).ok_or_else(refuse)?;
    let digits = inner.split_once('-').map_or(inner, |(version, _)| version);
    digits.parse().map(Version).map_err(|_| refuse())
}

/// A header's only value.
pub(crate) fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Problem> {
    let refuse =
        |what: &str| Kind::InvalidHeader.because(format!("`{name}` {what}")).at(Fault::header(name.as_str()));
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(refuse("is given more than once; send it once"));
    }
    value.to_str().map(|text| Some(text.trim())).map_err(|_| refuse("holds bytes that are no visible ASCII"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demand(name: &'static str, value: &'static str) -> Result<Demand, Problem> {
        Demand::of(&HeaderMap::from_iter([(HeaderName::from_static(name), HeaderValue::from_static(value))]))
    }

    #[test]
    fn either_form_of_a_tag_demands_its_version() {
        let tag = ETag::content(Version(7), b"a view");
        assert!(tag.0.starts_with("\"7-"));
        assert_eq!(demand("if-match", "\"7\"").expect("a tag"), Demand::At(Version(7)));
        assert_eq!(demand("if-match", "\"7-1f0c\"").expect("a tag"), Demand::At(Version(7)));
        assert_eq!(demand("if-none-match", "*").expect("a demand"), Demand::New);
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        for value in ["7", "W/\"7\"", "\"seven\"", "\"7\", \"8\"", "\"\"", "\"-7\""] {
            assert!(demand("if-match", value).is_err(), "{value}");
        }
        assert!(demand("if-none-match", "\"7\"").is_err());
    }
}
