//! The gate before every handler: who calls, whether they have leave, for which client; and the note of it in the access
//! log before the answer leaves. The table of routes puts it there; no handler does, so none forgets it.

use std::sync::{Arc, OnceLock};

use axum::{
    extract::{self, FromRequestParts, RawPathParams, Request},
    http::{HeaderMap, HeaderValue, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use throughline_access::{Caller, Clients, Deed, Ids, Leave, Names, Need};
use throughline_domain::{Actor, Code, JourneyId};
use throughline_runtime::Caseload;

use crate::{
    State,
    problem::{Fault, Kind, Problem},
    refuse::{broken, unrecorded},
    visitors::Visitor,
};

/// What the table of routes says of a route.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    pub need: Need,
    /// The operation, as the description and the access log name it.
    pub what: Code,
    pub subject: Subject,
    pub takes_real_ids: bool,
    /// Whether a browser must be known to mean it.
    pub changes_something: bool,
    /// Whether it is written down as a look at the record.
    pub is_read: bool,
}

/// Whom a route is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// No one client.
    Nobody,
    /// The client in the path, for whom the caller must have leave.
    Client,
    /// A client, for whom the handler itself looks at the caller's leave.
    Anyone,
}

/// Who is let in, and how much of what is asked they may have.
#[derive(Clone)]
pub(crate) struct Visit {
    pub visitor: Visitor,
    pub leave: Leave,
    guard: Arc<Guard>,
    about: Arc<About>,
}

/// Whom the request turns out to be about.
#[derive(Default)]
struct About {
    client: OnceLock<JourneyId>,
    /// How many clients an answer names.
    named: OnceLock<u64>,
}

/// Lets a request in, or not; and notes which.
pub(crate) async fn guard(
    extract::State((state, guard)): extract::State<(State, Guard)>,
    request: Request,
    next: Next,
) -> Response {
    if guard.need == Need::Nothing {
        return next.run(request).await;
    }
    let guard = Arc::new(guard);
    let (mut parts, body) = request.into_parts();
    let visitor = match state.visitor(&parts.headers) {
        Ok(visitor) => visitor,
        Err(problem) => return stranger(&state, &guard, &parts.headers, problem).await,
    };
    let about = Arc::<About>::default();
    let response = match enter(&state, &guard, &visitor, &about, &mut parts).await {
        Err(problem) => problem.into_response(),
        Ok(visit) => {
            parts.extensions.insert(visit);
            next.run(Request::from_parts(parts, body)).await
        }
    };
    let mut response = noted(&state, &guard, visitor, &about, response).await;
    response.headers_mut().append(header::VARY, HeaderValue::from_static("Authorization, Cookie"));
    response
}

async fn enter(
    state: &State,
    guard: &Arc<Guard>,
    visitor: &Visitor,
    about: &Arc<About>,
    parts: &mut Parts,
) -> Result<Visit, Problem> {
    let leave =
        visitor.caller.leave(guard.need).filter(|leave| leave.ids == Ids::Real || !guard.takes_real_ids);
    let leave = leave.ok_or_else(|| {
        let roles: Vec<&str> = visitor.caller.roles.iter().map(|role| role.name()).collect();
        Kind::NoLeave.because(format!(
            "{} has no leave for this, being {}; ask whoever keeps the accounts",
            visitor.caller.account,
            if roles.is_empty() { "of no role".to_owned() } else { roles.join(", ") },
        ))
    })?;
    if guard.changes_something {
        visitor.meant_it(&parts.headers)?;
    }
    let visit = Visit { visitor: visitor.clone(), leave, guard: Arc::clone(guard), about: Arc::clone(about) };
    if guard.subject != Subject::Nobody
        && let Some(journey) = journey_in_path(state, parts).await?
    {
        visit.is_about(journey);
        if guard.subject == Subject::Client {
            state.must_see(&visit, journey).await?;
        }
    }
    Ok(visit)
}

async fn journey_in_path(state: &State, parts: &mut Parts) -> Result<Option<JourneyId>, Problem> {
    let parameters = RawPathParams::from_request_parts(parts, state).await.map_err(|_| {
        Kind::InvalidPath.because("the path holds bytes that are not UTF-8").at(Fault::parameter("id"))
    })?;
    let text = parameters.iter().find(|(name, _)| *name == "id").map(|(_, text)| text);
    text.map(|text| state.journey_of(text, Fault::parameter("id"))).transpose()
}

/// The note of what was answered, and then the answer; where it cannot be noted, no answer.
async fn noted(
    state: &State,
    guard: &Guard,
    visitor: Visitor,
    about: &About,
    response: Response,
) -> Response {
    let client = about.client.get().copied();
    let refused = response.extensions().get::<Kind>().copied();
    let what = guard.what.clone();
    let deed = match (refused, guard.need) {
        (Some(kind), _) if kind.is_refusal() => Some(Deed::Refused {
            client,
            what,
            why: Code::new(kind.code()).expect("codes of problems are codes"),
        }),
        (Some(_), _) | (None, Need::Nothing | Need::SignedIn | Need::Operate) => None,
        (None, Need::Erase) => Some(Deed::Operated { client, what }),
        (None, Need::AuditPack) => Some(Deed::Exported { client, what }),
        (None, _) if !guard.is_read => None,
        (None, _) => Some(match client {
            Some(client) => Deed::Read { client, what },
            None => Deed::Listed { what, clients: about.named.get().copied() },
        }),
    };
    let Some(deed) = deed else { return response };
    let access = Arc::clone(state.visitors.access());
    let note = move || access.record(Some(&visitor.caller), deed).map_err(|error| unrecorded(&error));
    match state.blocking.append(note).await {
        Ok(()) => response,
        Err(problem) => problem.into_response(),
    }
}

/// A caller whose name is not known. Who names nothing at all is not noted, or anybody could fill the access log.
async fn stranger(state: &State, guard: &Guard, headers: &HeaderMap, problem: Problem) -> Response {
    let named = headers.contains_key(header::AUTHORIZATION) || crate::sessions::id(headers).is_some();
    let noted = if named { refused_a_stranger(state, guard.what.clone()).await } else { Ok(()) };
    noted.err().unwrap_or(problem).into_response()
}

/// Notes that somebody named something that lets nobody in, as far as there is room for strangers.
pub(crate) async fn refused_a_stranger(state: &State, what: Code) -> Result<(), Problem> {
    if !state.strangers.may_note(state.now()) {
        return Ok(());
    }
    let why = Code::new(Kind::NotSignedIn.code()).expect("codes of problems are codes");
    let deed = Deed::Refused { client: None, what, why };
    let access = Arc::clone(state.visitors.access());
    state.blocking.append(move || access.record(None, deed).map_err(|error| unrecorded(&error))).await
}

impl Visit {
    /// The client the request turns out to be about.
    pub fn is_about(&self, journey: JourneyId) {
        // Whoever names a second client is still known to have asked about the first.
        let _ = self.about.client.set(journey);
    }

    /// The same by now, for answers that go on: tokens are revoked, roles change, grants end. None once the caller would
    /// not be let in any more.
    pub fn by_now(&self, state: &State) -> Option<Self> {
        let visitor = state.visitors.again(self.visitor.by.clone()).ok()?;
        let leave = visitor.caller.leave(self.guard.need).filter(|leave| *leave == self.leave)?;
        Some(Self { visitor, leave, ..self.clone() })
    }

    /// The client it is about, whom the gate looked at.
    pub fn must_be_about(&self) -> Result<JourneyId, Problem> {
        let client = self.about.client.get().copied();
        client.ok_or_else(|| broken("a route asks for a client that the gate did not look at"))
    }

    /// How many clients the answer names.
    pub fn named(&self, clients: usize) {
        let _ = self.about.named.set(clients as u64);
    }

    /// The operation, as the access log names it.
    pub fn what(&self) -> &Code {
        &self.guard.what
    }

    /// The account that calls.
    pub fn account(&self) -> &Actor {
        &self.visitor.caller.account
    }

    /// Whose records the caller may see; none for everyone's.
    pub fn caseload(&self, state: &State) -> Option<Caseload> {
        match self.leave.clients {
            Clients::All => None,
            Clients::Caseload => caseload(&self.visitor.caller, state.now()),
        }
    }

    /// Whether names, contacts and words of this client are shown.
    pub fn names(&self, state: &State, client: JourneyId) -> Names {
        if self.visitor.caller.names_granted(client, state.now()) { Names::Shown } else { self.leave.names }
    }
}

/// The clients of an account that sees its caseload only; none where it was granted everyone.
fn caseload(caller: &Caller, now: Timestamp) -> Option<Caseload> {
    let grants = || caller.grants().iter().filter(|grant| grant.in_force(now));
    if grants().any(|grant| grant.client.is_none()) {
        return None;
    }
    let named = grants().filter_map(|grant| grant.client).collect();
    Some(Caseload { worker: caller.worker.clone(), named })
}

impl FromRequestParts<State> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Problem> {
        parts
            .extensions
            .get()
            .cloned()
            .ok_or_else(|| broken("a route that is open to everyone asks who calls"))
    }
}

/// What is needed, as the description and `GET /v1/me` call it.
pub(crate) fn name(need: Need) -> &'static str {
    match need {
        Need::Nothing => "nothing",
        Need::SignedIn => "signed-in",
        Need::ReadClient => "read-client",
        Need::ReadClients => "read-clients",
        Need::ReadFigures => "read-figures",
        Need::ReadFeed => "read-feed",
        Need::Append => "append",
        Need::Import => "import",
        Need::Backtest => "backtest",
        Need::AuditPack => "audit-pack",
        Need::ReadAccess => "read-access",
        Need::Grant => "grant",
        Need::Accounts => "accounts",
        Need::Erase => "erase",
        Need::Operate => "operate",
    }
}
