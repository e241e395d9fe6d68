//! Backtests over HTTP: checked at once, registered, run once in the background, stopped.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::{Value as Json, json};

use crate::world::{Answer, World, id};

pub const SPEC: &str = include_str!("../../../../docs/specs/missed-check-ins.toml");

impl World {
    pub async fn backtest(&self, query: &str, spec: impl Into<Body>) -> Answer {
        let request = Request::post(format!("/v1/backtests{query}"));
        let request = request.header(header::CONTENT_TYPE, "application/toml");
        self.send(request.body(spec.into()).expect("a request")).await
    }

    /// Sends a spec and waits for the end.
    pub async fn backtest_done(&self, spec: &str) -> (String, Json) {
        let begun = self.backtest("", spec.to_owned()).await.is(202);
        let place = begun.header("location").to_owned();
        for _ in 0..2_000 {
            let job = self.get(&place).await.is(200).json();
            if job["state"] != "running" {
                return (place, job);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{place} does not end");
    }
}

#[tokio::test]
async fn a_wrong_spec_is_refused_at_once_with_its_line_and_what_to_write() {
    let world = World::with_anna().await;
    let before = world.runtime.log().events();
    let refused =
        world.backtest("", SPEC.replace("enter =", "entre =")).await.refuses(422, "invalid-spec").json();
    assert_eq!(refused["errors"][0]["row"], 9);
    assert!(
        refused["errors"][0]["hint"].as_str().expect("a hint").contains("did you mean `enter`?"),
        "{refused}"
    );
    world.backtest("", vec![b'#'; 20_000]).await.refuses(413, "too-large");
    world.backtest("", vec![0xff]).await.refuses(400, "malformed-body");
    let untyped = Request::post("/v1/backtests").body(Body::from(SPEC)).expect("a request");
    world.send(untyped).await.refuses(415, "wrong-media-type");
    assert_eq!(world.runtime.log().events(), before, "nothing wrong is registered");
}

#[tokio::test]
async fn the_same_spec_twice_is_one_backtest_and_gives_one_report() {
    let world = World::with_anna().await;
    let spec = SPEC.replace("candidate = \"missed_run >= 2\"", "candidate = \"days_since_entry > 3\"");
    let (place, first) = world.backtest_done(&spec).await;
    assert_eq!((&first["state"], &first["report"]["answer"]), (&json!("done"), &json!("given")), "{first}");
    let events = world.runtime.log().events();
    let (again, second) = world.backtest_done(&spec).await;
    assert_eq!((&again, &second["report"]), (&place, &first["report"]));
    assert_eq!(world.runtime.log().events(), events, "the second run writes nothing");
    let page = world.get(&format!("{place}/report.html")).await.is(200);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(String::from_utf8_lossy(&page.body).contains("What this rests on"));

    let world = world.restarted();
    let known = world.get(&place).await.is(200).json();
    assert_eq!((&known["state"], &known["noted"]["answer"]), (&json!("registered"), &json!("given")));
    world.get(&format!("{place}/report.html")).await.refuses(409, "no-report");
}

#[tokio::test]
async fn a_spec_can_be_registered_and_left() {
    let world = World::with_anna().await;
    let begun = world.backtest("?register_only=true", SPEC).await.is(202);
    assert_eq!(begun.json()["state"], "registered");
    let place = begun.header("location").to_owned();
    let request = Request::delete(&place).body(Body::empty()).expect("a request");
    assert_eq!(world.send(request).await.is(200).json()["state"], "registered");
    world.get(&format!("/v1/backtests/{}", id(77))).await.refuses(404, "unknown-backtest");
    world.get("/v1/backtests/x").await.refuses(422, "invalid-path");
}
