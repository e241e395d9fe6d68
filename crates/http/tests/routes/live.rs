//! The whole log: in pages, and as it grows.

use std::time::Duration;

use axum::{body::Body, http::Request};
use http_body_util::BodyExt;
use serde_json::{Value as Json, json};
use tower::ServiceExt;

use crate::world::{ANNA, World, contact, id};

#[tokio::test]
async fn the_log_is_read_in_pages_and_its_last_page_is_where_new_events_will_be() {
    let world = World::with_anna().await;
    world.append(ANNA, &json!([contact(3, "2026-03-03"), contact(4, "2026-03-04")])).await.is(201);
    let first = world.get("/v1/events?limit=3").await.is(200).json();
    assert_eq!(first["events"][2]["position"], 2);
    let rest = world.get(first["next"].as_str().expect("a next page")).await.is(200).json();
    assert_eq!((rest["events"][0]["id"].clone(), rest["next"].clone()), (json!(id(4)), Json::Null));
    let none = world.get("/v1/events?after=3").await.is(200).json();
    assert_eq!(none["events"], json!([]));
    world.get("/v1/events?after=4").await.refuses(422, "beyond-head");
}

/// Reads a live stream until it has shown this many events.
async fn listen(body: &mut Body, events: usize) -> Vec<(u64, Json)> {
    let mut text = String::new();
    loop {
        let seen: Vec<(u64, Json)> = text
            .split("\n\n")
            .filter(|block| block.contains("data: "))
            .map(|block| {
                let field = |name: &str| {
                    block.lines().find_map(|line| line.strip_prefix(name)).map(str::trim).expect("a field")
                };
                let data = serde_json::from_str(field("data:")).expect("JSON");
                (field("id:").parse().expect("a position"), data)
            })
            .collect();
        if text.ends_with("\n\n") && seen.len() >= events {
            return seen;
        }
        let frame = tokio::time::timeout(Duration::from_secs(10), body.frame()).await.expect("news in time");
        let data = frame.expect("the stream goes on").expect("a frame").into_data().expect("data");
        text += std::str::from_utf8(&data).expect("text");
    }
}

async fn stream(world: &World, path: &str, last: Option<&str>) -> Body {
    let mut request = Request::get(path).header("accept", "text/event-stream");
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    let answer =
        world.app.clone().oneshot(request.body(Body::empty()).expect("a request")).await.expect("an answer");
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    answer.into_body()
}

#[tokio::test]
async fn a_live_reader_sees_what_is_there_then_what_comes_and_goes_on_where_it_left() {
    let world = World::with_anna().await;
    let mut body = stream(&world, "/v1/events", None).await;
    let seen = listen(&mut body, 2).await;
    assert_eq!(seen.iter().map(|(position, _)| *position).collect::<Vec<_>>(), [0, 1]);
    world.append(ANNA, &contact(3, "2026-03-03")).await.is(201);
    let seen = listen(&mut body, 1).await;
    assert_eq!((seen[0].0, seen[0].1["id"].clone()), (2, json!(id(3))));
    drop(body);
    world.append(ANNA, &contact(4, "2026-03-04")).await.is(201);
    let mut again = stream(&world, "/v1/events?after=0", Some("2")).await;
    assert_eq!(listen(&mut again, 1).await[0].0, 3, "what was seen last goes before what was asked first");
}

#[tokio::test]
async fn a_reader_who_stops_reading_does_not_hold_up_the_writer() {
    let world = World::with_anna().await;
    let mut slow = stream(&world, "/v1/events", None).await;
    for n in 0..40 {
        let events: Vec<Json> = (0..25).map(|nth| contact(1000 + n * 25 + nth, "2026-03-05")).collect();
        world.append(ANNA, &json!(events)).await.is(201);
    }
    assert_eq!(world.runtime.log().events(), 1002);
    let seen = listen(&mut slow, 1).await;
    assert_eq!(seen[0].0, 0);
}

#[tokio::test]
async fn live_readers_are_let_go_when_the_service_closes() {
    let world = World::with_anna().await;
    let mut waiting = stream(&world, "/v1/events?after=1", None).await;
    let mut behind = stream(&world, "/v1/events", None).await;
    world.state.close();
    for body in [&mut waiting, &mut behind] {
        let end = tokio::time::timeout(Duration::from_secs(10), body.frame()).await.expect("the end in time");
        assert!(end.is_none());
    }
}

#[tokio::test]
async fn a_place_that_is_none_is_refused() {
    let world = World::with_anna().await;
    let refused =
        world.get_with("/v1/events", "last-event-id", "yesterday").await.refuses(422, "invalid-header");
    assert_eq!(refused.fault(), "Last-Event-ID");
    world.get_with("/v1/events", "last-event-id", "99").await.refuses(422, "beyond-head");
}
