//! Health, readiness, metrics, pages, and stopping.

use std::time::Duration;

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::world::{ANNA, World, contact};

#[tokio::test]
async fn the_service_says_that_it_lives_and_when_it_is_ready() {
    let world = World::with_anna().await;
    assert_eq!(world.get("/healthz").await.is(200).json(), json!({ "status": "ok" }));
    world.get("/v1/journeys?min_position=1").await.is(200);
    let ready = world.get("/readyz").await.is(200).json();
    assert_eq!((ready["status"].clone(), ready["position"].clone()), (json!("ready"), json!(1)));
    assert!(ready["views"].as_array().is_some_and(|views| views.len() >= 3));
}

#[tokio::test]
async fn what_happens_is_counted_and_no_label_names_anybody() {
    let world = World::with_anna().await;
    world.append(ANNA, &contact(3, "2026-03-03")).await.is(201);
    world.get("/v1/journeys?min_position=2").await.is(200);
    world.get("/nowhere/at-all").await.is(404);
    let text = world.get("/metrics").await.is(200).text();
    for line in [
        "throughline_events_appended_total 3",
        "throughline_append_seconds_count 2",
        "throughline_log_events 3",
        "throughline_view_lag_events{view=\"engagement\"} 0",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let route = "throughline_http_requests_total{method=\"POST\",route=\"/v1/journeys/{id}/events\",status=\"201\"} 2";
    assert!(text.contains(route), "{text}");
    assert!(
        text.contains("route=\"none\",status=\"404\"") && !text.contains("at-all") && !text.contains(ANNA)
    );
}

#[tokio::test]
async fn the_first_page_speaks_two_languages_and_its_links_work() {
    let world = World::with_anna().await;
    let english = world.get("/").await.is(200).text();
    let afrikaans = world.get_with("/", "accept-language", "fr, af-ZA;q=0.8, en;q=0.5").await.is(200).text();
    assert!(english.contains("<html lang=\"en\">") && afrikaans.contains("<html lang=\"af\">"));
    assert_eq!(world.get("/?lang=af").await.is(200).text(), afrikaans);
    let docs = world.get("/docs").await.is(200).text();
    for page in [english, afrikaans, docs.clone()] {
        for link in page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            match link.strip_prefix('#') {
                Some(anchor) => assert!(page.contains(&format!("id=\"{anchor}\"")), "{link}"),
                None if link.starts_with("data:") => {}
                None => assert_eq!(world.get(link).await.status, 200, "{link}"),
            }
        }
        assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("<script"));
    }
    assert!(docs.contains("id=\"problem-stale-version\""), "problem types lead here");
}

#[tokio::test]
async fn every_answer_says_how_browsers_may_use_it() {
    let world = World::new().await;
    let page = world.get("/docs").await.is(200);
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(page.header("cache-control"), "private, no-cache");
}

#[tokio::test]
async fn told_to_stop_the_service_ends_though_somebody_is_listening() {
    let world = World::with_anna().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let shutdown = async move { stopped.await.unwrap_or_default() };
    let served = tokio::spawn(throughline_http::serve(listener, None, world.state.clone(), shutdown));
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let request = "GET /v1/events HTTP/1.1\r\nHost: here\r\nAccept: text/event-stream\r\n\r\n";
    stream.write_all(request.as_bytes()).await.expect("a request");
    let mut heard = vec![0; 64];
    stream.read_exact(&mut heard).await.expect("an answer");
    assert!(heard.starts_with(b"HTTP/1.1 200"));
    stop.send(()).expect("the service listens");
    let ended = tokio::time::timeout(Duration::from_secs(10), served).await.expect("an end in time");
    ended.expect("no panic").expect("no error");
    assert!(TcpStream::connect(address).await.is_err(), "no more connections are taken");
}
