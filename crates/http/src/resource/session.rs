//! Signing in with a browser: a page with a form that takes a token, and needs no script.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    extract,
    http::{HeaderMap, header},
    response::Response,
};
use serde::Deserialize;
use serde_json::json;
use throughline_access::{Caller, Deed, Need};
use throughline_domain::Code;
use utoipa::IntoParams;

use crate::{
    State, answer,
    api::{Api, Operation, text},
    conditional::one,
    gate::refused_a_stranger,
    manual::{escaped, head},
    parameters::{NoParameters, Query},
    problem::{Fault, Kind, Problem},
    refuse::{broken, unrecorded},
    sessions::{self, InSession},
    visitors::{By, came_from_here, foreign},
};

const FORM: &str = "application/x-www-form-urlencoded";
/// The largest form, in bytes: a token and the text of a session.
const FORM_BYTES_MAX: usize = 2048;
/// How long a form may take to arrive.
const ARRIVAL_MAX: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct SignInQuery {
    /// Says that the token sent before was not good.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    refused: bool,
}

/// `GET /sign-in`, `POST /session` and `POST /sign-out`.
pub(crate) fn routes(api: Api) -> Api {
    let about = "A form that takes a token. The session it opens ends after 30 minutes unused, after 12 hours in any case, \
                 and at once when the token is revoked.";
    let page = Operation::new(Need::Nothing, "Accounts", "sign-in", "Sign in with a browser", about)
        .query::<SignInQuery>()
        .answers_as(200, "A page with a form", "text/html", text());
    let open = Operation::new(
        Need::Nothing,
        "Accounts",
        "session",
        "Open a session",
        "What the form of `/sign-in` sends.",
    )
    .query::<NoParameters>()
    .body("The form", &[(FORM, text())], &json!("token=tlt_…"))
    .answers_as(
        303,
        "To `/` with the session's cookie; back to `/sign-in` where the token is not good",
        "text/plain",
        text(),
    )
    .answers_header("Location", "Where to go on")
    .refuses(&[Kind::CrossSite, Kind::Unrecorded]);
    let end = Operation::new(
        Need::Nothing,
        "Accounts",
        "sign-out",
        "End the session",
        "What the form of `/sign-in` sends.",
    )
    .query::<NoParameters>()
    .body("The form", &[(FORM, text())], &json!("form=…"))
    .answers_as(303, "To `/sign-in`, without a session", "text/plain", text())
    .answers_header("Location", "Where to go on")
    .refuses(&[Kind::CrossSite, Kind::NotSignedIn, Kind::Unrecorded]);
    api.get("/sign-in", sign_in, page).post("/session", open_session, open).post("/sign-out", sign_out, end)
}

async fn sign_in(
    extract::State(state): extract::State<State>,
    Query(SignInQuery { refused }): Query<SignInQuery>,
    headers: HeaderMap,
) -> Response {
    let visitor = state.visitor(&headers).ok();
    let session = visitor.as_ref().and_then(|visitor| match &visitor.by {
        By::Session(session) => Some((visitor.caller.account.to_string(), session)),
        By::Token(_) | By::Demo => None,
    });
    let refused = if refused {
        "<p role=\"alert\"><strong>The token is not good, or no longer.</strong> Ask whoever keeps the accounts for another.</p>"
    } else {
        ""
    };
    let form = match session {
        Some((account, InSession { form, .. })) => format!(
            "<p>Signed in as <strong>{}</strong>.</p><form method=\"post\" action=\"/sign-out\">\
             <input type=\"hidden\" name=\"form\" value=\"{}\"><button>Sign out</button></form>",
            escaped(&account),
            escaped(form),
        ),
        None => "<form method=\"post\" action=\"/session\"><p><label for=\"token\">Token</label> \
                 <input id=\"token\" name=\"token\" type=\"password\" required autocomplete=\"off\" spellcheck=\"false\" \
                 maxlength=\"100\" autofocus></p><p class=\"quiet\">It begins with <code>tlt_</code>.</p>\
                 <button>Sign in</button></form>"
            .to_owned(),
    };
    let html = format!(
        "{}<header><h1>Sign in</h1></header><main>{refused}{form}<p><a href=\"/\">Throughline</a></p></main></body></html>",
        head("Sign in — Throughline", "en"),
    );
    let mut response = answer::plain("text/html; charset=utf-8", html);
    answer::never_stored(&mut response);
    response
}

async fn open_session(
    extract::State(state): extract::State<State>,
    Query(NoParameters {}): Query<NoParameters>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    // Else a page of another site could sign its visitor in as somebody else.
    if came_from_here(&headers) != Some(true) {
        return Err(foreign());
    }
    let token = field(&headers, body, "token").await?;
    let Ok(caller) = state.visitors.access().caller(token.trim()) else {
        refused_a_stranger(&state, Code::new("session").expect("an operation's name is a code")).await?;
        return Ok(answer::see_other("/sign-in?refused=true", None));
    };
    let id = sessions_token(&caller)?;
    let access = Arc::clone(state.visitors.access());
    let note = move || access.record(Some(&caller), Deed::SignedIn).map_err(|error| unrecorded(&error));
    state.blocking.append(note).await?;
    // A session this browser had before is not left behind.
    state.sessions.end(&headers);
    let session = state.sessions.open(&id, state.now())?;
    Ok(answer::see_other("/", Some(sessions::cookie(Some(&session)))))
}

fn sessions_token(caller: &Caller) -> Result<Code, Problem> {
    caller.token.clone().ok_or_else(|| broken("who came with a token has none"))
}

async fn sign_out(
    extract::State(state): extract::State<State>,
    Query(NoParameters {}): Query<NoParameters>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let form = field(&headers, body, "form").await?;
    let visitor = state.visitor(&headers)?;
    let By::Session(session) = &visitor.by else {
        return Err(Kind::NotSignedIn.because("there is no session to end"));
    };
    if came_from_here(&headers) != Some(true) || !session.is_form(&form) {
        return Err(foreign());
    }
    state.sessions.end(&headers);
    let access = Arc::clone(state.visitors.access());
    let note =
        move || access.record(Some(&visitor.caller), Deed::SignedOut).map_err(|error| unrecorded(&error));
    state.blocking.append(note).await?;
    Ok(answer::see_other("/sign-in", Some(sessions::cookie(None))))
}

/// One field of a form.
async fn field(headers: &HeaderMap, body: Body, name: &str) -> Result<String, Problem> {
    let given = one(headers, &header::CONTENT_TYPE)?.unwrap_or_default();
    if !given.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(FORM) {
        return Err(Kind::WrongMediaType
            .because("the body is no form")
            .at(Fault::header("Content-Type").hint(format!("send {FORM}"))));
    }
    let bytes = match tokio::time::timeout(ARRIVAL_MAX, to_bytes(body, FORM_BYTES_MAX)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => {
            return Err(Kind::TooLarge.because(format!("the form is longer than {FORM_BYTES_MAX} bytes")));
        }
        Err(_) => return Err(Kind::SlowBody.because("the form did not arrive in time")),
    };
    let found = form_urlencoded::parse(&bytes).find(|(found, _)| found == name);
    let (_, value) = found.ok_or_else(|| {
        Kind::InvalidBody.because(format!("`{name}` is missing")).at(Fault::pointer(format!("/{name}")))
    })?;
    Ok(value.into_owned())
}
