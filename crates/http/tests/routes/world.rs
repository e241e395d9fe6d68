//! A service with a log and views of its own, a clock set by hand, and short ways to say what is sent.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use throughline_access::{Access, NewAccount, Role};
use throughline_domain::{Actor, Code};
use throughline_http::{Hosts, State, Visitors, Witnesses, app};
use throughline_log::{EventLog, Log};
use throughline_proof::VerifierKey;
use throughline_runtime::{Projectors, Runtime};
use tower::ServiceExt;
use uuid::Uuid;

use crate::{schema::Description, unwritable::Unwritable};

/// The journey most tests are about.
pub const ANNA: &str = "00000000-0000-4000-8000-00000000a001";

/// The account everybody is in most tests: of every role, and so also a machine that says who recorded what.
pub const EVERYBODY: &str = "worker:w17";

/// A service of its own, gone when dropped.
pub struct World {
    pub app: Router,
    pub state: State,
    pub runtime: Arc<Runtime>,
    pub access: Arc<Access>,
    pub description: Description,
    clock: Arc<AtomicI64>,
    dir: TempDir,
}

impl World {
    /// A new, empty one, on 1 June 2026, where everybody is signed in with every role.
    pub async fn new() -> Self {
        Self::with_visitors(everybody).await
    }

    /// A new, empty one, where each comes with a token.
    pub async fn by_token() -> Self {
        Self::with_visitors(Visitors::ByToken).await
    }

    /// Opens an account; a token of its own.
    pub fn account(&self, name: &str, roles: &[Role], worker: Option<&str>) -> String {
        let (keeper, account) =
            (Actor::new("admin:first").expect("a pseudonym"), Actor::new(name).expect("a pseudonym"));
        let worker = worker.map(|worker| Code::new(worker).expect("a code"));
        let new = NewAccount {
            roles: roles.iter().copied().collect(),
            worker,
            ..NewAccount::named(account.clone())
        };
        self.access.open_account(&keeper, new).expect("an account");
        self.access.issue_token(&keeper, &account, None, None).expect("a token").text.to_string()
    }

    /// One with Anna, whose access log can no longer be written.
    pub async fn unwritable() -> Self {
        let is_full = Arc::new(AtomicBool::new(false));
        let disk = is_full.clone();
        let world = Self::over(everybody, move |log| Arc::new(Unwritable { log, is_full: disk })).await;
        world.append(ANNA, &json!([opened(1), enrolled(2, "e-1", "2026-03-02")])).await.is(201);
        is_full.store(true, Ordering::SeqCst);
        world
    }

    async fn with_visitors(visitors: impl FnOnce(Arc<Access>) -> Visitors) -> Self {
        Self::over(visitors, |log| Arc::new(log)).await
    }

    /// A new, empty one, over an access log of its own kind.
    pub async fn over(
        visitors: impl FnOnce(Arc<Access>) -> Visitors,
        wrap: impl FnOnce(Log) -> Arc<dyn EventLog>,
    ) -> Self {
        let dir = TempDir::new().expect("a directory");
        let clock = Arc::new(AtomicI64::new(0));
        let hands = clock.clone();
        let clock_of: throughline_http::Clock =
            Arc::new(move || Timestamp::from_second(hands.load(Ordering::SeqCst)).expect("a time"));
        set(&clock, "2026-06-01T08:00:00Z");
        let log: Arc<dyn EventLog> = Arc::new(Log::open(dir.path(), clock_of.clone()).expect("a log"));
        let projectors = Projectors::new()
            .with::<throughline_engagement::Engagement>()
            .with::<throughline_satisfaction::Satisfaction>()
            .with::<throughline_outcomes::Outcomes>()
            .with::<throughline_quality::Quality>();
        let runtime = Runtime::open(log, &dir.path().join("views"), projectors).expect("views");
        runtime.start();
        let access_log = Log::open(&dir.path().join("access"), clock_of.clone()).expect("an access log");
        let access = Arc::new(Access::open(wrap(access_log), clock_of.clone()).expect("accounts"));
        let state = State::new(runtime.clone(), clock_of, visitors(access.clone()));
        let app = app(state.clone());
        let asked =
            app.clone().oneshot(Request::get("/openapi.json").body(Body::empty()).expect("a request"));
        let body = asked.await.expect("an answer").into_body().collect().await.expect("a body").to_bytes();
        let description = Description(serde_json::from_slice(&body).expect("JSON"));
        Self { app, state, runtime, access, description, clock, dir }
    }

    /// The same, with Anna's journey opened and enrolled.
    pub async fn with_anna() -> Self {
        let world = Self::new().await;
        world.append(ANNA, &json!([opened(1), enrolled(2, "e-1", "2026-03-02")])).await.is(201);
        world
    }

    /// The service begun anew over the same log: it remembers nothing itself.
    pub fn restarted(self) -> Self {
        let now = self.state.now();
        let account = Actor::new(EVERYBODY).expect("a pseudonym");
        let visitors = Visitors::SignedIn { access: self.access.clone(), account };
        let state = State::new(self.runtime.clone(), Arc::new(move || now), visitors);
        Self { app: app(state.clone()), state, ..self }
    }

    /// The service begun anew, with these witnesses.
    pub fn witnessed_by(self, keys: &[VerifierKey]) -> Self {
        let log = VerifierKey::parse(&self.runtime.log().tree().verifier_key()).expect("a key");
        let path = self.dir.path().join("tree/witnessed");
        let witnesses = Arc::new(Witnesses::open(&path, &log, keys.to_vec()).expect("a directory"));
        let state = self.state.clone().with_witnesses(witnesses);
        Self { app: app(state.clone()), state, ..self }
    }

    /// The same, answering to these names alone.
    pub fn called(self, hosts: Hosts) -> Self {
        let state = self.state.clone().with_hosts(Some(hosts));
        Self { app: app(state.clone()), state, ..self }
    }

    /// Sets the time.
    pub fn at(&self, time: &str) -> &Self {
        set(&self.clock, time);
        self
    }

    /// Sends a request and holds the answer against the description.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
        let response = self.app.clone().oneshot(request).await.expect("the router answers");
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.into_body().collect().await.expect("a whole body").to_bytes();
        let answer = Answer { status, headers, body };
        self.description.covers(&method, &path, status.as_u16(), answer.header("content-type"), &answer.body);
        if status.as_u16() >= 400 && method != "HEAD" {
            assert_eq!(answer.header("content-type"), "application/problem+json", "{method} {path}");
            assert_eq!(answer.json()["status"], status.as_u16());
            let named: Vec<&str> =
                path.split('/').map(|part| if part.contains(':') { "{id}" } else { part }).collect();
            assert_eq!(answer.json()["instance"], named.join("/"));
        }
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        answer
    }

    /// A request with this token and a body of JSON.
    pub async fn ask(&self, token: &str, method: &str, path: &str, body: Option<&Json>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.send(request.body(body).expect("a request")).await
    }

    /// `GET` of this path.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).expect("a request")).await
    }

    /// `GET` of this path with a header.
    pub async fn get_with(&self, path: &str, name: &str, value: &str) -> Answer {
        self.send(Request::get(path).header(name, value).body(Body::empty()).expect("a request")).await
    }

    /// Posts JSON to a journey.
    pub async fn append(&self, journey: &str, body: &Json) -> Answer {
        self.append_with(journey, body, &[]).await
    }

    /// Posts JSON to a journey with headers.
    pub async fn append_with(&self, journey: &str, body: &Json, headers: &[(&str, &str)]) -> Answer {
        self.post(journey, "application/json", body.to_string(), headers).await
    }

    /// Posts anything to a journey.
    pub async fn post(
        &self,
        journey: &str,
        media_type: &str,
        body: impl Into<Body>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::post(format!("/v1/journeys/{journey}/events"));
        request = request.header(header::CONTENT_TYPE, media_type);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body.into()).expect("a request")).await
    }
}

fn everybody(access: Arc<Access>) -> Visitors {
    let account = Actor::new(EVERYBODY).expect("a pseudonym");
    let roles = Role::ALL.into_iter().collect();
    let new = NewAccount { roles, ..NewAccount::named(account.clone()) };
    access.open_account(&account, new).expect("an account");
    Visitors::SignedIn { access, account }
}

fn set(clock: &AtomicI64, time: &str) {
    let time: Timestamp = time.parse().expect("a time");
    clock.store(time.as_second(), Ordering::SeqCst);
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// Fails unless it has this status.
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.body));
        self
    }

    /// Fails unless it is this refusal.
    pub fn refuses(self, status: u16, code: &str) -> Self {
        let answer = self.is(status);
        assert_eq!(answer.json()["code"], code, "{}", answer.json());
        answer
    }

    /// Where the first fault lies: a pointer, parameter or header.
    pub fn fault(&self) -> String {
        let fault = &self.json()["errors"][0];
        let place = ["pointer", "parameter", "header"].iter().find_map(|name| fault[*name].as_str());
        place.unwrap_or_default().to_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> Json {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).expect("text")
    }

    /// A header; empty where it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// The n-th event id.
pub fn id(n: u128) -> String {
    Uuid::from_u128(0x0000_0000_0000_4000_8000_0000_0000_0000 + n).to_string()
}

/// A fact as an event.
pub fn event(n: u128, type_name: &str, occurred: &str, facts: &Json) -> Json {
    json!({
        "specversion": "1.0", "id": id(n), "source": "/tests", "type": format!("throughline.{type_name}.v1"),
        "data": { "occurred": occurred, "eyes": "staff", "actor": "worker:w17", "facts": facts },
    })
}

/// A journey opened on 1 March 2026.
pub fn opened(n: u128) -> Json {
    event(n, "intake.journey-opened", "2026-03-01", &json!({ "role": "participant", "language": "af" }))
}

/// Consent to a use of the client's data.
pub fn agreed(n: u128, scope: &str, on: &str) -> Json {
    event(n, "intake.consent-given", on, &json!({ "scope": scope }))
}

/// An enrolment in the housing programme.
pub fn enrolled(n: u128, enrolment: &str, on: &str) -> Json {
    let facts =
        json!({ "enrolment": enrolment, "programme": "housing-first", "site": "north", "worker": "w17" });
    event(n, "intake.enrolled", on, &facts)
}

/// A contact in which both sides spoke, begun by the client.
pub fn contact(n: u128, on: &str) -> Json {
    let facts = json!({ "format": "phone", "begun_by": "client", "exchange": "two-way" });
    event(n, "transaction.contact-made", on, &facts)
}
