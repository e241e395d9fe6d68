//! Erasing over HTTP: the certificate, and what is still answered of a journey that was erased.

use axum::{body::Body, http::Request};
use serde_json::{Value as Json, json};

use crate::world::{ANNA, Answer, World, contact, event, opened};

const BETH: &str = "00000000-0000-4000-8000-00000000be77";

async fn erase(world: &World, journey: &str, body: &impl ToString) -> Answer {
    let request = Request::post(format!("/v1/journeys/{journey}/erasures"))
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .expect("a request");
    world.send(request).await
}

fn asked(level: &str) -> Json {
    json!({ "level": level, "reason": "asked", "requested_by": "client" })
}

#[tokio::test]
async fn an_erased_journey_answers_that_it_was_and_nothing_else() {
    let world = World::with_anna().await;
    let told = erase(&world, ANNA, &asked("all")).await.is(200).json();
    let certificate = &told["certificates"][0];
    assert_eq!((&certificate["journey"], &certificate["events"]), (&json!(ANNA), &json!(2)));
    let note = certificate["note"].as_str().expect("a note");
    assert!(
        note.contains("level all\nrequested by client\nreason asked\n") && note.contains("\n\n— "),
        "{note}"
    );
    let overview = world.get(&format!("/v1/journeys/{ANNA}")).await.is(200).json();
    assert_eq!((&overview["closed"], &overview["facts"]), (&json!(2), &json!(1)));
    assert_eq!(overview["placement"]["places"], json!([]), "{overview}");
    let history = world.get(&format!("/v1/journeys/{ANNA}/history")).await.is(200).text();
    assert!(history.contains("key-destroyed") && !history.contains("housing-first"), "{history}");
    for view in ["engagement", "satisfaction", "outcomes", "quality"] {
        world.get(&format!("/v1/journeys/{ANNA}/{view}")).await.refuses(410, "erased");
    }
    let listed = world.get("/v1/journeys").await.is(200).text();
    assert!(!listed.contains(ANNA), "{listed}");
    world.append(ANNA, &json!([contact(3, "2026-03-05")])).await.refuses(410, "erased");
    let again = erase(&world, ANNA, &asked("all")).await.is(200).json();
    assert_eq!(again["certificates"], told["certificates"]);
}

#[tokio::test]
async fn linked_journeys_are_named_and_left_unless_asked_for() {
    let world = World::with_anna().await;
    world.append(BETH, &json!([opened(20)])).await.is(201);
    let merged =
        event(21, "amendment.journeys-merged", "2026-04-01", &json!({ "kept": ANNA, "absorbed": BETH }));
    world.append(ANNA, &json!([merged])).await.is(201);
    let told = erase(&world, BETH, &asked("identity")).await.is(200).json();
    assert_eq!((&told["linked"], told["certificates"].as_array().map(Vec::len)), (&json!([ANNA]), Some(1)));
    let mut both = asked("all");
    both["linked"] = json!(true);
    let told = erase(&world, BETH, &both).await.is(200).json();
    assert_eq!((&told["linked"], told["certificates"].as_array().map(Vec::len)), (&json!([]), Some(2)));
    world.get(&format!("/v1/journeys/{ANNA}/engagement")).await.refuses(410, "erased");
}

#[tokio::test]
async fn an_order_that_is_wrong_is_told_what_to_send_and_nobody_says_that_keys_were_destroyed() {
    let world = World::with_anna().await;
    for wrong in
        [json!({}), json!({ "level": "some", "reason": "asked", "requested_by": "client" }), json!([1])]
    {
        erase(&world, ANNA, &wrong).await.refuses(422, "invalid-body");
    }
    let twice = r#"{"level":"identity","level":"all","reason":"asked","requested_by":"client"}"#;
    assert_eq!(erase(&world, ANNA, &twice).await.refuses(422, "invalid-body").fault(), "/level");
    let number = r#"{"level":1,"reason":"asked","requested_by":"client"}"#;
    assert_eq!(erase(&world, ANNA, &number).await.refuses(422, "invalid-body").fault(), "/level");
    erase(&world, ANNA, &format!("{number},")).await.refuses(400, "malformed-body");
    let mut named = asked("all");
    named["requested_by"] = json!("Anna de Wet");
    erase(&world, ANNA, &named).await.refuses(422, "invalid-body");
    erase(&world, BETH, &asked("all")).await.refuses(404, "unknown-journey");
    let facts = json!({ "level": "all", "requested_by": "client", "reason": "asked" });
    let said = event(9, "amendment.key-destroyed", "2026-04-01", &facts);
    world.append(ANNA, &json!([said])).await.refuses(422, "rejected");
    world.get(&format!("/v1/journeys/{ANNA}/engagement")).await.is(200);
}
