//! Imports over HTTP: what would come in, what came in, line by line; one at a time; and their reports.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Request, header},
};
use jiff::civil::date;
use serde_json::{Value as Json, json};
use throughline_domain::{Code, ImportAccount, ImportFinished};
use throughline_exchange::import::keep;

use crate::world::{ANNA, Answer, World, contact, enrolled, event, id, opened};

const BEN: &str = "00000000-0000-4000-8000-00000000b001";

fn of(journey: &str, mut event: Json) -> Json {
    event["subject"] = json!(journey);
    event
}

fn lines(events: &[Json]) -> String {
    events.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

impl World {
    async fn import(&self, mode: &str, media_type: &str, body: impl Into<Body>) -> Answer {
        let request =
            Request::post(format!("/v1/imports?mode={mode}")).header(header::CONTENT_TYPE, media_type);
        self.send(request.body(body.into()).expect("a request")).await
    }

    /// Sends lines and waits for the end.
    pub async fn import_lines(&self, mode: &str, body: String) -> Json {
        let begun = self.import(mode, "application/x-ndjson", body).await.is(202);
        let place = begun.header("location").to_owned();
        assert_eq!(place, format!("/v1/imports/{}", begun.json()["id"].as_str().expect("an id")));
        self.ended(&place).await
    }

    async fn ended(&self, place: &str) -> Json {
        for _ in 0..2_000 {
            let job = self.get(place).await.is(200).json();
            if job["state"] != "running" {
                return job;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{place} does not end");
    }
}

/// Lines, events, repeated, warnings, rejected.
fn counts(job: &Json) -> [u64; 5] {
    ["rows", "events", "repeated", "warnings", "rejected"]
        .map(|name| job["report"][name].as_u64().expect("a number"))
}

fn mixed() -> String {
    let mut body = lines(&[
        of(BEN, opened(1)),
        of(BEN, enrolled(2, "e-1", "2026-03-02")),
        of(BEN, enrolled(3, "e-1", "2026-03-03")),
        of(ANNA, contact(4, "2026-03-04")),
        of(BEN, contact(5, "2026-03-05")),
        of(BEN, contact(5, "2026-03-05")),
        of(BEN, contact(2, "2026-03-06")),
        of(BEN, event(8, "transaction.service-delivered", "2026-03-07", &json!({ "format": "phone" }))),
    ]);
    body.push_str("\nnot json\n\n");
    body.push_str(&event(9, "intake.journey-opened", "2026-03-01", &json!({})).to_string());
    body
}

fn refused(job: &Json) -> Vec<(u64, &str)> {
    let lines = job["refused"].as_array().expect("a list").iter();
    lines
        .map(|line| (line["line"].as_u64().expect("a line"), line["code"].as_str().expect("a code")))
        .collect()
}

#[tokio::test]
async fn lines_come_in_or_are_refused_one_by_one_and_a_rehearsal_says_the_same() {
    let world = World::new().await;
    let rehearsed = world.import_lines("validate", mixed()).await;
    assert_eq!((&rehearsed["state"], &rehearsed["kept_as"]), (&json!("done"), &Json::Null));
    assert_eq!(world.runtime.log().events(), 0, "a rehearsal writes nothing");

    let job = world.import_lines("commit", mixed()).await;
    let expected = [
        (3, "key-reused"),
        (4, "not-opened"),
        (7, "event-id-taken"),
        (8, "invalid-event"),
        (9, "malformed-body"),
        (11, "invalid-event"),
    ];
    for told in [&rehearsed, &job] {
        assert_eq!(counts(told), [10, 3, 0, 1, 6], "{told:#}");
        assert_eq!(refused(told), expected);
        for line in told["refused"].as_array().expect("a list") {
            assert!(line["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{line}");
            assert!(line["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{line}");
        }
        let file = &told["report"]["files"][0];
        let sum = ["clean", "warnings", "rejected"].map(|name| file[name].as_u64().expect("a number"));
        assert_eq!((sum.iter().sum::<u64>(), &told["rows"]), (10, &json!(10)));
    }
    assert_ne!(rehearsed["id"], job["id"]);
    assert_eq!(world.runtime.log().events(), 4, "three events and the report");
    world.get(&format!("/v1/journeys/{BEN}/history")).await.is(200);
    world.get(&format!("/v1/journeys/{ANNA}")).await.refuses(404, "unknown-journey");

    let again = world.import_lines("commit", mixed()).await;
    assert_eq!(counts(&again), [10, 0, 4, 0, 6], "the line that stands twice is there already, twice");
    assert_eq!((&again["id"], &again["kept_as"]), (&job["id"], &Json::Null));
    assert_eq!(world.runtime.log().events(), 4, "a repeat that changed nothing leaves the log as it was");
}

#[tokio::test]
async fn the_report_stays_after_the_service_is_gone() {
    let world = World::new().await;
    let job = world.import_lines("commit", mixed()).await;
    let place = format!("/v1/imports/{}", job["kept_as"].as_str().expect("an event"));
    let restarted = world.restarted();
    let kept = restarted.get(&place).await.is(200).json();
    assert_eq!(counts(&kept), counts(&job));
    assert_eq!(
        (&kept["report"]["findings"], &kept["report"]["files"]),
        (&job["report"]["findings"], &job["report"]["files"])
    );
    assert_eq!((&kept["begun"], &kept["refused"]), (&Json::Null, &json!([])));
    let listed = restarted.get("/v1/imports").await.is(200).json();
    assert_eq!(
        (&listed["imports"][0]["id"], &listed["imports"][0]["rejected"]),
        (&job["kept_as"], &json!(6))
    );
}

#[tokio::test]
async fn a_list_is_imported_too_and_later_events_may_rest_on_earlier_ones() {
    let world = World::new().await;
    let body = json!([of(ANNA, opened(1)), of(BEN, opened(2)), of(ANNA, enrolled(3, "e-1", "2026-03-02"))]);
    for media_type in ["application/json", "application/cloudevents-batch+json; charset=utf-8"] {
        let begun = world.import("commit", media_type, body.to_string()).await.is(202);
        let job = world.ended(begun.header("location")).await;
        assert_eq!((&job["state"], &job["report"]["rejected"]), (&json!("done"), &json!(0)), "{job:#}");
    }
    assert_eq!(world.runtime.log().events(), 4);
}

#[tokio::test]
async fn a_line_that_names_a_field_twice_is_refused_and_keeps_no_other_back() {
    let world = World::new().await;
    let twice = of(BEN, opened(2)).to_string().replace("\"role\":", "\"role\":\"staff\",\"role\":");
    let events = [of(ANNA, opened(1)).to_string(), twice, of(BEN, opened(3)).to_string()];
    let list = format!("[{}]", events.join(","));
    for (media_type, body) in [("application/x-ndjson", events.join("\n")), ("application/json", list)] {
        let begun = world.import("validate", media_type, body).await.is(202);
        let job = world.ended(begun.header("location")).await;
        assert_eq!((counts(&job), refused(&job)), ([3, 2, 0, 0, 1], vec![(2, "invalid-event")]), "{job:#}");
        assert_eq!(job["refused"][0]["pointer"], "/data/facts/role");
    }
}

#[tokio::test]
async fn what_is_no_body_of_events_is_refused_at_once() {
    let world = World::new().await;
    world.import("validate", "text/csv", "a,b").await.refuses(415, "wrong-media-type");
    world.import("validate", "application/json", "[").await.refuses(400, "malformed-body");
    world.import("validate", "application/json", "{}").await.refuses(422, "invalid-event");
    for unreadable in [&b"[{\"id\":\"Jos\xe9\"}]"[..], br#"[{"id":1e400}]"#, br#"[{"id":"\ud800"}]"#] {
        world.import("validate", "application/json", unreadable).await.refuses(400, "malformed-body");
    }
    world.import("perhaps", "application/json", "[]").await.refuses(422, "invalid-query");
    let request = Request::post("/v1/imports").header(header::CONTENT_TYPE, "application/json");
    world.send(request.body(Body::from("[]")).expect("a request")).await.refuses(422, "invalid-query");
    let large = vec![b' '; 64 * 1024 * 1024 + 1];
    world.import("validate", "application/json", large).await.refuses(413, "too-large");
    let job = world.import_lines("commit", String::new()).await;
    assert_eq!((counts(&job), &job["state"]), ([0; 5], &json!("done")));
    world.get(&format!("/v1/imports/{}", id(77))).await.refuses(404, "unknown-import");
    world.get("/v1/imports/x").await.refuses(422, "invalid-path");
}

#[tokio::test]
async fn one_import_at_a_time_and_the_next_is_told_to_wait() {
    let world = World::new().await;
    // A body that does not arrive holds the turn; nothing else is taken in meanwhile.
    let (sender, receiver) = tokio::sync::mpsc::channel::<Result<Vec<u8>, std::io::Error>>(1);
    let stream = futures_util::stream::unfold(receiver, |mut receiver| async {
        receiver.recv().await.map(|next| (next, receiver))
    });
    let request = Request::post("/v1/imports?mode=commit")
        .header(header::CONTENT_TYPE, "application/x-ndjson")
        .body(Body::from_stream(stream))
        .expect("a request");
    let app = world.app.clone();
    let first = tokio::spawn(tower::ServiceExt::oneshot(app, request));
    sender.send(Ok(lines(&[of(ANNA, opened(1))]).into_bytes())).await.expect("it is waited for");
    // There is room for one: the second is taken when the first was read.
    sender.send(Ok(b"\n".to_vec())).await.expect("it is read");
    let second = world.import("commit", "application/x-ndjson", lines(&[of(BEN, opened(2))])).await;
    let second = second.refuses(409, "import-running");
    assert_eq!(second.header("retry-after"), "5");
    drop(sender);
    let first = first.await.expect("it runs").expect("an answer");
    assert_eq!(first.status(), 202);
    let place = first.headers()["location"].to_str().expect("a path").to_owned();
    assert_eq!(world.ended(&place).await["state"], "done");
    world.import_lines("commit", lines(&[of(BEN, opened(2))])).await;
}

/// Begins an import and ends it, and gives the job as it was then; none where it was at its end first.
async fn begun_and_ended(world: &World, all: &[Json]) -> Option<Json> {
    let begun = world.import("commit", "application/x-ndjson", lines(all)).await.is(202);
    let place = begun.header("location").to_owned();
    let listed = world.get("/v1/imports").await.is(200).json();
    let end = || Request::delete(&place).body(Body::empty()).expect("a request");
    world.send(end()).await.is(200);
    let job = world.ended(&place).await;
    if job["state"] == "done" {
        return None;
    }
    assert_eq!(listed["running"]["id"], begun.json()["id"]);
    assert_eq!((&job["state"], &job["kept_as"]), (&json!("cancelled"), &Json::Null), "{job:#}");
    assert_eq!(world.send(end()).await.is(200).json()["state"], "cancelled", "it has ended");
    Some(job)
}

#[tokio::test]
async fn an_import_is_stopped_between_journeys_and_goes_on_when_sent_again() {
    // A fast machine can be at the end before it is asked to stop: then more come in.
    for many in [1_500_u32, 6_000, 24_000] {
        let world = World::new().await;
        let all: Vec<Json> = (1..=many.into()).map(|n: u128| of(&id(0x5000 + n), opened(n))).collect();
        let Some(job) = begun_and_ended(&world, &all).await else { continue };
        let (many, written) = (u64::from(many), job["report"]["events"].as_u64().expect("a number"));
        assert!(written < many && world.runtime.log().events() == written, "{written}");
        let rest = world.import_lines("commit", lines(&all)).await;
        assert_eq!(counts(&rest), [many, many - written, written, 0, 0]);
        assert_eq!(world.runtime.log().events(), many + 1);
        return;
    }
    panic!("no import was stopped before its end");
}

#[tokio::test]
async fn reports_come_in_pages_the_newest_last() {
    let world = World::new().await;
    for nth in 1..=5 {
        let told = ImportFinished {
            source: Code::new("hmis").expect("a code"),
            format: Code::new("2026-v1").ok(),
            made: None,
            full: true,
            content: Code::new(format!("{nth}")).expect("a code"),
            rows: nth,
            events: nth,
            repeated: 0,
            warnings: 0,
            rejected: 0,
            corrections: 0,
            retractions: 0,
            restored: 0,
            personal: ImportAccount::default(),
        };
        keep(&**world.runtime.log(), told, date(2026, 6, 1)).expect("a log").expect("a new report");
    }
    let (mut path, mut rows) = ("/v1/imports?limit=2".to_owned(), Vec::new());
    loop {
        let page = world.get(&path).await.is(200);
        let json = page.json();
        rows.extend(json["imports"].as_array().expect("a list").iter().map(|listed| listed["rows"].clone()));
        let Some(next) = json["next"].as_str() else { break };
        assert!(page.header("link").contains(next));
        path = next.to_owned();
    }
    assert_eq!(json!(rows), json!([1, 2, 3, 4, 5]));
    world.get("/v1/imports?cursor=AAAA").await.refuses(422, "invalid-cursor");
}
