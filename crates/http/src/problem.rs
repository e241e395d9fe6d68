//! What the service says when it refuses or cannot: RFC 9457 problem details. Nothing else in this crate knows a
//! status code.

use std::borrow::Cow;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use throughline_domain::Version;
use utoipa::ToSchema;

tokio::task_local! {
    /// The path of the request being answered; a problem names it as its `instance`.
    pub(crate) static INSTANCE: String;
}

/// The status of an append that is done.
pub(crate) const CREATED: StatusCode = StatusCode::CREATED;
/// The status of work that is begun and not done.
pub(crate) const ACCEPTED: StatusCode = StatusCode::ACCEPTED;
/// The status of an answer that is elsewhere.
pub(crate) const SEE_OTHER: StatusCode = StatusCode::SEE_OTHER;
/// The status of an answer the reader already has.
pub(crate) const NOT_MODIFIED: StatusCode = StatusCode::NOT_MODIFIED;

/// One problem, ready to be answered with.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    kind: Kind,
    detail: String,
    errors: Vec<Fault>,
    version: Option<Version>,
}

/// What is wrong at one place of the request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Fault {
    /// What is wrong there.
    pub detail: String,
    /// Where in the body, as an RFC 6901 pointer: `/1/data/facts/enrolment`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Which parameter of the path or query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// Which header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// The line of the body, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<usize>,
    /// The byte within that line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// What would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// The body of every refusal, as `application/problem+json`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody {
    /// Where this kind of problem is described, relative to this service.
    #[serde(rename = "type")]
    pub type_: String,
    /// The kind of problem in words.
    pub title: &'static str,
    /// The status code, again.
    pub status: u16,
    /// What happened this time, with the value and the remedy.
    pub detail: String,
    /// The kind of problem; never changes its meaning.
    pub code: &'static str,
    /// The path that was asked.
    pub instance: String,
    /// Where in the request, one by one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<Fault>,
    /// The version the journey has, where another was expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    pub version: Option<Version>,
}

macro_rules! kinds {
    ($($(#[doc = $about:literal])* $kind:ident = $status:ident, $code:literal, $title:literal;)*) => {
        /// Every kind of problem, with its status and its stable code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Kind { $($(#[doc = $about])* $kind,)* }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// The stable code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$kind => $code,)* }
            }

            /// The kind in a few words.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$kind => $title,)* }
            }

            /// What it means and what to do.
            pub const fn about(self) -> &'static str {
                match self { $(Self::$kind => concat!($($about),*),)* }
            }

            fn code_of_status(self) -> StatusCode {
                match self { $(Self::$kind => StatusCode::$status,)* }
            }
        }
    };
}

kinds! {
    /// The body is not JSON: a syntax error, bytes that are not UTF-8, or nesting past 128 levels.
    MalformedBody = BAD_REQUEST, "malformed-body", "The body is not JSON";
    /// The request does not say by which name the service is asked, or by several: send one `Host`.
    NoHost = BAD_REQUEST, "no-host", "No name is asked for";
    /// The request was sent to a name that is none of this service's: perhaps by the page of a stranger. Ask for one of its
    /// own, or have it started with `--host NAME`.
    WrongHost = MISDIRECTED_REQUEST, "wrong-host", "The service does not go by that name";
    /// Nobody is named, or by a token or a session that is not good, or no longer. Send `Authorization: Bearer tlt_…`, or
    /// sign in at `/sign-in`.
    NotSignedIn = UNAUTHORIZED, "not-signed-in", "Who calls is not known";
    /// No role of the account has leave for this.
    NoLeave = FORBIDDEN, "no-leave", "Your account may not do this";
    /// The client is not in the caseload of the account, or there is no such client: which of the two is not said. Ask for
    /// a grant, or in an emergency break the glass.
    NotYours = FORBIDDEN, "not-in-caseload", "The client is not in your caseload";
    /// An event says that somebody else recorded it. Leave `actor` out, and name the other in `on_behalf_of`.
    AnotherName = FORBIDDEN, "another-name", "That would be in another's name";
    /// The request may come from a page of another site, in the name of whoever looks at that page.
    CrossSite = FORBIDDEN, "cross-site", "The request may come from another site";
    /// The checkpoint is of another log, or no witness that this log knows cosigned it; the detail says which.
    NotCosigned = FORBIDDEN, "not-cosigned", "That is no cosignature of this log";
    /// Nothing lives at this path; `/openapi.json` lists what does.
    NoSuchPath = NOT_FOUND, "no-such-path", "Nothing is here";
    /// No journey has this id. Check it, or open the journey with a `journey-opened` event.
    UnknownJourney = NOT_FOUND, "unknown-journey", "No such journey";
    /// No view, work list or vocabulary has this name; the detail says where they are listed.
    UnknownName = NOT_FOUND, "unknown-name", "No such name";
    /// The log has no event with this id.
    UnknownEvent = NOT_FOUND, "unknown-event", "No such event";
    /// The tree up to the last checkpoint has no such tile, or this is no tile's path.
    UnknownTile = NOT_FOUND, "unknown-tile", "No such tile";
    /// No checkpoint that witnesses cosigned is there, or none that covers the event; `throughline_witnessed_age_seconds` at
    /// `/metrics` says when one was last. Ask again later, or for one that the log alone signed.
    NotWitnessed = NOT_FOUND, "not-witnessed", "No witness cosigned that";
    /// No import has this id: none is under way or was lately, and no report is kept under it.
    UnknownImport = NOT_FOUND, "unknown-import", "No such import";
    /// No backtest has this id: none is under way or was lately, and no spec is registered under it.
    UnknownBacktest = NOT_FOUND, "unknown-backtest", "No such backtest";
    /// No account has this name; GET /v1/accounts lists them.
    UnknownAccount = NOT_FOUND, "unknown-account", "No such account";
    /// No token has this id.
    UnknownToken = NOT_FOUND, "unknown-token", "No such token";
    /// No grant has this id; GET /v1/grants lists them.
    UnknownGrant = NOT_FOUND, "unknown-grant", "No such grant";
    /// The path takes other methods; the `Allow` header lists them.
    WrongMethod = METHOD_NOT_ALLOWED, "wrong-method", "The path does not take this method";
    /// The body did not arrive in time.
    SlowBody = REQUEST_TIMEOUT, "slow-body", "The body came too slowly";
    /// Somebody else appended to the journey meanwhile. Read it again and decide anew.
    Conflict = CONFLICT, "conflict", "The journey moved on";
    /// The event's id was used before for something else. A new event needs a new id.
    EventIdTaken = CONFLICT, "event-id-taken", "The event id is taken";
    /// A request with the same `Idempotency-Key` is still being answered. Wait and send it again.
    InFlight = CONFLICT, "in-flight", "The same request is under way";
    /// Another import is under way; one is done at a time. Wait for it, or cancel it.
    ImportRunning = CONFLICT, "import-running", "Another import is under way";
    /// Another backtest is under way; one is run at a time. Wait for it, or cancel it.
    BacktestRunning = CONFLICT, "backtest-running", "Another backtest is under way";
    /// There is an open account of this name already. Change its roles instead.
    AccountExists = CONFLICT, "account-exists", "There is such an account";
    /// The account is closed. Open it again first.
    AccountClosed = CONFLICT, "account-closed", "The account is closed";
    /// The service has no report of this backtest: it is under way, did not come to its end, or was run before the service
    /// was started. Send its spec to have it again; the same spec gives the same report.
    NoReport = CONFLICT, "no-report", "There is no report here";
    /// The journey was erased: nothing can be added to it, and no view has anything to say of it.
    Erased = GONE, "erased", "The journey was erased";
    /// The journey was de-identified: only coded facts can be added to it, no names, words or source rows.
    Deidentified = UNPROCESSABLE_ENTITY, "deidentified", "The journey was de-identified";
    /// `If-Match` names another version than the journey has, or `If-None-Match: *` meets an open journey. The
    /// answer carries the current version.
    StaleVersion = PRECONDITION_FAILED, "stale-version", "The journey has another version";
    /// The body, or the batch once sealed, is larger than one request may be. Send it in parts.
    TooLarge = PAYLOAD_TOO_LARGE, "too-large", "Too much in one piece";
    /// More events than one batch may hold. Send them in parts.
    TooManyEvents = PAYLOAD_TOO_LARGE, "too-many-events", "Too many events in one batch";
    /// The body is neither CloudEvents nor JSON by its `Content-Type`.
    WrongMediaType = UNSUPPORTED_MEDIA_TYPE, "wrong-media-type", "The body has a type this path does not take";
    /// An event is none of the catalogue, or a field is missing, unknown or wrong. `errors` points to it.
    InvalidEvent = UNPROCESSABLE_ENTITY, "invalid-event", "The event is not valid";
    /// The body has a field that is missing, unknown or wrong. `errors` points to it.
    InvalidBody = UNPROCESSABLE_ENTITY, "invalid-body", "The body is not what this path takes";
    /// The spec of a backtest is wrong: `errors` names the line and what to write.
    InvalidSpec = UNPROCESSABLE_ENTITY, "invalid-spec", "The spec is wrong";
    /// One event is larger than an event may be. Keep documents elsewhere and refer to them.
    EventTooLarge = UNPROCESSABLE_ENTITY, "event-too-large", "The event is too large";
    /// A rule of the journey refuses the fact: it cannot be true of this life as recorded so far.
    Rejected = UNPROCESSABLE_ENTITY, "rejected", "The journey's rules refuse the fact";
    /// A parameter of the query is unknown or does not hold what it should.
    InvalidQuery = UNPROCESSABLE_ENTITY, "invalid-query", "A parameter of the query is wrong";
    /// The id in the path is neither a UUID nor `source:key`.
    InvalidPath = UNPROCESSABLE_ENTITY, "invalid-path", "The path holds no valid id";
    /// A header does not hold what it should.
    InvalidHeader = UNPROCESSABLE_ENTITY, "invalid-header", "A header is wrong";
    /// The cursor was not given by this service for this query. Begin again without one.
    InvalidCursor = UNPROCESSABLE_ENTITY, "invalid-cursor", "The cursor does not belong here";
    /// The position or time asked for lies beyond what the log holds.
    BeyondHead = UNPROCESSABLE_ENTITY, "beyond-head", "That has not been recorded yet";
    /// The `Idempotency-Key` was used before with another body. A new request needs a new key.
    KeyReused = UNPROCESSABLE_ENTITY, "key-reused", "The idempotency key was used for something else";
    /// A fault of the service itself. The service's own log says more.
    Internal = INTERNAL_SERVER_ERROR, "internal", "The service failed";
    /// More is asked from one address than it may. Ask again after the time that `Retry-After` says.
    TooOften = TOO_MANY_REQUESTS, "too-often", "Too much is asked";
    /// The access log could not be written. What cannot be written down is not answered. Try again after `Retry-After`
    /// seconds; events that were sent, with the same ids, for they may be recorded, and are recorded once.
    Unrecorded = SERVICE_UNAVAILABLE, "unrecorded", "It could not be written down who asks";
    /// More is asked than can be done at once. Try again after `Retry-After` seconds.
    Busy = SERVICE_UNAVAILABLE, "busy", "The service is busy";
    /// The views have not yet reached `min_position`, or are still being built. Try again after `Retry-After` seconds.
    CatchingUp = SERVICE_UNAVAILABLE, "catching-up", "The views are catching up";
    /// No signed checkpoint covers the event yet; one does within a second. Try again after `Retry-After` seconds.
    NotSigned = SERVICE_UNAVAILABLE, "not-signed", "No checkpoint covers the event yet";
    /// The answer took longer than a request may. Ask for less, or try again.
    TookTooLong = SERVICE_UNAVAILABLE, "took-too-long", "The answer took too long";
    /// The log takes no writes until the service is restarted; reading goes on.
    ReadOnly = SERVICE_UNAVAILABLE, "read-only", "The log is closed to writes";
    /// The disk has no room. Nothing of the request was written, and reading goes on. Make room, then send the same
    /// events again.
    Full = INSUFFICIENT_STORAGE, "disk-full", "The disk is full";
}

impl Kind {
    /// The status code as a number.
    pub fn status(self) -> u16 {
        self.code_of_status().as_u16()
    }

    /// This kind of problem, with what happened this time.
    pub fn because(self, detail: impl Into<String>) -> Problem {
        Problem { kind: self, detail: detail.into(), errors: Vec::new(), version: None }
    }

    /// Whether somebody was refused what others may have: such refusals are written down.
    pub const fn is_refusal(self) -> bool {
        matches!(
            self,
            Self::NotSignedIn | Self::NoLeave | Self::NotYours | Self::AnotherName | Self::CrossSite
        )
    }

    /// Seconds after which trying again makes sense.
    const fn retry_after(self) -> Option<&'static str> {
        match self {
            Self::Busy | Self::TooOften | Self::CatchingUp | Self::NotSigned | Self::InFlight => Some("1"),
            Self::Unrecorded | Self::TookTooLong | Self::ImportRunning | Self::BacktestRunning => Some("5"),
            Self::ReadOnly | Self::Full => Some("60"),
            _ => None,
        }
    }
}

impl Problem {
    /// What went wrong at one place of the request and nowhere else.
    pub fn at(mut self, fault: Fault) -> Self {
        self.errors.push(Fault { detail: self.detail.clone(), ..fault });
        self
    }

    /// Adds one place of several.
    pub fn and(mut self, fault: Fault) -> Self {
        self.errors.push(fault);
        self
    }

    /// What happened this time.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// Names the version the journey has.
    pub fn with_version(mut self, version: Version) -> Self {
        self.version = Some(version);
        self
    }
}

impl Fault {
    /// At this pointer into the body.
    pub fn pointer(pointer: impl Into<String>) -> Self {
        Self { pointer: Some(pointer.into()), ..Self::default() }
    }

    /// At this parameter.
    pub fn parameter(name: impl Into<String>) -> Self {
        Self { parameter: Some(name.into()), ..Self::default() }
    }

    /// At this header.
    pub fn header(name: impl Into<String>) -> Self {
        Self { header: Some(name.into()), ..Self::default() }
    }

    /// What would be right.
    pub fn hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = Some(hint.into().into_owned());
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.kind.code_of_status();
        let body = ProblemBody {
            type_: format!("/docs#problem-{}", self.kind.code()),
            title: self.kind.title(),
            status: status.as_u16(),
            detail: self.detail,
            code: self.kind.code(),
            instance: INSTANCE.try_with(Clone::clone).unwrap_or_default(),
            errors: self.errors,
            version: self.version,
        };
        let mut response = (status, Json(body)).into_response();
        response.extensions_mut().insert(self.kind);
        let headers = response.headers_mut();
        if self.kind == Kind::NotSignedIn {
            headers
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"throughline\""));
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.kind.retry_after() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(seconds));
        }
        if let Some(version) = self.version
            && let Ok(etag) = HeaderValue::try_from(format!("\"{version}\""))
        {
            headers.insert(header::ETAG, etag);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_problem_has_a_code_of_its_own_and_an_error_status() {
        let mut codes: Vec<_> = Kind::ALL.iter().map(|kind| kind.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Kind::ALL.len());
        assert!(Kind::ALL.iter().all(|kind| kind.status() >= 400));
    }

    #[test]
    fn bad_input_is_never_the_services_fault() {
        let ours = [
            Kind::Internal,
            Kind::Unrecorded,
            Kind::Busy,
            Kind::CatchingUp,
            Kind::NotSigned,
            Kind::TookTooLong,
            Kind::ReadOnly,
            Kind::Full,
        ];
        for kind in Kind::ALL {
            assert_eq!(kind.status() >= 500, ours.contains(kind), "{}", kind.code());
        }
    }
}
