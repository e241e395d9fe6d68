//! Signing in with a browser: the cookie, what a session may change and from where, and how it ends.

use axum::{
    body::Body,
    http::{Request, request::Builder},
};
use serde_json::json;
use throughline_access::{NewGrant, Role};
use throughline_domain::{Code, Text};

use crate::{
    matrix::{Cast, Client, actor},
    world::{Answer, World},
};

/// A browser, with the cookie it was given.
struct Browser<'a> {
    world: &'a World,
    cookie: String,
}

impl Browser<'_> {
    fn request(&self, method: &str, path: &str) -> Builder {
        let request = Request::builder().method(method).uri(path).header("host", "localhost:8080");
        if self.cookie.is_empty() {
            request
        } else {
            request.header("cookie", format!("a=b; {}", self.cookie))
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.world.send(self.request("GET", path).body(Body::empty()).expect("a request")).await
    }

    async fn post(&self, path: &str, headers: &[(&str, &str)], content_type: &str, body: &str) -> Answer {
        let mut request = self.request("POST", path).header("content-type", content_type);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.world.send(request.body(Body::from(body.to_owned())).expect("a request")).await
    }

    async fn sign_in(world: &World, token: &str) -> (Answer, String) {
        let browser = Browser { world, cookie: String::new() };
        let form = format!("token={token}");
        let from_here = [("sec-fetch-site", "same-origin")];
        let answer =
            browser.post("/session", &from_here, "application/x-www-form-urlencoded", &form).await.is(303);
        let cookie = answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
        (answer, cookie)
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn a_session_is_opened_with_a_token_and_its_cookie_is_of_no_use_elsewhere() {
    let cast = Cast::new().await;
    let (answer, cookie) = Browser::sign_in(&cast.world, &cast.staff).await;
    assert_eq!(answer.header("location"), "/");
    let set = answer.header("set-cookie");
    for part in ["__Host-throughline=", "; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.contains("Domain") && !set.contains(&cast.staff), "{set}");
    let browser = Browser { world: &cast.world, cookie };
    let me = browser.get("/v1/me").await.is(200).json();
    assert_eq!((&me["account"], &me["by"]), (&json!("worker:w1"), &json!("session")));
    browser.get(&format!("/v1/journeys/{}", cast.journey(Client::Own))).await.is(200);
    let foreign = format!("/v1/journeys/{}", cast.journey(Client::Foreign));
    browser.get(&foreign).await.refuses(403, "not-in-caseload");
    let (refused, cookie) = Browser::sign_in(&cast.world, &cast.revoked).await;
    assert_eq!((refused.header("location"), cookie.as_str()), ("/sign-in?refused=true", ""));
    let noted: Vec<_> = cast.noted("system:stranger").into_iter().filter_map(|entry| entry.what).collect();
    assert_eq!(noted.iter().map(Code::as_str).collect::<Vec<_>>(), ["session"], "a refusal is noted");
    let page = cast.world.get("/sign-in?refused=true").await.is(200);
    assert!(
        page.text().contains("not good")
            && page.header("content-security-policy").contains("form-action 'self'")
    );
}

#[tokio::test]
async fn what_changes_something_must_come_from_here_and_repeat_the_sessions_text() {
    let cast = Cast::new().await;
    let (_, cookie) = Browser::sign_in(&cast.world, &cast.supervisor).await;
    let browser = Browser { world: &cast.world, cookie };
    let form = browser.get("/v1/me").await.is(200).json()["form"].as_str().expect("a text").to_owned();
    let path = "/v1/grants";
    let mut grants = 0;
    let here = ("sec-fetch-site", "same-origin");
    let repeats = ("throughline-form", form.as_str());
    for (headers, is_taken) in [
        (vec![], false),
        (vec![here], false),
        (vec![repeats], false),
        (vec![here, ("throughline-form", "guess")], false),
        (vec![("sec-fetch-site", "cross-site"), repeats], false),
        (vec![("sec-fetch-site", "same-site"), repeats], false),
        (vec![("sec-fetch-site", "none"), repeats], false),
        (vec![("origin", "https://evil.example"), repeats], false),
        (vec![("origin", "null"), repeats], false),
        (vec![("origin", "http://localhost:8080.evil.example"), repeats], false),
        (vec![here, repeats], true),
        (vec![("origin", "http://localhost:8080"), repeats], true),
    ] {
        let body = json!({ "account": "worker:w1", "why": "covers" }).to_string();
        let answer = browser.post(path, &headers, "application/json", &body).await;
        if is_taken {
            answer.is(201);
            grants += 1;
        } else {
            answer.refuses(403, "cross-site");
        }
    }
    let account = cast.world.access.accounts().into_iter().find(|account| account.name == actor("worker:w1"));
    let given = account.expect("an account").grants.iter().filter(|grant| grant.client.is_none()).count();
    assert_eq!(given, grants, "what was refused was not done");
}

#[tokio::test]
async fn nobody_is_signed_in_or_out_from_another_site() {
    let cast = Cast::new().await;
    let browser = Browser { world: &cast.world, cookie: String::new() };
    let token = format!("token={}", cast.staff);
    for headers in [vec![], vec![("sec-fetch-site", "cross-site")], vec![("origin", "https://evil.example")]]
    {
        browser.post("/session", &headers, FORM, &token).await.refuses(403, "cross-site");
    }
    let (_, cookie) = Browser::sign_in(&cast.world, &cast.staff).await;
    let browser = Browser { world: &cast.world, cookie };
    let page = browser.get("/sign-in").await.is(200).text();
    let form = page
        .split("name=\"form\" value=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("a form")
        .to_owned();
    let here = [("sec-fetch-site", "same-origin")];
    browser.post("/sign-out", &here, FORM, "form=guess").await.refuses(403, "cross-site");
    browser
        .post("/sign-out", &[("sec-fetch-site", "cross-site")], FORM, &format!("form={form}"))
        .await
        .refuses(403, "cross-site");
    browser.get("/v1/me").await.is(200);
    let out = browser.post("/sign-out", &here, FORM, &format!("form={form}")).await.is(303);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    browser.get("/v1/me").await.refuses(401, "not-signed-in");
    let page = cast
        .world
        .access
        .log(&throughline_access::Wanted { account: Some(actor("worker:w1")), ..Default::default() }, 100);
    let facts: Vec<&str> = page.expect("a page").entries.iter().map(|entry| entry.fact).collect();
    assert!(facts.contains(&"signed-in") && facts.contains(&"signed-out"), "{facts:?}");
}

#[tokio::test]
async fn a_session_ends_when_its_token_is_revoked_when_unused_and_at_the_latest_after_a_day_of_work() {
    let cast = Cast::new().await;
    let (_, cookie) = Browser::sign_in(&cast.world, &cast.staff).await;
    let browser = Browser { world: &cast.world, cookie };
    browser.get("/v1/me").await.is(200);
    let token = cast.world.access.caller(&cast.staff).expect("a token").token.expect("its id");
    cast.world.access.revoke_token(&actor("admin:k1"), &token).expect("revoked");
    browser.get("/v1/me").await.refuses(401, "not-signed-in");

    let (_, cookie) = Browser::sign_in(&cast.world, &cast.supervisor).await;
    let browser = Browser { world: &cast.world, cookie };
    cast.world.at("2026-06-01T08:29:00Z");
    browser.get("/v1/me").await.is(200);
    cast.world.at("2026-06-01T08:59:30Z");
    browser.get("/v1/me").await.refuses(401, "not-signed-in");

    cast.world.at("2026-06-01T08:00:00Z");
    let (_, cookie) = Browser::sign_in(&cast.world, &cast.supervisor).await;
    let browser = Browser { world: &cast.world, cookie };
    for hour in 8..20 {
        for minute in [0, 25, 50] {
            cast.world.at(&format!("2026-06-01T{hour:02}:{minute:02}:00Z"));
            browser.get("/v1/me").await.is(200);
        }
    }
    cast.world.at("2026-06-01T20:00:00Z");
    browser.get("/v1/me").await.refuses(401, "not-signed-in");
}

#[tokio::test]
async fn a_token_that_is_named_is_never_passed_over_for_a_session_or_the_demo() {
    let cast = Cast::new().await;
    let (_, cookie) = Browser::sign_in(&cast.world, &cast.supervisor).await;
    let with = |authorization: &str| {
        let request = Request::get("/v1/me").header("cookie", &cookie).header("authorization", authorization);
        request.body(Body::empty()).expect("a request")
    };
    for wrong in ["Bearer tlt_wrong", "Basic YTpi", "Bearer", &format!("Bearer {}", cast.revoked)] {
        let refused = cast.world.send(with(wrong)).await.refuses(401, "not-signed-in");
        assert!(refused.header("www-authenticate").starts_with("Bearer"));
    }
    let me = cast.world.send(with(&format!("bearer {}", cast.staff))).await.is(200).json();
    assert_eq!(me["account"], "worker:w1");

    let demo = World::new().await;
    let answer = demo.get("/v1/me").await.is(200);
    assert_eq!(
        (answer.header("throughline-signed-in-as"), &answer.json()["by"]),
        ("worker:w17", &json!("demo"))
    );
    demo.get_with("/v1/me", "authorization", "Bearer tlt_wrong").await.refuses(401, "not-signed-in");
    demo.get_with("/v1/me", "cookie", "__Host-throughline=none").await.refuses(401, "not-signed-in");
}

#[tokio::test]
async fn the_demo_says_on_every_page_who_everybody_is_and_takes_nothing_from_another_site() {
    let demo = World::with_anna().await;
    for path in ["/", "/docs", "/sign-in"] {
        let page = demo.get(path).await.is(200);
        assert!(page.text().contains("Everybody is signed in here as <strong>worker:w17</strong>"), "{path}");
    }
    for path in ["/v1/journeys", "/nowhere", "/v1/journeys/x"] {
        assert_eq!(demo.get(path).await.header("throughline-signed-in-as"), "worker:w17", "{path}");
    }
    let request = |site: &str| {
        let request = Request::post("/v1/backtests?register_only=true").header("content-type", "text/plain");
        request.header("sec-fetch-site", site).body(Body::from(crate::backtests::SPEC)).expect("a request")
    };
    demo.send(request("cross-site")).await.refuses(403, "cross-site");
    demo.send(request("same-origin")).await.is(202);
    let service = World::by_token().await;
    let page = service.get("/").await.is(200);
    assert!(page.header("throughline-signed-in-as").is_empty() && !page.text().contains("Everybody"));
}

/// The body of the live feed, as it comes.
async fn feed(cast: &Cast, path: &str, token: &str) -> Body {
    use tower::ServiceExt;
    let request = Request::get(path).header("accept", "text/event-stream");
    let request = request.header("authorization", format!("Bearer {token}"));
    let request = request.body(Body::empty()).expect("a request");
    let answer = cast.world.app.clone().oneshot(request).await.expect("an answer");
    assert_eq!(answer.status(), 200);
    answer.into_body()
}

#[tokio::test]
async fn a_live_feed_ends_when_its_token_is_revoked_and_names_go_when_their_grant_ends() {
    use http_body_util::BodyExt;
    let cast = Cast::new().await;
    let access = &cast.world.access;
    let all = NewGrant {
        to: actor("auditor:a1"),
        client: Some(cast.journey(Client::Own)),
        names: true,
        until: None,
        why: Text::new("audit").expect("a text"),
    };
    let grant = access.grant(&actor("admin:k1"), all).expect("a grant");
    let mut body = feed(&cast, "/v1/events", &cast.auditor).await;
    let mut next = async || {
        let frame =
            tokio::time::timeout(std::time::Duration::from_secs(10), body.frame()).await.expect("in time");
        frame.map(|frame| {
            String::from_utf8(frame.expect("a frame").into_data().expect("data").to_vec()).expect("text")
        })
    };
    assert!(next().await.expect("an event").contains("name-ownwords"), "granted");
    access.end_grant(&actor("admin:k1"), &grant).expect("ended");
    for _ in 1..3 {
        assert!(
            !next().await.expect("an event").contains("ownwords\""),
            "the grant ended while the feed was read"
        );
    }
    let token = access.caller(&cast.auditor).expect("a token").token.expect("its id");
    access.revoke_token(&actor("admin:k1"), &token).expect("revoked");
    assert_eq!(next().await, None, "a portion read before is not handed out");
    let waiting = cast.world.account("auditor:a2", &[Role::Auditor], None);
    let end = cast.world.runtime.log().events() - 1;
    let mut body = feed(&cast, &format!("/v1/events?after={end}"), &waiting).await;
    access.close_account(&actor("admin:k1"), &actor("auditor:a2")).expect("closed");
    let end = tokio::time::timeout(std::time::Duration::from_secs(10), body.frame()).await.expect("in time");
    assert!(end.is_none(), "a silent reader is let go too");
}
