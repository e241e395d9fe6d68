//! Every role, at every route of the table, about a client of its own, a foreign one and a granted one; and callers whom
//! nobody knows. What is expected follows from `Role::leave`; what comes back is searched for what must not be in it.
//!
//! The routes come from the service's own description: a new one fails here until it is placed.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use throughline_access::{Clients, Ids, Need, NewGrant, Role};
use throughline_domain::{Actor, JourneyId, Text};

use crate::world::{Answer, World, contact, enrolled, event, id};

/// A client in the records of this test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// Whose worker the staff account is.
    Own,
    /// Another's, whom another system knows by a key.
    Foreign,
    /// Another's, granted to every account that may be granted something.
    Granted,
}

impl Client {
    const ALL: [Self; 3] = [Self::Own, Self::Foreign, Self::Granted];

    fn word(self) -> &'static str {
        match self {
            Self::Own => "ownwords",
            Self::Foreign => "foreignwords",
            Self::Granted => "grantedwords",
        }
    }
}

/// The key by which another system knows the foreign client.
pub const FOREIGN_KEY: &str = "hmis:62547";

pub struct Cast {
    pub world: World,
    pub staff: String,
    pub supervisor: String,
    pub auditor: String,
    pub evaluator: String,
    pub admin: String,
    pub writer: String,
    pub revoked: String,
}

impl Cast {
    /// Three clients, and an account of each role.
    pub async fn new() -> Self {
        let world = World::by_token().await;
        let cast = Self {
            staff: world.account("worker:w1", &[Role::Staff], Some("w1")),
            supervisor: world.account("worker:w9", &[Role::Supervisor], None),
            auditor: world.account("auditor:a1", &[Role::Auditor], None),
            evaluator: world.account("evaluator:e1", &[Role::Evaluator], None),
            admin: world.account("admin:k1", &[Role::Admin], None),
            writer: world.account("machine:m1", &[Role::Writer], None),
            revoked: world.account("worker:w8", &[Role::Supervisor, Role::Admin], None),
            world,
        };
        let access = &cast.world.access;
        let revoked = access.caller(&cast.revoked).expect("a good token").token.expect("a token");
        access.revoke_token(&actor("admin:k1"), &revoked).expect("revoked");
        for (client, n) in [(Client::Own, 1000), (Client::Foreign, 2000), (Client::Granted, 3000)] {
            cast.open(client, n).await;
        }
        for account in ["worker:w1", "auditor:a1"] {
            let client = Some(cast.journey(Client::Granted));
            let why = Text::new("covers for a colleague").expect("a text");
            let grant = NewGrant { to: actor(account), client, names: true, until: None, why };
            access.grant(&actor("admin:k1"), grant).expect("a grant");
        }
        cast.reached().await;
        cast
    }

    async fn open(&self, client: Client, n: u128) {
        let word = client.word();
        let worker = if client == Client::Own { "w1" } else { "w2" };
        let mut opened = event(
            n,
            "intake.journey-opened",
            "2026-03-01",
            &json!({ "role": "participant", "language": "af" }),
        );
        opened["data"]["personal"] = json!({ "name": format!("name-{word}"), "contacts": [{ "kind": "phone", "value": format!("phone-{word}") }] });
        opened["data"]["imported"] =
            json!({ "system": "hmis", "table": "client", "row": format!("row-{word}") });
        let mut enrolled = enrolled(n + 1, &format!("stay-{}", &word[..3]), "2026-03-02");
        enrolled["data"]["facts"]["worker"] = json!(worker);
        let mut said = contact(n + 2, "2026-03-03");
        said["data"]["personal"] = json!({ "words": word });
        let path = format!("/v1/journeys/{}/events", self.journey(client));
        self.world.ask(&self.writer, "POST", &path, Some(&json!([opened, enrolled, said]))).await.is(201);
    }

    /// Waits until the views have everything.
    pub async fn reached(&self) {
        let last = self.world.runtime.log().events() - 1;
        self.world
            .ask(&self.supervisor, "GET", &format!("/v1/journeys?min_position={last}"), None)
            .await
            .is(200);
    }

    pub fn journey(&self, client: Client) -> JourneyId {
        match client {
            Client::Own => "00000000-0000-4000-8000-00000000000a".parse().expect("an id"),
            Client::Granted => "00000000-0000-4000-8000-00000000000c".parse().expect("an id"),
            Client::Foreign => {
                let namespace = self.world.runtime.log().namespace();
                throughline_exchange::journey_id(namespace, FOREIGN_KEY).expect("a key")
            }
        }
    }

    fn token(&self, role: Role) -> &str {
        match role {
            Role::Staff => &self.staff,
            Role::Supervisor => &self.supervisor,
            Role::Auditor => &self.auditor,
            Role::Evaluator => &self.evaluator,
            Role::Admin => &self.admin,
            Role::Writer => &self.writer,
        }
    }
}

pub fn actor(name: &str) -> Actor {
    Actor::new(name).expect("a pseudonym")
}

/// Where a route stands in this test: what it must need, and how it is asked.
struct Place {
    need: Need,
    path: String,
    content_type: &'static str,
    body: String,
}

/// The routes, one by one. A route that is not here fails the test.
#[allow(clippy::too_many_lines, reason = "one arm a route")]
fn placed(cast: &Cast, n: &mut u128, method: &str, pattern: &str, client: Client) -> Option<Place> {
    *n += 1;
    let journey = cast.journey(client);
    let at = |need: Need| Place {
        need,
        path: pattern.replace("{id}", &journey.to_string()),
        content_type: "",
        body: String::new(),
    };
    let sent = |need: Need, body: Json| Place {
        content_type: "application/json",
        body: body.to_string(),
        ..at(need)
    };
    let text = |need: Need, path: &str, content_type, body: &str| Place {
        path: path.to_owned(),
        content_type,
        body: body.to_owned(),
        ..at(need)
    };
    Some(match (method, pattern) {
        ("get", "/" | "/docs" | "/openapi.json" | "/style.css" | "/healthz" | "/readyz" | "/sign-in") => {
            at(Need::Nothing)
        }
        ("post", "/cosignatures") => text(Need::Nothing, pattern, "text/plain", "no note"),
        ("post", "/session" | "/sign-out") => {
            text(Need::Nothing, pattern, "application/x-www-form-urlencoded", "token=x&form=x")
        }
        ("get", "/metrics") => at(Need::Operate),
        ("get", "/v1/me" | "/v1/vocabularies") => at(Need::SignedIn),
        ("get", "/v1/vocabularies/{name}") => text(Need::SignedIn, "/v1/vocabularies/facts", "", ""),
        (
            "get",
            "/v1/journeys/{id}"
            | "/v1/journeys/{id}/history"
            | "/v1/journeys/{id}/replay"
            | "/v1/journeys/{id}/engagement"
            | "/v1/journeys/{id}/satisfaction"
            | "/v1/journeys/{id}/outcomes"
            | "/v1/journeys/{id}/quality",
        ) => at(Need::ReadClient),
        ("get", "/v1/journeys/{id}/compare") => {
            let path = format!("/v1/journeys/{journey}/compare?from=2026-05-01T00:00:00Z");
            text(Need::ReadClient, &path, "", "")
        }
        ("post", "/v1/journeys/look-up") => {
            let key = if client == Client::Foreign { FOREIGN_KEY.to_owned() } else { journey.to_string() };
            sent(Need::ReadClient, json!({ "key": key }))
        }
        ("post", "/v1/journeys/{id}/break-glass") => sent(Need::ReadClient, json!({ "reason": "" })),
        // Nobody is really erased here: whoever may is told what is missing.
        ("post", "/v1/journeys/{id}/erasures") => sent(Need::Erase, json!({ "level": "identity" })),
        ("post", "/v1/journeys/{id}/events") => {
            let mut contact = contact(10_000 + *n, "2026-03-09");
            contact["data"].as_object_mut().expect("an object").remove("actor");
            sent(Need::Append, contact)
        }
        ("get", "/v1/journeys" | "/v1/worklists") => at(Need::ReadClients),
        ("get", "/v1/worklists/{name}") => text(Need::ReadClients, "/v1/worklists/going-quiet", "", ""),
        ("get", "/v1/engagement" | "/v1/satisfaction" | "/v1/outcomes" | "/v1/quality") => {
            text(Need::ReadFigures, &format!("{pattern}?group_by=worker"), "", "")
        }
        ("post", "/v1/audit-packs") => sent(Need::AuditPack, json!({ "journey": journey })),
        ("get", "/checkpoint" | "/checkpoint/witnessed") => at(Need::Nothing),
        ("get", "/tile/{path}") => text(Need::Nothing, "/tile/0/000.p/1", "", ""),
        ("get", "/tile/entries/{path}") => text(Need::ReadFeed, "/tile/entries/000.p/1", "", ""),
        ("get", "/v1/events/{id}/proof") => text(Need::SignedIn, &pattern.replace("{id}", &id(1)), "", ""),
        ("get", "/v1/events") => at(Need::ReadFeed),
        ("get", "/v1/imports") => at(Need::Import),
        ("post", "/v1/imports") => text(Need::Import, "/v1/imports?mode=validate", "application/json", "[]"),
        ("get" | "delete", "/v1/imports/{id}") => {
            text(Need::Import, &pattern.replace("{id}", &id(77)), "", "")
        }
        ("post", "/v1/backtests") => text(
            Need::Backtest,
            "/v1/backtests?register_only=true",
            "application/toml",
            crate::backtests::SPEC,
        ),
        ("get" | "delete", "/v1/backtests/{id}") | ("get", "/v1/backtests/{id}/report.html") => {
            text(Need::Backtest, &pattern.replace("{id}", &id(77)), "", "")
        }
        ("get", "/v1/accounts") => at(Need::Accounts),
        ("post", "/v1/accounts") => {
            sent(Need::Accounts, json!({ "name": format!("worker:new{n}"), "roles": ["staff"] }))
        }
        (_, "/v1/accounts/{name}" | "/v1/accounts/{name}/roles" | "/v1/accounts/{name}/tokens") => {
            let name = format!("worker:x{n}");
            cast.world.account(&name, &[Role::Staff], None);
            let body = if pattern.ends_with("roles") {
                json!({ "roles": ["auditor"] })
            } else {
                json!({ "days": 1 })
            };
            Place { path: pattern.replace("{name}", &name), ..sent(Need::Accounts, body) }
        }
        ("delete", "/v1/tokens/{id}") => text(Need::Accounts, "/v1/tokens/0000000000000000", "", ""),
        ("get", "/v1/grants") => at(Need::Grant),
        ("post", "/v1/grants") => sent(
            Need::Grant,
            json!({ "account": "worker:w8", "client": journey, "why": "covers for a colleague" }),
        ),
        ("delete", "/v1/grants/{id}") => text(Need::Grant, "/v1/grants/0000000000000000", "", ""),
        ("get", "/v1/access-log") => {
            text(Need::ReadAccess, &format!("/v1/access-log?client={journey}"), "", "")
        }
        _ => return None,
    })
}

/// What must come back: allowed, or this refusal.
fn expected(role: Role, place: &Place, pattern: &str, client: Client) -> Option<(u16, &'static str)> {
    let Some(leave) = role.leave(place.need) else { return Some((403, "no-leave")) };
    let pseudonymous = leave.ids == Ids::Pseudonyms;
    if pseudonymous && pattern.starts_with("/v1/worklists") {
        return Some((403, "no-leave"));
    }
    if pattern.ends_with("break-glass") {
        return (leave.clients != Clients::Caseload).then_some((403, "no-leave"));
    }
    let about_client = pattern.starts_with("/v1/journeys/");
    let foreign = about_client && leave.clients == Clients::Caseload && client == Client::Foreign;
    foreign.then_some((403, "not-in-caseload"))
}

/// Texts that must not reach this role. The path that was asked is said back in problems, so it is left out before.
fn secrets(cast: &Cast, role: Option<Role>) -> Vec<String> {
    let personal = |client: Client| {
        let word = client.word();
        ["name-", "phone-", "row-", ""].map(|part| format!("{part}{word}\""))
    };
    let whole = |client: Client| {
        let enrolment = format!("stay-{}", &client.word()[..3]);
        personal(client).into_iter().chain([cast.journey(client).to_string(), enrolment]).collect::<Vec<_>>()
    };
    let all = |clients: &[Client]| clients.iter().flat_map(|client| whole(*client)).collect::<Vec<_>>();
    let words = |clients: &[Client]| clients.iter().flat_map(|client| personal(*client)).collect::<Vec<_>>();
    match role {
        Some(Role::Supervisor) => Vec::new(),
        Some(Role::Staff) => all(&[Client::Foreign]),
        Some(Role::Auditor) => words(&[Client::Own, Client::Foreign]),
        Some(Role::Admin | Role::Writer) => words(&Client::ALL),
        Some(Role::Evaluator) | None => all(&Client::ALL),
    }
}

fn holds_none(cast: &Cast, answer: &Answer, role: Option<Role>, place: &Place, what: &str) {
    let mut said = String::from_utf8_lossy(&answer.body).into_owned();
    if let Ok(mut json) = serde_json::from_slice::<Json>(&answer.body)
        && let Some(fields) = json.as_object_mut()
        && fields.remove("instance").is_some()
    {
        said = json.to_string();
    }
    // What was named in the request is no news to who sent it.
    let named = format!("{} {}", place.path, place.body);
    let said = format!("{said}{:?}", answer.headers);
    for secret in secrets(cast, role) {
        let news = !named.contains(secret.trim_end_matches('"'));
        assert!(!(news && said.contains(&secret)), "{what}: `{secret}` in {said}");
    }
}

#[tokio::test]
async fn every_role_gets_at_every_route_what_the_table_gives_it_and_nothing_else() {
    let cast = Cast::new().await;
    let mut n = 0;
    let paths = cast.world.description.0["paths"].as_object().expect("paths").clone();
    let mut asked = BTreeSet::new();
    for (pattern, item) in &paths {
        for (method, operation) in item.as_object().expect("operations") {
            for client in Client::ALL {
                for role in Role::ALL {
                    let place = placed(&cast, &mut n, method, pattern, client);
                    let place =
                        place.unwrap_or_else(|| panic!("{method} {pattern} has no place in the matrix yet"));
                    assert_eq!(operation["x-need"], need_name(place.need), "{method} {pattern}");
                    let what = format!("{role} {method} {pattern} of {client:?}");
                    let answer = ask(&cast, cast.token(role), method, &place).await;
                    let refusal = expected(role, &place, pattern, client);
                    check(&answer, refusal.filter(|_| place.need != Need::Nothing), &place, &what);
                    holds_none(&cast, &answer, Some(role), &place, &what);
                    asked.insert((method.clone(), pattern.clone()));
                }
                for (token, who) in
                    [("", "nobody"), (cast.revoked.as_str(), "revoked"), ("tlt_AAAA", "unknown")]
                {
                    let place = placed(&cast, &mut n, method, pattern, client).expect("it was placed");
                    let what = format!("{who} {method} {pattern} of {client:?}");
                    let answer = ask(&cast, token, method, &place).await;
                    let refusal = (place.need != Need::Nothing).then_some((401, "not-signed-in"));
                    check(&answer, refusal, &place, &what);
                    holds_none(&cast, &answer, None, &place, &what);
                }
            }
        }
    }
    assert!(asked.len() >= 40, "{} operations were asked", asked.len());
}

async fn ask(cast: &Cast, token: &str, method: &str, place: &Place) -> Answer {
    let mut request =
        axum::http::Request::builder().method(method.to_ascii_uppercase().as_str()).uri(&place.path);
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    if !place.content_type.is_empty() {
        request = request.header("content-type", place.content_type);
    }
    cast.world.send(request.body(place.body.clone().into()).expect("a request")).await
}

fn check(answer: &Answer, refusal: Option<(u16, &str)>, place: &Place, what: &str) {
    let status = answer.status.as_u16();
    match refusal {
        Some((expected, code)) => {
            assert_eq!(status, expected, "{what}: {}", String::from_utf8_lossy(&answer.body));
            assert_eq!(answer.json()["code"], code, "{what}");
        }
        // Who is in no session cannot end one.
        None if place.need == Need::Nothing => assert!(status != 401 || place.path == "/sign-out", "{what}"),
        None => assert!(![401, 403].contains(&status), "{what}: {}", String::from_utf8_lossy(&answer.body)),
    }
}

fn need_name(need: Need) -> String {
    let words = format!("{need:?}");
    let spread: String = words
        .chars()
        .enumerate()
        .map(|(nth, letter)| {
            let lower = letter.to_ascii_lowercase();
            if letter.is_ascii_uppercase() && nth > 0 { format!("-{lower}") } else { lower.to_string() }
        })
        .collect();
    spread
}
