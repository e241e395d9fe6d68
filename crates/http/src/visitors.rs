//! Who calls: by a bearer token, in a browser's session, or, in the demo, as the account that is signed in for everyone.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, header};
use jiff::Timestamp;
use throughline_access::{Access, Caller};
use throughline_domain::{Actor, Code};

use crate::{
    conditional::one,
    problem::{Fault, Kind, Problem},
    sessions::{InSession, Sessions, id},
};

/// Repeats a session's own text, so that a page of another site cannot send what changes something.
pub(crate) const FORM_HEADER: HeaderName = HeaderName::from_static("throughline-form");
/// Says in every answer of the demo as whom everybody is signed in.
pub(crate) const SIGNED_IN_AS: HeaderName = HeaderName::from_static("throughline-signed-in-as");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Who may call, and how they say who they are.
#[derive(Clone)]
pub enum Visitors {
    /// Each with a token of their own, or in a session opened with one.
    ByToken(Arc<Access>),
    /// The same; and whoever names no token is this account. For a demo, where every answer says so.
    SignedIn {
        /// Who may do what.
        access: Arc<Access>,
        /// The account.
        account: Actor,
    },
}

/// Who calls, and by what they are known.
#[derive(Clone)]
pub(crate) struct Visitor {
    pub caller: Arc<Caller>,
    pub by: By,
}

/// By what a caller is known.
#[derive(Clone)]
pub(crate) enum By {
    /// A token in the request itself; by its id.
    Token(Code),
    /// A session.
    Session(InSession),
    /// Everybody is this account.
    Demo,
}

impl Visitors {
    pub(crate) fn access(&self) -> &Arc<Access> {
        match self {
            Self::ByToken(access) | Self::SignedIn { access, .. } => access,
        }
    }

    /// As whom everybody without a token of their own is signed in.
    pub(crate) fn demo(&self) -> Option<&Actor> {
        match self {
            Self::ByToken(_) => None,
            Self::SignedIn { account, .. } => Some(account),
        }
    }

    /// Who calls. A token that is named and not good is never passed over for a session, nor either for the demo's
    /// account.
    pub(crate) fn visitor(
        &self,
        sessions: &Sessions,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<Visitor, Problem> {
        if let Some(given) = one(headers, &header::AUTHORIZATION)? {
            let token = given.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
            let (_, token) = token.ok_or_else(|| {
                signed_out("`Authorization` is no bearer token; send `Authorization: Bearer tlt_…`")
            })?;
            let caller =
                self.access().caller(token.trim()).map_err(|denied| signed_out(&denied.to_string()))?;
            let by = By::Token(caller.token.clone().expect("who is found by a token came with one"));
            return Ok(Visitor { caller: Arc::new(caller), by });
        }
        if id(headers).is_some() {
            let session = sessions.find(headers, now);
            let visitor = session.map(|session| self.again(By::Session(session)));
            return visitor
                .unwrap_or_else(|| Err(signed_out("the session has ended; sign in again")))
                .inspect_err(|_| sessions.end(headers));
        }
        if self.demo().is_some() {
            return self.again(By::Demo);
        }
        Err(signed_out("nobody is named; send `Authorization: Bearer tlt_…`, or sign in at /sign-in"))
    }

    /// Who this is by now: a token may have been revoked, an account closed.
    pub(crate) fn again(&self, by: By) -> Result<Visitor, Problem> {
        let access = self.access();
        let of_token =
            |token: &Code| access.caller_of_token(token).map_err(|denied| signed_out(&denied.to_string()));
        let caller = match &by {
            By::Token(token) => of_token(token)?,
            By::Session(session) => of_token(&session.token)?,
            By::Demo => {
                let account = self.demo().and_then(|account| access.account(account));
                account.ok_or_else(|| signed_out("the account everybody was signed in as is closed"))?
            }
        };
        Ok(Visitor { caller: Arc::new(caller), by })
    }
}

fn signed_out(detail: &str) -> Problem {
    Kind::NotSignedIn.because(detail)
}

impl Visitor {
    /// Refuses what a page of another site may have sent in the name of whoever looks at it. Only a browser sends
    /// something nobody asked it to: a request that carries its own token is let be.
    pub(crate) fn meant_it(&self, headers: &HeaderMap) -> Result<(), Problem> {
        match &self.by {
            By::Demo if came_from_here(headers) == Some(false) => Err(foreign()),
            By::Token(_) | By::Demo => Ok(()),
            By::Session(session) => {
                let repeated = one(headers, &FORM_HEADER)?.is_some_and(|given| session.is_form(given));
                if repeated && came_from_here(headers) == Some(true) { Ok(()) } else { Err(foreign()) }
            }
        }
    }
}

/// Refuses what another site sent.
pub(crate) fn foreign() -> Problem {
    Kind::CrossSite
        .because(
            "a request in a session must come from a page of this service and repeat the session's own text",
        )
        .at(Fault::header(FORM_HEADER.as_str())
            .hint("send `form` of GET /v1/me in this header; programs send a token"))
}

/// Whether a page of this service sent the request, as far as the browser says: `Sec-Fetch-Site`, and where it does not
/// send that, whether `Origin` names the host that was asked.
pub(crate) fn came_from_here(headers: &HeaderMap) -> Option<bool> {
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text(&SEC_FETCH_SITE) {
        return Some(site == "same-origin");
    }
    let origin = text(&header::ORIGIN)?;
    let (_, authority) = origin.split_once("://").unwrap_or_default();
    Some(!authority.is_empty() && text(&header::HOST) == Some(authority))
}
